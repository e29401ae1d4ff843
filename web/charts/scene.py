"""What one strip shows: a cycle, laid out, with the words and the days around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from web.charts.days import Calendar, DayKind
from web.charts.facts import NO_HOURS, OUTSIDE_HOURS, Cycle, Event, Kind, Row
from web.charts.folds import Scale, scale_of
from web.charts.words import Local

# px from the top: marks, upper band, ribbons, lower band, its labels.
MARKS, BAND, BAND_H, RIBBON_H, LOWER_H = 18, 40, 30, 30, 16
LOWER = BAND + BAND_H + RIBBON_H
HEIGHT = LOWER + LOWER_H + 20
AXIS_TEXT, MARK_TEXT, LOWER_TEXT = 11, MARKS + 13, LOWER + LOWER_H + 14


@dataclass(frozen=True)
class Scene:
    """uid: makes the drawing's ids its own on the page. opened_by: words at the start mark, where there are any."""

    uid: str
    cycle: Cycle
    scale: Scale
    local: Local
    calendar: Calendar | None
    letters: Mapping[str, str]
    events: tuple[Event, ...]
    late_after: int
    opened_by: str = ""

    @property
    def now(self) -> int:
        """Where the ledger ends: the cycle's end, or the instant of looking."""
        return self.cycle.rows[-1].end

    @property
    def lower_second(self) -> float:
        """The width of a working second below: as above, less where goal or overrun would not fit."""
        longest = max(self.cycle.goal or 0, self.cycle.used, 1)
        above = self.scale.open_second or 1.0
        return min(above, 1 / longest)


def rows_shown(cycle: Cycle, calendar: Calendar | None, local: Local) -> tuple[Row, ...]:
    """The ledger, and for a running clock what lies ahead of now until it is due."""
    return (*cycle.rows, *_ahead(cycle, calendar, local))


def lay_out(cycle: Cycle, calendar: Calendar | None, local: Local) -> Scale:
    """The scale of a cycle's strip."""
    return scale_of(rows_shown(cycle, calendar, local))


def _ahead(cycle: Cycle, calendar: Calendar | None, local: Local) -> list[Row]:
    """Open windows as rows, closed ones between. Without windows: one stretch as long as what is left."""
    if cycle.state != "running" or cycle.due_at is None or not cycle.rows:
        return []
    at, due = cycle.rows[-1].end, cycle.due_at
    if due <= at:
        return []
    if not cycle.ahead:
        return [Row(at, due, Kind.AHEAD, max(1, cycle.remaining or due - at))]
    rows: list[Row] = []
    for opens, closes in cycle.ahead:
        start, end = max(opens, at), min(closes, due)
        if end <= start:
            continue
        rows += _closed(at, start, calendar, local)
        rows.append(Row(start, end, Kind.AHEAD, end - start))
        at = end
    return rows


def _closed(start: int, end: int, calendar: Calendar | None, local: Local) -> list[Row]:
    """The closed rows between two windows, by local day as the ledger has them."""
    if end <= start:
        return []
    if calendar is None:
        return [Row(start, end, Kind.CLOSED, end - start)]
    there = Local(ZoneInfo(calendar.zone), local.year)
    rows, at = [], start
    while at < end:
        day = there.day_of(at)
        until = min(end, there.midnight(day + timedelta(days=1)))
        rows.append(Row(at, until, Kind.CLOSED, until - at, label=_label(calendar, there, at)))
        at = until
    return rows


def _label(calendar: Calendar, there: Local, t: int) -> str:
    day = calendar.day(there.day_of(t))
    if day.kind is DayKind.HOLIDAY:
        return day.name or NO_HOURS
    return OUTSIDE_HOURS if day.windows else NO_HOURS
