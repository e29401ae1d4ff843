"""The gateway's one way to the services: a pool each, the caller's identity signed, problems as exceptions."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from fastapi import Request
from httpx_aiohttp import AiohttpTransport

from services.kernel.database import now_utc
from services.kernel.identity import Actor, TokenSigner
from services.kernel.messages import N_, _, current_language
from services.kernel.refusals import FieldError, Invalid, Unavailable
from services.kernel.settings import Settings

SERVICES = ("contracts", "suppliers", "sla", "security")
SECONDS = 60.0
CONNECT_SECONDS = 3.0


class ServiceRefused(Exception):
    """A service's problem document, with its status."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("detail", status))
        self.status, self.problem = status, problem


def away(service: str) -> Unavailable:
    """What is said while a service does not answer."""
    return Unavailable(
        detail=N_("The service %(service)s does not answer; nothing was changed"), facts={"service": service}
    )


class Pools:
    """The connections of this process, and the key that signs who asks."""

    def __init__(self, settings: Settings) -> None:
        if settings.token_private_key is None:
            raise ValueError("HEYUE_TOKEN_PRIVATE_KEY names the key with which the gateway signs; it is not set")
        self.signer = TokenSigner.from_file(settings.token_private_key)
        self.urls = {service: httpx.URL(settings.url_of(service)) for service in SERVICES}
        self.clients = {
            service: httpx.AsyncClient(
                transport=AiohttpTransport(limits=httpx.Limits(max_connections=100, max_keepalive_connections=40)),
                timeout=httpx.Timeout(SECONDS, connect=CONNECT_SECONDS),
            )
            for service in SERVICES
        }

    async def send(self, service: str, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        """Send it. Refuses Unavailable where the service does not answer."""
        try:
            return await self.clients[service].send(request, stream=stream)
        except httpx.TransportError as fault:
            raise away(service) from fault

    async def close(self) -> None:
        """Give all connections back."""
        await asyncio.gather(*(client.aclose() for client in self.clients.values()))


class Services:
    """The services, as this caller may use them."""

    def __init__(self, pools: Pools, who: Actor) -> None:
        self._pools, self._who = pools, who

    @classmethod
    def of(cls, request: Request, who: Actor) -> "Services":
        """For whoever makes this request."""
        pools: Pools = request.app.state.pools
        return cls(pools, who)

    async def get(self, service: str, path: str, params: Any = None, *, language: str | None = None) -> Any:
        """The answer's JSON. Refuses ServiceRefused, Unavailable."""
        return await self._json("GET", service, path, params=params)

    async def post(self, service: str, path: str, body: Any = None, version: int | str | None = None) -> Any:
        """Create, or an action on the version that was read."""
        return await self._json("POST", service, path, body=body if body is not None else {}, version=version)

    async def patch(self, service: str, path: str, body: Any, version: int | str) -> Any:
        """Change the version that was read."""
        return await self._json("PATCH", service, path, body=body, version=version)

    async def put(self, service: str, path: str, body: Any, version: int | str | None = None) -> Any:
        """Create or replace."""
        return await self._json("PUT", service, path, body=body, version=version)

    async def delete(self, service: str, path: str, version: int | str) -> Any:
        """Remove the version that was read."""
        return await self._json("DELETE", service, path, version=version)

    async def supplier(self, ident: str) -> dict[str, Any]:
        """A supplier's standing, for a field that names one. Refuses Invalid, Unavailable."""
        named = quote(ident, safe="", errors="replace")
        try:
            found: dict[str, Any] = await self.get("suppliers", f"/suppliers/{named}/standing")
        except ServiceRefused as fault:
            raise Invalid(
                errors=[FieldError("unknown_supplier", "/supplier", N_("There is no such supplier"),
                                   N_("Give the id or number of a registered supplier"))]
            ) from fault  # fmt: skip
        return found

    async def all(self, *asked: Awaitable[Any]) -> Sequence[Any]:
        """Several answers at once; where one is refused or a service is away, the exception stands in its place."""
        return await asyncio.gather(*asked, return_exceptions=True)

    async def raw(
        self, method: str, service: str, path: str, *, params: Any = None, body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """The answer as it came. Refuses Unavailable."""
        request = httpx.Request(
            method, f"{self._pools.urls[service]}/api/{service}/v1{path}", params=params, content=body,
            headers=self._headers() | dict(headers or {}),
        )  # fmt: skip
        return await self._pools.send(service, request)

    async def stream(self, service: str, path: str, params: Any, accept: str) -> httpx.Response:
        """The answer as it comes, to be passed on piece by piece and closed. Refuses Unavailable."""
        request = httpx.Request(
            "GET", f"{self._pools.urls[service]}/api/{service}/v1{path}", params=params,
            headers=self._headers() | {"Accept": accept},
        )  # fmt: skip
        return await self._pools.send(service, request, stream=True)

    async def _json(
        self, method: str, service: str, path: str, *, params: Any = None, body: Any = None,
        version: int | str | None = None,
    ) -> Any:  # fmt: skip
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        content = msgspec.json.encode(body) if body is not None else None
        answer = await self.raw(method, service, path, params=params, body=content, headers=headers)
        found = msgspec.json.decode(answer.content) if answer.content else None
        if answer.status_code >= 400:
            raise ServiceRefused(answer.status_code, found or {"title": _("Something went wrong on our side")})
        return found

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._pools.signer.sign(self._who, now_utc())}",
            "X-Request-ID": self._who.request_id, "Accept-Language": current_language(),
        }  # fmt: skip
