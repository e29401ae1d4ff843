"""Before saving, what would move; after saving, what is judged again. Tickets lie in the database as evaluated."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.kernel.ids import uuid7
from services.sla.clocks.rules import FoldedCycle, FoldedGoal, FoldedTarget, Mark, Mode, encode
from tests.databases import Clone
from tests.house import House
from tests.sla.calendars.examples import text

CALENDARS = "/api/sla/v1/calendars"
NOW = datetime.now(UTC).replace(microsecond=0)
ALWAYS = {weekday: [["00:00", "24:00"]] for weekday in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
HOUR = 3600


async def no_foreign_keys(database: Clone) -> Any:
    """A connection that looks at none: contract and supplier of these agreements are nobody's."""
    connection = await asyncpg.connect(database.admin.libpq())
    await connection.execute("SET session_replication_role = replica")
    return connection


@pytest.fixture
async def owner(database: Clone) -> AsyncIterator[Any]:
    connection = await no_foreign_keys(database)
    yield connection
    await connection.close()


async def a_calendar(manager: httpx.AsyncClient) -> str:
    code = f"test-{uuid7().hex[-10:]}"
    made = await manager.post(CALENDARS, json={"code": code, "name": "x"} | text(weeks=[{"from": None, **ALWAYS}]))
    assert made.status_code == 201
    return code


async def an_agreement(owner: Any, code: str) -> UUID:
    agreement = uuid7()
    await owner.execute(
        "INSERT INTO sla.agreement (id, number, version, state, title, contract_id, contract_number, supplier_id, zone,"
        " period, title_key, search_text, grams) VALUES ($1, $2, 1, 'in_force', '', $1, '', $1, 'Asia/Shanghai',"
        " 'month', '', '', '{}')",
        agreement,
        str(agreement),
    )
    await owner.execute(
        "INSERT INTO sla.agreement_version (id, agreement_id, version, since, targets, calendars, made_by)"
        " VALUES ($1, $2, 1, '2020-01-01', '[]', $3, '')",
        uuid7(),
        agreement,
        [code, "cn-24x7"],
    )
    return agreement


async def a_ticket(
    owner: Any, agreement: UUID, code: str, name: str, started: datetime, goal: int, stopped: datetime | None = None
) -> None:
    marks = [Mark(int(started.timestamp()), Mode.RUNNING, 0, "opened")]
    if stopped:
        marks.append(Mark(int(stopped.timestamp()), Mode.STOPPED, 0, "resolved"))
    cycle = FoldedCycle(1, 1, (FoldedGoal(goal, code),), marks, (), False)
    await owner.execute(
        "INSERT INTO sla.ticket (source, ticket, id, agreement_id, fold, is_open) VALUES ($1, $2, $3, $4, $5, $6)",
        str(agreement),
        name,
        uuid7(),
        agreement,
        encode((FoldedTarget("resolution", [cycle]),)),
        stopped is None,
    )
    await owner.execute(
        "INSERT INTO sla.clock_cycle (id, source, ticket, target, cycle, agreement_id, supplier_id, version, state,"
        " is_open, started_at, ended_at, goal_seconds, elapsed_seconds, paused_seconds, provisional, warnings,"
        " agreement_version, calendar, calendar_version, measured_at)"
        " VALUES ($1, $2, $3, 'resolution', 1, $4, $4, 1, '', $8, $5, $9, $6, 0, 0, false, '[]', 1, $7, 1, $5)",
        uuid7(),
        str(agreement),
        name,
        agreement,
        started,
        goal,
        code,
        stopped is None,
        stopped,
    )


async def a_closed_period(owner: Any, agreement: UUID, code: str, month: str, ends: datetime) -> None:
    await owner.execute(
        "INSERT INTO sla.period (id, agreement_id, supplier_id, period, version, restatable, begins, ends, contract,"
        " monthly_charge, currency, at_risk_share, credit_total, targets, credits, judged_by, counted, closed_by,"
        " closed_at) VALUES ($1, $2, $2, $3, 1, false, $4, $4, '', 0, 'CNY', 0, 0, '[]', '[]', $5, '', '', $4)",
        uuid7(),
        agreement,
        month,
        ends,
        json.dumps({"agreement_version": 1, "calendars": {code: 1}}),
    )


async def test_a_preview_says_what_would_move_and_stores_nothing(house: House, owner: Any) -> None:
    manager = house.client("sla", "service_manager")
    code = await a_calendar(manager)
    agreement = await an_agreement(owner, code)
    await a_ticket(owner, agreement, code, "breached", NOW - timedelta(hours=72), 71 * HOUR)
    await a_ticket(owner, agreement, code, "running", NOW - timedelta(hours=72), 200 * HOUR)
    yesterday = (NOW - timedelta(days=1)).date()
    proposed = text(weeks=[{"from": None, **ALWAYS}], days={yesterday.isoformat(): {"open": [], "name": "停业"}})
    answer = await manager.post(f"{CALENDARS}/{code}/preview", json=proposed)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["version"], found["tickets"], found["complete"]) == (2, 2, True)
    assert found["clocks"] == {"later": 1, "earlier": 0}
    assert found["breaches"] == {"vanish": 1, "appear": 0}
    first, second = found["first"]
    assert (first["ticket"], first["move"]) == ("breached", "breach_vanishes")
    assert found["periods"] == {"restatable": 0, "frozen": 0}
    assert first["before"]["breached_at"] == (NOW - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert first["after"]["breached_at"] is None
    assert second["before"]["due_at"] < second["after"]["due_at"]
    assert (await manager.get(f"{CALENDARS}/{code}")).json()["version"] == 1


async def test_a_preview_counts_the_closed_periods_that_it_would_change(house: House, owner: Any) -> None:
    manager = house.client("sla", "service_manager")
    code = await a_calendar(manager)
    agreement = await an_agreement(owner, code)
    fifth = datetime(2026, 3, 5, tzinfo=UTC)
    await a_ticket(owner, agreement, code, "late", fifth, 20 * HOUR, stopped=fifth + timedelta(hours=30))
    for month, ends in (
        ("2026-02", fifth),
        ("2026-03", fifth + timedelta(days=27)),
        ("2026-04", fifth + timedelta(57)),
    ):
        await a_closed_period(owner, agreement, code, month, ends)
    proposed = text(weeks=[{"from": None, **ALWAYS}], days={"2026-03-05": {"open": [], "name": "停业"}})
    found = (await manager.post(f"{CALENDARS}/{code}/preview", json=proposed)).json()
    assert found["periods"] == {"restatable": 1, "frozen": 3}
    assert found["breaches"] == {"vanish": 1, "appear": 0}
    versions = (await manager.get(f"{CALENDARS}/{code}/versions")).json()["items"]
    assert [(version["version"], version["frozen_periods"]) for version in versions] == [(1, 3)]


async def test_a_preview_of_the_same_hours_moves_nothing(house: House, owner: Any) -> None:
    manager = house.client("sla", "service_manager")
    code = await a_calendar(manager)
    agreement = await an_agreement(owner, code)
    await a_ticket(owner, agreement, code, "running", NOW - timedelta(hours=72), 200 * HOUR)
    same = text(weeks=[{"from": None, **ALWAYS}], known_until="2030-12-31")
    found = (await manager.post(f"{CALENDARS}/{code}/preview", json=same)).json()
    assert (found["changed"], found["tickets"], found["first"]) == (None, 0, [])


async def test_a_preview_refuses_what_saving_would_refuse(house: House) -> None:
    reader = house.client("sla", scopes=["sla:read"])
    wrong = await reader.post(f"{CALENDARS}/cn-office/preview", json=text(weeks=[]))
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "no_window")
    assert (await reader.post(f"{CALENDARS}/no-such/preview", json=text())).status_code == 404


async def test_a_calendar_that_nobody_uses_moves_nothing(house: House) -> None:
    manager = house.client("sla", "service_manager")
    code = await a_calendar(manager)
    found = (await manager.post(f"{CALENDARS}/{code}/preview", json=text())).json()
    assert (found["clocks"], found["tickets"]) == ({"later": 0, "earlier": 0}, 0)


async def test_a_new_version_has_all_that_it_judges_judged_again(fresh_house: House, committed_db: Clone) -> None:
    """In a house of its own: a worker of another test would do at once what is asked for here."""
    owner = await no_foreign_keys(committed_db)
    manager = fresh_house.client("sla", "service_manager")
    code = await a_calendar(manager)
    agreement, other = await an_agreement(owner, code), await an_agreement(owner, "another")
    for version in (1, 2):
        await owner.execute("DELETE FROM sla.sweep WHERE agreement_id = $1", agreement)
        saved = await manager.put(f"{CALENDARS}/{code}", json=text(), headers={"If-Match": f'"{version}"'})
        assert saved.status_code == 200, saved.text
        sweeps = await owner.fetch(
            "SELECT agreement_id, refold FROM sla.sweep WHERE agreement_id = ANY($1)", [agreement, other]
        )
        assert [tuple(row) for row in sweeps] == [(agreement, False)], "folds stay: only calendars measure again"
    await owner.close()
