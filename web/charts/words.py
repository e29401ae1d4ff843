"""Lengths, instants and shares as a reader of either language says them.

Instants are whole epoch seconds here: a fraction is dropped where the JSON is read. The zone is the one that the page
says it shows; the year is the one that needs no naming.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_currency

from services.kernel.messages import N_, _, current_language

WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_ZH = "一二三四五六日"
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# China's public holidays under the names that calendars are built with; other names are shown as they were written.
HOLIDAYS = {
    "元旦": N_("New Year's Day"),
    "春节": N_("Spring Festival"),
    "清明": N_("Qingming"),
    "清明节": N_("Qingming"),
    "劳动节": N_("Labour Day"),
    "端午": N_("Dragon Boat Festival"),
    "端午节": N_("Dragon Boat Festival"),
    "中秋": N_("Mid-Autumn Festival"),
    "中秋节": N_("Mid-Autumn Festival"),
    "国庆": N_("National Day"),
    "国庆节": N_("National Day"),
}


def chinese() -> bool:
    """Whether the page is read in Chinese."""
    return current_language() == "zh-CN"


def epoch(instant: str | datetime) -> int:
    """Whole seconds since 1970 of an instant of the API (`2016-02-29T00:53:00Z`); a fraction is dropped."""
    moment = instant if isinstance(instant, datetime) else datetime.fromisoformat(instant)
    return int(moment.timestamp() // 1)


def length(seconds: int, *, days: bool = False) -> str:
    """`18 小时 45 分` or `18 h 45 min`. days: 24 hours become a day, for wall time only."""
    whole, rest = divmod(abs(seconds), 86400) if days else (0, abs(seconds))
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    units = ("天", "小时", "分", "秒") if chinese() else ("d", "h", "min", "s")
    told = " ".join(f"{n} {u}" for n, u in zip((whole, hours, minutes, rest), units, strict=True) if n)
    return ("−" if seconds < 0 else "") + (told or f"0 {units[3]}")


def short_length(seconds: int) -> str:
    """For bars and narrow cells, the same in both languages: `2 h 45`, `28:12`, `40 min`, `48 s`."""
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        told = f"{hours} h" + (f" {minutes:02}" if minutes else "")
    elif minutes and rest:
        told = f"{minutes}:{rest:02}"
    else:
        told = f"{minutes} min" if minutes else f"{rest} s"
    return ("−" if seconds < 0 else "") + told


def days_long(n: int) -> str:
    """`7 天`, `7 d`: days counted, not measured."""
    return f"{n} 天" if chinese() else f"{n} d"


def day_name(label: str) -> str:
    """The name of a dated day: a built-in holiday in the reader's language, any other as it was written."""
    return _(HOLIDAYS[label]) if label in HOLIDAYS else label


@dataclass(frozen=True)
class Local:
    """Instants told in one zone. year: the year of the reader's now, left unsaid."""

    zone: ZoneInfo
    year: int

    @classmethod
    def of(cls, zone: str, now: datetime) -> "Local":
        """The zone by its IANA name, at the instant of reading."""
        place = ZoneInfo(zone)
        return cls(place, now.astimezone(place).year)

    def moment(self, t: int) -> datetime:
        """The local date and time of an instant."""
        return datetime.fromtimestamp(t, UTC).astimezone(self.zone)

    def day_of(self, t: int) -> date:
        """The local date of an instant."""
        return self.moment(t).date()

    def midnight(self, day: date) -> int:
        """The instant at which a local day begins."""
        return int(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp())

    def clock(self, t: int) -> str:
        """`16:20`."""
        return f"{self.moment(t):%H:%M}"

    def at(self, t: int, *, seconds: bool = False) -> str:
        """`10-12 16:20` or `12 Oct 16:20`, with the year where it is not this one."""
        m = self.moment(t)
        day = self._day_of_year(m)
        return f"{day} {m:%H:%M:%S}" if seconds else f"{day} {m:%H:%M}"

    def on(self, t: int) -> str:
        """`10-12` or `12 Oct`, with the year where it is not this one."""
        return self._day_of_year(self.moment(t))

    def _day_of_year(self, m: datetime) -> str:
        if chinese():
            return f"{m:%m-%d}" if m.year == self.year else f"{m:%Y-%m-%d}"
        return f"{m.day} {MONTHS_EN[m.month - 1]}" + ("" if m.year == self.year else f" {m.year}")

    def day(self, day: date, *, first: bool = False) -> str:
        """A day on the axis: `10-09 五`, `Fri 9`. first: with its month, and its year where it is not this one."""
        if chinese():
            year = f"{day.year}-" if first and day.year != self.year else ""
            return f"{year}{day.month}-{day.day:02} {WEEKDAYS_ZH[day.weekday()]}"
        told = f"{WEEKDAYS_EN[day.weekday()]} {day.day}"
        if first or day.day == 1:
            told += f" {MONTHS_EN[day.month - 1]}"
        return told + (f" {day.year}" if first and day.year != self.year else "")

    def month(self, day: date, *, first: bool = False) -> str:
        """A month on the axis; January, and the first where it is not of this year, with the year."""
        year = day.month == 1 or (first and day.year != self.year)
        if chinese():
            return f"{day.year} 年 {day.month} 月" if year else f"{day.month} 月"
        return f"{MONTHS_EN[day.month - 1]} {day.year}" if year else MONTHS_EN[day.month - 1]


def weekday_letters() -> tuple[str, ...]:
    """Monday first, one character each."""
    return tuple(WEEKDAYS_ZH) if chinese() else tuple(name[0] for name in WEEKDAYS_EN)


def month_name(month: int) -> str:
    """`10 月`, `Oct`."""
    return f"{month} 月" if chinese() else MONTHS_EN[month - 1]


def plain_date(day: date) -> str:
    """`2026-10-12`, `12 Oct 2026`."""
    return day.isoformat() if chinese() else f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def percent_cut(share: str) -> str:
    """A share of six places as a per cent of four, cut and never rounded up: `0.949771` is `94.9771 %`."""
    return f"{(Decimal(share) * 100).quantize(Decimal('0.0001'), ROUND_DOWN)} %"


def percent(share: str) -> str:
    """A rate as it was agreed, without idle zeros: `0.40` is `40 %`, `0.125` is `12.5 %`."""
    return f"{_plain(Decimal(share) * 100)} %"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse("zh_CN" if language == "zh-CN" else "en_GB")


def money(amount: str, currency: str) -> str:
    """The full amount, as records show it: `¥6,000.00`, `CN¥6,000.00`."""
    return str(format_currency(Decimal(amount), currency, locale=_locale(current_language())))
