"""The small drawing of the home page: the lower band of a strip alone."""

from dataclasses import dataclass

from markupsafe import Markup

from services.kernel.messages import _
from web.charts.facts import Json
from web.charts.ink import LEAST_WIDTH, glyph, path, pct, picture
from web.charts.words import short_length

GOAL_AT = 0.8  # of the width, so that rows compare and overruns show
MOST_OVER = 1.25  # times the goal fit; beyond, the goal moves left


@dataclass(frozen=True)
class Gauge:
    """A row's band and the words under it."""

    picture: Markup
    words: str


def gauge(clock: Json) -> Gauge:
    """The lower band of an item of `GET /clocks`, its goal always at 80 % of the width unless it is far behind."""
    used, goal = clock.get("elapsed_seconds") or 0, clock.get("goal_seconds")
    if goal is None:
        return Gauge(Markup(""), _("%(used)s, not rated") % {"used": short_length(used)})
    at = GOAL_AT / max(1.0, used / goal / MOST_OVER)
    reached = used / goal * at
    paused, over = clock["state"] == "paused", clock.get("breached_at") is not None and used > goal
    bars = [_bar("trough", 0, at)]
    if reached:
        bars.append(_bar("still" if paused else "work", 0, max(min(reached, at) if over else reached, LEAST_WIDTH)))
    if over:
        bars.append(_bar("over", at, max(reached - at, 0.006)))
    body = [
        f'<svg y="3" width="100%" height="8" class="g">{"".join(bars)}</svg>',
        glyph(at, 0, path("gline", "M0 0v14")),
        *[glyph(at * p / 100, 3, path("tickg", "M0 0v8")) for p in _percents(clock)],
    ]
    told = {"used": short_length(used), "goal": short_length(goal)}
    return Gauge(picture(14, body, cls="gauge"), _("%(used)s / %(goal)s") % told)


def _bar(cls: str, x: float, width: float) -> str:
    return f'<rect class="{cls}" x="{pct(x)}" width="{pct(width)}" height="8" rx="1"/>'


def _percents(clock: Json) -> list[int]:
    """The last at-risk share alone: two ticks in a row this small would only blur."""
    percents = sorted(warning["percent"] for warning in clock.get("warnings") or ())
    return percents[-1:]
