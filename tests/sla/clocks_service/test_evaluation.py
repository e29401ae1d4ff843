"""Evaluation: what events have touched, what time brings about, what late facts undo."""

import asyncio
from typing import Any

import asyncpg

from tests.databases import Clone
from tests.factories import ok
from tests.house import House
from tests.sla.desk import SLA, Desk, ago, eventually, target

AT = "2026-03-02T09:00:00+08:00"


def shown(cycle: dict[str, Any]) -> tuple[Any, ...]:
    return cycle["state"], cycle["elapsed_seconds"], cycle["paused_seconds"], cycle["breached_at"]


async def test_waiting_does_not_count_and_the_list_says_what_the_ticket_says(desk: Desk) -> None:
    await desk.send(
        desk.event("T1", "1", "2026-03-02T09:00:00+08:00", state="New"),
        desk.event("T1", "2", "2026-03-02T09:30:00+08:00", state="Waiting"),
        desk.event("T1", "3", "2026-03-02T12:00:00+08:00", state="Work"),
        desk.event("T1", "4", "2026-03-02T12:20:00+08:00", state="Resolved"),
    )
    (cycle,) = await desk.cycles("T1")
    assert shown(cycle) == ("met", 3000, 9000, None)
    (listed,) = await desk.listed()
    assert {name: listed[name] for name in cycle if name in listed} == {k: v for k, v in cycle.items() if k in listed}
    assert listed["judged_by"] == {"agreement_version": 1, "calendar": "cn-24x7", "calendar_version": 1}


async def test_events_in_any_batches_give_the_same_cycles(desk: Desk) -> None:
    events = [
        ("1", "09:00:00", "New"),
        ("2", "09:30:00", "Waiting"),
        ("3", "11:00:00", "Work"),
        ("4", "12:00:00", "Closed"),
    ]
    for order, name in (([0, 1, 2, 3], "A"), ([3, 1, 0, 2], "B"), ([2, 3, 1, 0, 2], "C")):
        for place in order:
            event_id, time, state = events[place]
            await desk.send(desk.event(name, event_id, f"2026-03-02T{time}+08:00", state=state))
    (one,), (other,), (third,) = [await desk.cycles(name) for name in "ABC"]
    assert shown(one) == shown(other) == shown(third) == ("breached", 5400, 5400, "2026-03-02T03:30:00Z")


async def test_a_breach_is_found_when_it_comes_and_told_once(desk: Desk) -> None:
    """No event brings it: the next transition's instant does. At most two seconds late."""
    opened = ago(seconds=3597)
    await desk.send(desk.event("T1", "1", opened, state="New"))
    assert [shown(cycle)[3] for cycle in await desk.listed()] == [None]
    due = (await desk.listed())[0]["due_at"]
    await eventually(lambda: desk.listed_as("breached_at", "state"), [(due, "running")], seconds=8)
    await asyncio.sleep(0.7)
    news = await desk.news()
    assert [item["type"] for item in news] == ["clock.at_risk", "breach.standing"]
    told = news[1]["data"]
    assert (told["ticket"], told["target"], told["cycle"], told["transition_at"]) == ("T1", "resolution", 1, due)


async def test_an_imported_breach_is_recorded_and_told_to_nobody(desk: Desk) -> None:
    await desk.send(
        desk.event("T1", "1", AT, state="New"), desk.event("T1", "2", "2026-03-02T11:00:00+08:00", state="Closed")
    )
    assert [cycle["state"] for cycle in await desk.listed()] == ["breached"]
    await asyncio.sleep(0.6)
    assert await desk.news() == []


async def test_a_late_event_withdraws_a_breach_and_names_itself(desk: Desk, database: Clone) -> None:
    """Nothing is overwritten: the breach gets another version, and whoever was told hears of it."""
    await desk.send(desk.event("T1", "1", ago(minutes=61), state="New"))
    (cycle,) = await desk.listed()
    assert cycle["breached_at"] is not None
    await desk.send(desk.event("T1", "late", ago(minutes=30), state="Waiting"))
    (cycle,) = await desk.listed()
    assert (cycle["state"], cycle["breached_at"], cycle["version"]) == ("paused", None, 2)
    connection = await asyncpg.connect(database.libpq())
    versions = await connection.fetch(
        "SELECT v.version, v.state, v.event_id FROM sla.breach_version v JOIN sla.breach b ON b.id = breach_id"
        " WHERE b.source = $1 ORDER BY 1", desk.source
    )  # fmt: skip
    await connection.close()
    assert [tuple(version) for version in versions] == [(1, "standing", None), (2, "withdrawn", "late")]
    await asyncio.sleep(0.6)
    told = [item["type"] for item in await desk.news() if item["type"].startswith("breach")]
    assert told == ["breach.standing", "breach.withdrawn"]


async def test_a_cycle_that_a_withdrawal_makes_vanish_stays_as_history(desk: Desk) -> None:
    await desk.send(desk.event("T1", "1", ago(minutes=5), state="New"))
    await desk.send(desk.event("T1", "w", ago(minutes=1), withdraws="1"))
    assert [cycle["state"] for cycle in await desk.listed()] == ["withdrawn"]
    assert [cycle["state"] for cycle in await desk.cycles("T1")] == ["withdrawn"]
    assert await desk.listed(open="true") == []


async def test_an_event_of_the_future_has_no_effect_until_its_instant(desk: Desk) -> None:
    await desk.send(
        desk.event("T1", "1", ago(minutes=5), state="New"), desk.event("T1", "2", ago(seconds=-3), state="Resolved")
    )
    assert [cycle["state"] for cycle in await desk.listed()] == ["running"]
    await eventually(lambda: desk.listed_as("state"), [("met",)], seconds=8)


async def test_a_later_version_judges_what_begins_in_it(desk: Desk) -> None:
    await desk.send(
        desk.event("old", "1", "2026-03-02T09:00:00+08:00", state="New"),
        desk.event("new", "1", "2026-04-02T09:00:00+08:00", state="New"),
    )
    version = {"from": "2026-04-01", "targets": [target(goals=[{"seconds": 7200}])]}
    ok(await desk.manager.post(f"{SLA}/agreements/{desk.agreement['id']}/versions", json=version), 201)
    await eventually(lambda: desk.listed_as("ticket", "goal_seconds"), [("new", 7200), ("old", 3600)])
    judged = {cycle["ticket"]: cycle["judged_by"]["agreement_version"] for cycle in await desk.listed()}
    assert judged == {"old": 1, "new": 2}


async def test_a_changed_calendar_measures_again_without_an_event(house: House, desk: Desk) -> None:
    code = f"{desk.source}-hours"
    hours = {
        "zone": "Asia/Shanghai",
        "weeks": [{"from": None, "mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]]}],
    }
    calendar = ok(await desk.manager.post(f"{SLA}/calendars", json={"code": code, "name": "时间", **hours}), 201)
    version = {"from": "2026-03-01", "targets": [target(calendar=code, goals=[{"seconds": 36000}])]}
    ok(await desk.manager.post(f"{SLA}/agreements/{desk.agreement['id']}/versions", json=version), 201)
    await desk.send(
        desk.event("T1", "1", "2026-03-02T17:00:00+08:00", state="New"),
        desk.event("T1", "2", "2026-03-03T10:00:00+08:00", state="Closed"),
    )
    assert [cycle["elapsed_seconds"] for cycle in await desk.listed()] == [7200]
    changed = {**hours, "days": {"2026-03-03": {"open": [], "name": "停电"}}}
    headers = {"If-Match": f'"{calendar["version"]}"'}
    ok(await desk.manager.put(f"{SLA}/calendars/{code}", json=changed, headers=headers))
    await eventually(lambda: desk.listed_as("elapsed_seconds"), [(3600,)])
    assert [cycle["judged_by"]["calendar_version"] for cycle in await desk.listed()] == [2]


async def test_open_clocks_come_by_time_left_and_run_on_as_they_are_read(desk: Desk) -> None:
    await desk.send(
        desk.event("slow", "1", ago(minutes=10), state="New"),
        desk.event("soon", "1", ago(minutes=8), state="New", priority="1"),
        desk.event("done", "1", ago(minutes=9), state="Closed"),
    )
    items = await desk.listed(open="true", sort="due_at")
    assert [item["ticket"] for item in items] == ["soon", "slow"]
    assert 480 <= items[0]["elapsed_seconds"] <= 500
    assert items[0]["remaining_seconds"] == 600 - items[0]["elapsed_seconds"]


async def test_a_supplier_user_sees_its_own_clocks_and_no_other(house: House, desk: Desk) -> None:
    await desk.send(desk.event("T1", "1", ago(minutes=10), state="New"))
    own = desk.agreement["supplier"]
    stranger = {"id": "0190aaaa-0000-7000-8000-00000000dead", "number": "GYS-1999-000001"}
    async with (
        house.client("sla", "supplier_user", supplier=own) as mine,
        house.client("sla", "supplier_user", supplier=stranger) as other,
    ):
        query = {"source": desk.source}
        assert len(ok(await mine.get(f"{SLA}/clocks", params=query))["items"]) == 1
        assert ok(await other.get(f"{SLA}/clocks", params=query))["items"] == []
        assert (
            await mine.get(f"{SLA}/tickets/{desk.source}/T1", params={"include": "events,ledger"})
        ).status_code == 200
        assert (await other.get(f"{SLA}/tickets/{desk.source}/T1")).status_code == 404
