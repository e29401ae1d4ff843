"""Questions about working time over HTTP: three forms, pauses, calendars of the request and stored ones."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.house import House
from tests.sla.calendars.examples import text

ASK = "/api/sla/v1/working-time"
SCENARIOS = Path(__file__).parents[4] / "shared" / "data" / "clock_scenarios.json"
OFFICE = {
    "zone": "Asia/Shanghai",
    "weeks": [
        {
            "from": None,
            "mon": [["09:00", "12:00"], ["13:00", "18:00"]],
            "tue": [["09:00", "24:00"]],
            "fri": [["09:00", "12:00"], ["13:00", "18:00"]],
        }
    ],
    "days": {
        "2026-02-14": {"open": [["09:00", "18:00"]], "name": "春节调休"},
        "2026-02-17": {"open": [], "name": "春节"},
    },
    "known_until": "2026-12-31",
}


@pytest.fixture
def reader(house: House) -> httpx.AsyncClient:
    return house.client("sla", scopes=["sla:read"])


async def ask(reader: httpx.AsyncClient, *questions: Any, **calendars: Any) -> list[dict[str, Any]]:
    answer = await reader.post(ASK, json={"calendars": calendars, "questions": list(questions)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["answers"]
    return found


async def test_the_three_forms_are_answered_in_order(reader: httpx.AsyncClient) -> None:
    assert await ask(
        reader,
        {"calendar": "office", "start": "2026-02-13T09:00:00+08:00", "end": "2026-02-16T09:00:00+08:00"},
        {"calendar": "office", "start": "2026-02-13T16:00:00+08:00", "goal_seconds": 28_800, "pauses": []},
        {"calendar": "cn-office", "end": "2026-02-24T10:00:00+08:00", "goal_seconds": 7_200},
        {"calendar": "office", "start": "2026-12-31T09:00:00+08:00", "goal_seconds": 28_800},
        office=OFFICE,
    ) == [
        {"working_seconds": 61_200},
        {"due": "2026-02-14T07:00:00Z", "provisional": False},
        {"latest_start": "2026-02-14T09:00:00Z", "provisional": False},
        {"due": "2027-01-01T10:00:00Z", "provisional": True},
    ]


async def test_pauses_overlap_and_come_in_any_order(reader: httpx.AsyncClient) -> None:
    question = {"calendar": "office", "start": "2026-03-02T09:00:00+08:00", "end": "2026-03-02T18:00:00+08:00"}
    pauses = [
        ["2026-03-02T15:00:00+08:00", "2026-03-02T16:00:00+08:00"],
        ["2026-03-02T10:00:00+08:00", "2026-03-02T11:30:00+08:00"],
        ["2026-03-02T11:00:00+08:00", "2026-03-02T13:30:00+08:00"],
    ]
    answers = await ask(reader, question | {"pauses": pauses}, question | {"pauses": None}, office=OFFICE)
    assert answers == [{"working_seconds": 28_800 - 3_600 - 9_000}, {"working_seconds": 28_800}]


async def test_a_goal_of_zero_is_the_instant_itself(reader: httpx.AsyncClient) -> None:
    assert await ask(
        reader,
        {"calendar": "cn-office", "start": "2026-03-01T03:00:00.9+08:00", "goal_seconds": 0},
        {"calendar": "cn-office", "end": "2026-03-01T03:00:00Z", "goal_seconds": 0},
    ) == [
        {"due": "2026-02-28T19:00:00Z", "provisional": False},
        {"latest_start": "2026-03-01T03:00:00Z", "provisional": False},
    ]


@pytest.mark.parametrize(
    ("question", "code", "at"),
    [
        ({"calendar": "nowhere", "start": "2026-03-02T09:00:00Z", "goal_seconds": 1}, "unknown_calendar", "/calendar"),
        ({"calendar": "a\0b", "start": "2026-03-02T09:00:00Z", "goal_seconds": 1}, "unknown_calendar", "/calendar"),
        ({"start": "2026-03-02T09:00:00Z", "goal_seconds": 1}, "missing_field", "/calendar"),
        ({"calendar": "c", "start": "2026-03-02T09:00:00", "goal_seconds": 1}, "time_without_zone", "/start"),
        ({"calendar": "c", "start": "2026-03-02 09:00:00Z", "goal_seconds": 1}, "bad_time", "/start"),
        ({"calendar": "c", "start": "2026-02-30T09:00:00Z", "goal_seconds": 1}, "bad_time", "/start"),
        ({"calendar": "c", "start": 1772442000, "goal_seconds": 1}, "bad_time", "/start"),
        ({"calendar": "c", "start": "1969-12-31T23:59:59Z", "goal_seconds": 1}, "time_out_of_range", "/start"),
        ({"calendar": "c", "end": "2200-01-01T00:00:00Z", "goal_seconds": 1}, "time_out_of_range", "/end"),
        ({"calendar": "c", "start": "2026-03-02T09:00:00Z", "goal_seconds": -1}, "out_of_range", "/goal_seconds"),
        ({"calendar": "c", "start": "2026-03-02T09:00:00Z", "goal_seconds": 1.5}, "bad_type", "/goal_seconds"),
        ({"calendar": "c", "start": "2026-03-02T09:00:00Z", "goal_seconds": True}, "bad_type", "/goal_seconds"),
        ({"calendar": "c", "start": "2026-03-02T09:00:00Z"}, "bad_question", ""),
        ({"calendar": "c"}, "bad_question", ""),
        ({"calendar": "c", "start": "2026-03-02T09:00:00Z", "goal_seconds": 1, "x/y": 1}, "unknown_field", "/x~1y"),
        ("when?", "bad_type", ""),
        (
            {"calendar": "c", "start": "2026-03-02T09:00:00Z", "goal_seconds": 10**9},
            "none_within_five_years",
            "/goal_seconds",
        ),
        (
            {"calendar": "c", "start": "2026-03-02T09:00:00Z", "goal_seconds": 1, "pauses": [["2026-03-02T09:00:00Z"]]},
            "bad_type",
            "/pauses/0",
        ),
        (
            {
                "calendar": "c",
                "start": "2026-03-02T09:00:00Z",
                "goal_seconds": 1,
                "pauses": [["2026-03-02T09:00:00Z", "2026-03-01T09:00:00Z"]],
            },
            "reversed",
            "/pauses/0",
        ),
    ],
)
async def test_a_question_without_answer_has_its_problem_in_its_place(
    reader: httpx.AsyncClient, question: Any, code: str, at: str
) -> None:
    good = {"calendar": "c", "start": "2026-03-02T09:00:00+08:00", "end": "2026-03-02T10:00:00+08:00"}
    first, wrong, last = await ask(reader, good, question, good, c=text())
    assert first == last == {"working_seconds": 3_600}
    problem = wrong["problem"]
    assert (problem["type"], problem["status"]) == ("/problems/validation", 422)
    assert [(error["code"], error["at"]) for error in problem["errors"]] == [(code, f"/questions/1{at}")]


async def test_a_wrong_calendar_refuses_the_whole_call(reader: httpx.AsyncClient) -> None:
    wrong = {"a": text("Nowhere"), "b": {"zone": "Etc/UTC", "weeks": []}}
    answer = await reader.post(ASK, json={"calendars": wrong, "questions": []})
    assert answer.status_code == 422
    assert [error["at"] for error in answer.json()["errors"]] == ["/calendars/a/zone", "/calendars/b/weeks"]


async def test_calls_are_bounded(reader: httpx.AsyncClient) -> None:
    question = {"calendar": "c", "start": "2026-03-02T09:00:00Z", "goal_seconds": 3_600}
    assert len(await ask(reader, *[question] * 10_000, c=text())) == 10_000
    for body, at in (
        ({"calendars": {"c": text()}, "questions": [question] * 10_001}, "/questions"),
        ({"calendars": {f"c{n}": text() for n in range(21)}, "questions": []}, "/calendars"),
        (
            {
                "calendars": {f"c{n}": text() for n in range(20)},
                "questions": [question | {"calendar": "cn-office"}],
            },
            "/calendars",
        ),
    ):
        answer = await reader.post(ASK, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, at)
        assert answer.json()["errors"][0]["code"] == "too_long"


async def test_the_callers_own_calendar_goes_before_a_stored_one(reader: httpx.AsyncClient) -> None:
    question = {"calendar": "cn-office", "start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"}
    mine = {"cn-office": {"zone": "Etc/UTC", "weeks": [{"from": None, "mon": [["09:00", "10:00"]]}]}}
    assert await ask(reader, question, **mine) == [{"working_seconds": 3_600}]
    assert await ask(reader, question) == [{"working_seconds": 32_400}]


async def test_asking_needs_the_right_to_read(house: House) -> None:
    body: dict[str, Any] = {"questions": []}
    assert (await house.client("sla", scopes=["sla:intake"]).post(ASK, json=body)).status_code == 403
    assert (await house.client("sla", "auditor").post(ASK, json=body)).status_code == 200
    assert (await house.anonymous("sla").post(ASK, json=body)).status_code == 401


@pytest.mark.skipif(not SCENARIOS.exists(), reason=f"{SCENARIOS.parent} is not beside the project")
async def test_the_hand_worked_questions_are_answered(reader: httpx.AsyncClient) -> None:
    whole = json.loads(SCENARIOS.read_text(encoding="utf-8"))
    cases = whole["working_time"]
    named = {case["question"]["calendar"] for case in cases}
    calendars = {code: calendar for code, calendar in whole["calendars"].items() if code in named}
    answers = await ask(reader, *(case["question"] for case in cases), **calendars)
    for case, answer in zip(cases, answers, strict=True):
        if case["answer"] == {"problem": True}:
            assert "problem" in answer, case["id"]
        else:
            assert answer | case["answer"] == answer, case["id"]
