"""The trail through the gateway: what is done at the door stands in it, secrets do not."""

import json
from uuid import uuid4

import pytest

from tests.factories import ok, supplier_body
from tests.gateway.conftest import PASSWORD, Doors

AUDIT = "/api/security/v1/audit"
SUPPLIERS = "/api/suppliers/v1/suppliers"


@pytest.fixture(autouse=True)
def security(doors: Doors) -> None:
    doors.house.start("security")


async def test_a_change_through_the_gateway_is_found_by_its_request_id_with_person_and_address(doors: Doors) -> None:
    request_id = uuid4().hex
    async with await doors.person("procurement_officer") as officer:
        made = ok(await officer.post(SUPPLIERS, json=supplier_body(), headers={"X-Request-ID": request_id}), 201)
    async with await doors.key("audit:read") as key:
        (entry,) = ok(await key.get(AUDIT, params={"request_id": request_id}))["items"]
        assert entry["actor"].startswith("procurement.officer.")
        assert (entry["record"], entry["action"], entry["client"]) == (made["id"], "supplier.register", "127.0.0.1")
        export = await key.get(AUDIT, params={"record": made["number"]}, headers={"Accept": "application/x-ndjson"})
        assert [json.loads(line) for line in export.text.splitlines()] == [entry]


async def test_neither_passwords_nor_keys_reach_the_trail_not_even_as_digests(doors: Doors) -> None:
    login = await doors.account("auditor")
    async with doors.visitor() as visitor:
        assert (await visitor.post("/login", data={"login": login, "password": PASSWORD})).status_code == 303
        session = next(iter(visitor.cookies.values()))
    async with await doors.key() as everything:
        secret = everything.headers["authorization"].rpartition("_")[2]
        trail = (await everything.get(AUDIT, params={"service": "gateway", "limit": 200})).text
    assert login in trail
    for hidden in (PASSWORD, session, secret, "argon2", "password_hash", '"digest"'):
        assert hidden not in trail


async def test_a_sign_in_and_a_failed_one_are_found_by_their_request_ids(doors: Doors) -> None:
    login = await doors.account("auditor")
    tried = {"user.sign-in": (uuid4().hex, PASSWORD), "user.sign-in-failed": (uuid4().hex, "wrong password!")}
    async with doors.visitor() as visitor:
        for request_id, password in tried.values():
            given = {"login": login, "password": password}
            await visitor.post("/login", data=given, headers={"X-Request-ID": request_id})
    async with await doors.key("audit:read") as key:
        for action, (request_id, _password) in tried.items():
            entries = ok(await key.get(AUDIT, params={"request_id": request_id}))["items"]
            assert {(entry["actor"], entry["action"], entry["client"]) for entry in entries} == {
                (login, action, "127.0.0.1")
            }


async def test_a_nul_in_a_login_is_refused_as_no_text(doors: Doors) -> None:
    async with doors.visitor() as visitor:
        answer = await visitor.post("/login", data={"login": "wang\0min", "password": PASSWORD})
    assert answer.status_code in (401, 422)
