"""Two clicks on one button make one record.

Every form of ours carries a word of its own (`rendering.csrf_field`); what a form creates is asked for under that word
as the Idempotency-Key, so that the second click is answered as the first was.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.clients import ServiceRefused
from gateway.pages.context import Page

FIELD = "once"
LONGEST_WORD = 64
STILL_RUNNING = "still_running"
WAITS, WAIT_SECONDS = 25, 0.2


async def create(page: Page, service: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """The record that this form makes; the same one where it is sent twice. Refuses ServiceRefused, Unavailable."""
    word = str((await page.form()).get(FIELD, ""))[:LONGEST_WORD]
    content = msgspec.json.encode(body or {})
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": word} if word.isalnum() else {})
    for _turn in range(WAITS):
        answer = await page.services.raw("POST", service, path, body=content, headers=headers)
        found = msgspec.json.decode(answer.content)
        if answer.status_code < 400:
            return found
        codes = [error.get("code") for error in found.get("errors") or ()]
        if STILL_RUNNING not in codes:
            break
        await asyncio.sleep(WAIT_SECONDS)
    raise ServiceRefused(answer.status_code, found)
