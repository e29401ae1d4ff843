"""Histories in which the subtle rules meet nearly every time: one target with the usual conditions, a plotted course,
and goals of which each ends (or reaches a share) exactly at one of the events. The wide net is `strategies`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.oracle.conditions import Draw, field
from tests.oracle.strategies import (
    PLOTS,
    Case,
    Scene,
    instants_of_looking,
    near,
    scenes,
    seconds_of,
    told_instants,
    version_seams,
)
from tests.oracle.working_time import Calendar, iso, local_date, working_seconds, zone_named

STATE_OF_THE_CLOCK = {
    "start": field("state", "set"),
    "stop": field("state", "in", ["Resolved", "Closed"]),
    "pause": field("state", "in", ["Waiting", "Vendor"]),
}
COURSES = [plot for plot in PLOTS if plot]


@st.composite
def measured_seconds(draw: Draw, scene: Scene, code: str, anchors: list[int]) -> int:
    """The working seconds from one event to a later one; or one less or more; or a goal whose 75 % they are."""
    begin, end = sorted(draw(st.lists(st.sampled_from(anchors), min_size=2, max_size=2)))
    seconds = working_seconds(Calendar(scene.calendars[code]), draw(st.sampled_from([scene.anchors[0], begin])), end)
    kind = draw(st.sampled_from(["same", "same", "same", "less", "more", "share"]))
    seconds = {"same": seconds, "less": seconds - 1, "more": seconds + 1, "share": seconds * 100 // 75}[kind]
    return max(seconds, 1)


@st.composite
def dense_targets(draw: Draw, scene: Scene) -> dict[str, Any]:
    """Goals by priority, in one calendar or two; every setting free."""
    conditions: dict[str, Any] = dict(STATE_OF_THE_CLOCK)
    if draw(st.booleans()):
        conditions["resume"] = field("replied", "eq", True)
    if draw(st.booleans()):
        conditions["reset"] = field("moved", "eq", True)
    if draw(st.booleans()):
        conditions["cancel"] = field("code", "eq", "void")
    lines: list[dict[str, Any]] = []
    for priority in ["1", "3", "5", None]:
        code = draw(st.sampled_from(["a", "a", "a", "b"]))
        ends = scene.anchors[:3] if priority == "1" else scene.anchors  # the first priority has the shortest goal
        line: dict[str, Any] = {"seconds": draw(measured_seconds(scene, code, ends)), "calendar": code}
        if priority is not None:
            line["when"] = field("priority", "eq", priority)
        if priority == "5" and draw(st.booleans()):
            line["seconds"] = None
        lines.append(line)
    return {
        "key": "resolution",
        "name": {"zh": "解决时限", "en": "Resolution"},
        "kind": "clock",
        "calendar": "a",
        "conditions": conditions,
        "goals": lines,
        "on_goal_change": draw(st.sampled_from(["retroactive", "retroactive", "retroactive", "restart", "keep"])),
        "on_reopen": draw(st.sampled_from(["continue", "continue", "new", "ignore"])),
        "count_stopped": draw(st.booleans()),
        "warn_at": draw(st.sampled_from([[75, 90], [1, 75, 100], [50]])),
        "min_volume": 1,
        "allocation": "1.00",
        "tiers": [{"below": "0.95", "rate": "0.40"}],
    }


@st.composite
def dense_histories(draw: Draw, scene: Scene) -> list[dict[str, Any]]:
    """A course, then perhaps another, each step an event at the next anchor; several may share an instant. Arrival is
    in any order."""
    moves = draw(st.sampled_from(COURSES)) + draw(st.sampled_from([[], *COURSES]))
    events: list[dict[str, Any]] = []
    for place, move in enumerate(moves):
        events.append(
            {
                "source": "desk",
                "ticket": "T/1",
                "event_id": f"e{place}",
                "type": "updated",
                "sequence": place,
                "occurred_at": iso(scene.anchors[min(place, len(scene.anchors) - 1)]),
                "received_at": iso(scene.anchors[-1] + place),
                "attributes": dict(move),
            }
        )
    if draw(st.integers(0, 5)) == 5:
        last = {**events[-1], "event_id": "c1", "corrects": events[draw(st.integers(0, len(events) - 1))]["event_id"]}
        events.append(last)
    return list(draw(st.permutations(events)))


@st.composite
def dense_cases(draw: Draw) -> Case:
    """A ticket whose events lie at a few instants of a few days, judged by one version or two."""
    scene = draw(scenes())
    middle = len(scene.edges) // 2
    nearby = scene.edges[max(0, middle - 10) : middle + 10]
    anchors = sorted(draw(st.lists(near(nearby), min_size=6, max_size=10)))
    scene = replace(scene, edges=nearby, anchors=anchors)
    events = draw(dense_histories(scene))
    first = {"version": 1, "from": "2000-01-01", "until": None, "targets": [draw(dense_targets(scene))]}
    agreement: dict[str, Any] = {"zone": scene.zone, "period": "month", "versions": [first]}
    if draw(st.integers(0, 3)) == 3:
        until = local_date(draw(st.sampled_from(anchors)), zone_named(scene.zone))
        first["until"] = until.isoformat()
        [seam] = version_seams(agreement)
        draw(st.sampled_from(events))["occurred_at"] = draw(told_instants(seam))
    scene = replace(scene, anchors=seconds_of(events))
    return Case(scene.calendars, agreement, events, draw(instants_of_looking(scene, events)))
