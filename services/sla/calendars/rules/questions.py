"""One question to a calendar, as other systems send it, and its answer.

Three forms: start and end (how much was worked), start and goal (when is it due), end and goal (when to start at the
latest); each with pauses. Source: SLA semantics, rule 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid
from services.sla.calendars.rules import pauses as without
from services.sla.calendars.rules.compiled import CompiledCalendar, Interval
from services.sla.calendars.rules.instants import NoInstant, parse_seconds
from services.sla.calendars.rules.text import escaped, quoted

MOST_PAUSES = 1_000
LONGEST_GOAL = 10**12

_FIELDS = ("calendar", "start", "end", "goal_seconds", "pauses")
_NO_INSTANT = {
    "bad_time": (
        N_("“%(time)s” is no instant"),
        N_("Write date, time and offset, as in 2026-03-01T09:00:00+08:00"),
    ),
    "time_without_zone": (N_("This instant has no time zone"), N_("Add an offset, as in 2026-03-01T09:00:00+08:00")),
    "time_out_of_range": (
        N_("This instant lies outside the time that is kept here"),
        N_("Send one from 1970 to the end of 2199"),
    ),
}


class Asked(StrEnum):
    """What the answer says; the word is the answer's field."""

    WORKED = "working_seconds"
    DUE = "due"
    LATEST_START = "latest_start"


@dataclass(frozen=True)
class Question:
    """Seconds since 1970; two of start, end and goal are given. at: its place in the request."""

    at: str
    calendar: str
    start: int | None
    end: int | None
    goal: int | None
    pauses: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Answer:
    """value: seconds worked, or the instant asked for, in seconds since 1970. provisional: rule 5, of instants."""

    asked: Asked
    value: int
    provisional: bool = False


def parse_question(data: object, at: str) -> Question:
    """The question that `data` asks. Refuses Invalid with all that is wrong; `at`: its JSON pointer."""
    if not isinstance(data, Mapping):
        raise Invalid(errors=[_fault("bad_type", at, N_("This value has the wrong type"), N_("Send an object here"))])
    known = ", ".join(_FIELDS)
    faults = [
        FieldError(
            "unknown_field", f"{at}/{escaped(name)}", N_("There is no such field"), N_("Choose one of: %(known)s"),
            {"known": known},
        )
        for name in data
        if name not in _FIELDS
    ]  # fmt: skip
    calendar = data.get("calendar")
    if not isinstance(calendar, str):
        what, how = N_("The question names no calendar"), N_("Name one of the request, or the code of a stored one")
        faults.append(_fault("missing_field", f"{at}/calendar", what, how))
    start, end = (_parse_instant(data.get(name), f"{at}/{name}", faults) for name in ("start", "end"))
    goal = _parse_goal(data.get("goal_seconds"), f"{at}/goal_seconds", faults)
    stood = _parse_pauses(data.get("pauses"), f"{at}/pauses", faults)
    if sum(data.get(name) is not None for name in ("start", "end", "goal_seconds")) != 2:
        what = N_("A question has two of start, end and goal_seconds")
        faults.append(_fault("bad_question", at, what, N_("Leave out what is asked for, and send the other two")))
    if faults:
        raise Invalid(errors=faults)
    return Question(at, str(calendar), start, end, goal, stood)


def answer(calendar: CompiledCalendar, question: Question) -> Answer:
    """The answer of this calendar. Refuses Invalid where no such instant lies within five years."""
    start, end, goal, stood = question.start, question.end, question.goal, list(question.pauses)
    if start is not None and end is not None:
        return Answer(Asked.WORKED, without.working_seconds(calendar, start, end, stood))
    if start is not None and goal is not None:
        found = without.due(calendar, start, goal, stood)
        # The last second that was used decides: each up to the due time, or up to the end that was given.
        return Answer(Asked.DUE, found, calendar.provisional(found)) if found is not None else _refuse(question)
    if end is not None and goal is not None:
        found = without.latest_start(calendar, end, goal, stood)
        return Answer(Asked.LATEST_START, found, calendar.provisional(end)) if found is not None else _refuse(question)
    raise AssertionError(question)


def _refuse(question: Question) -> Answer:
    what = N_("So much working time does not lie within five years")
    how = N_("Ask for fewer seconds, or give the calendar more hours")
    raise Invalid(errors=[_fault("none_within_five_years", f"{question.at}/goal_seconds", what, how)])


def _parse_instant(given: object, at: str, faults: list[FieldError]) -> int | None:
    if given is None:
        return None
    try:
        return parse_seconds(given if isinstance(given, str) else "")
    except NoInstant as fault:
        what, how = _NO_INSTANT[fault.code]
        faults.append(FieldError(fault.code, at, what, how, {"time": quoted(given)}))
    return None


def _parse_goal(given: object, at: str, faults: list[FieldError]) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int):
        what, how = N_("This value has the wrong type"), N_("Send whole seconds, zero or more")
        faults.append(_fault("bad_type", at, what, how))
    elif not 0 <= given <= LONGEST_GOAL:
        what, how = N_("A goal of so many seconds cannot be"), N_("Send whole seconds, zero or more")
        faults.append(_fault("out_of_range", at, what, how))
    else:
        return given
    return None


def _parse_pauses(given: object, at: str, faults: list[FieldError]) -> tuple[Interval, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        faults.append(_no_pause(at))
        return ()
    if len(given) > MOST_PAUSES:
        how = N_("Send at most %(max_length)s")
        faults.append(FieldError("too_long", at, N_("These are too many"), how, {"max_length": MOST_PAUSES}))
        return ()
    parsed: list[Interval] = []
    for place, pause in enumerate(given):
        where = f"{at}/{place}"
        if not isinstance(pause, list) or len(pause) != 2 or None in pause:
            faults.append(_no_pause(where))
            continue
        start, end = (_parse_instant(text, f"{where}/{i}", faults) for i, text in enumerate(pause))
        if start is not None and end is not None:
            if end < start:
                what, how = N_("This pause ends before it begins"), N_("Write the earlier instant first")
                faults.append(_fault("reversed", where, what, how))
            parsed.append((start, end))
    return tuple(parsed)


def _no_pause(at: str) -> FieldError:
    return _fault("bad_type", at, N_("This value has the wrong type"), N_("Send pairs of instants, [from, to]"))


def _fault(code: str, at: str, what: str, how: str) -> FieldError:
    return FieldError(code, at, what, how)
