"""The shell's entries: one table, each shown to those who may use what lies behind it."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.kernel.identity import EVERYONE, STAFF, Role
from services.kernel.messages import N_, gettext


@dataclass(frozen=True, kw_only=True)
class Entry:
    """key: which entry is current, as pages name it. group: the heading it stands under, none at the top."""

    key: str
    href: str
    icon: str
    words: str
    group: str = ""
    roles: frozenset[Role] = STAFF

    @property
    def title(self) -> str:
        """The name in the language of this request."""
        return gettext(self.words)


CONTRACTS, SUPPLIERS, LEVELS, SYSTEM = N_("Contracts"), N_("Suppliers"), N_("Service levels"), N_("System")
WATCHERS = frozenset({Role.AUDITOR, Role.SECURITY_OFFICER, Role.ADMINISTRATOR})

ENTRIES = (
    Entry(key="home", href="/", icon="house", words=N_("Home"), roles=EVERYONE),
    Entry(key="breaches", href="/breaches", icon="circle-alert", words=N_("Breaches"), roles=EVERYONE),
    Entry(key="tickets", href="/tickets", icon="ticket", words=N_("Tickets and clocks"), roles=EVERYONE),
    Entry(key="contracts", href="/contracts", icon="file-text", words=N_("Contracts"), group=CONTRACTS, roles=EVERYONE),
    Entry(key="suppliers", href="/suppliers", icon="building-2", words=N_("Suppliers"), group=SUPPLIERS),
    Entry(key="agreements", href="/agreements", icon="gauge", words=N_("Agreements"), group=LEVELS, roles=EVERYONE),
    Entry(
        key="periods", href="/periods", icon="receipt", words=N_("Periods and credits"), group=LEVELS, roles=EVERYONE
    ),
    Entry(key="calendars", href="/calendars", icon="calendar-days", words=N_("Calendars"), group=LEVELS),
    Entry(key="sources", href="/sources", icon="upload", words=N_("Sources and import"), group=LEVELS),
    Entry(key="audit", href="/audit", icon="scroll-text", words=N_("Audit"), group=SYSTEM, roles=WATCHERS),
    Entry(
        key="users", href="/users", icon="users", words=N_("Users and keys"), group=SYSTEM,
        roles=frozenset({Role.ADMINISTRATOR}),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Group:
    """A heading (empty at the top) and what stands under it."""

    words: str
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        """The heading in the language of this request."""
        return gettext(self.words) if self.words else ""


def navigation_for(roles: Iterable[Role]) -> tuple[Group, ...]:
    """The entries that these roles may use, grouped in the table's order; empty groups stay away."""
    held = frozenset(roles)
    groups: dict[str, list[Entry]] = {}
    for entry in ENTRIES:
        if entry.roles & held:
            groups.setdefault(entry.group, []).append(entry)
    return tuple(Group(words, tuple(entries)) for words, entries in groups.items())
