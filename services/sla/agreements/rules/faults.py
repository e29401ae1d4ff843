"""What can be wrong with the text of an agreement: each fault names its place, says what it is, and how to mend it."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from re import compile as pattern
from typing import TypeVar

from services.kernel.messages import N_
from services.kernel.refusals import FieldError

_DATE = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHARE = pattern(r"[0-9]{1,3}(\.[0-9]{1,10})?")
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
_LONGEST_SHOWN = 100
_E = TypeVar("_E", bound=StrEnum)


class Faults:
    """Collects what is wrong; each reader gives its value, or None and a fault more."""

    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, code: str, at: str, what: str, how: str, **facts: object) -> None:
        self.found.append(FieldError(code=code, at=at, what=what, how=how, facts=facts))

    def missing(self, at: str, how: str) -> None:
        self.add("missing_field", at, N_("This is missing"), how)

    def bad_type(self, at: str, how: str) -> None:
        self.add("bad_type", at, N_("This is not of the right kind"), how)

    def too_long(self, at: str, most: int) -> None:
        self.add("too_long", at, N_("This is longer than is taken"), N_("Send at most %(most)s"), most=most)

    def out_of_range(self, at: str, low: object, high: object) -> None:
        what, how = N_("This is out of range"), N_("Give a value from %(low)s to %(high)s")
        self.add("out_of_range", at, what, how, low=low, high=high)

    def unknown_value(self, at: str, given: object, known: Iterable[str]) -> None:
        what, how = N_("“%(given)s” is not known here"), N_("Known are: %(known)s")
        self.add("unknown_value", at, what, how, given=shown(given), known=", ".join(known))

    def object_of(self, given: object, at: str, known: tuple[str, ...]) -> Mapping[str, object] | None:
        """A JSON object; its fields that are not known are faults."""
        if not isinstance(given, Mapping):
            self.bad_type(at, N_("Send an object here"))
            return None
        for name in given:
            if name not in known:
                what, how = N_("There is no such field here"), N_("Known are: %(known)s")
                self.add("unknown_field", f"{at}/{escaped(name)}", what, how, known=", ".join(known))
        return given

    def list_of(self, given: object, at: str, most: int) -> list[object]:
        """A JSON list of at most so many; empty where it is none."""
        if not isinstance(given, list):
            self.bad_type(at, N_("Send a list here"))
            return []
        if len(given) > most:
            self.too_long(at, most)
            return []
        return given

    def text(self, given: object, at: str, most: int) -> str | None:
        """A text with something in it, of printable characters."""
        if not isinstance(given, str):
            self.bad_type(at, N_("Send text here"))
        elif not given.strip():
            self.missing(at, N_("Write a text here"))
        elif len(given) > most:
            self.too_long(at, most)
        elif not given.isprintable():
            what, how = N_("This holds a character that is not shown"), N_("Write it without line breaks and tabs")
            self.add("bad_character", at, what, how)
        else:
            return given
        return None

    def whole(self, given: object, at: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`."""
        if not isinstance(given, int) or isinstance(given, bool):
            self.bad_type(at, N_("Send a whole number here"))
        elif not low <= given <= high:
            self.out_of_range(at, low, high)
        else:
            return given
        return None

    def flag(self, given: object, at: str) -> bool:
        if not isinstance(given, bool):
            self.bad_type(at, N_("Send true or false here"))
            return False
        return given

    def day(self, given: object, at: str) -> date | None:
        """A date as 2026-03-01, in the years in which events may lie."""
        found = None
        if isinstance(given, str) and _DATE.fullmatch(given):
            try:
                found = date.fromisoformat(given)
            except ValueError:
                found = None  # written like a date, but no day of any month: refused below like any other text
        if found is not None and not _FIRST_DAY <= found <= _LAST_DAY:
            self.out_of_range(at, _FIRST_DAY, _LAST_DAY)
            return None
        if found is not None:
            return found
        what, how = N_("“%(date)s” is no date"), N_("Write year, month and day, for example 2026-03-01")
        self.add("bad_date", at, what, how, date=shown(given))
        return None

    def share(self, given: object, at: str, most: Decimal = Decimal(1)) -> Decimal | None:
        """A share from 0 to `most`, a decimal in a text: "0.50"."""
        if not isinstance(given, str) or not _SHARE.fullmatch(given):
            what, how = N_("This is no decimal number"), N_('Write it as a text with a point, for example "0.50"')
            self.add("bad_decimal", at, what, how)
            return None
        try:
            number = Decimal(given)
        except InvalidOperation:  # pragma: no cover  # the pattern lets none through
            return None
        if number > most:
            self.out_of_range(at, 0, most)
            return None
        return number

    def choice(self, given: object, at: str, kinds: type[_E]) -> _E | None:
        """One of the words of `kinds`."""
        if isinstance(given, str) and given in set(kinds):
            return kinds(given)
        self.unknown_value(at, given, list(kinds))
        return None


def shown(given: object) -> str:
    """What was sent, short enough for a sentence."""
    return str(given)[:_LONGEST_SHOWN]


def escaped(key: object) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")
