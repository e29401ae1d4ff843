"""What a supplier's own user lists is read in an index's order, however large the tables have grown."""

from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from services.sla.breaches import queries
from services.sla.breaches.tables import Breach
from tests.factories import Make
from tests.house import House


async def test_a_supplier_s_breaches_are_read_by_its_own_index_and_never_sorted(house: House) -> None:
    house.start("suppliers", "contracts", "sla")
    who = house.actor("supplier_user", supplier=await Make(house).supplier())
    newest_first = queries.selected(who).order_by(Breach.breached_at.desc(), Breach.id.desc()).limit(51)
    plain = newest_first.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    database = house.service_database("sla")
    try:
        async with database.reading(who) as tx:
            for kind in ("seqscan", "bitmapscan"):  # a table of a test is so small that they would do
                await tx.execute(text(f"SET LOCAL enable_{kind} = off"))
            plan = "\n".join(row[0] for row in await tx.execute(text(f"EXPLAIN {plain}".replace(":", r"\:"))))
    finally:
        await database.dispose()
    assert "Backward using breach_by_supplier" in plan, plan
    assert "Sort" not in plan.split("SubPlan")[0], plan
