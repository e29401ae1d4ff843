"""A month closed in a browser, and its credit followed down to the event as it was received, and back up."""

from typing import Any

import pytest

from tests.house import House
from tests.sla.told import Desk, open_desk, story

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
async def desk(house: House) -> Desk:
    desk = await open_desk(house)
    await desk.send(story(desk.source, "K1", *KEPT) + story(desk.source, "M1", *MISSED))
    return desk


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
        await page.click("dialog[open] .btn.primary")
    else:
        await page.click("dialog[open] .btn.primary")
    await page.wait_for_selector(f".chip:has-text('{closed}')")
    assert amount in await page.inner_text(".formula .eq")

    await page.click("#drill a:has-text('M1')")
    await page.click("#drill a:has(.k-paused)")
    raw = await page.inner_text("#drill .raw")
    assert "M1-2" in raw
    await page.click("#drill > div:last-child p a")
    assert page.url.endswith(f"/tickets/{desk.source}/M1#e-M1-2")
    assert "M1-2" in await page.inner_text(":target")
    await page.go_back()
    assert "M1-2" in await page.inner_text("#drill .raw")
    assert page.said == []


async def test_a_suppliers_user_sees_the_result_and_closes_nothing(desk: Desk, seat: Any) -> None:
    await desk.close("2026-01")
    user = await seat("supplier_user", supplier=desk.supplier)
    await user.goto("/periods")
    await user.click("td.ttl a")
    assert "¥2,000.00" in await user.inner_text(".formula .eq")
    assert await user.locator("form[action$='/close']").count() == 0
    answer = await user.goto(f"/agreements/{desk.agreement['number']}/periods/2026-02")
    assert answer.status == 404


async def test_the_cycles_of_a_month_stand_one_by_one_with_what_counts(desk: Desk, seat: Any) -> None:
    page = await seat("service_manager")
    month = f"/agreements/{desk.agreement['number']}/periods/2026-01"
    await page.goto(f"{month}?do=close")
    await page.click("dialog[open] .btn.primary")
    await page.wait_for_selector(".chip:has-text('已关闭')")
    await page.click(".targets td.num a")
    await page.wait_for_url("**/cycles?*")
    assert {"K1", "M1"} <= set((await page.inner_text("#results tbody")).split())
    await page.click("#views a:has-text('未计入')")
    assert await page.locator("#results tbody tr").count() == 0
