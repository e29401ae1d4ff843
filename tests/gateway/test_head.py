"""HEAD is answered as GET is, without the body: by pages, by the API, and by each service itself."""

import httpx
import pytest

from tests.factories import ok, supplier_body
from tests.gateway.conftest import Doors

SUPPLIERS = "/api/suppliers/v1/suppliers"
OF_THIS_ANSWER = ("date", "x-request-id")


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OF_THIS_ANSWER}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/login", 303), ("/profile", 200), ("/nowhere", 404), ("/healthz", 200), ("/metrics", 200),
     ("/static/app.css", 200), (SUPPLIERS, 200), (f"{SUPPLIERS}?sort=wrong", 422),
     (f"{SUPPLIERS}/GYS-1999-000001", 404), (f"{SUPPLIERS}/x/screen", 404)],
)  # fmt: skip
async def test_head_is_answered_as_get_without_the_body(doors: Doors, path: str, status: int) -> None:
    async with await doors.person("auditor") as auditor:
        head, got = await auditor.head(path), await auditor.get(path)
    assert (head.status_code, got.status_code) == (status, status)
    assert head.content == b""
    assert head.headers.get("content-type") == got.headers.get("content-type")
    assert head.headers["content-security-policy"] == got.headers["content-security-policy"]


async def test_head_of_a_record_tells_its_version_and_its_length(doors: Doors) -> None:
    async with await doors.key() as key:
        supplier = ok(await key.post(SUPPLIERS, json=supplier_body()), 201)
        path = f"{SUPPLIERS}/{supplier['id']}"
        head, got = await key.head(path), await key.get(path)
    assert _headers(head) == _headers(got)
    assert head.headers["etag"] == f'"{supplier["version"]}"'
    assert int(head.headers["content-length"]) == len(got.content) > 0


async def test_head_of_an_export_begins_no_export(doors: Doors) -> None:
    async with await doors.key() as key:
        answer = await key.head(SUPPLIERS, headers={"Accept": "application/x-ndjson"})
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        ok(await key.get(SUPPLIERS))  # the connection is still good for another


async def test_head_asks_for_the_right_to_read(doors: Doors) -> None:
    async with doors.visitor() as nobody, await doors.key("sla:read") as other:
        assert (await nobody.head(SUPPLIERS)).status_code == 401
        assert (await other.head(SUPPLIERS)).status_code == 403


async def test_a_service_itself_answers_head_and_counts_it(doors: Doors) -> None:
    async with doors.house.client("suppliers", "auditor") as reader:
        head = await reader.head(SUPPLIERS)
        figures = (await reader.get("/metrics")).text
    assert (head.status_code, head.content) == (200, b"")
    assert 'heyue_requests_total{method="HEAD",route="/suppliers",status="200"}' in figures
