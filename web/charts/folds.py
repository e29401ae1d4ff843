"""Where an instant lies on the strip: open time to one scale, closed time folded.

Widths are shares of the strip, 0 to 1. All folds together take min(30 %, 1 % x K) of it, K being the sum of their
weights; the rest is open seconds, each of the same width. Within a fold time is linear.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from web.charts.facts import NO_HOURS, Kind, Row

NIGHT, WEEKEND, HOLIDAY = 1, 2, 7
MOST_NIGHTS = 40  # some six weeks; above, nights take no width: days touch, weekends and holidays stay
MOST_FOLDED, FOLD_SHARE = 0.30, 0.01
DAY = 86400


@dataclass(frozen=True)
class Piece:
    """A stretch of open time (one row) or a fold (closed rows in a row) from x0 to x1."""

    start: int
    end: int
    kind: Kind
    rows: tuple[Row, ...]
    x0: float
    x1: float

    @property
    def fold(self) -> bool:
        """Closed, so drawn at a width that says nothing about its length."""
        return self.kind is Kind.CLOSED


@dataclass(frozen=True)
class Scale:
    """The strip's pieces from left to right. open_second: the width of one open second."""

    pieces: tuple[Piece, ...]
    open_second: float

    @property
    def start(self) -> int:
        """The first instant shown."""
        return self.pieces[0].start

    @property
    def end(self) -> int:
        """The last instant shown."""
        return self.pieces[-1].end

    @property
    def folded(self) -> bool:
        """Whether any closed time is shown."""
        return any(piece.fold for piece in self.pieces)

    def x(self, t: int) -> float:
        """The place of an instant; what lies outside sticks to the edge."""
        if t <= self.start:
            return 0.0
        if t >= self.end:
            return 1.0
        piece = self.pieces[bisect_right(self.pieces, t, key=lambda p: p.start) - 1]
        share = min(1.0, (t - piece.start) / (piece.end - piece.start))
        return piece.x0 + (piece.x1 - piece.x0) * share


def scale_of(rows: Iterable[Row]) -> Scale:
    """Lay the rows out, in their order and without gaps between them. No rows: an empty scale."""
    groups = _grouped(rows)
    weights = _weights(groups)
    heavy = sum(weights)
    open_seconds = sum(g[0].seconds for g in groups if g[0].kind is not Kind.CLOSED)
    folded = min(MOST_FOLDED, FOLD_SHARE * heavy) if open_seconds else 1.0
    second = (1 - folded) / open_seconds if open_seconds else 0.0
    pieces, x = [], 0.0
    for group, weight in zip(groups, weights, strict=True):
        width = folded * weight / heavy if weight else _open_width(group, second)
        pieces.append(Piece(group[0].start, group[-1].end, group[0].kind, tuple(group), x, x + width))
        x += width
    return Scale(tuple(pieces), second)


def _grouped(rows: Iterable[Row]) -> list[list[Row]]:
    groups: list[list[Row]] = []
    for row in rows:
        if row.kind is Kind.CLOSED and groups and groups[-1][0].kind is Kind.CLOSED:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _open_width(group: Sequence[Row], second: float) -> float:
    return 0.0 if group[0].kind is Kind.CLOSED else second * group[0].seconds


def fold_weight(rows: Sequence[Row]) -> int:
    """How much a fold may take: a night 1, a weekend 2, a stretch with a named holiday 7."""
    if any(row.named for row in rows):
        return HOLIDAY
    if any(row.label == NO_HOURS for row in rows) or sum(row.seconds for row in rows) >= DAY:
        return WEEKEND
    return NIGHT


def _weights(groups: Sequence[Sequence[Row]]) -> list[int]:
    weights = [fold_weight(g) if g[0].kind is Kind.CLOSED else 0 for g in groups]
    if weights.count(NIGHT) <= MOST_NIGHTS:
        return weights
    return [0 if w == NIGHT else w for w in weights]
