"""The intake: judged line by line, stored once, answered after the commit."""

import asyncio
import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.factories import ok
from tests.house import House
from tests.sla.desk import SLA, Desk, ago

NDJSON = {"Content-Type": "application/x-ndjson"}
AT = "2026-03-01T09:00:00+08:00"


def lines_of(answer: dict[str, Any]) -> list[tuple[int, str]]:
    """Line and code of what was refused, or the status."""
    return [(line["line"], line.get("code", line["status"])) for line in answer["lines"]]


async def test_an_event_is_taken_once_however_often_it_is_sent(desk: Desk) -> None:
    event = desk.event("T1", "1", AT, state="New", n=1, flag=True)
    first = await desk.send(event, event)
    assert (first["accepted"], first["duplicates"], first["rejected"]) == (1, 1, 0)
    again = await desk.send(event | {"attributes": {"flag": True, "state": "New", "n": 1.0}})
    assert (again["accepted"], lines_of(again)) == (0, [(1, "duplicate")])


async def test_other_content_under_a_known_id_is_refused(desk: Desk) -> None:
    await desk.send(desk.event("T1", "1", AT, state="New", n=1))
    for other in (
        desk.event("T1", "1", AT, state="Old", n=1),
        desk.event("T1", "1", AT, state="New", n=True),
        desk.event("T1", "1", "2026-03-01T09:00:00.000001+08:00", state="New", n=1),
        desk.event("T1", "1", AT, state="New", n=1, type="opened"),
        desk.event("T1", "1", AT, state="New", n=1, agreement=desk.agreement["number"]),
    ):
        assert lines_of(await desk.send(other)) == [(1, "id_conflict")]
    assert (await desk.send(desk.event("T2", "1", AT, state="Old")))["accepted"] == 1


async def test_two_ways_to_write_an_instant_are_one_and_digits_beyond_six_are_cut(desk: Desk) -> None:
    await desk.send(desk.event("T1", "1", "2026-03-01T09:00:00.1234569+08:00", state="New"))
    again = await desk.send(desk.event("T1", "1", "2026-03-01T01:00:00.123456Z", state="New"))
    assert again["duplicates"] == 1


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"occurred_at": "2026-03-01T09:00:00"}, "time_without_zone", "/occurred_at"),
        ({"occurred_at": "2026-03-01 09:00"}, "bad_type", "/occurred_at"),
        ({"occurred_at": "2026-02-30T09:00:00Z"}, "bad_type", "/occurred_at"),
        ({"occurred_at": 1459}, "bad_type", "/occurred_at"),
        ({"occurred_at": "1969-12-31T23:59:59.9Z"}, "time_out_of_range", "/occurred_at"),
        ({"occurred_at": "2200-01-01T00:00:00Z"}, "time_out_of_range", "/occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-10:00"}, "time_out_of_range", "/occurred_at"),
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"event_id": None}, "missing_field", "/event_id"),
        ({"ticket": ""}, "missing_field", "/ticket"),
        ({"ticket": "a" * 201}, "too_long", "/ticket"),
        ({"ticket": "a\tb"}, "bad_type", "/ticket"),
        ({"type": 7}, "bad_type", "/type"),
        ({"sequence": 1.5}, "bad_type", "/sequence"),
        ({"sequence": True}, "bad_type", "/sequence"),
        ({"sequence": 10**30}, "bad_type", "/sequence"),
        ({"attributes": []}, "bad_type", "/attributes"),
        ({"attributes": {"a/b": [1]}}, "bad_type", "/attributes/a~1b"),
        ({"attributes": {"a": "x" * 1001}}, "too_long", "/attributes/a"),
        ({"attributes": {str(n): n for n in range(65)}}, "too_long", "/attributes"),
        ({"source": "nobody"}, "unknown_source", "/source"),
        ({"agreement": "SLA-1999-000001"}, "unknown_agreement", "/agreement"),
        ({"corrects": "1", "withdraws": "1"}, "bad_type", "/withdraws"),
    ],
)  # fmt: skip
async def test_a_line_that_is_not_right_is_named_with_its_place(
    desk: Desk, change: dict[str, Any], code: str, at: str
) -> None:
    good = desk.event("T1", "good", AT, state="New")
    answer = await desk.send(good | {"event_id": "bad"} | change, good)
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    refused = answer["lines"][0]
    assert (refused["line"], refused["code"], refused["at"]) == (1, code, at)
    assert refused["what"]
    assert refused["how"]


async def test_a_broken_line_stops_no_other_and_lines_count_as_they_stand(desk: Desk) -> None:
    good = [json.dumps(desk.event("T1", str(n), AT, state="New")).encode() for n in range(2)]
    body = b"\n".join([good[0], b"", b'{"source": ', b"\xff", b"[1]", good[1], b""])
    answer = ok(await desk.manager.post(f"{SLA}/events", content=gzip.compress(body),
                                        headers=NDJSON | {"Content-Encoding": "gzip"}))  # fmt: skip
    assert lines_of(answer) == [(3, "bad_json"), (4, "bad_json"), (5, "bad_type")]
    assert answer["accepted"] == 2


async def test_a_body_that_cannot_be_read_is_refused_whole(desk: Desk) -> None:
    async def status(content: bytes, **headers: str) -> int:
        sent = {"Content-Type": "application/json"} | headers
        return (await desk.manager.post(f"{SLA}/events", content=content, headers=sent)).status_code

    assert await status(b'{"source": "x"}') == 400
    assert await status(b"[1, 2") == 400
    assert await status(b"[]", **{"Content-Encoding": "gzip"}) == 400
    assert await status(gzip.compress(b"[]")[:-4], **{"Content-Encoding": "gzip"}) == 400
    assert await status(b"a,b", **{"Content-Type": "text/csv"}) == 415
    assert await status(b"[]", **{"Content-Encoding": "br"}) == 415
    assert await status(b"[]") == 200


async def test_what_is_nested_too_deeply_is_no_json(desk: Desk) -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    answer = await desk.manager.post(f"{SLA}/events", content=deep, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    good = json.dumps(desk.event("T1", "1", AT, state="New")).encode()
    line = good.replace(b'{"state": "New"}', deep)
    assert line != good
    answer = await desk.manager.post(f"{SLA}/events", content=line + b"\n" + good, headers=NDJSON)
    assert (lines_of(ok(answer)), ok(answer)["accepted"]) == ([(1, "bad_json")], 1)


async def test_too_many_events_and_a_zip_bomb_are_too_large(desk: Desk) -> None:
    bomb = gzip.compress(b" " * 200_000_000, 9)
    answer = await desk.manager.post(f"{SLA}/events", content=bomb, headers=NDJSON | {"Content-Encoding": "gzip"})
    assert answer.status_code == 413
    many = b"\n".join([b"{}"] * 10_001)
    assert (await desk.manager.post(f"{SLA}/events", content=many, headers=NDJSON)).status_code == 413


async def test_a_correction_of_a_correction_is_refused_but_known_ones_are_duplicates(desk: Desk) -> None:
    waiting = desk.event("T1", "c2", AT, state="Old", corrects="c1")
    original, correction = (
        desk.event("T1", "e1", AT, state="New"),
        desk.event("T1", "c1", AT, state="Old", corrects="e1"),
    )
    # c2 names an event that has not come yet: it waits. When c1 turns out to be a correction, c2 has no effect.
    assert (await desk.send(waiting))["accepted"] == 1
    assert (await desk.send(original, correction))["accepted"] == 2
    assert (await desk.send(waiting))["duplicates"] == 1
    late = [desk.event("T1", "c3", AT, corrects="c1"), desk.event("T1", "w1", AT, withdraws="c1")]
    assert lines_of(await desk.send(*late)) == [(1, "correction_of_correction"), (2, "correction_of_correction")]


async def test_an_event_in_the_far_future_is_taken_and_flagged(desk: Desk) -> None:
    answer = await desk.send(desk.event("T1", "1", ago(hours=-25), state="New"),
                             desk.event("T1", "2", ago(hours=-23), state="New"))  # fmt: skip
    assert answer["accepted"] == 2
    assert answer["lines"] == [{"line": 1, "event_id": "1", "status": "accepted", "flags": ["future"]}]


async def test_an_event_without_any_agreement_has_no_place(house: House, desk: Desk) -> None:
    source = desk.source + "-x"
    ok(await desk.manager.put(f"{SLA}/sources/{source}", json={"name": "ohne"}), 201)
    without = desk.event("T1", "1", AT, state="New") | {"source": source}
    answer = await desk.send(without, without | {"event_id": "2", "agreement": desk.agreement["id"]})
    assert lines_of(answer) == [(1, "no_agreement")]
    assert answer["accepted"] == 1


async def test_of_two_calls_at_once_with_the_same_events_one_has_duplicates(desk: Desk) -> None:
    events = [desk.event(f"T{n}", "1", AT, state="New") for n in range(300)]
    answers = await asyncio.gather(desk.send(*events, wait=False), desk.send(*reversed(events), wait=False))
    assert sum(answer["accepted"] for answer in answers) == 300
    assert sum(answer["duplicates"] for answer in answers) == 300
    assert sum(answer["rejected"] for answer in answers) == 0


async def test_a_source_counts_what_came_and_what_was_refused(desk: Desk) -> None:
    await desk.send(desk.event("T1", "1", AT, state="New"), desk.event("T1", "2", "gestern"))
    source = ok(await desk.manager.get(f"{SLA}/sources/{desk.source}"))
    assert (source["events"], source["rejected_24h"], source["agreement"]) == (1, 1, desk.agreement["number"])
    assert source["last_received_at"] is not None


async def test_a_key_that_may_only_send_reads_its_own_batches_and_nothing_else(house: House, desk: Desk) -> None:
    async with (
        house.client("sla", None, scopes=["sla:intake"], name="feeder") as feeder,
        house.client("sla", None, scopes=["sla:intake"], name="other feeder") as other,
        house.client("sla", None, scopes=["contracts:read"], name="stranger") as stranger,
    ):
        answer = ok(await feeder.post(f"{SLA}/events", json=[desk.event("T1", "1", AT, state="New")]))
        path = f"{SLA}/batches/{answer['batch']}"
        batch = ok(await feeder.get(path, params={"wait": 20}))
        assert (batch["state"], batch["accepted"], batch["tickets"]) == ("evaluated", 1, 1)
        assert (await other.get(path)).status_code == 404
        assert (await stranger.get(path)).status_code == 403
        assert (await feeder.get(f"{SLA}/sources/{desk.source}")).status_code == 403
        assert (await stranger.post(f"{SLA}/events", json=[])).status_code == 403


async def test_the_answer_is_in_the_reader_s_language(desk: Desk) -> None:
    body = [desk.event("T1", "1", "2026-03-01T09:00:00")]
    for language, words in (("zh-CN", "时区"), ("en", "time zone")):
        answer = await desk.manager.post(f"{SLA}/events", json=body, headers={"Accept-Language": language})
        assert words in ok(answer)["lines"][0]["what"]


async def test_a_key_that_is_bound_to_a_source_speaks_for_no_other(house: House, desk: Desk) -> None:
    key = replace(house.actor(None, scopes=["sla:intake"], name="bound"), sources=frozenset({"elsewhere"}))
    async with house.client_of("sla", key) as bound:
        answer = ok(await bound.post(f"{SLA}/events", json=[desk.event("T1", "1", AT, state="New")]))
    assert lines_of(answer) == [(1, "not_allowed")]
