"""A calendar in words: its week, and what differs between two of its texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from gateway.pages.calendar_form import windows_text
from gateway.pages.formats import day_text, weekday
from services.kernel.messages import _, current_language, ngettext
from web.charts.days import Calendar
from web.charts.words import day_name

Json = Mapping[str, Any]
MOST_CHANGES = 5
A_MONDAY = date(2026, 1, 5).toordinal()


def week_words(calendar: Json, today: date) -> str:
    """`周一至周五 09:00–18:00`: the week in force, weekdays with the same windows together."""
    days = Calendar.read(calendar)
    monday = today.toordinal() - today.weekday()
    week = [windows_text(days.week_windows(date.fromordinal(monday + n))) for n in range(7)]
    parts = []
    for windows, numbers in groupby(range(7), key=lambda n: week[n]):
        run = list(numbers)
        if windows:
            parts.append(f"{_run(run[0], run[-1])} {windows}")
    return ("；" if current_language() == "zh-CN" else "; ").join(parts)


def _run(first: int, last: int) -> str:
    names = [weekday(date.fromordinal(A_MONDAY + n)) for n in (first, last)]
    if first == last:
        return names[0]
    return _("%(first)s to %(last)s") % {"first": names[0], "last": names[1]}


@dataclass(frozen=True)
class Change:
    """One difference: before it, the value that it had (empty where it had none), after it, the new one."""

    title: str
    before: str
    after: str


def changed_days(before: Json, after: Json) -> list[date]:
    """The dated days that one text has otherwise than the other, in order."""
    dates = {*before["days"], *after["days"]}
    return sorted(date.fromisoformat(one) for one in dates if before["days"].get(one) != after["days"].get(one))


def changes(before: Json, after: Json) -> list[Change]:
    """What the second text says otherwise, days last; at most MOST_CHANGES days by name, the others counted."""
    found = [
        Change(title, str(before.get(key) or "—"), str(after.get(key) or "—"))
        for key, title in (
            ("name", _("Name")), ("zone", _("Time zone")), ("known_until", _("Public holidays known until")),
        )
        if key in after and (before.get(key) or None) != (after.get(key) or None)
    ]  # fmt: skip
    if _weeks(before) != _weeks(after):
        found.append(Change(_("Weekly pattern"), _all_weeks(before), _all_weeks(after)))
    days = changed_days(before, after)
    found += [_day_change(one, before, after) for one in days[:MOST_CHANGES]]
    if len(days) > MOST_CHANGES:
        more = len(days) - MOST_CHANGES
        found.append(Change(ngettext("%(num)s more day", "%(num)s more days", more), "", ""))
    return found


def _day_change(one: date, before: Json, after: Json) -> Change:
    title = f"{day_text(one)} {weekday(one)}"
    return Change(title, _day_words(one, before), _day_words(one, after))


def _day_words(one: date, text: Json) -> str:
    """`09:00–18:00`, `closed “春节”`."""
    found = Calendar.read(text).day(one)
    words = windows_text(found.windows) or _("closed")
    return _("%(hours)s “%(name)s”") % {"hours": words, "name": day_name(found.name)} if found.name else words


def _weeks(text: Json) -> list[tuple[Any, ...]]:
    keys = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return [(week.get("from"), *(windows_text(week.get(key) or ()) for key in keys)) for week in text["weeks"]]


def _all_weeks(text: Json) -> str:
    parts = []
    for week in text["weeks"]:
        day = date.fromisoformat(week["from"]) if week.get("from") else date(1970, 1, 5)
        words = week_words(text, day)
        since = week.get("from")
        parts.append(_("from %(day)s %(week)s") % {"day": day_text(since), "week": words} if since else words)
    return " · ".join(parts)
