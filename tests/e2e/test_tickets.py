"""A ticket in a browser: every clock explained, the ledger down to its events, the export for the supplier."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.hands import press
from tests.factories import Make
from tests.house import House
from tests.sla.desk import Desk, ago, open_desk, target

pytestmark = pytest.mark.e2e

CALLBACK = target(
    key="callback", name={"zh": "回访时限", "en": "Call-back"},
    conditions={"start": {"field": "state", "op": "eq", "value": "Resolved"},
                "applies": {"field": "level", "op": "eq", "value": "VIP"},
                "stop": {"field": "called", "op": "eq", "value": True}},
)  # fmt: skip


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house, targets=[target(), CALLBACK]) as desk:
        yield desk


async def breached(desk: Desk, ticket: str, opened: datetime, **more: Any) -> None:
    """Two hours used of one, with a wait of half an hour, corrected once."""
    await desk.send(
        desk.event(ticket, f"{ticket}-1", opened, state="New", priority="3", type="opened", actor="portal", **more),
        desk.event(ticket, f"{ticket}-2", opened.replace(minute=20), state="Waiting", actor="chen.hao"),
        desk.event(ticket, f"{ticket}-3", opened.replace(minute=50), state="In Progress", actor="chen.hao"),
        desk.event(ticket, f"{ticket}-4", opened.replace(hour=opened.hour + 2, minute=30), state="Resolved"),
        desk.event(ticket, f"{ticket}-5", opened.replace(minute=10), state="Waiting", corrects=f"{ticket}-2"),
    )


def morning() -> datetime:
    """Four in the morning three days ago, UTC: noon in Shanghai."""
    return ago(days=3).replace(hour=4, minute=0, second=0)


WORDS = {
    "zh-CN": {"used": "1 小时 50 分", "over": "50 分", "none": "没有时钟", "corrected": "由 T/1-5 更正"},
    "en": {"used": "1 h 50 min", "over": "50 min", "none": "No clock", "corrected": "corrected by T/1-5"},
}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_ticket_says_how_each_clock_stands_why_and_by_which_events(
    desk: Desk, seat: Any, language: str
) -> None:
    await breached(desk, "T/1", morning())
    page, words = await seat("auditor", language), WORDS[language]
    await page.goto(f"/tickets?source={desk.source}")
    await press(page, "td.ttl a")
    assert page.url.endswith("/T%2F1")
    verdict = await page.inner_text("#resolution .verdict")
    assert words["used"] in verdict
    assert words["over"] in verdict
    assert words["none"] in await page.inner_text("#callback h2")
    assert "✗" in await page.inner_text("#callback table")
    assert await page.locator("#ledger tbody tr").count() == 3
    assert words["corrected"] in await page.inner_text("#events tr.gone")
    await page.click("#ledger tbody a")
    await page.wait_for_selector("tr:target")
    assert await page.locator("tr:target td").first.inner_text() == "T/1-5\n" + (
        "更正 T/1-2" if language == "zh-CN" else "corrects T/1-2"
    )
    assert page.said == []


async def test_from_a_ticket_one_comes_to_its_breach_and_back(desk: Desk, seat: Any) -> None:
    await breached(desk, "T2", morning())
    page = await seat("auditor")
    await page.goto(f"/tickets/{desk.source}/T2")
    await press(page, "#resolution header a")
    assert "超出 50 分" in await page.inner_text("h1")
    await press(page, ".page-h p a")
    assert page.url.endswith("/T2")
    assert page.said == []


async def test_the_export_has_every_row_and_event_and_no_cell_that_a_spreadsheet_would_run(
    desk: Desk, seat: Any, tmp_path: Path
) -> None:
    await breached(desk, "=T3", morning(), title="=1+1")
    page = await seat("auditor")
    await page.goto(f"/tickets/{desk.source}/=T3")
    assert "=1+1" in await page.inner_text("h1")
    async with page.expect_download() as waiting:
        await page.click(".actions .btn.primary")
    await (await waiting.value).save_as(tmp_path / "ledger.csv")
    text = (tmp_path / "ledger.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    lines = text.decode("utf-8-sig").splitlines()
    assert sum(1 for line in lines if line.startswith("账本,")) == 3
    assert sum(1 for line in lines if line.startswith("事件,")) == 5
    assert all(",'=T3-" in line for line in lines if line.startswith("事件,"))


async def test_a_ticket_that_nobody_has_heard_of_says_how_it_comes_into_being(desk: Desk, seat: Any) -> None:
    page = await seat("service_manager")
    answer = await page.goto(f"/tickets/{desk.source}/unheard")
    assert answer.status == 404
    assert "POST /api/sla/v1/events" in await page.inner_text("pre")
    assert f'"source": "{desk.source}"' in await page.inner_text("pre")


async def test_a_suppliers_user_sees_its_own_firms_tickets_and_no_others(desk: Desk, seat: Any, make: Make) -> None:
    await breached(desk, "T4", morning())
    own = await seat("supplier_user", supplier=desk.agreement["supplier"])
    assert (await own.goto(f"/tickets/{desk.source}/T4")).status == 200
    assert await own.locator("#events tbody tr").count() == 5
    other = await seat("supplier_user", supplier=await make.supplier("approved"))
    assert (await other.goto(f"/tickets/{desk.source}/T4")).status == 404


async def test_a_list_is_narrowed_to_what_is_open_without_script(desk: Desk, seat: Any) -> None:
    await breached(desk, "T5", morning())
    await desk.send(desk.event("T6", "T6-1", ago(minutes=5), state="New"))
    page = await seat("auditor", java_script_enabled=False)
    await page.goto(f"/tickets?source={desk.source}")
    assert await page.locator("tbody tr").count() == 2
    await page.goto(f"/tickets?source={desk.source}&open=true")
    assert await page.locator("tbody tr").count() == 1
    assert "T6" in await page.inner_text("tbody")
