"""Who may do what: the table, written down once more as people say it; and every route of every service × everybody.

Staff of every role reads the whole chain. A procurement officer writes suppliers and contracts; a procurement manager
that, and approves, suspends, reinstates, blacklists and retires. A service manager looks after agreements, calendars,
sources, imports, breaches and the closing of months. An administrator does all of it, and users and keys. Auditor,
security officer and administrator read the trail. Legal, finance and experts read. A supplier's user reads its own.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.accounts import routes as accounts
from gateway.accounts.rules import SCOPES
from gateway.permissions import PERMISSIONS as OF_GATEWAY
from services.contracts.permissions import PERMISSIONS as OF_CONTRACTS
from services.kernel.identity import Role
from services.kernel.permissions import ANY_KEY, Permissions
from services.kernel.routing import PERMISSION
from services.security.permissions import PERMISSIONS as OF_SECURITY
from services.sla.permissions import PERMISSIONS as OF_SLA
from services.suppliers.permissions import PERMISSIONS as OF_SUPPLIERS
from tests.gateway.conftest import Doors
from tests.house import House

TABLES: dict[str, Permissions] = {
    "suppliers": OF_SUPPLIERS, "contracts": OF_CONTRACTS, "sla": OF_SLA, "security": OF_SECURITY,
}  # fmt: skip

OFFICER, MANAGER, ADMIN = Role.PROCUREMENT_OFFICER, Role.PROCUREMENT_MANAGER, Role.ADMINISTRATOR
STAFF = {role for role in Role if role is not Role.SUPPLIER_USER}
ALL = set(Role)
BUYERS, DESK = {OFFICER, MANAGER, ADMIN}, {Role.SERVICE_MANAGER, ADMIN}

MAY: dict[str, tuple[set[Role], str]] = {
    # The chain: everybody reads it, a supplier's user only what is its own firm's.
    "supplier.read": (ALL, "suppliers:read"), "contract.read": (ALL, "contracts:read"),
    "agreement.read": (ALL, "sla:read"), "ticket.read": (ALL, "sla:read"), "clock.read": (ALL, "sla:read"),
    "breach.read": (ALL, "sla:read"), "period.read": (ALL, "sla:read"),
    # What is the client's own affair, or spans all firms.
    "calendar.read": (STAFF, "sla:read"), "source.read": (STAFF, "sla:read"), "batch.read": (STAFF, ANY_KEY),
    "working_time.ask": (STAFF, "sla:read"), "agreement.try": (STAFF, "sla:read"),
    "supplier.feed": (STAFF, "suppliers:read"), "contract.feed": (STAFF, "contracts:read"),
    "sla.feed": (STAFF, "sla:read"), "security.feed": (STAFF, "security:read"),
    "supplier.ask": (STAFF, ANY_KEY), "contract.ask": (STAFF, ANY_KEY), "history.read": (STAFF, "security:read"),
    # Procurement.
    "supplier.write": (BUYERS, "suppliers:write"), "supplier.screen": (BUYERS, "suppliers:write"),
    "supplier.decide": ({MANAGER, ADMIN}, "suppliers:write"), "contract.write": (BUYERS, "contracts:write"),
    # The service desk.
    "agreement.write": (DESK, "sla:write"), "calendar.write": (DESK, "sla:write"), "source.write": (DESK, "sla:write"),
    "event.send": (DESK, "sla:intake"), "breach.decide": (DESK, "sla:write"), "period.close": (DESK, "sla:write"),
    # The trail, people and keys.
    "audit.read": ({Role.AUDITOR, Role.SECURITY_OFFICER, ADMIN}, "audit:read"),
    "account.manage": ({ADMIN}, "gateway:none"),
}  # fmt: skip

ASKS = re.compile(r".*/(working-time|try|sentences|preview)")  # POSTs that store nothing
DECISIONS = ("approve", "suspend", "reinstate", "blacklist", "retire")


def test_the_services_tables_are_the_one_that_people_agreed_on() -> None:
    written = {
        name: (set(grant.roles), grant.scope)
        for table in (*TABLES.values(), OF_GATEWAY)
        for name, grant in table.grants.items()
    }
    assert written == MAY
    assert "gateway:none" not in SCOPES


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    permission: str

    @property
    def address(self) -> str:
        """With an id that nobody has in each of its places, so that nothing is found and nothing changes."""
        return re.sub(r"\{[^}]+\}", str(uuid4()), self.path)


def routes_of(document: dict[str, Any]) -> Iterator[Route]:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            yield Route(method.upper(), path, described[PERMISSION])


async def walked(client: httpx.AsyncClient, routes: list[Route]) -> dict[Route, httpx.Response]:
    """Each route asked once, with an empty object where a body may come."""
    turns = asyncio.Semaphore(8)

    async def ask(route: Route) -> httpx.Response:
        async with turns:
            body = None if route.method in ("GET", "DELETE") else {}
            return await client.request(route.method, route.address, json=body)

    async with client:
        return dict(zip(routes, await asyncio.gather(*(ask(route) for route in routes)), strict=True))


def judged(who: str, answers: dict[Route, httpx.Response], allowed: dict[Route, bool]) -> None:
    """Refused exactly where the table says so; nowhere a fault of ours."""
    for route, answer in answers.items():
        where = f"{who}: {route.method} {route.path} → {answer.status_code} {answer.text[:200]}"
        assert answer.status_code < 500, where
        assert (answer.status_code != 403) is allowed[route], where
        assert answer.status_code != 401, where


async def described(house: House, service: str) -> list[Route]:
    async with house.anonymous(service) as client:
        return list(routes_of((await client.get("/openapi.json")).json()))


@pytest.mark.parametrize("service", TABLES)
async def test_every_route_refuses_exactly_the_roles_that_the_table_leaves_out(house: House, service: str) -> None:
    house.start("suppliers", "contracts")  # others ask them
    routes = await described(house, service)
    assert len(routes) >= 3
    for role in Role:
        own = {"id": str(uuid4()), "number": "GYS-2026-000001"} if role is Role.SUPPLIER_USER else None
        answers = await walked(house.client(service, role, supplier=own), routes)
        judged(role, answers, {route: role in MAY[route.permission][0] for route in routes})


@pytest.mark.parametrize("service", TABLES)
async def test_every_route_refuses_exactly_the_scopes_that_the_table_leaves_out(house: House, service: str) -> None:
    house.start("suppliers", "contracts")
    routes = await described(house, service)
    for scopes in [[], *([scope] for scope in SCOPES)]:
        answers = await walked(house.client(service, None, scopes=scopes), routes)
        judged(str(scopes), answers, {route: key_may(route, scopes) for route in routes})
        for route, answer in answers.items():
            if answer.status_code == 403:
                told = "scope=" if route.permission == "batch.read" else f'scope="{MAY[route.permission][1]}"'
                assert told in answer.headers["www-authenticate"], route


def key_may(route: Route, scopes: list[str]) -> bool:
    """A batch is read by who may read everything, and by who has sent it."""
    if route.permission == "batch.read":
        return bool({"sla:read", "sla:intake"} & set(scopes))
    return MAY[route.permission][1] in (*scopes, ANY_KEY)


@pytest.mark.parametrize("service", TABLES)
async def test_nobody_gets_through_without_a_token_or_with_a_forged_one(house: House, service: str) -> None:
    routes = await described(house, service)
    for headers in ({}, {"Authorization": "Bearer hy_a_b"}, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}):
        client = house.anonymous(service)
        client.headers.update(headers)
        for route, answer in (await walked(client, routes)).items():
            assert answer.status_code == 401, f"{route.method} {route.path} → {answer.status_code}"


@pytest.mark.parametrize("service", TABLES)
async def test_what_changes_something_needs_a_permission_to_write(house: House, service: str) -> None:
    """And each decision about a supplier needs the manager's."""
    reading = {name for name, (roles, _scope) in MAY.items() if roles >= STAFF}
    for route in await described(house, service):
        changes = route.method != "GET" and not ASKS.fullmatch(route.path)
        assert not (changes and route.permission in reading), route
        if service == "suppliers" and route.path.rpartition("/")[2] in DECISIONS:
            assert route.permission == "supplier.decide", route


async def test_people_and_keys_are_the_administrators_alone(doors: Doors) -> None:
    routes = [
        Route(method, route.path, (route.openapi_extra or {})[PERMISSION])
        for route in accounts.router.routes
        for method in route.methods  # type: ignore[attr-defined]  # all are API routes
    ]
    assert len(routes) >= 10
    for role in STAFF:
        answers = await walked(await doors.person(role), routes)
        judged(role, answers, dict.fromkeys(routes, role is ADMIN))
    answers = await walked(await doors.key(), routes)
    judged("a key with every scope", answers, dict.fromkeys(routes, False))
