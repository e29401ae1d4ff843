"""The page of a cycle as it was judged: drawn by the calendar of then, with a sentence of what today makes of it."""

import secrets
from typing import Any

from tests.factories import ok, resolution, seen
from tests.gateway.conftest import Doors
from tests.house import House
from tests.sla.desk import AGREEMENTS, OFFICE, open_desk

CALENDARS = "/api/sla/v1/calendars"
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
MISSED = (
    ("2026-01-06T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-08T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)


def office(code: str, **days: Any) -> dict[str, Any]:
    """Monday to Friday; days: as `d0107`."""
    dated = {f"2026-{day[1:3]}-{day[3:]}": text for day, text in days.items()}
    return {"code": code, "name": "办公时间", "zone": "Asia/Shanghai", "weeks": [{"from": None, **WEEK}], "days": dated,
            "known_until": "2026-12-31"}  # fmt: skip


async def test_a_ledger_is_drawn_by_the_calendar_that_judged_it_though_another_version_came(
    house: House, doors: Doors
) -> None:
    """Only the version of then names the stocktaking at its day; the sentence names both versions."""
    code = f"frozen-{secrets.token_hex(4)}"
    async with house.client("sla", "service_manager") as manager:
        short = {"open": [["10:00", "18:00"]], "name": "盘点"}
        calendar = ok(await manager.post(CALENDARS, json=office(code, d0107=short)), 201)
        async with open_desk(house, **OFFICE | {"targets": [resolution(calendar=code)]}) as desk:
            await desk.send(*desk.story("L1", *MISSED))
            await desk.close("2026-01")
            month = f"/agreements/{desk.agreement['number']}/periods/2026-01"
            (cycle,) = ok(await manager.get(f"{AGREEMENTS.removesuffix('/agreements')}{month}/cycles"))["items"]
            async with await doors.person("auditor") as auditor:
                auditor.headers["Accept-Language"] = "en"
                page = f"{month}/cycles/{cycle['id']}"
                before = await auditor.get(page)
                assert (before.status_code, "盘点" in before.text) == (200, True)
                assert "Today&#39;s ledger is another one" not in before.text

                closed = {"open": [], "name": "停电"}
                replaced = office(code, d0106=closed, d0107=closed)
                ok(await manager.put(f"{CALENDARS}/{code}", json=replaced, headers=seen(calendar)))
                after = await auditor.get(page)
    assert "盘点" in after.text
    assert "停电" not in after.text
    assert "Today&#39;s ledger is another one" in after.text
    assert f"The calendar was {code} v1 then, it is {code} v2 today." in after.text
    assert "Judged: Breached, 18 h used of 9 h. By today&#39;s facts, as of the same end: Met, 1 h used of 9 h." in (
        after.text
    )
