"""The marks of an elastic SVG: x and widths in per cent of the box, heights and type in px.

So one drawing serves every width without scaling its text. No style, no script: classes only, colours by CSS.
Whatever text comes in is escaped here.
"""

from markupsafe import Markup, escape

LEAST_WIDTH = 0.0015  # what is there is drawn, at 0.15 % of the width at least


def pct(x: float) -> str:
    """A share of the width as a per cent with three places."""
    told = f"{x * 100:.3f}".rstrip("0").rstrip(".")
    return ("0" if told == "-0" else told) + "%"


def rect(cls: str, x: float, width: float, y: float, height: float, *, fill: str = "") -> str:
    """A bar. fill: the id of a pattern, drawn instead of a class's colour."""
    paint = f'fill="url(#{fill})"' if fill else f'class="{cls}"'
    return f'<rect {paint} x="{pct(x)}" width="{pct(width)}" y="{y:g}" height="{height:g}"/>'


def glyph(x: float, y: float, body: str, cls: str = "") -> str:
    """A small drawing in px whose origin lies at x of the box's width."""
    return f'<svg x="{pct(x)}" y="{y:g}" class="{("g " + cls).strip()}">{body}</svg>'


def path(cls: str, d: str) -> str:
    """A path in px."""
    return f'<path class="{cls}" d="{d}"/>'


def text(cls: str, x: float, y: float, words: str, anchor: str = "start") -> str:
    """Words at a share of the width."""
    return f'<text class="{cls}" x="{pct(x)}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def words_at(x: float, y: float, dx: float, words: str, cls: str, anchor: str, shown: str) -> str:
    """Words dx px beside a share of the width. shown: the classes of the box widths at which they stand."""
    body = f'<text class="{cls}" x="{dx:g}" text-anchor="{anchor}">{escape(words)}</text>'
    return glyph(x, y, body, shown)


def picture(height: int, body: list[str], *, cls: str = "", uid: str = "", title: str = "", desc: str = "") -> Markup:
    """The SVG around the marks; named for those who cannot see it, or hidden from them where words stand beside."""
    said = 'aria-hidden="true"'
    head = ""
    if title:
        said = f'role="img" aria-labelledby="{uid}-t {uid}-d"'
        head = f'<title id="{uid}-t">{escape(title)}</title><desc id="{uid}-d">{escape(desc)}</desc>'
    name = f"strip {cls}".strip()
    # Everything that came from outside went through escape(); the rest is written in this package.
    return Markup(f'<svg class="{name}" width="100%" height="{height}" {said}>{head}{"".join(body)}</svg>')  # noqa: S704
