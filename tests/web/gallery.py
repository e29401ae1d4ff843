"""The sample pages on a local port, to be looked at: `python -m tests.web.gallery [port]`.

`/<sample>?lang=en&theme=dark` shows one of them; `/` lists them.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway.pages.forms import typed
from gateway.pages.lists import Listing, ListQuery
from gateway.pages.rendering import (
    SECURITY_HEADERS,
    VARY,
    Flash,
    build_environment,
    mount_static,
    render_text,
    wants_fragment,
)
from tests.web.samples import SAMPLE_TEMPLATES, TODAY, all_samples, viewer
from tests.web.samples.components import contracts, form, listing

PAGE = 5


def live(query: ListQuery) -> Listing:
    """The contracts that the query asks for, five a page; the cursor is the number of rows before."""
    states, words, start = query.chosen("state"), query.get("q"), int(query.get("cursor") or 0)
    rows = [row for row in contracts() if (not states or row["state"] in states) and words in row["title"]]
    key = query.get("sort", "title").lstrip("-")
    rows.sort(key=lambda row: str(row[key]), reverse=query.get("sort").startswith("-"))
    rest = str(start + PAGE) if len(rows) > start + PAGE else None
    return replace(listing(), query=query, rows=rows[start : start + PAGE], next_cursor=rest)


def gallery() -> FastAPI:
    """An application that serves the samples under the headers of the real pages."""
    app = FastAPI()
    mount_static(app)
    templates = build_environment(SAMPLE_TEMPLATES)
    pages = {sample.name: sample for sample in all_samples()}

    @app.get("/")
    def index() -> HTMLResponse:
        return HTMLResponse("".join(f'<p><a href="/{name}">{name}</a></p>' for name in pages))

    def sent(
        request: Request, template: str, context: Mapping[str, Any], block: str, status: int = 200
    ) -> HTMLResponse:
        blocks = (block,) if wants_fragment(request) else ()
        full = {"nav": "contracts", "here": "/contracts"} | dict(context)
        text = render_text(template, full, viewer(), blocks, templates)
        return HTMLResponse(text, status, SECURITY_HEADERS | {"Vary": VARY})

    @app.get("/contracts")
    def live_list(request: Request) -> HTMLResponse:
        """The list as a person uses it: searched, filtered, sorted, from page to page."""
        listing = live(ListQuery.of(request))
        return sent(request, "sample_list.html", {"listing": listing, "today": TODAY}, "list")

    @app.get("/contracts/new")
    def live_form(request: Request) -> HTMLResponse:
        return sent(request, "sample_form.html", {"form": form(), "heading": "新建合同"}, "form")

    @app.post("/contracts/new")
    async def refused(request: Request) -> HTMLResponse:
        """Refuses whatever is sent, and shows it again."""
        again = replace(form(wrong=True), values=typed(await request.form()))
        return sent(request, "sample_form.html", {"form": again, "heading": "新建合同"}, "form", 422)

    @app.get("/{name}")
    def page(name: str, request: Request) -> HTMLResponse:
        asked = request.query_params
        flash = Flash(text="已保存。") if asked.get("flash") else None
        looks = viewer(asked.get("lang", "zh-CN"), asked.get("theme", "light"), flash)
        return HTMLResponse(
            render_text(pages[name].template, pages[name].context, looks, (), templates), headers=SECURITY_HEADERS
        )

    return app


if __name__ == "__main__":
    uvicorn.run(gallery(), port=int(sys.argv[1]) if len(sys.argv) > 1 else 8765, log_level="warning")
