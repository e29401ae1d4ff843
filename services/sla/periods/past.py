"""Where an agreement's targets usually lie: the average over its last closed months, as each was decided."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from services.kernel.database import Transaction
from services.kernel.identity import Actor
from services.sla.periods.queries import agreement_row, visible_to
from services.sla.periods.rules import Attainment, mean_share
from services.sla.periods.tables import Period

MONTHS = 12
"""A year: what lies further back says little of what is to be expected."""


async def attainment(tx: Transaction, who: Actor, ident: str) -> dict[str, Any]:
    """Each target's average over at most twelve closed months. Refuses NotFound.

    periods: how many months were looked at, and of a target in how many of them it was rated. A target that never was
    is left out.
    """
    agreement = await agreement_row(tx, who, ident)
    rows = await tx.rows(
        select(Period.period, Period.targets)
        .where(Period.agreement_id == agreement["id"], visible_to(who))
        .order_by(Period.period.desc())
        .limit(MONTHS)
    )
    months: dict[str, list[Attainment]] = {}
    for row in rows:
        for target in row["targets"]:
            if (found := target["attainment"]) is not None:
                months.setdefault(target["target"], []).append(Attainment(found["met"], found["of"]))
    return {
        "agreement": agreement["number"], "periods": len(rows), "from": _first(rows), "targets": [
            {"target": key, "periods": len(each), "share": mean_share(each)} for key, each in sorted(months.items())
        ],
    }  # fmt: skip


def _first(rows: Sequence[Mapping[str, Any]]) -> str | None:
    return rows[-1]["period"] if rows else None
