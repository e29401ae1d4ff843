"""A source's hours as the service gives them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.web.samples import Sample
from tests.web.samples.onlookers import NOW


def hours(accepted: Sequence[int], refused: int = 0) -> list[dict[str, Any]]:
    """The last of them is the running one. refused: lines of the first hour in which something came."""
    last = NOW.replace(minute=0)
    first = next((n for n, count in enumerate(accepted) if count), 0)
    return [
        {
            "from": f"{last - timedelta(hours=len(accepted) - 1 - n):%Y-%m-%dT%H:%M:%SZ}", "calls": min(count, 30),
            "accepted": count, "rejected": refused if n == first else 0,
        }
        for n, count in enumerate(accepted)
    ]  # fmt: skip


def samples() -> list[Sample]:
    """None of its own."""
    return []
