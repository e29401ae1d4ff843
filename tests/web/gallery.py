"""The sample pages on a local port, to be looked at: `python -m tests.web.gallery [port]`.

`/<sample>?lang=en&theme=dark` shows one of them; `/` lists them.
"""

import sys

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway.pages.rendering import SECURITY_HEADERS, Flash, build_environment, mount_static, render_text
from tests.web.conftest import SAMPLE_TEMPLATES
from tests.web.samples import all_samples, viewer


def gallery() -> FastAPI:
    """An application that serves the samples under the headers of the real pages."""
    app = FastAPI()
    mount_static(app)
    templates = build_environment(SAMPLE_TEMPLATES)
    pages = {sample.name: sample for sample in all_samples()}

    @app.get("/")
    def index() -> HTMLResponse:
        return HTMLResponse("".join(f'<p><a href="/{name}">{name}</a></p>' for name in pages))

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
