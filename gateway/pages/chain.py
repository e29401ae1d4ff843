"""The chain that a contract begins: supplier, contract, agreement, clocks, breaches, period, credit; each a link."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.pages.asking import Json, problem_of, today
from gateway.pages.context import Page
from gateway.pages.endings import ending
from gateway.pages.formats import capped, day_text, days_to, money, money_short, month_text
from gateway.pages.results import lowest, period_href
from gateway.pages.status import Status, Tone, status_of
from services.kernel.messages import _, ngettext

SHOWN_AGREEMENTS = 4
SHOWN_PERIODS = "6"


@dataclass(frozen=True)
class Station:
    """A link of the chain. group: the heading over it. tone: of its glyph. number: its key number. words: one line."""

    group: str
    title: str
    href: str
    tone: str
    number: str
    words: str


@dataclass(frozen=True)
class Results:
    """Closed periods of a contract's agreements, the latest first, each with its agreement's number."""

    periods: Sequence[Json] = ()
    breaches: int | None = None
    clocks: int | None = None
    missing: bool = False


async def results_of(page: Page, agreements: Sequence[Json]) -> Results:
    """What came of the agreements so far; a part that does not answer is left out and said to be missing."""
    running = [agreement for agreement in agreements if agreement["state"] != "draft"][:SHOWN_AGREEMENTS]
    if not running:
        return Results()
    numbers = ",".join(agreement["number"] for agreement in running)
    counted = {"agreement": numbers, "limit": "1", "count": "true"}
    breaches, clocks, periods = await page.services.all(
        page.services.get("sla", "/breaches", counted | {"state": "standing"}),
        page.services.get("sla", "/clocks", counted | {"open": "true"}),
        page.services.get("sla", "/periods", {"agreement": numbers, "limit": SHOWN_PERIODS}),
    )
    missing = any(problem_of(page, answer) is not None for answer in (breaches, clocks, periods))
    return Results(
        _member(page, periods, "items") or (), _member(page, breaches, "count"), _member(page, clocks, "count"), missing
    )


def _member(page: Page, answer: Any, name: str) -> Any:
    return None if problem_of(page, answer) is not None else answer.get(name)


def rail(page: Page, record: Json, agreements: Sequence[Json], results: Results) -> list[Station]:
    """The stations; one without data says what it waits for."""
    return [
        _supplier(record), _contract(page, record), _agreement(record, agreements), *_happened(agreements, results),
        *_computed(results),
    ]  # fmt: skip


def _supplier(record: Json) -> Station:
    supplier = record["supplier"]
    look = status_of("supplier", supplier.get("state", "approved"))
    return Station(_("Agreed"), _("Supplier"), f"/suppliers/{supplier['number']}", _tone(look), supplier["short_name"],
                   look.label)  # fmt: skip


def _tone(look: Status) -> str:
    return "mute" if look.tone is Tone.NEUTRAL else str(look.tone)


def _contract(page: Page, record: Json) -> Station:
    look, left = status_of("contract", record["state"]), days_to(record["to"], today(page))
    href = f"/contracts/{record['number']}"
    if record["state"] != "active":
        return Station("", _("Contract"), href, _tone(look), money_short(record["value"]), look.label)
    tone = {"late": "danger", "soon": "warn"}.get(ending(record, today(page)).tone, "ok")
    number = ngettext("%(num)s day", "%(num)s days", left) % {"num": left}
    return Station("", _("Contract"), href, tone, number, _("until %(day)s", day=day_text(record["to"])))


def _agreement(record: Json, agreements: Sequence[Json]) -> Station:
    if not agreements:
        return Station("", _("Agreement"), "", "mute", "—", _("none drafted yet"))
    first = next((a for a in agreements if a["state"] == "in_force"), agreements[0])
    alone = len(agreements) == 1
    href = f"/agreements/{first['number']}" if alone else f"/agreements?contract={record['number']}"
    number = first["number"].removeprefix("SLA-") if alone else str(len(agreements))
    look = status_of("agreement", first["state"])
    return Station("", _("Agreement"), href, _tone(look), number, look.label)


def _happened(agreements: Sequence[Json], results: Results) -> list[Station]:
    numbers = ",".join(a["number"] for a in agreements)
    waiting = _("not answered") if results.missing else _("once an agreement is in force")
    clocks = Station(_("Happened"), _("Clocks"), f"/tickets?agreement={numbers}", "info", _figure(results.clocks),
                     _("running or paused"))  # fmt: skip
    breaches = Station("", _("Breaches"), f"/breaches?agreement={numbers}&state=standing",
                       "danger" if results.breaches else "ok", _figure(results.breaches), _("standing"))  # fmt: skip
    return [
        clocks if results.clocks is not None else Station(_("Happened"), _("Clocks"), "", "mute", "—", waiting),
        breaches if results.breaches is not None else Station("", _("Breaches"), "", "mute", "—", waiting),
    ]


def _figure(count: int | None) -> str:
    return "—" if count is None else capped(count)


def _computed(results: Results) -> list[Station]:
    if not results.periods:
        waiting = _("not answered") if results.missing else _("once a month is closed")
        return [Station(_("Computed"), _("Period"), "", "mute", "—", waiting),
                Station("", _("Credit"), "", "mute", "—", waiting)]  # fmt: skip
    last = results.periods[0]
    month = month_text(last["period"])
    href, again = period_href(last), last["restatable"]
    words = month + " · " + status_of("period", "restatable").label if again else month
    return [
        Station(_("Computed"), _("Period"), href, "warn" if again else "ok", lowest(last), words),
        Station("", _("Credit"), href, "ok", money(last["credit_total"]), _("of %(month)s", month=month)),
    ]
