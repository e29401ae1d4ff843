"""Pages as a signed-in person gets them, through the gateway, with 10,000 contracts in the database."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import asyncpg
import httpx

from deploy.api_client import Api, Json
from deploy.bench.figures import RUNS, Figure, check
from deploy.database_url import DatabaseUrl
from deploy.demo.contracts import PLANS
from deploy.demo.working_hours import SHANGHAI

CONTRACTS_PATH = "/api/contracts/v1/contracts"
CONTRACTS = 10_000
SOUGHT = "网络"  # in the title of one in ten
A_RUN = 40  # requests; the run's value is their median


def figures(api: Api, gateway: str, account: Json, owner: DatabaseUrl, ticket: str) -> Iterator[Figure]:
    """ticket: `source/number` of one with clocks. Refuses WrongResult where a page is not the one asked for."""
    number = _models(api, account["login"])
    asyncio.run(_multiply(owner))
    with httpx.Client(base_url=gateway, trust_env=False, timeout=30, headers={"Accept-Language": "zh-CN"}) as person:
        sign_in(person, account)
        for name, path, shows in (
            ("contract list", "/contracts", "HT-2"),
            ("contract list, filtered", f"/contracts?state=active&q={quote(SOUGHT)}", SOUGHT),
            ("contract record", f"/contracts/{number}", number),
            ("ticket", f"/tickets/{ticket}", ticket.rpartition("/")[2]),
        ):
            yield Figure(f"page, p50: {name}", "ms", [_median_ms(person, path, shows) for _ in range(RUNS)], most=30)


def _models(api: Api, owner: str) -> str:
    """The demo's twenty contracts, as far as each has come, with one supplier; the number of the first."""
    supplier = api.get("/api/suppliers/v1/suppliers")["items"][0]["number"]
    today = datetime.now(SHANGHAI).date()
    made = []
    for plan in PLANS:
        contract = api.create(CONTRACTS_PATH, plan.body(today, owner, supplier))
        for action in {"draft": (), "active": ("activate",), "ended": ("activate", "end")}[plan.state]:
            contract = api.act(f"{CONTRACTS_PATH}/{contract['id']}", action, contract["version"])
        made.append(str(contract["number"]))
    return made[0]


def sign_in(person: httpx.Client, account: Json) -> None:
    form = {"login": account["login"], "password": account["password"]}
    answer = person.post("/login", data=form, follow_redirects=True)
    check("sign-in", answer.status_code, 200)


def _median_ms(person: httpx.Client, path: str, shows: str) -> float:
    taken = []
    for _ in range(A_RUN):
        began = time.perf_counter()
        answer = person.get(path)
        taken.append((time.perf_counter() - began) * 1e3)
        check(f"status of {path}", answer.status_code, 200)
    check(f"{path} shows {shows}", shows in answer.text, True)
    return sorted(taken)[len(taken) // 2]


async def _multiply(owner: DatabaseUrl) -> None:
    """Copies of the contracts until there are 10,000, under older numbers and earlier instants."""
    connection = await asyncpg.connect(owner.libpq())
    try:
        there = await connection.fetchval("SELECT count(*) FROM contracts.contract")
        await connection.execute(_COPY, CONTRACTS - there)
        await connection.execute("ANALYZE contracts.contract")
        check("contracts", await connection.fetchval("SELECT count(*) FROM contracts.contract"), CONTRACTS)
    finally:
        await connection.close()


_COPY = """WITH model AS (SELECT c, row_number() OVER (ORDER BY number) - 1 AS place, count(*) OVER () AS models
               FROM contracts.contract c)
INSERT INTO contracts.contract
SELECT (jsonb_populate_record(model.c, jsonb_build_object(
    'id', uuidv7(), 'number', 'HT-2000-' || lpad(i::text, 6, '0'),
    'created_at', (model.c).created_at - i * interval '1 minute'
))).* FROM generate_series(1, $1::int) i JOIN model ON model.place = i % model.models"""
