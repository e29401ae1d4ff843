"""The whole chain on the pages, each step by whoever does it in life: from a new supplier down to its credit, and back.

March 2025, nine hours of office time: a ticket kept and two missed, of which one is excluded. 1 of 2 is below 95 %, so
the month owes 100,000 × 10 % × 50 % × 40 % = 2,000.
"""

import secrets
from typing import Any

import pytest

from tests.e2e.hands import chip, decide, press, save
from tests.factories import credit_code, ok
from tests.gateway.conftest import Doors
from tests.sla.desk import eventually

pytestmark = pytest.mark.e2e

TOLD = {
    "KEPT": (("2025-03-04T09:00:00+08:00", "New"), ("2025-03-04T10:00:00+08:00", "Resolved")),
    "MISSED": (
        ("2025-03-05T09:00:00+08:00", "New"),
        ("2025-03-05T10:00:00+08:00", "Waiting"),
        ("2025-03-05T11:00:00+08:00", "Active"),
        ("2025-03-07T10:00:00+08:00", "Resolved"),
    ),
    "FLOOD": (("2025-03-10T09:00:00+08:00", "New"), ("2025-03-12T10:00:00+08:00", "Resolved")),
}
WORDS = {
    "zh-CN": {
        "approved": "已批准", "active": "生效中", "in_force": "生效中", "excluded": "已剔除", "closed": "已关闭",
        "amount": "¥2,000.00", "missed": "MISSED · 解决时限",
    },
    "en": {
        "approved": "Approved", "active": "Active", "in_force": "In force", "excluded": "Excluded", "closed": "Closed",
        "amount": "CN¥2,000.00", "missed": "MISSED · Resolution",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_from_a_new_supplier_to_its_credit_and_from_the_credit_down_to_the_event(
    seat: Any, doors: Doors, language: str
) -> None:
    doors.house.start("sla-worker")
    words = WORDS[language]
    officer, manager = await seat("procurement_officer", language), await seat("service_manager", language)
    firm, supplier = await registered(officer)
    await approved(await seat("procurement_manager", language), supplier, words)
    contract = await drafted(officer, firm, supplier)
    agreement = await agreed(manager, contract)
    await decide(officer, "activate")
    assert await chip(officer) == words["active"]
    await came_into_force(manager, words)

    source = await source_made(manager, agreement)
    await events_sent(doors, source)
    breaches = await noted(manager, agreement)
    await press(manager, f"a[href='/breaches/{breaches['FLOOD']}']")
    await manager.fill("#exclusion textarea", "洪水，通知已附")
    await press(manager, "#exclusion .btn.primary")
    await confirmed(await seat("service_manager", language), breaches["FLOOD"], words)

    month = f"/agreements/{agreement}/periods/2025-03"
    await closed(manager, month, words)
    await down_and_up_again(manager, month, breaches["MISSED"], f"{source}/MISSED", contract, firm)
    await seen_by_its_supplier(doors, seat, language, supplier, contract, month, words)
    assert [page.said for page in (officer, manager)] == [[], []]


async def registered(page: Any) -> tuple[str, str]:
    """From the home page, by the form; its name and number."""
    firm = f"{secrets.token_hex(4)}信息技术有限公司"
    await press(page, "main a[href='/suppliers/new']")
    await page.fill("[name=legal_name]", firm)
    await page.fill("[name=credit_code]", credit_code())
    await page.check("[name=scope][value=ITO]")
    await save(page)
    await decide(page, "screen", "资料齐全")
    return firm, page.url.rpartition("/suppliers/")[2]


async def approved(page: Any, supplier: str, words: dict[str, str]) -> None:
    """Found among those that wait on the home page."""
    await press(page, "main a[href^='/suppliers?']")
    await press(page, f"main a[href='/suppliers/{supplier}']")
    await decide(page, "approve", "评审通过")
    assert await chip(page) == words["approved"]


async def drafted(page: Any, firm: str, supplier: str) -> str:
    """A contract begun on the supplier's page; its number."""
    await page.reload()
    await press(page, "main a[href^='/contracts/new']")
    assert firm in await page.inner_text("main form")
    await page.fill("[name=title]", "IT 服务台外包")
    await page.select_option("[name=type]", "ITO")
    await page.fill("[name='value.amount']", "120万")
    await page.fill("[name=from]", "2025-03-01")
    await page.fill("[name=to]", "2037-12-31")
    await page.fill("[name='terms.0.from']", "2025-03-01")
    await page.fill("[name='terms.0.monthly_charge']", "100,000")
    await page.fill("[name='terms.0.at_risk_share']", "10")
    await save(page)
    assert supplier in str(await page.get_attribute(".facts a[href^='/suppliers/']", "href"))
    return str(page.url.rpartition("/contracts/")[2])


async def agreed(page: Any, contract: str) -> str:
    """Built on China's office calendar, begun on the contract's page; its number."""
    await page.goto(f"/contracts/{contract}")
    await press(page, "main a[href^='/agreements/new']")
    await page.fill("[name=title]", "服务台服务级别")
    await page.fill("[name=from]", "2025-03-01")
    await page.fill("[name='t.key']", "resolution")
    await page.fill("[name='t.name.zh']", "解决时限")
    await page.fill("[name='t.name.en']", "Resolution")
    await page.select_option("[name='t.calendar']", "cn-office")
    await page.fill("[name='c.stop.value']", "Resolved")
    await page.fill("[name='g.0.number']", "9")
    await press(page, "[name=do][value='add:c.pause']", "#agr")
    await page.fill("[name='c.pause.field']", "state")
    await page.fill("[name='c.pause.value']", "Waiting")
    await press(page, "[name=do][value='add:tier']", "#agr")
    await page.fill("[name='tier.0.below']", "95")
    await page.fill("[name='tier.0.rate']", "40")
    await page.fill("[name='t.allocation']", "50")
    await page.fill("[name='t.min_volume']", "1")
    await press(page, ".page-h [value=save]")
    return str(page.url.rpartition("/agreements/")[2])


async def came_into_force(page: Any, words: dict[str, str]) -> None:
    """By itself, with its contract."""
    for _again in range(200):
        await page.reload()
        if await chip(page) == words["in_force"]:
            return
    raise AssertionError(await page.inner_text("main"))


async def source_made(page: Any, agreement: str) -> str:
    code = f"desk-{secrets.token_hex(4)}"
    await press(page, "nav a[href='/sources']")
    await press(page, "main a[href='/sources/new']")
    await page.fill("[name=code]", code)
    await page.fill("[name=name]", "服务台")
    await page.select_option("[name=agreement]", agreement)
    await save(page)
    return code


async def events_sent(doors: Doors, source: str) -> None:
    """By the ticket system, over the API with a key of its own; until the clocks are computed."""
    events = [
        {
            "source": source, "ticket": ticket, "event_id": f"{ticket}-{place}", "type": "updated", "occurred_at": at,
            "attributes": {"state": state}, "actor": "陈浩",
        }
        for ticket, told in TOLD.items() for place, (at, state) in enumerate(told, 1)
    ]  # fmt: skip
    async with await doors.key("sla:intake") as system:
        batch = ok(await system.post("/api/sla/v1/events", json=events))["batch"]

        async def found() -> tuple[str, int]:
            state = ok(await system.get(f"/api/sla/v1/batches/{batch}", params={"wait": 20}))
            return state["state"], state["accepted"]

        await eventually(found, ("evaluated", len(events)), 60)


async def noted(page: Any, agreement: str) -> dict[str, str]:
    """The breaches by their tickets, as the list of this agreement has them; one is acknowledged."""
    await page.goto(f"/breaches?agreement={agreement}")
    rows = page.locator("#results tbody tr")
    found = {}
    for place in range(await rows.count()):
        ticket = await rows.nth(place).locator("a[href^='/tickets/']").inner_text()
        found[ticket] = (await rows.nth(place).locator("td.ttl .sub").inner_text()).strip()
    assert set(found) == {"MISSED", "FLOOD"}
    await press(page, f"a[href='/breaches/{found['MISSED']}']")
    await decide(page, "acknowledge", "已通知负责人")
    assert "已通知负责人" in await page.inner_text(".tl")
    await page.goto(f"/breaches?agreement={agreement}")
    return found


async def confirmed(page: Any, breach: str, words: dict[str, str]) -> None:
    """By another person, to whom the home page shows what waits; what it changes stands beside the button."""
    await press(page, f"#decide a[href^='/breaches/{breach}']")
    assert "洪水，通知已附" in await page.inner_text("#exclusion")
    assert await page.locator("#exclusion table.effect tbody tr").count() >= 1
    await press(page, "#exclusion .btn.primary")
    assert words["excluded"] in await chip(page)
    assert page.said == []


async def closed(page: Any, month: str, words: dict[str, str]) -> None:
    """Found among the months that wait to be closed."""
    await page.goto("/periods")
    await press(page, f"main a[href='{month}']")
    await decide(page, "close")
    assert words["closed"] in await chip(page)
    assert words["amount"] in await page.inner_text(".formula .eq")
    assert words["amount"] in await page.inner_text(".formula .eq")


async def down_and_up_again(page: Any, month: str, breach: str, ticket: str, contract: str, firm: str) -> None:
    """Credit line, breach, ledger, event as received; then up: ticket, breach, month, agreement, contract, supplier."""
    await press(page, "#drill a:has-text('MISSED')")
    await press(page, "#drill a:has(.k-paused)")
    assert "MISSED-2" in await page.inner_text("#drill .raw")
    await press(page, "#drill > div:last-child p a")
    assert page.url.endswith(f"/tickets/{ticket}#e-MISSED-2")
    assert "MISSED-2" in await page.inner_text(":target")
    await press(page, f"main a[href^='/breaches/{breach}']")
    await press(page, f"main a[href^='{month}']")
    await press(page, f"main a[href='{month.partition('/periods/')[0]}']")
    await press(page, f"main a[href='/contracts/{contract}']")
    await press(page, "main a[href^='/suppliers/']")
    assert firm in await page.inner_text("h1")


async def seen_by_its_supplier(
    doors: Doors, seat: Any, language: str, supplier: str, contract: str, month: str, words: dict[str, str]
) -> None:
    """From its home page to the month that it owes for, without a button that would change it."""
    async with doors.house.client("suppliers") as asking:
        record = ok(await asking.get(f"/api/suppliers/v1/suppliers/{supplier}"))
    page = await seat("supplier_user", language, supplier=record)
    assert words["missed"] in await page.inner_text("main")
    assert await page.locator(f"main a[href='/contracts/{contract}']").count() >= 1
    await press(page, f"main a[href='{month}']")
    assert words["amount"] in await page.inner_text(".formula .eq")
    assert await page.locator("main .actions button, main .actions [data-dialog]").count() == 0
    assert page.said == []
