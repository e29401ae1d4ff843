"""The ledger as a table: every row, whole closed days of one name folded, what was used so far, the breach named."""

from dataclasses import dataclass
from urllib.parse import quote
from zoneinfo import ZoneInfo

from services.kernel.messages import N_, _, pgettext
from web.charts.days import Calendar, DayKind
from web.charts.facts import NO_HOURS, OUTSIDE_HOURS, SUMMED, Cycle, Kind, Row
from web.charts.reasons import Reason, letters_of
from web.charts.verdict import kind_word
from web.charts.words import Local, day_name, length, short_length

NO_BREAK = "\u00a0"
WEEKEND, NO_HOURS_DAY, OUTSIDE = N_("Weekend"), N_("Day without hours"), N_("Outside hours")


@dataclass(frozen=True)
class TableRow:
    """look: the row's class. breach: words, on the row in which the goal was passed. so_far: used, on working rows."""

    look: str
    start: str
    end: str
    kind: str
    letter: str
    what: str
    breach: str
    actor: str
    event_id: str
    length: str
    so_far: str
    members: tuple["TableRow", ...] = ()

    @property
    def link(self) -> str:
        """The anchor of its event."""
        return anchor(self.event_id)


@dataclass(frozen=True)
class LedgerTable:
    """rows: folded where `members` are. count: rows of the ledger itself. wall, used: the foot's sums."""

    rows: tuple[TableRow, ...]
    count: int
    wall: str
    used: str


def anchor(event_id: str) -> str:
    """The id of an event's row on the ticket page; the same text follows # in a link."""
    return f"e-{quote(event_id, safe='')}"


@dataclass(frozen=True)
class _Writer:
    cycle: Cycle
    local: Local
    there: Local
    calendar: Calendar | None
    letters: dict[str, str]
    words: dict[Kind, str]
    seconds: bool

    def at(self, t: int) -> str:
        """An instant that breaks between day and time alone, so that a phone's column can be narrow."""
        day, _space, time = self.local.at(t, seconds=self.seconds).rpartition(" ")
        return f"{day.replace(' ', NO_BREAK)} {time}"

    def over(self, row: Row) -> bool:
        """Worked after the breach."""
        breach = self.cycle.breached_at
        return row.kind is Kind.WORKING and breach is not None and row.start >= breach

    def breach(self, row: Row) -> str:
        """`breached at …` on the row that holds the instant; the last row holds its own end too."""
        at = self.cycle.breached_at
        if at is None or not (row.start <= at < row.end or (at == row.end and row is self.cycle.rows[-1])):
            return ""
        return _("breached at %(at)s") % {"at": self.local.at(at, seconds=self.seconds)}

    def what(self, row: Row) -> str:
        """In words: the closed day's name, the reason of a pause, a make-up day that is worked."""
        day = self.there.day_of(row.start)
        if row.kind is Kind.CLOSED:
            if row.named and row.label:
                return day_name(row.label)
            weekend = row.label == NO_HOURS and day.weekday() > 4
            return _(WEEKEND if weekend else NO_HOURS_DAY if row.label == NO_HOURS else OUTSIDE)
        if row.kind is Kind.PAUSED:
            return row.reason or _("No reason given")
        if row.kind is Kind.STOPPED:
            return row.reason or _("Stopped, then reopened")
        if self.calendar is None:
            return ""
        found = self.calendar.day(day)
        if found.kind is DayKind.MAKEUP:
            return _("Make-up workday")
        return day_name(found.name) if found.kind is DayKind.SHORT else ""

    def write(self, row: Row, used: int) -> TableRow:
        """One row of the ledger. used: working seconds up to its end."""
        over = self.over(row)
        return TableRow(
            look="over" if over else row.kind.value,
            start=self.at(row.start),
            end=self.at(row.end),
            kind=pgettext("ledger", "over") if over else self.words[row.kind],
            letter=self.letters.get(row.reason or "", "") if row.kind is Kind.PAUSED else "",
            what=self.what(row),
            breach=self.breach(row),
            actor=row.actor or "",
            event_id=row.event_id or "",
            length=length(row.seconds),
            so_far=short_length(used) if row.kind is Kind.WORKING else "",
        )


def ledger_table(
    cycle: Cycle, reasons: tuple[Reason, ...], calendar: Calendar | None, local: Local, *, unfolded: bool = False
) -> LedgerTable:
    """The rows in their order. unfolded: whole closed days one by one too."""
    there = Local(ZoneInfo(calendar.zone), local.year) if calendar else local
    words = {kind: kind_word(kind) for kind in SUMMED}
    seconds = any(row.start % 60 or row.end % 60 for row in cycle.rows)
    writer = _Writer(cycle, local, there, calendar, dict(letters_of(reasons)), words, seconds)
    rows: list[TableRow] = []
    used = 0
    for group in _groups(cycle, there, unfolded):
        written = []
        for row in group:
            used += row.seconds if row.kind is Kind.WORKING else 0
            written.append(writer.write(row, used))
        rows.append(written[0] if len(written) == 1 else _folded(group, written))
    return LedgerTable(tuple(rows), len(cycle.rows), length(cycle.wall, days=True), short_length(cycle.used))


def _folded(group: list[Row], written: list[TableRow]) -> TableRow:
    first, last = written[0], written[-1]
    whole = length(sum(row.seconds for row in group), days=True)
    return TableRow("closed", first.start, last.end, first.kind, "", first.what, "", "", "", whole, "", tuple(written))


def _groups(cycle: Cycle, there: Local, unfolded: bool) -> list[list[Row]]:
    """Rows one by one; whole closed days of one name in a row together, unless one of them holds the breach."""
    groups: list[list[Row]] = []
    for row in cycle.rows:
        last = groups[-1][-1] if groups else None
        together = (
            not unfolded
            and last is not None
            and row.label == last.label
            and _whole_day(row, there)
            and _whole_day(last, there)
            and not any(r.start <= (cycle.breached_at or -1) < r.end for r in (row, last))
        )
        if together:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _whole_day(row: Row, there: Local) -> bool:
    """Closed from one local midnight to the next, 23 and 25 hours included."""
    if row.kind is not Kind.CLOSED or row.label == OUTSIDE_HOURS:
        return False
    return row.start == there.midnight(there.day_of(row.start)) and row.end == there.midnight(there.day_of(row.end))
