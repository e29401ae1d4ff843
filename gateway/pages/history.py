"""A record's history out of the trail, in words: who did what, and each field as it was and as it became."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.pages.asking import Json, names, problem_of
from gateway.pages.context import Page
from gateway.pages.formats import day_text, money, rate
from gateway.pages.links import Link
from gateway.pages.records import Change, Entry
from gateway.pages.roles import role_name
from gateway.pages.status import STATUS_TONE
from services.kernel.identity import Role
from services.kernel.messages import N_, gettext

SHOWN = 50
SHOWN_ACTS = 12
WATCHERS = (Role.AUDITOR, Role.SECURITY_OFFICER, Role.ADMINISTRATOR)

# What an action of the trail is called, and how it looks in the timeline.
ACTIONS: Mapping[str, tuple[str, str]] = {
    "supplier.register": (N_("registered the supplier"), ""),
    "supplier.put": (N_("sent the supplier from another system"), ""),
    "supplier.edit": (N_("changed the supplier"), ""),
    "supplier.screen": (N_("passed the screening"), ""),
    "supplier.approve": (N_("approved the supplier"), "ok"),
    "supplier.suspend": (N_("suspended the supplier"), "warn"),
    "supplier.reinstate": (N_("reinstated the supplier"), "ok"),
    "supplier.blacklist": (N_("blacklisted the supplier"), "danger"),
    "supplier.retire": (N_("retired the supplier"), ""),
    "contract.draft": (N_("drafted the contract"), ""),
    "contract.copy": (N_("drafted the contract as a copy"), ""),
    "contract.put": (N_("sent the contract from another system"), ""),
    "contract.edit": (N_("changed the contract"), ""),
    "contract.activate": (N_("put the contract in force"), "ok"),
    "contract.end": (N_("ended the contract"), "warn"),
    "agreement.draft": (N_("drafted the agreement"), ""),
    "agreement.edit": (N_("changed the agreement"), ""),
    "agreement.add-version": (N_("added a version"), ""),
    "agreement.put-in-force": (N_("put the agreement in force"), "ok"),
    "news.contract.activated": (N_("put the agreement in force with its contract"), "ok"),
    "news.contract.ended": (N_("ended the agreement with its contract"), "warn"),
    "contract.discard": (N_("discarded the draft"), ""),
    "agreement.discard": (N_("discarded the draft"), ""),
    "calendar.create": (N_("made the calendar"), ""),
    "calendar.replace": (N_("made a new version of the calendar"), ""),
    "source.put": (N_("made or changed the source"), ""),
    "breach.acknowledge": (N_("acknowledged the breach"), ""),
    "breach.exclude": (N_("asked to exclude the breach"), "warn"),
    "breach.confirm": (N_("confirmed the exclusion"), "ok"),
    "breach.refuse": (N_("refused the exclusion"), "warn"),
    "breach.reinstate": (N_("reinstated the breach"), "warn"),
    "period.close": (N_("closed the period"), "ok"),
    "period.look-again": (N_("compared the closed month with today's facts"), ""),
    "event.receive": (N_("received events"), ""),
    "clock.evaluate": (N_("judged the clocks"), ""),
    "user.add": (N_("made the account"), ""),
    "user.edit": (N_("changed the account"), ""),
    "user.deactivate": (N_("deactivated the account"), "warn"),
    "user.reactivate": (N_("reactivated the account"), "ok"),
    "user.new-link": (N_("made a link to a password"), ""),
    "user.first-password": (N_("set the first password"), "ok"),
    "user.change-password": (N_("changed the password"), ""),
    "user.prefer": (N_("changed how pages look"), ""),
    "user.sign-in": (N_("signed in"), ""),
    "user.sign-in-failed": (N_("failed to sign in"), "warn"),
    "user.sign-out": (N_("signed out"), ""),
    "user.sign-out-everywhere": (N_("signed out everywhere"), ""),
    "key.make": (N_("made the key"), ""),
    "key.revoke": (N_("revoked the key"), "warn"),
}

# The columns that people know, by table; others are the system's own.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "supplier": {
        "legal_name": N_("Legal name"), "short_name": N_("Short name"), "credit_code": N_("Unified social credit code"),
        "scope": N_("Scope"), "region": N_("Region"), "contacts": N_("Contacts"), "state": N_("State"),
    },
    "contract": {
        "title": N_("Title"), "owner": N_("Owner"), "supplier_name": N_("Supplier"), "type": N_("Type"),
        "value": N_("Value"), "currency": N_("Currency"), "starts_on": N_("From"), "ends_on": N_("To"),
        "ended_on": N_("Ended on"), "state": N_("State"),
    },
    "user": {
        "name": N_("Full name"), "email": N_("E-mail"), "roles": N_("Roles"), "supplier_name": N_("Supplier"),
        "active": N_("In use"), "zone": N_("Time zone"),
    },
    "agreement": {"title": N_("Title"), "zone": N_("Time zone"), "state": N_("State")},
}  # fmt: skip
DATES = ("starts_on", "ends_on", "ended_on")


@dataclass(frozen=True)
class History:
    """A record's timeline, and where the whole of it is. None: not for this reader, or the service is away."""

    entries: Sequence[Entry] | None
    link: Link | None = None


async def history(page: Page, service: str, record: str) -> Any:
    """The record's entries as the security service gives them; to be awaited beside other questions."""
    return await page.services.get("security", "/history", {"service": service, "record": record, "limit": str(SHOWN)})


async def told(page: Page, answer: Any, record: str) -> History:
    """What `history` answered, as a timeline."""
    if problem_of(page, answer) is not None:
        return History(None)
    rows: Sequence[Json] = answer["items"]
    people = await names(page, (row["actor"] for row in rows))
    link = Link(href=f"/audit?record={record}", title=gettext("The whole history")) if page.has(*WATCHERS) else None
    return History([act(rows, people) for rows in acts(rows)[:SHOWN_ACTS]], link)


def acts(rows: Iterable[Json]) -> list[list[Json]]:
    """The entries of each act together, the newest act first: one act may change several rows."""
    grouped: dict[tuple[str, ...], list[Json]] = {}
    for row in rows:
        grouped.setdefault((row["request_id"], row["action"], row["actor"]), []).append(row)
    return list(grouped.values())


def act(rows: Sequence[Json], people: Mapping[str, str]) -> Entry:
    """One act in words."""
    first = rows[0]
    words, tone = ACTIONS.get(first["action"], (first["action"], ""))
    made = any(row["before"] is None and row["table"] in FIELDS for row in rows)
    changes = [] if made else [change for row in rows for change in changed(row)] + term_changes(rows)
    return Entry(
        at=first["at"], who=people.get(first["actor"], first["actor"]), text=gettext(words), tone=tone,
        changes=changes, quote=_reason(rows),
    )  # fmt: skip


def _reason(rows: Sequence[Json]) -> str:
    for row in rows:
        before, after = row["before"] or {}, row["after"] or {}
        if after.get("state_reason") and after.get("state") != before.get("state"):
            return str(after["state_reason"])
    return ""


def changed(row: Json) -> list[Change]:
    """The fields of one row that people know and that became something else."""
    before, after = row["before"], row["after"]
    if before is None or after is None:
        return []
    known = FIELDS.get(row["table"], {})
    return [
        Change(title=gettext(title), before=_shown(row["table"], name, before), after=_shown(row["table"], name, after))
        for name, title in known.items()
        if before.get(name) != after.get(name)
    ]


def term_changes(rows: Sequence[Json]) -> list[Change]:
    """A contract's terms that came, went or became others: stored by replacing all of them."""
    terms = [row for row in rows if row["table"] == "term"]
    currency = next((row["after"]["currency"] for row in rows if row["table"] == "contract" and row["after"]), "CNY")
    gone = {row["before"]["starts_on"]: row["before"] for row in terms if row["before"]}
    come = {row["after"]["starts_on"]: row["after"] for row in terms if row["after"]}
    found = []
    for first in sorted(gone.keys() | come.keys()):
        before, after = (_term(term.get(first), currency) for term in (gone, come))
        if before != after:
            title = gettext("Terms from %(day)s") % {"day": day_text(first)}
            found.append(Change(title=title, before=before, after=after))
    return found


def _term(term: Json | None, currency: str) -> str:
    if term is None:
        return ""
    charge = money({"amount": str(term["monthly_charge"]), "currency": currency})
    return f"{charge} · {rate(str(term['at_risk_share']))}"


def _shown(table: str, name: str, row: Json) -> str:
    value = row.get(name)
    if value is None or value == []:
        return ""
    if name == "state" and value in STATUS_TONE.get(table, {}):
        return STATUS_TONE[table][value].label
    if name == "value":
        return money({"amount": str(value), "currency": row["currency"]})
    if name == "contacts":
        return gettext(", ").join(str(contact["name"]) for contact in value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name == "roles":
        return gettext(", ").join(role_name(role) for role in value)
    if name in DATES:
        return day_text(date.fromisoformat(value))
    return gettext(", ").join(value) if isinstance(value, list) else str(value)
