"""Laws of the strip's geometry: of every extreme, and of any ledger."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.messages import use_locale
from tests.web.charts import story
from tests.web.charts.drawing import bars, labels, panel_of
from tests.web.charts.toy import Span, Toy, at, cycle
from web.charts.facts import Kind, Row, read_cycle
from web.charts.folds import Scale, scale_of
from web.charts.ink import LEAST_WIDTH
from web.charts.placing import WIDTHS

EVERY = [("resolution", story.resolution()), ("response", story.response()), *story.extremes()]
IDS = [name for name, _ in EVERY]
HOUR = 3600


def scale(cycle_json: dict[str, Any]) -> Scale:
    """The scale of what the ledger has, without what lies ahead."""
    return scale_of(read_cycle(cycle_json).rows)


def closed(days: float, label: str = "outside_hours", start: int = 0) -> Row:
    """A closed row."""
    return Row(start, start + int(days * 86400), Kind.CLOSED, int(days * 86400), label=label)


def worked(hours: float, start: int = 0) -> Row:
    """A working row."""
    return Row(start, start + int(hours * HOUR), Kind.WORKING, int(hours * HOUR))


def in_a_row(*rows: Row) -> list[Row]:
    """The rows one after the other."""
    placed: list[Row] = []
    for row in rows:
        start = placed[-1].end if placed else 0
        placed.append(Row(start, start + row.seconds, row.kind, row.seconds, label=row.label))
    return placed


@pytest.mark.parametrize(("name", "given_cycle"), EVERY, ids=IDS)
def test_pieces_fill_the_width_without_gap_or_overlap(name: str, given_cycle: dict[str, Any]) -> None:
    pieces = scale(given_cycle).pieces
    if not pieces:
        assert name == "met-at-once"
        return
    assert pieces[0].x0 == 0
    assert pieces[-1].x1 == pytest.approx(1)
    assert all(a.x1 == b.x0 for a, b in itertools.pairwise(pieces))


def test_one_night_takes_one_per_cent_and_a_named_holiday_seven() -> None:
    night = scale_of(in_a_row(worked(4), closed(0.6), worked(4)))
    assert night.pieces[1].x1 - night.pieces[1].x0 == pytest.approx(0.01)
    holiday = scale_of(in_a_row(worked(4), closed(0.25), closed(7, "国庆节"), closed(0.4), worked(4)))
    assert holiday.pieces[1].x1 - holiday.pieces[1].x0 == pytest.approx(0.07)
    weekend = scale_of(in_a_row(worked(4), closed(0.25), closed(2, "no_hours"), closed(0.4), worked(4)))
    assert weekend.pieces[1].x1 - weekend.pieces[1].x0 == pytest.approx(0.02)


def test_all_folds_together_never_take_more_than_thirty_per_cent() -> None:
    """Six weeks of nights and weekends: 24 + 6 x 2 = 36 would be 36 %."""
    week = [row for _ in range(4) for row in (worked(9), closed(0.625))] + [worked(9), closed(2.6, "no_hours")]
    found = scale_of(in_a_row(*(week * 6)))
    folded = sum(p.x1 - p.x0 for p in found.pieces if p.fold)
    assert folded == pytest.approx(0.30)


def test_above_forty_nights_days_touch_and_weekends_stay() -> None:
    week = [row for _ in range(4) for row in (worked(9), closed(0.625))] + [worked(9), closed(2.6, "no_hours")]
    found = scale_of(in_a_row(*(week * 11)))
    nights = [p for p in found.pieces if p.fold and p.rows[0].label == "outside_hours"]
    weekends = [p for p in found.pieces if p.fold and p.rows[0].label == "no_hours"]
    assert len(nights) == 44
    assert all(p.x0 == p.x1 for p in nights)
    assert all(p.x1 - p.x0 == pytest.approx(0.22 / 11) for p in weekends)


def test_a_cycle_that_was_never_open_is_one_fold() -> None:
    found = scale_of(in_a_row(closed(1, "国庆节"), closed(1, "国庆节")))
    assert [(p.x0, p.x1) for p in found.pieces] == [(0.0, 1.0)]


@pytest.mark.parametrize("name", ["resolution", "running", "second-cycle", "still-over", "round-the-clock"])
def test_an_hour_is_as_long_above_as_below_where_the_goal_fits(name: str) -> None:
    given_cycle = dict(EVERY)[name]
    read = read_cycle(given_cycle)
    drawn = panel_of(given_cycle).strip
    above = [b for b in bars(drawn) if b.y == 40 and set(b.cls.split()) & {"work", "over"}]
    below = [b for b in bars(drawn) if b.y == 100 and set(b.cls.split()) & {"work", "over"}]
    assert sum(b.width for b in above) == pytest.approx(sum(b.width for b in below), abs=2e-4)
    assert sum(b.width for b in above) / read.used == pytest.approx(sum(b.width for b in below) / read.used, rel=2e-3)


def test_where_the_goal_does_not_fit_the_lower_band_narrows_and_goal_is_the_width() -> None:
    drawn = panel_of(story.one_minute()).strip
    (trough,) = bars(drawn, "trough")
    assert trough.width == pytest.approx(1)
    below = next(b for b in bars(drawn, "work") if b.y == 100)
    assert below.width == pytest.approx(65 / (4 * HOUR), abs=1e-5)


@pytest.mark.parametrize(("name", "given_cycle"), EVERY, ids=IDS)
def test_what_is_there_is_drawn_and_nothing_leaves_the_box(name: str, given_cycle: dict[str, Any]) -> None:
    for bar in bars(panel_of(given_cycle).strip):
        assert bar.width >= LEAST_WIDTH - 1e-9 or "fold" in bar.cls, (name, bar)
        assert bar.x >= 0
        assert bar.x + bar.width <= 1 + LEAST_WIDTH + 0.001


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("name", "given_cycle"), EVERY, ids=IDS)
def test_labels_never_overlap_at_any_width(name: str, given_cycle: dict[str, Any], language: str) -> None:
    with use_locale(language):
        drawn = panel_of(given_cycle, opened_by="opened by a reset").strip
    assert_apart(drawn)


def assert_apart(drawn: str) -> None:
    """No two words on one line meet, at none of the three widths."""
    for width in WIDTHS:
        lines: dict[float, list[tuple[float, float, str]]] = {}
        for label in labels(drawn, width):
            lines.setdefault(label.y, []).append((label.left, label.right, label.words))
        for line in lines.values():
            line.sort()
            for (_, right, first), (left, _, second) in itertools.pairwise(line):
                assert right <= left + 0.5, (width, first, second)


@st.composite
def ledgers(draw: st.DrawFn) -> dict[str, Any]:
    """Any cycle: start in the year, up to 90 days, with pauses wherever."""
    start = at(1, 5, 9) + timedelta(minutes=draw(st.integers(0, 400_000)))
    end = start + timedelta(minutes=draw(st.integers(1, 130_000)))
    spans, moment = [], start
    for n in range(draw(st.integers(0, 12))):
        begin = moment + timedelta(minutes=draw(st.integers(1, 4000)))
        moment = begin + timedelta(minutes=draw(st.integers(1, 4000)))
        kind = draw(st.sampled_from(["paused", "paused", "stopped"]))
        spans.append(Span(begin, moment, kind, draw(st.sampled_from(["A", "等待用户答复", None])), "x", f"e{n}"))
    goal = draw(st.sampled_from([60, 1800, 4 * HOUR, 40 * HOUR, 520 * HOUR]))
    round_the_clock = draw(st.booleans())
    return cycle(Toy(start, end, goal, spans, round_the_clock))


@settings(max_examples=60, deadline=None)
@given(given_cycle=ledgers())
def test_any_ledger_fills_the_width_and_keeps_its_labels_apart(given_cycle: dict[str, Any]) -> None:
    found = scale(given_cycle)
    assert found.pieces[-1].x1 == pytest.approx(1)
    drawn = panel_of(given_cycle, events=()).strip
    assert_apart(drawn)
    for bar in bars(drawn):
        assert bar.x + bar.width <= 1 + LEAST_WIDTH + 0.001


@settings(max_examples=40, deadline=None)
@given(given_cycle=ledgers(), chance=st.randoms(use_true_random=False))
def test_a_later_instant_never_lies_further_left(given_cycle: dict[str, Any], chance: Any) -> None:
    found = scale(given_cycle)
    instants = sorted(chance.randint(found.start - 10, found.end + 10) for _ in range(50))
    places = [found.x(t) for t in instants]
    assert places == sorted(places)
    assert all(0 <= x <= 1 + 1e-9 for x in places)
