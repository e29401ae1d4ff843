"""Who may do what with calendars, agreements, events, clocks, breaches and periods."""

from services.kernel.identity import EVERYONE, STAFF, Role
from services.kernel.permissions import ANY_KEY, Grant, Permissions

MANAGERS = frozenset({Role.SERVICE_MANAGER, Role.ADMINISTRATOR})

PERMISSIONS = Permissions(
    "sla",
    {
        "sla.feed": Grant(STAFF, "sla:read"),
        "calendar.read": Grant(STAFF, "sla:read"),
        "calendar.write": Grant(MANAGERS, "sla:write"),
        "working_time.ask": Grant(STAFF, "sla:read"),
        "agreement.read": Grant(EVERYONE, "sla:read"),
        "agreement.write": Grant(MANAGERS, "sla:write"),
        "agreement.try": Grant(STAFF, "sla:read"),
        "source.read": Grant(STAFF, "sla:read"),
        "source.write": Grant(MANAGERS, "sla:write"),
        "event.send": Grant(MANAGERS, "sla:intake"),
        # A key that may only send reads its own batches: judged where the batch is known.
        "batch.read": Grant(STAFF, ANY_KEY),
        "ticket.read": Grant(EVERYONE, "sla:read"),
        "clock.read": Grant(EVERYONE, "sla:read"),
        "breach.read": Grant(EVERYONE, "sla:read"),
        "breach.decide": Grant(MANAGERS, "sla:write"),
        "period.read": Grant(EVERYONE, "sla:read"),
        "period.close": Grant(MANAGERS, "sla:write"),
    },
)
