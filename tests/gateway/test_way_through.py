"""What passes the gateway on its way to a service, and what does not."""

import httpx
import pytest

from tests.factories import ok
from tests.gateway.conftest import Doors

SUPPLIERS = "/api/suppliers/v1/suppliers"


async def test_no_path_leads_out_of_a_service_s_api(doors: Doors) -> None:
    async with await doors.key() as key:
        url = httpx.URL(doors.house.url("gateway")).copy_with(
            raw_path=b"/api/suppliers/v1/%2e%2e/%2e%2e/%2e%2e/metrics"
        )
        request = httpx.Request("GET", url, headers=key.headers)
        request.url = url
        assert (await key.send(request)).status_code == 404


@pytest.mark.parametrize("name", ["If-Match", "Idempotency-Key", "Accept"])
async def test_a_header_that_is_no_ascii_is_refused(doors: Doors, name: str) -> None:
    async with await doors.key() as key:
        answer = await key.post(SUPPLIERS, json={}, headers={name.encode(): "上海".encode()})
        assert [e["at"] for e in ok(answer, 422)["errors"]] == [f"header:{name}"]


@pytest.mark.parametrize(
    "path", ["/login", "/profile", "/nowhere", SUPPLIERS, "/api/nowhere", "/static/app.css", "/healthz"]
)
async def test_every_answer_tells_the_browser_to_be_careful(doors: Doors, path: str) -> None:
    async with await doors.person("auditor") as auditor, doors.visitor() as visitor:
        for client in (auditor, visitor):
            headers = (await client.get(path)).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
