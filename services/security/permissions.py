"""Who may read the trail."""

from services.kernel.identity import STAFF, Role
from services.kernel.permissions import Grant, Permissions

READERS = frozenset({Role.AUDITOR, Role.SECURITY_OFFICER, Role.ADMINISTRATOR})

PERMISSIONS = Permissions(
    "security",
    {
        "audit.read": Grant(READERS, "audit:read"),
        "history.read": Grant(STAFF, "security:read"),
        "security.feed": Grant(STAFF, "security:read"),
    },
)
