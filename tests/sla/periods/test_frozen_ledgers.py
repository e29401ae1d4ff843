"""A closed period's cycles with their ledgers as they were judged, whatever facts and calendars come later."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.factories import act, ok, resolution, seen
from tests.house import House
from tests.sla.desk import AGREEMENTS, OFFICE, Desk, open_desk

CALENDARS = "/api/sla/v1/calendars"
NINE_TO_SIX = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
MISSED = (
    ("2026-01-06T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-06T10:00:00+08:00", "waiting", {"state": "Waiting"}),
    ("2026-01-06T11:00:00+08:00", "resumed", {"state": "Active"}),
    ("2026-01-08T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)
USED = 18 * 3600  # eight hours, nine hours and one; the goal is nine


def office(code: str, **days: str) -> dict[str, Any]:
    """A calendar from Monday to Friday; days: dates without hours, as `d0107`, by their names."""
    closed = {f"2026-{day[1:3]}-{day[3:]}": {"open": [], "name": name} for day, name in days.items()}
    return {
        "code": code, "name": "办公时间", "zone": "Asia/Shanghai", "weeks": [{"from": None, **NINE_TO_SIX}],
        "days": closed, "known_until": "2026-12-31",
    }  # fmt: skip


@pytest.fixture
async def calendar(house: House) -> dict[str, Any]:
    """One of the test's own, so that no other test is judged by its versions."""
    async with house.client("sla", "service_manager") as manager:
        return ok(await manager.post(CALENDARS, json=office(f"frozen-{secrets.token_hex(4)}")), 201)


@pytest.fixture
async def desk(house: House, calendar: dict[str, Any]) -> AsyncIterator[Desk]:
    async with open_desk(house, **OFFICE | {"targets": [resolution(calendar=calendar["code"])]}) as desk:
        yield desk


def month(desk: Desk, label: str = "2026-01") -> str:
    return f"{AGREEMENTS}/{desk.agreement['number']}/periods/{label}"


async def frozen(desk: Desk, ticket: str, **asked: Any) -> dict[str, Any]:
    """The ticket's one cycle in January, as it was judged."""
    async with desk.house.client("sla", **({"role": "auditor"} | asked)) as reader:
        (item,) = ok(await reader.get(f"{month(desk)}/cycles", params={"ticket": ticket}))["items"]
        return ok(await reader.get(f"{month(desk)}/cycles/{item['id']}"))


async def live(desk: Desk, ticket: str) -> dict[str, Any]:
    """The same cycle by today's facts, as of the month's end."""
    found = await desk.ticket(ticket, as_of="2026-01-31T16:00:00Z", include="ledger")
    cycle: dict[str, Any] = found["clocks"][0]["cycles"][0]
    return cycle


def worked(cycle: dict[str, Any]) -> tuple[int, int]:
    return cycle["elapsed_seconds"], cycle["ledger"]["sums"]["working"]


async def test_a_cycle_of_a_closed_month_has_the_ledger_that_its_ticket_had(desk: Desk) -> None:
    """In the live ledger's shape; and it says where today's is, and that it is the same."""
    await desk.send(*desk.story("F1", *MISSED))
    closed = await desk.close("2026-01")
    judged = await frozen(desk, "F1")
    assert (judged["outcome"], judged["counted"], judged["agreement"]) == (
        "breached", True, desk.agreement["number"],
    )  # fmt: skip
    assert worked(judged) == (USED, USED)
    assert judged["ledger"]["sums"]["paused"] == 3600
    (pause,) = [row for row in judged["ledger"]["rows"] if row["kind"] == "paused"]
    assert (pause["reason"], pause["event_id"], pause["actor"]) == ("Waiting", "F1-2", "陈浩")
    at_the_end = await live(desk, "F1")
    not_frozen = {"version"}
    assert {name: judged[name] for name in at_the_end if name not in not_frozen} == {
        name: value for name, value in at_the_end.items() if name not in not_frozen
    }
    assert (judged["as_of"], judged["closed_at"]) == (closed["to"], closed["closed_at"])
    today = judged["today"]
    assert (today["differs"], today["outcome"]) == (False, "breached")
    async with desk.house.client("sla", "auditor") as auditor:
        linked = ok(await auditor.get(today["url"]))
    assert linked["clocks"][0]["cycles"][0] == at_the_end


async def test_a_late_correction_changes_the_live_ledger_and_leaves_the_frozen_one(desk: Desk) -> None:
    await desk.send(*desk.story("F2", *MISSED))
    await desk.close("2026-01")
    before = await frozen(desk, "F2")
    (late,) = desk.story("F2", ("2026-01-08T10:00:00+08:00", "resumed", {"state": "Active"}))
    await desk.send(late | {"event_id": "F2-9", "corrects": "F2-3", "sequence": 3})

    after = await frozen(desk, "F2")
    assert worked(after) == (USED, USED)
    assert after | {"today": None} == before | {"today": None}
    today = after["today"]
    assert (today["differs"], today["outcome"]) == (True, "met")
    assert worked(today["cycle"]) == worked(await live(desk, "F2")) == (3600, 3600)
    assert today["cycle"]["ledger"]["sums"]["paused"] == 18 * 3600


async def test_a_later_version_of_the_calendar_changes_the_live_ledger_and_leaves_the_frozen_one(
    desk: Desk, calendar: dict[str, Any]
) -> None:
    await desk.send(*desk.story("F3", *MISSED))
    await desk.close("2026-01")
    text = office(calendar["code"], d0106="停电", d0107="停电")
    async with desk.house.client("sla", "service_manager") as manager:
        ok(await manager.put(f"{CALENDARS}/{calendar['code']}", json=text, headers=seen(calendar)))

    judged = await frozen(desk, "F3")
    assert worked(judged) == (USED, USED)
    assert judged["judged_by"]["calendar_version"] == 1
    assert "停电" not in {row["label"] for row in judged["ledger"]["rows"]}
    today = judged["today"]
    assert (today["differs"], today["outcome"]) == (True, "met")
    assert worked(today["cycle"]) == worked(await live(desk, "F3")) == (3600, 3600)
    assert today["cycle"]["judged_by"]["calendar_version"] == 2
    assert "停电" in {row["label"] for row in today["cycle"]["ledger"]["rows"]}


async def test_the_list_of_a_closed_month_says_what_was_used_when_it_was_judged(desk: Desk) -> None:
    await desk.send(*desk.story("F4", *MISSED))
    await desk.close("2026-01")
    (last,) = desk.story("F4", ("2026-01-06T12:00:00+08:00", "resolved", {"state": "Resolved"}))
    await desk.send(last | {"event_id": "F4-9", "corrects": "F4-4", "sequence": 4})
    async with desk.house.client("sla", "auditor") as auditor:
        (item,) = ok(await auditor.get(f"{month(desk)}/cycles"))["items"]
    assert (item["outcome"], item["elapsed_seconds"], item["goal_seconds"]) == ("breached", USED, 32400)


async def test_a_cycle_that_late_facts_made_vanish_keeps_its_frozen_ledger(desk: Desk) -> None:
    await desk.send(*desk.story("F5", *MISSED))
    await desk.close("2026-01")
    gone = [
        {"source": desk.source, "ticket": "F5", "event_id": f"F5-w{n}", "type": "withdrawal",
         "occurred_at": "2026-02-02T09:00:00+08:00", "withdraws": f"F5-{n}"}
        for n in range(1, 5)
    ]  # fmt: skip
    await desk.send(*gone)
    judged = await frozen(desk, "F5")
    assert worked(judged) == (USED, USED)
    assert (judged["today"]["differs"], judged["today"]["outcome"], judged["today"]["cycle"]) == (True, None, None)


async def test_an_exclusion_after_closing_changes_the_outcome_of_today_and_no_ledger(desk: Desk, house: House) -> None:
    await desk.send(*desk.story("F6", *MISSED))
    await desk.close("2026-01")
    (breach,) = await desk.breaches()
    async with (
        house.client("sla", "service_manager", name="zhou.qi") as asker,
        house.client("sla", "service_manager", name="liu.yang") as second,
    ):
        asked = ok(await act(asker, "sla", "breaches", breach, "exclude", reason="第三方停机"))
        ok(await act(second, "sla", "breaches", asked, "confirm"))
    judged = await frozen(desk, "F6")
    assert (judged["outcome"], judged["excluded"]) == ("breached", False)
    assert (judged["today"]["differs"], judged["today"]["outcome"]) == (False, "excluded")
    assert judged["today"]["cycle"]["excluded"] is True


async def test_a_breach_that_ran_on_past_the_end_is_no_difference(desk: Desk) -> None:
    """The month is judged as of its end; what came after it, too, is not looked at today."""
    await desk.send(*desk.story("F7", ("2026-01-29T09:00:00+08:00", "opened", {"state": "New"})))
    await desk.close("2026-01")
    (end,) = desk.story("F7", ("2026-02-05T09:00:00+08:00", "resolved", {"state": "Resolved"}))
    await desk.send(end | {"event_id": "F7-2"})
    judged = await frozen(desk, "F7")
    assert (judged["state"], judged["ended_at"], judged["outcome"]) == ("running", None, "breached")
    assert judged["ledger"]["rows"][-1]["to"] == judged["as_of"]
    assert judged["today"]["differs"] is False


async def test_a_suppliers_user_reads_its_own_frozen_ledgers_and_no_others(desk: Desk, house: House) -> None:
    async with open_desk(house, **OFFICE) as other:
        await desk.send(*desk.story("F8", *MISSED))
        await other.send(*other.story("F8", *MISSED))
        await desk.close("2026-01")
        await other.close("2026-01")
        own = await frozen(desk, "F8", role="supplier_user", supplier=desk.supplier)
        assert (worked(own), own["today"]["differs"], own["today"]["outcome"]) == ((USED, USED), False, "breached")
        foreign = await frozen(other, "F8")
        async with house.client("sla", "supplier_user", supplier=desk.supplier) as user:
            for path in (f"{month(other)}/cycles/{foreign['id']}", f"{month(desk)}/cycles/{foreign['id']}"):
                assert (await user.get(path)).status_code == 404, path


async def test_only_a_cycle_of_that_very_month_is_found(desk: Desk) -> None:
    await desk.send(*desk.story("F9", *MISSED))
    await desk.close("2026-01")
    await desk.close("2026-02")
    judged = await frozen(desk, "F9")
    async with desk.house.client("sla", "auditor") as auditor:
        for path in (
            f"{month(desk, '2026-02')}/cycles/{judged['id']}", f"{month(desk, '2026-03')}/cycles/{judged['id']}",
            f"{month(desk)}/cycles/F9", f"{month(desk)}/cycles/{desk.agreement['id']}",
        ):  # fmt: skip
            assert (await auditor.get(path)).status_code == 404, path
