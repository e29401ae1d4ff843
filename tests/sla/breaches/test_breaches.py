"""Breaches: found, decided by two people, undone by late facts."""

from collections.abc import AsyncIterator

import pytest

from tests.factories import Make, act, ok, resolution
from tests.house import House
from tests.sla.desk import BREACHES, OFFICE, Desk, open_desk

LATE = (
    ("2026-03-02T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-03-04T12:00:00+08:00", "resolved", {"state": "Resolved"}),
)


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house, **OFFICE) as desk:
        yield desk


async def test_a_breach_names_its_true_instant_and_by_how_much(desk: Desk) -> None:
    """Nine hours from Monday 09:00 are used up at 18:00; no second was missed before Tuesday 09:00."""
    await desk.send(*desk.story("B1", *LATE))
    (breach,) = await desk.breaches()
    assert (breach["state"], breach["breached_at"]) == ("standing", "2026-03-03T01:00:00Z")
    assert breach["over_seconds"] == 12 * 3600
    assert breach["number"].startswith("BR-")
    assert breach["actions"] == ["acknowledge", "exclude"]


async def test_an_exclusion_is_asked_by_one_and_confirmed_by_another(desk: Desk, house: House) -> None:
    await desk.send(*desk.story("B2", *LATE))
    (breach,) = await desk.breaches()
    async with (
        house.client("sla", "service_manager", name="zhou.qi") as asker,
        house.client("sla", "service_manager", name="liu.yang") as second,
    ):
        asked = ok(await act(asker, "sla", "breaches", breach, "exclude", reason="第三方停机"))
        assert (asked["state"], asked["exclusion"]["asked_by"]) == ("standing", "zhou.qi")
        own = ok(await act(asker, "sla", "breaches", asked, "confirm"), 409)
        assert own["errors"][0]["code"] == "same_person"
        confirmed = ok(await act(second, "sla", "breaches", asked, "confirm"))
        assert (confirmed["state"], confirmed["exclusion"], confirmed["actions"]) == (
            "excluded", None, ["acknowledge", "reinstate"],
        )  # fmt: skip
        assert (await desk.ticket("B2"))["clocks"][0]["cycles"][0]["excluded"] is True
        again = ok(await act(second, "sla", "breaches", confirmed, "reinstate"))
        assert again["state"] == "standing"
        assert [v["state"] for v in again["versions"]] == ["standing", "excluded", "standing"]


async def test_only_a_cycle_that_has_breached_is_excluded(desk: Desk, house: House) -> None:
    """As of an instant before the breach, and once a late fact has undone it, the cycle counts like any other."""
    await desk.send(*desk.story("B12", *LATE))
    (breach,) = await desk.breaches()
    async with (
        house.client("sla", "service_manager", name="zhou.qi") as asker,
        house.client("sla", "service_manager", name="liu.yang") as second,
    ):
        asked = ok(await act(asker, "sla", "breaches", breach, "exclude", reason="第三方停机"))
        ok(await act(second, "sla", "breaches", asked, "confirm"))

    async def shown(**query: str) -> tuple[object, ...]:
        (cycle,) = (await desk.ticket("B12", **query))["clocks"][0]["cycles"]
        return cycle["state"], cycle["excluded"]

    assert await shown() == ("breached", True)
    assert await shown(as_of="2026-03-02T12:00:00+08:00") == ("running", False)
    earlier = desk.story("B12", ("2026-03-02T12:00:00+08:00", "resolved", {"state": "Resolved"}))[0]
    await desk.send(earlier | {"event_id": "c", "corrects": "B12-2"})
    assert await shown() == ("met", False)
    async with house.client("sla", "service_manager") as manager:
        (listed,) = ok(await manager.get("/api/sla/v1/clocks", params={"source": desk.source}))["items"]
    assert (listed["state"], listed["excluded"]) == ("met", False)


async def test_a_ticket_that_leaves_its_agreement_takes_no_standing_breach_with_it(desk: Desk, house: House) -> None:
    """Three hours: met under the source's agreement, late under the one that an event names, until it is withdrawn."""
    make = Make(house)
    signed = await make.contract("active", desk.supplier)
    strict = await make.agreement(signed, in_force=True, targets=[resolution(goals=[{"seconds": 3600}])])
    started, stopped = LATE[0], ("2026-03-02T12:00:00+08:00", "resolved", {"state": "Resolved"})
    await desk.send(*desk.story("B13", started, stopped))

    async def breaches() -> list[tuple[str, str, str | None]]:
        async with house.client("sla", "service_manager") as manager:
            found = ok(await manager.get(BREACHES, params={"agreement": strict["number"]}))["items"]
        return [(one["ticket"], one["state"], one["versions"][-1]["event_id"]) for one in found]

    named = desk.story("B13", ("2026-03-02T08:00:00+08:00", "updated", {"team": "2"}))[0]
    await desk.send(named | {"event_id": "named", "agreement": strict["number"]})
    assert [one[:2] for one in await breaches()] == [("B13", "standing")]
    await desk.send(named | {"event_id": "undone", "attributes": {}, "withdraws": "named"})
    assert (await desk.ticket("B13"))["agreement"] == desk.agreement["number"]
    assert await breaches() == [("B13", "withdrawn", "undone")]
    assert await desk.breaches() == []


async def test_what_was_decided_on_a_breach_is_found_in_the_trail_by_its_number(desk: Desk, house: House) -> None:
    await desk.send(*desk.story("B9", *LATE))
    (breach,) = await desk.breaches()
    async with (
        house.client("sla", "service_manager") as manager,
        house.client("security", "auditor") as auditor,
    ):
        noted = ok(await act(manager, "sla", "breaches", breach, "acknowledge", note="已知"))
        ok(await act(manager, "sla", "breaches", noted, "exclude", reason="第三方停机"))
        by_number, by_id = [
            ok(await auditor.get("/api/security/v1/audit", params={"record": breach[name], "service": "sla"}))["items"]
            for name in ("number", "id")
        ]
    assert [entry["action"] for entry in by_number if entry["table"] == "breach_decision"] == [
        "breach.exclude", "breach.acknowledge",
    ]  # fmt: skip
    assert {entry["table"] for entry in by_number} == {"breach_decision", "exclusion"}
    assert by_number == by_id


async def test_the_effect_of_an_exclusion_is_known_before(desk: Desk, house: House) -> None:
    await desk.send(*desk.story("B3", *LATE))
    (breach,) = await desk.breaches()
    async with house.client("sla", "service_manager") as manager:
        found = ok(await manager.get(f"{BREACHES}/{breach['number']}/effect"))
        assert found["now"]["result"]["attainment"]["share"] == "0.000000"
        assert found["then"]["result"]["attainment"] is None
        assert found["now"]["credit"]["amount"] == "2000.00"
        assert found["then"]["credit"]["amount"] == "0.00"


async def test_a_late_event_withdraws_a_breach_and_is_named(desk: Desk) -> None:
    await desk.send(*desk.story("B4", *LATE))
    waiting = desk.story(
        "B4",
        ("2026-03-02T10:00:00+08:00", "waiting", {"state": "Waiting"}),
        ("2026-03-04T11:00:00+08:00", "resumed", {"state": "Active"}),
    )  # fmt: skip
    await desk.send(*[event | {"event_id": f"B4-late-{n}", "sequence": 50 + n} for n, event in enumerate(waiting)])
    (breach,) = await desk.breaches()
    assert breach["state"] == "withdrawn"
    async with desk.house.client("sla", "auditor") as auditor:
        versions = ok(await auditor.get(f"{BREACHES}/{breach['id']}"))["versions"]
    assert [(v["state"], v["event_id"]) for v in versions][-1][0] == "withdrawn"
    assert versions[-1]["event_id"].startswith("B4-late-")


async def test_a_supplier_user_sees_its_own_breaches_and_decides_nothing(desk: Desk, house: House) -> None:
    async with open_desk(house, **OFFICE) as other:
        await desk.send(*desk.story("B5", *LATE))
        await other.send(*other.story("B6", *LATE))
        (mine,), (theirs,) = await desk.breaches(), await other.breaches()
        async with house.client("sla", "supplier_user", supplier=desk.supplier) as user:
            assert [b["id"] for b in ok(await user.get(BREACHES))["items"]] == [mine["id"]]
            assert ok(await user.get(f"{BREACHES}/{mine['number']}"))["actions"] == []
            assert (await user.get(f"{BREACHES}/{theirs['number']}")).status_code == 404
            refused = await act(user, "sla", "breaches", mine, "exclude", reason="x")
            assert refused.status_code == 403
            assert (await user.get(f"/api/sla/v1/tickets/{other.source}/B6")).status_code == 404
            assert (await user.get(f"/api/sla/v1/tickets/{desk.source}/B5")).status_code == 200
