"""The signature views' parts: the ticket's clocks, the strip's extremes, period, home rows and a calendar's year.

What they say is put into words when it is drawn, so the templates get functions and not finished panels.
"""

from datetime import date
from typing import Any

from services.kernel.messages import current_language
from tests.web.charts import story
from tests.web.charts.period import BREACHES, NAMES, PERIOD, TIERS, choice
from tests.web.charts.toy import CALENDAR
from tests.web.samples import Sample
from tests.web.samples.hours import hours
from web.charts.conditions import Check, held_matrix, no_clock_checks
from web.charts.drill import Drill, drill
from web.charts.formula import Formula, formulas
from web.charts.hours import beat
from web.charts.mini import Gauge, gauge
from web.charts.panel import ClockPanel, Tab, clock_panel, cycle_tabs, opening_words
from web.charts.tiers import attainment, not_counted, tier_scale
from web.charts.year import WeekDay, Year, calendar_year, week_of

ZONE = "Asia/Shanghai"


def panel(name: str, cycle: dict[str, Any], **more: Any) -> ClockPanel:
    """A cycle of the story as its panel."""
    target = NAMES[current_language()].get(name, name)
    return clock_panel(cycle, target=target, uid=name, zone=ZONE, now=story.NOW, calendar=CALENDAR, **more)


def ticket_panels() -> list[ClockPanel]:
    """The two clocks of ticket 0018842."""
    return [
        panel("response", story.response(), events=story.events()),
        panel("resolution", story.resolution(), events=story.events()),
    ]


def extreme_panels() -> list[tuple[ClockPanel, tuple[Tab, ...]]]:
    """Every extreme with its tabs, where it has any."""
    shown = []
    for name, cycle in story.extremes():
        tabs: tuple[Tab, ...] = ()
        opened = ""
        if name == "second-cycle":
            tabs = cycle_tabs(story.second_cycle(), 2, ZONE, story.NOW, lambda n: f"?cycle={n}")
            opened = opening_words(story.second_cycle(), 2)
        shown.append((panel(name, cycle, opened_by=opened), tabs))
    return shown


def gauges() -> list[Gauge]:
    """Rows of the home page: over, at risk, running, paused, hardly begun, far over, not rated."""
    rows = [
        (255, 240, "running"),
        (27, 30, "running"),
        (610, 960, "running"),
        (980, 2400, "paused"),
        (15, 2400, "running"),
    ]
    made: list[dict[str, Any]] = [
        {
            "state": state, "elapsed_seconds": used * 60, "goal_seconds": goal * 60,
            "breached_at": "2026-10-13T02:05:00Z" if used > goal else None,
            "warnings": [{"percent": 75, "at": None}, {"percent": 90, "at": None}],
        }
        for used, goal, state in [*rows, (4000, 240, "running")]
    ]  # fmt: skip
    none: dict[str, Any] = {
        "state": "running",
        "elapsed_seconds": 600,
        "goal_seconds": None,
        "breached_at": None,
        "warnings": [],
    }
    return [gauge(row) for row in [*made, none]]


def period_drill() -> Drill:
    """The way down to event 0018842-10."""
    names = NAMES[current_language()]
    return drill(PERIOD, BREACHES, story.ticket(), choice(), names=names, zone=ZONE, now=story.NOW)


def period_formulas() -> tuple[Formula, ...]:
    """October's credit lines."""
    return formulas(
        PERIOD, NAMES[current_language()], "/contracts/HT-2026-000042", lambda _: "/agreements/SLA-2026-000012"
    )


def year() -> Year:
    """2026 with a half day on 9 October that is not saved yet."""
    changed = {
        **CALENDAR,
        "days": {**CALENDAR["days"], "2026-10-09": {"open": [["09:00", "12:00"]], "name": "停电检修"}},
    }
    return calendar_year({**changed, "known_until": "2026-11-30"}, 2026, date(2026, 10, 13), {date(2026, 10, 9)})


def steps() -> list[dict[str, Any]]:
    """The `why` of the call-back target: it starts, but never applies."""
    return [
        {
            "event_id": f"0018842-{n}", "at": 0, "version": 2, "goal_seconds": None if n == 1 else 16 * 3600,
            "conditions": {"start": n > 5, "applies": False}, "did": did, "hindered_by": ["applies"], "tests": [],
        }
        for n, did in ((1, []), (2, ["goal_changed"]), (6, ["started", "paused"]), (11, ["stopped"]))
    ]  # fmt: skip


def checks() -> tuple[Check, ...]:
    """Why ticket 0018842 has no call-back clock."""
    conditions = {
        "start": {"field": "state", "op": "in", "value": ["已解决", "已关闭"]},
        "applies": {"any": [{"field": "level", "op": "eq", "value": "VIP"}, {"not": {"field": "vip", "op": "unset"}}]},
    }
    return no_clock_checks(steps(), {"conditions": conditions}, {"state": "已解决"})


def week() -> tuple[WeekDay, ...]:
    """The pattern of the office calendar."""
    return week_of(CALENDAR, date(2026, 10, 13))


def samples() -> list[Sample]:
    """A page of the ticket, one of the extremes, one of the small parts, one of the year."""
    return [
        Sample(
            "clock-ticket",
            "sample_clock.html",
            {
                "here": "/", "nav": "tickets", "panels": ticket_panels, "checks": checks,
                "matrix": lambda: held_matrix(steps()),
            },
        ),
        Sample("clock-extremes", "sample_extremes.html", {"extremes": extreme_panels, "here": "/", "nav": "tickets"}),
        Sample(
            "clock-period",
            "sample_period.html",
            {
                "here": "/", "nav": "periods", "period": PERIOD, "tiers": TIERS,
                "names": lambda: NAMES[current_language()],
                "tier_scale": tier_scale, "attainment": attainment, "not_counted": not_counted,
                "formulas": period_formulas, "drill": period_drill, "gauges": gauges,
                "beat": lambda counts: beat(hours(counts)),
            },
        ),
        Sample("clock-year", "sample_year.html", {"year": year, "week": week, "here": "/", "nav": "calendars"}),
    ]  # fmt: skip
