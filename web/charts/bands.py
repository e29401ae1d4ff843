"""The two bands of the strip and the ribbons between them.

Above, wall time with closed time folded; below, working time laid end to end against the goal. A pause above shrinks to
a notch below, so nobody asks whether it counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.kernel.messages import _, pgettext
from web.charts.facts import Kind
from web.charts.folds import Piece
from web.charts.ink import LEAST_WIDTH, glyph, path, rect, text, words_at
from web.charts.placing import Lanes, Seat, fitting, shown_at
from web.charts.scene import BAND, BAND_H, LOWER, LOWER_H, LOWER_TEXT, RIBBON_H, Scene
from web.charts.words import short_length

BREAKS_SHOWN = 60  # above so many pieces the // of a fold would only be noise
IN_BAR = BAND + BAND_H / 2 + 4


@dataclass(frozen=True)
class Stretch:
    """What is drawn as one bar. used: working seconds before it. over: after the breach."""

    kind: Kind
    x0: float
    x1: float
    seconds: int
    used: int
    over: bool = False
    reason: str = ""

    def meets(self, other: "Stretch") -> bool:
        """Whether `other` goes on where this ends, in the same look."""
        same = (self.kind, self.over, self.reason) == (other.kind, other.over, other.reason)
        return same and abs(self.x1 - other.x0) < 1e-9


def stretches(scene: Scene) -> list[Stretch]:
    """The open pieces as bars; those that touch and look alike are one (where nights take no width)."""
    found: list[Stretch] = []
    for part in _parts(scene):
        last = found[-1] if found else None
        if last is not None and last.meets(part):
            found[-1] = Stretch(
                last.kind, last.x0, part.x1, last.seconds + part.seconds, last.used, last.over, last.reason
            )
        else:
            found.append(part)
    return found


def _parts(scene: Scene) -> Iterator[Stretch]:
    used, breach = 0, scene.cycle.breached_at
    for piece in scene.scale.pieces:
        if piece.fold:
            continue
        row = piece.rows[0]
        if piece.kind is not Kind.WORKING:
            yield Stretch(piece.kind, piece.x0, piece.x1, row.seconds, used, reason=row.reason or "")
            continue
        cut = piece.end if breach is None else min(max(breach, piece.start), piece.end)
        for start, end, over in ((piece.start, cut, False), (cut, piece.end, True)):
            if end > start:
                yield Stretch(Kind.WORKING, scene.scale.x(start), scene.scale.x(end), end - start, used, over)
                used += end - start


def upper_band(scene: Scene, bars: list[Stretch]) -> list[str]:
    """Folds, bars and the words in them."""
    drawn = [ink for piece in scene.scale.pieces if piece.fold for ink in _fold(scene, piece)]
    for bar in bars:
        drawn += _bar(scene, bar)
    return drawn


def _fold(scene: Scene, piece: Piece) -> Iterator[str]:
    if piece.x1 - piece.x0 < 1e-9:
        return
    now = min(max(scene.scale.x(scene.now), piece.x0), piece.x1) if scene.now < scene.scale.end else piece.x1
    if now > piece.x0:
        yield rect("fold", piece.x0, now - piece.x0, BAND, BAND_H)
    if now < piece.x1:
        yield rect("fold fut", now, piece.x1 - now, BAND, BAND_H)
    if len(scene.scale.pieces) < BREAKS_SHOWN and piece.x1 - piece.x0 > 0.006:
        yield glyph((piece.x0 + piece.x1) / 2, BAND + BAND_H / 2, path("brk", "M-3 5l3-10M0 5l3-10"))


def _bar(scene: Scene, bar: Stretch) -> list[str]:
    width = max(bar.x1 - bar.x0, LEAST_WIDTH)
    hollow = (bar.x0, width, BAND + 0.5, BAND_H - 1)
    if bar.kind is Kind.AHEAD:
        return [rect("ahead", *hollow)]
    if bar.kind is Kind.WORKING:
        cls = "over" if bar.over else "work"
        words = _inside(bar, "halo" if scene.cycle.withdrawn else f"on-{cls}", [short_length(bar.seconds)])
        if scene.cycle.withdrawn:
            return [rect("void", *hollow), *words]
        return [rect(cls, bar.x0, width, BAND, BAND_H), *words]
    cls, pattern = ("pause", "hatch") if bar.kind is Kind.PAUSED else ("stop", "dots")
    drawn = [rect(cls, *hollow), rect("", bar.x0, width, BAND, BAND_H, fill=f"{scene.uid}-{pattern}")]
    return drawn + _inside(bar, "halo", _bar_words(scene, bar))


def _bar_words(scene: Scene, bar: Stretch) -> list[str]:
    told = short_length(bar.seconds)
    if bar.kind is Kind.STOPPED:
        return [_("stopped %(length)s") % {"length": told}, pgettext("ledger", "stopped")]
    letter = scene.letters.get(bar.reason, "")
    forms = [f"{letter} {bar.reason} {told}", f"{letter} {told}", letter]
    return [form.strip() for form in forms if form.strip()]


def _inside(bar: Stretch, cls: str, forms: list[str]) -> list[str]:
    middle = (bar.x0 + bar.x1) / 2
    return [
        text(f"in {cls} {shown_at(widths)}".strip(), middle, IN_BAR, words, "middle")
        for words, widths in fitting(bar.x1 - bar.x0, forms)
    ]


def ribbons(scene: Scene, bars: list[Stretch]) -> str:
    """Each working piece above joined to its place below, in the one part of the drawing that stretches."""
    second = scene.lower_second
    paths = [
        path(
            "void" if scene.cycle.withdrawn else "over" if bar.over else "work",
            f"M{bar.x0 * 1000:.2f} 0H{bar.x1 * 1000:.2f}"
            f"L{(bar.used + bar.seconds) * second * 1000:.2f} 30H{bar.used * second * 1000:.2f}z",
        )
        for bar in bars
        if bar.kind is Kind.WORKING
    ]
    return (
        f'<svg x="0" y="{BAND + BAND_H}" width="100%" height="{RIBBON_H}" viewBox="0 0 1000 30" '
        f'preserveAspectRatio="none" class="rib" aria-hidden="true">{"".join(paths)}</svg>'
    )


def lower_band(scene: Scene, bars: list[Stretch], lanes: Lanes) -> list[str]:
    """The goal as a trough, what was used in it, red beyond it, and the labels beneath."""
    cycle, second = scene.cycle, scene.lower_second
    limit = cycle.goal if cycle.goal is not None else cycle.used
    drawn = [rect("trough", 0, max(limit, cycle.used) * second, LOWER, LOWER_H)]
    parts = [(0, min(cycle.used, limit), "work"), (limit, cycle.used, "over" if cycle.breached_at else "work")]
    for start, end, cls in parts:
        if end > start:
            look = "void" if cycle.withdrawn else cls
            drawn.append(rect(look, start * second, max((end - start) * second, 0.002), LOWER, LOWER_H))
    drawn += _notches(scene, bars)
    drawn += _used_words(scene, lanes)
    return drawn + _goal_words(scene, lanes)


def _notches(scene: Scene, bars: list[Stretch]) -> list[str]:
    places = {round(bar.used * scene.lower_second, 4) for bar in bars if bar.kind in (Kind.PAUSED, Kind.STOPPED)}
    return [glyph(x, LOWER - 1, path("notch", f"M0 0v{LOWER_H + 2}")) for x in sorted(places) if x > 0]


def _used_words(scene: Scene, lanes: Lanes) -> list[str]:
    """`18 h 45 over by 2 h 45` behind the red, or in it where nothing is left behind it."""
    cycle = scene.cycle
    if cycle.withdrawn or cycle.goal is None or cycle.used <= cycle.goal or not cycle.breached_at:
        return []
    end = cycle.used * scene.lower_second
    told = short_length(cycle.used)
    whole = _("%(used)s over by %(over)s") % {"used": told, "over": short_length(cycle.used - cycle.goal)}
    behind = lanes.place(end, [whole, told], "used", [Seat("start", 8)])
    drawn = [_used(end, spot.dx, spot.words, "ax late", spot.anchor, spot.shown) for spot in behind]
    within = set(fitting(end - cycle.goal * scene.lower_second, [whole, told]))
    seated = {width for spot in behind for width in spot.widths}
    for words, widths in within:
        left = tuple(width for width in widths if width not in seated)
        if left:
            drawn.append(_used(end, -6, words, "on-over used-in", "end", shown_at(left)))
    return drawn


def _used(x: float, dx: float, words: str, cls: str, anchor: str, shown: str) -> str:
    return words_at(x, LOWER + 12, dx, words, cls, anchor, shown)


def _goal_words(scene: Scene, lanes: Lanes) -> list[str]:
    """The goal first, then the former one, then at-risk shares: whoever finds no room goes without words."""
    cycle, second = scene.cycle, scene.lower_second
    drawn: list[str] = []
    seats = [Seat("middle"), Seat("end"), Seat("start")]

    def label(x: float, words: str, cls: str) -> None:
        for spot in lanes.place(x, [words], "goal", seats):
            drawn.append(text(f"{cls} {spot.shown}".strip(), x, LOWER_TEXT, spot.words, spot.anchor))

    if cycle.goal is not None:
        goal = cycle.goal * second
        drawn.append(glyph(goal, LOWER, path("gline", f"M0 -3v{LOWER_H + 6}")))
        label(goal, _("goal %(length)s") % {"length": short_length(cycle.goal)}, "ax goal")
        former = [c.before for c in cycle.changes if c.before is not None and c.before != cycle.goal]
        if former and former[-1] * second <= 0.97:
            drawn.append(glyph(former[-1] * second, LOWER, path("tickw", f"M0 0v{LOWER_H + 3}")))
            label(former[-1] * second, _("was %(length)s") % {"length": short_length(former[-1])}, "ax was")
        for percent in sorted({warning.percent for warning in cycle.warnings}, reverse=True):
            if goal * (100 - percent) / 100 > 0.012:
                drawn.append(glyph(goal * percent / 100, LOWER, path("tickg", f"M0 0v{LOWER_H + 3}")))
                label(goal * percent / 100, f"{percent} %", "ax")
    label(0, "0", "ax")
    return drawn


def patterns(scene: Scene) -> str:
    """The hatch of a pause and the dots of a stop."""
    return (
        f'<defs><pattern id="{scene.uid}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path class="hatch" d="M0 0v6"/></pattern>'
        f'<pattern id="{scene.uid}-dots" width="5" height="5" patternUnits="userSpaceOnUse">'
        f'<circle class="dots" cx="2.5" cy="2.5" r="1"/></pattern></defs>'
    )
