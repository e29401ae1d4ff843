"""A program outside the project: a key and HTTP through the gateway. It knows the API's page and nothing else."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from deploy import accounts
from gateway.accounts.rules import SCOPES
from tests.databases import in_own_loop
from tests.house import House

Json = dict[str, Any]
SUPPLIERS, CONTRACTS = "/api/suppliers/v1/suppliers", "/api/contracts/v1/contracts"
SLA, AUDIT = "/api/sla/v1", "/api/security/v1/audit"
NDJSON = "application/x-ndjson"


class Program:
    """One key's way in. `http` is the plain client; the methods ask, and read the answer once it is as expected.

    name: as the trail names this key.
    """

    def __init__(self, gateway: str, key: str | None, name: str = "") -> None:
        self.key, self.name = key, name
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self.http = httpx.Client(base_url=gateway, headers=headers, timeout=120, trust_env=False)

    def get(self, path: str, **params: str) -> Json:
        return ok(self.http.get(path, params=params))

    def lines(self, path: str, **params: str) -> list[Json]:
        """The whole list, as NDJSON."""
        answer = self.http.get(path, params=params, headers={"Accept": NDJSON})
        assert (answer.status_code, answer.headers["content-type"]) == (200, NDJSON), answer.text
        return [msgspec.json.decode(line) for line in answer.content.splitlines()]

    def pages(self, path: str, **params: str) -> Iterator[Json]:
        """The whole list, page by page."""
        page = self.get(path, **params)
        yield from page["items"]
        while page["next"]:
            page = self.get(path, **params, cursor=page["next"])
            yield from page["items"]

    def create(self, path: str, body: Any) -> Json:
        answer = self.http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        return ok(answer, 201)

    def act(self, path: str, action: str, version: int, body: Json | None = None) -> Json:
        return ok(self.http.post(f"{path}/{action}", json=body or {}, headers=match(version)))

    def news(self, service: str) -> list[Json]:
        """The whole feed, from the beginning to what is there now; `eventually` waits for what is to come."""
        found: list[Json] = []
        after: dict[str, str] = {}
        while items := (page := self.get(f"/api/{service}/v1/feed", **after))["items"]:
            found += items
            after = {"after": page["next"]}
        return found


def program(house: House, *scopes: str) -> Program:
    """With a new key of these scopes, all where none is named; everything behind the gateway runs."""
    gateway, keys, name = house.gateway_url, [], f"program {uuid4().hex[:8]}"

    async def make() -> None:
        database = house.service_database("gateway")
        keys.append(await accounts.add_key(database, name, scopes or tuple(SCOPES)))
        await database.dispose()

    in_own_loop(make)
    return Program(gateway, keys[0], f"key:{name}")


def ok(answer: httpx.Response, status: int = 200) -> Json:
    """The answer's JSON, once its status is as expected."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
    body: Json = msgspec.json.decode(answer.content)
    return body


def match(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def seen(record: Mapping[str, Any]) -> dict[str, str]:
    return match(record["version"])


def wait_for(program: Program, path: str, field: str, wanted: Any, seconds: float = 60) -> Json:
    """The record, once its field is the wanted one."""
    deadline = time.monotonic() + seconds
    while (record := program.get(path))[field] != wanted:
        assert time.monotonic() < deadline, record
        time.sleep(0.05)
    return record


def eventually(ask: Callable[[], Any], wanted: Any, seconds: float = 60) -> None:
    """Ask until the answer is the wanted one: news come within two seconds of their commit."""
    deadline = time.monotonic() + seconds
    while (found := ask()) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == wanted


def evaluated(program: Program, batch: str) -> Json:
    """The batch, once all of its clocks are computed."""
    deadline = time.monotonic() + 60
    while (found := program.get(f"{SLA}/batches/{batch}", wait="30"))["state"] != "evaluated":
        assert time.monotonic() < deadline, found
    return found
