"""Makes the database's roles: the owner, one login for each service, those that nobody signs in as.

`make run` does it at every start. With DATABASE_URL the user in it must be a superuser or have CREATEROLE; where it is
neither, `--print` gives the SQL for the DBA, with the passwords that this checkout will use.
"""

import argparse
import asyncio
import os
import sys

from deploy import environment, roles
from deploy.attempt import Stop, told

NAME = "db init"
HELP = "the database's roles, made or printed for the DBA"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--print", action="store_true", dest="only_print", help="print the SQL and change nothing")


def run(args: argparse.Namespace) -> int:
    with told():
        settings = environment.read(os.environ)
        secret = roles.passwords(settings.secrets)
        if args.only_print:
            name = settings.database.database if settings.database else "heyue"
            sys.stdout.write(roles.script(name, secret))
            return 0
        if settings.database is None:
            raise Stop("DATABASE_URL is unset: the roles of the embedded Postgres are made by `heyue run`")
        asyncio.run(roles.initialise(settings.database, secret))
    return 0
