"""Breaches: the list, and the page at each step of an exclusion, for each who may look."""

from typing import Any

from gateway.pages.asking import Found
from gateway.pages.breaches import Told, breach_context, listing_of
from gateway.pages.forms import FieldProblem, Problem
from gateway.pages.lists import ListQuery
from gateway.pages.results import period_href
from gateway.pages.ticket_view import ticket_href
from services.kernel.identity import Role
from services.kernel.messages import use_locale
from services.kernel.refusals import NotFound, Unavailable
from tests.web.charts.toy import CALENDAR
from tests.web.samples import Sample, asked
from tests.web.samples.components import UNAVAILABLE
from tests.web.samples.onlookers import onlooker
from tests.web.samples.tickets import SUPPLIER, TARGETS, ticket

PEOPLE = {"li.hang": "李航", "wang.min": "王敏", "chen.wei": "陈伟"}
ASKED = {
    "reason": "第三方补丁 10-12 15:10 才发布，之前无法修复。",
    "asked_by": "li.hang",
    "asked_at": "2026-10-13T01:12:00Z",
}
TOLD = {"action": "exclude", "text": ASKED["reason"], "by": "li.hang", "at": "2026-10-13T01:12:00Z"}


def version(number: int, state: str, breached_at: str, event: str | None, known: str) -> dict[str, Any]:
    """A version of a breach as the service gives it."""
    return {"version": number, "state": state, "breached_at": breached_at, "event_id": event, "at": known}


VERSIONS = [
    version(1, "standing", "2026-10-12T03:00:00Z", None, "2026-10-12T03:00:00.8Z"),
    version(2, "withdrawn", "2026-10-12T03:00:00Z", "0018842-8", "2026-10-12T03:42:01Z"),
    version(3, "standing", "2026-10-12T08:40:00Z", "0018842-9", "2026-10-12T08:40:00Z"),
    version(4, "standing", "2026-10-12T08:20:00Z", "0018842-10", "2026-10-13T00:30:01Z"),
]
CONFIRMED = version(6, "excluded", "2026-10-12T08:20:00Z", None, "2026-10-13T02:00:00Z")


def breach(state: str = "standing", **more: Any) -> dict[str, Any]:
    """The breach of ticket 0018842 as the service gives it."""
    return {
        "id": "0190aaaa-0000-7000-8000-000000000317", "number": "BR-2026-000317", "version": 5, "state": state,
        "source": "servicedesk", "ticket": "0018842", "target": "resolution", "cycle": 1, "cycle_state": "breached",
        "agreement": "SLA-2026-000012", "agreement_title": "IT 服务台", "contract": "HT-2026-000042",
        "period": "2026-10", "supplier": SUPPLIER, "breached_at": "2026-10-12T08:20:00Z", "goal_seconds": 57600,
        "elapsed_seconds": 67500, "over_seconds": 9900, "exclusion": None, "versions": VERSIONS, "decisions": [],
        "actions": ["acknowledge", "exclude"],
    } | more  # fmt: skip


def effect() -> dict[str, Any]:
    """What excluding it would change."""
    now = {"target": "resolution", "met": 83, "breached": 5, "rated": True, "tier": {"below": "0.95", "rate": "0.40"},
           "attainment": {"met": 83, "of": 88, "share": "0.943181"}}  # fmt: skip
    then = now | {"breached": 4, "tier": None, "attainment": {"met": 83, "of": 87, "share": "0.954022"}}
    return {
        "open": True, "now": {"result": now, "credit": {"amount": "6000.00", "currency": "CNY"}},
        "then": {"result": then, "credit": {"amount": "0.00", "currency": "CNY"}},
    }  # fmt: skip


def _page(
    name: str, found: dict[str, Any], *, moved: Any = None, stored: Any = None, role: Role = Role.SERVICE_MANAGER,
    doing: str = "", problem: Problem | None = None,
) -> Sample:  # fmt: skip
    told = Told(found, ticket() if stored is None else stored, {"targets": TARGETS}, moved, PEOPLE)
    calendars = {("cn-office", 3): CALENDAR}
    page = onlooker(role)
    page.request.state.request_id = "7f2c41d0"
    context = breach_context(page, told, calendars, doing, {"reason": ""} if doing else None, problem)
    return Sample(name, "breaches/breach.html", context)


def _list(rows: Found) -> Sample:
    found = {"rows": rows, "agreements": Found([{"number": "SLA-2026-000012", "title": "IT 服务台", "state": "draft"}])}
    context = {
        "listing": listing_of(ListQuery.of(asked("/breaches")), found), "ticket_href": ticket_href,
        "period_href": period_href, "targets": {("SLA-2026-000012", "resolution"): "解决时限"}, "nav": "breaches",
    }  # fmt: skip
    name = "breaches-down" if rows.problem else "breaches" if rows.rows else "breaches-none"
    return Sample(name, "breaches/list.html", context)


def samples() -> list[Sample]:
    """Every state of the breach pages."""
    wrong = Problem(
        status=422, type="validation", title="有一处不对", request_id="7f2c41d0",
        errors=(FieldProblem(code="too_short", what="请填写", at="/reason"),),
    )  # fmt: skip
    decided = {"versions": [*VERSIONS, CONFIRMED], "actions": ["acknowledge", "reinstate"], "decisions": [
        TOLD, {"action": "confirm", "text": None, "by": "chen.wei", "at": "2026-10-13T02:00:00Z"},
        {"action": "acknowledge", "text": "已通知", "by": "wang.min", "at": "2026-10-13T02:00:09Z"},
    ]}  # fmt: skip
    pending = {"exclusion": ASKED, "decisions": [TOLD], "actions": ["acknowledge", "confirm", "refuse"]}
    with use_locale("zh-CN"):
        rows = [
            breach(number="BR-2026-000317"), breach(number="BR-2026-000316", exclusion=ASKED),
            breach("withdrawn", number="BR-2026-000315"), breach("excluded", number="BR-2026-000314"),
        ]  # fmt: skip
        own = ASKED | {"asked_by": "wang.min"}
        pages = [
            _list(Found(rows, "cursor")), _list(Found()), _list(Found(problem=UNAVAILABLE)),
            _page("breach", breach(), moved=effect()),
            _page("breach-asked", breach(**pending), moved=effect()),
            _page("breach-asked-by-me", breach(exclusion=own, actions=["acknowledge"]), moved=effect()),
            _page("breach-refusal-without-reason", breach(**pending), moved=effect(), doing="refuse", problem=wrong),
            _page("breach-excluded", breach("excluded", **decided), moved=effect()),
            _page("breach-withdrawn", breach("withdrawn", versions=VERSIONS[:2], actions=["acknowledge"])),
            _page("breach-effect-away", breach(), moved=Unavailable()),
            _page("breach-ticket-away", breach(), stored=NotFound(), role=Role.AUDITOR),
            _page("breach-cycle-gone", breach(cycle=9, actions=[]), role=Role.SUPPLIER_USER),
        ]  # fmt: skip
    return [Sample(page.name, page.template, {"here": "/breaches", **page.context}) for page in pages]
