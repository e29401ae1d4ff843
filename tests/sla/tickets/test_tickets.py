"""A ticket's clocks, read over HTTP: every second of them, as of any instant, and tried before they are agreed."""

from collections.abc import AsyncIterator

import pytest

from tests.factories import Make, ok, resolution
from tests.house import House
from tests.sla.desk import AGREEMENTS, OFFICE, TICKETS, Desk, open_desk, story


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    """Its tickets are read as their events are, whether or not a worker has been there."""
    async with open_desk(house, worker=False, **OFFICE) as desk:
        yield desk


WAITED = (
    ("2026-03-02T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-03-02T11:00:00+08:00", "waiting", {"state": "Waiting"}),
    ("2026-03-02T15:00:00+08:00", "resumed", {"state": "Active"}),
    ("2026-03-03T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)


async def test_every_second_of_a_cycle_is_in_its_ledger(desk: Desk) -> None:
    """Nine hours of office time is the goal; two hours, three and one were worked, four were waited."""
    await desk.send(*desk.story("T1", *WAITED))
    found = await desk.ticket("T1", include="ledger,events")
    (clock,) = found["clocks"]
    (cycle,) = clock["cycles"]
    assert (cycle["state"], cycle["elapsed_seconds"], cycle["paused_seconds"]) == ("met", 6 * 3600, 4 * 3600)
    assert cycle["judged_by"] == {"agreement_version": 1, "calendar": "cn-office", "calendar_version": 1}
    rows = cycle["ledger"]["rows"]
    assert sum(row["seconds"] for row in rows) == cycle["ledger"]["wall_seconds"] == 25 * 3600
    assert [row["kind"] for row in rows] == ["working", "paused", "working", "closed", "closed", "working"]
    assert (rows[1]["reason"], rows[1]["event_id"], rows[1]["actor"]) == ("Waiting", "T1-2", "陈浩")
    assert [event["event_id"] for event in found["events"]] == ["T1-1", "T1-2", "T1-3", "T1-4"]
    assert found["events"][0]["occurred_at"] == "2026-03-02T01:00:00Z"


async def test_a_ticket_is_read_as_of_an_earlier_instant(desk: Desk) -> None:
    await desk.send(*desk.story("T2", *WAITED))
    found = await desk.ticket("T2", as_of="2026-03-02T12:00:00+08:00")
    (cycle,) = found["clocks"][0]["cycles"]
    assert (cycle["state"], cycle["due_at"], cycle["remaining_seconds"]) == ("paused", None, 7 * 3600)
    assert found["attributes"] == {"state": "Waiting"}


async def test_a_correction_takes_the_originals_place_and_both_are_shown(desk: Desk) -> None:
    await desk.send(*desk.story("T3", *WAITED))
    mended = desk.story("T3", ("2026-03-02T14:00:00+08:00", "resumed", {"state": "Active"}), corrects="T3-3")
    await desk.send(mended[0] | {"event_id": "T3-9", "sequence": 9})
    found = await desk.ticket("T3", include="events")
    (cycle,) = found["clocks"][0]["cycles"]
    assert cycle["elapsed_seconds"] == 7 * 3600
    replaced = {event["event_id"]: event["replaced_by"] for event in found["events"]}
    assert (replaced["T3-3"], replaced["T3-9"]) == ("T3-9", None)


async def test_a_slash_in_a_tickets_id_stays_in_it(desk: Desk) -> None:
    await desk.send(*desk.story("A/B", *WAITED))
    assert (await desk.ticket("A%2FB"))["ticket"] == "A/B"


async def test_why_there_is_no_clock_is_said_for_each_event(desk: Desk) -> None:
    await desk.send(*desk.story("T4", ("2026-03-02T09:00:00+08:00", "noted", {"priority": "1"})))
    found = await desk.ticket("T4", include="why")
    (clock,) = found["clocks"]
    assert clock["cycles"] == []
    (step,) = clock["why"]
    assert (step["event_id"], step["hindered_by"], step["conditions"]["start"]) == ("T4-1", ["start"], False)


async def test_other_targets_are_tried_on_a_stored_ticket_and_nothing_is_stored(desk: Desk) -> None:
    await desk.send(*desk.story("T5", *WAITED))
    tighter = resolution(goals=[{"seconds": 3600}])
    async with desk.house.client("sla", "auditor") as auditor:
        body = {"ticket": {"source": desk.source, "ticket": "T5"}, "targets": [tighter]}
        tried = ok(await auditor.post(f"{AGREEMENTS}/{desk.agreement['id']}/try", json=body))
        other = body | {"agreement": {"title": "another"}}
        refused = ok(await auditor.post(f"{AGREEMENTS}/{desk.agreement['id']}/try", json=other), 422)
        assert [(error["code"], error["at"]) for error in refused["errors"]] == [("unknown_field", "/agreement")]
        (cycle,) = tried["clocks"][0]["cycles"]
        assert (cycle["state"], cycle["breached_at"]) == ("breached", "2026-03-02T02:00:00Z")
    (kept,) = (await desk.ticket("T5"))["clocks"][0]["cycles"]
    assert kept["state"] == "met"


async def test_an_agreement_that_is_not_stored_is_tried_on_events(desk: Desk) -> None:
    agreement = {k: v for k, v in Make(desk.house).agreement_body({"number": "HT-0"}).items() if k != "contract"}
    async with desk.house.client("sla", "auditor") as auditor:
        events = story("any", "X", *WAITED)
        tried = ok(await auditor.post(f"{AGREEMENTS}/try", json={"events": events, "agreement": agreement}))
        assert tried["clocks"][0]["cycles"][0]["state"] == "met"
        wrong = await auditor.post(
            f"{AGREEMENTS}/try", json={"events": [events[0] | {"occurred_at": "yesterday"}], "agreement": agreement}
        )
        assert ok(wrong, 422)["errors"][0]["at"] == "/events/0/occurred_at"
        neither = ok(await auditor.post(f"{AGREEMENTS}/try", json={"agreement": agreement}), 422)
        assert neither["errors"][0]["at"] == "/ticket"


async def test_a_ticket_nobody_heard_of_is_not_found(desk: Desk) -> None:
    async with desk.house.client("sla", "auditor") as auditor:
        assert (await auditor.get(f"{TICKETS}/{desk.source}/none")).status_code == 404


@pytest.mark.parametrize("as_of", ["9999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
async def test_a_ticket_is_read_as_of_an_instant_in_which_events_may_lie(desk: Desk, as_of: str) -> None:
    async with desk.house.client("sla", "service_manager") as manager:
        asked = {"as_of": as_of, "include": "ledger"}
        problem = ok(await manager.get(f"{TICKETS}/{desk.source}/T9", params=asked), 422)
    assert [(e["code"], e["at"]) for e in problem["errors"]] == [("time_out_of_range", "?as_of")]
