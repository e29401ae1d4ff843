"""Instants, days, durations, money and shares as people read them: in the language and the zone of whoever looks.

Babel is handed a Locale object that is parsed once: with a name it searches all its locales at every call, forty times
slower.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from markupsafe import Markup

from services.kernel.messages import current_language, gettext, ngettext

DEFAULT_ZONE = "Asia/Shanghai"
COUNT_CAP = 1000
_CHINESE_STEPS = ((10**8, "0.01", " 亿"), (10**4, "0.1", " 万"))
_ENGLISH_STEPS = ((10**9, "0.1", "B"), (10**6, "0.1", "M"), (10**3, "0.1", "K"))
_LOCALES = {"zh-CN": Locale.parse("zh_CN"), "en": Locale.parse("en_GB")}
_zone: ContextVar[str] = ContextVar("zone", default=DEFAULT_ZONE)


class Amount(Protocol):
    """Money as it comes from a service: an exact amount and a currency code."""

    @property
    def amount(self) -> Decimal | str: ...

    @property
    def currency(self) -> str: ...


AmountLike = Amount | Mapping[str, str]


@contextmanager
def use_zone(name: str) -> Iterator[None]:
    """Show instants in the zone `name` inside the block."""
    token = _zone.set(name)
    try:
        yield
    finally:
        _zone.reset(token)


def current_zone() -> str:
    """The IANA name of the zone in which this page shows instants."""
    return _zone.get()


@lru_cache(maxsize=64)
def _zone_info(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _locale() -> Locale:
    return _LOCALES[current_language()]


def moment(value: datetime | str) -> datetime:
    """An aware instant from a service's value (RFC 3339 text, or a datetime already)."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def local(value: datetime | str, zone: str | None = None) -> datetime:
    """The instant on the clock of `zone` (the reader's, where none is named)."""
    return moment(value).astimezone(_zone_info(zone or current_zone()))


def _date(value: date | str) -> date:
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def _tag(machine: str, text: str, title: str = "") -> Markup:
    if title:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, title, text)
    return Markup('<time datetime="{}">{}</time>').format(machine, text)


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def at_text(value: datetime | str, seconds: bool = False, zone: str | None = None) -> str:
    """`2026-10-12 16:20` in Chinese, `12 Oct 2026 16:20` in English; for attributes and drawings."""
    shown = local(value, zone)
    clock = "HH:mm:ss" if seconds else "HH:mm"
    pattern = f"yyyy-MM-dd {clock}" if current_language() == "zh-CN" else f"d MMM yyyy {clock}"
    return format_datetime(shown, pattern, locale=_locale())


def at(value: datetime | str | None, seconds: bool = False, zone: str | None = None) -> Markup:
    """An instant as a time element; its zone is in the title. A dash for none."""
    if value is None:
        return Markup("—")
    return _tag(_utc(moment(value)), at_text(value, seconds, zone), zone or current_zone())


def short_at(value: datetime | str | None, now: datetime, zone: str | None = None) -> Markup:
    """An instant near `now`: the hour alone today, day and hour otherwise, the year only where it differs."""
    if value is None:
        return Markup("—")
    shown, today = local(value, zone), local(now, zone)
    chinese = current_language() == "zh-CN"
    if shown.date() == today.date():
        text = gettext("today %(time)s") % {"time": format_datetime(shown, "HH:mm", locale=_locale())}
    elif shown.year == today.year:
        text = format_datetime(shown, "MM-dd HH:mm" if chinese else "d MMM HH:mm", locale=_locale())
    else:
        text = at_text(value, zone=zone)
    return _tag(_utc(moment(value)), text, zone or current_zone())


def day_text(value: date | str) -> str:
    """`2026-11-23` in Chinese, `23 Nov 2026` in English."""
    pattern = "yyyy-MM-dd" if current_language() == "zh-CN" else "d MMM yyyy"
    return format_date(_date(value), pattern, locale=_locale())


def day(value: date | str | None) -> Markup:
    """A day as a time element; a dash for none."""
    return Markup("—") if value is None else _tag(_date(value).isoformat(), day_text(value))


def weekday(value: date | str) -> str:
    """`周一`, `Mon`."""
    return format_date(_date(value), "EEE", locale=_locale())


def month_text(value: str | date) -> str:
    """A period's name, from `2026-10`: `2026 年 10 月`, `October 2026`."""
    first = date.fromisoformat(f"{value[:7]}-01") if isinstance(value, str) else value
    return format_date(first, "yyyy 年 M 月" if current_language() == "zh-CN" else "MMMM yyyy", locale=_locale())


def days_to(last: date | str, today: date) -> int:
    """How many days the day is away, negative once it is past."""
    return (_date(last) - today).days


def days_left(last: date | str, today: date) -> str:
    """How far the last day is: `12 days left`, `ends today`, `3 days ago`."""
    left = days_to(last, today)
    if left == 0:
        return gettext("ends today")
    if left > 0:
        return ngettext("%(num)s day left", "%(num)s days left", left) % {"num": left}
    return ngettext("%(num)s day ago", "%(num)s days ago", -left) % {"num": -left}


def since(value: datetime | str, now: datetime) -> str:
    """How long ago: `40 s ago`, `2 min ago`, `13 h ago`, `5 days ago`. In wall time, rounded down."""
    passed = max(0, int((now - moment(value)).total_seconds()))
    if passed >= 2 * 86400:
        days = passed // 86400
        return ngettext("%(num)s day ago", "%(num)s days ago", days) % {"num": days}
    return gettext("%(time)s ago") % {"time": duration(passed, units=1)}


def duration(seconds: float | None, units: int | None = None, days: bool = False) -> str:
    """Whole seconds in words: `2 小时 45 分`, `2 h 45 min`. A dash for none.

    units: at most so many, from the largest, the rest cut off. days: for wall time alone, where a day is 24 hours;
    working time stays in hours, since a working day has no fixed length. The sign stays in front.
    """
    if seconds is None:
        return "—"
    whole = abs(int(seconds))
    sizes = [(3600, gettext("%(num)s h")), (60, gettext("%(num)s min")), (1, gettext("%(num)s s"))]
    if days:
        sizes.insert(0, (86400, gettext("%(num)s d")))
    parts: list[str] = []
    for size, words in sizes:
        count, whole = divmod(whole, size)
        if count:
            parts.append(words % {"num": count})
        elif parts and units:
            units -= 1  # a gap counts as shown: 1 day 0 h 5 min in two units is 1 day
        if units and len(parts) >= units:
            break
    return ("−" if seconds < 0 and parts else "") + (" ".join(parts) or gettext("%(num)s s") % {"num": 0})


def _amount(value: AmountLike) -> tuple[Decimal, str]:
    if isinstance(value, Mapping):
        return Decimal(str(value["amount"])), value["currency"]
    return Decimal(str(value.amount)), value.currency


def money(value: AmountLike | None) -> str:
    """The full amount, for records: `¥2,440,000.00`, `CN¥2,440,000.00`. A dash for none."""
    if value is None:
        return "—"
    amount, currency = _amount(value)
    return str(format_currency(amount, currency, locale=_locale()))


def money_short(value: AmountLike | None) -> str:
    """For lists: `¥339.5 万`, `¥11.85 亿`, `CN¥3.4M`; the full amount below 1 万 or 1K. A dash for none."""
    if value is None:
        return "—"
    amount, currency = _amount(value)
    chinese = current_language() == "zh-CN"
    for size, places, unit in _CHINESE_STEPS if chinese else _ENGLISH_STEPS:
        if abs(amount) >= size:
            rounded = (amount / size).quantize(Decimal(places), ROUND_HALF_UP)
            figure = format_decimal(rounded, format="#,##0.##" if chinese else "#,##0.#", locale=_locale())
            sign, figure = ("−", figure.lstrip("-−")) if amount < 0 else ("", figure)
            return f"{sign}{get_currency_symbol(currency, locale=_locale())}{figure}{unit}"
    return money(value)


def share(value: Decimal | str | None, places: int = 4) -> str:
    """A share of one as per cent, cut and never rounded up to a target: `0.949771` is `94.9771 %`. A dash for none."""
    if value is None:
        return "—"
    percent = (Decimal(str(value)) * 100).quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return f"{percent:f} %"


def rate(value: Decimal | str | None) -> str:
    """A rate that people chose, without needless noughts: `0.10` is `10 %`. A dash for none."""
    if value is None:
        return "—"
    percent = (Decimal(str(value)) * 100).normalize()
    return f"{percent:f} %"


def number(value: int | Decimal) -> str:
    """With the thousands marked."""
    return str(format_decimal(value, locale=_locale()))


def capped(value: int, cap: int = COUNT_CAP) -> str:
    """A count that stops counting: `1,000+` from `cap` on."""
    return f"{number(cap)}+" if value >= cap else number(value)
