"""From a firm that nobody knows to a contract in force, in a browser."""

import secrets
from typing import Any

import pytest

from tests.e2e.hands import chip, decide, press, save
from tests.factories import Make, credit_code

pytestmark = pytest.mark.e2e

WORDS = {
    "zh-CN": {"approved": "已批准", "active": "生效中", "draft": "草稿", "fill": "请填写"},
    "en": {"approved": "Approved", "active": "Active", "draft": "Draft", "fill": "Fill this in"},
}


async def refused(page: Any) -> None:
    """The button below a form, and the form with what is wrong with it."""
    await press(page, ".form > .actions .btn.primary", ".form")
    await page.wait_for_selector("#form-errors")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_supplier_is_registered_and_approved_and_its_contract_becomes_active(seat: Any, language: str) -> None:
    page, words = await seat("procurement_manager", language), WORDS[language]
    name = f"{secrets.token_hex(4)}信息技术有限公司"
    await page.goto("/suppliers/new")
    await page.fill("[name=legal_name]", name)
    await page.fill("[name=short_name]", "云启")
    await page.fill("[name=credit_code]", credit_code())
    await page.check("[name=scope][value=ITO]")
    await page.fill("[name='contacts.0.name']", "李航")
    await page.click("[value=add-line]")
    await page.fill("[name='contacts.1.name']", "周凯")
    await save(page)
    number = page.url.rpartition("/suppliers/")[2]
    assert await page.locator(".people li").count() == 2
    await decide(page, "screen", "资料齐全")
    await decide(page, "approve", "评审通过")
    assert await chip(page) == words["approved"]
    assert "评审通过" in await page.inner_text(".tl")

    await page.goto("/contracts/new")
    await page.fill("[name=title]", "IT 服务台外包")
    await page.fill("[name=supplier_q]", name[:8])
    await page.check(f"[name=supplier][value='{number}']")
    await page.select_option("[name=type]", "ITO")
    await page.fill("[name='value.amount']", "120万")
    await page.fill("[name=from]", "2026-01-01")
    await page.fill("[name=to]", "2037-12-31")
    await page.fill("[name='terms.0.from']", "2026-01-01")
    await page.fill("[name='terms.0.monthly_charge']", "1,000.50")
    await page.fill("[name='terms.0.at_risk_share']", "10")
    await save(page)
    assert await chip(page) == words["draft"]
    assert "1,200,000.00" in await page.inner_text(".facts")
    assert "1,000.50" in await page.inner_text(".c8")
    await decide(page, "activate")
    assert await chip(page) == words["active"]
    assert page.said == []


async def test_the_same_without_script(seat: Any) -> None:
    page = await seat("procurement_manager", java_script_enabled=False)
    name = f"{secrets.token_hex(4)}信息技术有限公司"
    await page.goto("/suppliers/new")
    await page.fill("[name=legal_name]", name)
    await page.fill("[name=credit_code]", credit_code())
    await press(page, "[value=add-line]")
    assert await page.input_value("[name=legal_name]") == name
    await page.fill("[name='contacts.1.name']", "周凯")
    await save(page)
    number = page.url.rpartition("/suppliers/")[2]
    for action in ("screen", "approve"):
        await press(page, f"[href*='do={action}']")
        await page.fill(f"#do-{action} textarea", "按制度评审")
        await press(page, f"#do-{action} .btn.primary")
    assert await chip(page) == "已批准"

    await page.goto("/contracts/new")
    await page.fill("[name=title]", "桌面支持")
    await page.fill("[name=supplier_q]", name[:8])
    await press(page, "[name=find][value=supplier]")
    assert await page.input_value("[name=title]") == "桌面支持"
    await page.check(f"[name=supplier][value='{number}']")
    await page.select_option("[name=type]", "BPO")
    await page.fill("[name='value.amount']", "90000")
    await page.fill("[name=from]", "2026-01-01")
    await page.fill("[name=to]", "2026-12-31")
    await press(page, "[value='drop-line.0']")
    await save(page)
    await press(page, "[href*='do=activate']")
    await press(page, "#do-activate .btn.primary")
    assert "/edit" in str(await page.get_attribute(".alert li a", "href"))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_refused_form_keeps_what_was_typed_and_says_at_each_field_what_is_wrong(
    seat: Any, make: Make, language: str
) -> None:
    page = await seat("procurement_officer", language)
    known = await make.supplier()
    await page.goto("/suppliers/new")
    await page.fill("[name=credit_code]", known["credit_code"][:17] + "I")
    await refused(page)
    assert await page.evaluate("document.activeElement.id") == "form-errors"
    assert WORDS[language]["fill"] in await page.inner_text(".field.err:has([name=legal_name])")
    assert "18" in await page.inner_text(".field.err:has([name=credit_code])")
    assert await page.input_value("[name=credit_code]") == known["credit_code"][:17] + "I"

    await page.fill("[name=legal_name]", "另一家有限公司")
    await page.fill("[name=credit_code]", known["credit_code"])
    await refused(page)
    await press(page, ".field.err .msg a")
    assert known["legal_name"] in await page.inner_text("h1")


async def test_a_similar_name_is_warned_of_with_a_link(seat: Any, make: Make) -> None:
    core = secrets.token_hex(5)
    known = await make.supplier(legal_name=f"{core}信息技术有限公司")
    page = await seat("procurement_officer")
    await page.goto("/suppliers/new")
    await page.fill("[name=legal_name]", f"{core}信息科技有限公司")
    await page.fill("[name=credit_code]", credit_code())
    await save(page)
    await press(page, ".toast a")
    assert page.url.endswith(f"/suppliers/{known['number']}")


async def test_a_contract_with_an_unapproved_supplier_is_refused_with_all_reasons_and_their_links(
    seat: Any, make: Make
) -> None:
    firm = await make.supplier("screened")
    contract = await make.contract(supplier=firm, terms=[])
    page = await seat("procurement_officer")
    await page.goto(f"/contracts/{contract['number']}")
    await decide(page, "activate")
    links = page.locator(".alert li a")
    assert [await links.nth(n).get_attribute("href") for n in range(2)] == [
        f"/suppliers/{firm['number']}",
        f"/contracts/{contract['number']}/edit",
    ]


async def test_who_edits_what_somebody_else_has_just_changed_sees_both_and_decides(seat: Any, make: Make) -> None:
    contract = await make.contract(title="旧名称")
    first, second = await seat("procurement_officer"), await seat("procurement_officer")
    for page in (first, second):
        await page.goto(f"/contracts/{contract['number']}/edit")
    await first.fill("[name=title]", "第一个人的名称")
    await save(first)
    await second.fill("[name=title]", "第二个人的名称")
    await refused(second)
    assert "第一个人的名称" in await second.inner_text(".field.err:has([name=title])")
    assert await second.input_value("[name=title]") == "第二个人的名称"
    await save(second)
    assert "第二个人的名称" in await second.inner_text("h1")


async def test_a_draft_is_copied_given_to_another_and_discarded(seat: Any, make: Make) -> None:
    contract = await make.contract()
    page = await seat("procurement_officer")
    await page.goto(f"/contracts/{contract['number']}")
    await page.click(".actions summary")
    await press(page, "[formaction$=copy]")
    number = page.url.split("/")[-2]
    assert number != contract["number"]
    await page.goto(f"/contracts/{number}?do=discard")
    await press(page, "#do-discard .btn.danger")
    assert page.url.endswith("/contracts")
    answer = await page.goto(f"/contracts/{number}")
    assert answer.status == 404


async def test_the_list_is_filtered_and_summed_in_its_address(seat: Any, make: Make) -> None:
    firm = await make.supplier("approved")
    for amount in ("1000.00", "2000.00"):
        await make.contract(supplier=firm, value={"amount": amount, "currency": "CNY"})
    page = await seat("finance")
    await page.goto("/contracts")
    await page.fill("#q", firm["short_name"])
    await page.wait_for_url("**q=**")
    await page.wait_for_function("document.querySelectorAll('tbody tr').length == 2")
    await press(page, ".t-foot a")
    assert "3,000.00" in await page.inner_text(".t-foot")
    assert await page.locator("[href='/contracts/new']").count() == 0
