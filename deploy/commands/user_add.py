"""Lets a person in: makes the account and prints the link by which that person sets the first password.

The system need not be running when DATABASE_URL names the database; otherwise it is found through var/run.json.
"""

import argparse
import asyncio
import json
import os
from datetime import UTC, datetime

import asyncpg
from pydantic import ValidationError

from deploy import accounts, checkout, environment, roles
from deploy.attempt import Stop, told
from deploy.database_url import DatabaseUrl
from services.kernel.database import Database
from services.kernel.identity import Role
from services.kernel.messages import gettext, use_locale
from services.kernel.refusals import Refused

NAME = "user add"
HELP = "a person's account, and the link to its first password"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", help="small letters, digits, dot, dash, underscore")
    parser.add_argument("--name", required=True, help="as it is shown to others")
    parser.add_argument("--role", required=True, action="append", choices=sorted(Role), help="may be given repeatedly")
    parser.add_argument("--supplier", metavar="NUMBER", help="the firm of a supplier_user")


def run(args: argparse.Namespace) -> int:
    with told(), use_locale("en"):
        settings = environment.read(os.environ)
        gateway, server = _running()
        server = settings.database or server
        if server is None:
            raise Stop("nothing runs in this folder and DATABASE_URL is unset: which database is meant?")
        secret = roles.passwords(settings.secrets)
        try:
            link = asyncio.run(_add(args, server, secret))
        except Refused as refused:
            raise Stop(_reason(refused)) from None
        except ValidationError as problem:
            raise Stop("; ".join(f"{error['loc'][0]}: {error['msg']}" for error in problem.errors())) from None
        print(f"{gateway}{link}")
    return 0


async def _add(args: argparse.Namespace, server: DatabaseUrl, secret: dict[str, str]) -> str:
    owner = server.signed_in_as(roles.OWNER, secret[roles.OWNER])
    supplier = await _supplier(owner, args.supplier) if args.supplier else None
    gateway = Database(server.signed_in_as("svc_gateway", secret["svc_gateway"]).sqlalchemy(), "gateway")
    try:
        return await accounts.add_with_link(gateway, args.login, args.name, args.role, datetime.now(UTC), supplier)
    finally:
        await gateway.dispose()


async def _supplier(owner: DatabaseUrl, number: str) -> dict[str, str]:
    connection = await asyncpg.connect(owner.libpq(), timeout=10)
    try:
        row = await connection.fetchrow(
            "SELECT id, number, short_name FROM suppliers.supplier WHERE number = $1", number
        )
    finally:
        await connection.close()
    if row is None:
        raise Stop(f"there is no supplier {number}")
    return {"id": str(row["id"]), "number": row["number"], "short_name": row["short_name"]}


def _running() -> tuple[str, DatabaseUrl | None]:
    """Where the gateway and the database of this folder are."""
    try:
        running = json.loads(checkout.RUN_FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "", None
    return str(running["gateway"]), DatabaseUrl.parse(running["database"])


def _reason(refused: Refused) -> str:
    said = [f"{gettext(error.what)}. {gettext(error.how)}." % dict(error.facts) for error in refused.errors]
    return " ".join(said) or gettext(str(refused))
