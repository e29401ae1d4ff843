"""Builds a service: its routers, its feed, its health, its background work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, FastAPI, Query, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from services.kernel.database import Database
from services.kernel.describing import install_description
from services.kernel.events import Consumer, Handler, Sealer, feed_page
from services.kernel.identity import TokenVerifier
from services.kernel.permissions import Permissions
from services.kernel.questions import Questions
from services.kernel.refusals import TooLarge
from services.kernel.rendering import install_problem_handlers
from services.kernel.routing import Db, Router, Who, authenticate, needs
from services.kernel.settings import Settings
from services.kernel.sweeping import Sweeper
from services.kernel.telemetry import Figures, RequestContext, configure_logging
from services.kernel.wire import encode

log = structlog.get_logger()
LARGEST_BODY = 1_000_000
RESTART_SECONDS = 1.0
Background = Callable[[FastAPI], Awaitable[None]]


def build_service(
    settings: Settings,
    name: str,
    permissions: Permissions,
    routers: Sequence[APIRouter],
    *,
    feed_permission: str,
    handlers: Mapping[str, Handler] | None = None,
    subscribers: Mapping[str, Sequence[str]] | None = None,
    asks: Sequence[str] = (),
    background: Sequence[Background] = (),
    max_body: int = LARGEST_BODY,
) -> FastAPI:
    """One service as an app.

    handlers: what it does with others' news. subscribers: who hears of its own. asks: services it puts questions
    to. background: coroutines that run beside the requests.
    """
    configure_logging(name, settings.log_level)
    database = Database(settings.database_url, name, pool_size=settings.pool_size, subscribers=subscribers)
    questions = {service: Questions(service, settings.url_of(service)) for service in asks}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        work: list[Callable[[], Awaitable[None]]] = [
            Sealer(database).run, Sweeper(database).run, *(partial(job, app) for job in background),
        ]  # fmt: skip
        if handlers:
            work.append(Consumer(database, handlers).run)
        tasks = [asyncio.create_task(kept_going(job)) for job in work]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for asked in questions.values():
            await asked.close()
        await database.dispose()

    app = FastAPI(
        title=f"Heyue {name}", version="1", openapi_url="/openapi.json", docs_url=None, redoc_url=None,
        # An address with a slash too many is none of ours; the way to the other would name this service's own host.
        lifespan=lifespan, redirect_slashes=False,
    )  # fmt: skip
    app.state.db, app.state.permissions, app.state.questions = database, permissions, questions
    app.state.settings = settings
    app.state.identify = authenticate
    app.state.verifier = TokenVerifier.from_file(settings.token_public_key)
    app.state.figures = Figures()
    for router in (_feed_router(feed_permission), *routers):
        app.include_router(router, prefix=f"/api/{name}/v1")
    app.include_router(health_router(_readiness))
    install_problem_handlers(app)
    install_description(app, permissions)
    app.add_middleware(BodyLimit, most=max_body)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestContext, process=name, figures=app.state.figures)
    return app


async def kept_going(job: Callable[[], Awaitable[None]]) -> None:
    """Run a job that is meant to run for ever; one that falls over says so and starts again."""
    while True:
        try:
            await job()
            return
        except Exception as fault:
            log.error("background_fault", exc_info=fault)
            await asyncio.sleep(RESTART_SECONDS)


class BodyLimit:
    """Refuses a body over `most` bytes with 413 before it is read whole."""

    def __init__(self, app: Any, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["max_body"] = self.most
            receive = self._counted(receive)
        await self.app(scope, receive, send)

    def _counted(self, receive: Any) -> Any:
        taken = 0

        async def counted() -> Any:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:
                raise TooLarge
            return message

        return counted


class HeadAsGet:
    """Answers HEAD as GET, without the body. What makes a body piece by piece is told that nobody reads it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        answered = asyncio.Event()

        async def receive_until_answered() -> Any:
            return {"type": "http.disconnect"} if answered.is_set() else await receive()

        async def send_head(message: Any) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                answered.set()

        as_get = {**scope, "method": "GET"}
        await self.app(as_get, receive_until_answered, send_head)
        if "route" in as_get:  # for the figures
            scope["route"] = as_get["route"]


def _feed_router(permission: str) -> APIRouter:
    router = Router(tags=["feed"])

    @router.get("/feed", **needs(permission))
    async def feed(
        who: Who, db: Db, after: str | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 1000
    ) -> Response:
        """Every committed change once, none skipped, in one order."""
        async with db.reading(who) as tx:
            page = await feed_page(tx, db.schema, after, limit)
        return Response(encode(page), media_type="application/json")

    return router


def health_router(readiness: Callable[[Request], Awaitable[Response]]) -> APIRouter:
    """What a process says of itself to whoever watches it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(request: Request) -> Response:
        return await readiness(request)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        return Response(request.app.state.figures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


async def revision_found(database: Database) -> str | None:
    """The schema's revision; None where the database does not answer within five seconds."""
    try:
        return await asyncio.wait_for(database.schema_revision(), timeout=5)
    except (SQLAlchemyError, OSError, TimeoutError) as fault:
        log.warning("not_ready", fault=str(fault)[:200])
        return None


async def _readiness(request: Request) -> Response:
    revision = await revision_found(request.app.state.db)
    return JSONResponse({"database": revision is not None, "schema": revision}, 200 if revision else 503)
