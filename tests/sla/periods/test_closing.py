"""Closing months over HTTP: results, credits, refusals, and late facts."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from tests.factories import Make, act, ok, resolution
from tests.house import House
from tests.sla.desk import AGREEMENTS, OFFICE, Desk, open_desk, until

KEPT = (
    ("2026-01-05T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-05T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)
MISSED = (
    ("2026-01-06T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-08T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house, **OFFICE) as desk:
        yield desk


async def test_a_month_is_closed_with_its_attainment_and_credit(desk: Desk) -> None:
    """One of two kept: 50 % is below 95 %; 100,000 at 10 %, 50 %, 40 % gives 2,000."""
    await desk.send(*desk.story("P1", *KEPT), *desk.story("P2", *MISSED))
    closed = await desk.close("2026-01")
    assert (closed["state"], closed["restatable"], closed["from"], closed["to"]) == (
        "closed", False, "2025-12-31T16:00:00Z", "2026-01-31T16:00:00Z",
    )  # fmt: skip
    (target,) = closed["targets"]
    assert target["attainment"] == {"met": 1, "of": 2, "share": "0.500000"}
    assert target["tier"] == {"below": "0.95", "rate": "0.40"}
    assert closed["credits"] == [
        {
            "kind": "credit", "target": "resolution", "charge": "100000.00", "at_risk_share": "0.10",
            "allocation": "0.50", "rate": "0.40", "amount": "2000.00", "currency": "CNY",
        }
    ]  # fmt: skip
    assert closed["credit_total"] == {"amount": "2000.00", "currency": "CNY"}
    assert closed["judged_by"] == {"agreement_version": 1, "calendars": {"cn-office": 1}}
    async with desk.house.client("sla", "auditor") as auditor:
        path = f"{AGREEMENTS}/{desk.agreement['id']}/periods/2026-01/cycles"
        cycles = ok(await auditor.get(path, params={"counted": "true"}))["items"]
        assert [(c["ticket"], c["outcome"]) for c in cycles] == [("P1", "met"), ("P2", "breached")]
        assert cycles[1]["breach"].startswith("BR-")


async def test_a_month_is_closed_once_in_order_and_after_its_end(desk: Desk) -> None:
    early = await desk.close("2026-02", 409)
    assert [e["code"] for e in early["errors"]] == ["out_of_order"]
    await desk.close("2026-01")
    twice = await desk.close("2026-01", 409)
    assert [e["code"] for e in twice["errors"]] == ["already_closed"]
    future = await desk.close("2999-01", 409)
    assert "not_over" in [e["code"] for e in future["errors"]]
    before = await desk.close("2025-12", 409)
    assert before["errors"][0]["code"] == "before_the_agreement"


async def test_a_month_after_the_contracts_last_day_is_without_terms(house: House) -> None:
    async with open_desk(house, contract={"to": "2026-01-31"}, **OFFICE) as desk:
        await desk.close("2026-01")
        refused = await desk.close("2026-02", 409)
        assert [e["code"] for e in refused["errors"]] == ["without_terms"]


async def test_a_late_fact_makes_a_closed_month_restatable_and_changes_nothing_in_it(desk: Desk) -> None:
    await desk.send(*desk.story("P3", *KEPT))
    closed = await desk.close("2026-01")
    await desk.send(*desk.story("P4", *MISSED))

    async def flagged() -> bool:
        return (await desk.period("2026-01"))["restatable"]

    await until(flagged)
    again = await desk.period("2026-01")
    assert (again["targets"], again["credit_total"]) == (closed["targets"], closed["credit_total"])
    async with desk.house.client("sla", "auditor") as auditor:

        async def told() -> bool:
            types: set[str] = set()
            after: dict[str, str] = {}
            while (page := ok(await auditor.get("/api/sla/v1/feed", params=after)))["items"]:
                types |= {i["type"] for i in page["items"] if desk.agreement["id"] in i["subject"]}
                after = {"after": page["next"]}
            return {"agreement.in_force", "period.closed", "period.restatable"} <= types

        assert await until(told)


async def test_an_exclusion_confirmed_after_closing_makes_the_month_restatable(desk: Desk, house: House) -> None:
    await desk.send(*desk.story("P5", *KEPT), *desk.story("P6", *MISSED))
    await desk.close("2026-01")
    (breach,) = await desk.breaches()
    async with (
        house.client("sla", "service_manager", name="zhou.qi") as asker,
        house.client("sla", "service_manager", name="liu.yang") as second,
    ):
        asked = ok(await act(asker, "sla", "breaches", breach, "exclude", reason="第三方停机"))
        ok(await act(second, "sla", "breaches", asked, "confirm"))

    async def flagged() -> bool:
        return (await desk.period("2026-01"))["restatable"]

    await until(flagged)


async def test_a_month_is_flagged_where_the_event_that_named_its_agreement_is_withdrawn(
    desk: Desk, house: House
) -> None:
    """The last evening of January in UTC, February in Shanghai; what is left of the ticket lies in February."""
    make = Make(house)
    signed = await make.contract("active", desk.supplier)
    strict = await make.agreement(
        signed, in_force=True, zone="Etc/UTC", targets=[resolution(calendar="cn-24x7", goals=[{"seconds": 3600}])]
    )
    told = desk.story(
        "P7",
        ("2026-01-31T20:00:00Z", "opened", {"state": "New"}),
        ("2026-02-03T02:00:00Z", "resolved", {"state": "Resolved"}),
    )  # fmt: skip
    named = told[0] | {"agreement": strict["number"]}
    await desk.send(named, told[1])
    month = f"{AGREEMENTS}/{strict['number']}/periods/2026-01"
    async with house.client("sla", "service_manager") as manager:
        closed = ok(await manager.post(f"{month}/close", json={}))
        assert (closed["targets"][0]["breached"], closed["restatable"]) == (1, False)
        await desk.send(told[1] | {"event_id": "undone", "attributes": {}, "withdraws": named["event_id"]})

        async def flagged() -> bool:
            return ok(await manager.get(month))["restatable"]

        await until(flagged)


async def test_a_month_is_judged_under_the_agreement_that_a_ticket_had_at_its_end(desk: Desk, house: House) -> None:
    """An event names another a microsecond after January: that month stays the source's, whenever it is closed."""
    make = Make(house)
    signed = await make.contract("active", desk.supplier)
    other = await make.agreement(signed, in_force=True, targets=[resolution(goals=[{"seconds": 60}])])
    told = desk.story("P13", *MISSED)
    named = told[1] | {
        "event_id": "named", "occurred_at": "2026-02-01T00:00:00.000001+08:00", "attributes": {}, "sequence": 9,
        "agreement": other["number"],
    }  # fmt: skip
    await desk.send(*told, named)
    (breach,) = ok(await _get(house, "/api/sla/v1/breaches", agreement=other["number"]))["items"]
    async with (
        house.client("sla", "service_manager", name="zhou.qi") as asker,
        house.client("sla", "service_manager", name="liu.yang") as second,
    ):
        months = [f"{AGREEMENTS}/{one['number']}/periods/2026-01" for one in (desk.agreement, other)]
        closed = [ok(await asker.post(f"{month}/close", json={}))["targets"][0] for month in months]
        assert [result["breached"] for result in closed] == [1, 0]
        (cycle,) = ok(await asker.get(f"{months[0]}/cycles"))["items"]
        assert cycle["at"] == "2026-01-07T01:00:00Z"  # nine hours, not a minute
        today = ok(await asker.get(f"{months[0]}/cycles/{cycle['id']}"))["today"]
        assert (today["outcome"], today["differs"]) == ("breached", False)

        async def flagged() -> bool:
            return ok(await asker.get(months[0]))["restatable"]

        asked = ok(await act(asker, "sla", "breaches", breach, "exclude", reason="第三方停机"))
        excluded = ok(await act(second, "sla", "breaches", asked, "confirm"))
        assert ok(await asker.get(f"{months[0]}/again"))["targets"][0]["excluded"] == 1
        ok(await act(second, "sla", "breaches", excluded, "reinstate"))
        await desk.send(told[1] | {"event_id": "undone", "attributes": {}, "withdraws": told[0]["event_id"]})
        await until(flagged)


async def test_a_month_in_which_very_many_tickets_are_named_later_is_closed(fresh_house: House) -> None:
    """More of them than a statement has room for parameters, two for each ticket."""
    async with open_desk(fresh_house, **OFFICE) as desk:
        await desk.send(*desk.story("P14", *MISSED))
        database = fresh_house.service_database("sla")
        names = {"source": desk.source, "agreement": UUID(desk.agreement["id"]), "tickets": 16_500}
        async with database.engine.begin() as connection:
            await connection.execute(text(_TICKETS_NAMED_LATER), names)
            await connection.execute(text(_THEIR_EVENTS), names)
        await database.dispose()
        (result,) = (await desk.close("2026-01"))["targets"]
        assert (result["breached"], result["rated"]) == (1, True)


_TICKETS_NAMED_LATER = """
INSERT INTO sla.ticket (source, ticket, id, agreement_id, first_at, last_at)
SELECT CAST(:source AS text), 'later-' || n, uuidv7(), CAST(:agreement AS uuid), '2026-01-05', '2026-02-05'
  FROM generate_series(1, CAST(:tickets AS int)) n
"""
# Without a state: nothing starts a clock, so that only their number weighs.
_THEIR_EVENTS = """
INSERT INTO sla.ticket_event (source, ticket, event_id, occurred_at, batch, agreement_id, type, attributes)
SELECT CAST(:source AS text), 'later-' || n, e.id, e.at, (SELECT max(seq) FROM sla.batch), e.names, 'updated', '{}'
  FROM generate_series(1, CAST(:tickets AS int)) n,
       (VALUES ('early', timestamptz '2026-01-05', NULL), ('late', timestamptz '2026-02-05', CAST(:agreement AS uuid)))
       AS e(id, at, names)
"""


async def _get(house: House, path: str, **query: str) -> httpx.Response:
    async with house.client("sla", "service_manager") as manager:
        return await manager.get(path, params=query)


async def test_without_a_counted_cycle_a_target_is_not_rated_and_owes_nothing(desk: Desk) -> None:
    closed = await desk.close("2026-01")
    (target,) = closed["targets"]
    assert (target["rated"], target["attainment"], target["tier"], closed["credits"]) == (False, None, None, [])
    assert closed["credit_total"]["amount"] == "0.00"


async def test_a_supplier_user_sees_its_own_results_and_no_other(desk: Desk, house: House) -> None:
    async with open_desk(house, **OFFICE) as other:
        await desk.close("2026-01")
        await other.close("2026-01")
        async with house.client("sla", "supplier_user", supplier=desk.supplier) as user:
            items = ok(await user.get("/api/sla/v1/periods"))["items"]
            assert [p["agreement"] for p in items] == [desk.agreement["number"]]
            assert (await user.get(f"{AGREEMENTS}/{other.agreement['number']}/periods/2026-01")).status_code == 404
            assert (
                await user.post(f"{AGREEMENTS}/{desk.agreement['number']}/periods/2026-02/close")
            ).status_code == 403


async def test_a_month_says_what_it_can_owe_at_most_and_that_its_lines_stay_below(desk: Desk) -> None:
    await desk.send(*desk.story("P7", *KEPT), *desk.story("P8", *MISSED))
    before = await desk.period("2026-01")
    closed = await desk.close("2026-01")
    assert closed["cap"] == before["cap"] == {
        "at_risk": {"amount": "10000.00", "currency": "CNY"}, "computed": {"amount": "2000.00", "currency": "CNY"},
        "binds": False,
    }  # fmt: skip


async def test_a_month_whose_lines_exceed_what_is_at_risk_says_what_they_came_to(house: House) -> None:
    """Two targets at 80 % of 10,000 each: 16,000 computed, 10,000 owed."""
    tiers = [{"below": "0.95", "rate": "1.00"}]
    promises: list[Mapping[str, Any]] = [
        resolution(key=key, allocation="0.80", tiers=tiers) for key in ("resolution", "response")
    ]
    async with open_desk(house, **OFFICE | {"targets": promises}) as desk:
        await desk.send(*desk.story("P9", *MISSED))
        closed = await desk.close("2026-01")
        assert closed["cap"] == {
            "at_risk": {"amount": "10000.00", "currency": "CNY"}, "computed": {"amount": "16000.00", "currency": "CNY"},
            "binds": True,
        }  # fmt: skip
        assert [(line["kind"], line["amount"]) for line in closed["credits"]] == [
            ("credit", "8000.00"), ("credit", "8000.00"), ("cap", "-6000.00"),
        ]  # fmt: skip
        assert closed["credit_total"]["amount"] == "10000.00"


async def test_a_month_judged_again_names_the_event_that_flipped_a_cycle_and_when_it_came(desk: Desk) -> None:
    await desk.send(*desk.story("P10", *MISSED))
    await desk.close("2026-01")
    (end,) = desk.story("P10", ("2026-01-06T12:00:00+08:00", "resolved", {"state": "Resolved"}))
    await desk.send(end | {"event_id": "P10-9", "corrects": "P10-2"})
    async with desk.house.client("sla", "service_manager") as manager:
        path = f"{AGREEMENTS}/{desk.agreement['number']}/periods/2026-01/again"
        (flip,) = ok(await manager.get(path))["flips"]
    assert (flip["ticket"], flip["was"], flip["now"], flip["event_id"]) == ("P10", "breached", "met", "P10-9")
    assert (flip["occurred_at"], flip["received_at"] > "2026-01-06T04:00:00Z") == ("2026-01-06T04:00:00Z", True)
