"""What the tests of the look share: the environment, and a browser before the gallery."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from jinja2 import Environment

from gateway.pages.rendering import build_environment
from tests.browser import running_browser
from tests.web.gallery import gallery
from tests.web.samples import SAMPLE_TEMPLATES


@pytest.fixture(scope="session")
def templates() -> Environment:
    """The pages' environment with the sample pages beside them."""
    return build_environment(SAMPLE_TEMPLATES)


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Any]:
    async with running_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The gallery on a free port, in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(gallery(), log_level="warning"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest_asyncio.fixture
async def look(browser: Any, address: str) -> AsyncIterator[Any]:
    """Opens a sample page in a language, a theme and a width; what the console says is in `page.said`."""
    contexts = []

    async def opened(name: str, language: str = "zh-CN", theme: str = "light", width: int = 1440, **more: Any) -> Any:
        context = await browser.new_context(viewport={"width": width, "height": 2600}, locale=language, **more)
        contexts.append(context)
        page = await context.new_page()
        page.said = []
        page.on("console", lambda message: message.type == "error" and page.said.append(message.text))
        page.on("pageerror", lambda fault: page.said.append(str(fault)))
        await page.goto(f"{address}/{name}" if "?" in name else f"{address}/{name}?lang={language}&theme={theme}")
        return page

    yield opened
    for context in contexts:
        await context.close()
