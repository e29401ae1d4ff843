"""Each thing that is wrong gets a clear answer, with its place, and changes nothing."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.chain import shapes
from tests.chain.program import AUDIT, CONTRACTS, NDJSON, SLA, SUPPLIERS, Json, Program, match, ok, seen
from tests.chain.shapes import of_shape, problem
from tests.chain.story import BROKEN, Chain, agreement_body, contract_body, target
from tests.chain.test_conventions import calendar
from tests.factories import credit_code, supplier_body

JSON = {"Content-Type": "application/json"}
CODE = credit_code()
CHECK = next(digit for digit in "0123456789" if digit != CODE[17])


@contextmanager
def nothing_changes(outside: Program) -> Iterator[None]:
    """The trail's newest entry of this key is the same afterwards: it has written no row."""
    made = outside.create(SUPPLIERS, supplier_body())
    yield
    [newest] = outside.get(AUDIT, actor=outside.name, limit="1")["items"]
    assert (newest["record"], newest["action"]) == (made["id"], "supplier.register")


def faults_of(answer: httpx.Response) -> list[tuple[str, str]]:
    """Codes and places of a refused body, in the order of the places."""
    document = of_shape(ok(answer, 422), problem(422, "validation") | {"errors": [shapes.ERROR]})
    return sorted(((error["code"], error["at"]) for error in document["errors"]), key=lambda fault: fault[1])


# -- suppliers and contracts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"legal_name": None}, "bad_type", "/legal_name"),
        ({"legal_name": ""}, "too_short", "/legal_name"),
        ({"legal_name": "   "}, "too_short", "/legal_name"),
        ({"legal_name": "a" * 201}, "too_long", "/legal_name"),
        ({"legal_name": "a\u0000b"}, "control_character", "/legal_name"),
        ({"legal_name": 7}, "bad_type", "/legal_name"),
        ({"credit_code": CODE[:17]}, "code_length", "/credit_code"),
        ({"credit_code": "I" + CODE[1:]}, "illegal_character", "/credit_code"),
        ({"credit_code": CODE[:17] + CHECK}, "check_digit", "/credit_code"),
        ({"scope": ["XYZ"]}, "bad_value", "/scope"),
        ({"scope": ["ITO", "ITO"]}, "bad_value", "/scope"),
        ({"scope": "ITO"}, "bad_type", "/scope"),
        ({"region": "Shanghai"}, "bad_format", "/region"),
        ({"contacts": [{"name": "x", "email": "no mail"}]}, "bad_format", "/contacts/0/email"),
        ({"contacts": [{"email": "a@example.com"}]}, "missing_field", "/contacts/0/name"),
        ({"contacts": [{"name": "x", "fax": "1"}]}, "unknown_field", "/contacts/0/fax"),
    ],
)
def test_a_supplier_that_is_not_right(outside: Program, change: Json, code: str, at: str) -> None:
    with nothing_changes(outside):
        assert faults_of(outside.http.post(SUPPLIERS, json=supplier_body() | change)) == [(code, at)]


def test_the_refusal_of_a_credit_code_says_what_is_wrong_with_it(outside: Program) -> None:
    """The illegal character with its place; else the digit that the first seventeen would give."""
    for wrong, said in ((CODE[:4] + "O" + CODE[5:], ("5", "O")), (CODE[:17] + CHECK, (CODE[17],))):
        answer = outside.http.post(SUPPLIERS, json=supplier_body(credit_code=wrong))
        [error] = ok(answer, 422)["errors"]
        assert all(part in error["what"] for part in said), error


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"type": "XXX"}, "bad_value", "/type"),
        ({"supplier": "GYS-1999-000001"}, "unknown_supplier", "/supplier"),
        ({"supplier": str(uuid4())}, "unknown_supplier", "/supplier"),
        ({"value": {"amount": "-1.00", "currency": "CNY"}}, "negative_amount", "/value"),
        ({"value": {"amount": "1,000", "currency": "CNY"}}, "bad_decimal", "/value/amount"),
        ({"value": {"amount": "1e5", "currency": "CNY"}}, "bad_decimal", "/value/amount"),
        ({"value": {"amount": "NaN", "currency": "CNY"}}, "bad_decimal", "/value/amount"),
        ({"value": {"amount": 1000, "currency": "CNY"}}, "bad_decimal", "/value/amount"),
        ({"value": {"amount": 10.5, "currency": "CNY"}}, "bad_decimal", "/value/amount"),
        ({"value": {"amount": "1.001", "currency": "CNY"}}, "bad_amount", "/value"),
        ({"value": {"amount": "1.5", "currency": "JPY"}}, "bad_amount", "/value"),
        ({"value": {"amount": "9" * 19, "currency": "CNY"}}, "bad_amount", "/value"),
        ({"value": {"amount": "1.00", "currency": "cny"}}, "bad_currency", "/value"),
        ({"value": {"amount": "1.00"}}, "missing_field", "/value/currency"),
        ({"value": "1.00"}, "bad_type", "/value"),
        ({"from": "2016-02-30"}, "bad_date", "/from"),
        ({"from": "1/2/2016"}, "bad_date", "/from"),
        ({"from": 1454284800}, "bad_date", "/from"),
        ({"from": "1454284800"}, "bad_date", "/from"),
        ({"from": "2016-02-01T00:00:00Z"}, "bad_date", "/from"),
        ({"from": None}, "bad_date", "/from"),
        ({"terms": [{"from": "2016-02-01", "monthly_charge": {"amount": "1.00", "currency": "CNY"},
                     "at_risk_share": "1.5"}]}, "out_of_range", "/terms/0/at_risk_share"),
        ({"terms": [{"from": "2016-02-01", "monthly_charge": {"amount": "1.00", "currency": "CNY"},
                     "at_risk_share": 0.1}]}, "bad_decimal", "/terms/0/at_risk_share"),
        ({"terms": [{"from": "2015-01-01", "monthly_charge": {"amount": "1.00", "currency": "CNY"},
                     "at_risk_share": "0.10"}]}, "outside_the_contract", "/terms/0/from"),
        ({"terms": [{"from": "2016-02-01", "monthly_charge": {"amount": "1.00", "currency": "USD"},
                     "at_risk_share": "0.10"}]}, "other_currency", "/terms/0/monthly_charge/currency"),
        ({"to": "2016-01-31", "terms": []}, "ends_before_it_begins", "/to"),
    ],
)  # fmt: skip
def test_a_contract_that_is_not_right(chain: Chain, outside: Program, change: Json, code: str, at: str) -> None:
    with nothing_changes(outside):
        answer = outside.http.post(CONTRACTS, json=contract_body(chain.supplier["number"]) | change)
        assert faults_of(answer) == [(code, at)]


def test_all_that_is_wrong_is_said_at_once(outside: Program) -> None:
    body = {"title": "", "type": "XXX", "value": {"amount": "-1", "currency": "CNY"}, "from": "x", "to": "2016-01-01"}
    places = {error["at"] for error in ok(outside.http.post(CONTRACTS, json=body), 422)["errors"]}
    assert places >= {"/title", "/type", "/supplier", "/from"}


@pytest.mark.parametrize("path", [SUPPLIERS, CONTRACTS, f"{SLA}/agreements", f"{SLA}/calendars", f"{SLA}/working-time"])
def test_a_body_that_is_no_json_or_too_large_or_of_another_kind(outside: Program, path: str) -> None:
    with nothing_changes(outside):
        for content in (b"{", b"", b"\xff", b'{"a": 1,}', b"[" * 5000):
            answer = outside.http.post(path, content=content, headers=JSON)
            assert answer.status_code in (400, 422), (content[:9], answer.text)
            of_shape(answer.json(), {"type": str, "request_id": str})
        for content in (b"[]", b'"x"', b"7", b"null"):
            assert outside.http.post(path, content=content, headers=JSON).status_code == 422
        large = outside.http.post(path, content=b'{"a": "' + b"x" * 33_000_000 + b'"}', headers=JSON)
        of_shape(ok(large, 413), problem(413, "too-large"))
        other = outside.http.post(path, content=b"a=b", headers={"Content-Type": "application/x-www-form-urlencoded"})
        of_shape(ok(other, 415), problem(415, "unsupported-media-type"))


def test_a_transition_that_the_state_does_not_allow_names_those_that_it_does(chain: Chain, outside: Program) -> None:
    candidate = outside.create(SUPPLIERS, supplier_body())
    draft = outside.create(CONTRACTS, contract_body(candidate["id"]))
    with nothing_changes(outside):
        for path, record, action, body, allowed in (
            (SUPPLIERS, candidate, "approve", {"reason": "x"}, "screen"),
            (SUPPLIERS, candidate, "suspend", {"reason": "x"}, "screen"),
            (CONTRACTS, draft, "end", {}, "activate"),
            (CONTRACTS, outside.get(f"{CONTRACTS}/{chain.contract['id']}"), "activate", {}, "end"),
            (f"{SLA}/agreements", outside.get(f"{SLA}/agreements/{chain.draft['id']}"), "put-in-force", {}, None),
            (f"{SLA}/breaches", chain.breach(BROKEN), "reinstate", {}, "acknowledge"),
        ):
            answer = outside.http.post(f"{path}/{record['id']}/{action}", json=body, headers=seen(record))
            document = of_shape(ok(answer, 409), problem(409, "conflict") | {"allowed": [str]})
            assert action not in document["allowed"]
            assert allowed is None or allowed in document["allowed"]
        without_reason = outside.http.post(f"{SUPPLIERS}/{candidate['id']}/screen", json={}, headers=seen(candidate))
        assert faults_of(without_reason) == [("missing_field", "/reason")]
        unknown = outside.http.post(f"{SUPPLIERS}/{candidate['id']}/dance", json={}, headers=seen(candidate))
        assert unknown.status_code == 404


def test_of_two_who_edit_one_record_the_second_is_told(outside: Program, second: Program) -> None:
    supplier = outside.create(SUPPLIERS, supplier_body())
    path = f"{SUPPLIERS}/{supplier['id']}"
    mine = ok(outside.http.patch(path, json={"region": "CN-11"}, headers=seen(supplier)))
    late = ok(second.http.patch(path, json={"region": "CN-44"}, headers=seen(supplier)), 412)
    assert (late["type"], late["version"], outside.get(path)["region"]) == ("/problems/stale", mine["version"], "CN-11")


# -- calendars and agreements -----------------------------------------------------------------------------------------


def week(**days: list[list[str]]) -> Json:
    return {"weeks": [{"from": None, **days}]}


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"weeks": []}, "no_window", "/weeks"),
        (week(mon=[]), "no_window", "/weeks"),
        (week(mon=[["09:00", "12:00"], ["11:00", "18:00"]]), "overlapping", "/weeks/0/mon/1"),
        (week(mon=[["18:00", "09:00"]]), "reversed", "/weeks/0/mon/0"),
        (week(mon=[["09:00", "09:00"]]), "reversed", "/weeks/0/mon/0"),
        (week(mon=[["9", "25:00"]]), None, None),
        (week(mon=[["24:00", "24:00"]]), "bad_time", "/weeks/0/mon/0/0"),
        (week(monday=[["09:00", "18:00"]]), None, None),
        ({"zone": "Mars/Olympus"}, "unknown_zone", "/zone"),
        ({"zone": "asia/shanghai"}, "unknown_zone", "/zone"),
        ({"zone": None}, "bad_type", "/zone"),
        ({"days": {"2026-02-30": {"open": [], "name": "x"}}}, "bad_date", "/days/2026-02-30"),
        ({"days": {"2026-02-17": {"open": []}}}, "missing_field", "/days/2026-02-17/name"),
        ({"days": {"2026-02-17": {"open": [["12:00", "11:00"]], "name": "x"}}}, "reversed", "/days/2026-02-17/open/0"),
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"known_until": "soon"}, "bad_date", "/known_until"),
    ],
)
def test_a_calendar_that_is_not_right(outside: Program, change: Json, code: str | None, at: str | None) -> None:
    body = calendar(f"bad-{uuid4().hex[:8]}") | change
    with nothing_changes(outside):
        answer = outside.http.post(f"{SLA}/calendars", json=body)
        if code is not None:
            assert faults_of(answer) == [(code, at)]
        assert answer.status_code == 422
        asked = {"calendars": {"c": {k: v for k, v in body.items() if k not in ("code", "name")}}, "questions": []}
        assert outside.http.post(f"{SLA}/working-time", json=asked).status_code == 422
    assert outside.http.get(f"{SLA}/calendars/{body['code']}").status_code == 404


NO_OP = {"field": "state", "op": "like", "value": "x"}


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"goals": [{"when": {"field": "p", "op": "eq", "value": "1"}, "seconds": 60}]}, "no_last_goal", "goals"),
        ({"goals": []}, "no_last_goal", "goals"),
        ({"goals": [{"seconds": 0}]}, "out_of_range", "goals/0/seconds"),
        ({"goals": [{"seconds": "60"}]}, "bad_type", "goals/0/seconds"),
        ({"tiers": [{"below": "0.95", "rate": "0.4"}, {"below": "0.95", "rate": "1.00"}]}, "repeated", "tiers/1/below"),
        ({"tiers": [{"below": "0.95", "rate": "0.40"}, {"below": "0.950", "rate": "1"}]}, "repeated", "tiers/1/below"),
        ({"tiers": [{"below": 0.95, "rate": "0.40"}]}, "bad_decimal", "tiers/0/below"),
        ({"allocation": "-0.5"}, "bad_decimal", "allocation"),
        ({"calendar": "nobody-s"}, "unknown_calendar", "calendar"),
        ({"conditions": target()["conditions"] | {"cancel": NO_OP}}, "unknown_operator", "conditions/cancel/op"),
        ({"conditions": target()["conditions"] | {"start": {"all": [{"not": NO_OP}]}}}, "unknown_operator",
         "conditions/start/all/0/not/op"),
        ({"conditions": {"start": {"field": "s", "op": "set"}}}, "missing_field", "conditions/stop"),
        ({"on_reopen": "maybe"}, "unknown_value", "on_reopen"),
        ({"warn_at": [75, 75]}, "repeated", "warn_at/1"),
        ({"colour": "red"}, "unknown_field", "colour"),
    ],
)  # fmt: skip
def test_a_target_that_is_not_right(chain: Chain, outside: Program, change: Json, code: str, at: str) -> None:
    body = agreement_body(chain.contract["number"], targets=[target(**change)])
    events: list[Json] = []
    with nothing_changes(outside):
        assert faults_of(outside.http.post(f"{SLA}/agreements", json=body)) == [(code, f"/targets/0/{at}")]
        tried = outside.http.post(
            f"{SLA}/agreements/{chain.draft['id']}/try", json={"events": events, "targets": body["targets"]}
        )
        assert tried.status_code == 422


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"contract": "HT-1999-000001"}, "unknown_contract", "/contract"),
        ({"zone": "Mars/Olympus"}, "unknown_zone", "/zone"),
        ({"until": "2016-01-01"}, "reversed", "/until"),
        ({"targets": []}, "missing_field", "/targets"),
        ({"targets": [target(), target()]}, "repeated", "/targets/1/key"),
        ({"period": "week"}, "unknown_value", "/period"),
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"from": "2016-02-01T00:00:00Z"}, "bad_date", "/from"),
    ],
)
def test_an_agreement_that_is_not_right(chain: Chain, outside: Program, change: Json, code: str, at: str) -> None:
    with nothing_changes(outside):
        body = agreement_body(chain.contract["number"]) | change
        assert faults_of(outside.http.post(f"{SLA}/agreements", json=body)) == [(code, at)]


def test_versions_that_overlap(chain: Chain, outside: Program) -> None:
    path = f"{SLA}/agreements/{chain.draft['id']}/versions"
    with nothing_changes(outside):
        body = {"from": "2016-02-01", "until": None, "targets": [target()]}
        assert faults_of(outside.http.post(path, json=body)) == [("versions_overlap", "/from")]


# -- injection --------------------------------------------------------------------------------------------------------

EVIL = (
    "'; DROP TABLE suppliers.supplier; --", '" OR 1=1 --', "<script>alert(1)</script>", "=cmd|'/C calc'!A0", "+1+1",
    "-2+3", "@SUM(A1)", "{{ 7*7 }}", "%s %(x)s {0}", "../../etc/passwd", "\\u0027", "名<b>称</b>&amp;",
)  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_what_would_be_code_elsewhere_is_text_here(outside: Program, text: str) -> None:
    named = f"{text} {uuid4().hex[:6]}"
    supplier = outside.create(
        SUPPLIERS,
        supplier_body(legal_name=named, short_name=named, contacts=[{"name": text, "role": text}]),
    )
    contract = outside.create(CONTRACTS, contract_body(supplier["id"], title=named))
    agreement = outside.create(f"{SLA}/agreements", agreement_body(contract["id"], title=named))
    for path, record, field in (
        (SUPPLIERS, supplier, "legal_name"), (CONTRACTS, contract, "title"), (f"{SLA}/agreements", agreement, "title"),
    ):  # fmt: skip
        assert outside.get(f"{path}/{record['number']}")[field] == named
        found = list(outside.pages(path, q=named))
        assert record["id"] in {item["id"] for item in found}
    for path, name in ((CONTRACTS, "supplier"), (f"{SLA}/clocks", "source"), (AUDIT, "record"), (SUPPLIERS, "cursor")):
        answer = outside.http.get(path, params={name: text})
        assert answer.status_code in (200, 422), answer.text


# -- events -----------------------------------------------------------------------------------------------------------

GOOD = "2016-03-01T09:00:00+08:00"


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"type": ...}, "missing_field", "/type"),
        ({"event_id": None}, "missing_field", "/event_id"),
        ({"sequence": "2"}, "bad_type", "/sequence"),
        ({"attributes": {"a": ["x"]}}, "bad_type", "/attributes/a"),
        ({"attributes": {"a": {"b": 1}}}, "bad_type", "/attributes/a"),
        ({"ticket": "x" * 201}, "too_long", "/ticket"),
        ({"attributes": {"a": "x" * 1001}}, "too_long", "/attributes/a"),
        ({"attributes": {f"a{n}": n for n in range(65)}}, "too_long", "/attributes"),
        ({"occurred_at": "2016-03-01T09:00:00"}, "time_without_zone", "/occurred_at"),
        ({"occurred_at": "1969-12-31T23:59:59Z"}, "time_out_of_range", "/occurred_at"),
        ({"occurred_at": "2200-01-01T00:00:00Z"}, "time_out_of_range", "/occurred_at"),
        ({"occurred_at": "1.3.2016"}, "bad_type", "/occurred_at"),
        ({"source": "Nobody Knows"}, "unknown_source", "/source"),
        ({"source": "nobody"}, "unknown_source", "/source"),
        ({"agreement": "SLA-1999-000001"}, "unknown_agreement", "/agreement"),
    ],
)
def test_an_event_that_is_not_right_stops_no_other(
    busy: Chain, outside: Program, change: Json, code: str, at: str
) -> None:
    ticket = f"bad-{uuid4().hex[:8]}"
    good = busy.event(ticket, 1, GOOD, "Resolved")
    bad = busy.event(ticket, 2, GOOD, "Resolved") | {"ticket": f"{ticket}-worse"} | change
    answer = send(outside, [{k: v for k, v in bad.items() if v is not ...}, good])
    assert (answer["accepted"], answer["duplicates"], answer["rejected"]) == (1, 0, 1)
    [line] = of_shape(answer["lines"], [{"line": 1, "status": "rejected", **shapes.ERROR}])
    assert (line["code"], line["at"]) == (code, at)
    assert outside.http.get(f"{SLA}/tickets/{busy.source}/{ticket}-worse").status_code == 404


def send(outside: Program, events: list[Json]) -> Json:
    return ok(outside.http.post(f"{SLA}/events", json=events))


def test_the_other_codes_of_the_intake(busy: Chain, outside: Program) -> None:
    ticket = f"codes-{uuid4().hex[:8]}"
    first = busy.event(ticket, 1, GOOD, "Resolved")
    correction = busy.event(ticket, 2, GOOD, "Resolved", corrects=f"{ticket}-1")
    assert send(outside, [first, correction])["accepted"] == 2
    lonely = f"lonely-{uuid4().hex[:8]}"
    ok(outside.http.put(f"{SLA}/sources/{lonely}", json={"name": "without agreement"}), 201)
    answer = send(outside, [
        first | {"attributes": {"state": "Other"}},
        busy.event(ticket, 3, GOOD, "x", corrects=f"{ticket}-2"),
        first | {"source": lonely},
    ])  # fmt: skip
    assert [(line["line"], line["code"]) for line in answer["lines"]] == [
        (1, "id_conflict"), (2, "correction_of_correction"), (3, "no_agreement"),
    ]  # fmt: skip


def test_lines_that_are_broken_count_as_they_stand(busy: Chain, outside: Program) -> None:
    good = json.dumps(busy.event(f"nd-{uuid4().hex[:8]}", 1, GOOD, "Resolved")).encode()
    body = b"\n".join([b"\xef\xbb\xbf{not json", good, b"", b"[]", b'"text"', b"\xff\xfe", good])
    for headers, content in (
        ({"Content-Type": NDJSON}, body), ({"Content-Type": NDJSON, "Content-Encoding": "gzip"}, gzip.compress(body)),
    ):  # fmt: skip
        answer = ok(outside.http.post(f"{SLA}/events", content=content, headers=headers))
        codes = {line["line"]: line.get("code", line["status"]) for line in answer["lines"]}
        assert (codes[1], codes[6], codes[7]) == ("bad_json", "bad_json", "duplicate")
        assert {codes[4], codes[5]} <= {"bad_json", "bad_type"}
        assert answer["rejected"] == 4


def test_a_far_future_event_is_taken_and_flagged(busy: Chain, outside: Program) -> None:
    answer = send(outside, [busy.event(f"far-{uuid4().hex[:8]}", 1, "2150-01-01T00:00:00Z", "New")])
    assert answer["accepted"] == 1
    [line] = answer["lines"]
    assert (line["line"], line["status"], line["flags"]) == (1, "accepted", ["future"])


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"source": "x"}', JSON, 400),
        (b"[{", JSON, 400),
        (b"7", JSON, 400),
        (b"", JSON, 400),
        (b"[]", JSON | {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b"[]", mtime=0)[:-6], JSON | {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b" " * 100_000_000, mtime=0), JSON | {"Content-Encoding": "gzip"}, 413),
        (b"[" + b" " * 17_000_000 + b"]", JSON, 413),
        (b"\n".join([b"{}"] * 10_001), {"Content-Type": NDJSON}, 413),
        (b"a,b\n1,2", {"Content-Type": "text/csv"}, 415),
        (b"[]", JSON | {"Content-Encoding": "br"}, 415),
    ],
    ids=(
        "an object",
        "broken",
        "a number",
        "nothing",
        "no gzip",
        "half a gzip",
        "a bomb",
        "too long",
        "too many",
        "csv",
        "brotli",
    ),
)
def test_a_body_of_events_that_is_refused_whole(
    busy: Chain, outside: Program, content: bytes, headers: dict[str, str], status: int
) -> None:
    kinds = {400: "bad-request", 413: "too-large", 415: "unsupported-media-type"}
    before = outside.get(f"{SLA}/sources/{busy.source}")
    with nothing_changes(outside):
        answer = outside.http.post(f"{SLA}/events", content=content, headers=headers)
        of_shape(ok(answer, status), problem(status, kinds[status]))
    assert outside.get(f"{SLA}/sources/{busy.source}") == before


@pytest.mark.parametrize(
    "value", ["\u0000", "=1+1", "<script>", "\ud800", "👩‍💻", "a\nb", 1e308, -0.0, 10**30, True, None]
)
def test_any_attribute_value_is_kept_or_refused_but_breaks_nothing(busy: Chain, outside: Program, value: Any) -> None:
    ticket = f"odd-{uuid4().hex[:8]}"
    event = busy.event(ticket, 1, GOOD, "Resolved", attributes={"state": "Resolved", "odd": value})
    sent = outside.http.post(f"{SLA}/events", content=json.dumps([event]).encode(), headers=JSON)
    answer = ok(sent)
    codes = {line["code"] for line in answer["lines"] if line["status"] == "rejected"}
    assert (answer["accepted"], answer["rejected"], codes <= {"bad_json", "bad_type"}) in {(1, 0, True), (0, 1, True)}
    if answer["accepted"]:
        outside.get(f"{SLA}/batches/{answer['batch']}", wait="20")
        shown = outside.get(f"{SLA}/tickets/{busy.source}/{ticket}", include="ledger,events")
        assert shown["events"][0]["attributes"] == event["attributes"]
        assert shown["attributes"].get("odd") == value


def test_a_broken_number_in_the_query_or_header_is_refused(chain: Chain, outside: Program) -> None:
    for path, query, at in (
        (f"{SLA}/batches/{chain.batch['batch']}", {"wait": "long"}, "?wait"),
        (f"{SLA}/tickets/{chain.source}/{BROKEN}", {"as_of": "now"}, "?as_of"),
        (f"{SLA}/tickets/{chain.source}/{BROKEN}", {"include": "everything"}, "?include"),
        (f"{SLA}/clocks", {"due_from": "soon"}, "?due_from"), (f"{SLA}/clocks", {"open": "perhaps"}, "?open"),
        (f"{SLA}/clocks", {"state": "asleep"}, "?state"), (f"{SLA}/breaches", {"state": "asleep"}, "?state"),
    ):  # fmt: skip
        answer = outside.http.get(path, params=query)
        assert ok(answer, 422)["errors"][0]["at"] == at
    path = f"{SUPPLIERS}/{chain.supplier['id']}/suspend"
    answer = outside.http.post(path, json={"reason": "x"}, headers={"If-Match": "x" * 3})
    assert answer.status_code == 422
    assert outside.http.post(path, json={"reason": "x"}, headers=match(0)).status_code == 412
