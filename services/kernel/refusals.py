"""What is refused, and why: the few public kinds of the wire. A service derives its own with the facts.

Texts are English msgids; they are translated where they are rendered (`rendering.py`), never here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from services.kernel.messages import N_


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong.

    code: stable word for programs. at: JSON pointer into the request (`/contacts/0/email`), or `?name` for a
    query parameter. what, how: msgids with `%(name)s` places filled from `facts`. link: what mends it.
    """

    code: str
    at: str = ""
    what: str = ""
    how: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = None


@dataclass(eq=False)  # not frozen: contextlib sets an exception's traceback
class Refused(Exception):
    """The root of all refusals. Whoever raises one has changed nothing."""

    code: ClassVar[str] = "bad-request"
    status: ClassVar[int] = 400
    title: ClassVar[str] = N_("The request cannot be understood")
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()

    def __str__(self) -> str:
        return (self.detail or self.title) % dict(self.facts) if self.facts else self.detail or self.title

    @property
    def extra(self) -> dict[str, Any]:
        """Members that this kind adds to its problem document."""
        return {}

    @property
    def headers(self) -> dict[str, str]:
        """Headers that this kind adds to its answer."""
        return {}


class BadRequest(Refused):
    """400: not HTTP or JSON as agreed."""


@dataclass(eq=False)
class Invalid(Refused):
    """422: the payload is wrong, and where."""

    code: ClassVar[str] = "validation"
    status: ClassVar[int] = 422
    title: ClassVar[str] = N_("Some of what was sent is not right")


@dataclass(eq=False)
class Conflict(Refused):
    """409: the present state says no. `allowed`: the actions that are possible now."""

    code: ClassVar[str] = "conflict"
    status: ClassVar[int] = 409
    title: ClassVar[str] = N_("The present state does not allow this")
    allowed: Sequence[str] = ()

    @property
    def extra(self) -> dict[str, Any]:
        return {"allowed": list(self.allowed)}


@dataclass(eq=False)
class NotFound(Refused):
    """404: there is no such thing, or not for this caller."""

    code: ClassVar[str] = "not-found"
    status: ClassVar[int] = 404
    title: ClassVar[str] = N_("There is no such record")


@dataclass(eq=False)
class Stale(Refused):
    """412: somebody changed the record since it was read. `version`: the present one."""

    code: ClassVar[str] = "stale"
    status: ClassVar[int] = 412
    title: ClassVar[str] = N_("Somebody has changed this record since you read it")
    version: int = 0

    @property
    def extra(self) -> dict[str, Any]:
        return {"version": self.version}


@dataclass(eq=False)
class PreconditionRequired(Refused):
    """428: a change without If-Match."""

    code: ClassVar[str] = "precondition-required"
    status: ClassVar[int] = 428
    title: ClassVar[str] = N_("Say which version you are changing: send If-Match with the record's version")


@dataclass(eq=False)
class Unauthenticated(Refused):
    """401: nobody we know."""

    code: ClassVar[str] = "unauthenticated"
    status: ClassVar[int] = 401
    title: ClassVar[str] = N_("Sign in, or send a valid key")

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="heyue"'}


@dataclass(eq=False)
class Forbidden(Refused):
    """403: known, but this is not theirs to do."""

    code: ClassVar[str] = "forbidden"
    status: ClassVar[int] = 403
    title: ClassVar[str] = N_("You may not do this")
    scope: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        scope = f', scope="{self.scope}"' if self.scope else ""
        return {"WWW-Authenticate": f'Bearer realm="heyue", error="insufficient_scope"{scope}'}


@dataclass(eq=False)
class IdempotencyMismatch(Refused):
    """422: the same Idempotency-Key with another body."""

    code: ClassVar[str] = "idempotency-mismatch"
    status: ClassVar[int] = 422
    title: ClassVar[str] = N_("This Idempotency-Key was used with another request")


@dataclass(eq=False)
class TooLarge(Refused):
    """413: over the limit."""

    code: ClassVar[str] = "too-large"
    status: ClassVar[int] = 413
    title: ClassVar[str] = N_("The request is larger than is taken")


@dataclass(eq=False)
class UnsupportedMediaType(Refused):
    """415: a content type that is not read here."""

    code: ClassVar[str] = "unsupported-media-type"
    status: ClassVar[int] = 415
    title: ClassVar[str] = N_("This content type is not read here")


@dataclass(eq=False)
class RateLimited(Refused):
    """429: too many; again after `retry_after` seconds."""

    code: ClassVar[str] = "rate-limited"
    status: ClassVar[int] = 429
    title: ClassVar[str] = N_("Too many requests")
    retry_after: int = 1

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


@dataclass(eq=False)
class Unavailable(Refused):
    """503: something that the answer needs is away; nothing was changed."""

    code: ClassVar[str] = "unavailable"
    status: ClassVar[int] = 503
    title: ClassVar[str] = N_("A part of the system does not answer; nothing was changed")
    retry_after: int = 2

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


@dataclass(eq=False)
class ServerFault(Refused):
    """500: a fault of ours, told with the request id by which the log is searched."""

    code: ClassVar[str] = "fault"
    status: ClassVar[int] = 500
    title: ClassVar[str] = N_("Something went wrong on our side")
