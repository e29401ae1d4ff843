"""Periods: the list; a month closed, restatable, capped, kept, unrated, open; its cycles; a ledger as it was judged."""

from typing import Any

from gateway.pages.asking import Found
from gateway.pages.forms import FieldProblem, Problem
from gateway.pages.frozen import events_known
from gateway.pages.lists import ListQuery
from gateway.pages.period_cycles import OUTCOMES, cycles_context
from gateway.pages.period_drill import Chosen
from gateway.pages.period_ledger import ledger_context
from gateway.pages.period_view import Told, period_context
from gateway.pages.periods import list_context
from services.kernel.identity import Role
from services.kernel.messages import use_locale
from tests.web.charts import story
from tests.web.charts.period import BREACHES, CAPPED, NAMES, PERIOD, choice
from tests.web.charts.toy import CALENDAR
from tests.web.samples import Sample, asked
from tests.web.samples.components import UNAVAILABLE
from tests.web.samples.onlookers import onlooker
from tests.web.samples.tickets import SUPPLIER, TARGETS
from web.charts.drill import Choice

MONTH = {"agreement": "SLA-2026-000012", "period": "2026-10"}
URL = "/agreements/SLA-2026-000012/periods/2026-10"
CYCLE = "019a0000-0000-7000-8000-000000000001"
ZERO = {"amount": "0.00", "currency": "CNY"}
PROMISED = [target | {"min_volume": 10 if target["key"] == "callback" else 1} for target in TARGETS]
VERSIONS = [{"version": number, "targets": PROMISED} for number in (1, 2)]
CLOSED: dict[str, Any] = PERIOD | {
    "id": "019a0000-0000-7000-8000-000000000010", "version": 1, "agreement_title": "IT 服务台", "supplier": SUPPLIER,
    "closed_by": "wang.min", "closed_at": "2026-11-02T01:14:00Z", "actions": [],
    "cap": {"at_risk": {"amount": "30000.00", "currency": "CNY"}, "computed": PERIOD["credit_total"], "binds": False},
}  # fmt: skip
FLIP = {
    "source": "servicedesk", "ticket": "0018731", "target": "resolution", "cycle": 1, "was": "breached", "now": "met",
    "event_id": "0018731-9", "occurred_at": "2026-10-19T02:00:00Z", "received_at": "2026-11-05T02:02:00Z",
}  # fmt: skip


def again(*flips: dict[str, Any], flipped: int = 0, **more: Any) -> dict[str, Any]:
    """October judged again: the resolution is kept, nothing is owed."""
    resolution, *others = PERIOD["targets"]
    kept = resolution | {"attainment": {"met": 209, "of": 219, "share": "0.954337"}, "tier": None}
    return {
        "targets": [kept, *others], "credits": [], "credit_total": ZERO, "flips": list(flips),
        "flipped": flipped or len(flips),
    } | more  # fmt: skip


def _period(
    name: str, found: dict[str, Any], chosen: Chosen, *, moved: Any = None, versions: Any = None, query: str = "",
    role: Role = Role.SERVICE_MANAGER, problem: Problem | None = None,
) -> Sample:  # fmt: skip
    told = Told(found, VERSIONS if versions is None else versions, chosen, moved, {"wang.min": "王敏"})
    page = onlooker(role, path=URL, query=query)
    page.request.state.request_id = "7f2c41d0"
    return Sample(name, "periods/period.html", period_context(page, told, problem))


def _months() -> list[Sample]:
    opened = Chosen(choice(), BREACHES, story.ticket(), f"{URL}/cycles/{CYCLE}", f"{URL}/cycles?outcome=breached")
    line = Chosen(Choice("resolution"), BREACHES)
    nothing = CLOSED | {"restatable": False, "credits": [], "credit_total": ZERO}
    unrated = [target | {"rated": False, "attainment": None, "tier": None} for target in PERIOD["targets"]]
    running = CLOSED | {
        "id": None, "version": 0, "state": "open", "restatable": False, "closed_by": None, "closed_at": None,
    }  # fmt: skip
    capped = CLOSED | CAPPED | {
        "restatable": False, "credit_total": {"amount": "5000.00", "currency": "CNY"},
        "cap": {"at_risk": {"amount": "5000.00", "currency": "CNY"}, "computed": PERIOD["credit_total"], "binds": True},
    }  # fmt: skip
    reached = CLOSED["cap"] | {"at_risk": PERIOD["credit_total"]}
    refused = Problem(
        status=409, type="conflict", title="现在不能关闭", request_id="7f2c41d0",
        errors=(FieldProblem(code="clocks_pending", what="该协议的时钟还在计算", at=""),),
    )  # fmt: skip
    gone = FLIP | {"now": None, "event_id": None, "received_at": None}
    fresh = FLIP | {"ticket": "0018905", "was": None, "now": "excluded", "received_at": "2026-10-19T02:10:00Z"}
    return [
        _period("period", CLOSED, opened, moved=again(FLIP)),
        _period("period-restatable-much", CLOSED, line, moved=again(FLIP, gone, fresh, flipped=23)),
        _period("period-restatable-unrated", CLOSED, line,
                moved=again(credit_total=None, targets=[], flips=[], flipped=0)),
        _period("period-judging-again-away", CLOSED, line),
        _period("period-closed", CLOSED | {"restatable": False, "cap": reached}, line),
        _period("period-of-a-supplier", CLOSED | {"restatable": False, "closed_by": None}, line,
                role=Role.SUPPLIER_USER),
        _period("period-capped", capped, Chosen(Choice("cap"))),
        _period("period-without-credits", nothing, Chosen(Choice())),
        _period("period-unrated", nothing | {"targets": unrated}, Chosen(Choice())),
        _period("period-versions-away", CLOSED | {"restatable": False}, line, versions=[]),
        _period("period-open", running | {"to": "2999-10-31T16:00:00Z"}, line),
        _period("period-to-close", running | {"actions": ["close"]}, line, query="do=close"),
        _period("period-close-refused", running | {"actions": ["close"]}, line, problem=refused),
        _period("period-without-terms", running | {
            "terms": None, "credits": [], "credit_total": None, "cap": None,
            "judged_by": {"agreement_version": None, "calendars": {}},
        }, Chosen(Choice())),
    ]  # fmt: skip


def _lists() -> list[Sample]:
    offered = Found([{"number": "SLA-2026-000012", "title": "IT 服务台", "state": "in_force"}])
    unrated = CLOSED | {"period": "2026-08", "targets": [CLOSED["targets"][2]], "restatable": False}
    rows = [CLOSED, CLOSED | {"period": "2026-09", "restatable": False}, unrated]
    due = [MONTH | {"agreement_title": "IT 服务台"}, MONTH | {"agreement_title": "应用运维", "period": "2026-09"}]

    def page(name: str, found: Found, due: list[dict[str, Any]]) -> Sample:
        query = ListQuery.of(asked("/periods"))
        return Sample(name, "periods/list.html", list_context(query, {"rows": found, "agreements": offered}, due))

    return [
        page("periods", Found(rows, "cursor"), due), page("periods-none", Found(), []),
        page("periods-down", Found(problem=UNAVAILABLE), due[:1]),
    ]  # fmt: skip


def _cycle(place: int, outcome: str) -> dict[str, Any]:
    counted = outcome in ("met", "breached")
    return {
        "id": CYCLE, "source": "servicedesk", "ticket": f"00188{place}", "target": "resolution", "cycle": 1,
        "outcome": outcome, "counted": counted, "why_not": None if counted else outcome, "at": "2026-10-12T08:20:00Z",
        "breach": "BR-2026-000317" if outcome in ("breached", "excluded") else None, "elapsed_seconds": 67500,
        "goal_seconds": None if outcome == "not_rated" else 57600, "over_seconds": 9900,
    }  # fmt: skip


def _cycles() -> list[Sample]:
    def page(name: str, found: Found) -> Sample:
        query = ListQuery.of(asked(f"{URL}/cycles"))
        return Sample(name, "periods/cycles.html", cycles_context(query, MONTH, found, NAMES["zh-CN"]))

    rows = [_cycle(place, outcome) for place, outcome in enumerate(OUTCOMES)]
    return [
        page("cycles", Found(rows, "cursor")), page("cycles-none", Found()),
        page("cycles-down", Found(problem=UNAVAILABLE)),
    ]  # fmt: skip


def frozen(today: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The breach of ticket 0018842 as October's closing judged it. today: what it would be now."""
    return story.resolution() | _cycle(42, "breached") | MONTH | {
        "ticket": "0018842", "agreement_title": "IT 服务台", "as_of": "2026-10-31T16:00:00Z",
        "closed_at": CLOSED["closed_at"],
        "today": {"url": "/api/sla/v1/tickets/servicedesk/0018842", "differs": False, "outcome": "breached",
                  "cycle": story.resolution()} | today,
    } | more  # fmt: skip


def _ledger(
    name: str, found: dict[str, Any], role: Role = Role.SERVICE_MANAGER, query: str = "", **told: Any
) -> Sample:
    page = onlooker(role, path=f"{URL}/cycles/{CYCLE}", query=query)
    events = events_known(told.get("events", story.events()), found)
    calendars = {} if role is Role.SUPPLIER_USER else {("cn-office", 3): CALENDAR}
    context = ledger_context(page, found, events, told.get("versions", VERSIONS), calendars)
    return Sample(name, "periods/ledger.html", context)


def _ledgers() -> list[Sample]:
    cycle = story.resolution()
    met = cycle | {"elapsed_seconds": 50400, "judged_by": cycle["judged_by"] | {"calendar_version": 4}}
    unrated = met | {"goal_seconds": None, "judged_by": cycle["judged_by"]}
    return [
        _ledger("frozen-ledger", frozen({"differs": True, "outcome": "met", "cycle": met})),
        _ledger("frozen-ledger-same", frozen({}), query="rows=all"),
        _ledger("frozen-ledger-excluded-since", frozen({"outcome": "excluded"})),
        _ledger("frozen-ledger-gone", frozen({"differs": True, "outcome": None, "cycle": None}, breach=None)),
        _ledger("frozen-ledger-unrated-today", frozen({"differs": True, "outcome": None, "cycle": unrated})),
        _ledger("frozen-ledger-of-a-supplier", frozen({}, counted=False, outcome="excluded", why_not="excluded"),
                Role.SUPPLIER_USER),
        _ledger("frozen-ledger-alone", frozen({}), events=[], versions=[]),
    ]  # fmt: skip


def samples() -> list[Sample]:
    """Every state of the period pages."""
    with use_locale("zh-CN"):
        pages = [*_lists(), *_months(), *_cycles(), *_ledgers()]
    return [Sample(page.name, page.template, {"here": "/periods", **page.context}) for page in pages]
