"""Asking for tickets to be judged again. Steps of others' transactions: nobody waits for it to be done."""

from datetime import datetime

from sqlalchemy import text

from services.kernel.database import Transaction
from services.sla.events.service import WORK

_OF_CALENDAR = text(
    "INSERT INTO sla.sweep (id, agreement_id, refold, made_at)"
    " SELECT uuidv7(), a.agreement_id, false, :now FROM (SELECT DISTINCT v.agreement_id FROM sla.agreement_version v"
    " WHERE v.calendars @> ARRAY[CAST(:code AS text)]) a"
)


async def calendar_changed(tx: Transaction, code: str, now: datetime) -> None:
    """All tickets of the agreements that name the calendar are measured again, from their folds."""
    await tx.execute(_OF_CALENDAR, {"code": code, "now": now})
    await tx.execute(text("SELECT pg_notify(:channel, '')"), {"channel": WORK})
