"""What is of no more use goes; what somebody still needs stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.kernel import events, sweeping
from services.kernel.database import Database, Transaction
from services.kernel.events import Consumer, News
from services.kernel.sweeping import Sweeper
from tests.house import House
from tests.kernel.conftest import Open
from tests.kernel.news import TELLER, count, deliveries, event, tell
from tests.sla.desk import eventually

A_DAY, A_WEEK, A_BIT = timedelta(hours=24), timedelta(days=7), timedelta(minutes=1)


@pytest.fixture
def teller(open_database: Open) -> Database:
    return open_database("suppliers", {"thing.done": ("contracts",)})


@pytest.fixture
def hearer(open_database: Open) -> Database:
    return open_database("contracts")


async def _keep_answers(database: Database, age: timedelta, answers: int) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO contracts.idempotency (actor, key, digest, at, status)"
                " SELECT uuidv7(), n, '', now() - CAST(:age AS interval), 201 FROM generate_series(1, :answers) n"
            ),
            {"age": age, "answers": answers},
        )


async def _kept_answers(database: Database) -> int:
    async with database.reading(TELLER) as tx:
        return int(await tx.scalar(text("SELECT count(*) FROM contracts.idempotency")))


async def _hear(hearer: Database, handled: events.Handler, age: timedelta) -> None:
    """Handle all that waits, as if so long ago."""
    while await Consumer(hearer, {"thing.done": handled}).handle_some():
        continue
    async with hearer.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE news.delivery SET done_at = done_at - CAST(:age AS interval), at = at - CAST(:age AS interval)"
            ),
            {"age": age},
        )


async def _sweep_all(database: Database) -> None:
    while await Sweeper(database).sweep():
        continue


async def test_an_answer_is_kept_for_its_day_and_then_goes(hearer: Database) -> None:
    await _keep_answers(hearer, A_DAY + A_BIT, 3)
    await _keep_answers(hearer, A_DAY - A_BIT, 2)
    await _sweep_all(hearer)
    assert await _kept_answers(hearer) == 2


async def test_more_than_a_batch_goes_batch_by_batch(hearer: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 4)
    await _keep_answers(hearer, A_DAY + A_BIT, 10)
    assert [await Sweeper(hearer).sweep() for _ in range(4)] == [4, 4, 2, 0]


async def test_two_sweepers_at_once_take_no_row_twice(hearer: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 10)
    await _keep_answers(hearer, A_DAY + A_BIT, 100)
    gone = await asyncio.gather(*(Sweeper(hearer).sweep() for _ in range(4)))
    assert sum(gone) + await _kept_answers(hearer) == 100


async def test_handled_news_goes_after_a_week(teller: Database, hearer: Database) -> None:
    old, young = event(), event()
    await tell(teller, old)
    await _hear(hearer, count, A_WEEK + A_BIT)
    await tell(teller, young)
    await _hear(hearer, count, timedelta(0))
    await _sweep_all(hearer)
    assert await deliveries(hearer, [old.key]) == []
    assert await deliveries(hearer, [young.key]) == [("done", 0)]


async def test_what_waits_and_what_is_dead_stays_however_old(
    teller: Database, hearer: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LONGEST_WAIT", timedelta(0))

    async def stumble(_tx: Transaction, _news: News) -> None:
        raise ZeroDivisionError

    dead, waits = event(), event()
    await tell(teller, dead)
    await _hear(hearer, stumble, A_WEEK * 10)
    await tell(teller, waits)
    await _sweep_all(hearer)
    assert await deliveries(hearer, [dead.key]) == [("dead", events.ATTEMPTS)]
    assert await deliveries(hearer, [waits.key]) == [("waiting", 0)]
    async with hearer.engine.begin() as connection:
        await connection.execute(text("DELETE FROM news.delivery"))
    assert [state for state, _ in await deliveries(hearer, [dead.key, waits.key])] == ["dead", "waiting"]


async def test_no_service_sweeps_what_another_has_handled(teller: Database, hearer: Database) -> None:
    told = event()
    await tell(teller, told)
    await _hear(hearer, count, A_WEEK * 2)
    await _sweep_all(teller)
    assert await deliveries(hearer, [told.key]) == [("done", 0)]


async def test_a_sweep_reads_by_index_and_not_the_whole_table(hearer: Database) -> None:
    plans = []
    async with hearer.engine.begin() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, names in Sweeper(hearer).statements():
            plan = await connection.execute(text(f"EXPLAIN {statement.text}"), names)
            plans.append("\n".join(str(line) for line in plan.scalars()))
    assert ["idempotency_by_age" in plans[0], "delivery_done" in plans[1]] == [True, True]
    assert "Sort" not in "".join(plans)


async def test_a_service_sweeps_beside_its_requests(fresh_house: House) -> None:
    database = fresh_house.service_database("contracts")
    await _keep_answers(database, A_DAY * 2, sweeping.BATCH + 1)
    fresh_house.start("contracts")
    await eventually(lambda: _kept_answers(database), 0)
    await database.dispose()
