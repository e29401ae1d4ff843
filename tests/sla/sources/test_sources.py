"""Sources: made by PUT, silent when nothing comes for too long, judged again when their agreement changes."""

import asyncpg

from tests.databases import Clone
from tests.factories import ok
from tests.house import House
from tests.sla.desk import SLA, Desk, ago, eventually, open_desk, target


async def test_a_source_is_made_and_replaced_by_put(desk: Desk) -> None:
    path = f"{SLA}/sources/{desk.source}"
    before = ok(await desk.manager.get(path))
    body = {"name": "服务台二号", "agreement": desk.agreement["id"], "silent_after_seconds": 600}
    after = ok(await desk.manager.put(path, json=body))
    assert (after["name"], after["silent_after_seconds"], after["version"]) == (
        "服务台二号",
        600,
        before["version"] + 1,
    )
    stale = await desk.manager.put(path, json=body | {"name": "x"}, headers={"If-Match": f'"{before["version"]}"'})
    assert stale.status_code == 412
    assert ok(await desk.manager.put(path, json=body))["version"] == after["version"]


async def test_a_code_or_an_agreement_that_is_not_right_is_refused(desk: Desk) -> None:
    assert (await desk.manager.put(f"{SLA}/sources/Desk", json={"name": "x"})).status_code == 422
    unknown = await desk.manager.put(f"{SLA}/sources/desk-x", json={"name": "x", "agreement": "SLA-1999-000001"})
    assert ok(unknown, 422)["errors"][0]["code"] == "unknown_agreement"


async def test_a_silent_source_is_found(desk: Desk, database: Clone) -> None:
    path = f"{SLA}/sources/{desk.source}"
    ok(await desk.manager.put(path, json={"name": "x", "agreement": desk.agreement["id"], "silent_after_seconds": 60}))
    await desk.send(desk.event("T1", "1", ago(minutes=1), state="New"))

    async def silent() -> list[str]:
        found = ok(await desk.manager.get(f"{SLA}/sources", params={"silent": "true", "limit": 200}))
        return [source["code"] for source in found["items"]]

    assert desk.source not in await silent()
    connection = await asyncpg.connect(database.libpq())
    await connection.execute(
        "UPDATE sla.source_activity SET last_received_at = now() - interval '61 seconds' WHERE source = $1", desk.source
    )
    await connection.close()
    assert desk.source in await silent()


async def test_another_agreement_of_the_source_judges_its_tickets_again(house: House, desk: Desk) -> None:
    await desk.send(desk.event("T1", "1", ago(hours=2), state="New"))
    assert [cycle["goal_seconds"] for cycle in await desk.listed()] == [3600]
    other = await open_desk(house, desk.manager, [target(goals=[{"seconds": 7200}])])
    ok(await desk.manager.put(f"{SLA}/sources/{desk.source}", json={"name": "x", "agreement": other.agreement["id"]}))
    wanted = [(7200, other.agreement["number"])]
    await eventually(lambda: desk.listed_as("goal_seconds", "agreement"), wanted)
