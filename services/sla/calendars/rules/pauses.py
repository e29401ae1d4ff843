"""The questions to a calendar where a clock stands meanwhile: time in the union of the pauses does not count.

Instants and durations in whole seconds. Source: SLA semantics, rule 3.
"""

from services.sla.calendars.rules.compiled import CompiledCalendar, Interval, merged, within_five_years


def working_seconds(calendar: CompiledCalendar, a: int, b: int, pauses: list[Interval]) -> int:
    """Working seconds from `a` to `b` outside the pauses, which may overlap and come in any order."""
    stood = sum(calendar.working_seconds(max(a, start), min(b, end)) for start, end in merged(pauses))
    return calendar.working_seconds(a, b) - stood


def due(calendar: CompiledCalendar, start: int, goal: int, pauses: list[Interval]) -> int | None:
    """The earliest instant with `goal` working seconds outside the pauses since `start`: one that is reached where a
    pause begins is due there. A goal of 0 is due at the start itself. None where none lies within five years."""
    at, left = start, goal
    for pause, resumed in merged(pauses):
        if left <= 0 or resumed <= at:
            continue
        before = calendar.working_seconds(at, pause)
        if before >= left:
            break
        at, left = resumed, left - before
    found = calendar.due(at, left)
    return found if found is not None and within_five_years(start, found) else None


def latest_start(calendar: CompiledCalendar, end: int, goal: int, pauses: list[Interval]) -> int | None:
    """The latest instant from which `goal` working seconds outside the pauses fit before `end`. Mirrors `due`."""
    at, left = end, goal
    for began, pause in reversed(merged(pauses)):
        if left <= 0 or began >= at:
            continue
        after = calendar.working_seconds(pause, at)
        if after >= left:
            break
        at, left = began, left - after
    found = calendar.latest_start(at, left)
    return found if found is not None and within_five_years(end, found) else None
