"""The ledger strip: one cycle as two bands on one scale (see bands, axis, marks for its parts)."""

from markupsafe import Markup

from services.kernel.messages import _
from web.charts.axis import axis
from web.charts.bands import lower_band, patterns, ribbons, stretches, upper_band
from web.charts.ink import glyph, path, picture, rect, text
from web.charts.marks import draw_events, draw_marks
from web.charts.placing import Lanes
from web.charts.scene import BAND_H, HEIGHT, LOWER_H, Scene
from web.charts.words import short_length

EMPTY_LOWER = 44  # px: an empty strip has no marks, so its lower band lies higher


def draw_strip(scene: Scene, title: str, finding: str) -> Markup:
    """The drawing, 136 px high at any width. finding: what it shows, in a sentence, for who cannot see it."""
    lanes, bars = Lanes(), stretches(scene)
    days = axis(scene, lanes)
    marks = draw_marks(scene, lanes)
    body = [
        patterns(scene),
        ribbons(scene, bars),
        *upper_band(scene, bars),
        *lower_band(scene, bars, lanes),
        *draw_events(scene),
        *days,
        *marks,
    ]
    return picture(HEIGHT, body, uid=scene.uid, title=title, desc=finding)


def draw_empty(uid: str, goal: int | None, title: str, finding: str) -> Markup:
    """A cycle of no length (met by the event that opened it): two empty bands, the goal at the end of the lower."""
    body = [
        rect("void", 0, 1, 0.5, BAND_H - 1),
        rect("trough", 0, 1, EMPTY_LOWER, LOWER_H),
        text("ax", 0, EMPTY_LOWER + LOWER_H + 14, "0"),
    ]
    if goal is not None:
        words = _("goal %(length)s") % {"length": short_length(goal)}
        body.append(glyph(1, EMPTY_LOWER, path("gline", f"M0 -3v{LOWER_H + 6}")))
        body.append(text("ax goal", 1, EMPTY_LOWER + LOWER_H + 14, words, "end"))
    return picture(EMPTY_LOWER + LOWER_H + 20, body, uid=uid, title=title, desc=finding)
