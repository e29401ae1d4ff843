"""What the record macro needs: the title, what may be done, the facts, the tabs and the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from gateway.pages.forms import Field, Form, Problem
from gateway.pages.links import Link

VISIBLE_ACTIONS = 3


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that this person may do now: the service's `actions` name it, the page gives it words.

    name: the last part of the URL it is posted to. fields: what it asks for, in a dialog. effect: one sentence that
    says what happens, shown in the dialog. danger: asks even without fields.
    """

    name: str
    title: str
    effect: str = ""
    fields: Sequence[Field] = ()
    primary: bool = False
    danger: bool = False
    icon: str = ""

    @property
    def asks(self) -> bool:
        """True where a dialog comes before the act."""
        return bool(self.fields) or self.danger or bool(self.effect)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact of the strip under the title. tone: `late`, `soon`, `good` or none."""

    title: str
    value: str | Markup
    href: str = ""
    note: str | Markup = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A part of the record, a real link (`?tab=…`)."""

    key: str
    title: str
    count: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A field of the record: what it was, what it became."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry of the timeline: who did what, when. tone: `ok`, `warn`, `danger` or none."""

    at: datetime | str
    who: str
    text: str
    tone: str = ""
    changes: Sequence[Change] = ()
    quote: str = ""


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A state beside the title: subject and state as in the status table; words instead of its name."""

    subject: str
    state: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record page. url: where actions are posted, `<url>/<action>`. version: sent on as If-Match.

    doing: the action whose dialog stands open (`?do=…`, or after a refusal). values: what was typed into it.
    problem: why the last action was refused. history_link: where the whole history is.
    """

    title: str
    url: str
    version: int
    crumbs: Sequence[Link] = ()
    number: str = ""
    subtitle: str | Markup = ""
    chips: Sequence[Chip] = ()
    actions: Sequence[Action] = ()
    links: Sequence[Link] = ()
    facts: Sequence[Fact] = ()
    tabs: Sequence[Tab] = ()
    tab: str = ""
    timeline: Sequence[Entry] | None = None
    history_link: Link | None = None
    doing: str = ""
    values: Any = None
    problem: Problem | None = None

    @property
    def in_dialog(self) -> bool:
        """Whether a refusal stands in the dialog of its action: not where that action is no longer this person's."""
        return any(action.asks and action.name == self.doing for action in self.actions)

    @property
    def in_front(self) -> list[Action]:
        """The actions that stand beside the title: with the links at most three."""
        return list(self.actions[: max(1, VISIBLE_ACTIONS - len(self.links))])

    def form_of(self, action: Action) -> Form:
        """The form in the action's dialog; what was typed and what was refused only where it stands open."""
        open_now = self.doing == action.name
        return Form(
            url=f"{self.url}/{action.name}",
            fields=[replace(entry, prefix=action.name) for entry in action.fields],
            submit=action.title,
            version=self.version,
            values=(self.values or {}) if open_now else {},
            problem=self.problem if open_now else None,
            id=f"do-{action.name}-form",
            tight=True,
        )

    @property
    def in_menu(self) -> list[Action]:
        """The actions that wait in the menu."""
        return list(self.actions[len(self.in_front) :])


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of a strip, a link to what is behind it. tone: `bad`, `near` or none."""

    title: str
    value: str
    href: str = ""
    note: str = ""
    tone: str = ""
