"""How a refusal reaches the caller: its kind, its place, its words, in the caller's language."""

import asyncio
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Query, Request
from pydantic import Field
from sqlalchemy import text
from starlette.responses import Response

from services.kernel import app as kernel_app
from services.kernel.app import build_service, kept_going
from services.kernel.identity import STAFF, Actor
from services.kernel.messages import use_locale
from services.kernel.permissions import Grant, Permissions
from services.kernel.refusals import (
    Conflict,
    FieldError,
    Forbidden,
    IdempotencyMismatch,
    Invalid,
    NotFound,
    PreconditionRequired,
    RateLimited,
    Refused,
    ServerFault,
    Stale,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from services.kernel.rendering import problem
from services.kernel.routing import Db, IfMatch, Router, Who, needs
from services.kernel.wire import DecimalText, Instant, LongText, MoneyText, ShareText, ShortText, Wire, encode
from tests.factories import ok
from tests.house import House

CHINESE = re.compile("[\u4e00-\u9fff]")


class Colour(StrEnum):
    """Some of them."""

    RED = "red"
    BLUE = "blue"


class Thing(Wire):
    """One field of each kind."""

    name: ShortText | None = None
    note: LongText | None = None
    colour: Colour | None = None
    size: Literal["small", "large"] | None = None
    parts: Annotated[list[ShortText], Field(max_length=2)] | None = None
    count: Annotated[int, Field(ge=1, le=10)] | None = None
    at: Instant | None = None
    share: ShareText | None = None
    rate: DecimalText | None = None
    price: MoneyText | None = None


router = Router()


@router.post("/things", **needs("thing.make"))
async def make(given: Thing) -> Response:
    """Take it, and say what was understood."""
    return Response(encode(given.model_dump()), media_type="application/json")


@router.get("/things", **needs("thing.read"))
async def read(few: Annotated[int, Query(ge=1, le=5)] = 1) -> Response:
    """Nothing in particular."""
    return Response(encode({"few": few}), media_type="application/json")


@router.get("/things/{name}", **needs("thing.read"))
async def read_one(name: str, who: Who, db: Db) -> Response:
    """Ask the database for a text."""
    async with db.reading(who) as tx:
        found = await tx.scalar(text("SELECT kind FROM suppliers.counter WHERE kind = :kind"), {"kind": name})
    return Response(encode({"found": found}), media_type="application/json")


@router.post("/things/change", **needs("thing.make"))
async def change(given: Thing, seen: IfMatch) -> Response:
    """Say which version was read."""
    return Response(encode({"seen": seen}), media_type="application/json")


@router.post("/things/break", **needs("thing.make"))
async def fall_over() -> Response:
    """A fault of ours."""
    raise ZeroDivisionError


PERMISSIONS = Permissions(
    "suppliers",
    {"thing.make": Grant(STAFF, "suppliers:write"), "thing.read": Grant(STAFF, "suppliers:read")},
)


@pytest.fixture
def who(house: House) -> list[Actor]:
    """The first of these asks; a test may change it."""
    return [house.actor("procurement_officer")]


@pytest.fixture
async def client(house: House, who: list[Actor]) -> AsyncIterator[httpx.AsyncClient]:
    app: FastAPI = build_service(
        house.settings("suppliers"), "suppliers", PERMISSIONS, [router], feed_permission="thing.read", max_body=5000
    )

    async def identify(_request: Request) -> Actor:
        return who[0]

    app.state.identify = identify
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    base = "http://things/api/suppliers/v1"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers={"Accept-Language": "en"}) as made:
        yield made
    await app.state.db.dispose()


KINDS: list[tuple[Refused, int, str]] = [
    (Refused(), 400, "bad-request"),
    (Invalid(), 422, "validation"),
    (Conflict(allowed=("submit",)), 409, "conflict"),
    (NotFound(), 404, "not-found"),
    (Stale(version=7), 412, "stale"),
    (PreconditionRequired(), 428, "precondition-required"),
    (Unauthenticated(), 401, "unauthenticated"),
    (Forbidden(scope="sla:read"), 403, "forbidden"),
    (IdempotencyMismatch(), 422, "idempotency-mismatch"),
    (TooLarge(), 413, "too-large"),
    (UnsupportedMediaType(), 415, "unsupported-media-type"),
    (RateLimited(), 429, "rate-limited"),
    (Unavailable(), 503, "unavailable"),
    (ServerFault(), 500, "fault"),
]


@pytest.mark.parametrize(("refused", "status", "kind"), KINDS, ids=[kind for _r, _s, kind in KINDS])
def test_each_kind_of_the_wire_has_its_status_its_type_and_both_languages(
    refused: Refused, status: int, kind: str
) -> None:
    with use_locale("en"):
        english = problem(refused, "request-1")
    with use_locale("zh-CN"):
        chinese = problem(refused, "request-1")
    assert (english["type"], english["status"]) == (f"/problems/{kind}", status)
    assert english["request_id"] == "request-1"
    for member in ("title", "detail"):
        assert not CHINESE.search(english[member])
        assert CHINESE.search(chinese[member])
    same = english.keys() - {"title", "detail"}
    assert {m: english[m] for m in same} == {m: chinese[m] for m in same}


def test_a_kind_adds_its_own_members_and_headers() -> None:
    assert problem(Conflict(allowed=("submit", "copy")), "")["allowed"] == ["submit", "copy"]
    assert problem(Stale(version=7), "")["version"] == 7
    assert Unavailable().headers.keys() == RateLimited().headers.keys() == {"Retry-After"}
    assert Unauthenticated().headers.keys() == Forbidden().headers.keys() == {"WWW-Authenticate"}


def test_a_percent_sign_in_what_was_sent_is_only_a_sign() -> None:
    error = FieldError("x", "/x", "There is no supplier %(ident)s", "", {"ident": "100 %(s) %d"})
    with use_locale("en"):
        (document,) = problem(Invalid(errors=[error]), "")["errors"]
    assert document["what"] == "There is no supplier 100 %(s) %d"


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"shape": "round"}, "unknown_field", "/shape"),
    ({"name": ""}, "too_short", "/name"),
    ({"name": "   "}, "too_short", "/name"),
    ({"name": "x" * 201}, "too_long", "/name"),
    ({"name": 7}, "bad_type", "/name"),
    ({"name": "a\x00b"}, "control_character", "/name"),
    ({"name": "a\x1bb"}, "control_character", "/name"),
    ({"name": "a\nb"}, "control_character", "/name"),
    ({"note": "a\x00b"}, "control_character", "/note"),
    ({"colour": "green"}, "bad_value", "/colour"),
    ({"size": "medium"}, "bad_value", "/size"),
    ({"parts": ["a", "b", "c"]}, "too_long", "/parts"),
    ({"parts": ["a", ""]}, "too_short", "/parts/1"),
    ({"count": 0}, "out_of_range", "/count"),
    ({"count": 11}, "out_of_range", "/count"),
    ({"count": "many"}, "bad_type", "/count"),
    ({"at": "2026-03-01T09:00:00"}, "time_without_zone", "/at"),
    ({"at": "yesterday"}, "bad_date", "/at"),
    ({"at": "2026-02-30T09:00:00Z"}, "bad_date", "/at"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "bad_date", "/at"),
    ({"at": "9999-12-31T23:59:59-14:00"}, "bad_date", "/at"),
    ({"share": 0.1}, "bad_decimal", "/share"),
    ({"share": "1.1"}, "out_of_range", "/share"),
    ({"share": "-0.1"}, "out_of_range", "/share"),
    ({"rate": "1e5"}, "bad_decimal", "/rate"),
    ({"rate": "NaN"}, "bad_decimal", "/rate"),
    ({"rate": "１.5"}, "bad_decimal", "/rate"),
    ({"rate": "1,5"}, "bad_decimal", "/rate"),
    ({"price": {"amount": "-1", "currency": "CNY"}}, "negative_amount", "/price"),
    ({"price": {"amount": "1.001", "currency": "CNY"}}, "bad_amount", "/price"),
    ({"price": {"amount": "1.5", "currency": "JPY"}}, "bad_amount", "/price"),
    ({"price": {"amount": "1000000000000000", "currency": "CNY"}}, "bad_amount", "/price"),
    ({"price": {"amount": "1", "currency": "yuan"}}, "bad_currency", "/price"),
    ({"price": {"amount": "1", "currency": "CNY", "tax": "0"}}, "unknown_field", "/price/tax"),
    ({"price": {"amount": "1"}}, "missing_field", "/price/currency"),
    ({"price": "1 CNY"}, "bad_type", "/price"),
]


@pytest.mark.parametrize(("body", "code", "at"), BAD, ids=lambda value: str(value)[:60])
async def test_a_wrong_field_is_named_with_what_is_wrong_and_how_to_mend_it_in_both_languages(
    client: httpx.AsyncClient, body: dict[str, Any], code: str, at: str
) -> None:
    english = ok(await client.post("/things", json=body), 422)
    chinese = ok(await client.post("/things", json=body, headers={"Accept-Language": "zh-CN"}), 422)
    assert english["type"] == "/problems/validation"
    assert [(e["code"], e["at"]) for e in english["errors"]] == [(code, at)]
    assert [(e["code"], e["at"]) for e in chinese["errors"]] == [(code, at)]
    for member in ("what", "how"):
        assert english["errors"][0][member]
        assert "%(" not in english["errors"][0][member]
        assert not CHINESE.search(english["errors"][0][member])
        assert CHINESE.search(chinese["errors"][0][member])
        assert " or " not in chinese["errors"][0][member]


async def test_all_that_is_wrong_is_told_at_once(client: httpx.AsyncClient) -> None:
    body = {"name": "", "count": 0, "shape": "round"}
    assert len(ok(await client.post("/things", json=body), 422)["errors"]) == 3


async def test_a_parameter_of_the_query_is_named_with_a_question_mark(client: httpx.AsyncClient) -> None:
    problem_ = ok(await client.get("/things", params={"few": 9}), 422)
    assert (problem_["errors"][0]["code"], problem_["errors"][0]["at"]) == ("out_of_range", "?few")


async def test_decimals_and_instants_travel_as_they_are_agreed(client: httpx.AsyncClient) -> None:
    body = {"at": "2026-03-01T09:00:00+08:00", "share": "0.10", "price": {"amount": "2000.00", "currency": "CNY"}}
    understood = ok(await client.post("/things", json=body))
    assert (understood["at"], understood["share"]) == ("2026-03-01T01:00:00Z", "0.10")
    assert Decimal(understood["price"]["amount"]) == 2000


@pytest.mark.parametrize(
    "body",
    [b"{broken", b"", b"\xff\xfe", b'{"name": "\x80"}', b"[" * 4000, b'{"name": "a"} {}'],
    ids=["broken", "empty", "bom", "latin", "deep", "two"],
)
async def test_what_is_no_json_is_a_bad_request(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/things", content=body, headers={"Content-Type": "application/json"})
    problem_ = ok(answer, 422 if body == b"" else 400)
    assert problem_["type"] == ("/problems/validation" if body == b"" else "/problems/bad-request")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_half_a_character_is_no_text(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/things", content=b'{"name": "\\ud800"}', headers={"Content-Type": "application/json"}
    )  # fmt: skip
    assert ok(answer, 422)["errors"][0]["at"] == "/name"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_body_that_is_not_json_by_its_own_word_is_not_read(client: httpx.AsyncClient, media_type: str) -> None:
    answer = await client.post("/things", content=b'{"name": "a"}', headers={"Content-Type": media_type})
    assert ok(answer, 415)["type"] == "/problems/unsupported-media-type"


async def test_a_body_over_the_limit_is_refused_before_it_is_read_whole(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b" " * 1000

    answer = await client.post("/things", content=endless(), headers={"Content-Type": "application/json"})
    assert ok(answer, 413)["type"] == "/problems/too-large"
    assert sent <= 7
    exact = b'{"name": "a"}'.ljust(5000)
    ok(await client.post("/things", content=exact, headers={"Content-Type": "application/json"}))
    assert (
        await client.post("/things", content=exact + b" ", headers={"Content-Type": "application/json"})
    ).status_code == 413


@pytest.mark.parametrize("address", ["/things/a%00b", "/feed?after=%00"])
async def test_a_nul_in_an_address_is_no_fault_of_ours(client: httpx.AsyncClient, address: str) -> None:
    ok(await client.get(address), 422)


@pytest.mark.parametrize(
    ("header", "expected"),
    [({}, 428), ({"If-Match": '"three"'}, 422), ({"If-Match": ""}, 422), ({"If-Match": '"' + "9" * 12 + '"'}, 422)],
)
async def test_a_change_says_which_version_it_saw(
    client: httpx.AsyncClient, header: dict[str, str], expected: int
) -> None:
    ok(await client.post("/things/change", json={}, headers=header), expected)
    for given, seen in (('"3"', 3), ('W/"3"', 3), ("3", 3), ("*", -1)):
        assert ok(await client.post("/things/change", json={}, headers={"If-Match": given})) == {"seen": seen}


async def test_permission_is_judged_before_the_body_is(
    client: httpx.AsyncClient, who: list[Actor], house: House
) -> None:
    who[0] = house.actor(scopes=["suppliers:read"])
    answer = await client.post("/things", content=b"{broken", headers={"Content-Type": "text/plain"})
    assert ok(answer, 403)["type"] == "/problems/forbidden"


async def test_an_address_that_is_not_there_and_a_method_that_it_does_not_take_are_not_found(
    client: httpx.AsyncClient,
) -> None:
    for answer in (await client.get("/nothing"), await client.delete("/things")):
        assert ok(answer, 404)["type"] == "/problems/not-found"


async def test_a_fault_of_ours_tells_its_request_id_and_nothing_else(client: httpx.AsyncClient) -> None:
    given = uuid4().hex
    answer = await client.post("/things/break", headers={"X-Request-ID": given})
    problem_ = ok(answer, 500)
    assert (problem_["type"], problem_["request_id"]) == ("/problems/fault", given)
    assert answer.headers.get_list("x-request-id") == [given]
    assert "Zero" not in answer.text


async def test_a_background_job_that_falls_over_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_app, "RESTART_SECONDS", 0)
    runs = 0

    async def job() -> None:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise ZeroDivisionError

    await asyncio.wait_for(kept_going(job), 5)
    assert runs == 3
