"""Letting people and systems in, and seeing afterwards who did what."""

import re
import secrets
from typing import Any

import pytest

from tests.e2e.hands import decide, press
from tests.factories import Make
from tests.gateway.conftest import Doors

pytestmark = pytest.mark.e2e


async def test_a_person_is_let_in_by_a_link_changed_and_deactivated(seat: Any, doors: Doors, browser: Any) -> None:
    page = await seat("administrator")
    login = f"new.{secrets.token_hex(4)}"
    await page.goto("/users/new")
    await page.fill("[name=login]", login)
    await page.fill("[name=name]", "新来的人")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_selector("#form-errors")
    await page.check("[name=roles][value=finance]")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_selector("#once")
    link = await page.inner_text("#once code")
    assert link.startswith(doors.house.url("gateway") + "/welcome/")

    context = await browser.new_context()
    newcomer = await context.new_page()
    await newcomer.goto(link)
    await newcomer.fill("[name=password]", "一句足够长而且好记的话作为密码")
    await newcomer.click(".form .btn.primary")
    await newcomer.wait_for_url(doors.house.url("gateway") + "/")

    await page.goto(f"/users/{login}/edit")
    await page.check("[name=roles][value=legal]")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_url(f"**/users/{login}")
    assert await page.locator(".plain-list li").count() == 2
    await decide(page, "deactivate")
    assert await page.locator("h1 .chip.mute").count() == 1
    await newcomer.goto(doors.house.url("gateway") + "/")
    assert "/login" in newcomer.url
    await context.close()


async def test_people_are_found_by_their_roles(seat: Any, doors: Doors) -> None:
    lawyer, treasurer, auditor = [await doors.account(role) for role in ("legal", "finance", "auditor")]
    page = await seat("administrator")
    await page.goto("/users?role=legal,finance&limit=200")
    shown = await page.inner_text("#results")
    assert (lawyer in shown, treasurer in shown, auditor in shown) == (True, True, False)


async def test_a_suppliers_user_is_tied_to_its_firm(seat: Any, make: Make) -> None:
    firm = await make.supplier("approved")
    page = await seat("administrator")
    login = f"li.{secrets.token_hex(4)}"
    await page.goto("/users/new")
    await page.fill("[name=login]", login)
    await page.fill("[name=name]", "李航")
    await page.check("[name=roles][value=supplier_user]")
    await page.fill("[name=supplier_q]", firm["short_name"])
    await page.check(f"[name=supplier][value='{firm['number']}']")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_selector("#once")
    await page.goto(f"/users/{login}")
    assert firm["short_name"] in await page.inner_text(".facts")


async def test_a_key_is_shown_once_and_revoked(seat: Any, doors: Doors) -> None:
    page = await seat("administrator")
    name = f"系统 {secrets.token_hex(3)}"
    await page.goto("/keys/new")
    await page.fill("[name=name]", name)
    await page.check("[name=scopes][value='suppliers:read']")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_selector("#once")
    key = await page.inner_text("#once .secret code")
    async with doors.visitor(Authorization=f"Bearer {key}") as system:
        assert (await system.get("/api/suppliers/v1/suppliers")).status_code == 200
        await page.goto("/keys")
        row = page.locator("tbody tr", has_text=name)
        assert key not in await page.content()
        await row.locator(".btn.danger").click()
        await page.wait_for_url("**revoke=**")
        await press(page, f"tbody tr:has-text('{name}') button")
        assert (await system.get("/api/suppliers/v1/suppliers")).status_code == 401


async def test_the_trail_leads_from_a_request_to_all_that_it_changed_and_is_taken_away(seat: Any, make: Make) -> None:
    contract = await make.contract("active")
    page = await seat("auditor")
    await page.goto(f"/audit?record={contract['id']}")
    await page.wait_for_selector("tbody tr")
    row = page.locator("tbody tr", has_text="contract.activate")
    await row.locator("summary").click()
    assert "draft" in await row.locator(".diff").inner_text()
    await row.locator("a[href*=request_id]").click()
    await page.wait_for_url(re.compile("request_id="))
    assert await page.locator("tbody tr").count() >= 1
    answer = await page.request.get(f"/audit/export?record={contract['id']}")
    lines = (await answer.text()).splitlines()
    assert len(lines) >= 3
    assert contract["number"] in lines[0]


@pytest.mark.parametrize("path", ["/users", "/keys", "/audit", "/audit/export"])
async def test_other_roles_are_kept_out(seat: Any, path: str) -> None:
    page = await seat("finance")
    answer = await page.goto(path)
    assert answer.status == 403


ROLES = ("procurement_officer", "procurement_manager", "service_manager", "finance", "administrator", "auditor")


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_has_a_home_with_figures_that_are_links(seat: Any, role: str) -> None:
    page = await seat(role, "en")
    figures = page.locator(".glance dt a")
    assert await figures.count() >= 4
    assert "?" not in await page.inner_text(".glance")
    assert page.said == []


async def test_the_home_stands_while_a_service_is_down(fresh_house: Any, browser: Any) -> None:
    fresh_house.start("suppliers", "contracts", "gateway")
    doors = Doors(fresh_house)
    async with await doors.person("service_manager") as manager, await doors.person("procurement_officer") as officer:
        clocks = await manager.get("/")
        assert clocks.status_code == 200
        assert "unavailable" in clocks.text
        fresh_house.stop("suppliers")
        rest = await officer.get("/")
        assert (rest.status_code, rest.text.count("unavailable")) == (200, 1)
