"""The browser of the tests: the machine's own Chromium, driven by Playwright; why there is none, in words."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from deploy import browser as chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REQUIRED = "E2E_REQUIRED"


@asynccontextmanager
async def running_browser() -> AsyncIterator["Browser"]:
    """A browser for a whole run. Without one the test is skipped, and fails where browser tests are required.

    Playwright's other interface keeps a loop of its own running, beside which no other asynchronous test can run.
    """
    path = chromium.executable()
    if path is None:
        why = f"no Chromium found; as root: {chromium.how()}"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(why)
        pytest.skip(why)
    from playwright.async_api import async_playwright  # here, so that other tests start without it

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(ARGUMENTS), headless=True)
        yield browser
        await browser.close()
