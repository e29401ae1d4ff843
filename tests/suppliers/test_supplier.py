"""Registering suppliers and leading them through their life."""

import asyncio

import pytest

from tests.factories import Make, act, ok, seen, supplier_body
from tests.house import House

SUPPLIERS = "/api/suppliers/v1/suppliers"


@pytest.fixture
def make(house: House) -> Make:
    return Make(house)


async def test_a_registered_supplier_is_a_candidate_with_a_number(house: House) -> None:
    async with house.client("suppliers", "procurement_officer") as officer:
        answer = await officer.post(SUPPLIERS, json=supplier_body(legal_name="上海云启九霄信息技术有限公司"))
        record = ok(answer, 201)
        assert record["state"] == "candidate"
        assert record["number"].startswith("GYS-")
        assert (record["actions"], record["changes"]) == (["screen"], ["edit"])
        assert answer.headers["etag"] == f'"{record["version"]}"'
        assert ok(await officer.get(f"{SUPPLIERS}/{record['number']}"))["id"] == record["id"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("9131000012345678", "code_length"),
        ("91310000I23456789X", "illegal_character"),
        ("91350100M000100Y44", "check_digit"),
    ],
)
async def test_a_wrong_credit_code_is_named_and_nothing_is_registered(house: House, code: str, expected: str) -> None:
    async with house.client("suppliers", "procurement_officer") as officer:
        answer = await officer.post(SUPPLIERS, json=supplier_body(credit_code=code))
        problem = ok(answer, 422)
        assert (problem["type"], problem["errors"][0]["code"]) == ("/problems/validation", expected)
        assert problem["errors"][0]["at"] == "/credit_code"
        assert not ok(await officer.get(SUPPLIERS, params={"credit_code": code}))["items"]


async def test_the_check_digit_that_would_fit_is_said_in_the_readers_language(house: House) -> None:
    """GB 32100-2015's own example is 91350100M000100Y43."""
    async with house.client("suppliers", "procurement_officer") as officer:
        body = supplier_body(credit_code="91350100M000100Y44")
        english = ok(await officer.post(SUPPLIERS, json=body, headers={"Accept-Language": "en"}), 422)
        chinese = ok(await officer.post(SUPPLIERS, json=body, headers={"Accept-Language": "zh-CN"}), 422)
        assert english["errors"][0]["what"].endswith("give 3")
        assert "3" in chinese["errors"][0]["what"]
        assert "校验码" in chinese["errors"][0]["what"]


async def test_a_known_credit_code_is_refused_with_the_way_to_its_holder(house: House, make: Make) -> None:
    first = await make.supplier()
    async with house.client("suppliers", "procurement_officer") as officer:
        body = supplier_body(credit_code=first["credit_code"])
        problem = ok(await officer.post(SUPPLIERS, json=body), 409)
        assert problem["errors"][0]["code"] == "duplicate"
        assert problem["errors"][0]["at"] == "/credit_code"
        assert ok(await officer.get(problem["errors"][0]["link"]))["id"] == first["id"]


async def test_two_registrations_of_one_code_at_once_give_one_supplier(house: House) -> None:
    async with house.client("suppliers", "procurement_officer") as officer:
        body = supplier_body()
        answers = await asyncio.gather(*(officer.post(SUPPLIERS, json=body) for _ in range(5)))
        assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409]


async def test_a_similar_name_is_registered_with_a_warning(house: House, make: Make) -> None:
    first = await make.supplier(legal_name="苏州蓝鲸客服科技有限公司")
    async with house.client("suppliers", "procurement_officer") as officer:
        record = ok(await officer.post(SUPPLIERS, json=supplier_body(legal_name="苏州蓝鲸客服信息有限公司")), 201)
        assert [w["code"] for w in record["warnings"]] == ["similar_name"]
        assert record["warnings"][0]["link"].endswith(first["number"])


async def test_a_supplier_is_found_by_name_initials_and_code(house: House, make: Make) -> None:
    record = await make.supplier(short_name="北辰星河")
    async with house.client("suppliers", "auditor") as auditor:
        for sought in ("北辰", "bcxh", record["credit_code"], record["number"]):
            found = ok(await auditor.get(SUPPLIERS, params={"q": sought}))["items"]
            assert [r["id"] for r in found] == [record["id"]], sought


async def test_an_action_that_the_state_does_not_know_names_those_that_it_does(house: House, make: Make) -> None:
    record = await make.supplier()
    async with house.client("suppliers", "procurement_manager") as manager:
        problem = ok(await act(manager, "suppliers", "suppliers", record, "approve", reason="太早"), 409)
        assert problem["type"] == "/problems/conflict"
        assert problem["allowed"] == ["screen", "blacklist", "retire"]


async def test_an_officer_may_not_approve(house: House, make: Make) -> None:
    record = await make.supplier("screened")
    async with house.client("suppliers", "procurement_officer") as officer:
        assert (await act(officer, "suppliers", "suppliers", record, "approve", reason="x")).status_code == 403


async def test_a_changed_contact_is_stored_whole(house: House, make: Make) -> None:
    record = await make.supplier()
    async with house.client("suppliers", "procurement_officer") as officer:
        path = f"{SUPPLIERS}/{record['id']}"
        changed = ok(await officer.patch(path, json={"contacts": [{"name": "周凯"}]}, headers=seen(record)))
        assert changed["contacts"] == [{"name": "周凯", "email": None, "phone": None, "role": None}]


async def test_of_two_people_editing_one_record_the_second_is_told(house: House, make: Make) -> None:
    record = await make.supplier()
    path = f"{SUPPLIERS}/{record['id']}"
    async with house.client("suppliers", "procurement_officer") as officer:
        changed = ok(await officer.patch(path, json={"short_name": "甲"}, headers=seen(record)))
        stale = ok(await officer.patch(path, json={"short_name": "乙"}, headers=seen(record)), 412)
        assert (stale["type"], stale["version"]) == ("/problems/stale", changed["version"])
        assert (await officer.patch(path, json={"short_name": "乙"})).status_code == 428


async def test_permission_is_judged_before_the_body(house: House) -> None:
    async with house.client("suppliers", "auditor") as auditor:
        broken = await auditor.post(SUPPLIERS, content=b"{", headers={"Content-Type": "application/json"})
        assert broken.status_code == 403
    async with house.anonymous("suppliers") as nobody:
        answer = await nobody.post(SUPPLIERS, content=b"{")
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_unknown_field_and_broken_json_are_told_apart(house: House) -> None:
    async with house.client("suppliers", "procurement_officer") as officer:
        unknown = ok(await officer.post(SUPPLIERS, json=supplier_body(colour="red")), 422)
        assert unknown["errors"] == [unknown["errors"][0] | {"code": "unknown_field", "at": "/colour"}]
        broken = await officer.post(SUPPLIERS, content=b"{", headers={"Content-Type": "application/json"})
        assert (broken.status_code, broken.json()["type"]) == (400, "/problems/bad-request")
        large = await officer.post(SUPPLIERS, content=b" " * 1_100_000, headers={"Content-Type": "application/json"})
        assert (large.status_code, large.json()["type"]) == (413, "/problems/too-large")
        form = await officer.post(SUPPLIERS, content=b"a=b", headers={"Content-Type": "text/plain"})
        assert form.status_code == 415


async def test_a_list_pages_through_everything_once(house: House, make: Make) -> None:
    made = {(await make.supplier(region="CN-62"))["id"] for _ in range(7)}
    async with house.client("suppliers", "procurement_officer") as officer:
        for sort in ("name", "-name", "created_at", "-created_at", "number", "state"):
            found: list[str] = []
            cursor: dict[str, str] = {}
            while True:
                page = ok(await officer.get(SUPPLIERS, params={"region": "CN-62", "limit": 3, "sort": sort} | cursor))
                found += [record["id"] for record in page["items"]]
                if not page["next"]:
                    break
                cursor = {"cursor": page["next"]}
            assert len(found) == len(set(found)), sort
            assert made <= set(found), sort


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ({"limit": "0"}, "?limit"), ({"limit": "201"}, "?limit"), ({"colour": "red"}, "?colour"),
        ({"sort": "colour"}, "?sort"), ({"cursor": "x"}, "?cursor"), ({"state": "asleep"}, "?state"),
        ({"created_at_from": "yesterday"}, "?created_at_from"),
    ],
)  # fmt: skip
async def test_a_list_names_the_parameter_that_it_does_not_know(house: House, query: dict[str, str], at: str) -> None:
    async with house.client("suppliers", "procurement_officer") as officer:
        problem = ok(await officer.get(SUPPLIERS, params=query), 422)
        assert (problem["type"], problem["errors"][0]["at"]) == ("/problems/validation", at)


async def test_the_whole_list_streams_as_ndjson(house: House, make: Make) -> None:
    made = [(await make.supplier(region="CN-63"))["id"] for _ in range(3)]
    async with house.client("suppliers", "procurement_officer") as officer:
        answer = await officer.get(
            SUPPLIERS, params={"region": "CN-63", "sort": "created_at"}, headers={"Accept": "application/x-ndjson"}
        )
        lines = answer.text.strip().split("\n")
        assert [line.split('"id":"')[1][:36] for line in lines] == made


async def test_the_same_key_registers_once_and_answers_alike(house: House) -> None:
    body, key = supplier_body(), {"Idempotency-Key": "register-once-0001"}
    async with house.client("suppliers", "procurement_officer") as officer:
        first = await officer.post(SUPPLIERS, json=body, headers=key)
        again = await officer.post(SUPPLIERS, json=body, headers=key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"
        other = await officer.post(SUPPLIERS, json=supplier_body(), headers=key)
        assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-mismatch")


async def test_another_systems_id_creates_then_replaces(house: House) -> None:
    body = supplier_body()
    path = f"{SUPPLIERS}/by-ref/erp/V-{body['credit_code']}"
    async with house.client("suppliers", "procurement_officer") as officer:
        made = ok(await officer.put(path, json=body), 201)
        replaced = ok(await officer.put(path, json=body | {"short_name": "新名"}), 200)
        assert (replaced["id"], replaced["short_name"]) == (made["id"], "新名")
        assert replaced["external_refs"] == [{"system": "erp", "ref": f"V-{body['credit_code']}"}]


async def test_of_many_first_calls_at_once_one_creates_and_the_others_replace(house: House) -> None:
    body = supplier_body()
    path = f"{SUPPLIERS}/by-ref/erp/{body['credit_code']}"
    async with house.client("suppliers", "procurement_officer") as officer:
        answers = await asyncio.gather(*(officer.put(path, json=body) for _ in range(6)))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] * 5 + [201], [answer.text for answer in answers]
        assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_supplier_user_sees_its_own_firm_and_no_other(house: House, make: Make) -> None:
    own, other = await make.supplier(), await make.supplier()
    async with house.client("suppliers", "supplier_user", supplier=own) as user:
        assert ok(await user.get(f"{SUPPLIERS}/{own['id']}"))["number"] == own["number"]
        assert [r["id"] for r in ok(await user.get(SUPPLIERS))["items"]] == [own["id"]]
        for ident in (other["id"], other["number"]):
            assert (await user.get(f"{SUPPLIERS}/{ident}")).status_code == 404
        assert (await user.post(SUPPLIERS, json=supplier_body())).status_code == 403


async def test_hostile_text_is_kept_as_text(house: House) -> None:
    name = "'; DROP TABLE supplier; --<script>alert(1)</script>"
    async with house.client("suppliers", "procurement_officer") as officer:
        record = ok(await officer.post(SUPPLIERS, json=supplier_body(short_name=name)), 201)
        assert ok(await officer.get(f"{SUPPLIERS}/{record['id']}"))["short_name"] == name
        nul = ok(await officer.post(SUPPLIERS, json=supplier_body(short_name="a\x00b")), 422)
        assert nul["errors"][0]["at"] == "/short_name"
