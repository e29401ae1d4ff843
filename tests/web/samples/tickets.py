"""Tickets: the list, the page with its clocks, without one, as of an instant, and one that nobody has heard of."""

from typing import Any

from gateway.pages.asking import Found
from gateway.pages.lists import ListQuery
from gateway.pages.ticket_view import ticket_href
from gateway.pages.tickets import listing_of, ticket_context
from services.kernel.identity import Role
from services.kernel.messages import use_locale
from tests.web.charts import story
from tests.web.charts.period import NAMES, TIERS
from tests.web.charts.toy import CALENDAR, at, wire
from tests.web.samples import Sample, asked
from tests.web.samples.components import UNAVAILABLE
from tests.web.samples.onlookers import onlooker

SUPPLIER = {"id": "0190aaaa-0000-7000-8000-000000000101", "number": "GYS-2026-000001", "short_name": "上海云启"}
CONDITIONS: dict[str, dict[str, Any]] = {
    "response": {"start": {"field": "state", "op": "set"}},
    "resolution": {"start": {"field": "state", "op": "set"}},
    "callback": {
        "start": {"field": "state", "op": "eq", "value": "已解决"},
        "applies": {"field": "level", "op": "in", "value": ["VIP", "重要"]},
    },
}
TARGETS = [
    {"key": key, "name": {"zh": NAMES["zh-CN"][key], "en": NAMES["en"][key]}, "tiers": TIERS[key],
     "conditions": CONDITIONS[key]}
    for key in CONDITIONS
]  # fmt: skip


def step(event: int, *did: str, goal: int | None = 57600, hindered: tuple[str, ...] = (), **held: bool) -> Any:
    """A step of a target's `why`."""
    return {
        "event_id": f"0018842-{event}", "at": wire(at(9, 30, 15, 20 + event)), "version": 2, "conditions": held,
        "goal_seconds": goal, "did": list(did), "hindered_by": list(hindered), "tests": [],
    }  # fmt: skip


def ticket(**more: Any) -> dict[str, Any]:
    """Ticket 0018842 with its three targets, one of which never started."""
    whole = story.ticket()
    resolution = story.resolution() | {"breach": "BR-2026-000317"}
    stopped = {**step(11, "stopped", start=True), "at": resolution["ended_at"]}
    clocks = [
        {"target": "response", "cycles": [story.response()], "why": [step(1, "started", start=True)]},
        {"target": "resolution", "cycles": [resolution],
         "why": [step(1, "started", goal=144000, start=True), step(2, "goal_changed"), step(4, "paused"), stopped]},
        {"target": "callback", "cycles": [],
         "why": [step(n, hindered=("applies",), start=n > 5, applies=False) for n in range(1, 12)]},
    ]  # fmt: skip
    return whole | {
        "contract": "HT-2026-000042", "supplier": SUPPLIER, "agreement_title": "IT 服务台", "clocks": clocks,
        "attributes": {"state": "已解决", "priority": "2", "title": "批量付款文件导出失败"},
        "url": "https://servicedesk.example/0018842",
    } | more  # fmt: skip


def _rows() -> list[dict[str, Any]]:
    return [
        {
            "source": "servicedesk", "ticket": f"00188{n:02}", "agreement": "SLA-2026-000012" if n % 5 else None,
            "agreement_title": "IT 服务台与桌面运维服务级别协议", "open": n % 3 == 0, "events": 7 * n + 1,
            "first_at": "2026-11-12T01:00:00Z", "last_at": "2026-11-22T07:30:00Z",
        }
        for n in range(20)
    ]  # fmt: skip


def _list(rows: Found, query: str = "") -> dict[str, Any]:
    found = {
        "rows": rows, "sources": Found([{"code": "servicedesk", "name": "IT 服务台"}]),
        "agreements": Found([{"number": "SLA-2026-000012", "title": "IT 服务台", "state": "in_force"}]),
    }  # fmt: skip
    return {"listing": listing_of(ListQuery.of(asked("/tickets", query)), found), "ticket_href": ticket_href}


def _page(name: str, found: dict[str, Any], query: str = "", *roles: Role, **more: Any) -> Sample:
    page = onlooker(*(roles or (Role.SERVICE_MANAGER,)), query=query)
    calendars = {("cn-office", 3): CALENDAR}
    return Sample(name, "tickets/ticket.html", ticket_context(page, found, TARGETS, None, calendars) | more)


def samples() -> list[Sample]:
    """Every state of the ticket pages."""
    with use_locale("zh-CN"):
        heard = {"source": "servicedesk", "ticket": "0099999", "call": '{"source": "servicedesk"}'}
        pages = [
            Sample("tickets", "tickets/list.html", _list(Found(_rows(), "cursor"))),
            Sample("tickets-none", "tickets/list.html", _list(Found())),
            Sample("tickets-down", "tickets/list.html", _list(Found(problem=UNAVAILABLE))),
            _page("ticket", ticket()),
            _page("ticket-as-of", ticket(), "as_of=2026-10-13T02:20:00Z&rows=all&ledger=response"),
            _page("ticket-without-targets", ticket(), targets_problem=UNAVAILABLE),
            _page("ticket-of-a-supplier", ticket(url="javascript:alert(1)"), "", Role.SUPPLIER_USER),
            _page("ticket-unjudged", ticket(agreement=None, clocks=[])),
            _page("ticket-of-a-draft", ticket(clocks=[])),
            Sample("ticket-unheard", "tickets/unheard.html", heard),
        ]
    return [Sample(page.name, page.template, {"nav": "tickets", "here": "/tickets", **page.context}) for page in pages]
