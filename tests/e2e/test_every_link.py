"""Every page that a link leads to, for each role, in both languages: it opens, speaks one language, and leads back."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio

from deploy.database_url import DatabaseUrl
from services.kernel.identity import Role
from tests import databases
from tests.e2e.crawl import Crawl
from tests.factories import Make, act, ok
from tests.gateway.conftest import Doors
from tests.house import House
from tests.sla.desk import OFFICE, SLA, Desk, ago, open_desk, target

pytestmark = pytest.mark.e2e
LANGUAGES = ("zh-CN", "en")

# The names of Heyue and of the languages, and what people have written, are in their language on every page. The
# trail shows what was stored as it is.
WRITTEN = re.compile(
    r"^合$|中文|120万|\w*有限公司|供应商\w+|服务台外包 \w+|服务台( \w+)?|服务级别 \w+|李雷|商务|按制度评审|第三方停机"
    r"|中国办公时间（周一至周五 09:00–18:00）|中国全天候（7×24 小时）|\w+[节旦](调休)?|^[\[{].*"
)
LIMIT = target(
    name={"zh": "时限", "en": "Limit"},
    conditions={
        "start": {"field": "state", "op": "set"},
        "stop": {"field": "state", "op": "eq", "value": "S9"},
        "pause": {"field": "state", "op": "eq", "value": "S2"},
    },
)


@pytest.fixture(scope="module")
def house(admin_url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: what other tests write has words of its own."""
    made = House(databases.clone(admin_url), tmp_path_factory.mktemp("links"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def doors(house: House) -> Doors:
    house.start_all()
    return Doors(house)


@pytest_asyncio.fixture(scope="module")
async def firm(house: House, doors: Doors) -> AsyncIterator[dict[str, Any]]:
    """A supplier whose chain has all that there is, and records in every state beside it."""
    async with open_desk(house, **OFFICE | {"targets": [LIMIT]}) as desk:
        await tickets_of_every_kind(desk)
        await decided(house, desk)
        for month in months_to_close()[:-1]:
            await desk.close(month)
        await desk.send(desk.event("late", "late-1", "2026-01-07T09:00:00+08:00", state="S1"))
    await records_in_every_state(house)
    yield desk.agreement["supplier"]


def months_to_close() -> list[str]:
    """Those that are over since the agreement began."""
    month, found = date(2026, 1, 1), []
    while (following := (month + timedelta(days=32)).replace(day=1)) <= ago(days=1).date():
        found.append(f"{month:%Y-%m}")
        month = following
    return found


async def tickets_of_every_kind(desk: Desk) -> None:
    """Running, paused, kept, missed long ago and today, corrected, and one without a clock."""
    await desk.send(
        desk.event("runs", "runs-1", ago(minutes=5), state="S1", actor="k7"),
        desk.event("waits", "waits-1", ago(minutes=9), state="S1"),
        desk.event("waits", "waits-2", ago(minutes=5), state="S2", actor="k7"),
        desk.event("kept", "kept-1", ago(minutes=50), state="S1"),
        desk.event("kept", "kept-2", ago(minutes=40), state="S9"),
        desk.event("none", "none-1", ago(minutes=40), level="L1"),
        desk.event("mended", "mended-1", ago(minutes=50), state="S1"),
        desk.event("mended", "mended-2", ago(minutes=40), state="S2", corrects="mended-1"),
        desk.event("old", "old-1", "2026-01-06T09:00:00+08:00", state="S1"),
        desk.event("old", "old-2", "2026-01-06T10:00:00+08:00", state="S2"),
        desk.event("old", "old-3", "2026-01-06T15:00:00+08:00", state="S1"),
        desk.event("old", "old-4", "2026-01-08T15:00:00+08:00", state="S9"),
        *(desk.event(name, f"{name}-1", ago(hours=3), state="S1") for name in ("stands", "asked", "out", "undone")),
    )
    await desk.send(desk.event("undone", "undone-2", ago(hours=2, minutes=30), state="S9"))


async def decided(house: House, desk: Desk) -> None:
    """One exclusion waits for another person, one is confirmed."""
    async with (
        house.client("sla", "service_manager", name="k7") as one,
        house.client("sla", "service_manager", name="k8") as another,
    ):
        for ticket, confirm in (("asked", False), ("out", True)):
            number = (await desk.cycles(ticket))[0]["breach"]
            breach = ok(await one.get(f"{SLA}/breaches/{number}"))
            asked = ok(await act(one, "sla", "breaches", breach, "exclude", reason="第三方停机"))
            if confirm:
                ok(await act(another, "sla", "breaches", asked, "confirm"))


async def records_in_every_state(house: House) -> None:
    make = Make(house)
    for state in ("candidate", "screened", "suspended", "blacklisted", "retired"):
        await make.supplier(state)
    for state in ("draft", "ended"):
        await make.contract(state)
    await make.agreement(await make.contract("draft"), targets=[LIMIT])


@pytest.mark.parametrize("role", list(Role))
async def test_every_link_opens_speaks_one_language_and_leads_back(
    doors: Doors, firm: dict[str, Any], role: Role
) -> None:
    supplier = firm if role is Role.SUPPLIER_USER else None
    for language in LANGUAGES:
        async with await doors.person(role, supplier) as person:
            crawl = await Crawl(language, WRITTEN).go(person, "/")
        assert crawl.faults == []
        assert len(crawl.pages) > 40


@pytest.mark.parametrize(("role", "language"), [(Role.ADMINISTRATOR, "zh-CN"), (Role.SUPPLIER_USER, "en")])
async def test_no_page_complains_in_the_browser(
    doors: Doors, firm: dict[str, Any], seat: Any, role: Role, language: str
) -> None:
    """The two who see, between them, all pages that there are."""
    supplier = firm if role is Role.SUPPLIER_USER else None
    async with await doors.person(role, supplier) as person:
        crawl = await Crawl(language, WRITTEN).go(person, "/")
    page = await seat(role, language, supplier=supplier)
    plain = [paths[0] for shape, paths in crawl.pages.items() if paths and "sort" not in shape and ".csv" not in shape]
    for path in plain:
        if "/export" not in path:
            answer = await page.goto(path)
            assert (path, answer.status, page.said) == (path, 200, [])
