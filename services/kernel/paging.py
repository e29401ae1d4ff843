"""Lists: filters, sorts, keyset cursors, capped counts and the whole list as NDJSON, alike in every service."""

import base64
import binascii
import json
import operator
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import BigInteger, ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from starlette.datastructures import QueryParams
from starlette.responses import Response, StreamingResponse

from services.kernel.database import Database, Transaction, is_uuid
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid
from services.kernel.wire import encode, parse_instant

LARGEST_PAGE = 200
USUAL_PAGE = 50
COUNT_CAP = 1000
STREAM_PAGE = 1000
LARGEST_INT, LARGEST_BIGINT, LONGEST_DECIMAL = 2**31, 2**63, 100
NDJSON = "application/x-ndjson"
RESERVED = ("limit", "cursor", "sort", "q", "count")

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]
Filter = Callable[[Sequence[str]], ColumnElement[bool]]
Search = Callable[[str], ColumnElement[bool]]


@dataclass(frozen=True)
class Sort:
    """A column that a list can be ordered by. nullable: its nulls come last, both ways."""

    column: Expression
    nullable: bool = False


@dataclass(frozen=True)
class Listing:
    """What one list can do. key: the unique column that breaks ties, and that cursors end in.

    sorts: name → column; default: as in the query, `-created_at`. filters: name → condition of the given words.
    ranges: name → column of instants, dates or numbers, asked by `<name>_from` and `<name>_before`.
    item: a row as it travels.
    """

    key: Expression
    item: Callable[[Mapping[str, Any]], Any]
    sorts: Mapping[str, Sort]
    default: str
    filters: Mapping[str, Filter] = field(default_factory=dict)
    ranges: Mapping[str, Expression] = field(default_factory=dict)
    search: Search | None = None

    async def answer(self, request: Request, db: Database, who: Actor, statement: Select[Any], **more: Any) -> Response:
        """One page, or with `Accept: application/x-ndjson` the whole list. Refuses Invalid. more: further members."""
        query = request.query_params
        asked = self.asked(query)
        narrowed = statement.where(*self._conditions(query))
        if NDJSON in request.headers.get("accept", ""):
            lines = self._lines(db, who, narrowed, asked)
            # Read before the answer begins, so that a database that is away is a 503 and no broken 200.
            first = await anext(lines, b"")
            return StreamingResponse(_from(first, lines), media_type=NDJSON)
        async with db.reading(who) as tx:
            page = await self._page(tx, narrowed, asked)
            if query.get("count") == "true":
                page |= await _count(tx, narrowed)
        return Response(encode(page | more), media_type="application/json")

    def narrowed(self, query: QueryParams, statement: Select[Any]) -> Select[Any]:
        """The statement with the query's filters. Refuses Invalid."""
        self._known(query)
        return statement.where(*self._conditions(query))

    async def _page(self, tx: Transaction, statement: Select[Any], asked: "_Asked") -> dict[str, Any]:
        rows = await self._rows(tx, statement, asked, asked.limit + 1)
        shown = rows[: asked.limit]
        more = len(rows) > asked.limit
        return {
            "items": [self.item(row) for row in shown],
            "next": _cursor(asked.word, shown[-1]) if more else None,
        }

    async def _lines(self, db: Database, who: Actor, statement: Select[Any], asked: "_Asked") -> AsyncIterator[bytes]:
        async with db.reading(who) as tx:
            while True:
                rows = await self._rows(tx, statement, asked, STREAM_PAGE)
                if not rows:
                    return
                yield b"".join(encode(self.item(row)) + b"\n" for row in rows)
                last = rows[-1]
                asked = _Asked(asked.word, asked.sort, asked.descending, asked.limit, (last["_sort"], last["_key"]))

    async def _rows(
        self, tx: Transaction, statement: Select[Any], asked: "_Asked", most: int
    ) -> Sequence[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for part in self.parts(statement, asked):
            if len(found) < most:
                found += await tx.rows(part.limit(most - len(found)))
        return found

    def parts(self, statement: Select[Any], asked: "_Asked") -> Iterator[Select[Any]]:
        """What is read one after the other until the page is full.

        Nulls come last both ways, and an index has them at one end only: they are a part of their own, so that an
        index gives the order of both parts, either way.
        """
        column = asked.sort.column
        if not asked.sort.nullable:
            yield self._keyset(statement, asked)
            return
        among_nulls = asked.after is not None and asked.after[0] is None
        if not among_nulls:
            yield self._keyset(statement.where(column.is_not(None)), asked)
        yield self._keyset(statement.where(column.is_(None)), asked if among_nulls else replace(asked, after=None))

    def _keyset(self, statement: Select[Any], asked: "_Asked") -> Select[Any]:
        column, key = asked.sort.column, self.key
        statement = statement.add_columns(column.label("_sort"), key.label("_key"))
        if asked.after is not None:
            statement = statement.where(_after(asked, key))
        if asked.descending:
            return statement.order_by(column.desc(), key.desc())
        return statement.order_by(column.asc(), key.asc())

    def asked(self, query: QueryParams) -> "_Asked":
        """What the query asks of this list. Refuses Invalid."""
        self._known(query)
        word = query.get("sort", self.default)
        name = word.removeprefix("-")
        if name not in self.sorts:
            raise _refuse("sort", N_("This list cannot be sorted by that"), N_("Choose one of: %(known)s"), self.sorts)
        sort = self.sorts[name]
        after = self._position(query["cursor"], word, sort) if query.get("cursor") else None
        return _Asked(word, sort, word.startswith("-"), _limit(query), after)

    def _known(self, query: QueryParams) -> None:
        known = {*RESERVED, *self.filters, *(f"{name}{end}" for name in self.ranges for end in ("_from", "_before"))}
        known -= {"q"} if self.search is None else set()
        for name in query:
            if name not in known:
                raise _refuse(
                    name, N_("This list has no such filter"), N_("Choose one of: %(known)s"), known, "unknown_filter"
                )

    def _position(self, cursor: str, word: str, sort: Sort) -> tuple[Any, Any]:
        try:
            plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            made_for, value, key = json.loads(plain)
            if made_for != word or key is None or (value is None and not sort.nullable):
                raise ValueError(made_for)
            return _parsed(value, sort.column), _parsed(key, self.key)
        except (ValueError, TypeError, RecursionError, binascii.Error, ArithmeticError) as fault:
            raise _refuse(
                "cursor", N_("This cursor is not one of this list"),
                N_("Use the next of an earlier page, with its sort"),
                (), "bad_cursor",
            ) from fault  # fmt: skip

    def _conditions(self, query: QueryParams) -> list[ColumnElement[bool]]:
        conditions = []
        for name, condition in self.filters.items():
            words = [word for given in query.getlist(name) for word in given.split(",") if word]
            if words:
                conditions.append(_judged(name, condition, words))
        for name, column in self.ranges.items():
            for end, compare in (("_from", column.__ge__), ("_before", column.__lt__)):
                if given := query.get(name + end):
                    conditions.append(compare(_range_value(name + end, given, column)))
        if self.search is not None and (sought := query.get("q", "").strip()):
            conditions.append(self.search(sought))
        return conditions


async def _from(first: bytes, lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for more in lines:
        yield more


@dataclass(frozen=True)
class _Asked:
    """What a request asks of a list. after: sort value and key of the last row seen."""

    word: str
    sort: Sort
    descending: bool
    limit: int
    after: tuple[Any, Any] | None


def _refuse(name: str, what: str, how: str, known: Any, code: str = "bad_value") -> Invalid:
    return Invalid(errors=[FieldError(code, f"?{name}", what, how, {"known": ", ".join(sorted(known))})])


def _limit(query: QueryParams) -> int:
    given = query.get("limit", str(USUAL_PAGE))
    if not (given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= LARGEST_PAGE):
        raise _refuse(
            "limit", N_("A page has between 1 and 200 rows"), N_("Send a limit from 1 to 200"), (), "out_of_range"
        )
    return int(given)


def _after(asked: _Asked, key: Expression) -> ColumnElement[bool]:
    assert asked.after is not None  # noqa: S101  # asked only with a cursor
    column, (value, last) = asked.sort.column, asked.after
    beyond: Callable[[Any, Any], ColumnElement[bool]] = operator.lt if asked.descending else operator.gt
    bound_key = literal(last, key.type)
    if value is None:
        return beyond(key, bound_key)
    return beyond(tuple_(column, key), tuple_(literal(value, column.type), bound_key))


def _cursor(word: str, row: Mapping[str, Any]) -> str:
    plain = json.dumps([word, _plain(row["_sort"]), _plain(row["_key"])], separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def _parsed(value: Any, column: Expression) -> Any:
    """A value as the column takes it. Refuses ValueError, TypeError, ArithmeticError."""
    if value is None:
        return None
    kind = column.type.python_type
    if kind is datetime:
        return parse_instant(value)
    if kind is date:
        return date.fromisoformat(value)
    found = kind(str(value))
    if isinstance(found, int) and abs(found) >= (LARGEST_BIGINT if _is_big(column) else LARGEST_INT):
        raise ValueError(value)
    if isinstance(found, Decimal) and not (found.is_finite() and abs(found.adjusted()) < LONGEST_DECIMAL):
        raise ValueError(value)
    if isinstance(found, str) and "\0" in found:
        raise ValueError(value)
    return found


def _is_big(column: Expression) -> bool:
    return isinstance(column.type, BigInteger)


def _range_value(name: str, given: str, column: Expression) -> Any:
    try:
        return _parsed(given, column)
    except (ValueError, ArithmeticError) as fault:
        raise _refuse(
            name, N_("This bound cannot be read"), N_("Write a date as 2026-03-01, an instant with its offset"), ()
        ) from fault


def _judged(name: str, condition: Filter, words: Sequence[str]) -> ColumnElement[bool]:
    try:
        return condition(words)
    except ValueError as fault:
        raise _refuse(
            name, N_("This filter does not know that value"), N_("Choose one of: %(known)s"), fault.args
        ) from fault


async def _count(tx: Transaction, statement: Select[Any]) -> dict[str, Any]:
    counted = await tx.scalar(select(func.count()).select_from(statement.limit(COUNT_CAP + 1).subquery()))
    return {"count": min(counted, COUNT_CAP), "count_capped": counted > COUNT_CAP}


@dataclass(frozen=True)
class OneOf:
    """Any of the given words; words outside `known` are refused."""

    column: Expression
    known: Sequence[str] | None = None

    def __call__(self, words: Sequence[str]) -> ColumnElement[bool]:
        if self.known is not None and not set(words) <= set(self.known):
            raise ValueError(*self.known)
        return self.column.in_(words)


def named(column: Expression, number: Expression, ident: Expression) -> Filter:
    """Rows of the records of these ids or human numbers; one that is neither finds nothing.

    number, ident: of the records. A number is looked up first, so that an index on `column` gives the order.
    """

    def condition(words: Sequence[str]) -> ColumnElement[bool]:
        wanted: list[ColumnElement[Any]] = [
            literal(UUID(word), column.type) if is_uuid(word)
            else select(ident).where(number == word).limit(1).correlate(None).scalar_subquery()
            for word in words
        ]  # fmt: skip
        found: ColumnElement[bool] = column == wanted[0] if len(wanted) == 1 else column.in_(wanted)
        return found

    return condition


@dataclass(frozen=True)
class Flag:
    """`true` or `false`: those for which the condition holds, or does not."""

    condition: ColumnElement[bool]

    def __call__(self, words: Sequence[str]) -> ColumnElement[bool]:
        if words[-1] not in ("true", "false"):
            raise ValueError("true", "false")
        return self.condition if words[-1] == "true" else ~self.condition


one_of, flag = OneOf, Flag
"""As a list's declaration reads best."""
