"""What a new database is given: the demo, or a first administrator who lets the others in.

    python -m deploy.first_start demo | administrator

A process of its own, told by its environment like the others, so that the supervisor can end it at any moment. A load
that was cut off is gone on with by the next start, at the instant for which it began: var/demo.json keeps it.
"""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from deploy import accounts, checkout
from deploy.api_client import ApiRefused, Json, NotReachable
from deploy.demo import people
from deploy.demo.accounts import Accounts
from deploy.demo.load import WrongDemo, load
from services.kernel.database import Database

ADMINISTRATOR = "admin"
Answer = TypeVar("Answer")


def demo() -> int:
    """Tell the demo to the running house. The accounts are kept as soon as they are made."""
    kept = _kept()
    begun = not kept.get("loaded", True)
    now = datetime.fromisoformat(kept["now"]) if begun else datetime.now(UTC).replace(microsecond=0)
    described: Json = {"now": now.isoformat(), "loaded": False, "accounts": [], "api_keys": {}, "set_at": {}}
    _keep(described)

    def remember(opened: Accounts) -> None:
        logins = [account["login"] for account in opened.accounts]
        described["accounts"], described["api_keys"] = opened.accounts, opened.keys
        described["set_at"] = _with_database(lambda db: accounts.passwords_set_at(db, logins))
        _keep(described)

    person = next(each for each in people.PEOPLE if each.login == people.ADMINISTRATOR)
    link = _with_database(lambda db: accounts.link_for(db, person.login, person.name, [person.role], datetime.now(UTC)))
    try:
        load(os.environ["HEYUE_URL_GATEWAY"], link, now, remember)
    except (ApiRefused, NotReachable, WrongDemo) as problem:
        print(f"heyue: the demo could not be loaded: {problem}", file=sys.stderr)
        return 1
    _keep(described | {"loaded": True})
    return 0


def administrator() -> int:
    """One account with a password that is shown until it has been used."""
    password = secrets.token_urlsafe(15)
    _with_database(
        lambda db: accounts.add_with_password(
            db, ADMINISTRATOR, "Administrator", "administrator", password, datetime.now(UTC)
        )
    )
    account = {"login": ADMINISTRATOR, "password": password, "role": "administrator", "supplier": None}
    checkout.write_private(checkout.ADMINISTRATOR_FILE, json.dumps(account, indent=1) + "\n")
    return 0


def _with_database(use: Callable[[Database], Coroutine[Any, Any, Answer]]) -> Answer:
    async def call() -> Answer:
        database = Database(os.environ["HEYUE_DATABASE_URL"], "gateway")
        try:
            return await use(database)
        finally:
            await database.dispose()

    return asyncio.run(call())


def _kept() -> Json:
    try:
        kept: Json = json.loads(checkout.DEMO_FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


def _keep(described: Json) -> None:
    checkout.write_private(checkout.DEMO_FILE, json.dumps(described, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit({"demo": demo, "administrator": administrator}[sys.argv[1]]())
