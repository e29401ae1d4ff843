"""The trail: written by the database itself for whatever people and clients edit, changed by nobody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest

from deploy import roles
from tests.databases import Clone
from tests.factories import ok, supplier_body
from tests.house import House

# Each column by which an entry is found: a child's row stands in its parent's history.
AUDITED = {
    "suppliers.supplier": "id",
    "suppliers.external_ref": "supplier_id",
    "contracts.contract": "id",
    "contracts.term": "contract_id",
    "contracts.external_ref": "contract_id",
    "sla.calendar": "id",
    "sla.calendar_version": "calendar_id",
    "sla.agreement": "id",
    "sla.agreement_version": "agreement_id",
    "sla.source": "code",
    "sla.batch": "id",
    "sla.exclusion": "breach_id",
    "sla.breach_decision": "breach_id",
    "sla.period": "id",
    "gateway.user": "id",
    "gateway.first_password": "user_id",
    "gateway.session": "user_id",
    "gateway.api_key": "id",
}
LOG = "append-only: it is its own history"
COPY = "another service's facts, with the version of their source"
DERIVED = "derived from events, agreements and calendars"
MACHINERY = "no facts: it keeps the machine going"
NOT_AUDITED = {
    **{
        f"{namespace}.{table}": reason
        for namespace in ("contracts", "suppliers", "sla", "security", "gateway")
        for table, reason in {
            "event": LOG, "sealer": MACHINERY, "counter": MACHINERY, "idempotency": MACHINERY
        }.items()
    },
    "news.delivery": LOG,
    "audit.entry": LOG,
    "contracts.supplier_state": COPY,
    "sla.contract_terms": COPY,
    "sla.ticket_event": f"{LOG}; one row of the trail a batch (sla.batch)",
    "sla.rejection": f"{LOG}; what a batch refused",
    "sla.source_activity": DERIVED,
    "sla.source_hour": f"{DERIVED}: what the intake counted by the hour",
    "sla.ticket": DERIVED,
    "sla.clock_cycle": DERIVED,
    "sla.transition": DERIVED,
    "sla.breach": f"{DERIVED}; what people decide of it stands in sla.breach_decision and sla.exclusion",
    "sla.breach_version": f"{LOG}; what each breach was",
    "sla.period_cycle": f"{LOG}; what a closed period was made of",
    "sla.dirty": MACHINERY,
    "sla.sweep": MACHINERY,
    "sla.period_recheck": MACHINERY,
}  # fmt: skip
TABLES = """
    SELECT c.relnamespace::regnamespace || '.' || c.relname FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace::regnamespace::text = ANY($1)
"""
TRIGGERS = """
    SELECT c.relnamespace::regnamespace || '.' || c.relname AS on_table, t.tgtype, t.tgenabled,
           (string_to_array(encode(t.tgargs, 'escape'), '\\000'))[1] AS record
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND NOT c.relispartition AND t.tgfoid = 'audit.write'::regproc
"""
NAMESPACES = ["contracts", "suppliers", "sla", "security", "gateway", "audit", "news"]
AFTER_EACH_ROW_OF_ANY_CHANGE = 1 | 4 | 8 | 16  # row, insert, delete, update; neither before (2) nor instead (64)
SERVICES = [f"svc_{service}" for service in roles.SERVICES]


@asynccontextmanager
async def _signed_in(database: Clone, role: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(database.libpq(role))
    try:
        yield connection
    finally:
        await connection.close()


async def test_every_table_is_audited_or_has_a_reason_why_not(database: Clone) -> None:
    """Whoever adds a table that people or clients edit adds its trigger, or says here what its history is."""
    async with _signed_in(database, roles.OWNER) as connection:
        tables = {row[0].replace('"', "") for row in await connection.fetch(TABLES, NAMESPACES)}
    assert not set(AUDITED) & set(NOT_AUDITED)
    assert tables == set(AUDITED) | set(NOT_AUDITED)


async def test_the_triggers_are_those_of_the_list(database: Clone) -> None:
    async with _signed_in(database, roles.OWNER) as connection:
        found = await connection.fetch(TRIGGERS)
    assert {row["on_table"].replace('"', ""): row["record"] for row in found} == AUDITED
    assert {row["tgtype"] for row in found} == {AFTER_EACH_ROW_OF_ANY_CHANGE}
    assert {row["tgenabled"] for row in found} == {b"O"}


async def test_no_secret_reaches_the_trail(database: Clone) -> None:
    """Not even as a digest: whoever reads the trail could try passwords against it."""
    async with _signed_in(database, roles.OWNER) as connection:
        found = await connection.fetch(
            "SELECT c.relname || '.' || a.attname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid WHERE t.tgfoid = 'audit.write'::regproc AND a.attnum > 0"
            " AND a.attname ~ 'digest|secret|token|password' AND a.attname <> 'password_changed_at'"
            " AND NOT a.attname = ANY (string_to_array(encode(t.tgargs, 'escape'), '\\000'))"
        )
    assert [row[0] for row in found] == []


@pytest.mark.parametrize("role", SERVICES)
@pytest.mark.parametrize(
    "statement",
    [
        'INSERT INTO audit.entry (actor, action, service, "table", record, request_id, client)'
        " VALUES ('a', 'b', 'c', 'd', 'e', '', '')",
        "UPDATE audit.entry SET actor = 'nobody'",
        "DELETE FROM audit.entry",
        "TRUNCATE audit.entry",
        "DROP TABLE audit.entry",
        "ALTER TABLE audit.entry DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION audit.write() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DROP FUNCTION audit.write()",
        "CREATE TABLE audit.other (id int)",
        "SET ROLE heyue_audit",
        "SET session_replication_role = replica",
    ],
)
async def test_no_service_writes_or_changes_the_trail_or_its_function(
    database: Clone, role: str, statement: str
) -> None:
    async with _signed_in(database, role) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


@pytest.mark.parametrize("role", SERVICES)
async def test_no_service_hangs_the_function_on_a_table_of_its_own(database: Clone, role: str) -> None:
    """A temporary table is anybody's, and the entries that its trigger wrote would be inventions."""
    async with _signed_in(database, role) as connection:
        await connection.execute("CREATE TEMPORARY TABLE invented (id text)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "CREATE TRIGGER t AFTER INSERT ON invented FOR EACH ROW EXECUTE FUNCTION audit.write('id')"
            )


@pytest.mark.parametrize("table", [table for table in AUDITED if not table.startswith("gateway")])
async def test_no_service_switches_a_trigger_off(database: Clone, table: str) -> None:
    async with _signed_in(database, f"svc_{table.partition('.')[0]}") as connection:
        for statement in (f"ALTER TABLE {table} DISABLE TRIGGER audited", f"DROP TRIGGER audited ON {table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


@pytest.mark.parametrize("role", [role for role in SERVICES if role != "svc_security"])
async def test_the_trail_is_read_by_security_alone(database: Clone, role: str) -> None:
    async with _signed_in(database, role) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT 1 FROM audit.entry")


async def test_a_call_writes_who_what_when_from_where_and_what_it_was_before(house: House, database: Clone) -> None:
    request_id = f"request-{uuid4().hex}"
    async with house.client("suppliers", "procurement_officer", name="chen.jing") as officer:
        made = ok(await officer.post("/api/suppliers/v1/suppliers", json=supplier_body()), 201)
        ok(
            await officer.patch(
                f"/api/suppliers/v1/suppliers/{made['id']}", json={"region": "CN-44"},
                headers={"If-Match": f'"{made["version"]}"', "X-Request-ID": request_id},
            )
        )  # fmt: skip
    async with _signed_in(database, "svc_security") as connection:
        (row,) = await connection.fetch(
            "SELECT *, before ->> 'region' AS was, after ->> 'region' AS now, after ? 'search_text' AS derived,"
            " at BETWEEN now() - interval '1 minute' AND now() AS just FROM audit.entry WHERE request_id = $1",
            request_id,
        )
    assert (row["actor"], row["action"], row["client"]) == ("chen.jing", "supplier.edit", "127.0.0.1")
    assert (row["service"], row["table"], row["record"]) == ("suppliers", "supplier", made["id"])
    assert (row["was"], row["now"]) == ("CN-31", "CN-44")
    assert row["just"]
    assert not row["derived"]


async def test_what_is_done_past_the_services_is_written_too_with_the_database_s_own_names(committed_db: Clone) -> None:
    """A correction by hand in psql does not escape the trail."""
    async with _signed_in(committed_db, roles.OWNER) as connection:
        code = await connection.fetchval("SELECT code FROM sla.calendar ORDER BY code LIMIT 1")
        await connection.execute("UPDATE sla.calendar SET name = name || '!' WHERE code = $1", code)
    async with _signed_in(committed_db, "svc_security") as connection:
        row = await connection.fetchrow(
            "SELECT actor, action, request_id, client FROM audit.entry WHERE service = 'sla' ORDER BY at DESC LIMIT 1"
        )
    assert row is not None
    assert tuple(row) == (roles.OWNER, "update", "", "")


async def test_what_changes_nothing_writes_nothing(committed_db: Clone) -> None:
    async with _signed_in(committed_db, roles.OWNER) as connection:
        await connection.execute("UPDATE sla.calendar SET name = name")
    async with _signed_in(committed_db, "svc_security") as connection:
        assert await connection.fetchval("SELECT count(*) FROM audit.entry WHERE action = 'update'") == 0
