"""What the list macro needs: the columns, the state of the list in the URL, its saved views and its filters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request

from gateway.pages.formats import COUNT_CAP, capped
from gateway.pages.forms import Problem
from gateway.pages.links import Empty, Link

TRAIL = "trail"
SUM = "sum"
# `revoke` asks before a key ends.
PAGE_ONLY = frozenset({TRAIL, SUM, "revoke"})
POSITION = frozenset({"cursor", TRAIL})
MOST_STEPS_BACK = 20
ROWS = "25"  # about two windows full


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column. sort: the API's sort field, none where it cannot be sorted by. kind: `title` (the link), `text`,
    `num`, `when` (a date), `chip`. optional: away on a phone and in narrow windows."""

    key: str
    title: str
    sort: str = ""
    kind: str = "text"
    optional: bool = False

    @property
    def css(self) -> str:
        """The classes of its cells."""
        look = {"title": "ttl", "num": "num", "when": "when"}.get(self.kind, "")
        return f"{look} opt".strip() if self.optional else look


@dataclass(frozen=True, kw_only=True)
class View:
    """A saved view: a tab that sets these filters. count: how many, where it is cheap to know."""

    title: str
    filters: tuple[tuple[str, str], ...] = ()
    count: int | None = None

    @property
    def shown_count(self) -> str:
        """The count, capped; empty where there is none."""
        return "" if self.count is None else capped(self.count)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A filter by ticking some of a few values (`state=active,ended`)."""

    name: str
    title: str
    options: Sequence[tuple[str, str]]
    kind: str = "choice"


@dataclass(frozen=True, kw_only=True)
class DateRange:
    """A filter by the first day (`<name>_from`) and the day before which (`<name>_before`)."""

    name: str
    title: str
    kind: str = "dates"


@dataclass(frozen=True, kw_only=True)
class Text:
    """A filter by one exact value, typed."""

    name: str
    title: str
    kind: str = "text"


Filter = Choice | DateRange | Text


@dataclass(frozen=True)
class ListQuery:
    """The state of a list, as it stands in the URL: filters, sort, cursor and the way back."""

    path: str
    pairs: tuple[tuple[str, str], ...]
    partial: bool = False

    @classmethod
    def of(cls, request: Request) -> "ListQuery":
        """The request's parameters, several of one name joined by commas, empty ones dropped."""
        joined: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            if value.strip():
                joined.setdefault(name, []).append(value.strip())
        pairs = tuple((name, ",".join(values)) for name, values in joined.items())
        return cls(request.url.path, pairs, request.headers.get("HX-Request-Type") == "partial")

    def get(self, name: str, default: str = "") -> str:
        """The value of a parameter."""
        return dict(self.pairs).get(name, default)

    def chosen(self, name: str) -> list[str]:
        """The ticked values of a choice."""
        return [value for value in self.get(name).split(",") if value]

    def api_params(self) -> dict[str, str]:
        """The parameters for the service's list: those of the page itself stay here."""
        return {"limit": ROWS} | {name: value for name, value in self.pairs if name not in PAGE_ONLY}

    def href(self, **changes: str | None) -> str:
        """This list with some parameters changed (None: without), from its first page on."""
        kept = {name: value for name, value in self.pairs if name not in POSITION}
        kept.update({name: value for name, value in changes.items() if value is not None})
        for name in [name for name, value in changes.items() if value is None]:
            kept.pop(name, None)
        return f"{self.path}?{urlencode(kept, safe=',:')}" if kept else self.path

    def view_href(self, view: View) -> str:
        """The list with just the view's filters and the present sort."""
        kept = dict(view.filters) | ({"sort": self.get("sort")} if self.get("sort") else {})
        return f"{self.path}?{urlencode(kept, safe=',:')}" if kept else self.path

    def is_view(self, view: View) -> bool:
        """True where the filters are exactly the view's."""
        return set(self.filters()) == set(view.filters)

    def filters(self) -> tuple[tuple[str, str], ...]:
        """All that narrows the list."""
        return tuple(pair for pair in self.pairs if pair[0] not in POSITION | PAGE_ONLY | {"sort", "limit"})

    def sort_href(self, key: str) -> str:
        """Sorted by `key`: ascending first, then turned round."""
        return self.href(sort=f"-{key}" if self.get("sort") == key else key)

    def _trail(self) -> list[str]:
        return [step for step in self.get(TRAIL).split("~") if step]

    def next_href(self, cursor: str) -> str:
        """The next page; the way back is kept, up to twenty steps."""
        trail = [*self._trail(), self.get("cursor") or "-"][-MOST_STEPS_BACK:]
        return self._at(cursor, trail)

    def previous_href(self) -> str:
        """The page before this one; empty on the first."""
        if not self.get("cursor"):
            return ""
        trail = self._trail() or ["-"]
        return self._at("" if trail[-1] == "-" else trail[-1], trail[:-1])

    def _at(self, cursor: str, trail: list[str]) -> str:
        kept = {name: value for name, value in self.pairs if name not in POSITION}
        if cursor:
            kept |= {"cursor": cursor}
            kept |= {TRAIL: "~".join(trail)} if trail else {}
        return f"{self.path}?{urlencode(kept, safe=',:~')}" if kept else self.path


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list page. rows: the items, handed one by one to the page's cells. next_cursor: of the service's answer.
    search: the placeholder of the search box, empty for no box. count: of the whole filtered list, where it is
    known, capped. summary: a sum on demand (`?sum=true`), or a sentence over the list."""

    title: str
    query: ListQuery
    columns: Sequence[Column]
    rows: Sequence[Any]
    empty: Empty
    next_cursor: str | None = None
    default_sort: str = ""
    views: Sequence[View] = ()
    filters: Sequence[Filter] = ()
    search: str = ""
    count: int | None = None
    subtitle: str = ""
    summary: str | Markup = ""
    links: Sequence[Link] = ()
    problem: Problem | None = None
    hidden: frozenset[str] = field(default=frozenset())

    @property
    def shown(self) -> list[Column]:
        """The columns that this view shows."""
        return [column for column in self.columns if column.key not in self.hidden]

    @property
    def sort(self) -> str:
        """The sort in force, `-` in front for descending."""
        return self.query.get("sort") or self.default_sort

    def direction(self, column: Column) -> str:
        """`ascending` or `descending` for the column sorted by, empty for all others."""
        if not column.sort or self.sort.lstrip("-") != column.sort:
            return ""
        return "descending" if self.sort.startswith("-") else "ascending"

    def sort_href(self, column: Column) -> str:
        """Where a click on the column's head leads."""
        turned = self.direction(column) == "ascending"
        return self.query.href(sort=f"-{column.sort}" if turned else column.sort)

    @property
    def filtered(self) -> bool:
        """True where anything narrows the list."""
        return bool(self.query.filters())

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Parameters that no control of the filter bar holds: the form carries them along."""
        names = {"q"} if self.search else set()
        for entry in self.filters:
            names |= {f"{entry.name}_from", f"{entry.name}_before"} if entry.kind == "dates" else {entry.name}
        return [pair for pair in self.query.pairs if pair[0] not in names | POSITION]

    @property
    def shown_count(self) -> str:
        """The capped count, or how many are on this page."""
        known = len(self.rows) if self.count is None else self.count
        return capped(known, COUNT_CAP)
