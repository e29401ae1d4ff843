"""What holds for every address of the API: access, errors, lists, changes, the feed, ids, languages."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.chain import shapes
from tests.chain.program import AUDIT, CONTRACTS, NDJSON, SLA, SUPPLIERS, Program, eventually, match, ok, program, seen
from tests.chain.shapes import of_shape, problem
from tests.chain.story import BROKEN, Chain, agreement_body, contract_body
from tests.factories import supplier_body
from tests.house import SERVICES, House

LISTS = {
    SUPPLIERS: "suppliers:read", CONTRACTS: "contracts:read", f"{SLA}/agreements": "sla:read",
    f"{SLA}/calendars": "sla:read", f"{SLA}/sources": "sla:read", f"{SLA}/clocks": "sla:read",
    f"{SLA}/breaches": "sla:read", f"{SLA}/tickets": "sla:read", f"{SLA}/periods": "sla:read", AUDIT: "audit:read",
}  # fmt: skip
EVERY_LIST = pytest.mark.parametrize("path", LISTS)


# -- access -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "hy_abc_def", "hy__", "Bearer", "eyJhbGciOiJFZERTQSJ9.e30.x"])
@EVERY_LIST
def test_without_a_key_or_with_a_bad_one_nobody_is_let_in(house: House, path: str, key: str | None) -> None:
    stranger = Program(house.gateway_url, key)
    answer = stranger.http.get(path)
    of_shape(ok(answer, 401), problem(401, "unauthenticated"))
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@EVERY_LIST
def test_a_key_reads_with_its_own_scope_and_with_no_other(house: House, path: str) -> None:
    reader, stranger = program(house, LISTS[path]), program(house, "sla:intake")
    assert "items" in reader.get(path)
    answer = stranger.http.get(path)
    of_shape(ok(answer, 403), problem(403, "forbidden"))
    assert f'scope="{LISTS[path]}"' in answer.headers["www-authenticate"]


def test_who_may_not_is_refused_before_the_body_is_read(house: House) -> None:
    reader = program(house, "suppliers:read", "sla:read")
    for path in (SUPPLIERS, f"{SLA}/agreements", f"{SLA}/events"):
        answer = reader.http.post(path, content=b"{", headers={"Content-Type": "application/json"})
        assert ok(answer, 403)["type"] == "/problems/forbidden"
    nobody = Program(house.gateway_url, None)
    assert nobody.http.post(SUPPLIERS, content=b"{").status_code == 401


def test_an_intake_key_sends_and_reads_its_own_batches_only(house: House, busy: Chain) -> None:
    feeder, other = program(house, "sla:intake"), program(house, "sla:intake")
    event = busy.event("fed", 1, "2016-03-01T09:00:00+08:00", "Resolved") | {"source": busy.source}
    batch = ok(feeder.http.post(f"{SLA}/events", json=[event]))["batch"]
    assert feeder.get(f"{SLA}/batches/{batch}", wait="30")["state"] == "evaluated"
    assert other.http.get(f"{SLA}/batches/{batch}").status_code in (403, 404)
    for path in (f"{SLA}/clocks", f"{SLA}/sources/{busy.source}", f"{SLA}/feed"):
        assert feeder.http.get(path).status_code == 403


# -- errors -----------------------------------------------------------------------------------------------------------


def test_an_unknown_address_or_record_is_not_found_and_a_wrong_method_refused(outside: Program) -> None:
    missing = str(uuid4())
    for path in (
        "/api/nothing/v1/x", "/api/sla/v2/clocks", "/api/sla/v1/nothing", f"{SUPPLIERS}/GYS-1999-000001",
        f"{SUPPLIERS}/{missing}", f"{CONTRACTS}/{missing}", f"{SLA}/agreements/x",
        f"{SLA}/breaches/{missing}", f"{SLA}/calendars/none", f"{SLA}/sources/none", f"{SLA}/batches/{missing}",
        f"{SLA}/batches/x", f"{SLA}/tickets/none/none", f"{SLA}/agreements/x/periods/2016-03",
    ):  # fmt: skip
        answer = outside.http.get(path)
        of_shape(ok(answer, 404), problem(404, "not-found"))
        assert answer.headers["content-type"] == "application/problem+json"
    for method in ("PUT", "DELETE", "PATCH"):
        answer = outside.http.request(method, SUPPLIERS, json={})
        assert answer.status_code in (404, 405)
        of_shape(answer.json(), {"type": str, "title": str, "status": answer.status_code, "request_id": str})


def test_codes_stay_and_words_follow_the_language(outside: Program) -> None:
    said = {}
    for language in ("en", "zh-CN", "zh", "de, en;q=0.5"):
        answer = outside.http.post(
            SUPPLIERS, json=supplier_body(credit_code="91310000000000000I", colour="red"),
            headers={"Accept-Language": language},
        )  # fmt: skip
        said[language] = of_shape(ok(answer, 422), problem(422, "validation") | {"errors": [shapes.ERROR]})
    codes = {language: [(e["code"], e["at"]) for e in found["errors"]] for language, found in said.items()}
    assert {str(sorted(found)) for found in codes.values()} == {str(sorted(codes["en"]))}
    assert ("unknown_field", "/colour") in codes["en"]
    assert any(at == "/credit_code" for _code, at in codes["en"])
    for error in said["zh-CN"]["errors"]:
        assert re.search("[一-鿿]", error["what"] + error["how"]), error
    for error in said["en"]["errors"]:
        assert not re.search("[一-鿿]", error["what"] + error["how"]), error
    assert said["zh"]["errors"] == said["zh-CN"]["errors"]
    assert said["de, en;q=0.5"]["errors"] == said["en"]["errors"]


def test_a_request_id_is_taken_echoed_and_in_the_trail_or_made(outside: Program) -> None:
    given = f"trace-{uuid4().hex}"
    answer = outside.http.post(SUPPLIERS, json=supplier_body(), headers={"X-Request-ID": given})
    assert (answer.status_code, answer.headers["x-request-id"]) == (201, given)
    entries = outside.get(AUDIT, request_id=given)["items"]
    assert [entry["action"] for entry in of_shape(entries, [shapes.ENTRY])] == ["supplier.register"]
    refused = outside.http.get(f"{SUPPLIERS}/none", headers={"X-Request-ID": given})
    assert refused.json()["request_id"] == refused.headers["x-request-id"] == given
    for ill_formed in ("a b", "x" * 500, ""):
        made = outside.http.get(SUPPLIERS, headers={"X-Request-ID": ill_formed}).headers["x-request-id"]
        assert made not in ("", ill_formed)


# -- lists ------------------------------------------------------------------------------------------------------------


@EVERY_LIST
@pytest.mark.parametrize(
    ("query", "at"),
    [
        ({"limit": "0"}, "?limit"), ({"limit": "201"}, "?limit"), ({"limit": "ten"}, "?limit"),
        ({"sort": "colour"}, "?sort"), ({"colour": "red"}, "?colour"), ({"cursor": "nonsense"}, "?cursor"),
        ({"cursor": "W10"}, "?cursor"),
    ],
)  # fmt: skip
def test_a_list_refuses_what_it_does_not_know(outside: Program, path: str, query: dict[str, str], at: str) -> None:
    for accept in ("application/json", NDJSON):
        answer = outside.http.get(path, params=query, headers={"Accept": accept})
        refused = of_shape(ok(answer, 422), problem(422, "validation") | {"errors": [shapes.ERROR]})
        assert [error["at"] for error in refused["errors"]] == [at]


def test_an_unknown_filter_or_sort_is_answered_with_those_that_exist(outside: Program) -> None:
    for query, known in (({"colour": "x"}, "state"), ({"sort": "x"}, "created_at"), ({"state": "x"}, "approved")):
        [error] = ok(outside.http.get(SUPPLIERS, params=query), 422)["errors"]
        assert known in error["how"]


@EVERY_LIST
def test_pages_follow_each_other_and_are_the_whole_list(outside: Program, chain: Chain, path: str) -> None:
    """What other tests have sent may still be worked on: the two readings are of the same moment sooner or later."""

    def item_of(document: Any) -> str:
        return json.dumps({k: v for k, v in document.items() if k not in CHANGING}, sort_keys=True)

    def read_twice() -> tuple[list[str], list[str]]:
        lines, pages = outside.lines(path, **narrowed), outside.pages(path, **narrowed, limit="7")
        return [item_of(item) for item in lines], [item_of(item) for item in pages]

    narrowed = {"record": chain.supplier["number"]} if path == AUDIT else {}
    page = outside.get(path, **narrowed, limit="1")
    assert {"items", "next"} <= set(page)
    assert len(page["items"]) == 1
    eventually(lambda: (found := read_twice())[0] == found[1], True)
    whole, _paged = read_twice()
    assert len(set(whole)) == len(whole)


# Of clocks that run and of the hours that pass.
CHANGING = ("elapsed_seconds", "paused_seconds", "remaining_seconds", "over_seconds", "warnings", "hours")


def test_a_cursor_belongs_to_its_sort(outside: Program) -> None:
    for _each in range(2):
        outside.create(SUPPLIERS, supplier_body())
    cursor = outside.get(SUPPLIERS, limit="1", sort="number")["next"]
    assert ok(outside.http.get(SUPPLIERS, params={"cursor": cursor, "sort": "-number"}), 422)
    assert outside.get(SUPPLIERS, limit="1", sort="number", cursor=cursor)["items"]


def test_ranges_are_half_open_and_states_are_alternatives(outside: Program) -> None:
    supplier = outside.create(SUPPLIERS, supplier_body())
    outside.create(CONTRACTS, contract_body(supplier["id"]))
    mine = {"supplier": supplier["number"]}
    assert len(outside.get(CONTRACTS, **mine, from_from="2016-02-01", from_before="2016-02-02")["items"]) == 1
    assert outside.get(CONTRACTS, **mine, from_before="2016-02-01")["items"] == []
    assert outside.get(CONTRACTS, **mine, state="active")["items"] == []
    assert len(outside.get(CONTRACTS, **mine, state="active,draft")["items"]) == 1
    assert ok(outside.http.get(CONTRACTS, params={"to_from": "yesterday"}), 422)["errors"][0]["at"] == "?to_from"


def test_sorts_go_both_ways(outside: Program, chain: Chain) -> None:
    for path, field, mine in (
        (SUPPLIERS, "created_at", {}), (f"{SLA}/clocks", "started_at", {"agreement": chain.agreement["number"]}),
    ):  # fmt: skip
        upwards = [item[field] for item in outside.lines(path, **mine, sort=field)]
        assert upwards == sorted(upwards)
        assert len(upwards) > 0
        assert [item[field] for item in outside.lines(path, **mine, sort=f"-{field}")] == upwards[::-1]


def test_a_supplier_is_found_by_name_initials_and_code(outside: Program) -> None:
    made = outside.create(
        SUPPLIERS, supplier_body(short_name="海澜云" + uuid4().hex[:4], legal_name="海澜云" + uuid4().hex)
    )
    for sought in (made["short_name"], made["legal_name"][:8], made["credit_code"], "hly", made["number"]):
        assert made["id"] in {item["id"] for item in outside.pages(SUPPLIERS, q=sought)}, sought


# -- changes ----------------------------------------------------------------------------------------------------------


def test_a_change_needs_the_version_that_was_read(outside: Program, chain: Chain) -> None:
    supplier = outside.create(SUPPLIERS, supplier_body())
    contract = outside.create(CONTRACTS, contract_body(supplier["id"]))
    agreement = outside.create(f"{SLA}/agreements", agreement_body(contract["id"]))
    records = (
        (f"{SUPPLIERS}/{supplier['id']}", {"short_name": "别名"}, "screen", {"reason": "x"}),
        (f"{CONTRACTS}/{contract['id']}", {"title": "t"}, "activate", {}),
        (f"{SLA}/agreements/{agreement['id']}", {"title": "t"}, "put-in-force", {}),
    )
    for path, patch, action, body in records:
        answer = outside.http.get(path)
        version = answer.json()["version"]
        assert answer.headers["etag"] == f'"{version}"'
        for ask in (
            lambda h, p=path, b=patch: outside.http.patch(p, json=b, headers=h),
            lambda h, p=path, b=body, a=action: outside.http.post(f"{p}/{a}", json=b, headers=h),
        ):
            of_shape(ok(ask({}), 428), problem(428, "precondition-required"))
            of_shape(ok(ask(match(version + 7)), 412), problem(412, "stale") | {"version": version})
            assert ok(ask({"If-Match": '"seven"'}), 422)["type"] == "/problems/validation"
        assert outside.get(path) == answer.json()
    for path in (records[2][0], records[1][0]):
        assert outside.http.delete(path).status_code == 428
        assert outside.http.delete(path, headers=match(99)).status_code == 412
        assert outside.http.delete(path, headers=seen(outside.get(path))).status_code == 204


def test_actions_are_those_that_this_caller_may_do_now(house: House, outside: Program, chain: Chain) -> None:
    reader = program(house, "suppliers:read", "contracts:read", "sla:read")
    for path in (
        f"{SUPPLIERS}/{chain.supplier['id']}", f"{CONTRACTS}/{chain.contract['id']}",
        f"{SLA}/agreements/{chain.draft['id']}", f"{SLA}/breaches/{chain.breach(BROKEN)['id']}",
    ):  # fmt: skip
        assert reader.get(path)["actions"] == []
    assert {"suspend", "blacklist", "retire"} <= set(outside.get(f"{SUPPLIERS}/{chain.supplier['id']}")["actions"])
    assert "end" in outside.get(f"{CONTRACTS}/{chain.contract['id']}")["actions"]


@pytest.mark.parametrize("what", ["supplier", "contract", "agreement", "calendar"])
def test_the_same_key_and_body_create_once(outside: Program, chain: Chain, what: str) -> None:
    path, body, other = {
        "supplier": (SUPPLIERS, supplier_body(), {"region": "CN-11"}),
        "contract": (CONTRACTS, contract_body(chain.supplier["id"]), {"title": "another"}),
        "agreement": (f"{SLA}/agreements", agreement_body(chain.contract["id"]), {"title": "another"}),
        "calendar": (f"{SLA}/calendars", calendar(f"once-{uuid4().hex[:8]}"), {"name": "another"}),
    }[what]
    key = {"Idempotency-Key": uuid4().hex}
    first = outside.http.post(path, json=body, headers=key)
    again = outside.http.post(path, json=body, headers=key)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    mismatch = outside.http.post(path, json=body | other, headers=key)
    of_shape(ok(mismatch, 422), problem(422, "idempotency-mismatch"))


async def test_two_clicks_at_once_create_once(house: House, outside: Program) -> None:
    """The same key twice at the same time: one creates; the other is told so, or that the first still runs."""
    body, headers = supplier_body(), {"Idempotency-Key": uuid4().hex, "Authorization": f"Bearer {outside.key}"}
    async with httpx.AsyncClient(base_url=house.gateway_url, headers=headers, timeout=30) as client:
        answers = await asyncio.gather(*(client.post(SUPPLIERS, json=body) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(outside.get(SUPPLIERS, credit_code=body["credit_code"])["items"]) == 1


# -- the feed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["suppliers", "contracts", "sla", "security"])
def test_the_feed_goes_on_from_its_cursor_and_an_empty_page_repeats_it(
    outside: Program, chain: Chain, service: str
) -> None:
    path = f"/api/{service}/v1/feed"
    whole = of_shape(outside.news(service), [shapes.NEWS])
    assert len({item["id"] for item in whole}) == len(whole)
    if service == "security":
        assert outside.get(path) == {"items": [], "next": None}
        return
    page = outside.get(path, limit="1")
    assert [item["id"] for item in page["items"]] == [whole[0]["id"]]
    assert page["next"] == page["items"][-1]["cursor"]
    following = outside.get(path, after=page["next"], limit="1")
    assert [item["id"] for item in following["items"]] == [item["id"] for item in whole[1:2]]
    eventually(lambda: _repeats_its_last_cursor(outside, service, path), True)
    for query, at in (({"limit": "0"}, "?limit"), ({"limit": "1001"}, "?limit"), ({"after": "nonsense"}, "?after")):
        assert ok(outside.http.get(path, params=query), 422)["errors"][0]["at"] == at


def _repeats_its_last_cursor(outside: Program, service: str, path: str) -> bool:
    """Read anew each time: what was told a moment ago may get its place only now."""
    last = outside.news(service)[-1]["cursor"]
    return bool(outside.get(path, after=last) == {"items": [], "next": last})


# -- ids, external systems --------------------------------------------------------------------------------------------


def test_a_number_serves_wherever_an_id_does(outside: Program, chain: Chain, busy: Chain) -> None:
    supplier, contract, agreement = chain.supplier, chain.contract, chain.draft
    breach = chain.breach(BROKEN)
    for record, path in (
        (supplier, SUPPLIERS), (contract, CONTRACTS), (agreement, f"{SLA}/agreements"), (breach, f"{SLA}/breaches"),
    ):  # fmt: skip
        assert outside.get(f"{path}/{record['number']}")["id"] == outside.get(f"{path}/{record['id']}")["id"]
    for path, name, record in (
        (CONTRACTS, "supplier", supplier), (f"{SLA}/agreements", "contract", contract),
        (f"{SLA}/clocks", "agreement", agreement), (f"{SLA}/breaches", "agreement", agreement),
        (f"{SLA}/tickets", "agreement", agreement), (f"{SLA}/periods", "agreement", agreement),
        (AUDIT, "record", supplier),
    ):  # fmt: skip
        by_id, by_number = (outside.lines(path, **{name: record[key]}) for key in ("id", "number"))
        assert [item.get("id", item.get("ticket")) for item in by_id] == [
            item.get("id", item.get("ticket")) for item in by_number
        ], (path, name)
        assert by_id, (path, name)
    source = f"by-id-{uuid4().hex[:8]}"
    for ident in (busy.agreement["id"], busy.agreement["number"]):
        answer = outside.http.put(f"{SLA}/sources/{source}", json={"name": "s", "agreement": ident})
        assert answer.json()["agreement"] == busy.agreement["number"]
        event = {
            "source": source, "ticket": "t", "event_id": ident, "type": "x", "occurred_at": "2016-03-01T09:00:00Z",
            "agreement": ident,
        }  # fmt: skip
        assert ok(outside.http.post(f"{SLA}/events", json=[event]))["accepted"] == 1


def test_another_system_s_id_creates_and_then_replaces(outside: Program, chain: Chain) -> None:
    ref = uuid4().hex
    body = supplier_body()
    for path, text, change in (
        (f"{SUPPLIERS}/by-ref/erp/{ref}", body, {"region": "CN-11"}),
        (f"{CONTRACTS}/by-ref/oa/{ref}", contract_body(chain.supplier["number"]), {"title": "replaced"}),
    ):
        made = ok(outside.http.put(path, json=text), 201)
        again = ok(outside.http.put(path, json=text | change))
        assert (again["id"], again[next(iter(change))]) == (made["id"], next(iter(change.values())))
        assert [reference["ref"] for reference in again["external_refs"]] == [ref]


# -- what the processes say of themselves -----------------------------------------------------------------------------


def test_the_gateway_is_healthy_ready_measured_and_described(house: House, chain: Chain) -> None:
    nobody = Program(house.gateway_url, None)
    assert nobody.get("/healthz") == {"status": "ok"}
    of_shape(nobody.get("/readyz"), {"database": True, "schema": str})
    metrics = nobody.http.get("/metrics")
    assert (metrics.status_code, metrics.headers["content-type"].split(";")[0]) == (200, "text/plain")
    described = nobody.get("/openapi.json")
    assert described["openapi"].startswith("3.1")
    for path in (SUPPLIERS, CONTRACTS, f"{SLA}/events", f"{SLA}/clocks", AUDIT):
        assert path in described["paths"]
    references = set(re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert references <= set(described["components"]["schemas"])


def test_the_gateway_is_ready_only_with_all_its_services(fresh_house: House) -> None:
    nobody = Program(fresh_house.gateway_url, None)
    assert nobody.http.get("/readyz").status_code == 200
    for service in SERVICES:
        fresh_house.stop(service)
        answer = nobody.http.get("/readyz")
        assert (answer.status_code, answer.json()["database"]) == (503, True)
        fresh_house.start(service)


# -- working time -----------------------------------------------------------------------------------------------------


def calendar(code: str | None = None, **given: Any) -> dict[str, Any]:
    day = [["09:00", "12:00"], ["13:00", "18:00"]]
    text = {
        "zone": "Asia/Shanghai",
        "weeks": [{"from": None, "mon": day, "tue": [["09:00", "24:00"]], "fri": day}],
        "days": {
            "2026-02-14": {"open": [["09:00", "18:00"]], "name": "春节调休"},
            "2026-02-17": {"open": [], "name": "春节"},
        },
        "known_until": "2026-12-31",
    } | given  # fmt: skip
    return text | ({"code": code, "name": "Office"} if code else {})


def test_working_time_is_answered_question_by_question(outside: Program) -> None:
    """Friday 13 February 8 h, Saturday 9 h (调休): 61,200 s. Eight hours from Friday 09:00 are used up at 18:00."""
    questions = [
        {"calendar": "office", "start": "2026-02-13T09:00:00+08:00", "end": "2026-02-16T09:00:00+08:00"},
        {"calendar": "office", "start": "2026-02-13T09:00:00+08:00", "goal_seconds": 28800, "pauses": []},
        {"calendar": "office", "end": "2026-02-13T18:00:00+08:00", "goal_seconds": 28800},
        {"calendar": "nobody-s", "start": "2026-02-13T09:00:00+08:00", "goal_seconds": 1},
        {"calendar": "office", "start": "2026-02-13T09:00:00+08:00", "goal_seconds": 0},
        {"calendar": "office", "start": "2027-01-04T09:00:00+08:00", "goal_seconds": 60},
        {
            "calendar": "office", "start": "2026-02-13T09:00:00+08:00", "end": "2026-02-13T18:00:00+08:00",
            "pauses": [
                ["2026-02-13T10:00:00+08:00", "2026-02-13T11:30:00+08:00"],
                ["2026-02-13T09:30:00+08:00", "2026-02-13T10:30:00+08:00"],
            ],
        },
        {"calendar": "cn-office", "end": "2026-02-13T18:00:00+08:00", "goal_seconds": 3600},
    ]  # fmt: skip
    answers = ok(
        outside.http.post(f"{SLA}/working-time", json={"calendars": {"office": calendar()}, "questions": questions})
    )
    assert [a for a in answers["answers"] if "problem" not in a] == [
        {"working_seconds": 61200}, {"due": "2026-02-13T10:00:00Z", "provisional": False},
        {"latest_start": "2026-02-13T01:00:00Z", "provisional": False},
        {"due": "2026-02-13T01:00:00Z", "provisional": False}, {"due": "2027-01-04T01:01:00Z", "provisional": True},
        {"working_seconds": 6 * 3600}, {"latest_start": "2026-02-13T09:00:00Z", "provisional": False},
    ]  # fmt: skip
    assert isinstance(answers["answers"][3]["problem"], dict)


def test_working_time_is_limited(outside: Program) -> None:
    question = {"calendar": "cn-24x7", "start": "2026-02-13T09:00:00Z", "goal_seconds": 1}
    assert (
        len(ok(outside.http.post(f"{SLA}/working-time", json={"questions": [question] * 10_000}))["answers"]) == 10_000
    )
    refused = ok(outside.http.post(f"{SLA}/working-time", json={"questions": [question] * 10_001}), 422)
    assert refused["errors"][0]["at"] == "/questions"
    many = {f"c{place}": calendar() for place in range(21)}
    refused = ok(outside.http.post(f"{SLA}/working-time", json={"calendars": many, "questions": []}), 422)
    assert refused["errors"][0]["at"] == "/calendars"


def test_a_stored_calendar_has_versions_and_a_code_of_its_own(outside: Program) -> None:
    code = f"own-{uuid4().hex[:8]}"
    body = calendar(code)
    made = outside.create(f"{SLA}/calendars", body)
    assert {name: made[name] for name in body} == body | {"weeks": made["weeks"]}
    assert made["version"] == 1
    path = f"{SLA}/calendars/{code}"
    assert ok(outside.http.post(f"{SLA}/calendars", json=body), 409)["type"] == "/problems/conflict"
    assert outside.http.put(path, json=body).status_code == 428
    assert outside.http.put(path, json=body, headers=match(9)).status_code == 412
    following = ok(outside.http.put(path, json=body | {"name": "Office 2"}, headers=match(1)))
    assert (following["version"], following["name"]) == (2, "Office 2")
    answer = outside.http.get(path)
    assert (answer.headers["etag"], answer.json()["days"]) == ('"2"', body["days"])
    for built_in in ("cn-office", "cn-24x7"):
        assert outside.get(f"{SLA}/calendars/{built_in}")["zone"] == "Asia/Shanghai"


def test_instants_are_taken_with_any_offset_and_given_in_utc(outside: Program, chain: Chain) -> None:
    at = datetime(2016, 3, 2, 12, tzinfo=UTC)
    path = f"{SLA}/tickets/{chain.source}/{BROKEN}"
    for written in ("2016-03-02T12:00:00Z", "2016-03-02T20:00:00+08:00", "2016-03-02T06:30:00-05:30"):
        assert outside.get(path, as_of=written)["as_of"] == "2016-03-02T12:00:00Z"
    later = outside.get(path, as_of=(at + timedelta(seconds=0.5)).isoformat())["as_of"]
    assert later.startswith("2016-03-02T12:00:00.5")
    assert ok(outside.http.get(path, params={"as_of": "2016-03-02T12:00:00"}), 422)["errors"][0]["at"] == "?as_of"
