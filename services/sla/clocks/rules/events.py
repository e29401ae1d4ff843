"""The events of a ticket: corrections and withdrawals resolved, in the one order that judges.

Source: SLA semantics, rules 7 to 11.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from services.sla.agreements.rules.conditions import Attributes, Value


class Event(msgspec.Struct, frozen=True, gc=False):
    """What a source said about one ticket. The attributes are a patch: absent is unchanged, None is removed.

    at, fraction: the instant in whole seconds since 1970 (UTC) and its microseconds, which only order.
    received_at: when it came here, in whole seconds since 1970; no clock looks at it.
    """

    event_id: str
    at: int
    attributes: Mapping[str, Value | None]
    fraction: int = 0
    sequence: int | None = None
    type: str = ""
    agreement: str | None = None
    actor: str | None = None
    corrects: str | None = None
    withdraws: str | None = None
    received_at: int | None = None


def effective_events(events: Iterable[Event]) -> list[Event]:
    """The events that count, in the order of rule 9, whatever their order of arrival.

    A correction takes its original's place whole; of several the one with the greatest (sequence, event_id) holds; a
    withdrawal beats them all. Corrections and withdrawals that name no original (yet), or no original at all, have no
    effect. Of events with the same id the first given counts: the intake takes no two that differ.
    """
    known: dict[str, Event] = {}
    amended = False
    for event in events:
        if event.event_id not in known:
            known[event.event_id] = event
            amended = amended or event.corrects is not None or event.withdraws is not None
    effective = _amended(known) if amended else list(known.values())
    effective.sort(key=order)
    return effective


def order(event: Event) -> tuple[int, int, bool, int, str]:
    """Instant, whether the sequence is missing, sequence, id. Python sorts texts as their UTF-8 bytes would sort."""
    sequence = event.sequence
    if sequence is None:
        return event.at, event.fraction, True, 0, event.event_id
    return event.at, event.fraction, False, sequence, event.event_id


def seen_at(effective: Sequence[Event], at: int, fraction: int = 0) -> list[Event]:
    """Those of the ordered effective events that have an effect at the instant of looking."""
    return [event for event in effective if (event.at, event.fraction) <= (at, fraction)]


def next_effect(effective: Sequence[Event], at: int, fraction: int = 0) -> int | None:
    """The first whole second at which one more event has an effect; None where no event lies ahead."""
    ahead = [event.at + (event.fraction > 0) for event in effective if (event.at, event.fraction) > (at, fraction)]
    return min(ahead, default=None)


def named_agreement(seen: Iterable[Event]) -> str | None:
    """The agreement of the ticket: the one named by the first effective event that names one; None: its source's."""
    return next((event.agreement for event in seen if event.agreement is not None), None)


def attributes_after(seen: Iterable[Event]) -> Attributes:
    """The ticket's attributes after all these events."""
    attributes: dict[str, Value] = {}
    for event in seen:
        for name, value in event.attributes.items():
            if value is None:
                attributes.pop(name, None)
            else:
                attributes[name] = value
    return attributes


def _amended(known: Mapping[str, Event]) -> list[Event]:
    """The originals, corrected, without those withdrawn."""
    originals = {
        event_id: event for event_id, event in known.items() if event.corrects is None and event.withdraws is None
    }
    holding: dict[str, Event] = {}
    for event in known.values():
        if event.withdraws is None and event.corrects in originals:
            former = holding.get(event.corrects)
            if former is None or _strength(event) > _strength(former):
                holding[event.corrects] = event
    withdrawn = {event.withdraws for event in known.values() if event.withdraws is not None}
    return [holding.get(event_id, event) for event_id, event in originals.items() if event_id not in withdrawn]


def _strength(correction: Event) -> tuple[bool, int, str]:
    """A missing sequence is the greatest."""
    return correction.sequence is None, correction.sequence or 0, correction.event_id
