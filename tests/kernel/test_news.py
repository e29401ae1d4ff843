"""What a consumer does with news: once each, in order per subject, whatever fails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from services.kernel import events
from services.kernel.database import Database, Transaction
from services.kernel.events import Consumer, Event, News
from services.kernel.ids import uuid7
from tests.kernel.conftest import Open
from tests.kernel.news import TELLER, count, counted, deliveries, event, tell

SUBSCRIBERS = {"thing.done": ("contracts",)}


@pytest.fixture
def teller(open_database: Open) -> Database:
    return open_database("suppliers", SUBSCRIBERS)


@pytest.fixture
def hearer(open_database: Open) -> Database:
    return open_database("contracts")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at once."""
    monkeypatch.setattr(events, "LONGEST_WAIT", events.LONGEST_WAIT * 0)


async def _handle_all(consumer: Consumer) -> None:
    while await consumer.handle_some():
        continue


async def test_each_news_is_handled_once(teller: Database, hearer: Database) -> None:
    told = [event() for _ in range(120)]
    await tell(teller, *told)
    await _handle_all(Consumer(hearer, {"thing.done": count}))
    assert await counted(hearer, *told) == [1] * 120
    assert {state for state, _attempts in await deliveries(hearer, (one.key for one in told))} == {"done"}


async def test_news_carries_what_was_told(teller: Database, hearer: Database) -> None:
    heard: list[News] = []

    async def keep(_tx: Transaction, news: News) -> None:
        heard.append(news)

    told = event(version=3)
    await tell(teller, told)
    await _handle_all(Consumer(hearer, {"thing.done": keep}))
    assert [(n.type, n.key, n.subject, n.version, n.data) for n in heard] == [
        ("thing.done", told.key, told.subject, 3, {"version": 3})
    ]
    assert heard[0].request_id == "request-of-the-teller"


async def test_news_that_nobody_subscribed_to_is_told_to_nobody(teller: Database, hearer: Database) -> None:
    other = event(type_="thing.undone")
    await tell(teller, other)
    assert await deliveries(hearer, [other.key]) == []


async def test_a_service_does_not_see_what_is_addressed_to_another(teller: Database, open_database: Open) -> None:
    told = event()
    await tell(teller, told)
    assert await deliveries(open_database("sla"), [told.key]) == []
    assert await deliveries(teller, [told.key]) == []


async def test_news_of_one_subject_is_handled_in_its_order(teller: Database, hearer: Database) -> None:
    keys = [uuid7() for _ in range(4)]
    told = [event(key, version) for version in range(1, 21) for key in keys]
    heard: dict[Any, list[int]] = {key: [] for key in keys}

    async def keep(_tx: Transaction, news: News) -> None:
        heard[news.key].append(news.version)

    await tell(teller, *told)
    await _handle_all(Consumer(hearer, {"thing.done": keep}))
    assert all(versions == list(range(1, 21)) for versions in heard.values())


async def test_two_consumers_side_by_side_handle_each_once_and_in_order(
    teller: Database, hearer: Database, open_database: Open
) -> None:
    keys = [uuid7() for _ in range(30)]
    told = [event(key, version) for version in range(1, 6) for key in keys]
    heard: dict[Any, list[int]] = {key: [] for key in keys}

    async def keep(tx: Transaction, news: News) -> None:
        heard[news.key].append(news.version)
        await count(tx, news)

    await tell(teller, *told)
    consumers = [Consumer(hearer, {"thing.done": keep}), Consumer(open_database("contracts"), {"thing.done": keep})]
    while {state for state, _attempts in await deliveries(hearer, keys)} != {"done"}:
        await asyncio.gather(*(consumer.handle_some() for consumer in consumers))
    assert await counted(hearer, *told) == [1] * len(told)
    assert all(versions == [1, 2, 3, 4, 5] for versions in heard.values())


async def test_a_failure_is_tried_again_later_and_meanwhile_the_other_subjects_go_on(
    teller: Database, hearer: Database
) -> None:
    failing, fine = uuid7(), uuid7()
    told = [event(failing, 1), event(fine, 1), event(failing, 2), event(fine, 2)]
    broken = True

    async def fail_at_first(tx: Transaction, news: News) -> None:
        if broken and news.key == failing:
            raise ValueError("not yet")
        await count(tx, news)

    await tell(teller, *told)
    consumer = Consumer(hearer, {"thing.done": fail_at_first})
    await _handle_all(consumer)
    assert await counted(hearer, *told) == [0, 1, 0, 1]
    assert await deliveries(hearer, [failing]) == [("waiting", 1), ("waiting", 0)]
    broken = False
    await _handle_all(consumer)
    assert await counted(hearer, *told) == [0, 1, 0, 1]  # its time has not come
    await asyncio.sleep(0.5)
    await _handle_all(consumer)
    assert await counted(hearer, *told) == [1, 1, 1, 1]


async def test_the_waits_between_attempts_grow(teller: Database, hearer: Database) -> None:
    told = event()
    waits = []

    async def fail(_tx: Transaction, _news: News) -> None:
        raise ValueError("never")

    await tell(teller, told)
    for _ in range(4):
        await Consumer(hearer, {"thing.done": fail}).handle_some()
        async with hearer.transaction(TELLER, "look") as tx:
            waits.append(await tx.scalar(text("SELECT extract(epoch FROM next_at - now()) FROM news.delivery")))
            await tx.execute(text("UPDATE news.delivery SET next_at = now()"))
    # Some of each wait has passed by the time it is looked at, on a busy machine more.
    for wait, whole in zip(waits, (0.4, 0.8, 1.6, 3.2), strict=True):
        assert whole / 2 < float(wait) <= whole


@pytest.mark.usefixtures("impatient")
async def test_after_twelve_attempts_it_is_a_dead_letter_that_blocks_its_own_subject_alone(
    teller: Database, hearer: Database
) -> None:
    failing, fine = uuid7(), uuid7()
    told = [event(failing, 1), event(failing, 2), event(fine, 1)]
    tried = 0

    async def fail(tx: Transaction, news: News) -> None:
        nonlocal tried
        if news.key == failing:
            tried += 1
            raise ValueError("no such thing")
        await count(tx, news)

    await tell(teller, *told)
    await _handle_all(Consumer(hearer, {"thing.done": fail}))
    assert tried == 12
    assert await deliveries(hearer, [failing]) == [("dead", 12), ("waiting", 0)]
    assert await counted(hearer, *told) == [0, 0, 1]
    async with hearer.reading(TELLER) as tx:
        assert await tx.scalar(text("SELECT fault FROM news.delivery WHERE state = 'dead'")) == (
            "ValueError: no such thing"
        )


@pytest.mark.usefixtures("impatient")
async def test_a_handler_that_wrote_and_told_before_it_failed_leaves_nothing(
    teller: Database, hearer: Database
) -> None:
    """Effect and mark are one transaction; neither its rows nor its own news outlive its failure."""
    failing, fine = uuid7(), uuid7()
    told = [event(failing), event(fine)]
    attempts = 0

    async def write_then_fail(tx: Transaction, news: News) -> None:
        nonlocal attempts
        await count(tx, news)
        tx.emit(Event("echo.done", news.key, "/echo", 1))
        if news.key == failing:
            attempts += 1
            if attempts < 3:
                raise ValueError("after writing")

    await tell(teller, *told)
    await _handle_all(Consumer(hearer, {"thing.done": write_then_fail}))
    assert attempts == 3
    assert await counted(hearer, *told) == [1, 1]
    async with hearer.reading(TELLER) as tx:
        echoes = await tx.rows(text("SELECT key FROM contracts.event"))
    assert sorted(row["key"] for row in echoes) == sorted([failing, fine])


async def test_a_consumer_that_is_stopped_in_the_middle_leaves_nothing_and_it_is_handled_again(
    teller: Database, hearer: Database
) -> None:
    told = [event() for _ in range(3)]
    reached = asyncio.Event()

    async def stick(tx: Transaction, news: News) -> None:
        await count(tx, news)
        if news.key == told[1].key:
            reached.set()
            await asyncio.sleep(60)

    await tell(teller, *told)
    task = asyncio.create_task(Consumer(hearer, {"thing.done": stick}).run())
    await asyncio.wait_for(reached.wait(), 10)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await counted(hearer, *told) == [0, 0, 0]
    await _handle_all(Consumer(hearer, {"thing.done": count}))
    assert await counted(hearer, *told) == [1, 1, 1]


CUT = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :pid")
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE usename = session_user AND datname = current_database() AND pid <> pg_backend_pid()"
)
CUT_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE usename = session_user AND datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_a_connection_that_is_cut_in_the_middle_is_no_failure_of_the_news(
    teller: Database, hearer: Database, open_database: Open
) -> None:
    """The database was away; the news did nothing wrong, so that it keeps its attempts."""
    told = [event() for _ in range(3)]
    onlooker = open_database("contracts")
    cuts = 0

    async def cut_once(tx: Transaction, news: News) -> None:
        nonlocal cuts
        await count(tx, news)
        if not cuts and news.key == told[1].key:
            cuts += 1
            pid = await tx.scalar(text("SELECT pg_backend_pid()"))
            async with onlooker.reading(TELLER) as other:
                await other.execute(CUT, {"pid": pid})
            await count(tx, news)

    await tell(teller, *told)
    async with _running(Consumer(hearer, {"thing.done": cut_once})):
        await _until_counted(onlooker, told)
    assert cuts == 1
    assert await deliveries(onlooker, (one.key for one in told)) == [("done", 0)] * 3


async def test_a_consumer_hears_again_after_all_its_connections_were_cut(
    teller: Database, hearer: Database, open_database: Open
) -> None:
    onlooker = open_database("contracts")
    first, second = event(), event()
    async with _running(Consumer(hearer, {"thing.done": count})):
        await tell(teller, first)
        await _until_counted(onlooker, [first])
        async with onlooker.reading(TELLER) as tx:
            assert (await tx.execute(CUT_OTHERS)).scalars().all()
        await tell(teller, second)
        await _until_counted(onlooker, [second])
    assert await counted(onlooker, first, second) == [1, 1]


async def test_a_consumer_takes_its_connections_with_it(
    teller: Database, hearer: Database, open_database: Open
) -> None:
    onlooker = open_database("contracts")
    told = event()
    async with _running(Consumer(hearer, {"thing.done": count})):
        await tell(teller, told)
        await _until_counted(onlooker, [told])
    await hearer.dispose()
    await _eventually(lambda: _others(onlooker), 0)


async def _others(database: Database) -> int:
    async with database.reading(TELLER) as tx:
        return int(await tx.scalar(OTHERS))


@contextlib.asynccontextmanager
async def _running(consumer: Consumer) -> AsyncIterator[None]:
    task = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _until_counted(database: Database, told: list[Event]) -> None:
    await _eventually(lambda: counted(database, *told), [1] * len(told))


async def _eventually(ask: Callable[[], Awaitable[Any]], expected: Any) -> None:
    """Asked again and again, since nothing tells this process of another connection's commit."""
    deadline = asyncio.get_running_loop().time() + 10
    while (found := await ask()) != expected:
        assert asyncio.get_running_loop().time() < deadline, found
        await asyncio.sleep(0.05)
