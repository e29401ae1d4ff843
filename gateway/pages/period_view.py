"""A month as its page shows it: results, the cap, what facts that came later would change, and the way down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from gateway.pages.asking import Json
from gateway.pages.context import Page
from gateway.pages.formats import at_text, duration, moment, money, month_text, share
from gateway.pages.forms import Problem
from gateway.pages.links import Link
from gateway.pages.period_drill import Chosen
from gateway.pages.records import Action, Chip, Fact, Record
from gateway.pages.results import lowest, period_href
from gateway.pages.status import status_of
from gateway.pages.ticket_view import target_name, ticket_href
from services.kernel.database import now_utc
from services.kernel.messages import _, ngettext
from web.charts.drill import drill
from web.charts.formula import formulas
from web.charts.ledger import anchor
from web.charts.received import AN_HOUR
from web.charts.tiers import attainment, common_scale, not_counted, tier_scale

TONES: Mapping[str, str] = {"breached": "late", "met": "good"}


@dataclass(frozen=True)
class Told:
    """What the services say of a month. versions: of its agreement, none where they cannot be had. again: the month
    judged again, None where it need not be or cannot be. people: names by logins."""

    period: Json
    versions: Sequence[Json]
    chosen: Chosen
    again: Json | None
    people: Mapping[str, str]


@dataclass(frozen=True)
class Flip:
    """A cycle with another outcome today. was, now: words and tone. event: its id and page. came: when, how late."""

    ticket: str
    href: str
    target: str
    was: tuple[str, str]
    now: tuple[str, str]
    event: tuple[str, str] | None
    came: str


def period_context(page: Page, told: Told, problem: Problem | None = None) -> dict[str, Any]:
    """What the page's template names. problem: why it could not be closed."""
    found, chosen = told.period, told.chosen
    targets = promised(found, told.versions)
    names = {key: target_name(target) for key, target in targets.items()}
    columns = drill(found, chosen.breaches, chosen.ticket, chosen.choice, names=names, zone=page.person.zone,
                    now=now_utc())  # fmt: skip
    tiers = [targets[result["target"]]["tiers"] for result in found["targets"] if result["target"] in targets]
    contract = f"/contracts/{found['terms']['contract']}" if found["terms"] else ""
    return {
        "nav": "periods", "period": found, "record": _record(page, found, told.people, problem), "targets": targets,
        "target_names": names, "attainment": attainment, "not_counted": not_counted, "scale": common_scale(tiers),
        "tier_scale": tier_scale, "credit_of": _credits(found), "cap": cap_words(found),
        "formulas": formulas(found, names, contract, lambda key: f"/agreements/{found['agreement']}#t-{key}"),
        "drill": columns, "drill_ticket": ticket_href(*columns.ticket) if columns.ticket else "",
        "drill_ledger": chosen.ledger, "all_breaches": chosen.more, "again": _again(found, told.again, names),
    }  # fmt: skip


def promised(found: Json, versions: Sequence[Json]) -> dict[str, Json]:
    """The targets as the version that judged the month has them, by key."""
    judged = found["judged_by"]["agreement_version"]
    ranked = sorted(versions, key=lambda version: (version["version"] == judged, version["version"]))
    return {target["key"]: target for version in ranked for target in version["targets"]}


def cap_words(found: Json) -> str:
    """What the month can owe at most, and whether its lines came to more; empty without terms."""
    cap = found["cap"]
    if cap is None:
        return ""
    told = {"cap": money(cap["at_risk"]), "computed": money(cap["computed"]), "paid": money(found["credit_total"])}
    if cap["binds"]:
        return _("computed %(computed)s, cap %(cap)s (monthly charge × at-risk share): %(paid)s is paid") % told
    if cap["computed"] == cap["at_risk"]:
        return _("cap %(cap)s (monthly charge × at-risk share), just reached") % told
    return _("cap %(cap)s (monthly charge × at-risk share), not reached") % told


def outcome_words(outcome: str) -> str:
    """What a cycle was in the month."""
    return status_of("breach" if outcome == "excluded" else "clock", outcome).label


def _record(page: Page, found: Json, people: Mapping[str, str], problem: Problem | None) -> Record:
    closed, url = found["state"] == "closed", period_href(found)
    over = moment(found["to"]) <= now_utc()
    chips = [Chip(subject="period", state=found["state"] if closed or not over else "due")]
    if found["restatable"]:
        chips.append(Chip(subject="period", state="restatable"))
    actions = (
        Action(name="close", title=_("Close the month"), primary=True,
               effect=_("The result is kept for good, judged by the facts as of the month's end.")),
    ) if "close" in found["actions"] else ()  # fmt: skip
    terms, total = found["terms"], found["credit_total"]
    counted = sum(target["met"] + target["breached"] for target in found["targets"])
    words = ngettext("The %(num)s counted cycle", "The %(num)s counted cycles", counted) % {"num": counted}
    return Record(
        title=month_text(found["period"]), url=url, version=found["version"],
        crumbs=(Link(href="/periods", title=_("Periods and credits")),
                Link(href=f"/agreements/{found['agreement']}", title=found["agreement"])),
        subtitle=_subtitle(found, people), chips=chips, actions=actions,
        links=(Link(href=f"{url}/cycles?counted=true", title=words, icon="rows-3"),) if closed and counted else (),
        facts=(
            Fact(title=_("Credit"), value=money(total) if total else "—"),
            Fact(title=_("Lowest attainment"), value=lowest(found)),
            Fact(title=_("Contract"), value=terms["contract"] if terms else _("without terms"),
                 href=f"/contracts/{terms['contract']}" if terms else ""),
            Fact(title=_("Supplier"), value=found["supplier"]["short_name"] or "—"),
            Fact(title=_("Judged by"), value=_judged_by(found)),
        ),
        doing="close" if problem else page.request.query_params.get("do", ""), problem=problem,
    )  # fmt: skip


def _subtitle(found: Json, people: Mapping[str, str]) -> str:
    title: str = found["agreement_title"]
    if found["state"] != "closed":
        return f"{title} · " + _("by the facts of today; nothing is decided yet")
    told = {"at": at_text(found["closed_at"]), "who": people.get(found["closed_by"] or "", found["closed_by"])}
    if not found["closed_by"]:
        return f"{title} · " + _("closed on %(at)s, judged by the facts as of its end") % told
    return f"{title} · " + _("closed by %(who)s on %(at)s, by the facts as of its end") % told


def _judged_by(found: Json) -> str:
    by = found["judged_by"]
    calendars = ", ".join(f"{code} v{version}" for code, version in by["calendars"].items())
    version = f"v{by['agreement_version']}" if by["agreement_version"] else "—"
    return f"{found['agreement']} {version} · {calendars}" if calendars else f"{found['agreement']} {version}"


def _credits(found: Json) -> dict[str, tuple[str, bool]]:
    """Each target's credit and whether anything is owed: nothing where its promise was kept."""
    total = found["credit_total"]
    kept = money({"amount": "0", "currency": total["currency"]}) if total else "—"
    owed = {line["target"]: money(line) for line in found["credits"] if line["kind"] == "credit"}
    keys = [target["target"] for target in found["targets"]]
    return {key: (owed.get(key, kept), key in owed) for key in keys}


def _again(found: Json, answer: Json | None, names: Mapping[str, str]) -> dict[str, Any] | None:
    """The banner of a restatable month: old → new, which cycles flip, by which event and how late it came."""
    if not found["restatable"]:
        return None
    if answer is None:
        return {"changes": (), "flips": (), "flipped": 0, "more": 0}
    was_owed, is_owed = found["credit_total"], answer["credit_total"]
    changes = []
    if was_owed != is_owed:
        changes.append(Markup("<b>{} → {}</b>").format(money(was_owed), money(is_owed) if is_owed else "—"))
    now_by_key = {target["target"]: target for target in answer["targets"]}
    for target in found["targets"]:
        was, is_now = target["attainment"], now_by_key.get(target["target"], {}).get("attainment")
        if (was or {}).get("share") != (is_now or {}).get("share"):
            name = names.get(target["target"], target["target"])
            changes.append(Markup("{} {} → {}").format(name, _rated(was), _rated(is_now)))
    flips = [_flip(flip, names) for flip in answer["flips"]]
    return {"changes": changes, "flips": flips, "flipped": answer["flipped"], "more": answer["flipped"] - len(flips)}


def _rated(attained: Json | None) -> str:
    return share(attained["share"], 4) if attained else _("not rated")


def _flip(flip: Json, names: Mapping[str, str]) -> Flip:
    href = ticket_href(flip["source"], flip["ticket"])
    event: str | None = flip["event_id"]
    was = outcome_words(flip["was"]) if flip["was"] else _("not looked at")
    now = outcome_words(flip["now"]) if flip["now"] else _("gone")
    return Flip(
        ticket=flip["ticket"], href=href, target=names.get(flip["target"], flip["target"]),
        was=(was, TONES.get(flip["was"] or "", "")), now=(now, TONES.get(flip["now"] or "", "")),
        event=(event, f"{href}#{anchor(event)}") if event else None, came=_came(flip),
    )  # fmt: skip


def _came(flip: Json) -> str:
    """` (received 5 Nov 2026 10:02, 17 d late)`; how late only where it is more than an hour."""
    if flip["received_at"] is None:
        return ""
    late = int((moment(flip["received_at"]) - moment(flip["occurred_at"])).total_seconds())
    told = {"at": at_text(flip["received_at"]), "delay": duration(late, units=2, days=True)}
    if late <= AN_HOUR:
        return _(" (received %(at)s)") % told
    return _(" (received %(at)s, %(delay)s late)") % told
