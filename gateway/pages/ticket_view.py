"""A ticket as its page shows it: facts, a panel a target, the ledger of the chosen clock, events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from gateway.pages.asking import Json, segment
from gateway.pages.ticket_events import EventRow, count_words, event_rows, field_name, late_after, ordered
from services.kernel.messages import N_, _, gettext, ngettext
from web.charts.conditions import Check, HeldMatrix, held_matrix, no_clock_checks
from web.charts.panel import ClockPanel, Tab, clock_panel, cycle_tabs, opening_words
from web.charts.words import Local, chinese

Calendars = Mapping[tuple[str, int], Json]
CYCLE = "cycle-"

# Why no cycle is open, where no condition of the present version explains it.
HINDRANCES: Mapping[str, str] = {
    "not_in_force": N_("No version of the agreement was in force at any event."),
    "no_target": N_("No version in force at the events had this target."),
}


def ticket_href(source: str, ticket: str) -> str:
    """The page of a ticket."""
    return f"/tickets/{quote(source, safe='')}/{segment(ticket)}"


def target_name(target: Json) -> str:
    """A target's name in the reader's language."""
    said = target.get("name") or {}
    return str(said.get("zh" if chinese() else "en") or said.get("en") or said.get("zh") or target["key"])


@dataclass(frozen=True)
class Choice:
    """What of the page is chosen, as it stands in the URL: a cycle a target, the ledger, whether it is unfolded."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)

    def href(self, anchor: str = "", **changes: str | None) -> str:
        """The page with something chosen otherwise; None: without."""
        kept = {name: value for name, value in {**self.params, **changes}.items() if value}
        return self.path + (f"?{urlencode(kept)}" if kept else "") + (f"#{anchor}" if anchor else "")

    def cycle(self, target: str, cycles: Sequence[Json]) -> Json:
        """The chosen cycle of a target, else its latest, a withdrawn one only where there is no other."""
        wanted = self.params.get(CYCLE + target, "")
        latest = max(cycles, key=lambda cycle: (cycle["state"] != "withdrawn", cycle["cycle"]))
        return next((cycle for cycle in cycles if str(cycle["cycle"]) == wanted), latest)

    @property
    def unfolded(self) -> bool:
        """Whether every closed day stands for itself."""
        return self.params.get("rows") == "all"


@dataclass(frozen=True)
class Clock:
    """A target of the ticket: its panel, or why it has no clock."""

    key: str
    name: str
    panel: ClockPanel | None = None
    tabs: Sequence[Tab] = ()
    link: tuple[str, str] | None = None
    checks: Sequence[Check] = ()
    said: str = ""
    matrix: HeldMatrix | None = None


@dataclass(frozen=True)
class Ledger:
    """The clock whose ledger is shown, and the links to the others'."""

    clock: Clock
    tabs: Sequence[Tab]
    unfold: str


@dataclass(frozen=True)
class TicketView:
    """Everything that the page's template names."""

    clocks: Sequence[Clock]
    ledger: Ledger | None
    last: str
    events: Sequence[EventRow]
    events_note: str


def view(ticket: Json, targets: Sequence[Json], calendars: Calendars, choice: Choice, zone: str) -> TicketView:
    """The ticket drawn and put into words. ticket: with ledger, events and why. targets: of its agreement, in order.
    calendars: those that judged. zone: the one that the page says it shows."""
    names = {target["key"]: target_name(target) for target in targets}
    found = {clock["target"]: clock for clock in ticket["clocks"]}
    keys = [*(key for key in names if key in found), *(key for key in found if key not in names)]
    drawer = _Drawer(ticket, {t["key"]: t for t in targets}, names, calendars, choice, zone)
    clocks = [drawer.clock(found[key]) for key in keys]
    shown = [clock for clock in clocks if clock.panel is not None]
    rows = event_rows(ticket, names, Local.of(zone, drawer.now))
    return TicketView(
        clocks=clocks, ledger=_ledger(shown, choice), last=shown[-1].key if shown else "", events=rows,
        events_note=count_words(rows),
    )  # fmt: skip


def _ledger(shown: Sequence[Clock], choice: Choice) -> Ledger | None:
    with_rows = [clock for clock in shown if clock.panel is not None and clock.panel.sums.terms]
    if not with_rows:
        return None
    wanted = choice.params.get("ledger", "")
    breached = [clock for clock in with_rows if clock.panel is not None and clock.panel.verdict.tone == "breached"]
    default = breached[0] if breached else with_rows[-1]
    chosen = next((clock for clock in with_rows if clock.key == wanted), default)
    tabs = [Tab(clock.name, choice.href("ledger", ledger=clock.key), clock is chosen) for clock in with_rows]
    return Ledger(chosen, tabs if len(tabs) > 1 else (), choice.href("ledger", ledger=chosen.key, rows="all"))


@dataclass(frozen=True)
class _Drawer:
    ticket: Json
    targets: Mapping[str, Json]
    names: Mapping[str, str]
    calendars: Calendars
    choice: Choice
    zone: str

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.ticket["as_of"])

    def clock(self, clock: Json) -> Clock:
        key = clock["target"]
        name = self.names.get(key, key)
        if not clock["cycles"]:
            return self._none(clock, key, name)
        cycle, cycles = self.choice.cycle(key, clock["cycles"]), clock["cycles"]
        judged = cycle["judged_by"]
        panel = clock_panel(
            cycle, target=name, uid=key, zone=self.zone, now=self.now, events=self.ticket["events"],
            calendar=self.calendars.get((judged["calendar"], judged["calendar_version"])),
            late_after=late_after(self.ticket["events"]), unfolded=self.choice.unfolded,
            opened_by=opening_words(cycles, cycle["cycle"]),
        )  # fmt: skip
        number = cycle.get("breach")
        return Clock(
            key, name, panel,
            cycle_tabs(cycles, cycle["cycle"], self.zone, self.now,
                       lambda n: self.choice.href(panel.uid, **{CYCLE + key: str(n)})),
            (f"/breaches/{number}", _("Breach %(number)s", number=number)) if number else None,
        )  # fmt: skip

    def _none(self, clock: Json, key: str, name: str) -> Clock:
        steps, target = clock.get("why") or (), self.targets.get(key)
        uid = key.replace("_", "-").lower()
        hindered = {hindrance for step in steps for hindrance in step["hindered_by"]}
        alone = next((words for code, words in HINDRANCES.items() if hindered == {code}), "")
        checks = no_clock_checks(steps, target, self.ticket["attributes"], field_name) if target and not alone else ()
        said = gettext(alone) if alone else "" if checks else _("At no event did the conditions let it start.")
        return Clock(uid, name, checks=checks, said=said, matrix=held_matrix(steps) if steps and not alone else None)


def breaches_of(ticket: Json) -> int:
    """How many cycles have breached and count."""
    cycles = [cycle for clock in ticket["clocks"] for cycle in clock["cycles"]]
    return sum(1 for c in cycles if c["breached_at"] and not c["excluded"] and c["state"] != "withdrawn")


def verdict(ticket: Json) -> tuple[str, str, str]:
    """The chip beside the title: subject, state, words."""
    breached = breaches_of(ticket)
    if breached:
        return "breach", "standing", ngettext("%(num)s breach", "%(num)s breaches", breached) % {"num": breached}
    states = {cycle["state"] for clock in ticket["clocks"] for cycle in clock["cycles"]}
    for state in ("running", "paused", "met", "not_rated"):
        if state in states:
            return "clock", state, ""
    return "clock", "none", ""


def earlier_values(ticket: Json, name: str) -> list[Any]:
    """The values that an attribute had before its present one, each once."""
    present = ticket["attributes"].get(name)
    seen: dict[Any, None] = {}
    for standing in ordered(ticket["events"]):
        value = standing.event.attributes.get(name)
        if standing.holds and value is not None and value != present:
            seen[value] = None
    return list(seen)


def priority_words(value: Any) -> str:
    """`P2` where a service desk sends a bare 2."""
    text = str(value)
    return f"P{text}" if text.isdigit() and len(text) == 1 else text


def priority_marks(ticket: Json) -> Markup | str:
    """The priority as a tag, those before it struck through; empty where the ticket has none."""
    present = ticket["attributes"].get("priority")
    if present is None:
        return ""
    struck = Markup(" ").join(
        Markup("<del>{}</del>").format(priority_words(value)) for value in earlier_values(ticket, "priority")
    )
    words = priority_words(present)
    tag = Markup('<span class="sev {}">{}</span>').format(words if words in ("P1", "P2", "P3") else "", words)
    return Markup("{} {}").format(struck, tag) if struck else tag
