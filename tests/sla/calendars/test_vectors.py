"""The figures of other help-desk systems, and the hand-worked questions: to the second."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.sla.calendars.rules import CompiledCalendar, parse_calendar
from services.sla.calendars.rules import pauses as with_pauses

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def load(name: str) -> Any:
    path = DATA / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


VECTORS = load("working_time_vectors.json")
SCENARIOS = load("clock_scenarios.json")
needs_data = pytest.mark.skipif(VECTORS is None, reason=f"{DATA} is not beside the project")


def calendar_of(vector: dict[str, Any]) -> CompiledCalendar:
    days: dict[str, Any] = {day: {"open": [], "name": "holiday"} for day in vector["holidays"]}
    for day, windows in vector.get("day_overrides", {}).items():
        days[day] = {"open": windows, "name": "special"}
    return CompiledCalendar(
        parse_calendar({"zone": vector["tz"], "weeks": [{"from": None, **vector["week"]}], "days": days})
    )


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def answer(vector: dict[str, Any]) -> int | None:
    calendar = calendar_of(vector)
    pauses = [(at(a), at(b)) for a, b in vector.get("pauses", [])]
    match vector["kind"]:
        case "working_seconds_between":
            return with_pauses.working_seconds(calendar, at(vector["start"]), at(vector["end"]), pauses)
        case "due_at":
            return with_pauses.due(calendar, at(vector["start"]), vector["seconds"], pauses)
        case "start_before":
            return with_pauses.latest_start(calendar, at(vector["end"]), vector["seconds"], pauses)
        case "working_seconds_in_pauses":
            return sum(calendar.working_seconds(a, b) for a, b in pauses)
    raise AssertionError(vector["kind"])


@needs_data
@pytest.mark.parametrize("vector", VECTORS["vectors"] if VECTORS else [], ids=lambda v: v["id"])
def test_a_published_figure_is_met(vector: dict[str, Any]) -> None:
    expected = vector["expected"]
    assert answer(vector) == (expected if isinstance(expected, int) else at(expected))
