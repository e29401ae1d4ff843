"""The gateway: signs people in, lets keys in, passes the API on, and draws the pages."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, Response

from gateway import proxy
from gateway.accounts import routes as accounts
from gateway.clients import SERVICES, Pools
from gateway.identifying import identify
from gateway.pages import ROUTERS
from gateway.pages.errors import install_error_pages
from gateway.pages.rendering import SECURITY_HEADERS, environment, mount_static
from gateway.permissions import PERMISSIONS
from services.kernel.app import BodyLimit, HeadAsGet, health_router, revision_found
from services.kernel.database import Database
from services.kernel.describing import complete
from services.kernel.settings import Settings
from services.kernel.telemetry import Figures, RequestContext, configure_logging

log = structlog.get_logger()
LARGEST_BODY = 32_000_000


def build(settings: Settings) -> FastAPI:
    """The app. Refuses ValueError where the signing key is not named."""
    configure_logging("gateway", settings.log_level)
    database = Database(settings.database_url, "gateway", pool_size=settings.pool_size, walled=False)
    pools = Pools(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        environment()  # templates are compiled before the first person waits for one
        yield
        await pools.close()
        await database.dispose()

    app = FastAPI(title="Heyue", version="1", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.db, app.state.pools, app.state.settings = database, pools, settings
    app.state.permissions, app.state.identify = PERMISSIONS, identify
    app.state.figures = Figures()
    app.include_router(_health_router())
    app.include_router(accounts.router)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(proxy.router)
    mount_static(app)
    install_error_pages(app)
    app.add_middleware(BodyLimit, most=LARGEST_BODY)
    app.add_middleware(SafeHeaders)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestContext, process="gateway", figures=app.state.figures)
    return app


class SafeHeaders:
    """What browsers are told with every answer, the API's and files as well as pages, where it says nothing else."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_safely(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_safely)


def _health_router() -> APIRouter:
    router = health_router(_readiness)

    @router.get("/openapi.json")
    async def openapi(request: Request) -> Response:
        return JSONResponse(await _description(request.app.state.pools))

    return router


async def _readiness(request: Request) -> Response:
    pools: Pools = request.app.state.pools
    revision = await revision_found(request.app.state.db)
    ready = dict(zip(SERVICES, await asyncio.gather(*(_is_ready(pools, s) for s in SERVICES)), strict=True))
    body = {"database": revision is not None, "schema": revision, "services": ready}
    return JSONResponse(body, 200 if revision and all(ready.values()) else 503)


async def _is_ready(pools: Pools, service: str) -> bool:
    try:
        answer = await pools.clients[service].get(pools.urls[service].join("/readyz"), timeout=5)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


async def _description(pools: Pools) -> dict[str, object]:
    """All services' OpenAPI documents in one, with the gateway's own; a service that is away is left out."""
    own = get_openapi(title="Heyue", version="1", routes=accounts.router.routes)
    complete(own, PERMISSIONS)
    documents = [own]
    for service in SERVICES:
        try:
            answer = await pools.clients[service].get(pools.urls[service].join("/openapi.json"), timeout=5)
        except httpx.HTTPError:
            continue
        documents.append(answer.json())
    return {
        "openapi": "3.1.0", "info": {"title": "Heyue", "version": "1"},
        "paths": _merged(document["paths"] for document in documents),
        "components": {
            "schemas": _merged(document["components"]["schemas"] for document in documents),
            "responses": _merged(document["components"]["responses"] for document in documents),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "hy_<id>_<secret>"}},
        },
        "security": [{"key": []}],
    }  # fmt: skip


def _merged(parts: Iterable[dict[str, object]]) -> dict[str, object]:
    return {name: value for part in parts for name, value in part.items()}
