"""The replay: one ticket's events, one by one, over every target of its agreement (rules 13 to 19)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.oracle.agreements import (
    Version,
    changes_a_field,
    condition_holds,
    end_of,
    goal_of,
    may_reopen,
    target_keys,
    versions_of,
)
from tests.oracle.history import Event, effective_events, patched
from tests.oracle.ledger import rows_of
from tests.oracle.stretches import (
    Cycle,
    ahead,
    begin_of_second_after,
    counted,
    end_of_second,
    inside,
    share,
    stands,
    total,
)
from tests.oracle.working_time import Calendar, instant, iso, microseconds, provisional


def replay(
    events: list[Event],
    agreement: dict[str, Any],
    calendars: dict[str, Any],
    as_of: str | datetime | int,
) -> dict[str, Any]:
    """Every clock of one ticket as seen at `as_of`. `agreement` is the wire's, or one with `versions`; `calendars`
    maps codes to the wire's calendars, or to `Calendar`s already made. Instants out are UTC texts."""
    made = all_made(calendars)
    told = [
        {"target": key, "cycles": [shown(cycle, made, instant(as_of)) for cycle in cycles]}
        for key, cycles in clocks_of(events, agreement, made, as_of)
    ]
    return {"clocks": told}


def ledger(
    events: list[Event],
    agreement: dict[str, Any],
    calendars: dict[str, Any],
    as_of: str | datetime | int,
) -> dict[str, list[list[dict[str, Any]]]]:
    """For each target the ledgers of its cycles in order of number, each a list of rows (rule 21)."""
    made = all_made(calendars)
    return {
        key: [rows_of(cycle, made[cycle["goal"][1]], instant(as_of)) for cycle in cycles]
        for key, cycles in clocks_of(events, agreement, made, as_of)
    }


def clocks_of(
    events: list[Event], agreement: dict[str, Any], calendars: dict[str, Calendar], as_of: str | datetime | int
) -> list[tuple[str, list[Cycle]]]:
    """Per target its cycles, as the replay keeps them."""
    versions = versions_of(agreement)
    effective = effective_events(events, as_of)
    return [
        (key, Replay(key, versions, calendars, end_of(versions)).run(effective, instant(as_of)))
        for key in target_keys(versions)
    ]


def all_made(calendars: dict[str, Any]) -> dict[str, Calendar]:
    return {code: one if isinstance(one, Calendar) else Calendar(one) for code, one in calendars.items()}


class Replay:
    """One target of one ticket: the cycles so far, and the steps of rule 13 in their order.

    A cycle is a plain dict. `stretches` tell what the clock did: from, to (None while it lasts), kind and event.
    """

    def __init__(self, key: str, versions: list[Version], calendars: dict[str, Calendar], end: int | None) -> None:
        self.key = key
        self.versions = versions
        self.calendars = calendars
        self.end = end
        self.end_has_come = False
        self.cycles: list[Cycle] = []

    def run(self, events: list[Event], now: int) -> list[Cycle]:
        before: dict[str, Any] = {}
        for event in events:
            second = instant(event["occurred_at"])
            if self.end is not None and microseconds(event["occurred_at"]) >= self.end * 1_000_000:
                self.agreement_ends()
            after = patched(before, event)
            self.look_at(event, second, before, after)
            before = after
        if self.end is not None and now >= self.end:
            self.agreement_ends()
        if self.open_cycle() is not None:
            self.advance(self.cycles[-1], now)
        return self.cycles

    def open_cycle(self) -> Cycle | None:
        if self.cycles and self.cycles[-1]["ended_at"] is None:
            return self.cycles[-1]
        return None

    def in_force(self, second: int) -> Version | None:
        """The version in force at an instant; None in a gap, before the first and after the end."""
        for version in self.versions:
            if version["begins"] <= second and (version["ends"] is None or second < version["ends"]):
                return version
        return None

    # -- the steps at one event, in the order of rule 13 --------------------------------------------------------

    def look_at(self, event: Event, second: int, before: dict[str, Any], after: dict[str, Any]) -> None:
        cycle = self.open_cycle()
        if cycle is not None:
            self.advance(cycle, second)
            self.step_stop_and_cancel(cycle, event, second, after)
        opened_here = False
        cycle = self.open_cycle()
        if cycle is not None:
            opened_here = self.step_reset(cycle, event, second, before, after)
        cycle = self.open_cycle()
        if cycle is not None and not opened_here:
            self.step_goal(cycle, event, second, before, after)
        cycle = self.open_cycle()
        if cycle is not None:
            self.step_pause(cycle, event, second, before, after)
        else:
            self.step_start(event, second, after)

    def step_stop_and_cancel(self, cycle: Cycle, event: Event, second: int, after: dict[str, Any]) -> None:
        target = cycle["target"]
        if condition_holds(target, "stop", after):
            self.stop(cycle, event, second)
        elif condition_holds(target, "cancel", after) or not condition_holds(target, "applies", after):
            self.close(cycle, second, "cancelled")

    def step_reset(
        self, cycle: Cycle, event: Event, second: int, before: dict[str, Any], after: dict[str, Any]
    ) -> bool:
        """An open cycle ends as reset and the next opens. In a gap nothing restarts: there it runs on."""
        target = cycle["target"]
        turns_true = condition_holds(target, "reset", after) and not condition_holds(target, "reset", before)
        return turns_true and self.restart(cycle, event, second, before, after)

    def step_goal(self, cycle: Cycle, event: Event, second: int, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """The goal is looked at; True where a changed one made the next cycle open here."""
        goal = goal_of(cycle["target"], after)
        if goal == cycle["goal"]:
            return False
        setting = cycle["target"].get("on_goal_change", "retroactive")
        if setting == "restart":
            return self.restart(cycle, event, second, before, after)
        if setting == "retroactive":
            cycle["goal"] = goal
            self.passed_by_event(cycle, second)
        return False

    def step_pause(
        self,
        cycle: Cycle,
        event: Event,
        second: int,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        target = cycle["target"]
        pause = condition_holds(target, "pause", after)
        if not stands(cycle):
            if pause:
                self.next_stretch(cycle, second, "paused", event)
            return
        resumes = not pause
        if target["conditions"].get("resume") is not None:
            resumes = resumes and condition_holds(target, "resume", after)
        if resumes:
            self.next_stretch(cycle, second, "running", event)
            self.passed_by_event(cycle, second)
        elif changes_a_field(target["conditions"]["pause"], before, after):
            self.next_stretch(cycle, second, "paused", event)

    def step_start(self, event: Event, second: int, after: dict[str, Any]) -> None:
        """No cycle is open: one may start, or the last may reopen (rules 13, 14, 19)."""
        version = self.in_force(second)
        if version is None:
            return
        if not self.cycles:
            self.start_first(version, event, second, after)
        elif self.cycles[-1]["ended_by"] == "cancelled":
            self.start_another(version, event, second, after)
        elif self.cycles[-1]["ended_by"] == "stop":
            self.reopen(self.cycles[-1], version, event, second, after)

    def start_first(self, version: Version, event: Event, second: int, after: dict[str, Any]) -> None:
        target = version["targets"].get(self.key)
        if target is None or not condition_holds(target, "start", after):
            return
        if condition_holds(target, "cancel", after) or not condition_holds(target, "applies", after):
            return
        cycle = self.open(version, event, second, after, standing=condition_holds(target, "pause", after))
        if condition_holds(target, "stop", after):
            self.stop(cycle, event, second)

    def start_another(self, version: Version, event: Event, second: int, after: dict[str, Any]) -> None:
        """A new cycle after an ended one, asked of the version in force."""
        target = version["targets"].get(self.key)
        if target is not None and may_reopen(target, after):
            self.open(version, event, second, after, standing=condition_holds(target, "pause", after))

    def reopen(self, cycle: Cycle, version: Version, event: Event, second: int, after: dict[str, Any]) -> None:
        """By the setting of the old cycle's version: ignore, a new cycle, or the same one continued."""
        target = cycle["target"]
        if target["on_reopen"] == "new":
            self.start_another(version, event, second, after)
        if target["on_reopen"] != "continue" or not may_reopen(target, after):
            return
        goal = goal_of(target, after)
        setting = target.get("on_goal_change", "retroactive")
        if setting == "restart" and goal != cycle["goal"]:
            self.start_another(version, event, second, after)
            return
        stretch = {"kind": "stopped", "from": cycle["ended_at"], "to": second, "event": cycle["stop_event"]}
        cycle.update(ended_at=None, ended_by=None, state=None)
        cycle["stretches"].append(stretch)
        cycle["stretches"].append({"kind": "running", "from": second, "to": None, "event": event})
        if setting == "retroactive":
            cycle["goal"] = goal
        self.passed_by_event(cycle, second)
        if condition_holds(target, "pause", after):
            self.next_stretch(cycle, second, "paused", event)

    # -- opening and ending ---------------------------------------------------------------------------------------

    def open(self, version: Version, event: Event, second: int, after: dict[str, Any], *, standing: bool) -> Cycle:
        target = version["targets"][self.key]
        cycle: Cycle = {
            "cycle": len(self.cycles) + 1,
            "version": version["version"],
            "target": target,
            "goal": goal_of(target, after),
            "started_at": second,
            "ended_at": None,
            "ended_by": None,
            "state": None,
            "stop_event": None,
            "breached_at": None,
            "warned": {},
            "stretches": [{"kind": "paused" if standing else "running", "from": second, "to": None, "event": event}],
        }
        self.cycles.append(cycle)
        return cycle

    def restart(self, cycle: Cycle, event: Event, second: int, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """The open cycle ends as reset, the next opens here and stands on where this one stood."""
        version = self.in_force(second)
        if version is None or self.key not in version["targets"]:
            return False
        stood_by = cycle["stretches"][-1]["event"] if stands(cycle) else None
        self.close(cycle, second, "reset")
        pauses = version["targets"][self.key]["conditions"].get("pause") is not None
        following = self.open(version, event, second, after, standing=stood_by is not None and pauses)
        if stands(following):
            following["stretches"][-1]["event"] = stood_by
        return True

    def stop(self, cycle: Cycle, event: Event, second: int) -> None:
        seconds = cycle["goal"][0]
        if cycle["breached_at"] is None and seconds is not None and self.elapsed(cycle, second) > seconds:
            cycle["breached_at"] = second  # tightened while the clock stood, and never resumed
        state = "met"
        if cycle["breached_at"] is not None:
            state = "breached"
        elif seconds is None:
            state = "not_rated"
        cycle["stop_event"] = event
        self.close(cycle, second, "stop")
        cycle["state"] = state

    def close(self, cycle: Cycle, second: int, how: str) -> None:
        cycle["stretches"][-1]["to"] = second
        cycle.update(ended_at=second, ended_by=how, state=how)
        cycle["warned"] = {percent: at for percent, at in cycle["warned"].items() if at < second}

    def agreement_ends(self) -> None:
        """At the agreement's end an open cycle that has not breached expires (rule 19)."""
        cycle = self.open_cycle()
        if self.end_has_come or cycle is None or self.end is None:
            self.end_has_come = True
            return
        self.end_has_come = True
        self.advance(cycle, self.end)
        if cycle["breached_at"] is None:
            self.close(cycle, self.end, "expired")

    def next_stretch(self, cycle: Cycle, second: int, kind: str, event: Event) -> None:
        cycle["stretches"][-1]["to"] = second
        cycle["stretches"].append({"kind": kind, "from": second, "to": None, "event": event})

    # -- breach and warnings --------------------------------------------------------------------------------------

    def elapsed(self, cycle: Cycle, until: int) -> int:
        return total(counted(cycle, self.calendars[cycle["goal"][1]], until))

    def advance(self, cycle: Cycle, second: int) -> None:
        """The clock has run on to `second`: a breach and the shares that time alone has brought (rules 17, 18)."""
        seconds = cycle["goal"][0]
        if seconds is None or cycle["breached_at"] is not None or stands(cycle):
            return
        worked = counted(cycle, self.calendars[cycle["goal"][1]], second)
        if total(worked) > seconds:
            cycle["breached_at"] = begin_of_second_after(worked, seconds)
        for percent in cycle["target"].get("warn_at") or []:
            if percent not in cycle["warned"] and total(worked) >= share(percent, seconds):
                at = end_of_second(worked, share(percent, seconds))
                if cycle["breached_at"] is None or at < cycle["breached_at"]:
                    cycle["warned"][percent] = at

    def passed_by_event(self, cycle: Cycle, second: int) -> None:
        """What an event has brought by itself: the goal, or a share of it, lies behind the clock from here on.
        A clock that stands cannot breach; its shares are reached by the event that changed the goal."""
        seconds = cycle["goal"][0]
        if seconds is None or cycle["breached_at"] is not None:
            return
        elapsed = self.elapsed(cycle, second)
        if elapsed > seconds and not stands(cycle):
            cycle["breached_at"] = second
            return
        for percent in cycle["target"].get("warn_at") or []:
            if percent not in cycle["warned"] and elapsed >= share(percent, seconds):
                cycle["warned"][percent] = second


def shown(cycle: Cycle, calendars: dict[str, Calendar], now: int) -> dict[str, Any]:
    """A cycle as the wire shows it."""
    seconds, code = cycle["goal"]
    calendar = calendars[code]
    until = now if cycle["ended_at"] is None else cycle["ended_at"]
    elapsed = total(counted(cycle, calendar, until))
    due_at = None if seconds is None or stands(cycle) else ahead(cycle, calendar, now, seconds)
    return {
        "cycle": cycle["cycle"],
        "version": cycle["version"],
        "state": cycle["state"] or ("paused" if stands(cycle) else "running"),
        "started_at": iso(cycle["started_at"]),
        "ended_at": iso(cycle["ended_at"]),
        "goal_seconds": seconds,
        "elapsed_seconds": elapsed,
        "paused_seconds": total(inside(cycle, calendar, until, ["paused"])),
        "remaining_seconds": None if seconds is None else seconds - elapsed,
        "due_at": iso(due_at),
        "breached_at": iso(cycle["breached_at"]),
        "provisional": due_at is not None and provisional(calendar, due_at),
        "warnings": warnings_of(cycle, calendar, now),
        "calendar": code,
    }


def warnings_of(cycle: Cycle, calendar: Calendar, now: int) -> list[dict[str, Any]]:
    """At-risk instants, reached and to come; one to come of a clock that stands has no instant (rule 18)."""
    seconds = cycle["goal"][0]
    found = []
    for percent in sorted(cycle["target"].get("warn_at") or []):
        at = cycle["warned"].get(percent)
        if at is not None:
            if cycle["breached_at"] is None or at < cycle["breached_at"]:
                found.append({"percent": percent, "at": iso(at)})
        elif cycle["ended_at"] is None and cycle["breached_at"] is None and seconds is not None:
            to_come = None if stands(cycle) else ahead(cycle, calendar, now, share(percent, seconds))
            found.append({"percent": percent, "at": iso(to_come)})
    return found
