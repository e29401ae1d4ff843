"""Who acts: people, keys and the system itself, and the short-lived signed token in which the gateway says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.kernel.refusals import Unauthenticated

TOKEN_SECONDS = 60
LEEWAY_SECONDS = 5


class Role(StrEnum):
    """The roles that a person can hold (G2)."""

    PROCUREMENT_OFFICER = "procurement_officer"
    PROCUREMENT_MANAGER = "procurement_manager"
    LEGAL = "legal"
    FINANCE = "finance"
    SERVICE_MANAGER = "service_manager"
    SECURITY_OFFICER = "security_officer"
    EXPERT = "expert"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SUPPLIER_USER = "supplier_user"


STAFF = frozenset(Role) - {Role.SUPPLIER_USER}
EVERYONE = frozenset(Role)


class Kind(StrEnum):
    """What kind of actor it is."""

    PERSON = "person"
    KEY = "key"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who asks, from where, in which request.

    name: what the audit trail shows (the login of a person, the name of a key). supplier_id: set for a supplier's
    own user, who sees nothing of others. sources: event sources that a key is bound to, all where empty.
    token: as received, to be forwarded with a question to another service.
    """

    id: UUID
    name: str
    kind: Kind
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] = frozenset()
    supplier_id: UUID | None = None
    supplier_number: str | None = None
    sources: frozenset[str] = frozenset()
    request_id: str = ""
    client: str = ""
    token: str = ""

    @property
    def is_supplier(self) -> bool:
        """True for a supplier's own user: rows of others do not exist for it."""
        return Role.SUPPLIER_USER in self.roles


SYSTEM_ID = UUID(int=0)


def system(name: str, request_id: str = "") -> Actor:
    """The system itself acting: a worker, a consumer. `name` shows in the audit trail."""
    return Actor(id=SYSTEM_ID, name=f"system:{name}", kind=Kind.SYSTEM, request_id=request_id)


class TokenSigner:
    """Signs who acts, for one minute. Only the gateway holds the private key."""

    def __init__(self, private_pem: bytes) -> None:
        self._key = OKPKey.import_key(private_pem)

    @classmethod
    def from_file(cls, path: Path) -> "TokenSigner":
        return cls(path.read_bytes())

    def sign(self, who: Actor, now: datetime) -> str:
        """The token of `who`, valid from `now` for a minute."""
        claims: dict[str, Any] = {
            "iss": "heyue-gateway", "sub": str(who.id), "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + TOKEN_SECONDS, "name": who.name, "kind": who.kind.value,
            "roles": sorted(who.roles), "scopes": sorted(who.scopes), "sources": sorted(who.sources),
            "supplier": str(who.supplier_id) if who.supplier_id else None, "supplier_number": who.supplier_number,
            "client": who.client,
        }  # fmt: skip
        return jwt.encode({"alg": "Ed25519"}, claims, self._key, algorithms=["Ed25519"])


class TokenVerifier:
    """Checks a token with the public key alone."""

    def __init__(self, public_pem: bytes) -> None:
        self._key = OKPKey.import_key(public_pem)

    @classmethod
    def from_file(cls, path: Path) -> "TokenVerifier":
        return cls(path.read_bytes())

    def verify(self, token: str, now: datetime, request_id: str = "") -> Actor:
        """Who the token names. Refuses Unauthenticated: bad signature, another issuer, expired."""
        try:
            claims: Mapping[str, Any] = jwt.decode(token, self._key, algorithms=["Ed25519"]).claims
            if claims["iss"] != "heyue-gateway" or claims["exp"] + LEEWAY_SECONDS < now.timestamp():
                raise Unauthenticated
            return Actor(
                id=UUID(claims["sub"]), name=claims["name"], kind=Kind(claims["kind"]),
                roles=frozenset(Role(role) for role in claims["roles"]), scopes=frozenset(claims["scopes"]),
                supplier_id=UUID(claims["supplier"]) if claims["supplier"] else None,
                supplier_number=claims["supplier_number"], sources=frozenset(claims["sources"]),
                request_id=request_id, client=claims["client"], token=token,
            )  # fmt: skip
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise Unauthenticated from fault
