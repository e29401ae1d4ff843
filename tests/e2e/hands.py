"""What hands do on a page: press something, and look again only once its answer is there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def renewed(page: Any, part: str = "main") -> AsyncIterator[None]:
    """Do something, and wait until this part of the page is another one: put there by htmx, or with the next page.

    A count or a text that is taken right after a click is still the old page's on a busy machine.
    """
    await page.locator(part).first.evaluate("part => part.setAttribute('data-old', '')")
    yield
    await page.wait_for_selector(f"{part}:not([data-old])", state="attached")
    await page.wait_for_load_state()


async def press(page: Any, button: str, part: str = "main") -> None:
    """Press, and look again once the answer is there."""
    async with renewed(page, part):
        await page.click(button)


async def save(page: Any) -> None:
    """The button below a form; its record comes next."""
    await press(page, ".form > .actions .btn.primary")


async def decide(page: Any, action: str, reason: str = "") -> None:
    """An action of a record, in its dialog, with its reason."""
    await page.click(f"[data-dialog=do-{action}]")
    if reason:
        await page.fill(f"#do-{action} textarea", reason)
    await press(page, f"#do-{action} .btn.primary, #do-{action} .btn.danger")


async def chip(page: Any) -> str:
    """The state beside the title."""
    return str(await page.inner_text("h1 .chip"))
