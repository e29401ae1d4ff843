"""The text of an agreement (JSON as in the API) becomes targets and versions, or is refused with all that is wrong.

Source: SLA semantics, rules 4, 12 to 15, 18, 19 and 24.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.kernel.messages import N_
from services.kernel.refusals import Invalid
from services.sla.agreements.rules.agreement import Goal, OnGoalChange, OnReopen, Target, Tier
from services.sla.agreements.rules.conditions import Condition
from services.sla.agreements.rules.faults import Faults, shown
from services.sla.agreements.rules.parsing_conditions import parse_condition
from services.sla.calendars.rules import zone_names

MOST_TARGETS = 50
MOST_GOALS = 100
MOST_TIERS = 50
MOST_WARNINGS = 10
LONGEST_NAME = 200
LONGEST_GOAL = 2_000_000_000
"""Seconds: what a column of whole seconds holds, far beyond the five years in which a due time is looked for."""
LONGEST_DAY = 86_400
MOST_VOLUME = 1_000_000_000
CONDITIONS = ("start", "stop", "applies", "pause", "resume", "cancel", "reset")

_AGREEMENT = ("contract", "title", "zone", "period", "from", "until", "targets")
_VERSION = ("from", "until", "targets")
_TARGET = (
    "key", "name", "kind", "calendar", "conditions", "goals", "on_goal_change", "on_reopen", "count_stopped", "warn_at",
    "min_volume", "allocation", "tiers", "day_seconds",
)  # fmt: skip
_GOAL = ("when", "seconds", "calendar", "day_seconds")
_KEY = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
_LONGEST_KEY = 60


@dataclass(frozen=True, slots=True)
class VersionText:
    """What is said of one version: the first and the last local day in force, None for no end; and its targets."""

    since: date
    until: date | None
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class AgreementText:
    """A whole agreement as it was sent, checked. contract: an id or a human number, not looked up here."""

    contract: str | None
    title: str
    zone: str
    first: VersionText


def parse_agreement(data: object, calendars: Container[str] | None = None, at: str = "") -> AgreementText:
    """The agreement that `data` describes. calendars: the codes that exist, None: not looked at. at: its JSON pointer.

    Refuses Invalid with all that is wrong.
    """
    faults = Faults()
    given = faults.object_of(data, at, _AGREEMENT)
    if given is None:
        raise Invalid(errors=faults.found)
    contract = given.get("contract")
    if contract is not None:
        contract = faults.text(contract, f"{at}/contract", LONGEST_NAME)
    title = faults.text(given["title"], f"{at}/title", LONGEST_NAME) if "title" in given else ""
    zone = _zone(given, at, faults)
    if given.get("period", "month") != "month":
        faults.unknown_value(f"{at}/period", given["period"], ["month"])
    first = _version(given, calendars, at, faults)
    if faults.found or first is None:
        raise Invalid(errors=faults.found)
    return AgreementText(contract if isinstance(contract, str) else None, title or "", zone, first)


def parse_version(data: object, calendars: Container[str] | None = None, at: str = "") -> VersionText:
    """A further version as it is sent. Refuses Invalid with all that is wrong."""
    faults = Faults()
    given = faults.object_of(data, at, _VERSION)
    version = None if given is None else _version(given, calendars, at, faults)
    if faults.found or version is None:
        raise Invalid(errors=faults.found)
    return version


def parse_targets(data: object, calendars: Container[str] | None = None, at: str = "/targets") -> tuple[Target, ...]:
    """The targets alone. Refuses Invalid with all that is wrong."""
    faults = Faults()
    targets = _targets(data, calendars, at, faults)
    if faults.found:
        raise Invalid(errors=faults.found)
    return targets


def _zone(given: Mapping[str, object], at: str, faults: Faults) -> str:
    zone = given.get("zone")
    if zone is None:
        faults.missing(f"{at}/zone", N_("Name the time zone, for example Asia/Shanghai"))
    elif not isinstance(zone, str):
        faults.bad_type(f"{at}/zone", N_("Send text here"))
    elif zone not in zone_names():
        how = N_("Write the IANA name exactly, for example Asia/Shanghai")
        faults.add("unknown_zone", f"{at}/zone", N_("There is no time zone “%(zone)s”"), how, zone=shown(zone))
    else:
        return zone
    return ""


def _version(
    given: Mapping[str, object], calendars: Container[str] | None, at: str, faults: Faults
) -> VersionText | None:
    since = until = None
    if given.get("from") is None:
        faults.missing(f"{at}/from", N_("Say from which day it is in force"))
    else:
        since = faults.day(given["from"], f"{at}/from")
    if given.get("until") is not None:
        until = faults.day(given["until"], f"{at}/until")
    if since is not None and until is not None and until < since:
        how = N_("Give a last day that is not before the first, or none")
        faults.add("reversed", f"{at}/until", N_("The last day lies before the first"), how)
    if given.get("targets") is None:
        faults.missing(f"{at}/targets", N_("Give at least one target"))
        return None
    targets = _targets(given["targets"], calendars, f"{at}/targets", faults)
    return None if since is None else VersionText(since, until, targets)


def _targets(data: object, calendars: Container[str] | None, at: str, faults: Faults) -> tuple[Target, ...]:
    given = faults.list_of(data, at, MOST_TARGETS)
    if isinstance(data, list) and not data:
        faults.missing(at, N_("Give at least one target"))
    keys: set[str] = set()
    targets = []
    for place, item in enumerate(given):
        where = f"{at}/{place}"
        fields = faults.object_of(item, where, _TARGET)
        if fields is None:
            continue
        target = _Reader(fields, calendars, where, faults).target()
        if target is None:
            continue
        if target.key in keys:
            what, how = N_("Two targets have the key “%(key)s”"), N_("Give each target a key of its own")
            faults.add("repeated", f"{where}/key", what, how, key=target.key)
        keys.add(target.key)
        targets.append(target)
    return tuple(targets)


class _Reader:
    """Reads one target; all that is wrong goes to `faults`."""

    def __init__(self, given: Mapping[str, object], calendars: Container[str] | None, at: str, faults: Faults) -> None:
        self._given, self._calendars, self._at, self._faults = given, calendars, at, faults

    def target(self) -> Target | None:
        before = len(self._faults.found)
        key, name = self._key(), self._name()
        if self._given.get("kind", "clock") != "clock":
            self._faults.unknown_value(f"{self._at}/kind", self._given["kind"], ["clock"])
        calendar = self._calendar(self._given.get("calendar"), f"{self._at}/calendar")
        conditions = self._conditions()
        goals = self._goals()
        on_goal_change, on_reopen = self._settings()
        counts = self._faults.flag(self._given.get("count_stopped", False), f"{self._at}/count_stopped")
        warn_at, volume = self._warn_at(), self._whole("min_volume", 0, 0, MOST_VOLUME)
        allocation, tiers = self._allocation(), self._tiers()
        day = self._whole("day_seconds", None, 1, LONGEST_DAY)
        if len(self._faults.found) > before or key is None or calendar is None or on_reopen is None:
            return None
        return Target(
            key=key, name=name, calendar=calendar, start=conditions["start"], stop=conditions["stop"], goals=goals,
            applies=conditions.get("applies"), pause=conditions.get("pause"), resume=conditions.get("resume"),
            cancel=conditions.get("cancel"), reset=conditions.get("reset"), on_goal_change=on_goal_change,
            on_reopen=on_reopen, count_stopped=counts, warn_at=warn_at, min_volume=volume or 0, allocation=allocation,
            tiers=tiers, day_seconds=day,
        )  # fmt: skip

    def _key(self) -> str | None:
        at = f"{self._at}/key"
        if self._given.get("key") is None:
            self._faults.missing(at, N_("Give the target a key, for example resolution"))
            return None
        key = self._faults.text(self._given["key"], at, _LONGEST_KEY)
        if key is not None and not _KEY.issuperset(key):
            what = N_("A key has small letters, digits, - and _ only")
            self._faults.add("bad_key", at, what, N_("Write for example first_response"))
            return None
        return key

    def _name(self) -> dict[str, str]:
        at = f"{self._at}/name"
        if self._given.get("name") is None:
            return {}
        given = self._faults.object_of(self._given["name"], at, ("zh", "en"))
        names = {} if given is None else {k: self._faults.text(v, f"{at}/{k}", LONGEST_NAME) for k, v in given.items()}
        return {language: text for language, text in names.items() if text is not None}

    def _calendar(self, given: object, at: str) -> str | None:
        if given is None:
            self._faults.missing(at, N_("Name the calendar that judges"))
            return None
        code = self._faults.text(given, at, LONGEST_NAME)
        if code is not None and self._calendars is not None and code not in self._calendars:
            what, how = N_("There is no calendar “%(calendar)s”"), N_("Name one that exists, or make it first")
            self._faults.add("unknown_calendar", at, what, how, calendar=shown(code))
        return code

    def _conditions(self) -> dict[str, Condition]:
        at = f"{self._at}/conditions"
        given = self._faults.object_of(self._given.get("conditions", {}), at, CONDITIONS)
        read: dict[str, Condition] = {}
        for name in CONDITIONS:
            condition = None if given is None else given.get(name)
            if condition is not None:
                parsed = parse_condition(condition, f"{at}/{name}", self._faults)
                if parsed is not None:
                    read[name] = parsed
            elif name in ("start", "stop") and given is not None:
                self._faults.missing(f"{at}/{name}", N_("Say when the clock starts, and when it stops"))
        return read

    def _settings(self) -> tuple[OnGoalChange, OnReopen | None]:
        given, at, faults = self._given, self._at, self._faults
        change = given.get("on_goal_change", OnGoalChange.RETROACTIVE)
        on_change = faults.choice(change, f"{at}/on_goal_change", OnGoalChange) or OnGoalChange.RETROACTIVE
        if given.get("on_reopen") is None:
            faults.missing(f"{at}/on_reopen", N_("Say what a reopened ticket does: ignore, continue or new"))
            return on_change, None
        return on_change, faults.choice(given["on_reopen"], f"{at}/on_reopen", OnReopen)

    def _goals(self) -> tuple[Goal, ...]:
        at, faults = f"{self._at}/goals", self._faults
        if self._given.get("goals") is None:
            faults.missing(at, N_("Give at least one goal; the last has no condition"))
            return ()
        given = faults.list_of(self._given["goals"], at, MOST_GOALS)
        goals = [self._goal(item, f"{at}/{place}") for place, item in enumerate(given)]
        for place, goal in enumerate(goals[:-1]):
            if goal is not None and goal.when is None:
                what = N_("This line has no condition, so that no line after it is ever reached")
                faults.add("unreachable", f"{at}/{place}", what, N_("Give it a condition, or put it last"))
        if isinstance(self._given["goals"], list) and (not goals or (goals[-1] is not None and goals[-1].when)):
            what = N_("The list of goals does not end with a line without condition")
            faults.add("no_last_goal", at, what, N_("Add a last line without “when”; its seconds may be null"))
        return tuple(goal for goal in goals if goal is not None)

    def _goal(self, item: object, at: str) -> Goal | None:
        faults = self._faults
        given = faults.object_of(item, at, _GOAL)
        if given is None:
            return None
        before = len(faults.found)
        when = None if given.get("when") is None else parse_condition(given["when"], f"{at}/when", faults)
        seconds = day = calendar = None
        if "seconds" not in given:
            faults.missing(f"{at}/seconds", N_("Give the goal in seconds, or null where it is not rated"))
        elif given["seconds"] is not None:
            seconds = faults.whole(given["seconds"], f"{at}/seconds", 1, LONGEST_GOAL)
        if given.get("calendar") is not None:
            calendar = self._calendar(given["calendar"], f"{at}/calendar")
        if given.get("day_seconds") is not None:
            day = faults.whole(given["day_seconds"], f"{at}/day_seconds", 1, LONGEST_DAY)
        return None if len(faults.found) > before else Goal(when, seconds, calendar, day)

    def _warn_at(self) -> tuple[int, ...]:
        at = f"{self._at}/warn_at"
        given = self._faults.list_of(self._given.get("warn_at", []), at, MOST_WARNINGS)
        found = [self._faults.whole(item, f"{at}/{place}", 1, 100) for place, item in enumerate(given)]
        for place, percent in enumerate(found):
            if percent is not None and percent in found[:place]:
                what, how = N_("%(percent)s %% is there twice"), N_("Name each share once")
                self._faults.add("repeated", f"{at}/{place}", what, how, percent=percent)
        return tuple(sorted(percent for percent in found if percent is not None))

    def _whole(self, name: str, default: int | None, low: int, high: int) -> int | None:
        given = self._given.get(name)
        return default if given is None else self._faults.whole(given, f"{self._at}/{name}", low, high)

    def _allocation(self) -> Decimal:
        given = self._given.get("allocation")
        share = None if given is None else self._faults.share(given, f"{self._at}/allocation")
        return Decimal(0) if share is None else share

    def _tiers(self) -> tuple[Tier, ...]:
        at, faults = f"{self._at}/tiers", self._faults
        given = self._given.get("tiers")
        tiers: list[Tier] = []
        for place, item in enumerate([] if given is None else faults.list_of(given, at, MOST_TIERS)):
            where = f"{at}/{place}"
            fields = faults.object_of(item, where, ("below", "rate"))
            if fields is None:
                continue
            shares = []
            for name in ("below", "rate"):
                if fields.get(name) is None:
                    faults.missing(f"{where}/{name}", N_("A tier has “below” and “rate”"))
                else:
                    shares.append(faults.share(fields[name], f"{where}/{name}"))
            below, rate = shares if len(shares) == 2 else (None, None)
            if below is None or rate is None:
                continue
            if any(tier.below == below for tier in tiers):
                what, how = N_("Two tiers begin below %(below)s"), N_("Give each tier a bound of its own")
                faults.add("repeated", f"{where}/below", what, how, below=str(below))
            tiers.append(Tier(below, rate))
        return tuple(tiers)
