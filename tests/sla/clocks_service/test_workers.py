"""Several workers at once, one that dies in mid-work, and the catching up after an outage."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from services.sla.worker import Worker
from tests.databases import Clone
from tests.factories import ok
from tests.house import House
from tests.sla.desk import SLA, Desk, ago, eventually, open_desk


@asynccontextmanager
async def desk_without_worker(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house) as desk:
        house.stop("sla-worker")
        yield desk


async def test_three_workers_tell_each_breach_once(fresh_house: House) -> None:
    async with desk_without_worker(fresh_house) as desk:
        databases = [fresh_house.service_database("sla") for _ in range(3)]
        working = [asyncio.create_task(Worker(database).run()) for database in databases]
        try:
            tickets = [f"T{number}" for number in range(60)]
            for step, minutes in enumerate((70, 65, 64)):
                calls = [
                    desk.send(*[desk.event(t, str(step), ago(minutes=minutes), state=f"S{step}") for t in some])
                    for some in (tickets[:40], tickets[20:], tickets[::2])
                ]
                await asyncio.gather(*calls)
            assert await desk.listed_as("state", limit="200") == [("running",)] * 60
            once = Counter({(kind, t): 1 for kind in ("breach.standing", "clock.at_risk") for t in tickets})

            async def told() -> Counter[tuple[str, str]]:
                return Counter((item["type"], item["data"]["ticket"]) for item in await desk.news())

            await eventually(told, once)
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            for database in databases:
                await database.dispose()


async def test_what_a_dying_worker_had_taken_is_taken_by_the_next(fresh_house: House, committed_db: Clone) -> None:
    """A claim is a lock of its transaction: it falls with the connection, and nothing of it was written."""
    async with desk_without_worker(fresh_house) as desk:
        sent = await desk.send(desk.event("T1", "1", ago(minutes=70), state="New"), wait=False)
        database = fresh_house.service_database("sla")
        dying = await asyncpg.connect(committed_db.libpq("svc_sla"))
        await dying.execute("BEGIN")
        await dying.execute("SELECT * FROM sla.dirty FOR UPDATE")
        worker = Worker(database)
        assert await worker.work() <= 1  # a sweep of no ticket at most: the other holds the mark
        assert await desk.listed() == []
        dying.terminate()
        await asyncio.sleep(0.2)
        while await worker.work():
            pass
        await database.dispose()
        batch = ok(await desk.manager.get(f"{SLA}/batches/{sent['batch']}"))
        assert batch["state"] == "evaluated"
        assert [cycle["state"] for cycle in await desk.listed()] == ["running"]


THREE_DAYS_PASS = """
UPDATE sla.ticket_event SET occurred_at = occurred_at - interval '3 days';
UPDATE sla.batch SET received_at = received_at - interval '3 days';
UPDATE sla.agreement_version SET made_at = made_at - interval '3 days';
UPDATE sla.agreement SET in_force_at = in_force_at - interval '3 days', version = version + 1;
UPDATE sla.ticket SET next_transition = next_transition - interval '3 days',
                      evaluated_at = evaluated_at - interval '3 days';
"""


async def test_after_an_outage_all_that_time_brought_is_told_with_its_true_instant(
    fresh_house: House, committed_db: Clone
) -> None:
    async with open_desk(fresh_house) as desk:
        opened = ago(minutes=40)
        await desk.send(desk.event("T1", "1", opened, state="New"))
        fresh_house.stop("sla-worker")
        # Three days pass: what was judged and received then lies so far back now.
        connection = await asyncpg.connect(committed_db.libpq())
        await connection.execute(THREE_DAYS_PASS)
        fold = await connection.fetchval("UPDATE sla.ticket SET fold = NULL RETURNING ticket")
        assert fold == "T1"
        await connection.close()
        fresh_house.start("sla-worker")

        async def told() -> list[str]:
            return [item["type"] for item in await desk.news()]

        await eventually(told, ["clock.at_risk", "breach.standing"])


async def test_a_ticket_that_cannot_be_judged_keeps_no_other_from_being_judged(
    fresh_house: House, committed_db: Clone
) -> None:
    """A stored fold that cannot be read stands for any fault of ours in one ticket."""
    async with open_desk(fresh_house) as desk:
        await desk.send(*[desk.event(f"T{n}", "1", ago(minutes=10), state="New") for n in range(5)])
        fresh_house.stop("sla-worker")
        connection = await asyncpg.connect(committed_db.libpq())
        await connection.execute(THREE_DAYS_PASS)
        await connection.execute(r"UPDATE sla.ticket SET fold = CASE ticket WHEN 'T3' THEN '\x00'::bytea END")
        await connection.close()
        fresh_house.start("sla-worker")

        async def breached() -> list[str]:
            return sorted(cycle["ticket"] for cycle in await desk.listed() if cycle["breached_at"])

        await eventually(breached, ["T0", "T1", "T2", "T4"])
        await desk.send(desk.event("T9", "1", ago(minutes=1), state="New"))
        assert [cycle["state"] for cycle in await desk.cycles("T9")] == ["running"]
