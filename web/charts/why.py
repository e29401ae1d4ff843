"""Why a clock says what it says, in sentences made from the facts of its ledger.

The outcome first (in bold), then what did not count, what was taken out, and the make-up days that did count.
"""

from datetime import date
from itertools import takewhile
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from services.kernel.messages import _, ngettext
from web.charts.days import Calendar, DayKind
from web.charts.facts import NO_HOURS, OUTSIDE_HOURS, Cycle, Kind
from web.charts.verdict import joined
from web.charts.words import Local, chinese, day_name, days_long, length, plain_date

DAYS_NAMED = 3
WEEKEND = "weekend"


def because(cycle: Cycle, calendar: Calendar | None, local: Local) -> Markup:
    """The sentences, with every name and reason in them escaped."""
    there = Local(ZoneInfo(calendar.zone), local.year) if calendar else local
    sentences: list[str] = [_outcome(cycle, local)]
    if not cycle.withdrawn:
        sentences += [
            _after_breach(cycle),
            _provisional(cycle, calendar),
            _not_counted(cycle, there),
            _taken_out(cycle),
        ]
        sentences += _make_up_days(cycle, calendar, there)
    return Markup(joined([str(escape(sentence)) for sentence in sentences]))  # noqa: S704  # each one is escaped


def _say(sentence: str, **facts: object) -> Markup:
    return Markup(sentence) % facts  # noqa: S704  # the sentence is ours, the facts are escaped


def _outcome(cycle: Cycle, local: Local) -> Markup:
    if cycle.withdrawn:
        return _say(_("<b>A later event withdrew this cycle</b>; it is kept as history and counts nowhere."))
    if cycle.breached_at is not None:
        return _breached(cycle, cycle.breached_at, local)
    goal, used = length(cycle.goal or 0), length(cycle.used)
    if cycle.state == "met":
        left = length(max(0, cycle.remaining or 0))
        if not cycle.remaining:
            return _say(_("<b>Stopped with the goal just reached</b>: %(used)s of %(goal)s."), used=used, goal=goal)
        return _say(_("<b>Stopped with %(left)s to spare</b>: %(used)s of %(goal)s."), left=left, used=used, goal=goal)
    if cycle.state == "paused":
        return _standing(cycle, local)
    if cycle.state == "running" and cycle.goal is None:
        return _say(_("<b>Counted but not rated</b>: the goal that holds names no time."))
    if cycle.state == "running" and cycle.due_at is None:
        return _say(_("<b>No due instant</b> lies within five years."))
    if cycle.state == "running" and cycle.due_at is not None:
        return _say(_("<b>Due %(at)s</b> if nothing more pauses it."), at=local.at(cycle.due_at))
    return _ended(cycle, local)


def _breached(cycle: Cycle, at: int, local: Local) -> Markup:
    """Used up; or passed by the event that tightened the goal, or otherwise."""
    used = sum(min(row.end, at) - row.start for row in cycle.rows if row.kind is Kind.WORKING and row.start < at)
    told = {"at": local.at(at), "used": length(used)}
    change = next((c for c in cycle.changes if c.at == at and c.after is not None), None)
    if change is not None and change.after is not None and used > change.after:
        goal = length(change.after)
        return _say(_("<b>The goal became %(goal)s on %(at)s</b>, when %(used)s were used already."), goal=goal, **told)
    held = next((c.before for c in cycle.changes if c.at > at), cycle.goal)
    if held is not None and (used == held or not cycle.rows):
        goal = length(held)
        return _say(_("<b>The goal of %(goal)s was used up on %(at)s</b>, with no pause running."), goal=goal, **told)
    return _say(_("<b>The goal was passed on %(at)s</b>, with %(used)s used."), **told)


def _after_breach(cycle: Cycle) -> str:
    if cycle.breached_at is None:
        return ""
    if cycle.excluded:
        return _("The breach is excluded by agreement and does not count.")
    if cycle.state in ("cancelled", "reset", "expired", "not_rated"):
        return _("What ended the cycle later does not undo the breach.")
    if cycle.remaining is not None and cycle.remaining >= 0:
        return _("A goal that was loosened later does not undo the breach.")
    return ""


def _standing(cycle: Cycle, local: Local) -> Markup:
    run = takewhile(lambda row: row.kind in (Kind.PAUSED, Kind.CLOSED), reversed(cycle.rows))
    paused = [row for row in run if row.kind is Kind.PAUSED]
    if not paused:
        return _say(_("<b>Paused</b>: a paused clock has no due instant and cannot breach."))
    return _say(
        _("<b>Paused since %(at)s</b>: %(reason)s. A paused clock has no due instant and cannot breach."),
        at=local.at(paused[-1].start),
        reason=paused[0].reason or _("no reason given"),
    )


def _ended(cycle: Cycle, local: Local) -> Markup:
    at = local.at(cycle.ended_at) if cycle.ended_at is not None else "—"
    if cycle.state == "cancelled":
        return _say(
            _("<b>Cancelled on %(at)s</b> before its goal was used up; it counts neither as met nor as breached."),
            at=at,
        )
    if cycle.state == "reset":
        return _say(_("<b>Reset on %(at)s</b>; the next cycle opened there."), at=at)
    if cycle.state == "expired":
        return _say(_("<b>Expired on %(at)s</b> with the agreement; it is not rated."), at=at)
    return _say(_("<b>Stopped on %(at)s without a goal</b>; it is neither met nor breached."), at=at)


def _provisional(cycle: Cycle, calendar: Calendar | None) -> str:
    if not cycle.provisional or not cycle.open:
        return ""
    if calendar is None or calendar.known_until is None:
        return _("Its due instant lies beyond the holidays that are known and may still move.")
    known = {"day": plain_date(calendar.known_until)}
    return _("Holidays are known until %(day)s; the due instant lies beyond and may still move.") % known


def _not_counted(cycle: Cycle, there: Local) -> Markup | str:
    """`国庆节 7 天、周末、非工作时间不计。`"""
    named: dict[str, set[date]] = {}
    other: set[str] = set()
    for row in cycle.rows:
        if row.kind is not Kind.CLOSED:
            continue
        if row.named and row.label:
            named.setdefault(row.label, set()).add(there.day_of(row.start))
        else:
            weekend = row.label == NO_HOURS and there.day_of(row.start).weekday() > 4
            other.add(WEEKEND if weekend else row.label or OUTSIDE_HOURS)
    parts = [f"{day_name(label)} {days_long(len(days))}" for label, days in named.items()]
    parts += [_("weekends")] if WEEKEND in other else []
    parts += [_("days without hours")] if NO_HOURS in other else []
    parts += [_("time outside hours")] if OUTSIDE_HOURS in other else []
    if not parts:
        return ""
    listed = ("、" if chinese() else ", ").join(parts)
    return _say(_("Not counted: %(what)s."), what=listed)


def _taken_out(cycle: Cycle) -> str:
    paused, stopped = cycle.sums[Kind.PAUSED], cycle.sums[Kind.STOPPED]
    told = {"paused": length(paused), "stopped": length(stopped)}
    if paused and stopped:
        return _("Pauses of %(paused)s and stops of %(stopped)s are taken out.") % told
    if paused:
        return _("Pauses of %(paused)s are taken out.") % told
    return _("Stops of %(stopped)s are taken out.") % told if stopped else ""


def _make_up_days(cycle: Cycle, calendar: Calendar | None, there: Local) -> list[str]:
    """Each make-up day with what was counted on it; past three, how many."""
    if calendar is None:
        return []
    counted: dict[date, int] = {}
    for row in cycle.rows:
        day = there.day_of(row.start)
        if row.kind is Kind.WORKING and calendar.day(day).kind is DayKind.MAKEUP:
            counted[day] = counted.get(day, 0) + row.seconds
    if len(counted) > DAYS_NAMED:
        told = {"n": len(counted), "length": length(sum(counted.values()))}
        return [
            ngettext(
                "%(n)s make-up workday counted %(length)s.", "%(n)s make-up workdays counted %(length)s.", len(counted)
            )
            % told
        ]
    return [
        _("%(day)s was a make-up workday and counted %(length)s.")
        % {"day": there.day(day, first=True), "length": length(n)}
        for day, n in counted.items()
    ]
