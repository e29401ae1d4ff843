"""The marks of a strip: what happened and what is due above the band, events as received below it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.kernel.messages import _, pgettext
from web.charts.facts import Cycle, GoalChange
from web.charts.ink import glyph, path, words_at
from web.charts.placing import Lanes, Seat, shown_at
from web.charts.received import arrivals
from web.charts.scene import BAND, BAND_H, LOWER, MARK_TEXT, MARKS, Scene
from web.charts.words import short_length

GLYPHS = {
    "breach": "M0-6l6 6l-6 6l-6-6z",
    "due": "M-4-5h8l-4 9z",
    "prov": "M-4-5h8l-4 9z",
    "now": "M0-4a4 4 0 1 0 .01 0z",
    "goal": "M-5-4h10v8h-10z",
    "end": "M-4-4h8v8h-8z",
    "start": "M-3-5l7 5l-7 5z",
    "risk": "M0-5l5 9h-10z",
}
RANK = {kind: place for place, kind in enumerate(("breach", "due", "prov", "now", "goal", "end", "start", "risk"))}
DEPTH = {"breach": LOWER - 1, "due": BAND + BAND_H + 4, "prov": BAND + BAND_H + 4, "now": BAND + BAND_H + 6}
EVENTS = {
    "plain": "M0-2.5a2.5 2.5 0 1 0 .01 0z",
    "late": "M0-4a4 4 0 1 0 .01 0zM0-2v2.4l1.6 1",
    "fixed": "M-4 0a4 4 0 1 1 1.2 2.9M-4.2 3.4l1.2-.6l.8 1",
}


@dataclass(frozen=True)
class Mark:
    """forms: the words beside it, the longest first; none: the glyph alone."""

    at: int
    kind: str
    forms: tuple[str, ...] = ()


def marks_of(scene: Scene) -> list[Mark]:
    """What is marked on a cycle, the most telling first."""
    cycle, local = scene.cycle, scene.local
    marks = [Mark(scene.scale.start, "start", (scene.opened_by,) if scene.opened_by else ())]
    marks += [Mark(change.at, "goal", _change_words(scene, change)) for change in cycle.changes]
    marks += [Mark(w.at, "risk") for w in cycle.warnings if w.at is not None and w.at <= scene.scale.end]
    if cycle.breached_at is not None:
        at = local.at(cycle.breached_at)
        marks.append(
            Mark(cycle.breached_at, "breach", (_("breached %(at)s") % {"at": at}, pgettext("mark", "breached")))
        )
    if cycle.open:
        marks += _open_marks(scene)
    elif cycle.ended_at is not None:
        marks.append(Mark(cycle.ended_at, "end", _end_words(cycle)))
    return sorted(marks, key=lambda mark: RANK[mark.kind])


def _open_marks(scene: Scene) -> list[Mark]:
    cycle = scene.cycle
    if cycle.state == "paused":
        return [Mark(scene.now, "now", (_("now (paused: no due instant)"), _("now (paused)"), pgettext("mark", "now")))]
    marks = [Mark(scene.now, "now", (pgettext("mark", "now"),))]
    if cycle.due_at is not None and cycle.due_at > scene.now:
        at, on = {"at": scene.local.at(cycle.due_at)}, scene.local.on(cycle.due_at)
        if cycle.provisional:
            forms = (_("provisionally due %(at)s") % at, _("provisionally due"), on)
            marks.append(Mark(cycle.due_at, "prov", forms))
        else:
            marks.append(Mark(cycle.due_at, "due", (_("due %(at)s") % at, at["at"], on)))
    return marks


def _end_words(cycle: Cycle) -> tuple[str, ...]:
    words = {
        "cancelled": pgettext("mark", "cancelled"),
        "reset": pgettext("mark", "reset"),
        "expired": pgettext("mark", "expired"),
        "withdrawn": "",
    }
    return (words.get(cycle.state, pgettext("mark", "stopped")),)


def goal_words(seconds: int | None) -> str:
    """A goal, or that there is none to be judged by."""
    return pgettext("clock", "not rated") if seconds is None else short_length(seconds)


def _change_words(scene: Scene, change: GoalChange) -> tuple[str, ...]:
    goals = {"before": goal_words(change.before), "after": goal_words(change.after)}
    plain = _("goal %(before)s → %(after)s") % goals
    priority = _priority(scene, change)
    if not priority:
        return plain, goals["after"]
    return _("%(priority)s: goal %(before)s → %(after)s") % {"priority": priority, **goals}, priority


def _priority(scene: Scene, change: GoalChange) -> str:
    """`P3→P2` where the event that changed the goal changed the priority."""
    before: Mapping[str, object] = {}
    for event in sorted(scene.events, key=lambda e: e.occurred_at):
        if event.event_id == change.event_id:
            was, now = before.get("priority"), event.attributes.get("priority")
            return f"P{was}→P{now}" if was and now and was != now else ""
        before = {**before, **event.attributes}
    return ""


def draw_marks(scene: Scene, lanes: Lanes) -> list[str]:
    """Glyphs with their lines, and words where there is room. Of two in one place the more telling stands; an
    at-risk mark yields to words too (the lower band still has it)."""
    drawn: list[str] = []
    marks = marks_of(scene)
    for mark in marks:
        if mark.kind != "risk":
            lanes.block(scene.scale.x(mark.at), 8, "marks")
    glyphs = Lanes()
    for mark in marks:
        x = scene.scale.x(mark.at)
        near = glyphs.clear_of(x, 5, "glyph")
        if mark.kind == "risk":
            near = tuple(width for width in near if width in lanes.clear_of(x, 7, "marks"))
        if near:
            glyphs.block(x, 5, "glyph", near)
            drawn.append(_glyph(mark, x, shown_at(near)))
        for spot in lanes.place(x, mark.forms, "marks", [Seat("start", 11), Seat("end", -11)], gap=2):
            drawn.append(words_at(x, MARK_TEXT, spot.dx, spot.words, f"ml-{mark.kind}", spot.anchor, spot.shown))
    return drawn


def _glyph(mark: Mark, x: float, shown: str) -> str:
    deep = DEPTH.get(mark.kind, BAND + BAND_H) - MARKS - 9
    body = path("ml", f"M0 6V{deep}") + path("mg", GLYPHS[mark.kind])
    return glyph(x, MARKS + 9, body, f"m-{mark.kind} {shown}".strip())


def draw_events(scene: Scene) -> list[str]:
    """A dot an event; a clock where it came late, a turning arrow where it was put right."""
    drawn, last = [], -1.0
    for at, arrival in arrivals(scene.events, scene.late_after):
        if not scene.scale.start <= at <= scene.scale.end:
            continue
        x = scene.scale.x(at)
        if arrival == "plain" and x - last < 0.002:
            continue
        last = x if arrival == "plain" else last
        drawn.append(glyph(x, BAND + BAND_H + 7, path("mg", EVENTS[arrival]), f"e-{arrival}"))
    return drawn
