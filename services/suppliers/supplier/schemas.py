"""Suppliers on the wire."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.kernel.messages import N_
from services.kernel.wire import NotNull, ShortText, Wire
from services.suppliers.supplier.rules import code_fault

SCOPES = ("ITO", "BPO", "KPO")


def _code(value: str) -> str:
    fault = code_fault(value)
    if fault is not None:
        raise PydanticCustomError(
            fault.code,
            "credit code",
            {**fault.facts, "what": fault.what, "how": fault.how},
        )
    return value


def _scope(value: list[str]) -> list[str]:
    if set(value) - set(SCOPES) or len(set(value)) != len(value):
        raise PydanticCustomError(
            "bad_value", "scope",
            {"what": N_("The scope names each outsourcing type at most once"), "how": N_("Choose from ITO, BPO, KPO")},
        )  # fmt: skip
    return value


CreditCode = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True), AfterValidator(_code)]
Scope = Annotated[list[str], AfterValidator(_scope)]
Region = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=20, pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[+0-9()\- ]{5,40}$")]


class Contact(Wire):
    """A person to speak to."""

    name: ShortText
    email: Email | None = None
    phone: Phone | None = None
    role: ShortText | None = None


class SupplierIn(Wire):
    """A supplier to register."""

    legal_name: ShortText
    short_name: ShortText | None = Field(default=None, description="what people call it; the legal name where absent")
    credit_code: CreditCode = Field(description="unified social credit code, GB 32100-2015")
    scope: Scope = Field(default_factory=list, description="outsourcing types that it offers")
    region: Region | None = Field(default=None, description="ISO 3166 code: CN-31")
    contacts: list[Contact] = Field(default_factory=list, max_length=50)


class SupplierPatch(Wire):
    """The fields to change; absent ones stay."""

    legal_name: Annotated[ShortText | None, NotNull] = None
    short_name: ShortText | None = None
    credit_code: Annotated[CreditCode | None, NotNull] = None
    scope: Annotated[Scope | None, NotNull] = None
    region: Region | None = None
    contacts: Annotated[list[Contact] | None, NotNull, Field(max_length=50)] = None
