"""What a changed calendar would move, before it is saved."""

from datetime import datetime
from typing import Any

from services.sla.calendars.rules import CompiledCalendar
from services.sla.calendars.rules.moves import Move, TicketFold, changed_span, moved, restatable
from services.sla.clocks.rules import FoldedCycle, FoldedGoal, FoldedTarget, Mark, Mode
from services.sla.periods.rules import period
from tests.sla.calendars.examples import compiled, text

HOUR = 3600
POWER_CUT = {"2026-03-05": {"open": [["09:00", "12:00"]], "name": "停电检修"}}


def at(written: str) -> int:
    return int(datetime.fromisoformat(f"{written}+08:00").timestamp())


BEFORE, AFTER = compiled(), compiled(days=POWER_CUT)
YEAR = (at("2026-01-01T00:00"), at("2027-01-01T00:00"))


def ticket(name: str, started: str, goal: int, stopped: str | None = None) -> TicketFold:
    marks = [Mark(at(started), Mode.RUNNING, 0, "opened")]
    if stopped:
        marks.append(Mark(at(stopped), Mode.STOPPED, 0, "resolved"))
    cycle = FoldedCycle(1, 1, (FoldedGoal(goal, "office"),), marks, (), False)
    return TicketFold("desk", name, "SLA-1", (FoldedTarget("resolution", [cycle]),))


def moves(*tickets: TicketFold, now: str, after: CompiledCalendar = AFTER) -> list[tuple[str, Move]]:
    return [
        (one.ticket, one.move) for one in moved(tickets, {"office": BEFORE}, {"office": after}, at(now))
    ]  # fmt: skip


def test_only_hours_that_change_make_a_span() -> None:
    assert changed_span(BEFORE, AFTER, *YEAR) == (at("2026-03-05T13:00"), at("2026-03-05T18:00"))
    assert changed_span(BEFORE, compiled(known_until="2026-12-31"), *YEAR) is None
    named = text(days={"2026-03-07": {"open": [], "name": "春游"}})
    assert changed_span(BEFORE, compiled(days=named["days"]), *YEAR) is None, "that Saturday was free anyway"
    assert changed_span(BEFORE, AFTER, at("2026-04-01T00:00"), YEAR[1]) is None


def test_an_open_clock_whose_hours_are_taken_is_due_later() -> None:
    touched = ticket("touched", "2026-03-05T10:00", 8 * HOUR)
    untouched = ticket("untouched", "2026-03-06T10:00", 8 * HOUR)
    assert moves(touched, untouched, now="2026-03-06T10:00") == [("touched", Move.LATER)]
    (one,) = moved([touched], {"office": BEFORE}, {"office": AFTER}, at("2026-03-06T09:30"))
    assert (one.before.due_at, one.after.due_at) == (at("2026-03-06T10:00"), at("2026-03-06T16:00"))


def test_an_open_clock_that_gets_hours_is_due_earlier() -> None:
    longer: dict[str, Any] = {"2026-03-05": {"open": [["09:00", "22:00"]], "name": "加班"}}
    touched = ticket("touched", "2026-03-05T10:00", 8 * HOUR)
    assert moves(touched, now="2026-03-05T11:00", after=compiled(days=longer)) == [("touched", Move.EARLIER)]


def test_a_breach_that_vanishes_is_told_first_also_of_a_clock_that_has_stopped() -> None:
    breached = ticket("breached", "2026-03-05T10:00", 6 * HOUR, stopped="2026-03-05T17:30")
    running = ticket("running", "2026-03-05T10:00", 20 * HOUR)
    assert moves(running, breached, now="2026-03-06T11:00") == [("breached", Move.VANISHES), ("running", Move.LATER)]


def test_a_breach_may_appear() -> None:
    met = ticket("met", "2026-03-05T10:00", 8 * HOUR, stopped="2026-03-06T09:30")
    longer: dict[str, Any] = {"2026-03-05": {"open": [["09:00", "22:00"]], "name": "加班"}}
    assert moves(met, now="2026-03-07T00:00", after=compiled(days=longer)) == [("met", Move.APPEARS)]


def test_a_closed_month_is_restatable_where_an_outcome_in_it_changes() -> None:
    march, april = (period(label, "Asia/Shanghai") for label in ("2026-03", "2026-04"))
    closed = [("SLA-1", march), ("SLA-1", april), ("SLA-2", march)]
    breached = ticket("breached", "2026-03-05T10:00", 6 * HOUR, stopped="2026-03-05T17:30")
    calendars = ({"office": BEFORE}, {"office": AFTER})
    assert restatable([breached], *calendars, closed) == [("SLA-1", march)]
    assert restatable([ticket("late", "2026-03-06T10:00", HOUR)], *calendars, closed) == []


def test_a_later_event_decides_nothing_about_an_earlier_month() -> None:
    """Open at the end of February, resolved in March: February is the same, whatever March's hours are."""
    february = period("2026-02", "Asia/Shanghai")
    across = ticket("across", "2026-02-27T10:00", 100 * HOUR, stopped="2026-03-05T17:30")
    assert restatable([across], {"office": BEFORE}, {"office": AFTER}, [("SLA-1", february)]) == []
