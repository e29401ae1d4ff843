"""Makes a service's copies of others' facts anew, from the first to the last change that their owner's feed tells.

Runs beside the house: what changes meanwhile comes as news, and the newer fact stands. What those facts have set off
(an agreement in force, a clock) is not set off again: only the copies are written.
"""

import argparse
import asyncio
import importlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from deploy import checkout, environment, roles
from deploy.attempt import Stop, told
from deploy.database_url import DatabaseUrl
from services.kernel.database import Database, Transaction
from services.kernel.identity import SYSTEM_ID, Actor, Kind, TokenSigner, system

NAME = "rebuild"
HELP = "a service's copies of others' facts, from their owners' feeds"
PAGE = 1000


@dataclass(frozen=True)
class Copy:
    """table: the copy. owner, news: whose feed and which of its types tell of it. keep: module and function."""

    table: str
    owner: str
    news: str
    keep: tuple[str, str]

    @property
    def keeper(self) -> Callable[[Transaction, Mapping[str, Any]], Awaitable[Any]]:
        keeper: Callable[[Transaction, Mapping[str, Any]], Awaitable[Any]]
        keeper = getattr(importlib.import_module(self.keep[0]), self.keep[1])
        return keeper


COPIES = {
    "contracts": Copy(
        "contracts.supplier_state", "suppliers", "supplier.", ("services.contracts.contract.copies", "keep_supplier")
    ),
    "sla": Copy("sla.contract_terms", "contracts", "contract.", ("services.sla.agreements.service", "keep_contract")),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", choices=sorted(COPIES), help="whose copies")


def run(args: argparse.Namespace) -> int:
    with told():
        try:
            running = json.loads(checkout.RUN_FILE.read_text(encoding="utf-8"))
        except OSError:
            raise Stop("nothing runs in this folder; the owner of the facts must answer: make run") from None
        secret = roles.passwords(environment.read(os.environ).secrets)
        server = DatabaseUrl.parse(running["database"]).signed_in_as(
            f"svc_{args.service}", secret[f"svc_{args.service}"]
        )
        copy = COPIES[args.service]
        try:
            told_of = asyncio.run(rebuild(server.sqlalchemy(), args.service, running["services"][copy.owner]))
        except httpx.HTTPError as problem:
            raise Stop(f"{copy.owner} does not answer: {problem}") from None
        print(f"{copy.table}: made from {told_of} changes that {copy.owner} tells of")
    return 0


async def rebuild(database_url: str, service: str, owner_url: str, key: Path = checkout.TOKEN_PRIVATE_KEY) -> int:
    """In one transaction; how many changes were read."""
    copy, read = COPIES[service], 0
    database = Database(database_url, service)
    try:
        async with database.transaction(system("rebuild"), f"{service}.rebuild") as tx:
            # Any version is newer than none: what the feed tells replaces whatever stands there.
            await tx.execute(text(f"UPDATE {copy.table} SET version = 0"))  # noqa: S608  # a name of the list above
            async for change in _feed(owner_url, copy.owner, TokenSigner.from_file(key)):
                if change["type"].startswith(copy.news):
                    await copy.keeper(tx, change["data"])
                    read += 1
    finally:
        await database.dispose()
    return read


async def _feed(url: str, owner: str, signer: TokenSigner) -> AsyncIterator[dict[str, Any]]:
    reader = Actor(id=SYSTEM_ID, name="system:rebuild", kind=Kind.KEY, scopes=frozenset({f"{owner}:read"}))
    after: str | None = None
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while True:
            params = {"limit": str(PAGE)} | ({"after": after} if after else {})
            headers = {"Authorization": f"Bearer {signer.sign(reader, datetime.now(UTC))}"}
            answer = await client.get(f"/api/{owner}/v1/feed", params=params, headers=headers)
            page = answer.raise_for_status().json()
            for change in page["items"]:
                yield change
            if len(page["items"]) < PAGE:
                return
            after = page["next"]
