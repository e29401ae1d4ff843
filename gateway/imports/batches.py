"""Events of a log cut into bodies that the intake takes: up to 10,000 of them, NDJSON, gzipped.

A ticket's events are not cut apart where they follow each other in the log (unless one ticket alone fills a body):
between two bodies its clock would be judged on half of its history, and a breach recorded that never was.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from gateway.imports.log_file import Event

#: What the intake takes in one call (events; bytes unpacked, with room to spare below its 16 MB).
MOST_EVENTS = 10_000
MOST_BYTES = 12 << 20


@dataclass(frozen=True)
class Batch:
    """One body. index: its place in the log, from 0, the same on every reading. lines: its events as sent."""

    index: int
    lines: tuple[bytes, ...]

    def body(self) -> bytes:
        """NDJSON under `Content-Encoding: gzip`. The lightest level: the way is short, the processor is not idle."""
        return gzip.compress(b"\n".join(self.lines), compresslevel=1, mtime=0)


def batches(events: Iterator[Event], source: str) -> Iterator[Batch]:
    """`events`, each with its `source`, in order, in as few bodies as the limits allow."""
    index = 0
    lines: list[bytes] = []
    size = 0
    for ticket in _tickets(events, source):
        weight = sum(map(len, ticket)) + len(ticket)
        if lines and (len(lines) + len(ticket) > MOST_EVENTS or size + weight > MOST_BYTES):
            yield Batch(index, tuple(lines))
            index, lines, size = index + 1, [], 0
        lines += ticket
        size += weight
    if lines:
        yield Batch(index, tuple(lines))


def _tickets(events: Iterator[Event], source: str) -> Iterator[list[bytes]]:
    """Runs of neighbouring events of one ticket, encoded; a run beyond a body's limits is cut."""
    run: list[bytes] = []
    size = 0
    ticket: object = None
    for event in events:
        line = orjson.dumps({"source": source, **event})
        full = len(run) == MOST_EVENTS or size + len(line) >= MOST_BYTES
        if run and (event["ticket"] != ticket or full):
            yield run
            run, size = [], 0
        ticket = event["ticket"]
        run.append(line)
        size += len(line) + 1
    if run:
        yield run
