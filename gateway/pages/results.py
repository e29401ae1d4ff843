"""What pages say of a period's result wherever it is shown."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gateway.pages.formats import share
from services.kernel.messages import _


def period_href(period: Mapping[str, Any]) -> str:
    """The page of an agreement's month."""
    return f"/agreements/{period['agreement']}/periods/{period['period']}"


def cycle_href(period: Mapping[str, Any], cycle: str) -> str:
    """The page of one of its cycles as it was judged. period: anything with its agreement and month."""
    return f"{period_href(period)}/cycles/{cycle}"


def lowest(period: Mapping[str, Any]) -> str:
    """The lowest attainment of a period's targets; words where none is rated."""
    shares = [target["attainment"]["share"] for target in period["targets"] if target["attainment"]]
    return share(min(shares, key=Decimal), 2) if shares else _("not rated")
