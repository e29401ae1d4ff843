"""From a credit line down to the event as received: four columns, the choice in the URL, links without script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from services.kernel.messages import _, ngettext, pgettext
from web.charts.facts import Cycle, Json, Kind, read_cycle, read_event
from web.charts.ledger import anchor
from web.charts.received import standings
from web.charts.verdict import kind_word
from web.charts.words import Local, money, short_length

BREACHES_SHOWN = 100  # a column is a way in, not the list; the list has its own page
RAW = ("event_id", "type", "corrects", "withdraws", "occurred_at", "received_at", "sequence", "actor", "url", "batch")


@dataclass(frozen=True)
class Choice:
    """What the URL says: `?line=resolution&breach=servicedesk:0018842:resolution:1&row=1791771000`.

    row is the first second of a ledger row.
    """

    line: str = ""
    breach: str = ""
    row: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        """From the query; what is missing is empty."""
        return cls(query.get("line", ""), query.get("breach", ""), query.get("row", ""))

    def to(self, *, line: str = "", breach: str = "", row: str = "") -> str:
        """A link that goes one column further; what lies right of the change is dropped."""
        chosen = [("line", line or self.line)]
        if breach or row:
            chosen.append(("breach", breach or self.breach))
        if row:
            chosen.append(("row", row))
        return "?" + urlencode([pair for pair in chosen if pair[1]]) + "#drill"


@dataclass(frozen=True)
class Item:
    """A line of a column. look: `k-working` … before it, or nothing. late: a length over the goal."""

    first: str
    second: str
    small: str
    href: str
    current: bool
    look: str = ""
    late: bool = False
    bold: bool = False


@dataclass(frozen=True)
class Drill:
    """lines, breaches, rows: the three columns of choices. raw: the event as received, name and value. more: breaches
    left out of the column. heads: the columns' headings."""

    heads: tuple[str, str, str, str]
    lines: tuple[Item, ...]
    breaches: tuple[Item, ...]
    rows: tuple[Item, ...]
    raw: tuple[tuple[str, str], ...]
    more: int
    ticket: tuple[str, str] | None
    event_id: str

    @property
    def anchor(self) -> str:
        """The event's place on the ticket's page."""
        return anchor(self.event_id)


def breach_key(breach: Json) -> str:
    """A breach in the URL: source, ticket, target and cycle, since one ticket may breach several targets."""
    return ":".join([breach["source"], breach["ticket"], breach["target"], str(breach["cycle"])])


def drill(
    period: Json,
    breaches: Sequence[Json],
    ticket: Json | None,
    choice: Choice,
    *,
    names: Mapping[str, str],
    zone: str,
    now: datetime,
) -> Drill:
    """The columns. breaches: those of the chosen line, as `GET /breaches` gives them. ticket: the chosen breach's with
    `include=ledger,events`, or null. names: target key to its name in the reader's language."""
    local = Local.of(zone, now)
    chosen = next((b for b in breaches if breach_key(b) == choice.breach), None)
    cycle = _cycle(ticket, chosen)
    event = _event(ticket, cycle, choice)
    shown = list(breaches[:BREACHES_SHOWN])
    if chosen is not None and chosen not in shown:
        shown[-1] = chosen
    return Drill(
        heads=_heads(len(breaches), cycle),
        lines=tuple(_lines(period, choice, names)),
        breaches=tuple(_breach(b, choice) for b in shown),
        rows=tuple(_rows(cycle, choice, local)) if cycle else (),
        raw=_raw(event) if event else (),
        more=len(breaches) - len(shown),
        ticket=(chosen["source"], chosen["ticket"]) if chosen else None,
        event_id=event["event_id"] if event else "",
    )


def _heads(breaches: int, cycle: Cycle | None) -> tuple[str, str, str, str]:
    second = ngettext("%(n)s breach", "%(n)s breaches", breaches) % {"n": breaches}
    third = _("Ledger")
    if cycle is not None:
        told = {"n": len(cycle.rows), "cycle": cycle.number}
        third = (
            ngettext("Ledger, %(n)s row · cycle %(cycle)s", "Ledger, %(n)s rows · cycle %(cycle)s", told["n"]) % told
        )
    return _("Credit line"), second, third, _("Event as received")


def _lines(period: Json, choice: Choice, names: Mapping[str, str]) -> list[Item]:
    items = []
    for line in period.get("credits") or ():
        key = line.get("target") or line["kind"]
        name = names.get(key, key) if line["kind"] == "credit" else pgettext("credit", "cap")
        amount = money(line["amount"], line["currency"])
        items.append(Item(amount, name, "", choice.to(line=key), key == choice.line, bold=True))
    return items


def _breach(breach: Json, choice: Choice) -> Item:
    key = breach_key(breach)
    over = breach.get("over_seconds")
    state = breach.get("state")
    said = {"excluded": pgettext("breach", "excluded"), "withdrawn": pgettext("breach", "withdrawn")}
    small = said.get(str(state), "")
    second = "" if over is None else f"+{short_length(over)}"
    return Item(breach["ticket"], second, small, choice.to(breach=key), key == choice.breach, late=not small)


def _cycle(ticket: Json | None, breach: Json | None) -> Cycle | None:
    if ticket is None or breach is None:
        return None
    for clock in ticket["clocks"]:
        if clock["target"] == breach["target"]:
            return next((read_cycle(c) for c in clock["cycles"] if c["cycle"] == breach["cycle"]), None)
    return None


def _rows(cycle: Cycle, choice: Choice, local: Local) -> list[Item]:
    """The open rows; closed ones are left to the ticket's page."""
    items = []
    for row in cycle.rows:
        if row.kind is Kind.CLOSED:
            continue
        over = row.kind is Kind.WORKING and cycle.breached_at is not None and row.start >= cycle.breached_at
        small = "" if row.kind is Kind.WORKING else row.reason or kind_word(row.kind)
        items.append(
            Item(
                local.at(row.start),
                short_length(row.seconds),
                small,
                choice.to(row=str(row.start)),
                str(row.start) == choice.row,
                look="k-over" if over else f"k-{row.kind.value}",
            )
        )
    return items


def _event(ticket: Json | None, cycle: Cycle | None, choice: Choice) -> Json | None:
    """The event of the chosen row: the one it names, else the last that had occurred by its start."""
    if ticket is None or cycle is None or not choice.row:
        return None
    row = next((r for r in cycle.rows if str(r.start) == choice.row), None)
    if row is None:
        return None
    events: Sequence[Json] = ticket.get("events") or ()
    named = next((event for event in events if event["event_id"] == row.event_id), None)
    if named is not None:
        return named
    holding = [s.event for s in standings(read_event(event) for event in events) if s.holds]
    last = next((event for event in reversed(holding) if event.occurred_at <= row.start), None)
    return next((event for event in events if last is not None and event["event_id"] == last.event_id), None)


def _raw(event: Json) -> tuple[tuple[str, str], ...]:
    """Names as on the wire: this column is the fact itself."""
    known = [(name, str(event[name])) for name in RAW if event.get(name) is not None]
    attributes = event.get("attributes") or {}
    return (*known, *((name, "null" if value is None else str(value)) for name, value in attributes.items()))
