"""A month closed in a browser, and its credit followed down to the event as it was received, and back up."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.e2e.hands import chip, press
from tests.house import House
from tests.sla.desk import OFFICE, Desk, open_desk

pytestmark = pytest.mark.e2e

KEPT = (
    ("2026-01-05T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-05T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)
MISSED = (
    ("2026-01-06T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-06T10:00:00+08:00", "waiting", {"state": "Waiting"}),
    ("2026-01-06T11:00:00+08:00", "resumed", {"state": "Active"}),
    ("2026-01-08T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house, **OFFICE) as desk:
        await desk.send(*desk.story("K1", *KEPT), *desk.story("M1", *MISSED))
        yield desk


@pytest.mark.parametrize(
    ("language", "script", "closed", "amount"),
    [("zh-CN", True, "已关闭", "¥2,000.00"), ("en", False, "Closed", "CN¥2,000.00")],
)
async def test_a_credit_is_followed_down_to_the_event_and_back_up(
    desk: Desk, seat: Any, language: str, script: bool, closed: str, amount: str
) -> None:
    page = await seat("service_manager", language, java_script_enabled=script)
    month = f"/agreements/{desk.agreement['number']}/periods/2026-01"
    await page.goto(month if script else f"{month}?do=close")
    if script:
        await page.click(".actions .btn.primary >> nth=0")
    await press(page, "dialog[open] .btn.primary")
    assert closed in await chip(page)
    assert amount in await page.inner_text(".formula .eq")

    await press(page, "#drill a:has-text('M1')")
    await press(page, "#drill a:has(.k-paused)")
    raw = await page.inner_text("#drill .raw")
    assert "M1-2" in raw
    await press(page, "#drill > div:last-child p a")
    assert page.url.endswith(f"/tickets/{desk.source}/M1#e-M1-2")
    assert "M1-2" in await page.inner_text(":target")
    await page.go_back()
    assert "M1-2" in await page.inner_text("#drill .raw")
    assert page.said == []


async def test_a_suppliers_user_sees_the_result_and_closes_nothing(desk: Desk, seat: Any) -> None:
    await desk.close("2026-01")
    user = await seat("supplier_user", supplier=desk.supplier)
    await user.goto("/periods")
    await press(user, "td.ttl a")
    assert "¥2,000.00" in await user.inner_text(".formula .eq")
    assert await user.locator("form[action$='/close']").count() == 0
    answer = await user.goto(f"/agreements/{desk.agreement['number']}/periods/2026-02")
    assert answer.status == 404


async def test_the_cycles_of_a_month_stand_one_by_one_with_what_counts(desk: Desk, seat: Any) -> None:
    page = await seat("service_manager")
    month = f"/agreements/{desk.agreement['number']}/periods/2026-01"
    await page.goto(f"{month}?do=close")
    await press(page, "dialog[open] .btn.primary")
    assert "已关闭" in await chip(page)
    await press(page, ".targets td.num a")
    assert {"K1", "M1"} <= set((await page.inner_text("#results tbody")).split())
    await press(page, "#views a:has-text('未计入')")
    assert await page.locator("#results tbody tr").count() == 0


@pytest.mark.parametrize(
    ("language", "script", "differs", "used"),
    [("zh-CN", True, "今天的账本与此不同", "18 小时"), ("en", False, "Today's ledger is another one", "18 h")],
)
async def test_what_a_month_was_judged_by_stays_in_sight_after_a_late_correction(
    desk: Desk, seat: Any, language: str, script: bool, differs: str, used: str
) -> None:
    """From the month to the cycle's row to its ledger as judged; and from there to today's, which is another one."""
    await desk.close("2026-01")
    (late,) = desk.story("M1", ("2026-01-08T10:00:00+08:00", "resumed", {"state": "Active"}))
    await desk.send(late | {"event_id": "M1-9", "corrects": "M1-3", "sequence": 3})
    page = await seat("service_manager", language, java_script_enabled=script)
    await page.goto(f"/agreements/{desk.agreement['number']}/periods/2026-01/cycles")
    await press(page, "#results a:has-text('M1')")
    assert differs in await page.inner_text(".alert h2")
    assert used in await page.inner_text(".verdict")
    assert await page.locator(".clock svg.strip").count() > 0
    assert await page.locator("#ledger .k-paused").count() == 1
    assert (await page.get_attribute("#ledger td a", "href")).endswith(f"/tickets/{desk.source}/M1#e-M1-2")

    await press(page, ".alert a")
    assert f"/tickets/{desk.source}/M1?" in page.url
    assert "as_of=" in page.url
    assert await page.locator("#ledger .k-paused").count() == 3
    assert page.said == []


async def test_the_way_down_of_a_closed_month_is_the_way_that_was_judged(desk: Desk, seat: Any) -> None:
    """A breach that late facts undo stays where the credit came from, with the events that were known."""
    await desk.close("2026-01")
    (late,) = desk.story("M1", ("2026-01-06T12:00:00+08:00", "resolved", {"state": "Resolved"}))
    await desk.send(late | {"event_id": "M1-9", "corrects": "M1-4", "sequence": 4})
    page = await seat("service_manager", "zh-CN")
    await page.goto(f"/agreements/{desk.agreement['number']}/periods/2026-01")
    assert "+9 h" in await page.inner_text("#drill li:has-text('M1')")
    await press(page, "#drill a:has-text('M1')")
    await press(page, "#drill a:has(.k-over) >> nth=-1")
    assert "M1-3" in await page.inner_text("#drill .raw")
    await press(page, "#drill p a:has-text('完整账本')")
    assert "18 小时" in await page.inner_text(".verdict")


async def test_a_suppliers_user_reads_its_ledger_as_judged_and_a_month_that_is_none_is_not_found(
    desk: Desk, seat: Any
) -> None:
    await desk.close("2026-01")
    user = await seat("supplier_user", supplier=desk.supplier)
    month = f"/agreements/{desk.agreement['number']}/periods"
    await user.goto(f"{month}/2026-01/cycles?outcome=breached")
    await press(user, "#results a:has-text('M1')")
    assert "18 小时" in await user.inner_text(".verdict")
    assert await user.locator(".alert").count() == 0
    for path in (f"{month}/none/cycles", f"{month}/2026-01/cycles/none", f"{month}/none/cycles/none"):
        assert (await user.goto(path)).status == 404, path
