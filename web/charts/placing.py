"""Where labels stand: for three widths of the box at once, so that a container query only has to choose.

A label is placed in a lane (a line of text). It is set down where it meets no other of its lane; else a shorter form of
it is tried, else it is left out. Text is measured in units of 6 px.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

UNIT = 6.0
WIDTHS = {"w": 1000, "m": 640, "n": 320}  # px: the class .at-w shows from 1000 up, .at-m from 640, .at-n below
ALL = tuple(WIDTHS)
OVERHANG = 0.005  # how far a label may reach over the box's edge, as a share


def units(words: str) -> float:
    """The length of a text: a Chinese character 2, a digit 1.22, any other 1."""
    return sum(2 if ord(ch) > 0x2E80 else 1.22 if ch.isdigit() else 1 for ch in words)


def shown_at(widths: Sequence[str]) -> str:
    """The classes that show a label at these widths alone; none where it stands at all three."""
    return "" if len(widths) == len(WIDTHS) else " ".join(["at", *(f"at-{w}" for w in widths)])


@dataclass(frozen=True)
class Placed:
    """One form of a label at the widths where it stands. dx: px from its x."""

    words: str
    anchor: str
    dx: float
    widths: tuple[str, ...]

    @property
    def shown(self) -> str:
        """Its classes."""
        return shown_at(self.widths)


@dataclass(frozen=True)
class Seat:
    """One way to stand: anchor as in SVG, dx px beside."""

    anchor: str = "start"
    dx: float = 0.0


@dataclass
class Lanes:
    """What is taken, by width and lane, in shares of the box."""

    taken: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)

    def free(self, width: str, lane: str, left: float, right: float, gap: float) -> bool:
        """Whether nothing of the lane lies nearer than gap px."""
        near = gap / WIDTHS[width]
        return all(right + near <= a or b + near <= left for a, b in self.taken.get((width, lane), ()))

    def take(self, width: str, lane: str, left: float, right: float) -> None:
        """Nothing else stands here from now on."""
        self.taken.setdefault((width, lane), []).append((left, right))

    def block(self, x: float, half: float, lane: str, widths: Sequence[str] = ALL) -> None:
        """Keep half px free on both sides of x."""
        for width in widths:
            self.take(width, lane, x - half / WIDTHS[width], x + half / WIDTHS[width])

    def clear_of(self, x: float, half: float, lane: str) -> tuple[str, ...]:
        """The widths at which half px on both sides of x are free."""
        return tuple(w for w, px in WIDTHS.items() if self.free(w, lane, x - half / px, x + half / px, 0))

    def place(
        self, x: float, forms: Sequence[str], lane: str, seats: Sequence[Seat], gap: float = UNIT
    ) -> list[Placed]:
        """Set a label down at every width where one of its forms, the longest first, finds a seat."""
        found: dict[tuple[str, Seat], list[str]] = {}
        for width, px in WIDTHS.items():
            spot = self._spot(width, px, x, forms, lane, seats, gap)
            if spot is not None:
                found.setdefault(spot, []).append(width)
        return [Placed(words, seat.anchor, seat.dx, tuple(widths)) for (words, seat), widths in found.items()]

    def _spot(
        self, width: str, px: int, x: float, forms: Sequence[str], lane: str, seats: Sequence[Seat], gap: float
    ) -> tuple[str, Seat] | None:
        for words in forms:
            for seat in seats:
                left = _left(x + seat.dx / px, units(words) * UNIT / px, seat.anchor)
                right = left + units(words) * UNIT / px
                inside = left >= -OVERHANG and right <= 1 + OVERHANG
                if words and inside and self.free(width, lane, left, right, gap):
                    self.take(width, lane, left, right)
                    return words, seat
        return None


def _left(x: float, length: float, anchor: str) -> float:
    return x if anchor == "start" else x - length if anchor == "end" else x - length / 2


def fitting(room: float, forms: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """In a bar as wide as `room` (a share of the box): the longest form that fits, for each width."""
    picked: dict[str, list[str]] = {}
    for width, px in WIDTHS.items():
        best = next((f for f in forms if f and room * px > 6.2 * units(f) + 8), None)
        if best:
            picked.setdefault(best, []).append(width)
    return [(words, tuple(widths)) for words, widths in picked.items()]
