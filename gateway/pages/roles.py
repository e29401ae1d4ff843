"""What the roles are called, and what each may do in a few words."""

from gateway.pages.forms import Option
from services.kernel.identity import Role
from services.kernel.messages import N_, gettext

ROLES: dict[Role, tuple[str, str]] = {
    Role.PROCUREMENT_OFFICER: (N_("Procurement officer"), N_("writes suppliers and contracts")),
    Role.PROCUREMENT_MANAGER: (N_("Procurement manager"), N_("that, and decides about suppliers")),
    Role.LEGAL: (N_("Legal"), N_("reads the whole chain")),
    Role.FINANCE: (N_("Finance"), N_("reads the whole chain")),
    Role.SERVICE_MANAGER: (N_("Service manager"), N_("agreements, calendars, sources, breaches, periods")),
    Role.SECURITY_OFFICER: (N_("Security officer"), N_("reads the whole chain and the audit trail")),
    Role.EXPERT: (N_("Expert"), N_("reads the whole chain")),
    Role.AUDITOR: (N_("Auditor"), N_("reads the whole chain and the audit trail")),
    Role.ADMINISTRATOR: (N_("Administrator"), N_("all of it, users and keys")),
    Role.SUPPLIER_USER: (N_("Supplier's user"), N_("sees its own firm alone")),
}


def role_name(role: str) -> str:
    """The role in the language of this request."""
    return gettext(ROLES[Role(role)][0])


def role_options() -> list[Option]:
    """All roles, each with what it may do."""
    return [Option(value=role.value, title=gettext(name), note=gettext(note)) for role, (name, note) in ROLES.items()]
