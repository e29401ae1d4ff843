"""An exclusion by two people in a browser: its effect before the button, and what each may do."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.e2e.hands import decide, press
from tests.house import House
from tests.sla.desk import Desk, ago, open_desk

pytestmark = pytest.mark.e2e


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house) as desk:
        yield desk


async def breach_of(desk: Desk, ticket: str = "T1") -> str:
    """A breach of one hour's goal; its number."""
    await desk.send(
        desk.event(ticket, f"{ticket}-1", ago(hours=3), state="New"),
        desk.event(ticket, f"{ticket}-2", ago(hours=1), state="Resolved"),
    )
    return str((await desk.cycles(ticket))[0]["breach"])


@pytest.mark.parametrize("script", [True, False])
async def test_one_asks_and_another_confirms_and_it_no_longer_counts(desk: Desk, seat: Any, script: bool) -> None:
    number = await breach_of(desk)
    first = await seat("service_manager", java_script_enabled=script)
    await first.goto(f"/breaches/{number}")
    assert "0 / 1" in await first.inner_text(".effect")
    await press(first, "#exclusion .btn.primary")
    assert await first.locator("#exclusion [aria-invalid=true]").count() == 1
    await first.fill("#exclusion textarea", "第三方停机，通知已附")
    await press(first, "#exclusion .btn.primary")
    assert "您是申请人" in await first.inner_text("#exclusion")
    assert await first.locator("#exclusion button").count() == 0

    second = await seat("administrator", java_script_enabled=script)
    await second.goto("/breaches?to_decide=true&agreement=" + desk.agreement["number"])
    await press(second, "td.ttl a")
    assert "第三方停机，通知已附" in await second.inner_text("#exclusion")
    assert "0 / 0" in await second.inner_text(".effect td:last-child >> nth=0")
    await press(second, "#exclusion .btn.primary")
    assert "已剔除" in await second.inner_text("h1 .chip")
    assert await second.locator("#versions tbody tr").count() == 2
    # Where the form showed what was missing, the console names that answer too.
    assert [said for said in first.said if "422" not in said] == []
    assert second.said == []


async def test_a_refusal_needs_a_reason_and_then_the_breach_counts(desk: Desk, seat: Any) -> None:
    number = await breach_of(desk)
    first = await seat("service_manager")
    await first.goto(f"/breaches/{number}")
    await first.fill("#exclusion textarea", "供应商认为不应计入")
    await press(first, "#exclusion .btn.primary")
    second = await seat("service_manager")
    await second.goto(f"/breaches/{number}")
    await press(second, "#exclusion button:not(.primary)")
    assert await second.locator("#exclusion [aria-invalid=true]").count() == 1
    await second.fill("#exclusion textarea", "停机发生在违约之后")
    await press(second, "#exclusion button:not(.primary)")
    assert "成立" in await second.inner_text("h1 .chip")
    assert "停机发生在违约之后" in await second.inner_text(".tl")


async def test_a_note_is_kept_and_an_exclusion_is_taken_back(desk: Desk, seat: Any) -> None:
    number = await breach_of(desk)
    page = await seat("service_manager")
    await page.goto(f"/breaches/{number}")
    await decide(page, "acknowledge", "已通知负责人")
    assert "已通知负责人" in await page.inner_text(".tl")
    assert page.said == []


async def test_a_late_event_withdraws_a_breach_and_the_page_says_which(desk: Desk, seat: Any) -> None:
    number = await breach_of(desk)
    await desk.send(desk.event("T1", "T1-3", ago(hours=2, minutes=30), state="Resolved"))
    page = await seat("auditor", "en")
    await page.goto(f"/breaches/{number}")
    assert "withdrawn" in await page.inner_text("h1")
    assert "T1-3" in await page.inner_text("#versions tbody tr >> nth=0")
    await page.click("#versions tbody a")
    await page.wait_for_url("**#e-T1-3")
    assert page.said == []


async def test_who_may_not_decide_reads_without_buttons(desk: Desk, seat: Any) -> None:
    number = await breach_of(desk)
    page = await seat("auditor")
    await page.goto(f"/breaches/{number}")
    assert await page.locator("main button").count() == 0
    assert await page.locator("#exclusion").count() == 0
