"""The average attainment of an agreement's targets over its last closed months."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.sla.periods.rules import Attainment, mean_share
from tests.databases import Clone
from tests.factories import ok
from tests.house import House
from tests.sla.desk import AGREEMENTS, OFFICE, Desk, open_desk

JANUARY = (
    ("2026-01-05T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-05T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)
LATE = (
    ("2026-01-06T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-01-08T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)
FEBRUARY = (
    ("2026-02-02T09:00:00+08:00", "opened", {"state": "New"}),
    ("2026-02-02T10:00:00+08:00", "resolved", {"state": "Resolved"}),
)


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house, **OFFICE) as desk:
        yield desk


@pytest.mark.parametrize(
    ("months", "share"),
    [
        ([(1, 2)], "0.500000"),
        ([(1, 2), (3000, 3000)], "0.750000"),
        ([(2, 3), (2, 3), (2, 3)], "0.666666"),
        ([(999_999, 1_000_000), (1_999_999, 2_000_000)], "0.999999"),
        ([(7, 7), (1, 1)], "1.000000"),
        ([(0, 4)], "0.000000"),
    ],
)
def test_each_month_counts_alike_and_the_mean_is_cut(months: list[tuple[int, int]], share: str) -> None:
    """A month is judged by itself, so a quiet one weighs as much as a busy one."""
    assert mean_share([Attainment(met, of) for met, of in months]) == share


async def test_the_average_is_that_of_the_closed_months_in_which_the_target_was_rated(desk: Desk) -> None:
    await desk.send(*desk.story("P1", *JANUARY), *desk.story("P2", *LATE))
    await desk.send(*desk.story("P3", *FEBRUARY))
    path = f"{AGREEMENTS}/{desk.agreement['number']}/attainment"
    async with desk.house.client("sla", "auditor") as auditor:
        before = ok(await auditor.get(path))
        assert before == {"agreement": desk.agreement["number"], "periods": 0, "from": None, "targets": []}
        for month in ("2026-01", "2026-02", "2026-03"):  # nothing came in March: it was not rated
            await desk.close(month)
        assert ok(await auditor.get(path)) == {
            "agreement": desk.agreement["number"], "periods": 3, "from": "2026-01",
            "targets": [{"target": "resolution", "periods": 2, "share": "0.750000"}],
        }  # fmt: skip


async def test_no_more_than_a_year_is_looked_at(desk: Desk, database: Clone) -> None:
    await desk.send(*desk.story("P1", *JANUARY), *desk.story("P2", *LATE))
    await desk.close("2026-01")
    connection = await asyncpg.connect(database.libpq())
    for year in (2024, 2025):
        await connection.execute(
            "INSERT INTO sla.period SELECT (jsonb_populate_record(p, jsonb_build_object('id', uuidv7(), 'period',"
            " $2 || '-' || lpad(m::text, 2, '0'), 'targets', CASE WHEN $2 = '2025' THEN p.targets ELSE '[]' END))).*"
            " FROM sla.period p, generate_series(1, 12) m WHERE p.agreement_id = $1 AND p.period = '2026-01'",
            desk.agreement["id"], str(year),
        )  # fmt: skip
    await connection.close()
    async with desk.house.client("sla", "auditor") as auditor:
        found = ok(await auditor.get(f"{AGREEMENTS}/{desk.agreement['id']}/attainment"))
    assert (found["periods"], found["from"], found["targets"][0]["periods"]) == (12, "2025-02", 12)


async def test_a_supplier_s_user_reads_the_average_of_its_own_agreements_alone(desk: Desk, house: House) -> None:
    async with open_desk(house, **OFFICE) as other:
        await desk.send(*desk.story("P1", *JANUARY))
        await desk.close("2026-01")
        async with house.client("sla", "supplier_user", supplier=desk.supplier) as user:
            found = ok(await user.get(f"{AGREEMENTS}/{desk.agreement['id']}/attainment"))
            assert found["targets"] == [{"target": "resolution", "periods": 1, "share": "1.000000"}]
            assert (await user.get(f"{AGREEMENTS}/{other.agreement['id']}/attainment")).status_code == 404
