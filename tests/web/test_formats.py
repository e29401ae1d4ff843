"""Instants, durations and money as people read them, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gateway.pages import formats
from gateway.pages.forms import amount_text
from services.kernel.messages import use_locale

INSTANT = "2026-10-12T16:30:05Z"
NOW = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)
YUAN = {"amount": "3395000.00", "currency": "CNY"}


@pytest.mark.parametrize(("language", "text"), [("zh-CN", "2026-10-13 00:30"), ("en", "13 Oct 2026 00:30")])
def test_an_instant_is_shown_in_the_readers_zone_which_it_names(language, text):
    with use_locale(language):
        shown = formats.at(INSTANT)
    assert shown == f'<time datetime="2026-10-12T16:30:05Z" title="Asia/Shanghai">{text}</time>'


def test_another_zone_shows_the_same_instant_otherwise():
    with use_locale("zh-CN"), formats.use_zone("America/Sao_Paulo"):
        assert formats.at_text(INSTANT, seconds=True) == "2026-10-12 13:30:05"
        assert 'title="America/Sao_Paulo"' in formats.at(INSTANT)


def test_an_instant_of_today_is_shown_by_its_hour():
    with use_locale("zh-CN"):
        assert "今天 00:30" in formats.short_at(INSTANT, NOW)
        assert "10-11 16:00" in formats.short_at("2026-10-11T08:00:00Z", NOW)
        assert "2025-10-11 16:00" in formats.short_at("2025-10-11T08:00:00Z", NOW)


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (9900, "2 小时 45 分", "2 h 45 min"),
        (1692, "28 分 12 秒", "28 min 12 s"),
        (0, "0 秒", "0 s"),
        (-900, "−15 分", "−15 min"),
        (90000, "25 小时", "25 h"),
        (None, "—", "—"),
    ],
)
def test_working_time_stays_in_hours(seconds, chinese, english):
    with use_locale("zh-CN"):
        assert formats.duration(seconds) == chinese
    with use_locale("en"):
        assert formats.duration(seconds) == english


def test_wall_time_may_be_shown_in_days_and_cut_to_a_few_units():
    with use_locale("en"):
        assert formats.duration(12 * 86400 + 18 * 3600 + 2700, days=True) == "12 d 18 h 45 min"
        assert formats.duration(86400 + 5, units=2, days=True) == "1 d"
        assert formats.duration(7384, units=2) == "2 h 3 min"


def test_money_is_whole_on_records_and_short_in_lists():
    with use_locale("zh-CN"):
        assert formats.money(YUAN) == "¥3,395,000.00"
        assert formats.money_short(YUAN) == "¥339.5 万"
        assert formats.money_short({"amount": "1185000000", "currency": "CNY"}) == "¥11.85 亿"
        assert formats.money_short({"amount": "9999.99", "currency": "CNY"}) == "¥9,999.99"
    with use_locale("en"):
        assert formats.money_short(YUAN) == "CN¥3.4M"
        assert formats.money(None) == "—"


def test_a_share_is_cut_and_never_rounded_up_to_its_target():
    assert formats.share("0.94999999") == "94.9999 %"
    assert formats.share(Decimal("0.5"), places=1) == "50.0 %"
    assert (formats.rate("0.10"), formats.rate("1.00"), formats.rate(None)) == ("10 %", "100 %", "—")


def test_days_left_name_today():
    with use_locale("zh-CN"):
        assert formats.days_left(date(2026, 12, 5), date(2026, 11, 23)) == "剩 12 天"
        assert formats.days_left("2026-11-23", date(2026, 11, 23)) == "今日到期"
        assert formats.days_left("2026-11-22", date(2026, 11, 23)) == "1 天前"


def test_counts_stop_at_the_cap():
    with use_locale("en"):
        assert (formats.capped(999), formats.capped(1000), formats.capped(141712)) == ("999", "1,000+", "1,000+")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [("1,200,000", "1200000"), ("120万", "1200000"), ("1.5亿", "150000000"), ("0.00015万", "1.5"), ("¥12.50", "12.50")],
)
def test_amounts_are_read_as_people_write_them(typed, sent):
    assert amount_text(typed) == sent


@pytest.mark.parametrize("typed", ["abc", "1.2.3", "", "=1+1", "12e3"])
def test_what_is_no_amount_is_left_for_the_service_to_refuse(typed):
    assert amount_text(typed) == typed
