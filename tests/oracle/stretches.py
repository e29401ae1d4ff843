"""What a cycle's stretches add up to: seconds counted, shares reached, what lies ahead (rules 17 and 18)."""

from __future__ import annotations

from typing import Any

from tests.oracle.working_time import Calendar, Interval, NoAnswer, five_years, union

Cycle = dict[str, Any]


def share(percent: int, seconds: int) -> int:
    """`percent` of a goal, rounded up."""
    return -(-percent * seconds // 100)


def counted(cycle: Cycle, calendar: Calendar, until: int) -> list[Interval]:
    """The seconds that count up to an instant, as intervals inside the windows."""
    kinds = ["running", "stopped"] if cycle["target"].get("count_stopped") else ["running"]
    return inside(cycle, calendar, until, kinds)


def inside(cycle: Cycle, calendar: Calendar, until: int, kinds: list[str]) -> list[Interval]:
    """The windows inside the stretches of some kinds, up to an instant."""
    found: list[Interval] = []
    for stretch in cycle["stretches"]:
        begin, end = stretch["from"], min(until, until if stretch["to"] is None else stretch["to"])
        if stretch["kind"] in kinds and begin < end:
            found.extend(calendar.windows_between(begin, end))
    return union(found)


def total(intervals: list[Interval]) -> int:
    seconds = 0
    for begin, end in intervals:
        seconds += end - begin
    return seconds


def end_of_second(worked: list[Interval], number: int) -> int:
    """The earliest instant with that many seconds worked."""
    for begin, end in worked:
        if end - begin >= number:
            return begin + number
        number -= end - begin
    raise NoAnswer


def begin_of_second_after(worked: list[Interval], number: int) -> int:
    """The last instant with no more than that many seconds worked: where the next one begins."""
    for begin, end in worked:
        if end - begin > number:
            return begin + number
        number -= end - begin
    raise NoAnswer


def ahead(cycle: Cycle, calendar: Calendar, now: int, seconds: int) -> int | None:
    """The earliest instant with that much elapsed, assuming no further pause; None where none lies within five
    years of the cycle's start. An ended cycle is thought to run on from its end."""
    limit = five_years(cycle["started_at"], +1)
    runs_on_from = now if cycle["ended_at"] is None else cycle["ended_at"]
    for horizon in (min(runs_on_from + 40 * 86400, limit), limit):
        worked = counted(cycle, calendar, min(runs_on_from, horizon))
        if horizon > runs_on_from:
            worked = union([*worked, *calendar.windows_between(runs_on_from, horizon)])
        if total(worked) >= seconds:
            return end_of_second(worked, seconds)
    return None


def stands(cycle: Cycle) -> bool:
    """Does an open cycle stand, or did an ended one end standing?"""
    return bool(cycle["stretches"][-1]["kind"] == "paused")
