"""Calendars over HTTP: made, read, replaced; and China's, which are there from the first minute."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from migrations.china import days
from services.sla.calendars import queries
from services.sla.calendars.rules import WEEKDAYS, CompiledCalendar, parse_calendar
from tests.house import House
from tests.sla.calendars.examples import text

CALENDARS = "/api/sla/v1/calendars"


@pytest.fixture
def manager(house: House) -> httpx.AsyncClient:
    return house.client("sla", "service_manager")


def new(**fields: Any) -> dict[str, Any]:
    return {"code": f"test-{uuid4().hex[:8]}", "name": "办公时间"} | text() | fields


async def made(manager: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await manager.post(CALENDARS, json=new(**fields))
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


async def test_a_calendar_comes_back_as_it_was_sent(manager: httpx.AsyncClient) -> None:
    sent = new(days={"2026-02-16": {"open": [], "name": "春节"}}, known_until="2026-12-31")
    answer = await manager.post(CALENDARS, json=sent)
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"{CALENDARS}/{sent['code']}"
    read = await manager.get(answer.headers["location"])
    assert read.json() == answer.json()
    assert {name: read.json()[name] for name in sent} == sent
    assert read.json()["version"] == 1
    assert (read.json()["actions"], read.json()["changes"]) == ([], ["replace"])
    by_id = await manager.get(f"{CALENDARS}/{read.json()['id']}")
    assert by_id.json() == read.json()


async def test_a_code_that_exists_is_a_conflict_with_a_link(manager: httpx.AsyncClient) -> None:
    first = await made(manager)
    again = await manager.post(CALENDARS, json=new(code=first["code"]))
    assert again.status_code == 409
    error = again.json()["errors"][0]
    assert (error["code"], error["at"], error["link"]) == ("duplicate", "/code", f"{CALENDARS}/{first['code']}")


async def test_the_next_version_replaces_the_whole_text(manager: httpx.AsyncClient) -> None:
    first = await made(manager, days={"2026-02-16": {"open": [], "name": "春节"}})
    answer = await manager.put(
        f"{CALENDARS}/{first['code']}", json=text(known_until="2027-12-31"), headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    after = answer.json()
    assert (after["version"], after["days"], after["known_until"]) == (2, {}, "2027-12-31")
    assert after["name"] == first["name"], "the name stays where none is sent"
    versions = (await manager.get(f"{CALENDARS}/{first['code']}/versions")).json()["items"]
    assert [(v["version"], len(v["days"]), v["made_by"]) for v in versions] == [
        (2, 0, "service_manager"),
        (1, 1, "service_manager"),
    ]


async def test_a_version_is_made_of_what_was_read_only(manager: httpx.AsyncClient) -> None:
    first = await made(manager)
    path = f"{CALENDARS}/{first['code']}"
    assert (await manager.put(path, json=text())).status_code == 428
    assert (await manager.put(path, json=text(), headers={"If-Match": '"1"'})).status_code == 200
    stale = await manager.put(path, json=text(), headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["version"]) == (412, 2)
    other = await manager.put(path, json=new(), headers={"If-Match": '"2"'})
    assert (other.status_code, other.json()["errors"][0]["at"]) == (422, "/code")
    unknown = await manager.put(f"{CALENDARS}/no-such", json=text(), headers={"If-Match": '"1"'})
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("wrong", "code", "at"),
    [
        ({"weeks": []}, "no_window", "/weeks"),
        ({"weeks": [{"from": None, "mon": [["18:00", "09:00"]]}]}, "reversed", "/weeks/0/mon/0"),
        ({"zone": "Mars/Olympus"}, "unknown_zone", "/zone"),
        ({"code": "With Spaces"}, "bad_format", "/code"),
        ({"code": str(uuid4())}, "bad_format", "/code"),
        ({"name": ""}, "too_short", "/name"),
        ({"colour": "blue"}, "unknown_field", "/colour"),
        ({"weeks": "always"}, "bad_type", "/weeks"),
    ],
)
async def test_a_wrong_calendar_changes_nothing(
    manager: httpx.AsyncClient, wrong: dict[str, Any], code: str, at: str
) -> None:
    sent = new(**wrong)
    answer = await manager.post(CALENDARS, json=sent)
    assert answer.status_code == 422
    assert [(error["code"], error["at"]) for error in answer.json()["errors"]] == [(code, at)]
    assert answer.json()["errors"][0]["what"]
    if wrong.keys() != {"code"}:
        assert (await manager.get(f"{CALENDARS}/{sent['code']}")).status_code == 404


async def test_what_is_wrong_is_said_in_the_language_asked_for(manager: httpx.AsyncClient) -> None:
    wrong = new(weeks=[])
    chinese = await manager.post(CALENDARS, json=wrong, headers={"Accept-Language": "zh-CN"})
    english = await manager.post(CALENDARS, json=wrong, headers={"Accept-Language": "en"})
    assert english.json()["errors"][0]["what"] == "No week has an open window: no working time would ever pass"
    assert chinese.json()["errors"][0]["what"] == "各周都没有工作时段，永远不会有工作时间"


async def test_calendars_are_listed_by_code(manager: httpx.AsyncClient) -> None:
    first = await made(manager)
    page = (await manager.get(CALENDARS, params={"code": f"{first['code']},cn-office"})).json()
    assert [item["code"] for item in page["items"]] == ["cn-office", first["code"]]
    assert page["items"][0]["zone"] == "Asia/Shanghai"
    found = (await manager.get(CALENDARS, params={"q": first["code"][:12]})).json()
    assert [item["code"] for item in found["items"]] == [first["code"]]


async def test_only_service_managers_and_administrators_change_calendars(house: House) -> None:
    for role, status in (
        ("administrator", 201),
        ("procurement_manager", 403),
        ("auditor", 403),
        ("supplier_user", 403),
    ):
        supplier = {"id": str(uuid4()), "number": "GYS-2026-000001"} if role == "supplier_user" else None
        answer = await house.client("sla", role, supplier=supplier).post(CALENDARS, json=new())
        assert answer.status_code == status
    reader = house.client("sla", "auditor")
    assert (await reader.get(f"{CALENDARS}/cn-office")).json()["actions"] == []
    assert (await house.client("sla", scopes=["sla:write"]).post(CALENDARS, json=new())).status_code == 201
    assert (await house.client("sla", scopes=["sla:read"]).post(CALENDARS, json=new())).status_code == 403


async def test_chinas_calendars_are_built_in(manager: httpx.AsyncClient) -> None:
    office = (await manager.get(f"{CALENDARS}/cn-office")).json()
    assert office["known_until"] == "2026-12-31"
    assert office["days"]["2026-02-14"] == {"open": [["09:00", "18:00"]], "name": "春节调休"}
    assert office["days"]["2026-02-17"] == {"open": [], "name": "春节"}
    assert office["days"]["2026-04-05"] == {"open": [], "name": "清明节"}
    assert min(office["days"]) == "2004-01-01"
    always = (await manager.get(f"{CALENDARS}/cn-24x7")).json()
    assert (always["days"], always["known_until"]) == ({}, None)
    versions = (await manager.get(f"{CALENDARS}/cn-office/versions")).json()["items"]
    assert [version["made_by"] for version in versions] == ["system:migration"]


def test_china_works_as_many_days_as_its_notices_say() -> None:
    """Weekdays off less weekends worked: 11 a year since 2008, 13 in 2020 by the notice of 26 January, 13 from 2025."""
    week = {"from": None, **{weekday: [["09:00", "18:00"]] for weekday in WEEKDAYS[:5]}}
    office = parse_calendar(text(weeks=[week], days=days()))
    for year, off in ((2009, 11), (2016, 11), (2019, 11), (2020, 13), (2024, 11), (2025, 13), (2026, 13)):
        dates = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
        weekdays = sum(day.year == year and day.weekday() < 5 for day in dates)
        worked = sum(day.year == year and bool(office.windows_on(day)) for day in dates)
        assert weekdays - worked == off, year


async def test_whoever_judges_gets_compiled_calendars_by_code_or_version(house: House) -> None:
    manager = house.client("sla", "service_manager")
    first = await made(manager)
    narrow = text(weeks=[{"from": None, "mon": [["09:00", "10:00"]]}])
    await manager.put(f"{CALENDARS}/{first['code']}", json=narrow, headers={"If-Match": '"1"'})
    database = house.service_database("sla")
    async with database.reading(house.actor("service_manager")) as tx:
        present = await queries.compiled(tx, [first["code"], "cn-24x7", "no-such"])
        again = await queries.compiled(tx, [first["code"]])
        frozen = await queries.compiled_versions(tx, [(first["code"], 1), (first["code"], 9)])
    await database.dispose()
    assert set(present) == {first["code"], "cn-24x7"}
    assert present[first["code"]].version == 2
    assert present[first["code"]].calendar is again[first["code"]].calendar, "a text is compiled once"
    week = (0, 7 * 86_400)
    assert present[first["code"]].calendar.working_seconds(*week) == 3_600
    assert set(frozen) == {(first["code"], 1)}
    expected = CompiledCalendar(parse_calendar(text())).working_seconds(*week)
    assert frozen[first["code"], 1].calendar.working_seconds(*week) == expected


async def test_each_version_is_in_the_audit_trail(house: House, database_url: str) -> None:
    manager = house.client("sla", "service_manager")
    first = await made(manager)
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    rows = await connection.fetch(
        'SELECT "table", actor, action FROM audit.entry WHERE record = $1 ORDER BY id', first["id"]
    )
    await connection.close()
    assert {tuple(row) for row in rows} == {
        ("calendar", "service_manager", "calendar.create"),
        ("calendar_version", "service_manager", "calendar.create"),
    }
