"""Every page and every form × everybody: 403 exactly for the roles that may not, and a page that says so either way."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from gateway.pages import ROUTERS
from services.kernel.identity import Role
from tests.factories import Make
from tests.gateway.conftest import Doors
from tests.house import House
from tests.sla.desk import OFFICE, Desk, open_desk

OFFICER, MANAGER, ADMIN = Role.PROCUREMENT_OFFICER, Role.PROCUREMENT_MANAGER, Role.ADMINISTRATOR
ALL = set(Role)
STAFF = ALL - {Role.SUPPLIER_USER}
BUYERS, DECIDERS, DESK = {OFFICER, MANAGER, ADMIN}, {MANAGER, ADMIN}, {Role.SERVICE_MANAGER, ADMIN}
WATCHERS = {Role.AUDITOR, Role.SECURITY_OFFICER, ADMIN}

# Method and path as the routers have them → who may. A path with an action stands for the one named behind it.
MAY: dict[str, set[Role]] = {
    "GET /": ALL, "GET /profile": ALL, "POST /profile": ALL, "POST /preferences": ALL,
    "GET /pick/supplier": STAFF, "GET /pick/owner": STAFF, "GET /pick/contract": DESK,
    "GET /suppliers": ALL, "GET /suppliers/{ident}": ALL, "GET /suppliers/new": BUYERS, "POST /suppliers/new": BUYERS,
    "GET /suppliers/{ident}/edit": BUYERS, "POST /suppliers/{ident}/edit": BUYERS,
    "POST /suppliers/{ident}/{action} suspend": DECIDERS,
    "GET /contracts": ALL, "GET /contracts/{ident}": ALL, "GET /contracts/new": BUYERS, "POST /contracts/new": BUYERS,
    "GET /contracts/{ident}/edit": BUYERS, "POST /contracts/{ident}/edit": BUYERS,
    "POST /contracts/{ident}/{action} end": BUYERS,
    "GET /periods": ALL, "GET /agreements/{number}/periods/{month}": ALL,
    "POST /agreements/{number}/periods/{month}/close": DESK,
    "GET /agreements/{number}/periods/{month}/cycles": ALL,
    "GET /agreements/{number}/periods/{month}/cycles/{cycle}": ALL,
    "GET /agreements": ALL, "GET /agreements/{number}": ALL, "GET /agreements/new": DESK, "POST /agreements/new": DESK,
    "GET /agreements/{number}/edit": DESK, "POST /agreements/{number}/edit": DESK,
    "GET /agreements/{number}/new-version": DESK, "POST /agreements/{number}/new-version": DESK,
    "GET /agreements/{number}/try": STAFF, "POST /agreements/{number}/try": STAFF,
    "POST /agreements/{number}/{action} put-in-force": DESK,
    "GET /calendars": STAFF, "GET /calendars/{code}": STAFF, "GET /calendars/new": DESK, "POST /calendars/new": DESK,
    "GET /calendars/{code}/edit": DESK, "POST /calendars/{code}/edit": DESK,
    "GET /tickets": ALL, "GET /tickets/{source}/{ticket:path}": ALL,
    "GET /tickets/{source}/{ticket:path}/ledger.csv": ALL,
    "GET /breaches": ALL, "GET /breaches/{ident}": ALL, "POST /breaches/{ident}/{action} exclude": DESK,
    "GET /sources": STAFF, "GET /sources/{code}": STAFF, "GET /sources/new": DESK, "POST /sources/new": DESK,
    "GET /sources/{code}/edit": DESK, "POST /sources/{code}/edit": DESK,
    "GET /sources/import": DESK, "POST /sources/import": DESK, "GET /sources/import/{ident}": DESK,
    "GET /sources/import/{ident}/rejected.csv": DESK,
    "GET /users": {ADMIN}, "GET /users/new": {ADMIN}, "POST /users/new": {ADMIN}, "GET /users/{ident}": {ADMIN},
    "GET /users/{ident}/edit": {ADMIN}, "POST /users/{ident}/edit": {ADMIN},
    "POST /users/{ident}/{action} deactivate": {ADMIN},
    "GET /keys": {ADMIN}, "GET /keys/new": {ADMIN}, "POST /keys/new": {ADMIN}, "POST /keys/{ident}/revoke": {ADMIN},
    "GET /audit": WATCHERS, "GET /audit/export": WATCHERS,
}  # fmt: skip
# Of everybody's own account and session, with tests of their own: asking them here would end the session that asks.
OWN = {
    "GET /login", "POST /login", "POST /logout", "GET /welcome/{secret}", "POST /welcome/{secret}",
    "POST /profile/password", "POST /profile/sign-out-everywhere",
}  # fmt: skip

MISSED = (
    ("2026-01-06T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-08T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)


@dataclass(frozen=True)
class Records:
    """What stands behind the pages, seen by its own supplier's user too."""

    desk: Desk
    contract: str
    breach: str

    def address(self, route: str) -> str:
        """A path of theirs; in the places left an id that nobody has."""
        _method, path, *action = route.split(" ")
        known = {
            "/suppliers/{ident}": f"/suppliers/{self.desk.supplier['number']}",
            "/contracts/{ident}": f"/contracts/{self.contract}",
            "/agreements/{number}": f"/agreements/{self.desk.agreement['number']}",
            "/tickets/{source}/{ticket:path}": f"/tickets/{self.desk.source}/T1",
            "/breaches/{ident}": f"/breaches/{self.breach}",
            "/calendars/{code}": "/calendars/cn-office", "/sources/{code}": f"/sources/{self.desk.source}",
            "{month}": "2026-01", "{action}": action[0] if action else "",
        }  # fmt: skip
        for place, words in known.items():
            path = path.replace(place, words)
        return re.sub(r"\{[^}]+\}", "01970000-0000-7000-8000-000000000000", path)


@pytest.fixture(scope="module")
async def records(house: House) -> AsyncIterator[Records]:
    house.start("security")
    async with open_desk(house, **OFFICE) as desk:
        await desk.send(*desk.story("T1", *MISSED))
        (breach,) = await desk.breaches()
        await desk.close("2026-01")  # a month that is still open is not shown to its supplier
        yield Records(desk, desk.agreement["contract"], breach["number"])


@pytest.fixture
def make(house: House) -> Make:
    return Make(house)


def test_every_route_of_the_pages_stands_in_the_table() -> None:
    """Whoever adds a page says here who may open it."""
    routes = {
        f"{method} {route.path}"  # type: ignore[attr-defined]  # all are API routes
        for router in ROUTERS
        for route in router.routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }
    assert routes == {" ".join(route.split(" ")[:2]) for route in MAY} | OWN


@pytest.mark.parametrize("role", Role)
async def test_every_page_refuses_exactly_the_roles_that_the_table_leaves_out(
    doors: Doors, records: Records, role: Role
) -> None:
    """With the status, not in words alone; and with words, since it is a person who reads them."""
    own = records.desk.supplier if role is Role.SUPPLIER_USER else None
    turns = asyncio.Semaphore(8)
    async with await doors.person(role, own) as person:
        person.headers.update({"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"})

        async def ask(route: str) -> httpx.Response:
            async with turns:
                method = route.partition(" ")[0]
                return await person.request(method, records.address(route), data={} if method == "POST" else None)

        answers = dict(zip(MAY, await asyncio.gather(*(ask(route) for route in MAY)), strict=True))
    for route, answer in answers.items():
        where = f"{role}: {route} → {answer.status_code} {answer.text[-600:]}"
        assert answer.status_code < 500, where
        assert (answer.status_code != 403) is (role in MAY[route]), where
        assert ("You may not do this" in answer.text) is (answer.status_code == 403), where


async def test_a_list_asked_wrongly_answers_with_the_status_of_its_refusal(doors: Doors, house: House) -> None:
    house.start("sla")
    async with await doors.person(Role.SERVICE_MANAGER) as manager:
        for path in ("/sources", "/calendars", "/tickets", "/breaches", "/agreements", "/suppliers", "/contracts"):
            answer = await manager.get(path, params={"sort": "nonsense"})
            assert (answer.status_code, "<h1>" in answer.text) == (422, True), path


async def test_a_form_that_a_record_s_state_does_not_allow_leads_back_and_says_why(
    doors: Doors, records: Records, make: Make
) -> None:
    draft = await make.contract()
    async with await doors.person(Role.ADMINISTRATOR) as admin:
        admin.headers["Accept-Language"] = "en"
        assert (await admin.get(f"/contracts/{draft['number']}/edit")).status_code == 200
        record = f"/agreements/{records.desk.agreement['number']}"
        for form, back, why in (
            (f"/contracts/{records.contract}/edit", f"/contracts/{records.contract}", "Only a draft is edited"),
            (f"{record}/edit", record, "Only a draft is edited; what is in force gets a new version"),
        ):
            answer = await admin.get(form)
            assert (answer.status_code, answer.headers["location"]) == (303, back)
            assert why in (await admin.get(back)).text


async def test_a_supplier_is_led_from_a_breach_to_its_month_once_that_is_closed(doors: Doors, house: House) -> None:
    async with open_desk(house, **OFFICE) as desk, await doors.person(Role.SUPPLIER_USER, desk.supplier) as supplier:
        await desk.send(*desk.story("T1", *MISSED))
        (breach,) = await desk.breaches()
        month = f'href="/agreements/{desk.agreement["number"]}/periods/2026-01"'
        assert month not in (await supplier.get(f"/breaches/{breach['number']}")).text
        await desk.close("2026-01")
        assert month in (await supplier.get(f"/breaches/{breach['number']}")).text
