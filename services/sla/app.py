"""The sla service: calendars, agreements, events, clocks and periods."""

from fastapi import FastAPI

from services.kernel.app import build_service
from services.kernel.settings import Settings
from services.sla.agreements.handlers import HANDLERS
from services.sla.agreements.routes import router as agreements
from services.sla.breaches.routes import router as breaches
from services.sla.calendars.routes import router as calendars
from services.sla.clocks.routes import router as clocks
from services.sla.events.routes import router as events
from services.sla.periods.routes import router as periods
from services.sla.periods.watching import watch
from services.sla.permissions import PERMISSIONS
from services.sla.sources.routes import router as sources
from services.sla.tickets.routes import router as tickets

LARGEST_BODY = 17_000_000
"""Events come in calls of up to 16 MB."""


def build(settings: Settings) -> FastAPI:
    """The app; it hears of contracts, and asks their owner before it puts an agreement in force."""
    return build_service(
        settings, "sla", PERMISSIONS, [calendars, agreements, sources, events, tickets, clocks, breaches, periods],
        feed_permission="sla.feed", handlers=HANDLERS, asks=("contracts",), background=(watch,),
        max_body=LARGEST_BODY,
    )  # fmt: skip
