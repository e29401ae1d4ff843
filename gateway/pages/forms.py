"""What the form macro needs: fields, what was typed, and a problem document turned into words at the fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from gateway.pages.formats import weekday
from gateway.pages.links import Link
from services.kernel.messages import N_, gettext


@dataclass(frozen=True, kw_only=True)
class Option:
    """A value to choose and how it reads. note: a second line."""

    value: str
    title: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a form.

    name: the control's name; dots lead into the body (`terms.0.monthly_charge`). kind: text, email, password,
    textarea, number, money, date, select, radio, checkbox, checkboxes, picker, file, hidden, heading.
    at: the JSON pointer that a refusal names, from the name where empty. half: one of a pair.
    pick_url: where a picker asks for matches (`?<name>_q=`). rows: of a text area. suffix: a unit behind the control.
    prefix: keeps ids apart where two forms of a page have a field of one name. line: the row of a set of like rows
    that it stands in (`line_set` draws those), none for a field of its own. first: has the focus when the page opens.
    """

    name: str
    label: str = ""
    kind: str = "text"
    required: bool = False
    hint: str = ""
    options: Sequence[Option] = ()
    at: str = ""
    half: bool = False
    pick_url: str = ""
    placeholder: str = ""
    rows: int = 3
    suffix: str = ""
    autocomplete: str = ""
    currencies: Sequence[str] = ("CNY", "USD", "EUR")
    accept: str = ""
    prefix: str = ""
    line: int | None = None
    first: bool = False

    @property
    def id(self) -> str:
        """The control's id, for its label, its message and the summary's link."""
        return "f-" + re.sub(r"[^A-Za-z0-9_-]", "-", f"{self.prefix}-{self.name}" if self.prefix else self.name)

    @property
    def pointer(self) -> str:
        """Where in the request this field stands."""
        return self.at or "/" + self.name.replace(".", "/")


@dataclass(frozen=True, kw_only=True)
class FieldProblem:
    """One reason of a refusal. at: a JSON pointer. link: where it can be mended."""

    code: str
    what: str
    at: str = ""
    how: str = ""
    link: str = ""

    @property
    def words(self) -> str:
        """What is wrong and how to mend it, as two sentences."""
        return self.statement + gettext(". ") + self.how if self.how else self.what

    @property
    def statement(self) -> str:
        """What is wrong, without its full stop where another sentence follows."""
        return self.what.rstrip("。.") if self.how else self.what


CHOSEN = {
    "select": N_("Choose one"), "picker": N_("Choose one"), "radio": N_("Choose one"), "date": N_("Choose a date"),
    "checkboxes": N_("Choose at least one"),
}  # fmt: skip
API_PATH = re.compile(r"^/api/[a-z]+/v1(?=/)")


def page_of(link: str) -> str:
    """The page of a record that a service's link leads to: `/api/suppliers/v1/suppliers/7` is `/suppliers/7`."""
    return API_PATH.sub("", link)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A problem document (RFC 9457) as the pages use it."""

    status: int
    type: str
    title: str
    detail: str = ""
    request_id: str = ""
    errors: Sequence[FieldProblem] = ()
    allowed: Sequence[str] = ()
    version: int | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Problem":
        """From the JSON of a service's refusal."""
        errors = tuple(
            FieldProblem(
                code=str(error.get("code", "")), what=str(error.get("what", "")), at=str(error.get("at") or ""),
                how=str(error.get("how") or ""), link=page_of(str(error.get("link") or "")),
            )
            for error in document.get("errors") or ()
        )  # fmt: skip
        return cls(
            status=int(document.get("status", 500)), type=str(document.get("type", "")).removeprefix("/problems/"),
            title=str(document.get("title", "")), detail=str(document.get("detail") or ""),
            request_id=str(document.get("request_id") or ""), errors=errors,
            allowed=tuple(document.get("allowed") or ()), version=document.get("version"),
        )  # fmt: skip

    def for_people(self) -> "Problem":
        """The same in the words of a form: to programs a field is missing, people are to fill it in."""
        said = {
            "missing_field": gettext("Fill this in"), "too_short": gettext("Fill this in"),
            "bad_date": gettext("Choose a date"), "bad_decimal": gettext("Write a number"),
            "bad_format": gettext("This is not written as it should be"),
        }  # fmt: skip
        errors = [replace(e, what=said[e.code], how="") if e.code in said else e for e in self.errors]
        return replace(self, errors=tuple(errors))

    def at(self, pointer: str) -> list[FieldProblem]:
        """The reasons that concern the field at `pointer`, or something inside it."""
        return [error for error in self.errors if error.at == pointer or error.at.startswith(f"{pointer}/")]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form page or part of one. values: what stands in the controls, by name. version: of the record edited.

    buttons: further submit buttons beside the main one, as (name, value, title). cancel: the way back.
    """

    url: str
    fields: Sequence[Field]
    submit: str
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    version: int | None = None
    buttons: Sequence[tuple[str, str, str]] = ()
    cancel: Link | None = None
    id: str = "form"
    multipart: bool = False
    tight: bool = False

    @property
    def field_problems(self) -> list[tuple[Field | None, FieldProblem]]:
        """Each reason with the field it belongs to; None where no field of this form holds it."""
        if self.problem is None:
            return []
        owned = [(self._field_of(error.at), error) for error in self.problem.errors]
        return [(owner, _worded(owner, error)) for owner, error in owned]

    def _field_of(self, pointer: str) -> Field | None:
        holding = [f for f in self.fields if f.kind != "heading" and _holds(f.pointer, pointer)]
        return max(holding, key=lambda f: len(f.pointer), default=None)

    def errors_of(self, entry: Field) -> list[FieldProblem]:
        """The reasons shown at one field."""
        return [error for owner, error in self.field_problems if owner is entry]

    def value(self, name: str) -> Any:
        """What stands in a control; an empty text where nothing does."""
        found = self.values.get(name)
        return "" if found is None else found

    def chosen(self, name: str) -> list[str]:
        """What is ticked among several."""
        found = self.values.get(name)
        if found is None or found == "":
            return []
        return [str(item) for item in found] if isinstance(found, list | tuple | set) else [str(found)]

    def weekday(self, name: str) -> str:
        """The weekday of the day that stands in a control; empty where none does."""
        try:
            return weekday(date.fromisoformat(str(self.value(name))))
        except ValueError:
            return ""

    @property
    def lines(self) -> list[list[Field]]:
        """The sets of like rows, row by row."""
        rows: dict[int, list[Field]] = {}
        for entry in self.fields:
            if entry.line is not None:
                rows.setdefault(entry.line, []).append(entry)
        return list(rows.values())

    @property
    def has_required(self) -> bool:
        """True where at least one field must be filled in."""
        return any(entry.required for entry in self.fields)


def _worded(owner: Field | None, error: FieldProblem) -> FieldProblem:
    """Where there is something to choose from, nothing is to be filled in."""
    wanted = CHOSEN.get(owner.kind) if owner and error.code in ("missing_field", "too_short") else None
    return replace(error, what=gettext(wanted), how="") if wanted else error


def _holds(own: str, pointer: str) -> bool:
    return pointer == own or pointer.startswith(f"{own}/")


def typed(data: FormData) -> dict[str, Any]:
    """What was sent, by name, to be shown again: texts stripped, several of one name as a list."""
    values: dict[str, Any] = {}
    for name in dict.fromkeys(data.keys()):
        texts = [item.strip() for item in data.getlist(name) if isinstance(item, str)]
        if texts:
            values[name] = texts if len(texts) > 1 else texts[0]
    return values


def seen_version(data: Mapping[str, Any]) -> int:
    """The version that a form was made from; 0, which no record has, where it names none."""
    text = str(data.get("version", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


TEN_THOUSANDS = {"万": 10_000, "亿": 100_000_000}


def amount_text(text: str) -> str:
    """An amount as people write it, as a decimal text: `1,200,000` and `120万` are `1200000`.

    What is no number is returned as it came: the service says what is wrong with it.
    """
    plain = re.sub(r"[\s,，¥￥]", "", text)
    match = re.fullmatch(r"(-?\d+)(?:\.(\d+))?([万亿]?)", plain)
    if match is None:
        return plain
    whole, fraction, unit = match[1], match[2] or "", match[3]
    if unit:
        places = len(str(TEN_THOUSANDS[unit])) - 1
        digits = whole + fraction.ljust(places, "0")[:places]
        rest = fraction[places:]
        whole, fraction = str(int(digits)), rest
    return f"{whole}.{fraction}" if fraction else whole
