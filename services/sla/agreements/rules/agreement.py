"""An agreement as the clocks know it: versions from a date, each with its targets.

Instants are whole seconds since 1970 (UTC), durations whole seconds. Source: SLA semantics, rules 13 to 15, 19 and 24.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from services.sla.agreements.rules.conditions import Condition
from services.sla.calendars.rules import zone as zone_of

_DAY = timedelta(days=1)


class OnGoalChange(StrEnum):
    """What another goal does to an open cycle."""

    RETROACTIVE = "retroactive"
    KEEP = "keep"
    RESTART = "restart"


class OnReopen(StrEnum):
    """What becomes of a cycle that was stopped when its ticket is worked on again."""

    IGNORE = "ignore"
    CONTINUE = "continue"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the list of goals. when: None on the last line. seconds: None is *not rated*.

    calendar: the code of its own calendar, None for the target's. day_seconds: how long a day is when shown in days.
    """

    when: Condition | None
    seconds: int | None
    calendar: str | None = None
    day_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """Below this attainment (a share, 0 to 1) this rate (0 to 1) of the target's allocation is owed."""

    below: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Target:
    """One promise with a clock. warn_at: percentages of the goal. allocation: its share of what is at risk."""

    key: str
    name: Mapping[str, str]
    calendar: str
    start: Condition
    stop: Condition
    goals: tuple[Goal, ...]
    applies: Condition | None = None
    pause: Condition | None = None
    resume: Condition | None = None
    cancel: Condition | None = None
    reset: Condition | None = None
    on_goal_change: OnGoalChange = OnGoalChange.RETROACTIVE
    on_reopen: OnReopen = OnReopen.IGNORE
    count_stopped: bool = False
    warn_at: tuple[int, ...] = ()
    min_volume: int = 0
    allocation: Decimal = Decimal(0)
    tiers: tuple[Tier, ...] = ()
    day_seconds: int | None = None

    @property
    def calendars(self) -> tuple[str, ...]:
        """The codes of the calendars that can judge it, its own first."""
        return tuple(dict.fromkeys((self.calendar, *(goal.calendar for goal in self.goals if goal.calendar))))


@dataclass(frozen=True, slots=True)
class Version:
    """What holds from `since` to `until`, both local dates of the agreement's zone and included; None: no end."""

    number: int
    since: date
    until: date | None
    targets: tuple[Target, ...]

    def target(self, key: str) -> Target | None:
        return next((target for target in self.targets if target.key == key), None)


@dataclass(frozen=True, eq=False)  # compared by identity: what is compiled from it is kept by it
class Agreement:
    """The versions of one agreement, by date; they never overlap, and there may be gaps between them."""

    zone: str
    versions: tuple[Version, ...]

    @cached_property
    def begins(self) -> tuple[int, ...]:
        """The instant from which each version is in force."""
        return tuple(local_midnight(version.since, self.zone) for version in self.versions)

    @cached_property
    def ends(self) -> tuple[int | None, ...]:
        """The instant at which each version is no longer in force: the local midnight after its last day."""
        return tuple(None if v.until is None else local_midnight(v.until + _DAY, self.zone) for v in self.versions)

    @property
    def ends_at(self) -> int | None:
        """The agreement's end, the last version's; None where it has none."""
        return self.ends[-1] if self.versions else None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the targets of all versions, each once, in the order of their first naming."""
        return tuple(dict.fromkeys(target.key for version in self.versions for target in version.targets))

    def place_in_force(self, instant: int) -> int | None:
        """The place in `versions` of the one in force; None before the first, in a gap and after the end."""
        place = bisect_right(self.begins, instant) - 1
        if place < 0:
            return None
        end = self.ends[place]
        return place if end is None or instant < end else None

    def in_force(self, instant: int) -> Version | None:
        """The version in force at an instant."""
        place = self.place_in_force(instant)
        return None if place is None else self.versions[place]

    def last_in_force(self, instant: int) -> Version | None:
        """The version in force at an instant, else the last before it: its volumes and tiers hold for a period."""
        place = bisect_right(self.begins, instant) - 1
        return self.versions[place] if place >= 0 else None


def local_midnight(day: date, zone: str) -> int:
    """The first instant of a local date. A midnight in a gap moves forward by it; of one that comes twice the first."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone_of(zone)).timestamp())
