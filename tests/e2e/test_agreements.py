"""An agreement built in a browser, with script and without: a sentence, rows, a ticket to try it on."""

import re
import secrets
from typing import Any

import pytest

from services.kernel.identity import Role
from tests.e2e.hands import press
from tests.factories import Make, ok, resolution
from tests.gateway.conftest import Doors

pytestmark = pytest.mark.e2e


async def record_of(doors: Doors, number: str) -> dict[str, Any]:
    async with doors.house.client("sla", Role.SERVICE_MANAGER) as manager:
        return ok(await manager.get(f"/api/sla/v1/agreements/{number}"))


def bare(targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in target.items() if key != "sentence"} for target in targets]


async def build(page: Any, button: str) -> None:
    """A button of the builder, and the builder as it is then."""
    await press(page, f"[name=do][value='{button}']", "#agr")


@pytest.mark.parametrize("script", [True, False])
async def test_an_agreement_is_built_row_by_row(seat: Any, doors: Doors, make: Make, script: bool) -> None:
    contract = await make.contract("active")
    page = await seat("service_manager", java_script_enabled=script)
    await page.goto(f"/agreements/new?contract={contract['number']}")
    await page.fill("[name=title]", "IT 服务台服务水平协议")
    await page.fill("[name='t.key']", "resolution")
    await page.fill("[name='t.name.zh']", "解决时限")
    await page.select_option("[name='t.calendar']", "cn-office")
    await page.fill("[name='c.stop.value']", "Resolved")
    await build(page, "value:c.stop")
    await page.locator("[name='c.stop.value']").nth(1).fill("Closed")
    await build(page, "add:g")
    await page.fill("[name='g.0.when.field']", "priority")
    await page.locator("[name='g.0.when.value']").fill("1")
    await page.fill("[name='g.0.number']", "4")
    await page.select_option("[name='g.0.calendar']", "cn-24x7")
    await build(page, "add:tier")
    await page.fill("[name='tier.0.below']", "95")
    await page.fill("[name='tier.0.rate']", "40 %")
    await page.fill("[name='t.allocation']", "50")
    await page.click(".page-h [value=save]")
    await page.wait_for_url(re.compile(r"/agreements/SLA-"))
    assert "4 小时" in await page.inner_text(".sentence")

    (target,) = bare((await record_of(doors, page.url.rpartition("/")[2]))["targets"])
    assert target["conditions"]["stop"] == {"field": "state", "op": "in", "value": ["Resolved", "Closed"]}
    first, last = target["goals"]
    assert first["when"] == {"field": "priority", "op": "eq", "value": "1"}
    assert (first["seconds"], first["calendar"], last["seconds"]) == (14400, "cn-24x7", 28800)
    assert float(target["allocation"]) == 0.5
    assert [float(tier["rate"]) for tier in target["tiers"]] == [0.4]
    assert page.said == []


async def test_a_draft_saved_untouched_is_the_same_to_the_letter(seat: Any, doors: Doors, make: Make) -> None:
    nested = {
        "any": [
            {"field": "state", "op": "eq", "value": "A, B"},
            {"all": [{"not": {"field": "vip", "op": "eq", "value": True}}, {"field": "n", "op": "ge", "value": 1.5}]},
        ]
    }
    conditions = resolution()["conditions"] | {"pause": nested}
    draft = await make.agreement(await make.contract("draft"), targets=[resolution(conditions=conditions)])
    page = await seat("service_manager")
    await page.goto(f"/agreements/{draft['number']}/edit")
    await page.click(".page-h [value=save]")
    await page.wait_for_url(f"**/agreements/{draft['number']}")
    after = await record_of(doors, draft["number"])
    assert bare(after["targets"]) == bare(draft["targets"])


async def test_what_is_wrong_stands_at_its_row(seat: Any, make: Make) -> None:
    draft = await make.agreement(await make.contract("draft"), targets=[resolution(), resolution(key="response")])
    page = await seat("service_manager")
    await page.goto(f"/agreements/{draft['number']}/edit?target=1")
    await page.fill("[name='g.0.number']", "bald")
    await build(page, "show:0")
    await page.click(".page-h [value=save]")
    await page.wait_for_selector("#agr-errors")
    assert await page.get_attribute("#at-targets-1-goals-0 [name='g.0.number']", "aria-invalid") == "true"
    assert await page.input_value("[name='g.0.number']") == "bald"


async def test_a_change_is_tried_on_a_ticket_before_it_is_saved(seat: Any, doors: Doors, make: Make) -> None:
    agreement = await make.agreement(await make.contract("active"), in_force=True)
    source, ticket = f"s-{secrets.token_hex(4)}", secrets.token_hex(4)
    at = "2026-03-02T09:00:00+08:00", "2026-03-02T15:00:00+08:00"
    events = [
        {"source": source, "ticket": ticket, "event_id": f"{n}", "type": "updated", "occurred_at": when,
         "attributes": {"state": state}}
        for n, (when, state) in enumerate(zip(at, ("New", "Resolved"), strict=True), 1)
    ]  # fmt: skip
    async with doors.house.client("sla", Role.SERVICE_MANAGER) as manager:
        body = {"name": "服务台", "agreement": agreement["number"]}
        ok(await manager.put(f"/api/sla/v1/sources/{source}", json=body), 201)
        ok(await manager.post("/api/sla/v1/events", json=events))
    page = await seat("service_manager")
    await page.goto(f"/agreements/{agreement['number']}/new-version")
    await page.fill("[name='g.0.number']", "2")
    await page.fill("#try-ticket", f"{source} / {ticket}")
    await build(page, "try")
    await page.wait_for_selector(".try .effect")
    told = await page.inner_text(".try .effect")
    assert "达标" in told
    assert "◆ 2026-03-02 11:00" in told
    assert await page.locator("#held tbody tr").count() == 2
    assert (await record_of(doors, agreement["number"]))["versions"] == 1


async def test_putting_in_force_is_refused_with_the_reason_and_a_link_to_it(seat: Any, make: Make) -> None:
    draft = await make.agreement(await make.contract("draft"))
    page = await seat("service_manager")
    await page.goto(f"/agreements/{draft['number']}")
    await page.click("[data-dialog=do-put-in-force]")
    await page.click("#do-put-in-force .btn.primary")
    await page.wait_for_selector("#problem")
    assert draft["contract"] in await page.inner_text("#problem")


async def test_a_supplier_sees_its_own_agreement_in_force_and_no_way_to_edit(seat: Any, make: Make) -> None:
    firm = await make.supplier("approved")
    agreement = await make.agreement(await make.contract("active", firm), in_force=True)
    other = await make.agreement(await make.contract("active"), in_force=True)
    page = await seat("supplier_user", "en", supplier=firm)
    await page.goto("/agreements")
    assert agreement["number"] in await page.inner_text("#results")
    assert other["number"] not in await page.inner_text("#results")
    await page.goto(f"/agreements/{agreement['number']}")
    assert await page.locator("a[href*='new-version']").count() == 0
    answer = await page.goto(f"/agreements/{other['number']}")
    assert answer.status == 404
    answer = await page.goto(f"/agreements/{agreement['number']}/new-version")
    assert answer.status == 403
