"""Calendars and questions about working time, as they travel."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.kernel.messages import N_
from services.kernel.wire import Document, ShortText, Wire
from services.sla.calendars.rules.compiled import Interval
from services.sla.calendars.rules.moves import Move, MovedCycle
from services.sla.clocks.rules import Cycle

MOST_QUESTIONS = 10_000
MOST_CALENDARS = 20
MOST_SHOWN = 50


def _no_uuid(code: str) -> str:
    try:
        UUID(code)
    except ValueError:
        return code
    raise PydanticCustomError(
        "bad_format", "a UUID",
        {"what": N_("A code cannot look like an id"), "how": N_("Choose a short word, for example cn-office")},
    )  # fmt: skip


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$"), AfterValidator(_no_uuid)]


class CalendarText(Wire):
    """A calendar's text. What stands inside weeks and days is judged by the rules, which name every fault.

    weeks: `[{"from": null, "mon": [["09:00", "18:00"]], …}]`. days: `{"2026-02-17": {"open": [], "name": "春节"}}`.
    """

    zone: str
    weeks: list[Document]
    days: dict[str, Document] = Field(default_factory=dict)
    known_until: str | None = None

    def text(self) -> dict[str, Any]:
        """The four fields that make a version."""
        return {"zone": self.zone, "weeks": self.weeks, "days": self.days, "known_until": self.known_until}


class CalendarIn(CalendarText):
    """A new calendar."""

    code: Code
    name: ShortText


class CalendarChange(CalendarText):
    """The next version, whole. The name may change with it; a code, where given, is that of the path."""

    code: Code | None = None
    name: ShortText | None = None


class WorkingTimeIn(Wire):
    """Questions, and calendars to ask that are not stored. A question that cannot be answered gets its own problem."""

    calendars: dict[str, Document] = Field(default_factory=dict, max_length=MOST_CALENDARS)
    questions: list[Document] = Field(max_length=MOST_QUESTIONS)


def preview_document(code: str, version: int, span: Interval | None, cycles: Sequence[MovedCycle]) -> dict[str, Any]:
    """What the next version would move. changed: from the first to the last second that is worked otherwise."""
    counts = Counter(cycle.move for cycle in cycles)
    return {
        "calendar": code, "version": version,
        "changed": None if span is None else {"from": _instant(span[0]), "to": _instant(span[1])},
        "clocks": {"later": counts[Move.LATER], "earlier": counts[Move.EARLIER]},
        "breaches": {"vanish": counts[Move.VANISHES], "appear": counts[Move.APPEARS]},
        "first": [
            {
                "source": one.source, "ticket": one.ticket, "target": one.target, "cycle": one.before.cycle,
                "move": one.move.value, "before": _cycle(one.before), "after": _cycle(one.after),
            }
            for one in cycles[:MOST_SHOWN]
        ],
    }  # fmt: skip


def _cycle(cycle: Cycle) -> dict[str, Any]:
    return {
        "state": cycle.state.value, "due_at": _instant(cycle.due_at), "breached_at": _instant(cycle.breached_at),
        "elapsed_seconds": cycle.elapsed_seconds,
    }  # fmt: skip


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
