"""Logs as JSON lines with the request id, and Prometheus figures."""

import logging
import re
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from services.kernel.messages import language_of, set_language

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

WELL_FORMED_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,200}")
UNSHOWN = "{secret}"  # the part of a route that no log may show
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})

log = structlog.get_logger()


def configure_logging(process: str, level: str) -> None:
    """One JSON object a line on stdout; events have constant names, facts are fields."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


class Figures:
    """The figures of one process, in a registry of its own so that several apps can share one interpreter."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "heyue_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "heyue_request_seconds", "Seconds until the answer began", ["method", "route"], registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )  # fmt: skip

    def text(self) -> bytes:
        """In the Prometheus exposition format."""
        return generate_latest(self.registry)


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that (lower-case) name."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def shown_path(path: str, route: str) -> str:
    """The path as a log may show it: in the place of one that holds a secret, its route."""
    return route if UNSHOWN in route else path


class RequestContext:
    """Outermost layer of an app: request id, language, one log line and the figures for each request."""

    def __init__(self, app: App, process: str, figures: Figures) -> None:
        self.app, self.process, self.figures = app, process, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = header(scope, b"x-request-id") or ""
        request_id = given if WELL_FORMED_REQUEST_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        set_language(language_of(header(scope, b"accept-language")))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(process=self.process, request_id=request_id)
        status, began = 500, time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self._record(scope, status, time.perf_counter() - began)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["path"] in QUIET_PATHS:
            return
        route = getattr(scope.get("route"), "path", "unmatched")
        self.figures.requests.labels(scope["method"], route, str(status)).inc()
        self.figures.seconds.labels(scope["method"], route).observe(seconds)
        path = shown_path(scope["path"], route)
        log.info("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 1))
