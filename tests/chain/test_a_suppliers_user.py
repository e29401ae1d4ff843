"""A supplier's own user, through the door that everybody uses: its own firm's chain, and nothing of any other's."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.chain.program import AUDIT, CONTRACTS, SLA, SUPPLIERS, Program
from tests.chain.story import BROKEN, EXCUSED, Chain, lived_through
from tests.gateway.conftest import Doors
from tests.house import House

LISTS = (
    SUPPLIERS,
    CONTRACTS,
    f"{SLA}/agreements",
    f"{SLA}/clocks",
    f"{SLA}/tickets",
    f"{SLA}/breaches",
    f"{SLA}/periods",
)
STAFF_ONLY = (
    AUDIT, "/api/security/v1/history?service=sla&record=x", f"{SLA}/sources", f"{SLA}/calendars",
    f"{SLA}/feed", "/api/suppliers/v1/feed", "/api/contracts/v1/feed", "/api/gateway/v1/users", "/api/gateway/v1/keys",
)  # fmt: skip
PAGES_OF_STAFF = ("/audit", "/sources", "/calendars", "/users", "/keys", "/sources/import")


@pytest.fixture(scope="module")
def other(outside: Program, second: Program) -> Chain:
    """Another firm's chain."""
    return lived_through(outside, second, datetime.now(UTC))


@pytest.fixture
def doors(house: House) -> Doors:
    return Doors(house)


def records_of(chain: Chain) -> list[tuple[str, str]]:
    """Each record's API path and its page, by number and by id."""
    breach = chain.breach(BROKEN)
    named = (
        (SUPPLIERS, "/suppliers", chain.supplier), (CONTRACTS, "/contracts", chain.contract),
        (f"{SLA}/agreements", "/agreements", chain.draft), (f"{SLA}/breaches", "/breaches", breach),
    )  # fmt: skip
    found = [
        (f"{api}/{record[key]}", f"{page}/{record[key]}") for api, page, record in named for key in ("number", "id")
    ]
    for ticket in (BROKEN, EXCUSED):
        path = f"/tickets/{chain.source}/{quote(ticket, safe='')}"
        found.append((f"{SLA}{path}", path))
    month = f"/agreements/{chain.draft['number']}/periods/2016-03"
    return [*found, (f"{SLA}{month}", month)]


async def shown(user: httpx.AsyncClient, path: str) -> str:
    answer = await user.get(path, headers={"Accept": "application/x-ndjson"})
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


def secrets_of(chain: Chain) -> list[str]:
    """What would give a chain away wherever it stood."""
    records: tuple[dict[str, Any], ...] = (chain.supplier, chain.contract, chain.draft)
    return [record[key] for record in records for key in ("id", "number")] + [
        chain.source,
        chain.supplier["legal_name"],
    ]


async def test_its_own_chain_is_open_to_it_and_lists_hold_nothing_else(
    doors: Doors, chain: Chain, other: Chain
) -> None:
    async with await doors.person("supplier_user", chain.supplier) as user:
        for api, page in records_of(chain):
            assert (await user.get(api)).status_code == 200, api
            if not page.rpartition("/")[2].startswith("01"):  # pages go by number
                assert (await user.get(page)).status_code == 200, page
        for path in LISTS:
            text = await shown(user, path)
            assert text, path
            assert not [secret for secret in secrets_of(other) if secret in text], path
        assert chain.draft["number"] in await shown(user, f"{SLA}/agreements")


async def test_ids_and_numbers_of_others_find_nothing(doors: Doors, chain: Chain, other: Chain) -> None:
    """On the API, on pages, as filters and in the ledger's export; and it changes nothing, its own included."""
    async with await doors.person("supplier_user", chain.supplier) as user:
        for api, page in records_of(other):
            for path in (api, page, *((f"{page}/ledger.csv",) if "/tickets/" in page else ())):
                answer = await user.get(path)
                assert answer.status_code in (403, 404), (path, answer.status_code)
                assert other.supplier["legal_name"] not in answer.text
        for name, ident in (
            ("agreement", other.draft["number"]), ("agreement", other.draft["id"]), ("source", other.source),
        ):  # fmt: skip
            answer = await user.get(f"{SLA}/clocks", params={name: ident})
            assert answer.json()["items"] == []
        cycles = await user.get(f"{SLA}/agreements/{other.draft['number']}/periods/2016-03/cycles")
        assert cycles.status_code == 404
        for path, body in (
            (f"{SUPPLIERS}/{chain.supplier['id']}/suspend", {"reason": "x"}),
            (f"{CONTRACTS}/{chain.contract['id']}/end", {}),
            (f"{SLA}/breaches/{chain.breach(BROKEN)['id']}/exclude", {"reason": "x"}),
            (f"{SLA}/agreements/{chain.draft['id']}/periods/2016-04/close", {}),
            (f"{SLA}/events", []), (SUPPLIERS, {}), (CONTRACTS, {}),
        ):  # fmt: skip
            answer = await user.post(path, json=body, headers={"If-Match": "*"})
            assert answer.status_code == 403, path


async def test_what_is_the_staffs_own_is_shut(doors: Doors, chain: Chain) -> None:
    async with await doors.person("supplier_user", chain.supplier) as user:
        for path in STAFF_ONLY:
            assert (await user.get(path)).status_code == 403, path
        for path in PAGES_OF_STAFF:
            assert (await user.get(path)).status_code == 403, path
        home = await user.get("/")
        assert home.status_code == 200
        record = (await user.get(f"{CONTRACTS}/{chain.contract['id']}")).json()
        assert record["actions"] == []


async def test_a_cookie_serves_the_api_but_not_what_another_site_makes_the_browser_send(
    doors: Doors, chain: Chain
) -> None:
    async with await doors.person("procurement_officer") as officer:
        for headers, status in (
            ({}, 422), ({"Sec-Fetch-Site": "same-origin"}, 422), ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403), ({"Origin": "https://evil.example"}, 403),
            ({"Origin": "null"}, 403),
        ):  # fmt: skip
            assert (await officer.post(SUPPLIERS, json={}, headers=headers)).status_code == status, headers
        assert (await officer.get(SUPPLIERS, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200
