"""The home of each role, with data, empty, and with services that do not answer."""

from typing import Any

from gateway.pages.asking import Found
from gateway.pages.clocks_today import _clock_rows, _source_row, _strip
from gateway.pages.home import figure
from tests.web.samples import TODAY, Sample
from tests.web.samples.components import UNAVAILABLE
from tests.web.samples.hours import hours
from tests.web.samples.onlookers import NOW
from tests.web.samples.procurement import AGREEMENT, BREACH, OWNERS, PERIODS, contract, supplier

DOWN = Found(problem=UNAVAILABLE)


def clock(n: int, left: int | None, state: str = "running", **more: Any) -> dict[str, Any]:
    """An open clock as the service gives it."""
    return {
        "source": "servicedesk",
        "ticket": f"00188{n:02d}",
        "agreement": "SLA-2026-000001",
        "target": "resolution",
        "cycle": 1,
        "state": state,
        "goal_seconds": 14400 if left is not None else None,
        "elapsed_seconds": 14400 - left if left is not None else 60,
        "remaining_seconds": left,
        "due_at": "2026-11-23T05:20:00Z" if state == "running" else None,
        "provisional": n == 3,
        "breached_at": "2026-11-23T01:20:00Z" if (left or 0) < 0 else None,
        "warnings": [{"percent": 75}],
    } | more


def source(code: str, silent: bool = False, **more: Any) -> dict[str, Any]:
    """A source as the service gives it."""
    return {
        "code": code,
        "name": "统一服务台",
        "silent": silent,
        "last_received_at": "2026-11-22T13:20:00Z",
        "rejected_24h": 3 if silent else 0,
        "hours": hours([5] * 11 + [0] * 13, refused=3 if silent else 0),
        "pace_seconds": 420,
    } | more


def _clocks(found: dict[str, Found]) -> dict[str, Any]:
    return {
        "nav": "home",
        "here": "/",
        "now": NOW,
        "found": found,
        "subtitle": "11-23 周一 10:20",
        "strip": _strip(found),
        "clocks": _clock_rows(found["clocks"], {}, {"SLA-2026-000001": {"supplier": {"short_name": "上海云启"}}}),
        "targets": {("SLA-2026-000001", "resolution"): "解决时限"},
        "people": {"gao.lei": "高磊"},
        "sources": [_source_row(row, NOW, Found(count=22)) for row in found["sources"].rows],
    }


def samples() -> list[Sample]:
    """All of them."""
    clocks = [clock(1, -900), clock(2, 600), clock(3, 9000), clock(4, 9000, "paused"), clock(5, None)]
    month = {
        "agreement": "SLA-2026-000001",
        "agreement_title": "IT 服务台",
        "period": "2026-10",
        "supplier": {"short_name": "上海云启"},
    }
    full = {
        "clocks": Found(clocks, "c", 148),
        "paused": Found((), None, 31),
        "today": Found((), None, 5),
        "decide": Found([BREACH, BREACH | {"actions": []}], "c", 3),
        "latest": Found([BREACH], "c"),
        "sources": Found(
            [source("bkmon", True), source("itsm", last_received_at=None, hours=hours([0] * 24), pace_seconds=None)],
            None,
            2,
        ),
        "silent": Found((), None, 1),
        "months": Found([month]),
    }
    page = {"nav": "home", "here": "/", "today": TODAY, "now": NOW, "owners": OWNERS, "targets": {}}
    strip = {
        "strip": (figure("90 天内到期", Found((), None, 5), "/contracts", "near"), figure("草稿", DOWN, "/contracts"))
    }
    rows = {
        "contracts": Found([contract(1), contract(2)], "c"),
        "agreements": Found([AGREEMENT], "c"),
        "breaches": Found([BREACH]),
        "periods": Found(PERIODS),
        "ending": Found([contract(1)], "c"),
        "drafts": Found([contract(2, "draft")], "c"),
        "waiting": Found([supplier(1, "screened")], "c"),
    }
    names = ("procurement", "overview", "supplier")
    return [
        Sample("home-clocks", "home/clocks.html", _clocks(full)),
        Sample("home-clocks-empty", "home/clocks.html", _clocks(dict.fromkeys(full, Found((), None, 0)))),
        Sample("home-clocks-down", "home/clocks.html", _clocks(dict.fromkeys(full, DOWN))),
        *(Sample(f"home-{name}", f"home/{name}.html", page | strip | rows) for name in names),
        *(
            Sample(f"home-{name}-empty", f"home/{name}.html", page | strip | dict.fromkeys(rows, Found()))
            for name in names
        ),
        *(Sample(f"home-{name}-down", f"home/{name}.html", page | strip | dict.fromkeys(rows, DOWN)) for name in names),
    ]
