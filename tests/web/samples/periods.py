"""The cycles of a closed month: counted, and left out with each reason."""

from typing import Any

from gateway.pages.links import Empty, Link
from gateway.pages.lists import Column, Listing, ListQuery
from gateway.pages.period_cycles import OUTCOMES, subject, why_not
from gateway.pages.ticket_view import ticket_href
from tests.web.samples import Sample, asked

COUNTED = ("met", "breached")


def _row(place: int, outcome: str) -> dict[str, Any]:
    counted = outcome in COUNTED
    return {
        "source": "servicedesk", "ticket": f"00188{place}", "target": "resolution", "cycle": 1, "outcome": outcome,
        "counted": counted, "why_not": None if counted else outcome, "at": "2026-10-12T08:20:00Z",
        "breach": "BR-2026-000317" if outcome in ("breached", "excluded") else None, "elapsed_seconds": 67500,
        "goal_seconds": None if outcome == "not_rated" else 57600,
    }  # fmt: skip


def samples() -> list[Sample]:
    """The list, full and empty."""
    here = {"nav": "periods", "here": "/periods", "names": {"resolution": "解决时限"}, "ticket_href": ticket_href}
    shared = here | {"why_not": why_not, "subject": subject}
    rows = [_row(place, outcome) for place, outcome in enumerate(OUTCOMES)]
    return [
        Sample("cycles", "periods/cycles.html", shared | {"listing": _listing(rows)}),
        Sample("cycles-none", "periods/cycles.html", shared | {"listing": _listing([])}),
    ]


def _listing(rows: list[dict[str, Any]]) -> Listing:
    url = "/agreements/SLA-2026-000012/periods/2026-10"
    return Listing(
        title="2026 年 10 月的轮次", query=ListQuery.of(asked(f"{url}/cycles")), rows=rows, default_sort="at",
        columns=(Column(key="ticket", title="工单", kind="title"),
                 *(Column(key=key, title=key) for key in ("target", "outcome", "counted", "used", "at"))),
        links=(Link(href=url, title="回到该月"),), empty=Empty(title="这个月没有轮次结束或违约"),
    )  # fmt: skip
