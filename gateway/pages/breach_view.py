"""A breach as its page shows it: its versions with what caused each, the two steps of an exclusion, its effect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from markupsafe import Markup

from gateway.pages.asking import Json
from gateway.pages.formats import duration, money
from gateway.pages.records import Entry
from gateway.pages.ticket_view import ticket_href
from services.kernel.messages import N_, _, gettext
from web.charts.facts import read_event
from web.charts.ledger import anchor
from web.charts.tiers import attainment, tier_scale
from web.charts.words import epoch, length, percent

DECISIONS: Mapping[str, tuple[str, str]] = {
    "acknowledge": (N_("took note"), ""),
    "exclude": (N_("asked for an exclusion"), "warn"),
    "confirm": (N_("confirmed the exclusion"), "ok"),
    "refuse": (N_("refused the exclusion"), "danger"),
    "reinstate": (N_("reinstated the breach"), "warn"),
}  # fmt: skip
A_MINUTE, A_DAY = 60, 86_400


@dataclass(frozen=True)
class VersionRow:
    """A version of the breach. number: its place among them. moved: how far its instant lies from the one before."""

    number: int
    state: str
    breached_at: str
    moved: str
    struck: bool
    stands: bool
    because: Markup
    since: str


def version_rows(breach: Json, ticket: Json | None, goal: str, people: Mapping[str, str]) -> list[VersionRow]:
    """The versions, the newest first. ticket: with its events, None where it cannot be had."""
    versions: Sequence[Json] = breach["versions"]
    rows = []
    for place, version in enumerate(versions):
        before = versions[place - 1] if place else None
        rows.append(
            VersionRow(
                number=place + 1, state=version["state"], breached_at=version["breached_at"],
                moved=_moved(before, version), struck=place < len(versions) - 1, stands=version["state"] != "withdrawn",
                because=_because(breach, version, before, ticket, goal, people), since=version["at"],
            )
        )  # fmt: skip
    return rows[::-1]


def _moved(before: Json | None, version: Json) -> str:
    if before is None or "withdrawn" in (before["state"], version["state"]):
        return ""
    shift = epoch(version["breached_at"]) - epoch(before["breached_at"])
    if not shift:
        return ""
    told = length(abs(shift), days=True)
    return _("%(time)s later", time=told) if shift > 0 else _("%(time)s earlier", time=told)


def _because(
    breach: Json, version: Json, before: Json | None, ticket: Json | None, goal: str, people: Mapping[str, str]
) -> Markup:  # fmt: skip
    decided = next((decision for decision in breach["decisions"] if decision["at"] == version["at"]), None)
    if decided is not None:
        who = people.get(decided["by"], decided["by"])
        words = _("%(who)s confirmed the exclusion") if decided["action"] == "confirm" else _("%(who)s reinstated it")
        return Markup("{}").format(words % {"who": who})
    if version["event_id"] is None:
        if version["state"] == "excluded":
            return Markup("{}").format(_("excluded by decision"))
        facts = {"goal": goal}
        said = _("%(goal)s were used up") if before is None else _("judged again: %(goal)s were used up")
        return Markup("{}").format(said % facts)
    return _by_event(breach, version, before, ticket)


def _by_event(breach: Json, version: Json, before: Json | None, ticket: Json | None) -> Markup:
    event_id = version["event_id"]
    sent = next((one for one in (ticket or {}).get("events") or () if one["event_id"] == event_id), None)
    href = f"{ticket_href(breach['source'], breach['ticket'])}#{anchor(event_id)}"
    link = Markup('<a href="{}">{}</a>').format(href, event_id)
    if version["state"] == "withdrawn":
        words = _("withdrawn by event %(event)s")
    elif before is None:
        words = _("event %(event)s passed the goal")
    elif before["state"] == "withdrawn":
        words = _("event %(event)s made it a breach again")
    else:
        words = _("judged again after event %(event)s")
    told = Markup("{}").format(words) % {"event": link}
    return Markup("{}{}").format(told, _about(sent)) if sent else told


def _about(sent: Json) -> Markup:
    """What the event amends, and how long after its instant it came."""
    event, parts = read_event(sent), []
    if event.corrects:
        parts.append(_("it corrects %(event)s", event=event.corrects))
    if event.withdraws:
        parts.append(_("it withdraws %(event)s", event=event.withdraws))
    delay = (event.received_at or event.occurred_at) - event.occurred_at
    if delay > A_MINUTE:
        parts.append(_("received %(delay)s after its instant", delay=duration(delay, 2, days=True)))
    joined = _("; ").join(parts)
    return Markup(' <span class="sub">{}</span>').format(joined) if joined else Markup("")


def detected(breach: Json) -> str:
    """How long after its instant it was known."""
    first = breach["versions"][0]
    delay = (datetime.fromisoformat(first["at"]) - datetime.fromisoformat(first["breached_at"])).total_seconds()
    if delay < A_MINUTE:
        return _("after %(seconds)s s", seconds=f"{max(delay, 0):.1f}")
    told = _("after %(time)s", time=duration(int(delay), 2, days=True))
    return told if delay < A_DAY else _("%(later)s, by import", later=told)


@dataclass(frozen=True)
class Asked:
    """Who did a step of the exclusion, when, with which words."""

    who: str
    at: str
    words: str


@dataclass(frozen=True)
class Exclusion:
    """The exclusion as two steps by two people. own: whoever looks has asked. decided: it stands."""

    asked: Asked | None = None
    confirmed: Asked | None = None
    own: bool = False


def exclusion(breach: Json, people: Mapping[str, str], login: str) -> Exclusion:
    """What has been asked and decided so far."""
    pending = breach["exclusion"]
    if pending:
        who = pending["asked_by"]
        return Exclusion(Asked(people.get(who, who), pending["asked_at"], pending["reason"]), own=who == login)
    if breach["state"] != "excluded":
        return Exclusion()
    last: dict[str, Asked] = {}
    for decision in breach["decisions"]:
        by = decision["by"]
        last[decision["action"]] = Asked(people.get(by, by), decision["at"], decision["text"] or "")
    return Exclusion(last.get("exclude"), last.get("confirm"))


def decisions(breach: Json, people: Mapping[str, str]) -> list[Entry]:
    """What people said and decided, the latest first."""
    return [_decision(one, people) for one in reversed(breach["decisions"])]


def _decision(one: Json, people: Mapping[str, str]) -> Entry:
    words, tone = DECISIONS[one["action"]]
    who = people.get(one["by"], one["by"])
    return Entry(at=one["at"], who=who, text=gettext(words), tone=tone, quote=one["text"] or "")


@dataclass(frozen=True)
class EffectRow:
    """A line of the effect: now, and after the decision. Tones: `late`, `good`, `muted` or none."""

    title: str
    now: str
    then: str
    now_tone: str = ""
    then_tone: str = ""
    note: str = ""
    total: bool = False


@dataclass(frozen=True)
class Effect:
    """What the decision would change in its target's month. scale: its tiers with both attainments, or empty."""

    rows: Sequence[EffectRow]
    scale: Markup
    open: bool


def effect(found: Json, target: Json | None) -> Effect:
    """The service's answer in words. target: of the agreement, for its tiers."""
    now, then = found["now"], found["then"]
    if now["result"] is None or then["result"] is None:
        return Effect((), Markup(""), found["open"])
    before, after = attainment(now["result"]), attainment(then["result"])
    rows = [
        EffectRow(_("Met / counted"), _counts(now), _counts(then)),
        EffectRow(_("Attainment"), before.words, after.words, before.tone, after.tone),
        EffectRow(_("Tier"), _tier(now), _tier(then)),
    ]
    if now["credit"] and then["credit"]:
        rows.append(
            EffectRow(_("Credit"), money(now["credit"]), money(then["credit"]), note=_difference(now, then), total=True)
        )
    shares = [one["result"]["attainment"] for one in (now, then)]
    scale = Markup("")
    if target and target["tiers"] and shares[0]:
        scale = tier_scale(target["tiers"], shares[0]["share"], shares[1]["share"] if shares[1] else None)
    return Effect(rows, scale, found["open"])


def _counts(side: Json) -> str:
    result = side["result"]
    return f"{result['met']} / {result['met'] + result['breached']}"


def _tier(side: Json) -> str:
    tier = side["result"]["tier"]
    return _("below %(share)s", share=percent(tier["below"])) if tier else _("none")


def _difference(now: Json, then: Json) -> str:
    change = Decimal(then["credit"]["amount"]) - Decimal(now["credit"]["amount"])
    if not change:
        return ""
    told = money({"amount": str(abs(change)), "currency": now["credit"]["currency"]})
    return f"{'−' if change < 0 else '+'}{told}"
