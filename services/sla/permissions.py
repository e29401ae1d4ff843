"""Who may do what with calendars, agreements, events, clocks and periods."""

from services.kernel.identity import STAFF, Role
from services.kernel.permissions import Grant, Permissions

MANAGERS = frozenset({Role.SERVICE_MANAGER, Role.ADMINISTRATOR})

PERMISSIONS = Permissions(
    "sla",
    {
        "sla.feed": Grant(STAFF, "sla:read"),
        "calendar.read": Grant(STAFF, "sla:read"),
        "calendar.write": Grant(MANAGERS, "sla:write"),
        "working_time.ask": Grant(STAFF, "sla:read"),
    },
)
