"""Supplier, contract, agreement, event, clock, breach, period, credit: over the API alone, every documented field."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.chain import shapes
from tests.chain.program import AUDIT, CONTRACTS, SLA, SUPPLIERS, Program, eventually, match, ok, seen, wait_for
from tests.chain.shapes import Maybe, of_shape
from tests.chain.story import (
    BROKEN,
    EXCUSED,
    URGENT,
    Chain,
    agreement_body,
    approved_supplier,
    contract_body,
    in_force,
    target,
)
from tests.factories import supplier_body

HOUR = 3600
DUE, RESOLVED = "2016-03-08T07:30:00Z", "2016-03-09T09:00:00Z"


def ticket_path(chain: Chain, ticket: str) -> str:
    return f"{SLA}/tickets/{chain.source}/{quote(ticket, safe='')}"


def test_a_supplier_is_screened_and_approved_with_reasons(outside: Program) -> None:
    body = supplier_body()
    answer = outside.http.post(SUPPLIERS, json=body)
    candidate = of_shape(ok(answer, 201), shapes.SUPPLIER)
    assert {name: candidate[name] for name in body} == body
    assert (candidate["state"], candidate["version"], answer.headers["etag"]) == ("candidate", 1, '"1"')
    assert answer.headers["location"] == f"{SUPPLIERS}/{candidate['id']}"
    assert "screen" in candidate["actions"]
    path = f"{SUPPLIERS}/{candidate['number']}"
    screened = outside.act(path, "screen", 1, {"reason": "register looked at"})
    assert (screened["state"], "approve" in screened["actions"]) == ("screened", True)
    approved = outside.act(path, "approve", screened["version"], {"reason": "fit"})
    assert (approved["state"], "suspend" in approved["actions"]) == ("approved", True)
    suspended = outside.act(path, "suspend", approved["version"], {"reason": "dispute"})
    assert suspended["state"] == "suspended"
    assert outside.act(path, "reinstate", suspended["version"], {"reason": "settled"})["state"] == "approved"


def test_a_known_credit_code_is_a_conflict_with_a_link_and_a_similar_name_a_warning(outside: Program) -> None:
    first = outside.create(SUPPLIERS, supplier_body())
    again = outside.http.post(SUPPLIERS, json=supplier_body(credit_code=first["credit_code"]))
    refused = of_shape(ok(again, 409), shapes.problem(409, "conflict") | {"allowed": list})
    [error] = of_shape(refused["errors"], [shapes.ERROR | {"link": str}])
    assert (error["code"], error["at"]) == ("duplicate", "/credit_code")
    assert outside.get(error["link"])["id"] == first["id"]
    alike = outside.create(SUPPLIERS, supplier_body(legal_name=first["legal_name"].replace("有限公司", "股份有限公司")))
    [warning] = alike["warnings"]
    assert warning["code"] == "similar_name"
    assert outside.get(warning["link"])["id"] == first["id"]


def test_a_contract_names_its_supplier_by_number_or_id_before_it_is_approved(outside: Program) -> None:
    supplier = outside.create(SUPPLIERS, supplier_body())
    for ident in (supplier["number"], supplier["id"]):
        body = contract_body(ident)
        contract = of_shape(outside.create(CONTRACTS, body), shapes.CONTRACT)
        assert (contract["state"], contract["supplier"]["id"]) == ("draft", supplier["id"])
        for name in ("title", "owner", "type", "value", "from", "to", "terms"):
            assert contract[name] == body[name]
    refused = ok(outside.http.post(f"{CONTRACTS}/{contract['number']}/activate", json={}, headers=seen(contract)), 409)
    [error] = of_shape(refused["errors"], [shapes.ERROR | {"link": str}])
    assert outside.get(error["link"])["id"] == supplier["id"]
    assert outside.get(f"{CONTRACTS}/{contract['id']}")["state"] == "draft"


def test_all_reasons_against_an_activation_come_at_once(outside: Program) -> None:
    supplier = outside.create(SUPPLIERS, supplier_body())
    contract = outside.create(CONTRACTS, contract_body(supplier["id"], terms=[]))
    refused = ok(outside.http.post(f"{CONTRACTS}/{contract['id']}/activate", json={}, headers=seen(contract)), 409)
    assert len(of_shape(refused["errors"], [shapes.ERROR | {"link": str}])) == 2
    assert "activate" in refused["allowed"]


def test_a_draft_is_edited_copied_discarded_and_an_owner_changed_at_any_time(outside: Program, chain: Chain) -> None:
    path = f"{CONTRACTS}/{chain.contract['number']}"
    copied = outside.create(f"{path}/copy", {})
    assert (copied["state"], copied["terms"]) == ("draft", chain.contract["terms"])
    edited = ok(outside.http.patch(f"{CONTRACTS}/{copied['id']}", json={"title": "另一个"}, headers=seen(copied)))
    assert (edited["title"], edited["version"]) == ("另一个", copied["version"] + 1)
    assert outside.http.delete(f"{CONTRACTS}/{copied['id']}", headers=seen(edited)).status_code == 204
    assert outside.http.get(f"{CONTRACTS}/{copied['id']}").status_code == 404
    active = outside.get(path)
    changed = ok(outside.http.patch(path, json={"owner": "li.na"}, headers=seen(active)))
    assert (changed["owner"], changed["state"]) == ("li.na", "active")
    refused = ok(outside.http.patch(path, json={"title": "x"}, headers=seen(changed)), 409)
    assert refused["type"] == "/problems/conflict"


def test_an_agreement_carries_all_that_was_sent_and_each_target_as_a_sentence(chain: Chain) -> None:
    of_shape(chain.draft, shapes.AGREEMENT)
    assert (chain.draft["state"], chain.draft["version"]) == ("draft", 1)
    body = agreement_body(chain.contract["number"])
    for name in ("contract", "title", "zone", "period", "from", "until"):
        assert chain.draft[name] == body[name]
    [shown], [sent] = chain.draft["targets"], body["targets"]
    assert {name: shown[name] for name in sent if name != "goals"} == {n: v for n, v in sent.items() if n != "goals"}
    goals = [{name: value for name, value in goal.items() if value is not None} for goal in shown["goals"]]
    assert goals == sent["goals"]


def test_it_comes_into_force_by_itself_with_the_contract(chain: Chain, outside: Program) -> None:
    assert chain.agreement["state"] == "in_force"
    subject = f"{SLA}/agreements/{chain.agreement['id']}"
    eventually(lambda: types_of(outside, "sla", subject=subject), ["agreement.in_force"])


def test_putting_one_in_force_is_refused_while_the_contract_is_a_draft(outside: Program) -> None:
    contract = outside.create(CONTRACTS, contract_body(approved_supplier(outside)["id"]))
    draft = outside.create(f"{SLA}/agreements", agreement_body(contract["id"]))
    path = f"{SLA}/agreements/{draft['number']}"
    refused = ok(outside.http.post(f"{path}/put-in-force", json={}, headers=seen(draft)), 409)
    [error] = of_shape(refused["errors"], [shapes.ERROR | {"link": str}])
    assert outside.get(error["link"])["number"] == contract["number"]
    edited = ok(outside.http.patch(path, json={"title": "edited"}, headers=seen(draft)))
    assert (edited["title"], edited["version"]) == ("edited", draft["version"] + 1)
    assert outside.http.delete(path, headers=seen(edited)).status_code == 204


def test_versions_follow_each_other_by_date(outside: Program) -> None:
    contract = outside.create(CONTRACTS, contract_body(approved_supplier(outside)["number"]))
    draft = outside.create(f"{SLA}/agreements", agreement_body(contract["number"]))
    path = f"{SLA}/agreements/{draft['number']}"
    following = {"from": "2016-06-01", "until": None, "targets": [target(goals=[{"seconds": 7200}])]}
    ok(outside.http.post(f"{path}/versions", json=following), 201)
    versions = outside.get(f"{path}/versions")["items"]
    assert [(v["version"], v["from"], v["until"]) for v in versions] == [
        (1, "2016-02-01", "2016-05-31"), (2, "2016-06-01", None),
    ]  # fmt: skip
    overlapping = outside.http.post(f"{path}/versions", json=following | {"from": "2016-03-01"})
    assert overlapping.status_code == 422


def test_a_ticket_s_every_second_is_told(chain: Chain, outside: Program) -> None:
    """8 + ½ hours, 10½ paused, then 7 + 9 + 9 + 9 + 8; forty hours were reached on 8 March at 15:30."""
    ticket = of_shape(outside.get(ticket_path(chain, BROKEN), include="ledger,events"), shapes.TICKET)
    assert ticket["agreement"] == chain.agreement["number"]
    assert ticket["attributes"] == {"state": "Resolved", "priority": "3"}
    [clock] = ticket["clocks"]
    [cycle] = clock["cycles"]
    assert clock["target"] == "resolution"
    expected = {
        "cycle": 1, "state": "breached", "started_at": "2016-03-01T02:00:00Z", "ended_at": RESOLVED,
        "goal_seconds": 144000, "elapsed_seconds": 50 * HOUR + 1800, "paused_seconds": 10 * HOUR + 1800,
        "remaining_seconds": -(10 * HOUR + 1800), "due_at": DUE, "breached_at": DUE, "provisional": False,
        "excluded": False,
        "warnings": [{"percent": 75, "at": "2016-03-07T06:30:00Z"}, {"percent": 90, "at": "2016-03-08T03:30:00Z"}],
        "judged_by": {"agreement_version": 1, "calendar": "cn-office", "calendar_version": 1},
    }  # fmt: skip
    assert {name: cycle[name] for name in expected} == expected
    ledger = of_shape(cycle["ledger"], shapes.LEDGER)
    wall = 8 * 24 * HOUR + 7 * HOUR
    worked, paused = 50 * HOUR + 1800, 10 * HOUR + 1800
    assert ledger["wall_seconds"] == wall == sum(row["seconds"] for row in ledger["rows"])
    assert ledger["sums"] == {"working": worked, "paused": paused, "stopped": 0, "closed": wall - worked - paused}
    first_pause = next(row for row in ledger["rows"] if row["kind"] == "paused")
    assert first_pause == {
        "from": "2016-03-02T01:30:00Z", "to": "2016-03-02T10:00:00Z", "kind": "paused", "seconds": 8 * HOUR + 1800,
        "reason": "Awaiting User Info", "event_id": f"{BROKEN}-2", "actor": "642", "label": None,
    }  # fmt: skip
    labels = {row["label"] for row in ledger["rows"] if row["kind"] == "closed"}
    assert labels == {"outside_hours", "no_hours"}
    events = of_shape(
        ticket["events"],
        [{"event_id": str, "occurred_at": shapes.SECOND, "received_at": shapes.INSTANT, "batch": chain.batch["batch"]}],
    )
    assert [event["event_id"] for event in events] == [f"{BROKEN}-{place}" for place in (1, 2, 3, 4)]


def test_a_ticket_is_read_as_of_any_instant(chain: Chain, outside: Program) -> None:
    ticket = outside.get(ticket_path(chain, BROKEN), as_of="2016-03-02T12:00:00+08:00")
    [cycle] = ticket["clocks"][0]["cycles"]
    assert (ticket["as_of"], ticket["attributes"]["state"]) == ("2016-03-02T04:00:00Z", "Awaiting User Info")
    assert (cycle["state"], cycle["due_at"], cycle["elapsed_seconds"], cycle["paused_seconds"]) == (
        "paused", None, 8 * HOUR + 1800, 2 * HOUR + 1800,
    )  # fmt: skip
    assert cycle["warnings"] == [{"percent": 75, "at": None}, {"percent": 90, "at": None}]


def test_clocks_are_listed_flat_by_agreement_state_and_due_time(chain: Chain, outside: Program) -> None:
    clocks = f"{SLA}/clocks"
    for ident in (chain.agreement["number"], chain.agreement["id"]):
        found = of_shape(outside.lines(clocks, agreement=ident), [shapes.FLAT_CYCLE])
        assert {cycle["ticket"] for cycle in found} == {BROKEN, EXCUSED, URGENT, *(f"short-{n}" for n in range(9))}
    asked: dict[str, Any] = {"agreement": chain.agreement["number"]}
    assert {c["ticket"] for c in outside.lines(clocks, **asked, state="breached")} == {BROKEN, EXCUSED}
    assert [c["ticket"] for c in outside.lines(clocks, **asked, open="true")] == [URGENT]
    assert {c["ticket"] for c in outside.lines(clocks, **asked, due_from=DUE, due_before="2016-03-08T07:30:01Z")} == {
        BROKEN, EXCUSED,
    }  # fmt: skip
    assert outside.lines(clocks, **asked, due_from="2016-03-08T00:00:00Z", due_before=DUE) == []
    assert len(outside.lines(clocks, **asked, target="resolution", state="met")) == 9


def test_a_breach_is_acknowledged_and_excluded_by_two(chain: Chain, outside: Program) -> None:
    breach = of_shape(chain.breach(BROKEN), shapes.BREACH)
    assert (breach["state"], breach["breached_at"], breach["over_seconds"], breach["cycle"]) == (
        "standing", DUE, 10 * HOUR + 1800, 1,
    )  # fmt: skip
    noted = outside.act(f"{SLA}/breaches/{breach['id']}", "acknowledge", breach["version"], {"note": "seen"})
    assert noted["state"] == "standing"
    asked = outside.act(f"{SLA}/breaches/{breach['id']}", "exclude", noted["version"], {"reason": "flood"})
    assert (asked["state"], asked["exclusion"]["reason"], "asked_by" in asked["exclusion"]) == (
        "standing",
        "flood",
        True,
    )
    own = outside.http.post(f"{SLA}/breaches/{breach['id']}/confirm", json={}, headers=seen(asked))
    assert ok(own, 409)["type"] == "/problems/conflict"
    assert outside.get(f"{SLA}/breaches/{breach['id']}")["exclusion"]["reason"] == "flood"


def test_another_key_refuses_an_exclusion_and_an_excluded_breach_is_reinstated(
    chain: Chain, outside: Program, second: Program
) -> None:
    breach = chain.breach(URGENT)
    path = f"{SLA}/breaches/{breach['id']}"
    asked = outside.act(path, "exclude", breach["version"], {"reason": "once more"})
    refused = second.act(path, "refuse", asked["version"], {"reason": "no proof"})
    assert (refused["state"], refused["exclusion"]) == ("standing", None)
    asked = outside.act(path, "exclude", refused["version"], {"reason": "with proof"})
    excluded = second.act(path, "confirm", asked["version"])
    assert excluded["state"] == "excluded"
    standing = outside.act(path, "reinstate", excluded["version"])
    assert [version["state"] for version in standing["versions"]] == ["standing", "excluded", "standing"]


def test_breaches_are_listed_by_agreement_and_period(chain: Chain, outside: Program) -> None:
    listed = outside.lines(f"{SLA}/breaches", agreement=chain.agreement["number"], period="2016-03")
    assert {(breach["ticket"], breach["state"]) for breach in listed} == {(BROKEN, "standing"), (EXCUSED, "excluded")}
    assert outside.lines(f"{SLA}/breaches", agreement=chain.agreement["id"], period="2016-04") == []
    ticket = outside.get(ticket_path(chain, EXCUSED))
    assert ticket["clocks"][0]["cycles"][0]["excluded"] is True


def test_the_month_owes_two_thousand(chain: Chain, outside: Program) -> None:
    """9 of 10: below 95 %, not below 90 %; 100,000 × 10 % × 50 % × 40 %."""
    for ident in (chain.agreement["number"], chain.agreement["id"]):
        period = of_shape(outside.get(f"{SLA}/agreements/{ident}/periods/2016-03"), shapes.PERIOD)
        assert (period["from"], period["to"]) == ("2016-02-29T16:00:00Z", "2016-03-31T16:00:00Z")
    assert period["terms"] == {
        "contract": chain.contract["number"], "monthly_charge": {"amount": "100000.00", "currency": "CNY"},
        "at_risk_share": "0.10",
    }  # fmt: skip
    [judged] = period["targets"]
    assert judged == {
        "target": "resolution", "met": 9, "breached": 1, "excluded": 1, "cancelled": 0, "reset": 0, "expired": 0,
        "not_rated": 0, "rated": True, "attainment": {"met": 9, "of": 10, "share": "0.900000"},
        "tier": {"below": "0.95", "rate": "0.40"},
    }  # fmt: skip
    assert period["credits"] == [
        {
            "kind": "credit", "target": "resolution", "charge": "100000.00", "at_risk_share": "0.10",
            "allocation": "0.50", "rate": "0.40", "amount": "2000.00", "currency": "CNY",
        }
    ]  # fmt: skip
    assert period["credit_total"] == {"amount": "2000.00", "currency": "CNY"}
    assert (period["judged_by"]["agreement_version"], period["judged_by"]["calendars"]["cn-office"]) == (1, 1)


def test_a_month_without_cycles_is_not_rated_and_owes_nothing(chain: Chain, outside: Program) -> None:
    period = of_shape(outside.get(f"{chain.periods}/2016-02"), shapes.PERIOD)
    [judged] = period["targets"]
    assert (judged["rated"], judged["attainment"], judged["tier"]) == (False, None, None)
    assert (period["credits"], period["credit_total"]) == ([], {"amount": "0.00", "currency": "CNY"})
    assert {item["period"] for item in outside.get(chain.periods)["items"]} >= {"2016-02", "2016-03"}


def test_a_month_opens_to_its_cycles(chain: Chain, outside: Program) -> None:
    path = f"{chain.periods}/2016-03/cycles"
    counted = outside.lines(path, target="resolution", counted="true")
    left_out = outside.lines(path, target="resolution", counted="false")
    assert len(counted) == 10
    assert [cycle["ticket"] for cycle in left_out] == [EXCUSED]
    assert BROKEN in {cycle["ticket"] for cycle in counted}
    assert any("excluded" in str(value) for value in left_out[0].values())


@pytest.mark.parametrize("month", ["2016-03", "2016-06", "2999-01", "2015-12"])
def test_a_month_is_not_closed_twice_nor_out_of_order_nor_before_its_end(
    chain: Chain, outside: Program, month: str
) -> None:
    before = outside.get(chain.periods)["items"]
    refused = ok(outside.http.post(f"{chain.periods}/{month}/close", json={}), 409)
    assert of_shape(refused, shapes.problem(409, "conflict"))["errors"]
    assert outside.get(chain.periods)["items"] == before


def test_what_is_missed_today_is_news_with_its_true_instant(chain: Chain, outside: Program) -> None:
    opened = datetime.fromisoformat(outside.get(ticket_path(chain, URGENT))["clocks"][0]["cycles"][0]["started_at"])
    eventually(lambda: types_of(outside, "sla", subject=f"{SLA}/agreements/{chain.agreement['id']}/periods/2016-03"),
               ["period.closed"])  # fmt: skip
    news = of_shape(outside.news("sla"), [shapes.NEWS])
    own = [item for item in news if item["data"].get("source") == chain.source]
    data = {"source": chain.source, "ticket": str, "target": "resolution", "cycle": 1, "transition_at": shapes.SECOND}
    of_shape([item["data"] for item in own], [data])
    urgent = [item for item in own if item["data"]["ticket"] == URGENT]
    instants = [(item["type"], item["data"]["transition_at"]) for item in urgent[:3]]
    assert instants == [
        ("clock.at_risk", wire(opened + timedelta(hours=3))),
        ("clock.at_risk", wire(opened + timedelta(hours=3, minutes=36))),
        ("breach.standing", wire(opened + timedelta(hours=4))),
    ]
    # What lay more than a day back when it came is recorded and sent to nobody; decisions of today are news.
    assert [item["type"] for item in own if item["data"]["ticket"] == EXCUSED] == ["breach.excluded"]
    closed = [item for item in news if item["type"] == "period.closed" and chain.agreement["id"] in item["subject"]]
    assert [item["subject"].rpartition("/")[2] for item in closed] == ["2016-02", "2016-03"]


def types_of(outside: Program, service: str, *, subject: str | None = None, source: str | None = None) -> list[str]:
    """The types of the news about one record, or of one source, in order."""
    return [
        item["type"]
        for item in of_shape(outside.news(service), [shapes.NEWS])
        if item["subject"] == subject or (source and item["data"].get("source") == source)
    ]


def wire(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def test_suppliers_and_contracts_tell_what_became_of_them(chain: Chain, outside: Program) -> None:
    supplier, contract = f"{SUPPLIERS}/{chain.supplier['id']}", f"{CONTRACTS}/{chain.contract['id']}"
    eventually(
        lambda: types_of(outside, "suppliers", subject=supplier),
        ["supplier.candidate", "supplier.screened", "supplier.approved"],
    )
    eventually(lambda: types_of(outside, "contracts", subject=contract), ["contract.activated"])
    [activated] = [item["data"] for item in outside.news("contracts") if item["subject"] == contract]
    assert (activated["number"], activated["supplier"]["number"]) == (
        chain.contract["number"],
        chain.supplier["number"],
    )


def test_every_change_is_in_the_trail_with_before_and_after(chain: Chain, outside: Program) -> None:
    for ident in (chain.supplier["id"], chain.supplier["number"]):
        entries = of_shape(list(outside.pages(AUDIT, record=ident, service="suppliers", sort="at")), [shapes.ENTRY])
        assert [entry["action"] for entry in entries] == ["supplier.register", "supplier.screen", "supplier.approve"]
    assert entries[0]["before"] is None
    assert (entries[1]["before"]["state"], entries[1]["after"]["state"]) == ("candidate", "screened")


def test_a_late_fact_makes_a_closed_month_restatable_and_an_ended_contract_ends_its_agreement(outside: Program) -> None:
    chain = in_force(outside, targets=[target(min_volume=1)])
    agreement_id = chain.agreement["id"]
    chain.send(chain.short_ticket("early"))
    for month in ("2016-02", "2016-03"):
        ok(outside.http.post(f"{chain.periods}/{month}/close", json={}))
    closed = outside.get(f"{chain.periods}/2016-03")
    chain.send(chain.long_ticket("late"))
    flagged = wait_for(outside, f"{chain.periods}/2016-03", "restatable", True)
    assert (flagged["targets"], flagged["credit_total"]) == (closed["targets"], closed["credit_total"])
    assert outside.get(f"{chain.periods}/2016-02")["restatable"] is False
    subject = f"{SLA}/agreements/{agreement_id}/periods/2016-03"
    eventually(lambda: types_of(outside, "sla", subject=subject), ["period.closed", "period.restatable"])
    told = [item["data"] for item in outside.news("sla") if item["subject"] == subject]
    of_shape(told, [{"agreement": chain.agreement["number"], "period": "2016-03", "credit_total": shapes.MONEY}])
    of_shape(outside.get(chain.periods)["items"], [shapes.PERIOD])
    ended = outside.act(f"{CONTRACTS}/{chain.contract['number']}", "end", chain.contract["version"])
    assert ended["state"] == "ended"
    over = of_shape(wait_for(outside, f"{SLA}/agreements/{agreement_id}", "state", "ended"), {"until": shapes.DATE})
    assert over["until"] is not None
    ok(outside.http.post(f"{chain.periods}/2016-04/close", json={}))


def test_a_withdrawn_cause_withdraws_its_breach_and_says_by_which_event(outside: Program) -> None:
    """A breach of today, undone by the withdrawal of the event that made its priority urgent."""
    chain = in_force(outside)
    opened = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
    chain.send([
        chain.event("undone", 1, opened, "New"),
        chain.event("undone", 2, opened, "New", attributes={"priority": "1"}),
    ])  # fmt: skip
    assert chain.breach("undone")["state"] == "standing"
    chain.send([chain.event("undone", 3, opened, "New", withdraws="undone-2", attributes={})])
    breach = of_shape(chain.breach("undone"), shapes.BREACH)
    assert (breach["state"], breach["versions"][-1]["event_id"]) == ("withdrawn", "undone-3")
    eventually(lambda: types_of(outside, "sla", source=chain.source)[-2:], ["breach.standing", "breach.withdrawn"])


def test_an_agreement_is_tried_without_storing_anything(chain: Chain, outside: Program) -> None:
    path = f"{SLA}/agreements/{chain.agreement['number']}/try"
    stored = ok(outside.http.post(path, json={"ticket": {"source": chain.source, "ticket": BROKEN}}))
    unstored = {name: shape for name, shape in shapes.CYCLE.items() if name != "version"}
    of_shape(stored["clocks"], [{"target": "resolution", "cycles": [unstored], "why": list}])
    assert stored["clocks"][0]["cycles"][0]["breached_at"] == DUE
    longer = ok(
        outside.http.post(
            path,
            json={
                "ticket": {"source": chain.source, "ticket": BROKEN},
                "targets": [target(goals=[{"seconds": 51 * HOUR}])],
            },
        )
    )
    assert longer["clocks"][0]["cycles"][0]["state"] == "met"
    events = chain.long_ticket("never-stored")
    sent = ok(
        outside.http.post(
            f"{SLA}/agreements/try", json={"agreement": agreement_body(chain.contract["number"]), "events": events}
        )
    )
    assert sent["clocks"][0]["cycles"][0]["breached_at"] == DUE
    assert outside.http.get(ticket_path(chain, "never-stored")).status_code == 404


def test_the_batch_and_the_source_say_what_came(chain: Chain, outside: Program) -> None:
    assert of_shape(chain.batch, shapes.BATCH)["lines"] == []
    assert (chain.batch["accepted"], chain.batch["duplicates"], chain.batch["rejected"]) == (26, 0, 0)
    batch = outside.get(f"{SLA}/batches/{chain.batch['batch']}", wait="1")
    assert {name: batch[name] for name in ("batch", "accepted", "tickets", "state")} == {
        "batch": chain.batch["batch"], "accepted": 26, "tickets": 11, "state": "evaluated",
    }  # fmt: skip
    source = of_shape(
        outside.get(f"{SLA}/sources/{chain.source}"),
        {
            "code": chain.source, "name": "Service desk", "agreement": chain.agreement["number"], "events": int,
            "last_received_at": Maybe(shapes.INSTANT), "rejected_24h": int,
        },
    )  # fmt: skip
    assert source["events"] == 27


def test_a_second_delivery_is_a_duplicate_and_other_content_is_refused(outside: Program) -> None:
    chain = in_force(outside)
    event = chain.event("twice", 1, "2016-03-01T09:00:00.25+08:00", "New", url="https://desk.example/1")
    chain.send([event])
    again = chain.send([event, event | {"actor": "643"}])
    assert (again["accepted"], again["duplicates"], again["rejected"]) == (0, 1, 1)
    assert [(line["line"], line["status"], line.get("code")) for line in again["lines"]] == [
        (1, "duplicate", None), (2, "rejected", "id_conflict"),
    ]  # fmt: skip
    [stored] = outside.get(ticket_path(chain, "twice"), include="events")["events"]
    assert (stored["occurred_at"].rstrip("Z").rstrip("0"), stored["url"]) == ("2016-03-01T01:00:00.25", event["url"])
    [cycle] = outside.get(ticket_path(chain, "twice"))["clocks"][0]["cycles"]
    assert cycle["started_at"] == "2016-03-01T01:00:00Z"


def test_an_action_on_another_version_is_stale(chain: Chain, outside: Program) -> None:
    path = f"{SLA}/breaches/{chain.breach(BROKEN)['id']}/acknowledge"
    assert ok(outside.http.post(path, json={"note": "x"}), 428)["type"] == "/problems/precondition-required"
    stale = ok(outside.http.post(path, json={"note": "x"}, headers=match(99)), 412)
    assert (stale["type"], type(stale["version"])) == ("/problems/stale", int)
