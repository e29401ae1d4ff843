"""Lists: whatever the sort, the nulls and the page's length, every row comes once and in order."""

import base64
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from fastapi import Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Date, DateTime, Integer, Numeric, Select, Text, Uuid, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from starlette.responses import Response, StreamingResponse

from services.kernel.database import Database
from services.kernel.paging import Listing, Sort, flag, named, one_of
from services.kernel.refusals import Invalid
from tests.databases import Clone
from tests.kernel.news import TELLER

COLUMNS = (
    column("id", Uuid), column("text", Text(collation="C")), column("number", Integer),
    column("amount", Numeric(20, 4)), column("at", DateTime(timezone=True)), column("day", Date),
    column("must", Integer),
)  # fmt: skip
SORTS = ("text", "number", "amount", "at", "day", "must")
NAMES = tuple(c.name for c in COLUMNS)
START = datetime(2026, 1, 1, tzinfo=UTC)
Row = tuple[Any, ...]

few_rows = st.lists(
    st.tuples(
        st.uuids(),
        st.none() | st.sampled_from(["a", "B", "中", "'; --", "%", ""]),
        st.none() | st.integers(-3, 3),
        st.none() | st.decimals(-2, 2, places=4, allow_nan=False),
        st.none() | st.integers(-3, 3).map(lambda n: START + timedelta(microseconds=n)),
        st.none() | st.integers(-3, 3).map(lambda n: date(2026, 1, 10) + timedelta(days=n)),
        st.integers(-3, 3),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda row: row[0],
)


@pytest.fixture(scope="session")
async def reader(database: Clone) -> AsyncIterator[Database]:
    opened = Database(database.url("svc_suppliers"), "suppliers")
    yield opened
    await opened.dispose()


def _source(rows: Sequence[Row]) -> tuple[Select[Any], Listing]:
    """A list over rows that lie in no table."""
    plain = [dict(zip(NAMES, map(_plain, row), strict=True)) for row in rows]
    found = func.jsonb_to_recordset(literal(plain, JSONB)).table_valued(*COLUMNS).render_derived("row", with_types=True)
    listing = Listing(
        key=found.c.id,
        item=lambda row: {name: row[name] for name in NAMES},
        sorts={name: Sort(found.c[name], nullable=name != "must") for name in SORTS},
        default="-at",
        filters={
            "id": named(found.c.id, found.c.text, found.c.id), "text": one_of(found.c.text, ["a", "B", "中"]),
            "odd": flag(found.c.number % 2 != 0),
        },
        ranges={"number": found.c.number, "amount": found.c.amount, "at": found.c.at, "day": found.c.day},
    )  # fmt: skip
    return select(found), listing


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | None) else str(value)


async def _answer(
    reader: Database, rows: Sequence[Row], asked: dict[str, Any], accept: str = "application/json"
) -> Response:
    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": urlencode(asked, doseq=True).encode(),
        "headers": [(b"accept", accept.encode())],
    }  # fmt: skip
    statement, listing = _source(rows)
    return await listing.answer(Request(scope), reader, TELLER, statement)


async def _page(reader: Database, rows: Sequence[Row], **asked: Any) -> dict[str, Any]:
    page: dict[str, Any] = json.loads(bytes((await _answer(reader, rows, asked)).body))
    return page


async def _all_pages(reader: Database, rows: Sequence[Row], **asked: Any) -> list[str]:
    ids: list[str] = []
    while True:
        page = await _page(reader, rows, **asked)
        ids += [item["id"] for item in page["items"]]
        assert len(page["items"]) <= asked["limit"]
        if page["next"] is None:
            return ids
        assert page["items"], "an empty page has no next"
        asked["cursor"] = page["next"]


def _expected(rows: Sequence[Row], name: str, descending: bool) -> list[str]:
    """Python's own sorting; a null comes last both ways."""
    place = NAMES.index(name)
    told = sorted((row for row in rows if row[place] is not None), key=lambda r: (r[place], r[0]), reverse=descending)
    untold = sorted((row for row in rows if row[place] is None), key=lambda r: r[0], reverse=descending)
    return [str(row[0]) for row in told + untold]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=few_rows, name=st.sampled_from(SORTS), descending=st.booleans(), limit=st.integers(1, 7))
async def test_any_sort_with_any_nulls_pages_through_everything_exactly_once(
    reader: Database, rows: list[Row], name: str, descending: bool, limit: int
) -> None:
    word = f"-{name}" if descending else name
    expected = _expected(rows, name, descending)
    assert await _all_pages(reader, rows, sort=word, limit=limit) == expected
    export = await _answer(reader, rows, {"sort": word}, "application/x-ndjson")
    assert isinstance(export, StreamingResponse)
    lines = b"".join([part async for part in export.body_iterator if isinstance(part, bytes)]).splitlines()
    assert [json.loads(line)["id"] for line in lines] == expected


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=few_rows, low=st.integers(-3, 3), high=st.integers(-3, 3))
async def test_a_range_is_half_open(reader: Database, rows: list[Row], low: int, high: int) -> None:
    page = await _page(reader, rows, number_from=low, number_before=high, limit=200, sort="must", count="true")
    expected = {str(row[0]) for row in rows if row[2] is not None and low <= row[2] < high}
    assert {item["id"] for item in page["items"]} == expected
    assert (page["count"], page["count_capped"]) == (len(expected), False)


ROWS: list[Row] = [
    (UUID(int=1), "a", 1, Decimal("1.5"), START, date(2026, 1, 1), 1),
    (UUID(int=2), "中", 2, Decimal("2.5"), START + timedelta(hours=1), date(2026, 1, 2), 2),
    (UUID(int=3), None, None, None, None, None, 3),
]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [2, 1, 3]),
        ({"text": "a,中"}, [2, 1]),
        ({"text": ["a", "中"]}, [2, 1]),
        ({"text": ""}, [2, 1, 3]),
        ({"id": str(UUID(int=3))}, [3]),
        ({"id": "HT-2026-000001"}, []),
        ({"odd": "true"}, [1]),
        ({"odd": "false"}, [2]),
        ({"amount_from": "1.5", "amount_before": "2.5"}, [1]),
        ({"day_from": "2026-01-02"}, [2]),
        ({"at_before": "2026-01-01T09:00:00+08:00"}, [1]),
    ],
)
async def test_filters_narrow(reader: Database, asked: dict[str, Any], found: list[int]) -> None:
    page = await _page(reader, ROWS, **asked)
    assert [UUID(item["id"]).int for item in page["items"]] == found


async def test_a_count_stops_at_a_thousand(reader: Database) -> None:
    rows = [(UUID(int=n), None, None, None, None, None, n) for n in range(1, 1102)]
    page = await _page(reader, rows, sort="must", limit=1, count="true")
    assert (page["count"], page["count_capped"]) == (1000, True)


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


KEY = str(UUID(int=1))


@pytest.mark.parametrize(
    ("asked", "code", "at"),
    [
        ({"colour": "red"}, "unknown_filter", "?colour"),
        ({"q": "x"}, "unknown_filter", "?q"),
        ({"sort": "colour"}, "bad_value", "?sort"),
        ({"sort": "--at"}, "bad_value", "?sort"),
        ({"sort": ""}, "bad_value", "?sort"),
        ({"limit": "0"}, "out_of_range", "?limit"),
        ({"limit": "201"}, "out_of_range", "?limit"),
        ({"limit": "１０"}, "out_of_range", "?limit"),
        ({"limit": "9" * 5000}, "out_of_range", "?limit"),
        ({"text": "red"}, "bad_value", "?text"),
        ({"odd": "perhaps"}, "bad_value", "?odd"),
        ({"number_from": "9" * 12}, "bad_value", "?number_from"),
        ({"number_from": "1.5"}, "bad_value", "?number_from"),
        ({"amount_from": "NaN"}, "bad_value", "?amount_from"),
        ({"amount_from": "1e999999"}, "bad_value", "?amount_from"),
        ({"at_from": "2026-01-01T00:00:00"}, "bad_value", "?at_from"),
        ({"at_from": "0001-01-01T00:00:00+14:00"}, "bad_value", "?at_from"),
        ({"day_from": "2026-02-30"}, "bad_value", "?day_from"),
        ({"cursor": "nonsense"}, "bad_cursor", "?cursor"),
        ({"cursor": "中"}, "bad_cursor", "?cursor"),
        ({"cursor": _cursor("at", None, KEY)}, "bad_cursor", "?cursor"),
        ({"cursor": _cursor("-at", "2026-01-01T00:00:00", KEY)}, "bad_cursor", "?cursor"),
        ({"cursor": _cursor("-at", None, None)}, "bad_cursor", "?cursor"),
        ({"cursor": _cursor("-at", None, 5)}, "bad_cursor", "?cursor"),
        ({"cursor": _cursor("-at", 5, KEY)}, "bad_cursor", "?cursor"),
        ({"cursor": _cursor("-at", None)}, "bad_cursor", "?cursor"),
        ({"sort": "must", "cursor": _cursor("must", None, KEY)}, "bad_cursor", "?cursor"),
        ({"sort": "must", "cursor": _cursor("must", 2**40, KEY)}, "bad_cursor", "?cursor"),
        ({"sort": "text", "cursor": _cursor("text", "\0", KEY)}, "bad_cursor", "?cursor"),
        ({"sort": "amount", "cursor": _cursor("amount", "x", KEY)}, "bad_cursor", "?cursor"),
    ],
)
async def test_what_a_list_does_not_know_is_refused_with_what_it_does(
    reader: Database, asked: dict[str, Any], code: str, at: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await _answer(reader, ROWS, asked)
    (error,) = refused.value.errors
    assert (error.code, error.at) == (code, at)
    if code == "unknown_filter":
        assert "number_before" in error.facts["known"]
    if at == "?sort":
        assert error.facts["known"] == "amount, at, day, must, number, text"
