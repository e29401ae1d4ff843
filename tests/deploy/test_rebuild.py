"""Copies of others' facts are made anew from their owner's feed."""

import asyncio

import asyncpg

from deploy.commands import rebuild
from tests.factories import Make
from tests.house import House

TELLS_WITHIN = 30.0  # seconds on a busy machine


async def _told(house: House, service: str, news: str) -> None:
    """Wait until the service's feed tells of it, as it does once all that began before has ended."""
    reader = house.client(service, scopes=[f"{service}:read"])
    async with asyncio.timeout(TELLS_WITHIN):
        while True:
            if news in (await reader.get(f"/api/{service}/v1/feed", params={"limit": "1000"})).text:
                return
            await asyncio.sleep(0.05)


async def _names(house: House, sql: str) -> dict[str, str]:
    connection = await asyncpg.connect(house.database.admin.libpq())
    try:
        return {str(row[0]): row[1] for row in await connection.fetch(sql)}
    finally:
        await connection.close()


async def _spoil(house: House, sql: str) -> None:
    connection = await asyncpg.connect(house.database.admin.libpq())
    await connection.execute(sql)
    await connection.close()


async def test_a_spoilt_copy_of_suppliers_is_right_again(fresh_house: House) -> None:
    """Even where the copy claims to be of a later version than any that there is."""
    fresh_house.start("suppliers", "contracts")
    supplier = await Make(fresh_house).supplier("approved")
    await _told(fresh_house, "suppliers", "supplier.approved")
    await _spoil(fresh_house, "UPDATE contracts.supplier_state SET short_name = '错', state = 'retired', version = 900")

    url = fresh_house.database.url("svc_contracts")
    await rebuild.rebuild(url, "contracts", fresh_house.url("suppliers"), fresh_house.folder / "token.pem")

    sql = "SELECT supplier_id::text, short_name || ' ' || state FROM contracts.supplier_state"
    assert await _names(fresh_house, sql) == {supplier["id"]: f"{supplier['short_name']} approved"}


async def test_a_spoilt_copy_of_terms_is_right_again_and_sets_nothing_off(fresh_house: House) -> None:
    fresh_house.start("suppliers", "contracts", "sla")
    contract = await Make(fresh_house).contract("active")
    sql = "SELECT contract_id::text, number || ' ' || state FROM sla.contract_terms"
    for _ in range(100):
        if await _names(fresh_house, sql):
            break
        await asyncio.sleep(0.1)
    await _told(fresh_house, "contracts", "contract.activated")
    await _spoil(fresh_house, "UPDATE sla.contract_terms SET number = '错', version = 900")

    url = fresh_house.database.url("svc_sla")
    await rebuild.rebuild(url, "sla", fresh_house.url("contracts"), fresh_house.folder / "token.pem")

    assert await _names(fresh_house, sql) == {contract["id"]: f"{contract['number']} active"}
