"""Pieces of the wire that every service's schemas are made of, and the answers that carry them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from services.kernel.messages import N_
from services.kernel.money import Money, minor_digits

CURRENCY = re.compile(r"[A-Z]{3}")
DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?")
WRITTEN_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
WRITTEN_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII)
HALF_CHARACTER = re.compile("[\ud800-\udfff]")
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
LARGEST_AMOUNT = Decimal("1e15")


class Wire(BaseModel):
    """A request's body: unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Wire):
    """The body of an action that takes none: `{}`, or no body at all."""


def _not_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError(
            "bad_type", "null",
            {"what": N_("This field cannot be empty"), "how": N_("Send a value, or leave the field out to keep it")},
        )  # fmt: skip
    return value


NotNull = BeforeValidator(_not_null)
"""On a field of a patch that no record lacks: it may be absent, and is not null."""


class Reason(Wire):
    """The body of an action that asks why."""

    reason: "LongText"


def _printable(value: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t" for character in value):
        raise PydanticCustomError(
            "control_character", "control character", {"how": N_("Remove the control characters from this text"),
            "what": N_("This text has characters that cannot be shown")},
        )  # fmt: skip
    return value


def _one_line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise PydanticCustomError(
            "control_character", "line break", {"how": N_("Write it on one line"),
            "what": N_("This text has a line break or a tab")},
        )  # fmt: skip
    return value


ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable),
    AfterValidator(_one_line),
]  # fmt: skip
LongText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(_printable)
]


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("timezone_aware", "no zone")
    try:
        return value.astimezone(UTC)
    except OverflowError as fault:  # before the year 1 or after 9999, once its offset is taken off
        raise PydanticCustomError("datetime_out_of_range", "no such instant") from fault


def _written(pattern: re.Pattern[str]) -> Callable[[object], object]:
    """Days and instants come as text in one form; a number is not read as seconds since 1970."""

    def checked(value: object) -> object:
        if isinstance(value, int | float) or (isinstance(value, str) and not pattern.fullmatch(value)):
            raise PydanticCustomError(
                "bad_date", "not a date", {"what": N_("This is not a date or an instant"),
                "how": N_("Write 2026-03-01, or 2026-03-01T09:00:00+08:00 for an instant")},
            )  # fmt: skip
        return value

    return checked


Instant = Annotated[datetime, BeforeValidator(_written(WRITTEN_INSTANT)), AfterValidator(_aware)]


def _within_reason(value: date) -> date:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise PydanticCustomError(
            "out_of_range", "no day of ours",
            {"what": N_("This day is out of range"), "how": N_("Choose one from 1970 on and before 2200")},
        )  # fmt: skip
    return value


Day = Annotated[date, BeforeValidator(_written(WRITTEN_DAY)), AfterValidator(_within_reason)]


def _storable(value: object) -> object:
    """Half a character (`\\ud800`) is grammar in JSON, and no text in any database: refused wherever it stands."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and HALF_CHARACTER.search(one):
            raise PydanticCustomError(
                "control_character", "half a character",
                {"what": N_("This text has characters that cannot be shown"),
                 "how": N_("Remove the control characters from this text")},
            )  # fmt: skip
    return value


Document = Annotated[Any, AfterValidator(_storable)]
"""A part of a body whose form the rules of its subject judge."""


def _decimal(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not DECIMAL.fullmatch(value):
        raise PydanticCustomError(
            "bad_decimal", "no decimal", {"what": N_("This is not a decimal number in a string"),
            "how": N_('Write it in quotes with a point, as in "0.10"')},
        )  # fmt: skip
    try:
        return Decimal(value)
    except InvalidOperation as fault:
        raise PydanticCustomError("bad_decimal", "no decimal", {"how": ""}) from fault


DecimalText = Annotated[Decimal, BeforeValidator(_decimal), PlainSerializer(lambda d: f"{d:f}", return_type=str)]


def _share(value: Decimal) -> Decimal:
    if not 0 <= value <= 1:
        raise PydanticCustomError(
            "out_of_range", "no share",
            {"what": N_("A share lies between 0 and 1"), "how": N_('Write 10 percent as "0.10"')},
        )  # fmt: skip
    return value


ShareText = Annotated[DecimalText, AfterValidator(_share)]


class MoneyText(Wire):
    """Money as it travels: the amount a decimal string, not negative, no finer than the minor unit."""

    amount: DecimalText
    currency: str

    def model_post_init(self, _context: Any) -> None:
        if not CURRENCY.fullmatch(self.currency):
            raise PydanticCustomError(
                "bad_currency", "no currency",
                {"what": N_("This is no currency"), "how": N_("Write its three capital letters, as in CNY")},
            )  # fmt: skip
        if self.amount < 0:
            raise PydanticCustomError(
                "negative_amount", "negative",
                {"what": N_("An amount cannot be negative here"), "how": N_("Send zero or more")},
            )  # fmt: skip
        if self.amount >= LARGEST_AMOUNT or self.amount != round(self.amount, minor_digits(self.currency)):
            raise PydanticCustomError(
                "bad_amount", "too fine or too large",
                {"what": N_("This amount is finer than the currency's smallest unit, or too large"),
                 "how": N_("Use at most %(digits)s decimal places, below 1,000,000,000,000,000"),
                 "digits": minor_digits(self.currency)},
            )  # fmt: skip

    def money(self) -> Money:
        """As rules take it."""
        return Money(self.amount, self.currency)


def encode(value: Any) -> bytes:
    """JSON as it travels: instants in UTC with Z, decimals as strings."""
    return msgspec.json.encode(value)


def answer(record: Mapping[str, Any], status: int = 200, location: str | None = None) -> Response:
    """A record with its ETag."""
    headers = {"ETag": f'"{record["version"]}"'} if "version" in record else {}
    if location:
        headers["Location"] = location
    return Response(encode(record), status, headers, "application/json")


def utc(value: datetime) -> datetime:
    """The instant in UTC, so that it is written with Z."""
    return value.astimezone(UTC)


def parse_instant(value: str) -> datetime:
    """An RFC 3339 instant with offset. Refuses ValueError."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found.astimezone(UTC)
