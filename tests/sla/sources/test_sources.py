"""Sources: made by PUT, silent when nothing comes for too long, judged again when their agreement changes."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import asyncpg

from tests.databases import Clone
from tests.factories import ok
from tests.house import House
from tests.sla.desk import SLA, Desk, Json, ago, eventually, open_desk, target


async def test_a_source_is_made_and_replaced_by_put(desk: Desk) -> None:
    path = f"{SLA}/sources/{desk.source}"
    before = ok(await desk.manager.get(path))
    body = {"name": "服务台二号", "agreement": desk.agreement["id"], "silent_after_seconds": 600}
    after = ok(await desk.manager.put(path, json=body))
    assert (after["name"], after["silent_after_seconds"], after["version"]) == (
        "服务台二号",
        600,
        before["version"] + 1,
    )
    stale = await desk.manager.put(path, json=body | {"name": "x"}, headers={"If-Match": f'"{before["version"]}"'})
    assert stale.status_code == 412
    assert ok(await desk.manager.put(path, json=body))["version"] == after["version"]


async def test_a_code_or_an_agreement_that_is_not_right_is_refused(desk: Desk) -> None:
    assert (await desk.manager.put(f"{SLA}/sources/Desk", json={"name": "x"})).status_code == 422
    unknown = await desk.manager.put(f"{SLA}/sources/desk-x", json={"name": "x", "agreement": "SLA-1999-000001"})
    assert ok(unknown, 422)["errors"][0]["code"] == "unknown_agreement"


async def test_a_silent_source_is_found(desk: Desk, database: Clone) -> None:
    path = f"{SLA}/sources/{desk.source}"
    ok(await desk.manager.put(path, json={"name": "x", "agreement": desk.agreement["id"], "silent_after_seconds": 60}))
    await desk.send(desk.event("T1", "1", ago(minutes=1), state="New"))

    async def silent() -> list[str]:
        found = ok(await desk.manager.get(f"{SLA}/sources", params={"silent": "true", "limit": 200}))
        return [source["code"] for source in found["items"]]

    assert desk.source not in await silent()
    connection = await asyncpg.connect(database.libpq())
    await connection.execute(
        "UPDATE sla.source_activity SET last_received_at = now() - interval '61 seconds' WHERE source = $1", desk.source
    )
    await connection.close()
    assert desk.source in await silent()


async def test_another_agreement_of_the_source_judges_its_tickets_again(house: House, desk: Desk) -> None:
    await desk.send(desk.event("T1", "1", ago(hours=2), state="New"))
    assert [cycle["goal_seconds"] for cycle in await desk.listed()] == [3600]
    async with open_desk(house, targets=[target(goals=[{"seconds": 7200}])]) as other:
        ok(
            await desk.manager.put(
                f"{SLA}/sources/{desk.source}", json={"name": "x", "agreement": other.agreement["id"]}
            )
        )
        wanted = [(7200, other.agreement["number"])]
        await eventually(lambda: desk.listed_as("goal_seconds", "agreement"), wanted)


async def test_a_source_s_last_day_is_counted_by_the_hour(house: House, desk: Desk) -> None:
    """Taken, refused, and the calls that brought them; what is said again counts as a call and no more."""
    first = desk.event("T1", "1", ago(minutes=3), state="New")
    broken = desk.event("T1", "2", "2026-03-01T09:00:00", state="New")
    before = ago()
    await desk.send(first, desk.event("T2", "1", ago(minutes=2), state="New"), broken)
    await desk.send(first)
    listed = ok(await desk.manager.get(f"{SLA}/sources", params={"q": desk.source}))["items"]
    source = ok(await desk.manager.get(f"{SLA}/sources/{desk.source}"))
    assert [item["hours"] for item in listed] == [source["hours"]]
    hours = source["hours"]
    begins = [datetime.fromisoformat(hour["from"]) for hour in hours]
    assert len(hours) == 24
    assert {later - earlier for earlier, later in pairwise(begins)} == {timedelta(hours=1)}
    assert begins[-1] <= datetime.now(UTC) < begins[-1] + timedelta(hours=2)  # the hour may have turned since
    counted = [hour for begin, hour in zip(begins, hours, strict=True) if begin > before - timedelta(hours=1)]
    assert [sum(hour[name] for hour in counted) for name in ("calls", "accepted", "rejected")] == [2, 2, 1]
    assert sum(hour["calls"] for hour in hours) == 2


async def test_lines_refused_alone_are_counted_and_break_no_silence(desk: Desk) -> None:
    await desk.send(desk.event("T1", "1", "2026-03-01T09:00:00", state="New"), wait=False)
    source = ok(await desk.manager.get(f"{SLA}/sources/{desk.source}"))
    assert [sum(hour[name] for hour in source["hours"]) for name in ("calls", "accepted", "rejected")] == [1, 0, 1]
    assert (source["last_received_at"], source["rejected_24h"], source["pace_seconds"]) == (None, 1, None)


async def test_two_calls_that_name_the_same_sources_in_any_order_both_get_through(house: House, desk: Desk) -> None:
    """Each holds the counts of one source while it waits for the other's: only an order of the rows prevents that."""
    async with open_desk(house) as other:
        calls = 12

        def events(n: int) -> list[Json]:
            good, bad = (desk, other) if n % 2 else (other, desk)
            return [good.event(f"T{n}", "1", ago(), state="New"), bad.event(f"T{n}", "1", "yesterday", state="New")]

        await asyncio.gather(*(desk.send(*events(n), wait=False) for n in range(calls)))
        for each in (desk, other):
            source = ok(await desk.manager.get(f"{SLA}/sources/{each.source}"))
            counted = [sum(hour[name] for hour in source["hours"]) for name in ("calls", "accepted", "rejected")]
            assert counted == [calls, calls // 2, calls // 2]
            assert (source["events"], source["rejected_24h"]) == (calls // 2, calls // 2)


async def test_the_pace_of_a_source_is_that_of_the_days_before_it_was_last_heard(desk: Desk, database: Clone) -> None:
    """Where it fell silent long ago, too: then one wants to know how unusual that is."""
    await desk.send(desk.event("T1", "1", ago(minutes=1), state="New"), wait=False)
    connection = await asyncpg.connect(database.libpq())
    await connection.execute(
        "UPDATE sla.source_activity SET last_received_at = '2026-03-10T12:00:00Z' WHERE source = $1", desk.source
    )
    await connection.execute("DELETE FROM sla.source_hour WHERE source = $1", desk.source)
    await connection.execute(
        "INSERT INTO sla.source_hour SELECT $1, hour, calls, 10 * calls, 0 FROM (VALUES"
        " ('2026-03-01T00:00:00Z'::timestamptz, 999), ('2026-03-10T00:00:00Z', 30), ('2026-03-10T11:00:00Z', 42))"
        " AS h(hour, calls)",
        desk.source,
    )
    await connection.close()
    source = ok(await desk.manager.get(f"{SLA}/sources/{desk.source}"))
    assert source["pace_seconds"] == 600  # 72 calls in 12 hours
    assert [hour["calls"] for hour in source["hours"]] == [0] * 24
