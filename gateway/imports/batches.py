"""Events of a log cut into bodies that the intake takes: up to 10,000 of them, NDJSON, gzipped.

A ticket's events are not cut apart where they follow each other in the log (unless one ticket alone fills a body):
between two bodies its clock would be judged on half of its history, and a breach recorded that never was.
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from gateway.imports.log_file import Event

#: What the intake takes in one call (events; bytes unpacked, with room to spare below its 16 MB).
MOST_EVENTS = 10_000
MOST_BYTES = 12 << 20
IN_FLIGHT = 2
"""Bodies on the way at a time."""


@dataclass(frozen=True)
class Batch:
    """One body. index: its place in the log, from 0, the same on every reading. lines: its events as sent."""

    index: int
    lines: tuple[bytes, ...]

    def body(self) -> bytes:
        """NDJSON under `Content-Encoding: gzip`. The lightest level: the way is short, the processor is not idle."""
        return gzip.compress(b"\n".join(self.lines), compresslevel=1, mtime=0)


@dataclass(frozen=True)
class Sent:
    """What the intake answered for one body. tickets of it are not known here: clocks are computed later."""

    batch: str
    accepted: int
    duplicates: int
    rejected: int

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """Out of the intake's answer."""
        return cls(answer["batch"], answer["accepted"], answer["duplicates"], answer["rejected"])


@dataclass(kw_only=True)
class Tally:
    """How far a log is. share: of its bytes read, 0 to 1. batches: what the intake has taken."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    share: float = 0.0
    batches: list[str] = field(default_factory=list)

    def add(self, sent: Sent) -> None:
        """One body more."""
        self.accepted += sent.accepted
        self.duplicates += sent.duplicates
        self.rejected += sent.rejected
        if sent.batch not in self.batches:
            self.batches.append(sent.batch)


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
