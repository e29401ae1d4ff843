"""Agreements over HTTP: drafted under a contract, put in force with it, ended with it."""

import json
import secrets
from typing import Any

import pytest

from tests.factories import Make, act, ok, seen
from tests.house import House
from tests.sla.desk import until

AGREEMENTS = "/api/sla/v1/agreements"


@pytest.fixture
def make(house: House) -> Make:
    house.start("suppliers", "contracts", "sla")
    return Make(house)


async def test_a_draft_says_its_targets_as_sentences_in_both_languages(house: House, make: Make) -> None:
    contract = await make.contract()
    draft = await make.agreement(contract)
    assert (draft["state"], draft["contract"]) == ("draft", contract["number"])
    assert draft["number"].startswith("SLA-")
    assert (draft["actions"], draft["changes"]) == (["put-in-force"], ["edit", "discard", "add-version"])
    target = draft["targets"][0]
    assert (target["on_goal_change"], target["allocation"]) == ("retroactive", "0.50")
    assert "state" in target["sentence"]["en"]
    assert target["sentence"]["zh"] != target["sentence"]["en"]


async def test_an_agreement_waits_for_its_contract_and_comes_into_force_with_it(house: House, make: Make) -> None:
    contract = await make.contract()
    draft = await make.agreement(contract)
    async with (
        house.client("sla", "service_manager") as manager,
        house.client("contracts", "procurement_officer") as officer,
    ):
        early = ok(await act(manager, "sla", "agreements", draft, "put-in-force"), 409)
        assert early["errors"][0]["code"] == "contract_not_active"
        assert early["errors"][0]["link"].endswith(contract["id"])
        ok(await act(officer, "contracts", "contracts", contract, "activate"))
        await until(lambda: in_state(manager, draft, "in_force"))

        async def told() -> int:
            feed = [item async for item in everything(manager)]
            return sum(item["type"] == "agreement.in_force" and draft["id"] in item["subject"] for item in feed)

        assert await until(told) == 1


async def in_state(client: Any, draft: dict[str, Any], state: str) -> dict[str, Any] | None:
    """The agreement, once it has come into that state."""
    found = ok(await client.get(f"{AGREEMENTS}/{draft['id']}"))
    return found if found["state"] == state else None


async def everything(client: Any) -> Any:
    """All of the feed."""
    after: dict[str, str] = {}
    while True:
        page = ok(await client.get("/api/sla/v1/feed", params=after))
        for item in page["items"]:
            yield item
        if not page["items"]:
            return
        after = {"after": page["next"]}


async def test_the_end_of_a_contract_ends_the_last_version_on_that_day(house: House, make: Make) -> None:
    contract = await make.contract("active")
    draft = await make.agreement(contract)
    async with (
        house.client("sla", "service_manager") as manager,
        house.client("contracts", "procurement_officer") as officer,
    ):
        ok(await act(manager, "sla", "agreements", draft, "put-in-force"))
        ended = ok(await act(officer, "contracts", "contracts", contract, "end"))
        found = await until(lambda: in_state(manager, draft, "ended"))
        assert found["until"] == ended["ended_on"]
        assert found["actions"] == []


async def test_a_later_version_ends_the_one_before_and_an_overlap_is_refused(house: House, make: Make) -> None:
    draft = await make.agreement(await make.contract())
    targets = [{k: v for k, v in t.items() if k != "sentence"} for t in draft["targets"]]
    path = f"{AGREEMENTS}/{draft['id']}/versions"
    async with house.client("sla", "service_manager") as manager:
        ok(await manager.post(path, json={"from": "2026-06-01", "until": None, "targets": targets}), 201)
        versions = ok(await manager.get(path))["items"]
        assert [(v["from"], v["until"]) for v in versions] == [("2026-01-01", "2026-05-31"), ("2026-06-01", None)]
        overlap = await manager.post(path, json={"from": "2026-05-01", "until": None, "targets": targets})
        assert ok(overlap, 422)["errors"][0]["code"] == "versions_overlap"


async def test_a_draft_is_edited_and_one_in_force_is_not(house: House, make: Make) -> None:
    draft = await make.agreement(await make.contract("active"))
    path = f"{AGREEMENTS}/{draft['id']}"
    async with house.client("sla", "service_manager") as manager:
        changed = ok(await manager.patch(path, json={"title": "新标题"}, headers=seen(draft)))
        assert (changed["title"], len(changed["targets"])) == ("新标题", len(draft["targets"]))
        in_force = ok(await act(manager, "sla", "agreements", changed, "put-in-force"))
        assert (await manager.patch(path, json={"title": "x"}, headers=seen(in_force))).status_code == 409
        assert (await manager.delete(path, headers=seen(in_force))).status_code == 409


async def test_a_calendar_or_contract_that_is_not_there_is_named(house: House, make: Make) -> None:
    contract = await make.contract()
    async with house.client("sla", "service_manager") as manager:
        body = make.agreement_body(contract)
        body["targets"][0]["calendar"] = "mars-office"
        problem = ok(await manager.post(AGREEMENTS, json=body), 422)
        assert problem["errors"][0]["at"] == "/targets/0/calendar"
        unknown = make.agreement_body(contract) | {"contract": "HT-1999-000001"}
        assert ok(await manager.post(AGREEMENTS, json=unknown), 422)["errors"][0]["code"] == "unknown_contract"


async def test_a_supplier_user_sees_its_own_agreements_in_force_and_no_other(house: House, make: Make) -> None:
    own, other = await make.supplier("approved"), await make.supplier("approved")
    mine = await make.agreement(await make.contract("active", own), in_force=True)
    theirs = await make.agreement(await make.contract("active", other), in_force=True)
    draft = await make.agreement(await make.contract("active", own))
    async with house.client("sla", "supplier_user", supplier=own) as user:
        assert [a["id"] for a in ok(await user.get(AGREEMENTS))["items"]] == [mine["id"]]
        assert ok(await user.get(f"{AGREEMENTS}/{mine['number']}"))["actions"] == []
        for hidden in (theirs, draft):
            for path in (f"{AGREEMENTS}/{hidden['id']}", f"{AGREEMENTS}/{hidden['id']}/versions"):
                assert (await user.get(path)).status_code == 404


async def test_the_list_finds_by_contract_and_words(house: House, make: Make) -> None:
    contract = await make.contract()
    draft = await make.agreement(contract, title=f"云端桌面{secrets.token_hex(3)}")
    async with house.client("sla", "auditor") as auditor:
        for query in ({"contract": contract["number"]}, {"q": "云端桌面"}, {"q": draft["number"]}):
            assert draft["id"] in [a["id"] for a in ok(await auditor.get(AGREEMENTS, params=query))["items"]], query


HALF = "\ud800"


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"zone": HALF}, "control_character", ""),
        ({"targets": [{"key": "x", "conditions": {"start": {"field": "state", "op": "eq", "value": HALF}}}]},
         "control_character", ""),
        ({"targets": [{HALF: 1}]}, "control_character", ""),
        ({"contract": "../feed?x="}, "unknown_contract", "/contract"),
        ({"from": "0001-01-01"}, "out_of_range", "/from"),
        ({"until": "9999-12-31"}, "out_of_range", "/until"),
    ],
)  # fmt: skip
async def test_what_could_be_neither_stored_nor_reckoned_with_is_refused(
    house: House, make: Make, change: dict[str, Any], code: str, at: str
) -> None:
    contract = await make.contract()
    draft = await make.agreement(contract)
    names = ("title", "zone", "period", "from", "until", "targets")
    body = {name: draft[name] for name in names} | {"contract": contract["number"]}
    body["targets"] = [{k: v for k, v in target.items() if k != "sentence"} for target in draft["targets"]]
    async with house.client("sla", "service_manager") as manager:
        sent = json.dumps(body | change).encode()
        for path, content in ((AGREEMENTS, sent), (f"{AGREEMENTS}/try", b'{"events": [], "agreement": %s}' % sent)):
            answer = await manager.post(path, content=content, headers={"Content-Type": "application/json"})
            if code == "unknown_contract" and path != AGREEMENTS:
                continue  # a trial asks nobody for its contract
            problem = ok(answer, 422)
            assert [e["code"] for e in problem["errors"]] == [code]
            assert problem["errors"][0]["at"].endswith(at)
