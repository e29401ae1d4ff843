"""People, their passwords and their keys: what is allowed, and for how long."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.kernel.identity import Role
from services.kernel.messages import N_
from services.kernel.refusals import FieldError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
FAILURES_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)
LINK_HOLDS = timedelta(days=7)
KEY_PREFIX = "hy"
SCOPES = (
    "contracts:read", "contracts:write", "suppliers:read", "suppliers:write", "sla:read", "sla:write", "sla:intake",
    "security:read", "security:write", "audit:read",
)  # fmt: skip


class Language(StrEnum):
    """The languages of the pages."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


@dataclass(frozen=True)
class Attempts:
    """How often in a row the password was wrong, and until when nobody is let in."""

    failed: int
    locked_until: datetime | None

    def locked(self, now: datetime) -> bool:
        """True while nobody is let in, not even with the right password."""
        return self.locked_until is not None and now < self.locked_until

    def after_failure(self, now: datetime) -> "Attempts":
        """One more wrong password. The fifth in a row locks for a quarter of an hour, and the count begins anew."""
        failed = self.failed + 1
        return Attempts(0, now + LOCKED_FOR) if failed >= FAILURES_ALLOWED else Attempts(failed, self.locked_until)


def password_fault(password: str, login: str, at: str = "/password") -> FieldError | None:
    """Why this password is not taken, or None. Length is what counts: no rules about kinds of characters."""
    if len(password) < SHORTEST_PASSWORD:
        return FieldError("too_short", at, N_("This password is too short"),
                          N_("Use at least %(least)s characters"), {"least": SHORTEST_PASSWORD})  # fmt: skip
    if len(password) > LONGEST_PASSWORD:
        return FieldError("too_long", at, N_("This password is too long"),
                          N_("Use at most %(most)s characters"), {"most": LONGEST_PASSWORD})  # fmt: skip
    if login.lower() in password.lower() or len(set(password)) < 5:
        return FieldError("too_easy", at, N_("This password is easily guessed"),
                          N_("Do not use your login or a repetition in it"))  # fmt: skip
    return None


def roles_fault(roles: Sequence[str], has_supplier: bool) -> FieldError | None:
    """A supplier's user has that role alone and belongs to a supplier; staff belong to none."""
    if not roles:
        return FieldError("missing_field", "/roles", N_("This person has no role"), N_("Give at least one"))
    if Role.SUPPLIER_USER in roles and len(roles) > 1:
        return FieldError("bad_value", "/roles", N_("A supplier's user has no other role"),
                          N_("Make a second account for the other role"))  # fmt: skip
    if (Role.SUPPLIER_USER in roles) != has_supplier:
        return FieldError("missing_field" if not has_supplier else "bad_value", "/supplier",
                          N_("A supplier's user, and nobody else, belongs to a supplier"),
                          N_("Name the supplier of a supplier's user, and none for staff"))  # fmt: skip
    return None


def new_secret() -> str:
    """192 bits of chance."""
    return secrets.token_hex(24)


def digest(secret: str) -> bytes:
    """What is stored of a secret that is too long to be guessed: its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_token(session_secret: str) -> str:
    """The token of a session's forms: known only to whoever has the session."""
    return hmac.new(session_secret.encode(), b"heyue form", hashlib.sha256).hexdigest()


def parse_key(given: str) -> tuple[str, str] | None:
    """The id and secret of `hy_<id>_<secret>`, or None."""
    prefix, _, rest = given.partition("_")
    key_id, _, secret = rest.partition("_")
    return (key_id, secret) if prefix == KEY_PREFIX and key_id and secret else None


def key_text(key_id: str, secret: str) -> str:
    """A key as its holder keeps it."""
    return f"{KEY_PREFIX}_{key_id}_{secret}"
