"""One measured figure, and how a run is measured."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.api_client import Json

RUNS = 5


class WrongResult(Exception):
    """What was measured did not compute what it should: its speed means nothing."""


@dataclass(frozen=True)
class Figure:
    """A row of the bench.

    values: one a run; the figure is their median. most, least: what it must keep to, either or both. baseline: what
    the figure is compared with, in its own unit, measured in the same run.
    """

    name: str
    unit: str
    values: list[float] = field(default_factory=list)
    most: float | None = None
    least: float | None = None
    baseline: float | None = None

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def passes(self) -> bool:
        below = self.most is None or self.value <= self.most
        return below and (self.least is None or self.value >= self.least)

    @property
    def must(self) -> str:
        bounds = [f"≤ {self.most:g}"] if self.most is not None else []
        bounds += [f"≥ {self.least:g}"] if self.least is not None else []
        return ", ".join(bounds)

    def row(self) -> Json:
        """As it stands in var/bench.json."""
        return {
            "name": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "must": self.must,
            "baseline": None if self.baseline is None else _short(self.baseline),
            "runs": len(self.values),
            "pass": self.passes,
        }


def _short(value: float) -> float:
    """Four significant digits: more would be noise."""
    return float(f"{value:.4g}")


def seconds_of(work: Callable[[], object], runs: int = RUNS) -> list[float]:
    """How long `work` takes, run by run; the collector waits, so that no run pays for another's garbage."""
    taken = []
    for _ in range(runs):
        gc.collect()
        gc.disable()
        began = time.perf_counter()
        try:
            work()
        finally:
            taken.append(time.perf_counter() - began)
            gc.enable()
    return taken


def check(what: str, found: object, expected: object) -> None:
    """Refuses WrongResult where a count or checksum is not what it must be."""
    if found != expected:
        raise WrongResult(f"{what}: {found}, expected {expected}")
