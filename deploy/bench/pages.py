"""Pages as a signed-in person gets them, through the gateway, with 10,000 contracts in the database."""

import asyncio
import time
from collections.abc import Iterator

import asyncpg
import httpx

from deploy.api_client import Json
from deploy.bench.figures import RUNS, Figure, check
from deploy.database_url import DatabaseUrl

CONTRACTS = 10_000
A_RUN = 40  # requests; the run's value is their median


def figures(gateway: str, account: Json, owner: DatabaseUrl, ticket: str) -> Iterator[Figure]:
    """ticket: `source/number` of one with clocks. Refuses WrongResult where a page is not the one asked for."""
    model = asyncio.run(_multiply(owner))
    with httpx.Client(base_url=gateway, trust_env=False, timeout=30, headers={"Accept-Language": "zh-CN"}) as person:
        sign_in(person, account)
        for name, path, shows in (
            ("contract list", "/contracts", model),
            ("contract list, filtered", "/contracts?state=active&q=service", model),
            ("contract record", f"/contracts/{model}", model),
            ("ticket", f"/tickets/{ticket}", ticket.rpartition("/")[2]),
        ):
            yield Figure(f"page, p50: {name}", "ms", [_median_ms(person, path, shows) for _ in range(RUNS)], most=30)


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


async def _multiply(owner: DatabaseUrl) -> str:
    """Copies of the newest contract until there are 10,000, under older numbers; the number of the one copied."""
    connection = await asyncpg.connect(owner.libpq())
    try:
        number = await connection.fetchval("SELECT number FROM contracts.contract ORDER BY created_at DESC LIMIT 1")
        there = await connection.fetchval("SELECT count(*) FROM contracts.contract")
        await connection.execute(_COPY, number, CONTRACTS - there)
        await connection.execute("ANALYZE contracts.contract")
        check("contracts", await connection.fetchval("SELECT count(*) FROM contracts.contract"), CONTRACTS)
        return str(number)
    finally:
        await connection.close()


_COPY = """INSERT INTO contracts.contract
SELECT (jsonb_populate_record(c, jsonb_build_object(
    'id', uuidv7(), 'number', 'HT-2000-' || lpad(i::text, 6, '0'), 'created_at', c.created_at - i * interval '1 minute'
))).* FROM contracts.contract c, generate_series(1, $2::int) i WHERE c.number = $1"""
