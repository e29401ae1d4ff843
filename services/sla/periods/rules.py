"""A month is judged: which cycles count, the attainment of each target, its tier, and whether a later look differs.

Instants: whole seconds since 1970 (UTC). Source: SLA semantics, rules 23 and 24.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from services.sla.agreements.rules import Agreement, Target, Tier, local_midnight
from services.sla.calendars.rules import zone as zone_of
from services.sla.clocks.rules import Calendars, Cycle, FoldedTarget, Mode, State, cut, measure_many

PLACES = 6
_PERIOD = re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])")


class NoPeriod(ValueError):
    """Not a month as 2016-03."""


class Outcome(StrEnum):
    """What a cycle is in a period. Only met and breached ones count; the others are listed."""

    MET = "met"
    BREACHED = "breached"
    EXCLUDED = "excluded"
    CANCELLED = "cancelled"
    RESET = "reset"
    EXPIRED = "expired"
    NOT_RATED = "not_rated"

    @property
    def counts(self) -> bool:
        return self in (Outcome.MET, Outcome.BREACHED)


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month in a zone: from `begins` up to, and without, `ends`. It is judged as of `ends`."""

    label: str
    first_day: date
    last_day: date
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class JudgedCycle:
    """A cycle in a period. at: the instant of its outcome, which lies in the period."""

    source: str
    ticket: str
    target: str
    cycle: int
    outcome: Outcome
    at: int


@dataclass(frozen=True, slots=True)
class Attainment:
    """met of `of` counted cycles."""

    met: int
    of: int

    @property
    def share(self) -> str:
        """Six places, cut, never rounded up: 1,999,999 of 2,000,000 is no 1."""
        return share_text(self.exact)

    @property
    def exact(self) -> Fraction:
        return Fraction(self.met, self.of)


def share_text(share: Fraction) -> str:
    """A share of one with six places, cut."""
    whole, rest = divmod(share.numerator * 10**PLACES // share.denominator, 10**PLACES)
    return f"{whole}.{rest:0{PLACES}d}"


def mean_share(months: Sequence[Attainment]) -> str:
    """Where a target usually lies: the mean of its months, each counting alike, as each is judged by itself.

    months: at least one; months that were not rated are left out by the caller. Six places, cut.
    """
    return share_text(sum((month.exact for month in months), Fraction()) / len(months))


@dataclass(frozen=True, slots=True)
class TargetResult:
    """One target in one period. Not rated: no attainment, no tier, no credit, and neither 1 nor 0.

    promise: the target as the judging version has it, None where that version lacks it.
    """

    target: str
    counts: Counter[Outcome]
    promise: Target | None
    attainment: Attainment | None
    tier: Tier | None

    @property
    def rated(self) -> bool:
        return self.attainment is not None


def period(label: str, zone: str) -> Period:
    """The month `label` (2016-03) in a zone. Refuses NoPeriod."""
    if not _PERIOD.fullmatch(label):
        raise NoPeriod(label)
    first = date(int(label[:4]), int(label[5:]), 1)
    if (first.year, first.month) == (9999, 12):
        raise NoPeriod(label)
    following = next_month(first)
    return Period(
        label,
        first,
        following - timedelta(days=1),
        local_midnight(first, zone),
        local_midnight(following, zone),
    )


def period_at(instant: int, zone: str) -> Period:
    """The month in which an instant lies."""
    day = datetime.fromtimestamp(instant, UTC).astimezone(zone_of(zone)).date()
    found = period(f"{day.year:04}-{day.month:02}", zone)
    if instant < found.begins:  # the clock was set back over the midnight: the local date is yesterday's once more
        return period_at(found.begins - 86_400, zone)
    return found if instant < found.ends else period(f"{next_month(day):%Y-%m}", zone)


def next_month(day: date) -> date:
    """The first day of the month after the one of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def outcome(cycle: Cycle, excluded: bool) -> tuple[Outcome, int] | None:
    """What a cycle is, and at which instant it became so; None while it is open and has not breached.

    excluded: whether its breach is. A cycle that breached is that, however it ended.
    """
    if cycle.breached_at is not None:
        return (Outcome.EXCLUDED if excluded else Outcome.BREACHED), cycle.breached_at
    if cycle.ended_at is None:
        return None
    return _ENDED[cycle.state], cycle.ended_at


_ENDED = {
    State.MET: Outcome.MET,
    State.CANCELLED: Outcome.CANCELLED,
    State.RESET: Outcome.RESET,
    State.EXPIRED: Outcome.EXPIRED,
    State.NOT_RATED: Outcome.NOT_RATED,
}


def judge_cycles(
    within: Period, source: str, ticket: str, target: str, cycles: Iterable[Cycle], excluded: Collection[int] = ()
) -> list[JudgedCycle]:
    """The cycles of a ticket's target whose outcome lies in the period.

    cycles: measured as of the period's end. excluded: the numbers of those whose breach is excluded.
    """
    found = []
    for cycle in cycles:
        became = outcome(cycle, cycle.cycle in excluded)
        if became is not None and within.begins <= became[1] < within.ends:
            found.append(JudgedCycle(source, ticket, target, cycle.cycle, *became))
    return found


def judge_folds(
    within: Period,
    folds: Iterable[tuple[str, str, FoldedTarget]],
    calendars: Calendars,
    excluded: Collection[tuple[str, str, str, int]] = (),
) -> list[JudgedCycle]:
    """The cycles of many tickets whose outcome lies in the period, from their stored folds: no event is read.

    folds: source, ticket, and the fold of each target by the agreement that judged the ticket at the period's end.
    excluded: source, ticket, target and number of the cycles whose breach is excluded.
    """
    concerned = [(source, ticket, fold) for source, ticket, fold in folds if _concerns(fold, within)]
    cut_back = [cut(fold, within.ends) for _source, _ticket, fold in concerned]
    shut_out: dict[tuple[str, str, str], set[int]] = {}
    for *key, number in excluded:
        shut_out.setdefault((key[0], key[1], key[2]), set()).add(number)
    found: list[JudgedCycle] = []
    measured = measure_many(cut_back, calendars, within.ends)
    for (source, ticket, fold), cycles in zip(concerned, measured, strict=True):
        numbers = shut_out.get((source, ticket, fold.target), ())
        found += judge_cycles(within, source, ticket, fold.target, cycles, numbers)
    return found


def _concerns(fold: FoldedTarget, within: Period) -> bool:
    """Whether a cycle can have its outcome in the period: it had begun, and had not ended for good before."""
    return any(
        cycle.marks[0].at < within.ends
        and (cycle.marks[-1].mode <= Mode.STANDING or cycle.marks[-1].at >= within.begins)
        for cycle in fold.cycles
    )


def judge_targets(within: Period, agreement: Agreement, judged: Iterable[JudgedCycle]) -> list[TargetResult]:
    """The result of each target: those of any version in force in the period, and any other that has a cycle in it."""
    counts: dict[str, Counter[Outcome]] = {}
    for cycle in judged:
        counts.setdefault(cycle.target, Counter())[cycle.outcome] += 1
    version = agreement.last_in_force(within.ends - 1)
    listed = set(counts).union(*(_keys_in_force(within, agreement)))
    return [
        judge_counts(key, None if version is None else version.target(key), counts.get(key, Counter()))
        for key in agreement.keys
        if key in listed
    ]


def judge_counts(key: str, promise: Target | None, counts: Counter[Outcome]) -> TargetResult:
    """Attainment and tier from counts. promise: volumes and tiers that hold; None: the version lacks the target."""
    met, of = counts[Outcome.MET], counts[Outcome.MET] + counts[Outcome.BREACHED]
    if promise is None or of == 0 or of < promise.min_volume:
        return TargetResult(key, counts, promise, None, None)
    attainment = Attainment(met, of)
    return TargetResult(key, counts, promise, attainment, tier(promise.tiers, attainment))


def tier(tiers: Sequence[Tier], attainment: Attainment) -> Tier | None:
    """The tier with the lowest bound that is above the attainment; None: the promise was kept."""
    above = [one for one in tiers if attainment.exact < Fraction(one.below)]
    return min(above, key=lambda one: one.below, default=None)


def fingerprint(judged: Iterable[JudgedCycle]) -> str:
    """The counted cycles and their outcomes as a short text: two looks at a period that differ in it differ in them."""
    lines = sorted(
        f"{cycle.source}\x1f{cycle.ticket}\x1f{cycle.target}\x1f{cycle.cycle}\x1f{cycle.outcome}"
        for cycle in judged
        if cycle.outcome.counts
    )
    return sha256("\x1e".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was decided when a period was closed, as far as it matters for a later look.

    counts: per target, the cycles of each outcome. counted: the fingerprint. credits: kind, target and amount a line.
    """

    counts: Mapping[str, Mapping[str, int]]
    counted: str
    credits: Sequence[tuple[str, str | None, str]]


def restatable(closed: Frozen, again: Frozen) -> bool:
    """Whether judging a closed period again, as of the same end, gives other counts, counted cycles or credits."""
    return (
        _without_zeros(closed.counts) != _without_zeros(again.counts)
        or closed.counted != again.counted
        or sorted(closed.credits, key=str) != sorted(again.credits, key=str)
    )


def _without_zeros(counts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """A target without a cycle is as good as one that is not listed."""
    kept = {target: {str(name): n for name, n in each.items() if n} for target, each in counts.items()}
    return {target: each for target, each in kept.items() if each}


def _keys_in_force(within: Period, agreement: Agreement) -> Iterable[list[str]]:
    for version, begins, ends in zip(agreement.versions, agreement.begins, agreement.ends, strict=True):
        if begins < within.ends and (ends is None or ends > within.begins):
            yield [target.key for target in version.targets]
    last = agreement.last_in_force(within.ends - 1)
    if last is not None:
        yield [target.key for target in last.targets]
