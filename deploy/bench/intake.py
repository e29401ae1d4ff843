"""Intake through the gateway against one connection's binary COPY of the same rows into a table made alike.

The worker sleeps while events are taken in: what is measured is the way to the commit that the answer waits for. Then
it wakes, and how long it takes to load, judge and save all of them is a figure of its own.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import asyncpg

from deploy.api_client import Api
from deploy.bench.figures import RUNS, Figure, check
from deploy.commands.demo_log import wait_for_clocks
from deploy.database_url import DatabaseUrl
from gateway.imports.batches import batches
from gateway.imports.incident_log import INCIDENT_LOG
from gateway.imports.log_file import read_events

CONNECTIONS = 2
A_CALL = 10_000
EVENTS, EVALUATIONS = 166_630, 49_836

Rows = Sequence[Sequence[Any]]
Asleep = Callable[[], AbstractContextManager[None]]


def figures(api: Api, agreement: str, log: Path, owner: DatabaseUrl, worker_asleep: Asleep) -> Iterator[Figure]:
    """agreement: what the bench's sources name. Refuses WrongResult where an event is missing on either side."""
    taken, judged, copied = [], [], []
    for run in range(1, RUNS + 1):
        source = f"bench-{run}"
        api.put(f"/api/sla/v1/sources/{source}", {"name": f"Bench {run}", "agreement": agreement})
        bodies = [batch.body() for batch in batches(read_events(log, INCIDENT_LOG), source)]
        with worker_asleep():
            seconds, sent = _taken_in(api, bodies)
            taken.append(seconds)
            copied.append(asyncio.run(_copied(owner, source)))
        began = time.perf_counter()
        wait_for_clocks(api, sent)
        judged.append(time.perf_counter() - began)
        check("evaluations saved", asyncio.run(_saved(owner, source)), EVALUATIONS)
    yield Figure("the real log's clocks: load, judge, save", "s", judged, most=20)
    rates, baseline = [EVENTS / seconds for seconds in taken], EVENTS / sorted(copied)[len(copied) // 2]
    yield Figure("intake through the gateway, 10,000 a call, two connections", "events/s", rates, baseline=baseline)
    shares = [copy / intake for copy, intake in zip(copied, taken, strict=True)]
    yield Figure("intake as a share of one connection's binary COPY", "×", shares, least=0.20, baseline=baseline)


def _taken_in(api: Api, bodies: list[bytes]) -> tuple[float, list[str]]:
    """Seconds from the first call to the last answer, and the batches."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        began = time.perf_counter()
        answers = list(pool.map(api.send_events, bodies))
        seconds = time.perf_counter() - began
    check("events accepted", sum(answer["accepted"] for answer in answers), EVENTS)
    return seconds, [answer["batch"] for answer in answers]


async def _saved(owner: DatabaseUrl, source: str) -> int:
    connection = await asyncpg.connect(owner.libpq())
    try:
        return int(await connection.fetchval("SELECT count(*) FROM sla.clock_cycle WHERE source = $1", source))
    finally:
        await connection.close()


async def _copied(owner: DatabaseUrl, source: str) -> float:
    """Seconds for COPY of what that source has sent, into an empty table, right after its intake."""
    connection = await asyncpg.connect(owner.libpq())
    try:
        columns = [row["attname"] for row in await connection.fetch(_COLUMNS)]
        names = ", ".join(f'"{column}"' for column in columns)
        question = f"SELECT {names} FROM sla.ticket_event WHERE source = $1"  # noqa: S608  # the catalogue's names
        rows = [tuple(row) for row in await connection.fetch(question, source)]
        check("rows to copy", len(rows), EVENTS)
        return await _copy(connection, columns, rows)
    finally:
        await connection.execute("DROP SCHEMA IF EXISTS bench CASCADE")
        await connection.close()


_COLUMNS = """SELECT attname FROM pg_attribute WHERE attrelid = 'sla.ticket_event'::regclass
AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"""


async def _copy(connection: Any, columns: list[str], rows: Rows) -> float:
    await _make_alike(connection)
    began = time.perf_counter()
    for first in range(0, len(rows), A_CALL):
        await connection.copy_records_to_table(
            "event", schema_name="bench", columns=columns, records=rows[first : first + A_CALL]
        )
    seconds = time.perf_counter() - began
    check("rows copied", await connection.fetchval("SELECT count(*) FROM bench.event"), len(rows))
    return seconds


async def _make_alike(connection: Any) -> None:
    """`bench.event`: logged, with the key, indexes and partitions of `sla.ticket_event`."""
    await connection.execute("DROP SCHEMA IF EXISTS bench CASCADE")
    await connection.execute("CREATE SCHEMA bench")
    key = await connection.fetchval("SELECT pg_get_partkeydef('sla.ticket_event'::regclass)")
    await connection.execute(f"CREATE TABLE bench.event (LIKE sla.ticket_event INCLUDING ALL) PARTITION BY {key}")
    for row in await connection.fetch(_PARTITIONS):
        await connection.execute(f"CREATE TABLE bench.{row['name']} PARTITION OF bench.event {row['bound']}")


_PARTITIONS = """SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'sla.ticket_event'::regclass ORDER BY 1"""
