"""Which role, and which key, may do what: one table a service, and the one question asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.kernel.identity import Actor, Kind, Role
from services.kernel.refusals import Forbidden

ANY_KEY = "*"


@dataclass(frozen=True)
class Grant:
    """roles: people with one of them may. scope: keys that carry it may; ANY_KEY: every key."""

    roles: frozenset[Role] | set[Role]
    scope: str


@dataclass(frozen=True)
class Permissions:
    """The table of one service."""

    service: str
    grants: Mapping[str, Grant]

    def __post_init__(self) -> None:
        object.__setattr__(self, "grants", dict(self.grants))

    def allows(self, who: Actor, permission: str) -> bool:
        """May `who` do this? The system itself may everything."""
        grant = self.grants[permission]
        if who.kind is Kind.SYSTEM:
            return True
        if who.kind is Kind.KEY:
            return grant.scope == ANY_KEY or grant.scope in who.scopes
        return bool(who.roles & grant.roles)

    def require(self, who: Actor, permission: str) -> None:
        """Refuses Forbidden, naming the scope that a key would need."""
        if not self.allows(who, permission):
            raise Forbidden(scope=self.grants[permission].scope if who.kind is Kind.KEY else None)
