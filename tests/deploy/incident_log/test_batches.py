"""A log's events as bodies of the intake: within its limits, tickets whole, the same on every reading."""

import gzip
import json

import pytest

from gateway.imports import batches as cut
from gateway.imports.batches import batches
from gateway.imports.log_file import Event


def history(ticket: str, length: int) -> list[Event]:
    return [{"ticket": ticket, "event_id": f"{ticket}:{i}", "type": "updated"} for i in range(length)]


def test_a_body_is_gzipped_ndjson_and_each_event_names_its_source() -> None:
    (batch,) = batches(iter(history("a", 2)), "servicedesk")
    assert [json.loads(line) for line in gzip.decompress(batch.body()).splitlines()] == [
        {"source": "servicedesk", "ticket": "a", "event_id": "a:0", "type": "updated"},
        {"source": "servicedesk", "ticket": "a", "event_id": "a:1", "type": "updated"},
    ]


def test_a_ticket_is_not_cut_apart_while_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "MOST_EVENTS", 5)
    events = history("a", 3) + history("b", 3) + history("c", 2) + history("d", 1)
    found = [[json.loads(line)["ticket"] for line in batch.lines] for batch in batches(iter(events), "s")]
    assert found == [["a"] * 3, ["b"] * 3 + ["c"] * 2, ["d"]]


def test_a_ticket_longer_than_a_body_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "MOST_EVENTS", 4)
    found = [len(batch.lines) for batch in batches(iter(history("a", 10) + history("b", 2)), "s")]
    assert found == [4, 4, 4]


def test_a_body_stays_below_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "MOST_BYTES", 400)
    events = [event for name in "abcdefgh" for event in history(name, 1)]
    bodies = [b"\n".join(batch.lines) for batch in batches(iter(events), "s")]
    assert len(bodies) > 1
    assert all(len(body) <= 400 for body in bodies)


def test_every_reading_cuts_the_same_bodies() -> None:
    events = [event for i in range(3000) for event in history(str(i), 7)]
    first, again = (list(batches(iter(events), "s")) for _ in range(2))
    assert first == again
    assert [batch.index for batch in first] == [0, 1, 2]
    assert first[0].body() == again[0].body()
