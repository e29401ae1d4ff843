"""Contracts on the wire."""

from typing import Annotated

from pydantic import Field, StringConstraints

from services.contracts.contract.rules import OutsourcingType
from services.kernel.wire import Day, LongText, MoneyText, NotNull, ShareText, ShortText, Wire

Login = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[\w.@+-]+$")]
MOST_TERMS = 200


class TermIn(Wire):
    """What holds from a day on."""

    from_: Day = Field(alias="from")
    monthly_charge: MoneyText
    at_risk_share: ShareText


class ContractIn(Wire):
    """A contract to draft. `to` is its last day."""

    title: ShortText
    owner: Login | None = Field(default=None, description="login of whoever looks after it; the caller where absent")
    supplier: ShortText = Field(description="the supplier's id or number")
    type: OutsourcingType
    value: MoneyText
    from_: Day = Field(alias="from")
    to: Day
    terms: list[TermIn] = Field(default_factory=list, max_length=MOST_TERMS)


class ContractPatch(Wire):
    """The fields to change; absent ones stay. All of a draft, of others the owner alone."""

    title: Annotated[ShortText | None, NotNull] = None
    owner: Annotated[Login | None, NotNull] = None
    supplier: Annotated[ShortText | None, NotNull] = None
    type: Annotated[OutsourcingType | None, NotNull] = None
    value: Annotated[MoneyText | None, NotNull] = None
    from_: Annotated[Day | None, NotNull] = Field(default=None, alias="from")
    to: Annotated[Day | None, NotNull] = None
    terms: Annotated[list[TermIn] | None, NotNull, Field(max_length=MOST_TERMS)] = None


class EndIn(Wire):
    """Why it ends, where somebody wants to say so."""

    reason: LongText | None = None
