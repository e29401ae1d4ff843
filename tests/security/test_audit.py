"""The trail over HTTP: searching it, one record's history, the export, and what a search costs."""

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql
from starlette.datastructures import QueryParams

from services.security.audit import queries
from tests.databases import Clone
from tests.factories import Make, act, ok, seen, supplier_body
from tests.house import House

AUDIT = "/api/security/v1/audit"
HISTORY = "/api/security/v1/history"
SUPPLIERS = "/api/suppliers/v1/suppliers"
MEMBERS = [
    "id", "at", "actor", "action", "service", "table", "record", "before", "after", "request_id", "client",
]  # fmt: skip


@pytest.fixture
def make(house: House) -> Make:
    return Make(house)


async def _audit(house: House, **asked: Any) -> list[dict[str, Any]]:
    async with house.client("security", "auditor") as auditor:
        items: list[dict[str, Any]] = ok(await auditor.get(AUDIT, params=asked))["items"]
        return items


async def test_an_entry_says_who_did_what_when_to_which_row_from_where_and_what_it_was_before(house: House) -> None:
    request_id = f"request-{uuid4().hex}"
    async with house.client("suppliers", "procurement_manager", name="zhao.lei") as manager:
        made = ok(await manager.post(SUPPLIERS, json=supplier_body(), headers={"X-Request-ID": request_id}), 201)
        ok(await act(manager, "suppliers", "suppliers", made, "screen", reason="资料齐全"))
    screened, registered = await _audit(house, record=made["id"])
    assert list(registered) == MEMBERS
    assert (registered["actor"], registered["action"]) == ("zhao.lei", "supplier.register")
    assert (registered["service"], registered["table"], registered["record"]) == ("suppliers", "supplier", made["id"])
    assert (registered["request_id"], registered["client"]) == (request_id, "127.0.0.1")
    assert registered["before"] is None
    assert registered["after"]["legal_name"] == made["legal_name"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", registered["at"])
    assert (screened["before"]["state"], screened["after"]["state"]) == ("candidate", "screened")
    assert screened["at"] > registered["at"]


async def test_the_trail_is_searched_by_every_field_of_an_entry(house: House, make: Make) -> None:
    other = await make.supplier("screened")
    request_id, login = f"request-{uuid4().hex}", f"login-{uuid4().hex[:8]}"
    async with house.client("suppliers", "procurement_manager", name=login) as manager:
        made = ok(await manager.post(SUPPLIERS, json=supplier_body(), headers={"X-Request-ID": request_id}), 201)
        made = ok(await act(manager, "suppliers", "suppliers", made, "screen", reason="资料齐全"))
    both = await _audit(house, record=made["id"])
    screened, registered = both
    assert await _audit(house, actor=login) == both
    assert await _audit(house, record=made["number"]) == both
    assert await _audit(house, record=made["id"].upper()) == both
    assert await _audit(house, record=f"{made['id']},{other['number']}", action="supplier.register", limit=200) == [
        registered, *await _audit(house, record=other["id"], action="supplier.register"),
    ]  # fmt: skip
    assert await _audit(house, request_id=request_id) == [registered]
    assert await _audit(house, actor=login, action="supplier.screen") == [screened]
    assert await _audit(house, actor=login, service="suppliers", table="supplier") == both
    assert await _audit(house, actor=login, service="contracts") == []
    assert await _audit(house, actor=login, table="external_ref") == []
    assert await _audit(house, actor=login, at_from=screened["at"]) == [screened]
    assert await _audit(house, actor=login, at_before=screened["at"]) == [registered]
    assert await _audit(house, actor=login, sort="at") == [registered, screened]
    assert await _audit(house, record="GYS-1999-000001") == []


async def test_pages_and_the_export_hold_the_same_entries(house: House) -> None:
    login = f"login-{uuid4().hex[:8]}"
    async with house.client("suppliers", "procurement_officer", name=login) as officer:
        for _ in range(5):
            ok(await officer.post(SUPPLIERS, json=supplier_body()), 201)
    async with house.client("security", scopes=["audit:read"]) as key:
        paged: list[dict[str, Any]] = []
        asked: dict[str, Any] = {"actor": login, "limit": 2}
        while True:
            page = ok(await key.get(AUDIT, params=asked))
            paged += page["items"]
            if page["next"] is None:
                break
            asked["cursor"] = page["next"]
        export = await key.get(AUDIT, params={"actor": login}, headers={"Accept": "application/x-ndjson"})
    assert export.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in export.text.splitlines()] == paged
    assert len(paged) == len({item["id"] for item in paged}) == 5


async def test_numbers_stand_in_the_trail_digit_for_digit(house: House, make: Make) -> None:
    """999,999,999,999.9999 read into a float and out again would be another sum of money."""
    value = {"amount": "999999999999999.99", "currency": "CNY"}
    contract = await make.contract(value=value)
    async with house.client("security", "auditor") as auditor:
        answer = await auditor.get(AUDIT, params={"record": contract["id"], "table": "contract"})
    assert '"value": 999999999999999.9900' in answer.text


async def test_the_trail_is_read_by_auditor_security_officer_administrator_and_keys_with_its_scope(
    house: House,
) -> None:
    for role in ("auditor", "security_officer", "administrator"):
        async with house.client("security", role) as reader:
            ok(await reader.get(AUDIT, params={"limit": 1}))
    for role in ("procurement_officer", "procurement_manager", "legal", "finance", "service_manager", "expert"):
        async with house.client("security", role) as other:
            ok(await other.get(AUDIT), 403)
    async with house.client("security", scopes=["security:read", "security:write", "contracts:read"]) as key:
        refused = await key.get(AUDIT)
        assert ok(refused, 403)["type"] == "/problems/forbidden"
        assert 'scope="audit:read"' in refused.headers["www-authenticate"]
    async with house.anonymous("security") as nobody:
        ok(await nobody.get(AUDIT), 401)


async def test_a_record_s_history_is_read_by_all_staff_and_by_no_supplier(house: House, make: Make) -> None:
    firm = await make.supplier("approved")
    asked = {"service": "suppliers", "record": firm["number"]}
    async with house.client("security", "legal") as reader:
        items = ok(await reader.get(HISTORY, params=asked))["items"]
    assert [item["action"] for item in items] == ["supplier.approve", "supplier.screen", "supplier.register"]
    assert items == await _audit(house, record=firm["id"])
    async with house.client("security", scopes=["security:read"]) as key:
        assert ok(await key.get(HISTORY, params=asked))["items"] == items
    async with house.client("security", scopes=["audit:read"]) as key:
        ok(await key.get(HISTORY, params=asked), 403)
    async with house.client("security", "supplier_user", supplier=firm) as outsider:
        ok(await outsider.get(HISTORY, params=asked), 403)
        ok(await outsider.get(AUDIT), 403)


async def test_a_contract_s_history_holds_its_terms_and_can_leave_them_out(house: House, make: Make) -> None:
    contract = await make.contract()
    async with house.client("contracts", "procurement_officer") as officer:
        ok(await officer.patch(f"/api/contracts/v1/contracts/{contract['id']}", json={"title": "新的标题"},
                               headers=seen(contract)))  # fmt: skip
    asked = {"service": "contracts", "record": contract["id"]}
    async with house.client("security", "expert") as reader:
        whole = ok(await reader.get(HISTORY, params=asked))["items"]
        own = ok(await reader.get(HISTORY, params=asked | {"table": "contract"}))["items"]
        both = ok(await reader.get(HISTORY, params=asked | {"table": "contract,term"}))["items"]
    assert {item["table"] for item in whole} == {"contract", "term"}
    assert whole == both
    assert {item["table"] for item in own} == {"contract"}
    assert (own[0]["action"], own[-1]["action"]) == ("contract.edit", "contract.draft")
    assert own[0]["after"]["title"] == "新的标题"


async def test_the_history_of_accounts_is_for_readers_of_the_trail_alone(house: House) -> None:
    asked = {"service": "gateway", "record": str(uuid4())}
    async with house.client("security", "security_officer") as reader:
        ok(await reader.get(HISTORY, params=asked))
    async with house.client("security", "service_manager") as other:
        problem = ok(await other.get(HISTORY, params=asked), 422)
        assert (problem["errors"][0]["code"], problem["errors"][0]["at"]) == ("bad_value", "?service")


@pytest.mark.parametrize(
    ("asked", "code", "at"),
    [
        ({"service": "suppliers"}, "missing_field", "?record"),
        ({"record": "GYS-2026-000001"}, "missing_field", "?service"),
        ({"service": ",", "record": "GYS-2026-000001"}, "bad_format", "?service"),
        ({"service": "suppliers", "record": ","}, "bad_format", "?record"),
        ({"service": "suppliers", "record": "GYS-2026-000001", "state": "x"}, "unknown_filter", "?state"),
    ],
)
async def test_a_history_without_its_record_is_refused(house: House, asked: Any, code: str, at: str) -> None:
    """Nor do commas alone open the whole trail."""
    async with house.client("security", "legal") as reader:
        problem = ok(await reader.get(HISTORY, params=asked), 422)
    assert (problem["errors"][0]["code"], problem["errors"][0]["at"]) == (code, at)


@pytest.mark.parametrize(
    ("asked", "code", "at"),
    [
        ({"who": "x"}, "unknown_filter", "?who"),
        ({"sort": "actor"}, "bad_value", "?sort"),
        ({"cursor": "nonsense"}, "bad_cursor", "?cursor"),
        ({"limit": "201"}, "out_of_range", "?limit"),
        ({"at_from": "yesterday"}, "bad_value", "?at_from"),
        ({"at_before": "2026-03-01T00:00:00"}, "bad_value", "?at_before"),
        ({"service": "nowhere"}, "bad_value", "?service"),
    ],
)
async def test_a_search_that_the_trail_does_not_know_is_refused(house: House, asked: Any, code: str, at: str) -> None:
    async with house.client("security", "auditor") as auditor:
        problem = ok(await auditor.get(AUDIT, params=asked), 422)
    assert (problem["type"], problem["errors"][0]["code"], problem["errors"][0]["at"]) == (
        "/problems/validation", code, at,
    )  # fmt: skip


async def test_the_feed_of_security_is_empty_and_repeats_its_cursor(house: House) -> None:
    async with house.client("security", scopes=["security:read"]) as key:
        assert ok(await key.get("/api/security/v1/feed")) == {"items": [], "next": None}


FILL = """
    INSERT INTO audit.entry (at, actor, action, service, "table", record, before, after, request_id, client)
    SELECT timestamptz '2026-01-01 00:00Z' + n * interval '1 minute', 'person.' || n % 40, 'act.' || n % 25,
           (ARRAY['contracts', 'suppliers', 'sla'])[1 + n % 3], 'table_' || n % 12,
           lpad(to_hex(n % 5000), 8, '0') || '-0000-7000-8000-000000000000', NULL,
           jsonb_build_object('number', 'HT-2026-' || lpad((n % 5000)::text, 6, '0'), 'title', repeat('文', 60)),
           'request-' || n / 2, '10.0.0.1'
    FROM generate_series(1, 100000) n
"""
SEARCHES: tuple[Mapping[str, str], ...] = (
    {},
    {"service": "sla"},
    {"service": "security"},
    {"service": "sla", "table": "table_2"},
    {"table": "table_2"},
    {"record": "00000009-0000-7000-8000-000000000000"},
    {"record": "HT-2026-000009"},
    {"actor": "person.7"},
    {"action": "act.3"},
    {"request_id": "request-77"},
    {"at_from": "2026-02-01T00:00:00Z", "at_before": "2026-02-01T06:00:00Z"},
    {"actor": "person.7", "at_from": "2026-02-01T00:00:00Z"},
    {"actor": "nobody", "action": "act.3"},
)


async def test_no_search_of_a_hundred_thousand_entries_reads_the_table_through(committed_db: Clone) -> None:
    connection = await asyncpg.connect(committed_db.libpq())
    await connection.execute(FILL)
    await connection.execute("ANALYZE audit.entry")
    read: dict[str, int] = {}
    for asked in SEARCHES:
        statement = queries.trail().narrowed(QueryParams(asked), queries.selected())
        page = statement.order_by(queries.entry.at.desc(), queries.entry.id.desc()).limit(51)
        sql = str(page.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {sql}"))
        assert "Seq Scan" not in plan, plan
        read[str(asked)] = sum(map(int, re.findall(r"^ *Buffers: shared hit=(\d+)", plan, re.M)[:1]))
    await connection.close()
    assert max(read.values()) < 500, read  # blocks of 8 KB, where the whole table has thousands
