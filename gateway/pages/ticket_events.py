"""A ticket's events as its page and its export show them: in effective order, what each changed, what it did."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from gateway.pages.asking import Json
from services.kernel.messages import N_, _, gettext, ngettext
from web.charts.conditions import value_words
from web.charts.facts import Event, read_event
from web.charts.ledger import anchor
from web.charts.marks import goal_words
from web.charts.received import AN_HOUR, Standing, standings
from web.charts.words import Local, chinese, epoch, length

# What the attributes that most service desks send are called; others stand under their own names.
FIELDS: Mapping[str, str] = {
    "state": N_("State"), "priority": N_("Priority"), "title": N_("Subject"), "category": N_("Category"),
    "subcategory": N_("Subcategory"), "assignment_group": N_("Group"), "assigned_to": N_("Assigned to"),
    "customer_level": N_("Customer level"), "severity": N_("Severity"), "urgency": N_("Urgency"),
    "impact": N_("Impact"), "service": N_("Service"), "reason": N_("Reason"),
}  # fmt: skip
TYPES: Mapping[str, str] = {
    "opened": N_("opened"), "updated": N_("updated"), "assigned": N_("assigned"), "resolved": N_("resolved"),
    "reopened": N_("reopened"), "closed": N_("ticket closed"), "cancelled": N_("cancelled"), "paused": N_("pauses"),
    "resumed": N_("resumed"), "corrected": N_("corrected"), "withdrawn": N_("withdrawn"),
    "waiting": N_("waiting"), "called back": N_("called back"), "alarm": N_("alarm"), "recovered": N_("recovered"),
}  # fmt: skip
DID: Mapping[str, str] = {
    "started": N_("starts"), "cancelled": N_("cancelled"), "reset": N_("reset"),
    "reopened": N_("the same cycle goes on"),
    "paused": N_("pauses"), "resumed": N_("goes on"),
}  # fmt: skip
ENDS: Mapping[str, tuple[str, str]] = {
    "met": (N_("met"), "good"), "breached": (N_("ends, breached"), "late"), "not_rated": (N_("ends, not rated"), ""),
}  # fmt: skip


@dataclass(frozen=True)
class Patch:
    """An attribute and what it became. before: what it was, empty where it was nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Effect:
    """What an event did to clocks. tone: `late`, `good` or none."""

    words: str
    tone: str = ""


@dataclass(frozen=True)
class EventRow:
    """An event as received. late: by how much, in words. aside: which event took its place, in words."""

    anchor: str
    event_id: str
    label: str
    occurred: str
    received: str
    late: str
    actor: str
    patches: Sequence[Patch]
    effects: Sequence[Effect]
    aside: str
    fixes: bool


def late_after(events: Sequence[Json]) -> int:
    """Seconds after which an arrival is late: an hour, or thrice the usual delay of these events where they come by
    import or in long rounds."""
    delays = [epoch(event["received_at"]) - epoch(event["occurred_at"]) for event in events if event["received_at"]]
    return max(AN_HOUR, int(3 * median(delays))) if delays else AN_HOUR


def ordered(events: Sequence[Json]) -> list[Standing]:
    """All events in their effective order, with what became of each."""
    return standings((read_event(event) for event in events), late_after(events))


def event_rows(ticket: Json, names: Mapping[str, str], local: Local) -> list[EventRow]:
    """The rows of the page. names: of the targets, in the reader's language."""
    every = ordered(ticket["events"])
    done = effects(ticket, [s.event for s in every if s.holds], names, local)
    withdrawals = {event["event_id"] for event in ticket["events"] if event["withdraws"]}
    rows, known = [], dict[str, Any]()
    for standing in every:
        event = standing.event
        patches, did = _patches(event.attributes, known), done.get(event.event_id, [])
        rows.append(_row(standing, patches, did, _aside(standing, withdrawals), local))
        if standing.holds:
            known |= event.attributes
    return rows


def _row(
    standing: Standing, patches: Sequence[Patch], done: Sequence[Effect], aside: str, local: Local
) -> EventRow:  # fmt: skip
    event, received = standing.event, standing.event.received_at
    return EventRow(
        anchor=anchor(event.event_id), event_id=event.event_id, label=label(event),
        occurred=local.at(event.occurred_at, seconds=True),
        received="" if received is None else local.at(received, seconds=True),
        late="" if standing.late_by is None else _("%(delay)s late", delay=length(standing.late_by, days=True)),
        actor=event.actor or "", patches=() if event.withdraws else patches, effects=done, aside=aside,
        fixes=bool(event.corrects or event.withdraws),
    )  # fmt: skip


def label(event: Event) -> str:
    """The type in words; of an amendment, what it amends."""
    if event.withdraws:
        return _("withdraws %(event)s", event=event.withdraws)
    if event.corrects:
        return _("corrects %(event)s", event=event.corrects)
    return gettext(TYPES[event.type]) if event.type in TYPES else event.type


def _aside(standing: Standing, withdrawals: Collection[str]) -> str:
    by = standing.set_aside_by
    if by is None:
        return ""
    return _("withdrawn by %(event)s", event=by) if by in withdrawals else _("corrected by %(event)s", event=by)


def field_name(name: str) -> str:
    """An attribute's name in the reader's language, where it is a usual one."""
    return gettext(FIELDS[name]) if name in FIELDS else name


def _patches(attributes: Mapping[str, Any], known: Mapping[str, Any]) -> list[Patch]:
    return [
        Patch(field_name(name), value_words(known[name]) if known.get(name) is not None else "", value_words(value))
        for name, value in attributes.items()
        if known.get(name) != value
    ]


def effects(
    ticket: Json, counted: Sequence[Event], names: Mapping[str, str], local: Local
) -> dict[str, list[Effect]]:  # fmt: skip
    """What each event did, the clocks that it did the same to in one sentence, breaches where they were reached."""
    found: dict[str, dict[Effect, list[str]]] = {}
    for clock in ticket["clocks"]:
        name = names.get(clock["target"], clock["target"])
        before: Json | None = None
        for step in clock.get("why") or ():
            for did in step["did"]:
                effect = _effect(did, step, before, clock["cycles"])
                found.setdefault(step["event_id"], {}).setdefault(effect, []).append(name)
            before = step
        for event, effect in _breaches(clock["cycles"], counted, local):
            found.setdefault(event, {}).setdefault(effect, []).append(name)
    comma, colon = ("、", "：") if chinese() else (", ", ": ")
    return {
        event: [Effect(f"{comma.join(whose)}{colon}{effect.words}", effect.tone) for effect, whose in of_event.items()]
        for event, of_event in found.items()
    }


def _effect(did: str, step: Json, before: Json | None, cycles: Sequence[Json]) -> Effect:
    if did == "stopped":
        return _ended(step, cycles)
    if did == "goal_changed":
        was = before["goal_seconds"] if before else None
        facts = {"before": goal_words(was), "after": goal_words(step["goal_seconds"])}
        return Effect(gettext("goal %(before)s → %(after)s") % facts)
    return Effect(gettext(DID[did]) if did in DID else did)


def _ended(step: Json, cycles: Sequence[Json]) -> Effect:
    """A stop by its outcome, where the cycle has ended there for good; else only that it stands."""
    ended = next((cycle for cycle in cycles if cycle["ended_at"] == step["at"]), None)
    words, tone = ENDS.get(ended["state"], ("", "")) if ended else ("", "")
    return Effect(gettext(words), tone) if words else Effect(gettext("stops"))


def _breaches(cycles: Sequence[Json], counted: Sequence[Event], local: Local) -> list[tuple[str, Effect]]:
    found = []
    for cycle in cycles:
        if cycle["breached_at"] is None or cycle["state"] == "withdrawn":
            continue
        at = epoch(cycle["breached_at"])
        last = next((event for event in reversed(counted) if event.occurred_at <= at), None)
        if last is not None:
            found.append((last.event_id, Effect(_("breached %(at)s", at=local.at(at)), "late")))
    return found


def count_words(rows: Sequence[EventRow]) -> str:
    """`11 events, 1 corrected, 2 late`."""
    parts = [ngettext("%(num)s event", "%(num)s events", len(rows)) % {"num": len(rows)}]
    fixed, late = sum(1 for row in rows if row.fixes), sum(1 for row in rows if row.late)
    if fixed:
        parts.append(ngettext("%(num)s correction", "%(num)s corrections", fixed) % {"num": fixed})
    if late:
        parts.append(_("%(num)s late", num=late))
    return ("，" if chinese() else ", ").join(parts)
