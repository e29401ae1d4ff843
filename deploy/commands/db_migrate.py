"""Brings the database that DATABASE_URL names to the newest migration, as the owner of the namespaces.

`make run` does it at every start. The roles must be there: see `heyue db init`.
"""

import argparse
import os

from deploy import environment, migrate, roles
from deploy.attempt import Stop, told

NAME = "db migrate"
HELP = "the database's migrations"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", default="head", metavar="REVISION", help="another revision than the newest")


def run(args: argparse.Namespace) -> int:
    with told():
        settings = environment.read(os.environ)
        if settings.database is None:
            raise Stop("DATABASE_URL is unset: the embedded Postgres is migrated by `heyue run`")
        secret = roles.passwords(settings.secrets)
        migrate.upgrade(settings.database.signed_in_as(roles.OWNER, secret[roles.OWNER]), args.to)
    return 0
