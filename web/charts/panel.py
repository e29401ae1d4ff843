"""One clock of a ticket, ready for its macros: verdict, why, strip, who stopped it, sums, table."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from markupsafe import Markup

from services.kernel.messages import _
from web.charts.days import Calendar
from web.charts.facts import Cycle, Json, read_cycle, read_event
from web.charts.ledger import LedgerTable, anchor, ledger_table
from web.charts.reasons import Reason, letters_of, reasons_of
from web.charts.received import AN_HOUR
from web.charts.scene import Scene, lay_out
from web.charts.strip import draw_empty, draw_strip
from web.charts.verdict import Chip, Sums, Verdict, chip_of, finding, sums_of, verdict_of
from web.charts.why import because
from web.charts.words import Local, length

LETTERED = 26


@dataclass(frozen=True)
class ClockPanel:
    """What the macros of `components/clock/` show of one cycle. others: how many reasons have no letter left."""

    uid: str
    target: str
    number: int
    chip: Chip
    judged: str
    verdict: Verdict
    because: Markup
    strip: Markup
    reasons: tuple[Reason, ...]
    sums: Sums
    local: Local
    warned: str
    _cycle: Cycle
    _calendar: Calendar | None
    _unfolded: bool

    @cached_property
    def table(self) -> LedgerTable:
        """The ledger's rows; written when they are shown, since a page shows those of one clock."""
        return ledger_table(self._cycle, self.reasons, self._calendar, self.local, unfolded=self._unfolded)

    @staticmethod
    def length(seconds: int) -> str:
        """A length in words."""
        return length(seconds)

    @staticmethod
    def anchor(event_id: str) -> str:
        """The anchor of an event's row."""
        return anchor(event_id)

    @property
    def lettered(self) -> tuple[Reason, ...]:
        """Those with a letter."""
        return self.reasons[:LETTERED]

    @property
    def others(self) -> tuple[Reason, ...]:
        """Those past Z, shown as one."""
        return self.reasons[LETTERED:]


@dataclass(frozen=True)
class Tab:
    """A cycle to choose."""

    words: str
    href: str
    current: bool


def clock_panel(
    cycle: Json,
    *,
    target: str,
    uid: str,
    zone: str,
    now: datetime,
    events: Sequence[Json] = (),
    calendar: Json | None = None,
    late_after: int = AN_HOUR,
    unfolded: bool = False,
    opened_by: str = "",
) -> ClockPanel:
    """Draw and phrase one cycle.

    cycle: of `GET /tickets/…?include=ledger,events`. target: its name in the reader's language. uid: unique on the
    page. zone: the one that the page says it shows. events: the ticket's. calendar: the judging one's JSON, for make-up
    days and the names of what lies ahead. late_after: seconds after which this source's events count as late. unfolded:
    the table with every closed day. opened_by: words at the start, for a cycle that a reset opened.
    """
    read, local = read_cycle(cycle), Local.of(zone, now)
    days = Calendar.read(calendar) if calendar else None
    reasons, safe = reasons_of(read), re.sub(r"[^a-z0-9-]", "-", uid.lower())
    title, found = _("Ledger: %(target)s") % {"target": target}, finding(read, local)
    if read.rows:
        scene = Scene(
            uid=safe,
            cycle=read,
            scale=lay_out(read, days, local),
            local=local,
            calendar=days,
            letters=letters_of(reasons),
            events=tuple(read_event(event) for event in events),
            late_after=late_after,
            opened_by=opened_by,
        )
        strip = draw_strip(scene, title, found)
    else:
        strip = draw_empty(safe, read.goal, title, found)
    return ClockPanel(
        uid=safe,
        target=target,
        number=read.number,
        chip=chip_of(read),
        judged=_judged(read),
        verdict=verdict_of(read),
        because=because(read, days, local),
        strip=strip,
        reasons=reasons,
        sums=sums_of(read),
        local=local,
        warned=", ".join(f"{percent} %" for percent in sorted({w.percent for w in read.warnings})),
        _cycle=read,
        _calendar=days,
        _unfolded=unfolded,
    )


def _judged(cycle: Cycle) -> str:
    """`第 1 轮 · 工作日历 cn-office v3`"""
    if cycle.calendar is None:
        return _("cycle %(n)s") % {"n": cycle.number}
    named = cycle.calendar + (f" v{cycle.calendar_version}" if cycle.calendar_version else "")
    return _("cycle %(n)s · calendar %(calendar)s") % {"n": cycle.number, "calendar": named}


def cycle_tabs(
    cycles: Sequence[Json], chosen: int, zone: str, now: datetime, href: Callable[[int], str]
) -> tuple[Tab, ...]:
    """The cycles of a target, the latest first; none where there is only one. href: the page that shows cycle n."""
    if len(cycles) < 2:
        return ()
    local = Local.of(zone, now)
    read = sorted((read_cycle(cycle) for cycle in cycles), key=lambda c: -c.number)
    return tuple(Tab(_tab_words(cycle, local), href(cycle.number), cycle.number == chosen) for cycle in read)


def _tab_words(cycle: Cycle, local: Local) -> str:
    told = {"n": cycle.number, "state": chip_of(cycle).words}
    if cycle.state == "reset" and cycle.breached_at is None and cycle.ended_at is not None:
        return _("Cycle %(n)s · reset %(at)s") % {"n": cycle.number, "at": local.at(cycle.ended_at)}
    return _("Cycle %(n)s · %(state)s") % told


def opening_words(cycles: Sequence[Json], number: int) -> str:
    """What to say at the start mark of cycle `number`: that a reset opened it."""
    before = next((cycle for cycle in cycles if cycle["cycle"] == number - 1), None)
    return _("opened by a reset") if before is not None and before["state"] == "reset" else ""
