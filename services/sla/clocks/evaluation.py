"""Evaluation: events fold, folds are measured, and what differs from before is written and told. One transaction.

Source: SLA semantics, rules 10, 11, 19, 20 and 22.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.kernel.database import Database, Transaction
from services.sla.agreements.queries import Judging
from services.sla.calendars.queries import StoredCalendar
from services.sla.clocks import loading, saving
from services.sla.clocks.changes import Changes, compare
from services.sla.clocks.claims import Claim, Held, Key
from services.sla.clocks.loading import Arrival, Known
from services.sla.clocks.rules import (
    Cycle,
    Event,
    FoldedTarget,
    decode,
    effective_events,
    encode,
    fold,
    measure_many,
    named_agreement,
    next_transition,
    seen_at,
)


@dataclass(slots=True)
class Evaluated:
    """One ticket, judged. arrivals: its events as received; None where it was measured from its fold.

    of_source: its source's agreement, where its events were read. judging: None where no agreement judges it.
    cycles: of each target of the fold.
    """

    held: Held
    arrivals: list[Arrival] | None
    arrived: frozenset[int]
    swept_at: int | None
    effective: list[Event] = field(default_factory=list)
    agreement_id: UUID | None = None
    of_source: UUID | None = None
    judging: Judging | None = None
    folded: tuple[FoldedTarget, ...] = ()
    fold: bytes = b""
    cycles: dict[str, list[Cycle]] = field(default_factory=dict)
    next_transition: int | None = None


async def evaluate(db: Database, tx: Transaction, claim: Claim, now: datetime) -> int:
    """Judge the tickets of a claim as of now, save and tell what has changed; how many they were."""
    as_of, fraction = int(now.timestamp()), now.microsecond
    tickets = await _read(tx, claim, as_of)
    await _assign(tx, tickets, as_of, fraction)
    judging, calendars = await loading.judged_by(tx, {one.agreement_id for one in tickets if one.agreement_id})
    for one in tickets:
        one.judging = judging.get(one.agreement_id) if one.agreement_id else None
        if one.arrivals is not None:
            one.folded = () if one.judging is None else fold(one.effective, one.judging.agreement, as_of, fraction)
            one.fold = encode(one.folded)
    _measure(tickets, calendars, as_of)
    known = await loading.known(tx, [one.held.key for one in tickets if one.held.evaluated_at is not None])
    versions = {code: stored.version for code, stored in calendars.items()}
    plain = {code: stored.calendar for code, stored in calendars.items()}
    changes = Changes(as_of)
    for one in tickets:
        compare(one, known.get(one.held.key, Known()), changes, versions, plain)
    await saving.save(db, tx, tickets, changes, now)
    return len(tickets)


async def _read(tx: Transaction, claim: Claim, as_of: int) -> list[Evaluated]:
    """Folds are used as they are, unless events have come, a known one takes effect, or the agreement has changed."""
    tickets: list[Evaluated] = []
    for held in claim.held:
        arrived = claim.arrived.get(held.key, frozenset())
        one = Evaluated(held, None, arrived, claim.swept_at, agreement_id=held.agreement_id)
        if held.fold is not None and not arrived and not claim.refold:
            one.folded, one.fold = decode(held.fold), held.fold
        if not one.folded or any(f.next_event_at is not None and f.next_event_at <= as_of for f in one.folded):
            one.arrivals = []
        tickets.append(one)
    wanted = [one.held.key for one in tickets if one.arrivals is not None]
    found = await loading.events(tx, wanted)
    for one in tickets:
        if one.arrivals is not None:
            one.arrivals = found[one.held.key]
            one.effective = effective_events(arrival.event for arrival in one.arrivals)
    return tickets


async def _assign(tx: Transaction, tickets: Sequence[Evaluated], as_of: int, fraction: int) -> None:
    """Each ticket's agreement: the first that its events name, else its source's."""
    read = [one for one in tickets if one.arrivals is not None]
    by_source = await loading.sources(tx, {one.held.key[0] for one in read})
    ids: dict[str, UUID] = {}
    for one in read:
        named = named_agreement(seen_at(one.effective, as_of, fraction))
        one.of_source = by_source.get(one.held.key[0])
        if named is None:
            one.agreement_id = one.of_source
        else:
            one.agreement_id = ids.get(named) or ids.setdefault(named, UUID(named))


def _measure(tickets: Sequence[Evaluated], calendars: Mapping[str, StoredCalendar], as_of: int) -> None:
    plain = {code: stored.calendar for code, stored in calendars.items()}
    folds = [folded for one in tickets for folded in one.folded]
    measured = iter(measure_many(folds, plain, as_of))
    for one in tickets:
        ahead = []
        for folded in one.folded:
            cycles = one.cycles[folded.target] = next(measured)
            following = next_transition(folded, cycles, as_of)
            if following is not None:
                ahead.append(following)
        one.next_transition = min(ahead, default=None)


__all__ = ["Evaluated", "Key", "evaluate"]
