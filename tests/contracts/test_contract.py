"""Drafting contracts, putting them in force, ending them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import Make, act, contract_body, ok, seen
from tests.house import House
from tests.sla.desk import until

CONTRACTS = "/api/contracts/v1/contracts"


@pytest.fixture
def make(house: House) -> Make:
    house.start("suppliers", "contracts")
    return Make(house)


async def test_a_draft_names_its_supplier_and_what_may_be_done(house: House, make: Make) -> None:
    supplier = await make.supplier()
    async with house.client("contracts", "procurement_officer", name="wang.min") as officer:
        record = ok(await officer.post(CONTRACTS, json=contract_body(supplier)), 201)
        assert record["number"].startswith("HT-")
        assert record["supplier"]["short_name"] == supplier["short_name"]
        assert record["owner"] == "wang.min"
        assert record["terms"][0] == {
            "from": "2026-01-01", "monthly_charge": {"amount": "100000.00", "currency": "CNY"}, "at_risk_share": "0.10",
        }  # fmt: skip
        assert (record["actions"], record["changes"]) == (["activate", "copy"], ["edit", "discard"])


async def test_activation_is_refused_with_all_reasons_at_once_and_changes_nothing(house: House, make: Make) -> None:
    supplier = await make.supplier("screened")
    draft = await make.contract(supplier=supplier, terms=[])
    async with house.client("contracts", "procurement_officer") as officer:
        problem = ok(await act(officer, "contracts", "contracts", draft, "activate"), 409)
        assert [e["code"] for e in problem["errors"]] == ["supplier_not_approved", "terms_missing"]
        assert problem["errors"][0]["link"].endswith(supplier["number"])
        assert ok(await officer.get(f"{CONTRACTS}/{draft['id']}"))["version"] == draft["version"]


async def test_a_supplier_approved_a_moment_ago_lets_its_contract_be_activated(house: House, make: Make) -> None:
    """The owner is asked at that moment; no copy needs to catch up."""
    supplier = await make.supplier("screened")
    draft = await make.contract(supplier=supplier)
    async with house.client("suppliers", "procurement_manager") as manager:
        ok(await act(manager, "suppliers", "suppliers", supplier, "approve", reason="评审通过"))
    async with house.client("contracts", "procurement_officer") as officer:
        record = ok(await act(officer, "contracts", "contracts", draft, "activate"))
        assert (record["state"], record["actions"], record["changes"]) == ("active", ["end", "copy"], ["change-owner"])


async def test_two_activations_at_once_give_one(house: House, make: Make) -> None:
    draft = await make.contract()
    async with house.client("contracts", "procurement_officer") as officer:
        answers = await asyncio.gather(*(act(officer, "contracts", "contracts", draft, "activate") for _ in range(4)))
        assert sorted(a.status_code for a in answers) == [200, 412, 412, 412]
        feed = ok(await officer.get("/api/contracts/v1/feed"))
        assert sum(draft["id"] in item["subject"] for item in feed["items"]) <= 1


async def test_while_suppliers_is_down_nothing_is_guessed(fresh_house: House) -> None:
    make = Make(fresh_house)
    draft = await make.contract()
    fresh_house.stop("suppliers")
    async with fresh_house.client("contracts", "procurement_officer") as officer:
        answer = await act(officer, "contracts", "contracts", draft, "activate")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert "retry-after" in answer.headers
        assert ok(await officer.get(f"{CONTRACTS}/{draft['id']}"))["state"] == "draft"


async def test_a_contract_ends_once_and_only_from_active(house: House, make: Make) -> None:
    active = await make.contract("active")
    async with house.client("contracts", "procurement_officer") as officer:
        ended = ok(await act(officer, "contracts", "contracts", active, "end"))
        assert ended["state"] == "ended"
        assert ended["ended_on"] == (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
        again = ok(await act(officer, "contracts", "contracts", ended, "end"), 409)
        assert again["allowed"] == []


async def test_a_draft_is_discarded_and_a_contract_in_force_is_not(house: House, make: Make) -> None:
    draft, active = await make.contract(), await make.contract("active")
    async with house.client("contracts", "procurement_officer") as officer:
        assert (await officer.delete(f"{CONTRACTS}/{draft['id']}", headers=seen(draft))).status_code == 204
        assert (await officer.get(f"{CONTRACTS}/{draft['id']}")).status_code == 404
        assert (await officer.delete(f"{CONTRACTS}/{active['id']}", headers=seen(active))).status_code == 409


async def test_of_a_contract_in_force_only_the_owner_is_changed(house: House, make: Make) -> None:
    active = await make.contract("active")
    path = f"{CONTRACTS}/{active['id']}"
    async with house.client("contracts", "procurement_officer") as officer:
        assert (await officer.patch(path, json={"title": "新标题"}, headers=seen(active))).status_code == 409
        changed = ok(await officer.patch(path, json={"owner": "li.na"}, headers=seen(active)))
        assert changed["owner"] == "li.na"


async def test_a_copy_is_a_draft_with_the_same_terms(house: House, make: Make) -> None:
    source = await make.contract("active")
    async with house.client("contracts", "procurement_officer", name="zhao.lei") as officer:
        made = ok(await officer.post(f"{CONTRACTS}/{source['id']}/copy", json={}), 201)
        assert (made["state"], made["owner"], made["terms"]) == ("draft", "zhao.lei", source["terms"])
        assert made["number"] != source["number"]


@pytest.mark.parametrize(
    ("given", "code", "at"),
    [
        ({"to": "2025-12-31"}, "ends_before_it_begins", "/to"),
        ({"supplier": "GYS-1999-000001"}, "unknown_supplier", "/supplier"),
        ({"type": "HRO"}, "bad_value", "/type"),
        ({"value": {"amount": "-1", "currency": "CNY"}}, "negative_amount", "/value"),
        ({"value": {"amount": "1,20", "currency": "CNY"}}, "bad_decimal", "/value/amount"),
        ({"value": {"amount": 12.5, "currency": "CNY"}}, "bad_decimal", "/value/amount"),
        ({"value": {"amount": "0.001", "currency": "CNY"}}, "bad_amount", "/value"),
        ({"value": {"amount": "1", "currency": "yuan"}}, "bad_currency", "/value"),
        ({"from": "3.1.2026"}, "bad_date", "/from"),
        ({"title": ""}, "too_short", "/title"),
        ({"title": "x" * 201}, "too_long", "/title"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_drafted(
    house: House, make: Make, given: dict[str, Any], code: str, at: str
) -> None:
    supplier = await make.supplier()
    async with house.client("contracts", "procurement_officer") as officer:
        problem = ok(await officer.post(CONTRACTS, json=contract_body(supplier, **given)), 422)
        assert (problem["errors"][0]["code"], problem["errors"][0]["at"]) == (code, at)
        assert ok(await officer.get(CONTRACTS, params={"supplier": supplier["number"]}))["items"] == []


async def test_terms_lie_inside_the_contract_on_different_days_in_its_currency(house: House, make: Make) -> None:
    supplier = await make.supplier()
    term = contract_body(supplier)["terms"][0]
    bad = [
        term,
        term,
        term | {"from": "2040-01-01"},
        term | {"from": "2026-02-01", "monthly_charge": {"amount": "1.00", "currency": "USD"}},
    ]
    async with house.client("contracts", "procurement_officer") as officer:
        problem = ok(await officer.post(CONTRACTS, json=contract_body(supplier, terms=bad)), 422)
        assert [(e["code"], e["at"]) for e in problem["errors"]] == [
            ("repeated_date", "/terms/1/from"), ("outside_the_contract", "/terms/2/from"),
            ("other_currency", "/terms/3/monthly_charge/currency"),
        ]  # fmt: skip


async def test_contracts_that_end_within_ninety_days_are_a_view(house: House, make: Make) -> None:
    today = datetime.now(UTC).date()
    supplier = await make.supplier("approved")
    soon = await make.contract("active", supplier, to=(today + timedelta(days=30)).isoformat())
    await make.contract("active", supplier, to=(today + timedelta(days=300)).isoformat())
    await make.contract("draft", supplier, to=(today + timedelta(days=30)).isoformat())
    async with house.client("contracts", "auditor") as auditor:
        found = ok(await auditor.get(CONTRACTS, params={"ends_within_days": "90", "supplier": supplier["id"]}))
        assert [c["id"] for c in found["items"]] == [soon["id"]]


async def test_a_contract_is_found_by_its_suppliers_words_and_sums_are_asked_for(house: House, make: Make) -> None:
    supplier = await make.supplier("approved", short_name="云帆沧海数字")
    made = await make.contract("draft", supplier)
    async with house.client("contracts", "finance") as finance:
        for sought in ("沧海", "yfch", supplier["credit_code"], made["number"], made["title"]):
            found = ok(await finance.get(CONTRACTS, params={"q": sought}))["items"]
            assert [c["id"] for c in found] == [made["id"]], sought
        sums = ok(await finance.get("/api/contracts/v1/contract-sums", params={"supplier": supplier["number"]}))
        assert sums["items"] == [{"amount": "1200000.00", "currency": "CNY"}]


async def test_a_suppliers_new_name_reaches_its_contracts(house: House, make: Make) -> None:
    supplier = await make.supplier("approved")
    contract = await make.contract("active", supplier)
    async with house.client("suppliers", "procurement_officer") as officer:
        path = f"/api/suppliers/v1/suppliers/{supplier['id']}"
        ok(await officer.patch(path, json={"short_name": "改名之后"}, headers=seen(supplier)))
    async with house.client("contracts", "auditor") as auditor:
        path = f"{CONTRACTS}/{contract['id']}"

        async def renamed() -> bool:
            return ok(await auditor.get(path))["supplier"]["short_name"] == "改名之后"

        assert await until(renamed)


async def test_a_supplier_user_sees_its_own_contracts_in_force_and_no_other(house: House, make: Make) -> None:
    own, other = await make.supplier("approved"), await make.supplier("approved")
    mine, draft = await make.contract("active", own), await make.contract("draft", own)
    theirs = await make.contract("active", other)
    async with house.client("contracts", "supplier_user", supplier=own) as user:
        assert [c["id"] for c in ok(await user.get(CONTRACTS))["items"]] == [mine["id"]]
        assert ok(await user.get(f"{CONTRACTS}/{mine['number']}"))["actions"] == []
        for hidden in (draft, theirs):
            assert (await user.get(f"{CONTRACTS}/{hidden['id']}")).status_code == 404
        assert (await user.get(f"{CONTRACTS}/{theirs['id']}/standing")).status_code == 403
        assert (await user.get("/api/contracts/v1/feed")).status_code == 403


async def test_another_systems_id_creates_then_replaces_a_draft(house: House, make: Make) -> None:
    supplier = await make.supplier()
    body = contract_body(supplier)
    path = f"{CONTRACTS}/by-ref/oa/{body['title'][-8:]}"
    async with house.client("contracts", "procurement_officer") as officer:
        made = ok(await officer.put(path, json=body), 201)
        again = ok(await officer.put(path, json=body | {"title": "改过的标题"}), 200)
        assert (again["id"], again["title"]) == (made["id"], "改过的标题")


async def test_of_many_first_calls_at_once_one_creates_and_the_others_replace(house: House, make: Make) -> None:
    body = contract_body(await make.supplier())
    path = f"{CONTRACTS}/by-ref/erp/{body['title']}"
    async with house.client("contracts", "procurement_officer") as officer:
        answers = await asyncio.gather(*(officer.put(path, json=body) for _ in range(6)))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] * 5 + [201], [answer.text for answer in answers]
        assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    "ident", ["../feed?x=", "../suppliers/{number}", "{number}?x=", "{number}#", "..", "a/b", "\u202e"]
)
async def test_a_supplier_is_named_by_a_number_and_by_no_path_to_one(house: House, make: Make, ident: str) -> None:
    supplier = await make.supplier()
    body = contract_body(supplier) | {"supplier": ident.replace("{number}", supplier["number"])}
    async with house.client("contracts", "procurement_officer") as officer:
        problem = ok(await officer.post(CONTRACTS, json=body), 422)
        assert [(e["code"], e["at"]) for e in problem["errors"]] == [("unknown_supplier", "/supplier")]


async def test_a_contract_lies_in_the_years_in_which_events_may(house: House, make: Make) -> None:
    body = contract_body(await make.supplier()) | {"from": "0001-01-01", "to": "9999-12-31", "terms": []}
    async with house.client("contracts", "procurement_officer") as officer:
        problem = ok(await officer.post(CONTRACTS, json=body), 422)
        assert [(e["code"], e["at"]) for e in problem["errors"]] == [("out_of_range", "/from"), ("out_of_range", "/to")]


async def test_an_address_with_a_slash_too_many_does_not_lead_to_the_service_itself(house: House) -> None:
    async with house.client("contracts", "procurement_officer") as officer:
        answer = await officer.get(f"{CONTRACTS}/")
        assert (answer.status_code, answer.headers.get("location")) == (404, None)
