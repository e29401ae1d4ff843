"""An agreement tried on its own page by whoever may, and in the builder: what is typed wrongly is said and kept."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.pages.agreement_try import MOST_TEXT
from services.kernel.identity import Role
from tests.gateway.conftest import Doors
from tests.house import House
from tests.sla.desk import OFFICE, Desk, open_desk

OURS = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
OPENED = {"event_id": "1", "occurred_at": "2026-03-02T09:00:00+08:00", "attributes": {"state": "New"}}
SOLVED = {"event_id": "2", "occurred_at": "2026-03-04T09:00:00+08:00", "attributes": {"state": "Resolved"}}
STORY = (
    ("2026-01-06T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-08T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)


@pytest.fixture(scope="module")
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house, **OFFICE) as desk:
        yield desk


async def english(doors: Doors, role: str, supplier: dict[str, Any] | None = None) -> httpx.AsyncClient:
    client = await doors.person(role, supplier)
    client.headers.update(OURS)
    return client


def words(answer: httpx.Response) -> str:
    """What a reader sees of a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPPLIER_USER])
async def test_every_one_of_the_staff_tries_an_agreement_on_events(doors: Doors, desk: Desk, role: Role) -> None:
    url = f"/agreements/{desk.agreement['number']}"
    async with await english(doors, role) as reader:
        assert f'action="{url}/try#try"' in (await reader.get(url)).text
        answer = await reader.post(f"{url}/try", data={"events": "\r\n".join(map(json.dumps, (OPENED, SOLVED)))})
        assert answer.status_code == 200
        assert "Resolution ◆" in words(answer).replace("Breached", "◆")
        assert "Which condition held at each event" in answer.text


async def test_a_try_on_a_stored_ticket_is_a_link(doors: Doors, desk: Desk) -> None:
    await desk.send(*desk.story("A/1", *STORY))
    async with await english(doors, Role.LEGAL) as reader:
        params = {"ticket": f"{desk.source}/A/1"}
        found = await reader.get(f"/agreements/{desk.agreement['number']}/try", params=params)
        assert found.status_code == 200
        assert f'href="/tickets/{desk.source}/A%2F1"' in found.text
        missing = await reader.get(f"/agreements/{desk.agreement['number']}/try", params={"ticket": "nowhere/1"})
        assert (missing.status_code, "No event of this ticket has been received" in missing.text) == (404, True)
        assert 'value="nowhere/1"' in missing.text
        assert (await reader.get("/agreements/SLA-1999-000001/try", params=params)).status_code == 404


async def test_a_supplier_s_user_is_neither_offered_a_try_nor_given_one(doors: Doors, desk: Desk) -> None:
    url = f"/agreements/{desk.agreement['number']}"
    async with await english(doors, Role.SUPPLIER_USER, desk.supplier) as user:
        record = await user.get(url)
        assert (record.status_code, "/try" in record.text) == (200, False)
        assert (await user.get(f"{url}/try", params={"ticket": f"{desk.source}/1"})).status_code == 403
        assert (await user.post(f"{url}/try", data={"events": json.dumps(OPENED)})).status_code == 403


TYPED = [
    ("", "This names no ticket"),
    ("[", "These events are no JSON"),
    ("[NaN]", "These events are no JSON"),
    ("[" * 100_000, "These events are no JSON"),
    ('{"event_id": "1"}\nnot json', "Line 2 is no JSON"),
    ('{"event_id": "\\ud800"}', "Line 1 is no JSON"),
    ("\n\n{", "Line 3 is no JSON"),
    ("x" * (MOST_TEXT + 1), "This is longer than 200,000 characters"),
    ("7", "This value has the wrong type"),
    (json.dumps([OPENED | {"occurred_at": "2026-03-02T09:00:00"}]), "zone"),
]


@pytest.mark.parametrize(("text", "said"), TYPED, ids=[said for _text, said in TYPED])
async def test_what_cannot_be_tried_is_said_and_kept(doors: Doors, desk: Desk, text: str, said: str) -> None:
    """In the builder as on the record."""
    number = desk.agreement["number"]
    async with await english(doors, Role.SERVICE_MANAGER) as manager:
        answer = await manager.post(f"/agreements/{number}/try", data={"events": text})
        assert (answer.status_code, said in words(answer)) == (422, True), words(answer)[:2000]
        assert f"\n{text[:50].replace(chr(34), '&#34;')}" in answer.text
        opened = await manager.get(f"/agreements/{number}/new-version")
        fields = dict(re.findall(r'<input type="hidden" name="(target|open|version)" value="([^"]*)"', opened.text))
        form = {name: value.replace("&#34;", '"') for name, value in fields.items()}
        drafted = await manager.post(
            f"/agreements/{number}/new-version", data=form | {"do": "try", "try.events": text, "t.key": "resolution"}
        )
        assert (drafted.status_code, said in words(drafted)) == (422, True), words(drafted)[:2000]


async def test_a_text_as_long_as_it_may_be_is_tried(doors: Doors, desk: Desk) -> None:
    padded = json.dumps([OPENED, SOLVED]).ljust(MOST_TEXT)
    async with await english(doors, Role.EXPERT) as expert:
        answer = await expert.post(f"/agreements/{desk.agreement['number']}/try", data={"events": padded})
        assert answer.status_code == 200


async def test_a_ticket_s_page_leads_to_its_agreement_tried_on_it(doors: Doors, desk: Desk) -> None:
    await desk.send(*desk.story("B 2", *STORY))
    async with await english(doors, Role.AUDITOR) as auditor:
        ticket = await auditor.get(f"/tickets/{desk.source}/B%202")
        (link,) = re.findall(r'href="(/agreements/[^"]*/try\?[^"#]*)', ticket.text)
        tried = await auditor.get(link)
        assert (tried.status_code, f"/tickets/{desk.source}/B%202" in tried.text) == (200, True)
