"""What a figure says of its runs."""

import pytest

from deploy.bench.figures import Figure, WrongResult, check, seconds_of


def test_a_figure_is_the_median_of_its_runs() -> None:
    figure = Figure("a page", "ms", [9.0, 30.0, 10.0, 11.0, 200.0], most=30, baseline=12.3456)
    assert figure.row() == {
        "name": "a page", "value": 11.0, "unit": "ms", "must": "≤ 30", "baseline": 12.35, "runs": 5, "pass": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "most", "least", "passes"),
    [
        (30.0, 30.0, None, True),
        (30.1, 30.0, None, False),
        (0.2, None, 0.2, True),
        (0.19, None, 0.2, False),
        (5.0, None, None, True),
    ],
)
def test_a_figure_passes_within_its_bounds(value: float, most: float | None, least: float | None, passes: bool) -> None:
    assert Figure("x", "s", [value], most=most, least=least).passes is passes


def test_each_run_is_timed_by_itself() -> None:
    ran: list[int] = []
    assert len(seconds_of(lambda: ran.append(1), runs=7)) == len(ran) == 7


def test_a_wrong_count_has_no_speed() -> None:
    check("events", 3, 3)
    with pytest.raises(WrongResult, match="events: 2, expected 3"):
        check("events", 2, 3)
