"""The axis above the strip: named holidays and make-up days first, then days, months or clock time."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from services.kernel.messages import pgettext
from web.charts.days import DayKind
from web.charts.facts import Kind
from web.charts.folds import DAY
from web.charts.ink import glyph, path, text
from web.charts.placing import Lanes, Seat
from web.charts.scene import AXIS_TEXT, BAND, Scene
from web.charts.words import Local, day_name, days_long

STEPS = (60, 300, 600, 900, 1800, 3600, 7200, 10800)  # of the clock axis: 1 min to 3 h
MOST_TICKS = 9
MOST_DAYS = 26  # longer: months, with a tick each Monday
HOLIDAYS_NAMED = 45 * DAY  # longer strips name no holidays
MOST_MONDAYS = 130
NEAR_START = 0.12  # of the width


def axis(scene: Scene, lanes: Lanes) -> list[str]:
    """Labels and ticks for what the strip spans."""
    first, last = scene.scale.start, scene.scale.end
    one_day = scene.local.day_of(first) == scene.local.day_of(last)
    if last - first <= DAY and (one_day or not scene.scale.folded):
        return _clock_axis(scene, lanes)
    days = _opening_days(scene)
    if len(days) > MOST_DAYS:
        return _holidays(scene, lanes) + _month_axis(scene, lanes, days)
    return _day_axis(scene, lanes, days)


def _label(lanes: Lanes, x: float, words: str, cls: str, anchor: str = "start") -> list[str]:
    spots = lanes.place(x, [words], "axis", [Seat(anchor)])
    return [
        text(f"ax {cls} {spot.shown}".replace("  ", " ").strip(), x, AXIS_TEXT, spot.words, spot.anchor)
        for spot in spots
    ]


def _tick(x: float) -> str:
    return glyph(x, BAND - 4, path("tickm", "M0 0v4"))


def _opening_days(scene: Scene) -> dict[date, float]:
    """Each local day with open time, and where its first open instant lies."""
    days: dict[date, float] = {}
    for piece in scene.scale.pieces:
        if piece.kind is Kind.CLOSED:
            continue
        day, at = scene.local.day_of(piece.start), piece.start
        while at < piece.end:
            days.setdefault(day, scene.scale.x(at))
            day += timedelta(days=1)
            at = scene.local.midnight(day)
    return days


def _day_axis(scene: Scene, lanes: Lanes, days: dict[date, float]) -> list[str]:
    """The first day, holidays, make-up days, then as many of the others as find room."""
    first = scene.local.day_of(scene.scale.start)
    forms = [scene.local.day(first, first=True), scene.local.day(first)]
    drawn = _label(lanes, 0, forms[1] if _holiday_near_start(scene) else forms[0], "")
    drawn += _holidays(scene, lanes)
    names = {day: _special(scene, day) for day in days}
    if names.get(first):
        names[first] = ""
    for day in sorted(days, key=lambda d: (not names[d], d)):
        drawn.append(_tick(days[day]))
        if day != first:
            words = f"{scene.local.day(day)} {names[day]}".strip()
            drawn += _label(lanes, days[day], words, "mk" if names[day] else "")
    return drawn


def _holiday_near_start(scene: Scene) -> bool:
    """Whether a named holiday stands so near that the first day had better be short."""
    return any(row.named for piece in scene.scale.pieces if piece.x0 < NEAR_START for row in piece.rows)


def _special(scene: Scene, day: date) -> str:
    """`调休` for a weekend day that is worked, the name of a day with special hours, else nothing."""
    if scene.calendar is None:
        return ""
    found = scene.calendar.day(day)
    if found.kind is DayKind.MAKEUP:
        return pgettext("calendar day", "make-up")
    return day_name(found.name) if found.kind is DayKind.SHORT else ""


def _holidays(scene: Scene, lanes: Lanes) -> list[str]:
    """The named days of each fold, counted, above it."""
    if scene.scale.end - scene.scale.start >= HOLIDAYS_NAMED:
        return []
    zone = ZoneInfo(scene.calendar.zone) if scene.calendar else scene.local.zone
    there, drawn = Local(zone, scene.local.year), []
    for piece in scene.scale.pieces:
        named: dict[str, set[date]] = {}
        for row in piece.rows:
            if row.named and row.label:
                named.setdefault(row.label, set()).add(there.day_of(row.start))
        for label, dates in named.items():
            drawn += _label(lanes, piece.x0 + 0.003, f"{day_name(label)} {days_long(len(dates))}", "hol")
    return drawn


def _month_axis(scene: Scene, lanes: Lanes, days: dict[date, float]) -> list[str]:
    drawn, before = [], None
    for day, x in days.items():
        if before is None or (day.year, day.month) != (before.year, before.month):
            drawn += _label(lanes, x, scene.local.month(day, first=before is None), "")
            if before is not None:
                drawn.append(_tick(x))
        before = day
    mondays = [x for day, x in days.items() if day.weekday() == 0]
    return drawn + ([_tick(x) for x in mondays] if len(mondays) <= MOST_MONDAYS else [])


def _clock_axis(scene: Scene, lanes: Lanes) -> list[str]:
    """The day at the left, clock time at a round step, and midnight by its day where one lies inside."""
    first, last = scene.scale.start, scene.scale.end
    step = next((s for s in STEPS if (last - first) / s <= MOST_TICKS), STEPS[-1])
    begins = scene.local.midnight(scene.local.day_of(first))
    drawn = _label(lanes, 0, scene.local.day(scene.local.day_of(first), first=True), "")
    at = begins + -(-(first - begins) // step) * step
    while at <= last:
        x = scene.scale.x(at)
        midnight = scene.local.clock(at) == "00:00"
        words = scene.local.day(scene.local.day_of(at)) if midnight else scene.local.clock(at)
        drawn += [*_label(lanes, x, words, "mk" if midnight else "", "middle"), _tick(x)]
        at += step
    return drawn
