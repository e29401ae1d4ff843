"""Who stopped the clock: the pauses of a cycle by reason, the longest first, lettered A, B, C as in the strip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from services.kernel.messages import _
from web.charts.facts import Cycle, Kind, Row


@dataclass(frozen=True)
class Pause:
    """One unbroken standing for one reason by one event; nights inside it do not end it."""

    start: int
    end: int
    seconds: int
    actor: str
    event_id: str


@dataclass(frozen=True)
class Reason:
    """All pauses for one reason. letter: empty past the twenty-sixth."""

    letter: str
    reason: str
    name: str
    seconds: int
    pauses: tuple[Pause, ...]

    @property
    def actors(self) -> tuple[str, ...]:
        """Who, each once, in the order of time."""
        return tuple(dict.fromkeys(pause.actor for pause in self.pauses if pause.actor))


def reasons_of(cycle: Cycle) -> tuple[Reason, ...]:
    """The reasons by length, the longest first; equal ones in the order of time."""
    rows: dict[str, list[Row]] = {}
    for row in cycle.rows:
        if row.kind is Kind.PAUSED:
            rows.setdefault(row.reason or "", []).append(row)
    ordered = sorted(rows.items(), key=lambda item: -sum(row.seconds for row in item[1]))
    return tuple(
        Reason(
            letter=ascii_uppercase[place] if place < len(ascii_uppercase) else "",
            reason=reason,
            name=reason or _("No reason given"),
            seconds=sum(row.seconds for row in of_reason),
            pauses=_pauses(of_reason),
        )
        for place, (reason, of_reason) in enumerate(ordered)
    )


def letters_of(reasons: Sequence[Reason]) -> Mapping[str, str]:
    """Reason to letter."""
    return {reason.reason: reason.letter for reason in reasons}


def _pauses(rows: Sequence[Row]) -> tuple[Pause, ...]:
    pauses: list[Pause] = []
    for row in rows:
        last = pauses[-1] if pauses else None
        if last is not None and last.event_id == (row.event_id or ""):
            pauses[-1] = Pause(last.start, row.end, last.seconds + row.seconds, last.actor, last.event_id)
        else:
            pauses.append(Pause(row.start, row.end, row.seconds, row.actor or "", row.event_id or ""))
    return tuple(pauses)
