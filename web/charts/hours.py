"""A source's last day by the hour: small bars beside its name, and the same drawn large with hours and a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from services.kernel.messages import _
from web.charts.facts import Json
from web.charts.ink import glyph, picture, rect, text
from web.charts.words import Local, epoch

BEAT_H, STEP, BAR = 16, 5, 3.4
LEAST = 1.5  # px: an hour in which something came is never as flat as one in which nothing did
TALL, ABOVE = 64, 16
LABEL_EVERY = 6  # hours of the reader's clock
NEAR_END = 0.88  # of the width: from here on a label would reach over the edge of a phone


@dataclass(frozen=True)
class HourRow:
    """An hour in words. begins: in seconds since 1970. at: with its day, clock: without."""

    begins: int
    at: str
    clock: str
    calls: int
    accepted: int
    rejected: int


@dataclass(frozen=True)
class Day:
    """A source's last day. total, refused, calls: its sums."""

    picture: Markup
    rows: Sequence[HourRow]
    calls: int
    total: int
    refused: int


def beat(hours: Sequence[Json]) -> Markup:
    """A source's lines by hour, the latest last: what was refused on top, an hour with nothing a dot and not a gap.

    hours: as `GET /sources` gives them. Silence is not success.
    """
    most = max([1, *(_lines(hour) for hour in hours)])
    marks = []
    for place, hour in enumerate(hours):
        x = place * STEP
        if not hour["calls"]:
            marks.append(f'<circle cx="{x + BAR / 2:g}" cy="{BEAT_H}" r="1"/>')
            continue
        height = max(LEAST, _lines(hour) / most * BEAT_H)
        over = height * hour["rejected"] / max(1, _lines(hour))
        marks.append(f'<rect x="{x}" y="{17 - height:.1f}" width="{BAR}" height="{height:.1f}"/>')
        if over:
            marks.append(f'<rect class="no" x="{x}" y="{17 - height:.1f}" width="{BAR}" height="{over:.1f}"/>')
    said = _("Events in the last %(n)s hours, hour by hour: %(counts)s") % {
        "n": len(hours), "counts": " ".join(str(hour["accepted"]) for hour in hours),
    }  # fmt: skip
    width = len(hours) * STEP
    head = f'<svg class="beat" viewBox="0 0 {width} 18" width="{width}" height="18" role="img"'
    return Markup(f'{head} aria-label="{escape(said)}">{"".join(marks)}</svg>')  # noqa: S704  # numbers, and escaped


def day(hours: Sequence[Json], here: Local) -> Day:
    """The same over the width of a page, on the reader's clock, with the rows of its table."""
    rows = [
        HourRow(
            begins := epoch(hour["from"]), here.at(begins), here.clock(begins), hour["calls"], hour["accepted"],
            hour["rejected"],
        )
        for hour in hours
    ]  # fmt: skip
    most = max([1, *(row.accepted + row.rejected for row in rows)])
    base, width = ABOVE + TALL, 1 / max(1, len(rows))
    drawn = [f'<rect class="base" width="100%" y="{base}" height="1"/>', text("ax", 0, 11, str(most))]
    for place, row in enumerate(rows):
        x = place * width
        drawn += _column(row, x, width, most, base)
        if here.moment(row.begins).hour % LABEL_EVERY == 0:
            at, anchor = (1.0, "end") if x > NEAR_END else (x, "start")
            drawn.append(text("ax", at, base + 16, here.clock(row.begins), anchor))
    said = _finding(rows)
    shown = picture(base + 22, drawn, cls="day", uid="day", title=_("The last %(n)s hours", n=len(rows)), desc=said)
    sums = (sum(row.calls for row in rows), sum(row.accepted for row in rows), sum(row.rejected for row in rows))
    return Day(shown, rows, *sums)


def _column(row: HourRow, x: float, width: float, most: int, base: int) -> list[str]:
    if not row.calls:
        return [glyph(x + width / 2, base - 4, '<circle class="none" r="1.5"/>')]
    height = max(LEAST, (row.accepted + row.rejected) / most * TALL)
    over = height * row.rejected / max(1, row.accepted + row.rejected)
    left, wide = x + width * 0.12, width * 0.76
    bars = [("work", base - height + over, height - over), ("no", base - height, over)]
    return [rect(cls, left, wide, round(top, 1), round(tall, 1)) for cls, top, tall in bars if tall]


def _finding(rows: Sequence[HourRow]) -> str:
    heard = [row for row in rows if row.calls]
    if not heard:
        return _("Nothing came in these hours.")
    top = max(rows, key=lambda row: row.accepted)
    told = {
        "events": sum(row.accepted for row in rows), "most": top.accepted, "at": top.clock,
        "silent": len(rows) - len(heard),
    }  # fmt: skip
    return _("%(events)s events, most of them at %(at)s (%(most)s); nothing in %(silent)s of the hours.") % told


def _lines(hour: Json) -> int:
    return int(hour["accepted"] + hour["rejected"])
