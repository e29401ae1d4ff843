"""Who may do what with contracts."""

from services.kernel.identity import EVERYONE, STAFF, Role
from services.kernel.permissions import ANY_KEY, Grant, Permissions

OFFICERS = frozenset({Role.PROCUREMENT_OFFICER, Role.PROCUREMENT_MANAGER, Role.ADMINISTRATOR})

PERMISSIONS = Permissions(
    "contracts",
    {
        "contract.read": Grant(EVERYONE, "contracts:read"),
        "contract.ask": Grant(STAFF, ANY_KEY),
        "contract.write": Grant(OFFICERS, "contracts:write"),
        "contract.feed": Grant(STAFF, "contracts:read"),
    },
)
