"""Sentences of the API's page that a program may take at their word."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.chain import shapes
from tests.chain.program import AUDIT, CONTRACTS, SLA, SUPPLIERS, Program, match, ok, program, seen
from tests.chain.shapes import of_shape
from tests.chain.story import BROKEN, Chain, agreement_body, contract_body, in_force, target
from tests.chain.test_conventions import calendar
from tests.factories import supplier_body
from tests.house import House

SUPPLIER_FIELDS = ("legal_name", "credit_code", "scope", "contacts")
CONTRACT_FIELDS = ("title", "owner", "supplier", "type", "value", "from", "to", "terms")


@pytest.mark.parametrize(
    ("path", "field"), [(SUPPLIERS, name) for name in SUPPLIER_FIELDS] + [(CONTRACTS, name) for name in CONTRACT_FIELDS]
)
def test_a_field_that_no_record_lacks_is_not_patched_away(
    outside: Program, chain: Chain, path: str, field: str
) -> None:
    body = supplier_body() if path == SUPPLIERS else contract_body(chain.supplier["id"])
    record = outside.create(path, body)
    refused = ok(outside.http.patch(f"{path}/{record['id']}", json={field: None}, headers=seen(record)), 422)
    assert [(error["code"], error["at"]) for error in refused["errors"]] == [("bad_type", f"/{field}")]
    assert outside.get(f"{path}/{record['id']}")["version"] == record["version"]


def test_each_action_that_a_record_offers_can_be_posted(outside: Program, chain: Chain) -> None:
    """A body with an unknown field is refused: by the action, not by an address that does not exist."""
    supplier = outside.create(SUPPLIERS, supplier_body())
    contract = outside.create(CONTRACTS, contract_body(supplier["id"]))
    agreement = outside.create(f"{SLA}/agreements", agreement_body(contract["id"]))
    for path in (
        f"{SUPPLIERS}/{supplier['id']}", f"{SUPPLIERS}/{chain.supplier['id']}", f"{CONTRACTS}/{contract['id']}",
        f"{CONTRACTS}/{chain.contract['id']}", f"{SLA}/agreements/{agreement['id']}",
        f"{SLA}/agreements/{chain.agreement['id']}", f"{SLA}/breaches/{chain.breach(BROKEN)['id']}",
        f"{SLA}/sources/{chain.source}", f"{SLA}/calendars/cn-office", f"{chain.periods}/2016-04",
    ):  # fmt: skip
        record = outside.get(path)
        for action in record["actions"]:
            answer = outside.http.post(f"{path}/{action}", json={"colour": 1}, headers=match(record["version"]))
            assert answer.status_code == 422, (path, action, answer.text)


def test_another_system_s_id_may_hold_slashes(outside: Program, chain: Chain) -> None:
    """HT/2016/7 is what many registers call a contract."""
    for path, body in ((SUPPLIERS, supplier_body()), (CONTRACTS, contract_body(chain.supplier["id"]))):
        ref = f"HT/2016/{uuid4().hex[:8]} 甲"
        address = f"{path}/by-ref/oa/{quote(ref, safe='')}"
        made = ok(outside.http.put(address, json=body), 201)
        assert made["external_refs"] == [{"system": "oa", "ref": ref}]
        assert ok(outside.http.put(address, json=body))["id"] == made["id"]


@pytest.mark.parametrize("ticket", ["a/../b", "../a", "a/..", "a//b", "/a", "a/", "a%2Fb", "工单/1", "a?b#c&d"])
def test_any_printable_id_of_a_ticket_is_found_again(busy: Chain, outside: Program, ticket: str) -> None:
    busy.send([busy.event(ticket, 1, "2016-03-01T09:00:00+08:00", "Resolved") | {"event_id": uuid4().hex}])
    found = outside.get(f"{SLA}/tickets/{busy.source}/{quote(ticket, safe='')}")
    assert (found["source"], found["ticket"]) == (busy.source, ticket)


def test_versions_are_lists_like_all_others(outside: Program, chain: Chain) -> None:
    contract = outside.create(CONTRACTS, contract_body(chain.supplier["id"]))
    draft = outside.create(f"{SLA}/agreements", agreement_body(contract["id"]))
    path = f"{SLA}/agreements/{draft['number']}/versions"
    for month in (3, 4):
        ok(outside.http.post(path, json={"from": f"2016-0{month}-01", "targets": [target()]}), 201)
    code = f"listed-{uuid4().hex[:8]}"
    outside.create(f"{SLA}/calendars", calendar(code))
    for version in (1, 2):
        ok(outside.http.put(f"{SLA}/calendars/{code}", json=calendar(code), headers=match(version)))
    for address, order in ((path, [1, 2, 3]), (f"{SLA}/calendars/{code}/versions", [3, 2, 1])):
        assert [version["version"] for version in outside.lines(address)] == order
        assert [version["version"] for version in outside.pages(address, limit="1")] == order
        assert [version["version"] for version in outside.pages(address, sort="-version", limit="2")] == [3, 2, 1]
        for query in ({"limit": "0"}, {"sort": "colour"}, {"colour": "red"}, {"cursor": "x"}, {"q": "x"}):
            refused = ok(outside.http.get(address, params=query), 422)
            assert [error["at"] for error in refused["errors"]] == [f"?{name}" for name in query]


def test_what_a_list_cannot_do_is_not_among_what_it_can(outside: Program) -> None:
    for path in (f"{SLA}/breaches", f"{SLA}/periods", AUDIT):
        [error] = ok(outside.http.get(path, params={"q": "x"}), 422)["errors"]
        assert (error["at"], ", q," in error["how"]) == ("?q", False)


def test_a_parameter_that_does_not_exist_is_refused_everywhere(outside: Program, chain: Chain) -> None:
    """`?as_off=` would otherwise be answered as of now, and `?afer=` from the feed's beginning."""
    for path in (
        f"{SLA}/feed", f"{SLA}/tickets/{chain.source}/{BROKEN}", f"{SLA}/batches/{chain.batch['batch']}",
        f"{SUPPLIERS}/{chain.supplier['id']}", f"{chain.periods}/2016-03",
    ):  # fmt: skip
        [error] = ok(outside.http.get(path, params={"as_off": "1"}), 422)["errors"]
        assert (error["code"], error["at"]) == ("unknown_filter", "?as_off")


def test_tried_events_come_back_with_instants(outside: Program, chain: Chain) -> None:
    body = {"events": [chain.event("tried", 1, "2016-03-01T09:00:00.25+08:00", "New")]}
    tried = ok(outside.http.post(f"{SLA}/agreements/{chain.agreement['id']}/try", json=body))
    [event] = of_shape(tried["events"], [{"event_id": "tried-1", "type": "updated", "occurred_at": shapes.INSTANT}])
    assert event["occurred_at"].startswith("2016-03-01T01:00:00.25")
    of_shape(tried["clocks"], [{"target": str, "cycles": [shapes.CYCLE], "why": list}])


def test_a_cycle_that_has_vanished_has_a_ledger_too(outside: Program) -> None:
    """It has no rows: the events that made its seconds no longer count."""
    chain = in_force(outside)
    opened = chain.event("gone", 1, "2016-03-01T09:00:00+08:00", "New")
    chain.send([opened])
    chain.send([chain.event("gone", 2, "2016-03-01T09:00:00+08:00", "New", withdraws="gone-1")])
    ticket = outside.get(f"{SLA}/tickets/{chain.source}/gone", include="ledger,events")
    [cycle] = ticket["clocks"][0]["cycles"]
    assert cycle["state"] == "withdrawn"
    assert of_shape(cycle["ledger"], shapes.LEDGER)["rows"] == []


def test_who_may_not_is_told_so_whatever_the_size_of_the_body(house: House, outside: Program) -> None:
    large = b'{"a": "' + b"x" * 40_000_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    reader, nobody = program(house, "suppliers:read", "sla:read"), Program(house.gateway_url, None)
    for path in (SUPPLIERS, f"{SLA}/events"):
        assert ok(reader.http.post(path, content=large, headers=headers), 403)["type"] == "/problems/forbidden"
        assert ok(outside.http.post(path, content=large, headers=headers), 413)["type"] == "/problems/too-large"
        assert nobody.http.post(path, content=large, headers=headers).status_code == 401


def test_a_call_of_events_whose_answer_was_lost_is_answered_again_under_its_key(busy: Chain, outside: Program) -> None:
    """Without the key the events would be told as duplicates; with it the first answer stands."""
    events = [busy.event(f"once-{uuid4().hex}", 1, "2016-03-01T09:00:00+08:00", "New") for _ in range(3)]
    key = {"Idempotency-Key": uuid4().hex}
    first, again = (outside.http.post(f"{SLA}/events", json=events, headers=key) for _ in range(2))
    assert (ok(first)["accepted"], ok(again), again.headers["idempotency-replayed"]) == (3, first.json(), "true")
    mismatch = ok(outside.http.post(f"{SLA}/events", json=events[:1], headers=key), 422)
    assert mismatch["type"] == "/problems/idempotency-mismatch"
    assert ok(outside.http.post(f"{SLA}/events", json=events))["duplicates"] == 3
