"""The home of a service manager: open clocks by time left, breaches to decide, silent sources, months to close."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.responses import Response

from gateway.pages.asking import Found, Json, names, problem_of, together
from gateway.pages.context import Page
from gateway.pages.formats import at_text, capped, duration, local, number, weekday
from gateway.pages.records import Figure
from gateway.pages.sources import clocks_in_words, on_old_facts, pace_in_words
from gateway.pages.targets import agreements_of, names_in
from services.kernel.database import now_utc
from services.kernel.messages import _, ngettext
from web.charts.days import Calendar, DayKind
from web.charts.hours import beat
from web.charts.mini import Gauge, gauge

SHOWN = "12"
FEW = "5"
OFFICE = "cn-office"
PAUSED, OVER, SOON = "paused", "late", "soon"


@dataclass(frozen=True)
class ClockRow:
    """An open clock as a row. tone: `late` where its goal is used up, `soon` past its last warning.

    paused: it stands, and is not due. whose: the supplier.
    """

    clock: Json
    href: str
    target: str
    gauge: Gauge
    tone: str
    paused: bool
    whose: str


@dataclass(frozen=True)
class SourceRow:
    """A source with its last 24 hours. words: how long ago it was last heard. more: what else is to say of it."""

    source: Json
    beat: Any
    words: str
    more: Sequence[str]


async def clocks_today(page: Page) -> Response:
    """Panels fail one by one: what one service cannot answer leaves the others standing."""
    now = now_utc()
    tonight = datetime.combine(local(now, page.person.zone).date() + timedelta(days=1), time.min,
                               ZoneInfo(page.person.zone))  # fmt: skip
    ask, counted = page.services.get, {"limit": "1", "count": "true"}
    due = {"open": "true", "due_from": now.isoformat(), "due_before": tonight.isoformat()}
    found = await together(
        page,
        clocks=ask("sla", "/clocks", {"open": "true", "sort": "due_at", "limit": SHOWN, "count": "true"}),
        paused=ask("sla", "/clocks", {"state": "paused", **counted}),
        today=ask("sla", "/clocks", due | counted),
        decide=ask("sla", "/breaches", {"to_decide": "true", "limit": FEW, "count": "true"}),
        latest=ask("sla", "/breaches", {"state": "standing", "limit": FEW}),
        sources=ask("sla", "/sources", {"sort": "last_received_at", "limit": "8", "count": "true"}),
        silent=ask("sla", "/sources", {"silent": "true", **counted}),
        months=ask("sla", "/periods-due", {"limit": "100"}),
    )
    judging = await agreements_of(page, [*found["clocks"].rows, *found["decide"].rows, *found["latest"].rows])
    targets = names_in(judging)
    askers = [row["exclusion"]["asked_by"] for row in found["decide"].rows]
    old = await on_old_facts(page, found["sources"].rows)
    context = {
        "nav": "home", "now": now, "people": await names(page, askers),
        "found": found, "subtitle": await _now_in_words(page, now, tonight),
        "strip": _strip(found), "clocks": _clock_rows(found["clocks"], targets, judging), "targets": targets,
        "sources": [_source_row(row, now, old.get(row["code"])) for row in found["sources"].rows],
    }  # fmt: skip
    return page.render("home/clocks.html", context)


def _strip(found: Mapping[str, Found]) -> list[Figure]:
    silent, sources, months = found["silent"], found["sources"], found["months"]
    share = "?" if silent.count is None else f"{capped(silent.count)} / {_number(sources)}"
    closing = None if months.problem else len(months.rows)
    paused = found["paused"].count
    return [
        Figure(title=_("Breaches to decide"), value=_number(found["decide"]), href="/breaches?to_decide=true",
               tone="bad" if found["decide"].count else "", note=_("exclusions asked")),
        Figure(title=_("Due today"), value=_number(found["today"]), href="/tickets?open=true",
               tone="near" if found["today"].count else ""),
        Figure(title=_("Open clocks"), value=_number(found["clocks"]), href="/tickets?open=true",
               note=_("%(count)s paused", count=capped(paused)) if paused else ""),
        Figure(title=_("Silent sources"), value=share, href="/sources?silent=true", tone="near" if silent.count else "",
               note=_("silence is not success")),
        Figure(title=_("Months to close"), value="?" if closing is None else str(closing), href="#months",
               note=_("over, and not closed") if closing else ""),
    ]  # fmt: skip


def _number(found: Found) -> str:
    return "?" if found.count is None else capped(found.count)


def _clock_rows(found: Found, targets: Mapping[tuple[str, str], str], judging: Mapping[str, Json]) -> list[ClockRow]:
    """By working time left; a paused one after a running one with as much. judging: the agreements, by number."""
    rows = sorted(found.rows, key=_urgency)
    return [
        ClockRow(
            clock, f"/tickets/{quote(clock['source'], safe='')}/{quote(clock['ticket'], safe='')}",
            targets.get((clock["agreement"], clock["target"]), clock["target"]), gauge(clock), _tone(clock),
            clock["state"] == PAUSED, _whose(clock, judging),
        )
        for clock in rows
    ]  # fmt: skip


def _whose(clock: Json, judging: Mapping[str, Json]) -> str:
    """The supplier, where its agreement can be had; else the agreement's number."""
    agreement = judging.get(clock["agreement"])
    return str(agreement["supplier"]["short_name"] if agreement else clock["agreement"])


def _urgency(clock: Json) -> tuple[bool, int, bool]:
    left = clock["remaining_seconds"]
    return left is None, left or 0, clock["state"] == PAUSED


def _tone(clock: Json) -> str:
    left, goal = clock["remaining_seconds"], clock["goal_seconds"]
    if left is None or not goal:
        return ""
    if left < 0 or clock["breached_at"]:
        return OVER
    last = max((warning["percent"] for warning in clock["warnings"]), default=75)
    return SOON if (goal - left) * 100 >= last * goal else ""


def _source_row(source: Json, now: datetime, old: Found | None) -> SourceRow:
    last = source["last_received_at"]
    if last is None:
        words = _("nothing yet")
    else:
        passed = max(0, int((now - datetime.fromisoformat(last)).total_seconds()))
        length = duration(passed, units=1, days=True)
        words = _("silent %(time)s", time=length) if source["silent"] else _("%(time)s ago", time=length)
    rejected = source["rejected_24h"]
    more = [source["name"]]
    if rejected:
        told = ngettext("%(num)s line rejected in 24 h", "%(num)s lines rejected in 24 h", rejected)
        more.append(told % {"num": number(rejected)})
    if source["silent"]:
        more += [words for words in (pace_in_words(source), clocks_in_words(old) if old else "") if words]
    return SourceRow(source, beat(source["hours"]), words, more)


async def _now_in_words(page: Page, now: datetime, tonight: datetime) -> str:
    """`10-13 周二 10:20 · 工作日 09:00–18:00 · 还有 7 小时 40 分`, by the office calendar; without it the instant."""
    here = local(now, page.person.zone)
    parts = [f"{at_text(now, zone=page.person.zone)} {weekday(here.date())}"]
    question = {"calendar": OFFICE, "start": now.isoformat(), "end": tonight.isoformat(), "pauses": []}
    calendar, answer = await page.services.all(
        page.services.get("sla", f"/calendars/{OFFICE}"),
        page.services.post("sla", "/working-time", {"questions": [question]}),
    )
    if problem_of(page, calendar) is None:
        day = Calendar.read(calendar).day(here.date())
        windows = ", ".join(f"{opens}–{closes}" for opens, closes in day.windows)
        closed = day.name or (_("weekend") if day.kind is DayKind.WEEKEND else _("holiday"))
        kind = _("workday") if day.windows else closed
        parts.append(f"{kind} {windows}".strip())
    if problem_of(page, answer) is None and (left := answer["answers"][0].get("working_seconds")):
        parts.append(_("%(time)s of working time to go", time=duration(left, units=2)))
    return " · ".join(parts)
