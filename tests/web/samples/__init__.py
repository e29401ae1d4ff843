"""Sample pages: templates with believable contexts, to be rendered by tests and looked at by people.

Each area has a module here with a function `samples()` that gives its pages in every state: empty, refused, long, on a
phone. The tests render each of them, and each block, in both languages.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request

from gateway.pages.navigation import navigation_for
from gateway.pages.rendering import Flash, Viewer
from services.kernel.identity import Role

SAMPLE_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Sample:
    """A template with a context. name: its address in the gallery."""

    name: str
    template: str
    context: Mapping[str, Any]


def viewer(language: str = "zh-CN", theme: str = "light", flash: Flash | None = None) -> Viewer:
    """An administrator, who sees every entry of the shell."""
    shell = navigation_for([Role.ADMINISTRATOR])
    return Viewer(name="王敏", language=language, theme=theme, csrf="token", navigation=shell, flash=flash)


def asked(path: str, query: str = "", partial: bool = False) -> Request:
    """A request for `path`, as a browser or htmx makes it."""
    headers = [(b"hx-request-type", b"partial")] if partial else []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": quote(query, safe="=&%~,:-").encode(),
        "headers": headers,
    }
    return Request(scope | {"state": {}, "server": ("testserver", 80), "scheme": "http"})


def all_samples() -> list[Sample]:
    """The sample pages of every area."""
    modules = [importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__)]
    return [sample for module in modules for sample in module.samples()]
