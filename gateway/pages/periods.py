"""Periods and credits: the list over all agreements, and the page of one month, open down to the event."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup, escape
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import Json, ask, names, problem_of, segment, together
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.formats import money, month_text, share
from gateway.pages.forms import Problem
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice as Filter
from gateway.pages.lists import Column, Listing, ListQuery, View
from gateway.pages.records import Action, Chip, Fact, Record
from gateway.pages.rendering import Flash
from gateway.pages.results import lowest, period_href
from gateway.pages.status import status_of
from gateway.pages.ticket_view import target_name, ticket_href
from services.kernel.database import now_utc
from services.kernel.messages import _
from services.kernel.refusals import Refused
from web.charts.drill import Choice, Drill, breach_key, drill
from web.charts.formula import formulas
from web.charts.tiers import attainment, not_counted, tier_scale

router = APIRouter(include_in_schema=False)
MOST_BREACHES = "200"
MOST_OFFERED = "100"


@router.get("/periods")
async def periods(page: OnPage) -> Response:
    """Closed months over all agreements; above them those that wait to be closed."""
    query = ListQuery.of(page.request)
    asked = {
        "rows": page.services.get("sla", "/periods", query.api_params()),
        "agreements": page.services.get("sla", "/agreements", {"limit": MOST_OFFERED}),
    }
    found = await together(page, **asked)
    due = [] if page.who.is_supplier else (await ask(page, "sla", "/periods-due", {})).rows
    agreements = [(row["number"], row["title"]) for row in found["agreements"].rows if row["state"] != "draft"]
    rows = found["rows"]
    listing = Listing(
        title=_("Periods and credits"), query=query, rows=rows.rows, next_cursor=rows.next, problem=rows.problem,
        default_sort="-period",
        columns=(
            Column(key="period", title=_("Month"), sort="period", kind="title"),
            Column(key="agreement", title=_("Agreement")),
            Column(key="supplier", title=_("Supplier"), optional=True),
            Column(key="state", title=_("State"), kind="chip"),
            Column(key="attainment", title=_("Lowest attainment"), kind="num"),
            Column(key="credit", title=_("Credit"), kind="num"),
            Column(key="closed_at", title=_("Closed"), sort="closed_at", kind="when", optional=True),
        ),
        views=(View(title=_("All")), View(title=_("Restatable"), filters=(("restatable", "true"),))),
        filters=(Filter(name="agreement", title=_("Agreement"), options=agreements),),
        empty=Empty(title=_("No month has been closed yet"),
                    text=_("A month is closed on its own page, once it is over in the agreement's zone.")),
    )  # fmt: skip
    context = {"nav": "periods", "listing": listing, "due": due, "lowest": lowest, "period_href": period_href}
    return page.render("periods/list.html", context, block="list")


@router.get("/agreements/{number}/periods/{month}")
async def period(page: OnPage, number: str, month: str) -> Response:
    """One month: results, credits, and the way down to the event."""
    return await _show(page, number, month)


@router.post("/agreements/{number}/periods/{month}/close")
async def close(page: OnPage, number: str, month: str) -> Response:
    """Close it for good."""
    try:
        await page.services.post("sla", f"/agreements/{segment(number)}/periods/{segment(month)}/close")
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _show(page, number, month, problem, status)
    flash = Flash(text=_("%(month)s is closed") % {"month": month_text(month)})
    return page.redirect(f"/agreements/{segment(number)}/periods/{segment(month)}", flash)


async def _show(
    page: Page, number: str, month: str, problem: Problem | None = None, status: int = 200
) -> Response:  # fmt: skip
    path = f"/agreements/{segment(number)}"
    found, agreement = await page.services.all(
        page.services.get("sla", f"{path}/periods/{segment(month)}"), page.services.get("sla", f"{path}/versions")
    )
    if isinstance(found, BaseException):
        raise found
    versions = [] if problem_of(page, agreement) else agreement["items"]
    targets = _promised(found, versions)
    target_names = {key: target_name(target) for key, target in targets.items()}
    choice = _choice(page, found)
    breaches, ticket = await _chosen(page, found, choice)
    columns = drill(found, breaches, ticket, choice, names=target_names, zone=page.person.zone, now=now_utc())
    people = await names(page, [found["closed_by"]])
    context = {
        "nav": "periods", "period": found, "record": _record(page, found, people, problem), "targets": targets,
        "target_names": target_names, "attainment": attainment, "not_counted": not_counted, "tier_scale": tier_scale,
        "outcome_words": outcome_words,
        "credit_of": _credits(found), "formulas": formulas(found, target_names, _contract(found), _agreement(found)),
        "drill": columns, "drill_ticket": _ticket_href(columns), "again": await _again(page, found, target_names),
        "all_breaches": f"/breaches?agreement={segment(found['agreement'])}&period={found['period']}",
    }  # fmt: skip
    return page.render("periods/period.html", context, block="record", status_code=status)


def _promised(found: Json, versions: Sequence[Json]) -> dict[str, Json]:
    """The targets as the version that judged the month has them, by key."""
    judged = found["judged_by"]["agreement_version"]
    ranked = sorted(versions, key=lambda version: (version["version"] == judged, version["version"]))
    return {target["key"]: target for version in ranked for target in version["targets"]}


def _choice(page: Page, found: Json) -> Choice:
    """What the URL says; without a line, the first credit line."""
    chosen = Choice.read(page.request.query_params)
    if chosen.line or not found["credits"]:
        return chosen
    return Choice(found["credits"][0]["target"] or found["credits"][0]["kind"], chosen.breach, chosen.row)


async def _chosen(page: Page, found: Json, choice: Choice) -> tuple[Sequence[Json], Json | None]:
    """The breaches of the chosen line, and the chosen breach's ticket as of the month's end."""
    if not choice.line or choice.line == "cap":
        return (), None
    params = {"agreement": found["agreement"], "period": found["period"], "target": choice.line,
              "sort": "breached_at", "limit": MOST_BREACHES}  # fmt: skip
    breaches = (await ask(page, "sla", "/breaches", params)).rows
    chosen = next((breach for breach in breaches if breach_key(breach) == choice.breach), None)
    if chosen is None:
        return breaches, None
    path = f"/tickets/{segment(chosen['source'])}/{segment(chosen['ticket'])}"
    (ticket,) = await page.services.all(page.services.get("sla", path, {"include": "ledger,events"}))
    return breaches, None if problem_of(page, ticket) else ticket


def _record(page: Page, found: Json, people: Mapping[str, str], problem: Problem | None) -> Record:
    chips = [Chip(subject="period", state=found["state"])]
    if found["restatable"]:
        chips.append(Chip(subject="period", state="restatable"))
    actions = (
        Action(name="close", title=_("Close the month"), primary=True,
               effect=_("The result is kept for good, judged by the facts as of the month's end.")),
    ) if "close" in found["actions"] else ()  # fmt: skip
    terms = found["terms"]
    total = found["credit_total"]
    return Record(
        title=month_text(found["period"]), url=period_href(found), version=found["version"],
        crumbs=(Link(href="/periods", title=_("Periods and credits")),
                Link(href=f"/agreements/{found['agreement']}", title=found["agreement"])),
        subtitle=_subtitle(found, people), chips=chips, actions=actions,
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
    if not found["closed_by"]:
        return f"{title} · " + _("judged by the facts as of its end")
    who = people.get(found["closed_by"], found["closed_by"])
    return f"{title} · " + _("closed by %(who)s, by the facts as of its end") % {"who": who}


def _judged_by(found: Json) -> str:
    by = found["judged_by"]
    calendars = ", ".join(f"{code} v{version}" for code, version in by["calendars"].items())
    version = f"v{by['agreement_version']}" if by["agreement_version"] else "—"
    return f"{found['agreement']} {version} · {calendars}" if calendars else f"{found['agreement']} {version}"


def _credits(found: Json) -> dict[str, str]:
    """Each rated target's credit: nothing where its promise was kept."""
    total = found["credit_total"]
    kept = money({"amount": "0", "currency": total["currency"]}) if total else "—"
    owed = {line["target"]: money(line) for line in found["credits"] if line["kind"] == "credit"}
    return {target["target"]: owed.get(target["target"], kept) for target in found["targets"]}


def _contract(found: Json) -> str:
    return f"/contracts/{found['terms']['contract']}" if found["terms"] else ""


def _agreement(found: Json) -> Any:
    return lambda key: f"/agreements/{found['agreement']}#t-{key}"


def _ticket_href(columns: Drill) -> str:
    return ticket_href(*columns.ticket) if columns.ticket else ""


async def _again(page: Page, found: Json, target_names: Mapping[str, str]) -> dict[str, Any] | None:
    """The banner of a restatable month: old → new, who flips and because of which event."""
    if not found["restatable"]:
        return None
    path = f"/agreements/{segment(found['agreement'])}/periods/{segment(found['period'])}/again"
    (answer,) = await page.services.all(page.services.get("sla", path))
    if problem_of(page, answer):
        return {"changes": (), "flips": (), "more": 0}
    was_owed, is_owed = found["credit_total"], answer["credit_total"]
    changes = [_change(was_owed, is_owed)] if was_owed != is_owed else []
    now_by_key = {target["target"]: target for target in answer["targets"]}
    for target in found["targets"]:
        was, is_now = target["attainment"], now_by_key.get(target["target"], {}).get("attainment")
        if (was or {}).get("share") != (is_now or {}).get("share"):
            changes.append(
                Markup("{} {} → {}").format(
                    target_names.get(target["target"], target["target"]),
                    share(was["share"], 4) if was else _("not rated"),
                    share(is_now["share"], 4) if is_now else _("not rated"),
                )
            )  # fmt: skip
    return {"changes": changes, "flips": answer["flips"], "more": answer["flipped"] - len(answer["flips"])}


def outcome_words(outcome: str) -> str:
    """What a cycle was in the month."""
    return status_of("breach" if outcome == "excluded" else "clock", outcome).label


def _change(was: Json, is_now: Json | None) -> Markup:
    return Markup("<b>{} → {}</b>").format(money(was), money(is_now) if is_now else escape("—"))
