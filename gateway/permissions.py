"""Who may look after people and keys."""

from services.kernel.identity import Role
from services.kernel.permissions import Grant, Permissions

# No key carries this scope: people are looked after by people.
NO_KEY = "gateway:none"
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

PERMISSIONS = Permissions(
    "gateway",
    {"account.manage": Grant(ADMINISTRATORS, NO_KEY)},
)
