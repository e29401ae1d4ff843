"""The browser of the tests: the machine's own Chromium, driven by Playwright; why there is none, in words."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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
NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
HOW = "apt-get update && apt-get install -y --no-install-recommends chromium fonts-noto-cjk"
REQUIRED = "E2E_REQUIRED"


def find_browser() -> Path | None:
    """`E2E_CHROMIUM` where set, else the first Chromium on the path or among Playwright's own."""
    asked = os.environ.get("E2E_CHROMIUM")
    found = [asked] if asked else [shutil.which(name) for name in NAMES]
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return next((Path(path) for path in [*found, *own] if path and Path(path).exists()), None)


@asynccontextmanager
async def running_browser() -> AsyncIterator["Browser"]:
    """A browser for a whole run. Without one the test is skipped, and fails where browser tests are required.

    Playwright's other interface keeps a loop of its own running, beside which no other asynchronous test can run.
    """
    path = find_browser()
    if path is None:
        why = f"no Chromium found; as root: {HOW}"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(why)
        pytest.skip(why)
    from playwright.async_api import async_playwright  # here, so that other tests start without it

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(ARGUMENTS), headless=True)
        yield browser
        await browser.close()
