"""Who may do what with suppliers."""

from services.kernel.identity import EVERYONE, STAFF, Role
from services.kernel.permissions import ANY_KEY, Grant, Permissions

OFFICERS = frozenset({Role.PROCUREMENT_OFFICER, Role.PROCUREMENT_MANAGER, Role.ADMINISTRATOR})
MANAGERS = OFFICERS - {Role.PROCUREMENT_OFFICER}

PERMISSIONS = Permissions(
    "suppliers",
    {
        "supplier.read": Grant(EVERYONE, "suppliers:read"),
        "supplier.ask": Grant(STAFF, ANY_KEY),
        "supplier.write": Grant(OFFICERS, "suppliers:write"),
        "supplier.screen": Grant(OFFICERS, "suppliers:write"),
        "supplier.decide": Grant(MANAGERS, "suppliers:write"),
        "supplier.feed": Grant(STAFF, "suppliers:read"),
    },
)
