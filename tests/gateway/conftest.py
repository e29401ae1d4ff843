"""People who sign in, and keys, for the gateway's tests."""

import secrets
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from deploy import accounts
from gateway.accounts.rules import SCOPES
from services.kernel.database import Database
from tests.house import House

PASSWORD = "correct horse battery"


class Doors:
    """Ways into one house: `await doors.person("auditor")`, `await doors.key("sla:read")`."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def _with_database(self, use: Callable[[Database], Coroutine[Any, Any, Any]]) -> Any:
        database = self.house.service_database("gateway")
        try:
            return await use(database)
        finally:
            await database.dispose()

    async def account(self, role: str, supplier: dict[str, Any] | None = None) -> str:
        """A new account with PASSWORD; its login."""
        login = f"{role.replace('_', '.')}.{secrets.token_hex(4)}"
        await self._with_database(
            lambda db: accounts.add_with_password(db, login, login, role, PASSWORD, datetime.now(UTC), supplier)
        )
        return login

    def visitor(self, **headers: str) -> httpx.AsyncClient:
        """Nobody yet."""
        return httpx.AsyncClient(base_url=self.house.url("gateway"), headers=headers, timeout=60)

    async def person(self, role: str, supplier: dict[str, Any] | None = None) -> httpx.AsyncClient:
        """Somebody who has signed in."""
        async with self.visitor() as visitor:
            given = {"login": await self.account(role, supplier), "password": PASSWORD}
            answer = await visitor.post("/login", data=given)
            assert answer.status_code == 303, answer.text
            return httpx.AsyncClient(base_url=self.house.url("gateway"), cookies=visitor.cookies, timeout=60)

    async def key(self, *scopes: str) -> httpx.AsyncClient:
        """A system with a key of these scopes, all where none is named."""
        text = await self._with_database(lambda db: accounts.add_key(db, "test", scopes or SCOPES))
        return self.visitor(Authorization=f"Bearer {text}")


@pytest.fixture(scope="session")
def doors(house: House) -> Doors:
    house.start("suppliers", "contracts", "gateway")
    return Doors(house)
