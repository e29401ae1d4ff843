"""The same on the pages: two clicks on one button, two people in one form, and texts that would be code elsewhere."""

import asyncio
import html
import re
from secrets import token_hex
from typing import Any

import httpx
import pytest

from tests.chain.program import CONTRACTS, SLA, SUPPLIERS, Program
from tests.chain.story import agreement_body, contract_body, in_force
from tests.factories import credit_code, supplier_body
from tests.gateway.conftest import Doors
from tests.house import House

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
EVIL = "<script>alert(1)</script>"
FORMULA = "=cmd|'/C calc'!A0"


@pytest.fixture
def doors(house: House) -> Doors:
    house.start_all()
    return Doors(house)


async def hidden_in(person: httpx.AsyncClient, url: str) -> dict[str, str]:
    """What the form at this address carries unseen, the sign-out form's own left out."""
    page = await person.get(url)
    assert page.status_code == 200, page.text
    main = page.text.partition("<main")[2]
    return {name: html.unescape(value) for name, value in HIDDEN.findall(main)}


async def test_two_clicks_on_a_form_make_one_record(doors: Doors, outside: Program) -> None:
    supplier, title, code = outside.create(SUPPLIERS, supplier_body()), f"两次 {token_hex(4)}", credit_code()
    forms = (
        ("/suppliers/new", {"legal_name": f"{token_hex(5)}有限公司", "credit_code": code},
         lambda: outside.get(SUPPLIERS, credit_code=code)),
        ("/contracts/new", {
            "title": title, "owner": "wang.min", "supplier": supplier["number"], "type": "ITO", "value.amount": "1000",
            "value.currency": "CNY", "from": "2026-01-01", "to": "2026-12-31",
        }, lambda: outside.get(CONTRACTS, supplier=supplier["id"])),
    )  # fmt: skip
    async with await doors.person("procurement_manager") as person:
        for url, typed, made in forms:
            data = await hidden_in(person, url) | typed
            answers = await asyncio.gather(*(person.post(url, data=data) for _click in range(3)))
            assert [answer.status_code for answer in answers] == [303, 303, 303], [a.text[-500:] for a in answers]
            assert len({answer.headers["location"] for answer in answers}) == 1
            assert len(made()["items"]) == 1
            again = await person.post(url, data=data | {"title": "another", "legal_name": "another 公司"})
            assert again.status_code == 422  # the word of a form is good for what it was sent with


async def test_two_clicks_on_copy_make_one_copy_and_two_on_an_action_act_once(doors: Doors, outside: Program) -> None:
    supplier = outside.create(SUPPLIERS, supplier_body())
    contract = outside.create(CONTRACTS, contract_body(supplier["id"]))
    async with await doors.person("procurement_manager") as person:
        url = f"/contracts/{contract['number']}"
        data = await hidden_in(person, url)
        answers = [await person.post(f"{url}/copy", data=data) for _click in range(2)]
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert len(outside.get(CONTRACTS, supplier=supplier["id"])["items"]) == 2
        url = f"/suppliers/{supplier['number']}"
        data = await hidden_in(person, url) | {"reason": "看过了"}
        first, second = [await person.post(f"{url}/screen", data=data) for _click in range(2)]
        assert (first.status_code, second.status_code) in {(303, 412), (303, 409)}
        assert outside.get(f"{SUPPLIERS}/{supplier['id']}")["version"] == supplier["version"] + 1


async def test_of_two_people_in_one_form_the_second_sees_what_the_first_has_saved(
    doors: Doors, outside: Program
) -> None:
    contract = outside.create(CONTRACTS, contract_body(outside.create(SUPPLIERS, supplier_body())["id"]))
    url = f"/contracts/{contract['number']}/edit"
    async with await doors.person("procurement_officer") as one, await doors.person("procurement_officer") as other:
        forms = [await hidden_in(person, url) | values_of(contract) for person in (one, other)]
        saved = await one.post(url, data=forms[0] | {"title": "第一个人的标题"})
        late = await other.post(url, data=forms[1] | {"title": "第二个人的标题"})
    assert (saved.status_code, late.status_code) == (303, 412)
    assert "第一个人的标题" in late.text
    assert "第二个人的标题" in late.text
    assert outside.get(f"{CONTRACTS}/{contract['id']}")["title"] == "第一个人的标题"


def values_of(contract: dict[str, Any]) -> dict[str, str]:
    [term] = contract["terms"]
    return {
        "title": contract["title"], "owner": contract["owner"], "supplier": contract["supplier"]["number"],
        "type": contract["type"], "value.amount": contract["value"]["amount"], "value.currency": "CNY",
        "from": contract["from"], "to": contract["to"], "terms.0.from": term["from"],
        "terms.0.monthly_charge": term["monthly_charge"]["amount"], "terms.0.at_risk_share": "10",
    }  # fmt: skip


async def test_what_would_be_code_is_escaped_on_every_page(doors: Doors, outside: Program) -> None:
    evil = f"{EVIL}{token_hex(3)}"
    contacts = [{"name": EVIL, "role": EVIL, "email": "a@example.com"}]
    supplier = outside.create(SUPPLIERS, supplier_body(legal_name=evil, short_name=evil, contacts=contacts))
    contract = outside.create(CONTRACTS, contract_body(supplier["id"], title=evil))
    agreement = outside.create(f"{SLA}/agreements", agreement_body(contract["id"], title=evil))
    async with await doors.person("administrator") as person:
        for url in (
            "/", "/suppliers", f"/suppliers/{supplier['number']}", f"/suppliers/{supplier['number']}/edit",
            "/contracts", f"/contracts/{contract['number']}", f"/contracts/{contract['number']}/edit", "/agreements",
            f"/agreements/{agreement['number']}", f"/agreements/{agreement['number']}/edit", "/audit",
            f"/suppliers?q={EVIL}", f"/contracts?supplier={EVIL}", f"/tickets?q={EVIL}",
        ):  # fmt: skip
            page = await person.get(url)
            assert page.status_code in (200, 422), (url, page.text[:300])
            assert EVIL not in page.text, url


async def test_a_cell_that_a_spreadsheet_would_run_is_a_text(doors: Doors, outside: Program) -> None:
    """And a ticket whose id, state and actor are evil is shown and exported as it is called."""
    chain = in_force(outside)
    ticket = f"{FORMULA}{token_hex(3)}"
    waits = chain.event(ticket, 1, "2016-03-01T09:00:00+08:00", "Awaiting Vendor", actor=FORMULA, type=EVIL)
    solved = chain.event(ticket, 2, "2016-03-01T11:00:00+08:00", "Resolved", actor="+1", url="javascript:alert(1)")
    chain.send([waits, solved])
    path = f"/tickets/{chain.source}/{ticket.replace('/', '%2F')}"
    async with await doors.person("service_manager") as person:
        page, export = await person.get(path), await person.get(f"{path}/ledger.csv")
    assert (page.status_code, export.status_code) == (200, 200), page.text[:300]
    assert EVIL not in page.text
    assert 'href="javascript:' not in page.text
    cells = [cell for line in export.text.splitlines() for cell in re.split(r",(?=[^ ])", line)]
    assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "+", "@"))]
    assert FORMULA in export.text
