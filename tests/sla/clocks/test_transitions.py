"""What a clock tells the world, once, and which event is to blame when it changes its mind."""

from collections.abc import Sequence

from services.sla.agreements.rules import Agreement
from services.sla.clocks.rules import (
    BreachChange,
    BreachState,
    Cycle,
    Event,
    Transition,
    breach_changes,
    causing_event,
    effective_events,
    fold,
    is_sent,
    made_known_at,
    measure,
    transitions,
)
from tests.sla.clocks import scenarios

TARGET = {
    "key": "resolution",
    "calendar": "utc-office",
    "conditions": {
        "start": {"field": "state", "op": "set"},
        "stop": {"field": "state", "op": "eq", "value": "Resolved"},
    },
    "goals": [{"seconds": 14400}],
    "on_reopen": "continue",
    "warn_at": [75, 90],
}
DAY = 86_400


def agreement() -> Agreement:
    return scenarios.agreement(None, [TARGET])


def at(text: str) -> int:
    return scenarios.instant(text)[0]


def event(event_id: str, when: str, received: str | None = None, **other: str) -> Event:
    state = {"state": other.pop("state")} if "state" in other else {}
    return Event(
        event_id=event_id,
        at=at(when),
        attributes=state,
        received_at=None if received is None else at(received),
        corrects=other.get("corrects"),
        withdraws=other.get("withdraws"),
    )


def cycles(events: Sequence[Event], as_of: str) -> list[Cycle]:
    (folded,) = fold(effective_events(events), agreement(), at(as_of))
    return measure(folded, scenarios.calendars(), at(as_of))


OPENED = event("e1", "2026-03-02T09:00:00Z", "2026-03-02T09:00:01Z", state="New")
STOPPED = event("e2", "2026-03-02T15:00:00Z", "2026-03-02T15:00:01Z", state="Resolved")
EARLIER = event("c1", "2026-03-02T12:00:00Z", "2026-03-05T08:00:00Z", state="Resolved", corrects="e2")
NOON = "2026-03-05T12:00:00Z"


def test_what_has_happened_is_listed_with_its_true_instants_and_what_lies_ahead_is_not() -> None:
    assert transitions("resolution", cycles([OPENED], "2026-03-02T12:30:00Z"), at("2026-03-02T12:30:00Z")) == [
        Transition("resolution", 1, "at_risk:75", at("2026-03-02T12:00:00Z"))
    ]
    found = transitions("resolution", cycles([OPENED], NOON), at(NOON))
    assert [(one.name, one.percent, scenarios.shown(one.at)) for one in found] == [
        ("at_risk:75", 75, "2026-03-02T12:00:00Z"),
        ("at_risk:90", 90, "2026-03-02T12:36:00Z"),
        ("breach", None, "2026-03-02T13:00:00Z"),
    ]


def test_a_late_correction_withdraws_a_breach_and_another_look_brings_it_back() -> None:
    breached, met = cycles([OPENED, STOPPED], NOON), cycles([OPENED, STOPPED, EARLIER], NOON)
    instant = at("2026-03-02T13:00:00Z")
    key = ("resolution", 1)
    assert breach_changes({}, {"resolution": breached}) == [BreachChange(*key, BreachState.STANDING, instant)]
    assert breach_changes({key: instant}, {"resolution": breached}) == []
    assert breach_changes({key: instant}, {"resolution": met}) == [BreachChange(*key, BreachState.WITHDRAWN, instant)]
    assert breach_changes({key: instant - 60}, {"resolution": breached}) == [
        BreachChange(*key, BreachState.STANDING, instant)
    ]


def test_the_event_that_changed_the_outcome_is_named_among_those_that_arrived_together() -> None:
    comment = event("e3", "2026-03-02T16:00:00Z")

    def breach(events: list[Event]) -> int | None:
        return cycles(events, NOON)[0].breached_at

    found = causing_event([OPENED, STOPPED], [comment, EARLIER], breach)
    assert found is not None
    assert found.event_id == "c1"
    assert causing_event([OPENED, STOPPED], [comment], breach) is None


def test_a_transition_is_made_known_by_the_first_arrival_from_which_on_it_happens() -> None:
    comment = event("e3", "2026-03-02T16:00:00Z", "2026-03-06T09:00:00Z")

    def breached(events: list[Event]) -> bool:
        return any(cycle.breached_at is not None for cycle in cycles(events, NOON))

    assert made_known_at([OPENED, comment], breached) == at("2026-03-02T09:00:01Z")
    late = event("w1", "2026-03-02T17:00:00Z", "2026-03-07T09:00:00Z", withdraws="c1")
    reopened = event("w2", "2026-03-02T17:00:00Z", "2026-03-07T10:00:00Z", withdraws="e2")
    assert made_known_at([OPENED, STOPPED, EARLIER, late, reopened], breached) == at("2026-03-07T10:00:00Z")


def test_what_lay_more_than_a_day_back_when_it_was_made_known_is_sent_to_nobody() -> None:
    assert is_sent(1_000_000, 1_000_000 + DAY)
    assert not is_sent(1_000_000, 1_000_000 + DAY + 1)
