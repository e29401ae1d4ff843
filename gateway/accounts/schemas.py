"""People and keys on the wire."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.accounts.rules import SCOPES
from services.kernel.identity import Role
from services.kernel.messages import N_
from services.kernel.wire import ShortText, Wire

Login = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=2, max_length=60, pattern=r"^[a-z0-9._-]+$")
]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


def _scopes(value: list[str]) -> list[str]:
    if not value or set(value) - set(SCOPES):
        raise PydanticCustomError(
            "bad_value", "scopes",
            {"what": N_("There is no such scope"), "how": N_("Choose from: %(known)s"), "known": ", ".join(SCOPES)},
        )  # fmt: skip
    return sorted(set(value))


class UserIn(Wire):
    """A person to let in."""

    login: Login
    name: ShortText
    email: Email | None = None
    roles: list[Role]
    supplier: ShortText | None = Field(default=None, description="id or number, of a supplier's user")


class UserPatch(Wire):
    """The fields to change; absent ones stay."""

    name: ShortText | None = None
    email: Email | None = None
    roles: list[Role] | None = None
    supplier: ShortText | None = None


class KeyIn(Wire):
    """A key to make."""

    name: ShortText
    scopes: Annotated[list[str], AfterValidator(_scopes)]
