"""Attainment on its own scale with the tiers drawn: from two points under the lowest tier to 100 %."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from services.kernel.messages import _
from web.charts.facts import Json
from web.charts.ink import glyph, path, pct, picture, text
from web.charts.placing import UNIT, Lanes, Seat, units
from web.charts.words import percent, percent_cut

BELOW_LOWEST = Decimal("0.02")
NO_TIERS_FROM = Decimal("0.90")
HEIGHT, BAND, BAND_H = 46, 14, 12
SMALLEST_BOX = 260  # px: a tier scale sits in a table's column
CLEAR = 4 / SMALLEST_BOX  # between words and a pointer's line


@dataclass(frozen=True)
class Tiers:
    """The tiers of a target, the lowest first, and where its scale begins."""

    bands: tuple[tuple[Decimal, str], ...]
    low: Decimal

    @classmethod
    def read(cls, tiers: Sequence[Json], low: Decimal | None = None) -> "Tiers":
        """From `[{"below": "0.95", "rate": "0.40"}]` of an agreement's target. low: where the scale begins, null for
        two points under the lowest tier."""
        bands = tuple(sorted((Decimal(tier["below"]), tier["rate"]) for tier in tiers))
        own = bands[0][0] - BELOW_LOWEST if bands else NO_TIERS_FROM
        return cls(bands, max(own if low is None else low, Decimal(0)))

    def rate(self, share: Decimal) -> str | None:
        """The rate that a band of the drawing stands for; null where there is no credit."""
        return next((rate for below, rate in self.bands if share < below), None)

    def x(self, share: Decimal) -> float:
        """The place of a share; one off the scale sticks to the edge."""
        place = (share - self.low) / (1 - self.low)
        return float(min(Decimal(1), max(Decimal(0), place)))

    @property
    def words(self) -> str:
        """`88–100 %`."""
        return f"{percent(str(self.low)).removesuffix(' %')}–100 %"


def common_scale(every: Iterable[Sequence[Json]]) -> Tiers:
    """The scale, without bands, on which the tiers of several targets are drawn under each other, so that rows
    compare: from two points under the lowest of all."""
    lows = [Tiers.read(tiers).low for tiers in every if tiers]
    return Tiers((), min(lows, default=NO_TIERS_FROM))


def tier_scale(
    tiers: Sequence[Json], share: str | None, after: str | None = None, low: Decimal | None = None
) -> Markup:
    """▼ at the attainment now, hollow ▽ where it usually is or would be after a decision.

    share, after: six-place shares or null. A mark in a band that credits is red. low: where the scale begins, null for
    the tiers' own.
    """
    scale, lanes = Tiers.read(tiers, low), Lanes()
    edges = [scale.low, *(below for below, _rate in scale.bands), Decimal(1)]
    pointers = [scale.x(Decimal(one)) for one in (share, after) if one is not None]
    drawn: list[str] = []
    for left, right in itertools.pairwise(edges):
        drawn += _band(scale, left, right, pointers)
    for edge in edges[1:-1]:
        drawn.append(glyph(scale.x(edge), BAND, path("tickm", "M0 0v16")))
        for spot in lanes.place(scale.x(edge), [percent(str(edge))], "edge", [Seat("middle")]):
            drawn.append(text(f"ax {spot.shown}".strip(), scale.x(edge), 42, spot.words, spot.anchor))
    if after is not None:
        drawn.append(_pointer(scale, Decimal(after), "ghost"))
    if share is not None:
        drawn.append(_pointer(scale, Decimal(share), "here"))
    return picture(HEIGHT, drawn, cls="tiers")


def _band(scale: Tiers, left: Decimal, right: Decimal, pointers: Sequence[float]) -> list[str]:
    rate = scale.rate(left)
    heat = 0 if rate is None else max(1, min(4, round(float(rate) * 4)))
    x0, x1 = scale.x(left), scale.x(right)
    words = _("no credit") if rate is None else percent(rate)
    drawn = [f'<rect class="tier r{heat}" x="{pct(x0)}" width="{pct(x1 - x0)}" y="{BAND}" height="{BAND_H}"/>']
    place = _free(x0, x1, units(words) * UNIT / SMALLEST_BOX, pointers)
    if place is not None:
        drawn.append(text(f"trate q{heat}", place, BAND + 10, words, "middle"))
    return drawn


def _free(x0: float, x1: float, width: float, pointers: Sequence[float]) -> float | None:
    """The middle of the band, or of the widest room beside the pointers that cross it; null where words of this width
    fit nowhere."""
    middle = (x0 + x1) / 2
    if width <= x1 - x0 and all(abs(pointer - middle) > width / 2 + CLEAR for pointer in pointers):
        return middle
    inside = sorted(pointer for pointer in pointers if x0 < pointer < x1)
    edges = [(x0, 0.0), *((pointer, CLEAR) for pointer in inside), (x1, 0.0)]
    rooms = [(a + before, b - after) for (a, before), (b, after) in itertools.pairwise(edges)]
    start, end = max(rooms, key=lambda room: room[1] - room[0])
    return (start + end) / 2 if width <= end - start else None


def _pointer(scale: Tiers, share: Decimal, mark: str) -> str:
    cls = f"{mark} bad" if scale.rate(share) is not None else mark
    if share < scale.low:  # off the scale: an arrow that points out of it
        return glyph(0, 0, path(cls, "M11 2v10l-10 -5z"))
    return glyph(scale.x(share), 0, path(cls, "M-5 2h10l-5 9zM0 11v17"))


@dataclass(frozen=True)
class Attainment:
    """A target's result in words. tone: `late` under a tier, `good` else, `muted` where it is not rated."""

    words: str
    tone: str


def attainment(result: Json) -> Attainment:
    """The six-place share as a per cent of four places, cut; or that there is none."""
    found = result.get("attainment")
    if not result.get("rated") or not found:
        return Attainment(_("not rated"), "muted")
    return Attainment(percent_cut(found["share"]), "late" if result.get("tier") else "good")


def not_counted(result: Json) -> str:
    """`剔除 1 · 取消 3`: what a period lists without counting it, zero terms left away."""
    terms = [
        (result.get("excluded", 0), _("%(n)s excluded")),
        (result.get("cancelled", 0), _("%(n)s cancelled")),
        (result.get("reset", 0), _("%(n)s reset")),
        (result.get("expired", 0), _("%(n)s expired")),
        (result.get("not_rated", 0), _("%(n)s without a goal")),
    ]
    return " · ".join(words % {"n": n} for n, words in terms if n)
