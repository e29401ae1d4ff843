"""The ledger strip: one cycle as two bands on one scale (see bands, axis, marks for its parts)."""

from markupsafe import Markup

from services.kernel.messages import _
from web.charts.axis import axis
from web.charts.bands import lower_band, patterns, ribbons, stretches, upper_band
from web.charts.ink import picture, rect, text
from web.charts.marks import draw_events, draw_marks
from web.charts.placing import Lanes
from web.charts.scene import HEIGHT, LOWER, LOWER_H, LOWER_TEXT, Scene
from web.charts.words import short_length


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
    """A cycle of no length (met by the event that opened it): the goal, and nothing in it."""
    body = [rect("trough", 0, 1, LOWER, LOWER_H), text("ax", 0, LOWER_TEXT, "0")]
    if goal is not None:
        body.append(text("ax goal", 1, LOWER_TEXT, _("goal %(length)s") % {"length": short_length(goal)}, "end"))
    return picture(HEIGHT, body, uid=uid, title=title, desc=finding)
