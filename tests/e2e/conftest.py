"""A browser before the whole house: people sign in by the form and work with the pages as they do in life."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.browser import running_browser
from tests.factories import Make
from tests.gateway.conftest import PASSWORD, Doors
from tests.house import House

PATIENCE = 90_000  # milliseconds, on a busy machine


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Any]:
    async with running_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def doors(house: House) -> Doors:
    house.start("suppliers", "contracts", "security", "sla", "gateway")
    return Doors(house)


@pytest.fixture
def make(house: House) -> Make:
    return Make(house)


@pytest_asyncio.fixture
async def seat(browser: Any, doors: Doors) -> AsyncIterator[Any]:
    """`await seat("procurement_manager", "en")`: a page of somebody who has just signed in. What the console says is in
    `page.said`; a refusal that a form shows is none of it."""
    contexts = []

    async def taken(role: str, language: str = "zh-CN", supplier: dict[str, Any] | None = None, **more: Any) -> Any:
        login = await doors.account(role, supplier)
        context = await browser.new_context(
            base_url=doors.house.url("gateway"), locale=language, viewport={"width": 1440, "height": 900}, **more
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.said = []
        page.on("console", lambda message: message.type == "error" and page.said.append(message.text))
        page.on("pageerror", lambda fault: page.said.append(str(fault)))
        await page.goto("/login")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", PASSWORD)
        await page.click(".form .btn.primary")
        await page.wait_for_url("**/")
        return page

    yield taken
    for context in contexts:
        await context.close()
