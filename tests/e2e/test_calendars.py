"""A calendar's year, changed in a browser: what would move is seen before it is saved."""

import secrets
from typing import Any

import pytest

from services.kernel.identity import Role
from tests.factories import ok
from tests.gateway.conftest import Doors

pytestmark = pytest.mark.e2e

NINE_TO_SIX = [["09:00", "18:00"]]
WEEK = {"from": None, **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), NINE_TO_SIX)}


async def stored(doors: Doors) -> dict[str, Any]:
    """A calendar of this test's own, with days of two years."""
    code = f"test-{secrets.token_hex(4)}"
    days = {"2025-10-01": {"open": [], "name": "国庆节"}, "2026-10-01": {"open": [], "name": "国庆节"}}
    body = {"code": code, "name": "测试日历", "zone": "Asia/Shanghai", "weeks": [WEEK], "days": days}
    async with doors.house.client("sla", Role.SERVICE_MANAGER) as manager:
        return ok(await manager.post("/api/sla/v1/calendars", json=body), 201)


async def read(doors: Doors, code: str) -> dict[str, Any]:
    async with doors.house.client("sla", Role.SERVICE_MANAGER) as manager:
        return ok(await manager.get(f"/api/sla/v1/calendars/{code}"))


async def add_half_day(page: Any) -> None:
    await page.click("[value=add-day]")
    await page.wait_for_selector("[name='days.1.date']")
    await page.fill("[name='days.1.date']", "2026-10-09")
    await page.fill("[name='days.1.name']", "停电检修")
    await page.fill("[name='days.1.open']", "9:00-12:00")


@pytest.mark.parametrize("script", [True, False])
async def test_a_half_day_is_previewed_and_then_saved(seat: Any, doors: Doors, script: bool) -> None:
    calendar = await stored(doors)
    page = await seat("service_manager", java_script_enabled=script)
    await page.goto(f"/calendars/{calendar['code']}?year=2026")
    assert "1 国庆节" in await page.inner_text(".months")
    await page.click("text=编辑")
    await add_half_day(page)
    await page.click(".cal-side [value=preview]")
    await page.wait_for_selector("#preview")
    said = await page.inner_text("#preview")
    assert "停电检修" in said
    assert "09:00–12:00" in said
    assert await page.locator(".mon .chg").count() == 1
    assert (await read(doors, calendar["code"]))["version"] == 1

    await page.click("#preview [value=save]")
    await page.wait_for_url("**/calendars/*?year=2026")
    text = await read(doors, calendar["code"])
    assert text["version"] == 2
    assert text["days"] == calendar["days"] | {"2026-10-09": {"open": [["09:00", "12:00"]], "name": "停电检修"}}
    assert page.said == []


async def test_what_was_not_previewed_is_previewed_again_instead_of_saved(seat: Any, doors: Doors) -> None:
    calendar = await stored(doors)
    page = await seat("service_manager")
    await page.goto(f"/calendars/{calendar['code']}/edit?year=2026")
    await add_half_day(page)
    await page.click(".cal-side [value=preview]")
    await page.wait_for_selector("#preview")
    await page.fill("[name='days.1.open']", "9:00-11:00")
    await page.click("#preview [value=save]")
    await page.wait_for_selector("#preview .alert.info")
    assert (await read(doors, calendar["code"]))["version"] == 1


async def test_a_wrong_window_is_named_at_its_row_and_nothing_typed_is_lost(seat: Any, doors: Doors) -> None:
    calendar = await stored(doors)
    page = await seat("service_manager")
    await page.goto(f"/calendars/{calendar['code']}/edit?year=2026")
    await page.fill("[name='weeks.0.mon']", "18:00-09:00")
    await page.fill("[name='name']", "另一个名称")
    await page.click(".cal-side [value=preview]")
    await page.wait_for_selector("#cal-errors")
    assert "18:00–09:00" in await page.inner_text("#week-0 .msg")
    assert await page.input_value("[name='name']") == "另一个名称"
    assert await page.evaluate("document.activeElement.id") == "cal-errors"


async def test_a_calendar_changed_meanwhile_is_not_overwritten(seat: Any, doors: Doors) -> None:
    calendar = await stored(doors)
    page = await seat("service_manager")
    await page.goto(f"/calendars/{calendar['code']}/edit?year=2026")
    async with doors.house.client("sla", Role.SERVICE_MANAGER) as manager:
        body = {"zone": "Asia/Shanghai", "weeks": [WEEK], "days": {}}
        ok(await manager.put(f"/api/sla/v1/calendars/{calendar['code']}", json=body, headers={"If-Match": '"1"'}))
    await page.click(".cal-side [value=preview]")
    await page.wait_for_selector("#cal-errors")
    assert (await read(doors, calendar["code"]))["version"] == 2


async def test_who_may_only_read_gets_no_way_to_edit(seat: Any, doors: Doors) -> None:
    page = await seat("auditor", "en")
    await page.goto("/calendars/cn-office?year=2026")
    assert await page.locator("a[href*='/edit']").count() == 0
    assert "make-up" in await page.inner_text(".months")
