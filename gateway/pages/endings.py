"""When a contract ends, as it stands in every list and on its own page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.pages.formats import days_left, days_to
from services.kernel.messages import _

SOON_DAYS = 90


@dataclass(frozen=True)
class Ending:
    """state: for the chip, `ending` in the last 90 days. on: the last day. note: how far away it is, in words."""

    state: str
    on: str
    note: str = ""
    tone: str = ""


def ending(contract: Mapping[str, Any], today: date) -> Ending:
    """A contract ends by being ended, never by itself: an active one may be past its last day."""
    state, last = str(contract["state"]), str(contract["to"])
    if contract["ended_on"]:
        return Ending(state, str(contract["ended_on"]))
    if state != "active":
        return Ending(state, last)
    left = days_to(last, today)
    if left < 0:
        return Ending(state, last, _("its last day has passed"), "late")
    near = left <= SOON_DAYS
    return Ending("ending" if near else state, last, days_left(last, today), "soon" if near else "")
