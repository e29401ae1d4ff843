"""The OpenAPI documents say what the services do: lists are asked what they take, and every route what it refuses."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.openapi.models import OpenAPI

from tests.factories import ok
from tests.gateway.conftest import Doors
from tests.house import House

DESCRIBED = ("suppliers", "contracts", "sla", "security")
PAGING = {"q", "sort", "limit", "cursor", "count"}
EVERY_SCOPE = [f"{service}:{right}" for service in DESCRIBED for right in ("read", "write")] + [
    "sla:intake",
    "audit:read",
]


@dataclass(frozen=True)
class Operation:
    """One method of one path, as it is described."""

    method: str
    path: str
    says: dict[str, Any]

    @property
    def address(self) -> str:
        """With an id that nobody has in each of its places."""
        return re.sub(r"\{[^}]+\}", str(uuid4()), self.path)

    @property
    def needed(self) -> dict[str, str]:
        return {one["name"]: "x" for one in self.parameters("query") if one["required"]}

    def parameters(self, where: str) -> list[dict[str, Any]]:
        return [one for one in self.says.get("parameters", ()) if one["in"] == where]

    def parameter(self, name: str) -> dict[str, Any]:
        return next(one for one in self.says["parameters"] if one["name"] == name)


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, says in methods.items():
            yield Operation(method.upper(), path, says)


async def described(house: House, service: str) -> dict[str, Any]:
    async with house.anonymous(service) as nobody:
        return ok(await nobody.get("/openapi.json"))


def known(answer: httpx.Response, at: str) -> set[str] | None:
    """What a refusal says that there is instead."""
    for error in answer.json().get("errors", ()):
        if error["at"] == at and ": " in error["how"]:
            return set(error["how"].partition(": ")[2].split(", "))
    return None


@pytest.mark.parametrize("service", DESCRIBED)
async def test_every_list_is_described_with_each_filter_and_sort_that_it_takes(house: House, service: str) -> None:
    """A list that is asked for what it has not names all that it has."""
    found = 0
    document = await described(house, service)
    async with house.client(service, "administrator", name="reader.en") as reader:
        reader.headers["Accept-Language"] = "en"
        for operation in operations(document):
            if operation.method != "GET" or "{" in operation.path:
                continue
            filters = known(await reader.get(operation.path, params=operation.needed | {"nonsense": "1"}), "?nonsense")
            names = {one["name"] for one in operation.parameters("query")}
            assert filters is not None
            assert names - PAGING == filters - PAGING, operation.path
            if "sort" not in names:
                assert operation.path.endswith(("-sums", "feed", "-due"))
                continue
            found += 1
            assert PAGING - {"q"} <= names <= filters
            sorts = known(await reader.get(operation.path, params=operation.needed | {"sort": "nonsense"}), "?sort")
            assert sorts == {word.removeprefix("-") for word in operation.parameter("sort")["schema"]["enum"]}
            await _says_which_words(reader, operation)
    assert found >= 1


async def _says_which_words(reader: httpx.AsyncClient, operation: Operation) -> None:
    for one in operation.parameters("query"):
        words = one["schema"].get("items", {}).get("enum")
        if words and one["name"] not in operation.needed:
            answer = await reader.get(operation.path, params=operation.needed | {one["name"]: "nonsense"})
            assert known(answer, f"?{one['name']}") == set(words), (operation.path, one)
            assert (
                await reader.get(operation.path, params=operation.needed | {one["name"]: ",".join(words)})
            ).is_success


async def test_the_lists_of_one_record_are_described_as_those_of_all_are(house: House) -> None:
    by_path = {operation.path: operation for operation in operations(await described(house, "sla"))}
    of_all, of_one = by_path["/api/sla/v1/periods"], by_path["/api/sla/v1/agreements/{ident}/periods"]
    assert of_one.parameters("query") == of_all.parameters("query")
    cycles = by_path["/api/sla/v1/agreements/{ident}/periods/{period}/cycles"]
    assert {"target", "counted", "outcome", "cursor"} <= {one["name"] for one in cycles.parameters("query")}


def _tries(operation: Operation) -> Iterator[dict[str, Any]]:
    """Ways to ask an operation, most of them wrong."""
    yield {}
    yield {"headers": {"If-Match": "wrong"}}
    yield {"headers": {"Idempotency-Key": "x" * 201}}
    yield {"params": {"nonsense": "1", "limit": "0"}}
    if operation.method not in ("GET", "DELETE"):
        for headers in ({}, {"If-Match": '"1"'}):
            yield {"json": {}, "headers": headers}
            yield {"json": {"reason": "x", "note": "x", "nonsense": 1}, "headers": headers}
            yield {"content": b"{", "headers": {"Content-Type": "application/json"} | headers}
            yield {"content": b"x", "headers": {"Content-Type": "text/plain"} | headers}
    elif operation.method == "DELETE":
        yield {"headers": {"If-Match": '"1"'}}


@pytest.mark.parametrize("service", DESCRIBED)
async def test_no_route_refuses_with_a_status_that_it_does_not_document(house: House, service: str) -> None:
    house.start("suppliers", "contracts")  # others ask them
    every = list(operations(await described(house, service)))
    turns = asyncio.Semaphore(8)
    async with (
        house.client(service, None, scopes=EVERY_SCOPE) as key,
        house.client(service, None, scopes=[]) as narrow,
        house.anonymous(service) as nobody,
    ):

        async def ask(client: httpx.AsyncClient, operation: Operation, asked: dict[str, Any]) -> None:
            async with turns:
                answer = await client.request(operation.method, operation.address, **asked)
            status = str(answer.status_code)
            assert status in operation.says["responses"], f"{operation.method} {operation.path} {asked} → {status}"
            if not answer.is_success:
                assert answer.headers["content-type"] == "application/problem+json"
                assert operation.says["responses"][status] == {"$ref": f"#/components/responses/{status}"}

        await asyncio.gather(
            *(ask(client, one, {}) for client in (narrow, nobody) for one in every),
            *(ask(key, one, asked) for one in every for asked in _tries(one)),
        )


@pytest.mark.parametrize("service", DESCRIBED)
async def test_what_a_route_needs_and_can_refuse_follows_from_what_it_is(house: House, service: str) -> None:
    for operation in operations(await described(house, service)):
        refused = set(operation.says["responses"])
        assert {"401", "403", "503"} <= refused
        headers = {one["name"]: one["required"] for one in operation.parameters("header")}
        assert ("412" in refused) is ("If-Match" in headers)
        assert ("428" in refused) is headers.get("If-Match", False)
        assert ({"400", "413", "415"} <= refused) is ("requestBody" in operation.says)
        assert operation.says.get("x-idempotent", False) is ("Idempotency-Key" in headers)
        if operation.method in ("PATCH", "DELETE"):
            assert {"409", "428"} <= refused
        if operation.method == "GET":
            assert "409" not in refused


def well_formed(document: dict[str, Any]) -> None:
    """By FastAPI's own model of the format; and all that is referred to, or has to be unique."""
    OpenAPI.model_validate(document)
    for place in re.findall(r'"\$ref": ?"#/components/([^"]+)"', json.dumps(document)):
        kind, name = place.split("/")
        assert name in document["components"][kind], place
    every = list(operations(document))
    identifiers = [operation.says["operationId"] for operation in every]
    assert len(set(identifiers)) == len(identifiers)
    for operation in every:
        names = [(one["name"], one["in"]) for one in operation.says.get("parameters", ())]
        assert len(set(names)) == len(names), (operation.path, names)
        placed = set(re.findall(r"\{([^}]+)\}", operation.path))
        assert {one["name"] for one in operation.parameters("path")} == placed, operation.path
    assert "HTTPValidationError" not in json.dumps(document)


@pytest.mark.parametrize("service", DESCRIBED)
async def test_each_document_is_well_formed(house: House, service: str) -> None:
    document = await described(house, service)
    well_formed(document)
    for status, problem in document["components"]["responses"].items():
        (content,) = problem["content"].values()
        assert content["examples"]
        for example in content["examples"].values():
            assert example["value"]["status"] == int(status)
            assert set(content["schema"]) == {"$ref"}


async def test_the_gateway_describes_all_services_and_its_own_accounts(doors: Doors) -> None:
    doors.house.start(*DESCRIBED)
    async with doors.visitor() as visitor:
        whole = ok(await visitor.get("/openapi.json"))
    well_formed(whole)
    assert "/api/gateway/v1/users" in whole["paths"]
    for service in DESCRIBED:
        document = await described(doors.house, service)
        for kind in ("schemas", "responses"):  # the same name means the same in all of them
            for name, value in document["components"][kind].items():
                assert whole["components"][kind][name] == value, (service, name)
        assert {path: whole["paths"][path] for path in document["paths"]} == document["paths"]
