"""Events as they were received, and which of them hold: corrected and withdrawn ones stand aside.

The order and the winners are those of the clock's rules 8 and 9; here they only decide what is struck through.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from web.charts.facts import Event

AN_HOUR = 3600  # later than this is late, where nothing is known of how its source usually sends


class Arrival(StrEnum):
    """How an event stands on the strip: plain, received late, or put right afterwards."""

    PLAIN = "plain"
    LATE = "late"
    FIXED = "fixed"


@dataclass(frozen=True)
class Standing:
    """An event with what became of it. set_aside_by: the event that corrects or withdraws it, else null."""

    event: Event
    late_by: int | None
    set_aside_by: str | None

    @property
    def holds(self) -> bool:
        """Whether it takes part: neither set aside nor itself a withdrawal."""
        return self.set_aside_by is None and self.event.withdraws is None


def standings(events: Iterable[Event], late_after: int = AN_HOUR) -> list[Standing]:
    """All events in their effective order. late_after: seconds after which an arrival is late."""
    known = list(events)
    withdrawn = {e.withdraws: e.event_id for e in known if e.withdraws}
    winners: dict[str, Event] = {}
    for event in known:
        if event.corrects and (event.corrects not in winners or _rank(event) > _rank(winners[event.corrects])):
            winners[event.corrects] = event

    def set_aside_by(event: Event) -> str | None:
        named = event.corrects or event.event_id
        if event.withdraws:
            return None
        if named in withdrawn:
            return withdrawn[named]
        winner = winners.get(named)
        return None if winner is None or winner is event else winner.event_id

    ordered = sorted(known, key=lambda e: (e.occurred_at, e.sequence is None, e.sequence or 0, e.event_id.encode()))
    return [Standing(e, _late_by(e, late_after), set_aside_by(e)) for e in ordered]


def arrivals(events: Iterable[Event], late_after: int = AN_HOUR) -> list[tuple[int, Arrival]]:
    """Where the strip has its dots: each event that holds, and each place that a withdrawal emptied."""
    found: list[tuple[int, Arrival]] = []
    every = standings(events, late_after)
    withdrawals = {s.event.event_id for s in every if s.event.withdraws}
    for standing in every:
        event = standing.event
        if (standing.set_aside_by in withdrawals and event.corrects is None) or (standing.holds and event.corrects):
            found.append((event.occurred_at, Arrival.FIXED))
        elif standing.holds:
            found.append((event.occurred_at, Arrival.PLAIN if standing.late_by is None else Arrival.LATE))
    return found


def _rank(event: Event) -> tuple[bool, int, bytes]:
    return event.sequence is None, event.sequence or 0, event.event_id.encode()


def _late_by(event: Event, late_after: int) -> int | None:
    if event.received_at is None:
        return None
    delay = event.received_at - event.occurred_at
    return delay if delay > late_after else None
