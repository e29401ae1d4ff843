"""Agreement pages: the list, the record, and the builder: new, nested, refused, tried, without a clock."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.pages.agreement_edit import Builder, context_of
from gateway.pages.agreement_form import AgreementForm
from gateway.pages.agreement_trial import StoredTrial
from gateway.pages.agreement_try import Row, Trial, Tried
from gateway.pages.agreements import Said, name_of
from gateway.pages.forms import FieldProblem, Option, Problem
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Column, Listing, ListQuery
from gateway.pages.records import Action, Chip, Fact, Record
from gateway.pages.ticket_view import Clock
from gateway.pages.usual import scale_of, usual
from services.kernel.messages import use_locale
from tests.web.samples import Sample, asked
from web.charts.conditions import Check, HeldMatrix, HeldRow
from web.charts.panel import ClockPanel, clock_panel

TARGET: dict[str, Any] = {
    "key": "resolution", "name": {"zh": "解决时限", "en": "Resolution"}, "kind": "clock", "calendar": "cn-office",
    "conditions": {
        "start": {"field": "state", "op": "set"},
        "stop": {"field": "state", "op": "in", "value": ["Resolved", "Closed"]},
        "pause": {"any": [
            {"field": "state", "op": "eq", "value": "Waiting"},
            {"not": {"all": [{"field": "vip", "op": "eq", "value": True}, {"field": "n", "op": "gt", "value": 3}]}},
        ]},
    },
    "goals": [
        {"when": {"field": "priority", "op": "eq", "value": "1"}, "seconds": 14400, "calendar": "cn-24x7"},
        {"when": {"field": "priority", "op": "eq", "value": "9"}, "seconds": None}, {"seconds": 144000},
    ],
    "on_goal_change": "retroactive", "on_reopen": "continue", "count_stopped": False, "warn_at": [75, 90],
    "min_volume": 10, "allocation": "0.50",
    "tiers": [{"below": "0.95", "rate": "0.40"}, {"below": "0.90", "rate": "1.00"}],
}  # fmt: skip
PARTS: list[dict[str, Any]] = [
    {"text": "状态有值", "setting": "/conditions/start"}, {"text": "即开始计时，", "setting": None},
    {"text": "其余 40 小时", "setting": "/goals/2"}, {"text": "。", "setting": None},
]  # fmt: skip
AGREEMENT: dict[str, Any] = {
    "number": "SLA-2026-000012", "title": "IT 服务台服务水平协议", "contract": "HT-2026-000042", "version": 3,
    "contract_title": "IT 服务台外包", "supplier": {"number": "GYS-2026-000007", "short_name": "上海云启"},
    "state": "in_force", "zone": "Asia/Shanghai", "in_force_at": "2026-01-01T00:00:00Z", "agreement_version": 2,
    "from": "2026-01-01", "until": None, "targets": [TARGET], "actions": [], "changes": ["add-version"],
}  # fmt: skip
PAST = {"periods": 9, "from": "2026-02", "targets": [{"target": "resolution", "periods": 9, "share": "0.962871"}]}
SIX_THOUSAND = {"amount": "6000.00", "currency": "CNY"}
PERIOD = {"period": "2026-10", "state": "closed", "restatable": True, "credit_total": SIX_THOUSAND}


def samples() -> list[Sample]:
    """Every state of the agreement pages."""
    form = AgreementForm.of_json(AGREEMENT | {"targets": [TARGET, TARGET | {"key": "response"}]})
    edit = Builder("version", "/agreements/SLA-2026-000012/new-version", form, AGREEMENT, 3)
    new = Builder("new", "/agreements/new", AgreementForm.of_json({}))
    no_ticket = Problem(status=404, type="not-found", title="没有找到", detail="这张工单还没有收到事件")
    pages = {
        "agreements": ("list", {"listing": _listing([AGREEMENT])}),
        "agreements-none": ("list", {"listing": _listing([])}),
        "agreement": ("record", _record("/agreements/SLA-2026-000012/new-version#at-targets-0")),
        "agreement-refused": ("record", _record("", _refused("/contract"))),
        "agreement-of-a-supplier": ("record", _record("") | {"trial": None}),
        "agreement-tried": ("record", _record("", trial=_trial())),
        "agreement-tried-none": ("record", _record("", trial=StoredTrial(Trial("x/1"), tried=True))),
        "agreement-no-ticket": ("record", _record("", trial=StoredTrial(Trial("x", "[]"), problem=no_ticket))),
        "builder-new": ("builder", _built(new, whole=False)),
        "builder": ("builder", _built(edit)),
        "builder-draft": ("builder", _built(replace(edit, mode="edit", version=1))),
        "builder-refused": (
            "builder",
            _built(replace(edit, problem=_refused("/targets/0/goals/1/seconds")), whole=False),
        ),
        "builder-tried": ("builder", _built(replace(edit, tried=_tried(), trial=Trial("servicedesk / 1")))),
        "builder-no-clock": ("builder", _built(replace(edit, tried=_no_clock()))),
        "builder-no-version": ("builder", _built(replace(edit, tried=Tried(missing=True)))),
        "builder-no-ticket": ("builder", _built(replace(edit, tried=no_ticket, trial=Trial("x", "[]")))),
    }
    here = {"nav": "agreements", "here": "/agreements"}
    return [Sample(name, f"agreements/{file}.html", here | context) for name, (file, context) in pages.items()]


def _listing(rows: list[dict[str, Any]]) -> Listing:
    keys = ("title", "contract", "supplier", "state", "zone", "in_force_at")
    return Listing(
        title="协议", query=ListQuery.of(asked("/agreements")), rows=rows, default_sort="-created_at",
        columns=tuple(Column(key=key, title=key) for key in keys),
        empty=Empty(title="还没有协议", link=Link(href="/agreements/new", title="新建协议", icon="plus")),
    )  # fmt: skip


def _said(href: str) -> Said:
    with use_locale("zh-CN"):
        scale = scale_of(TARGET, usual(PAST))
    return Said(
        key="resolution", name="解决时限", parts=PARTS, other="Starts when state is given.", other_language="en",
        href=href, target=TARGET, scale=scale,
    )  # fmt: skip


def _trial() -> StoredTrial:
    none = Clock("callback", "回访时限", checks=(Check("开始", "state 有值", "", False, "不成立"),))
    clocks = (Clock("resolution", "解决时限", _panel("resolution")), none)
    return StoredTrial(Trial("servicedesk/1"), clocks, {"resolution": _matrix()}, "/tickets/servicedesk/1", tried=True)


def _record(
    href: str, problem: Problem | None = None, trial: StoredTrial | None = StoredTrial(Trial())
) -> dict[str, Any]:
    sentence = {"sentence": {"zh": "状态有值即开始计时。", "en": "Starts when state is given."}}
    made = {"made_by": "wang.min", "made_at": "2026-11-06T01:00:00Z", "targets": [TARGET | sentence]}
    shown = Record(
        title=AGREEMENT["title"], url="/agreements/SLA-2026-000012", version=3, number=AGREEMENT["number"],
        chips=(Chip(subject="agreement", state="in_force"),), problem=problem, timeline=[],
        actions=(Action(name="discard", title="放弃", danger=True, effect="草稿会被删除"),),
        facts=(Fact(title="合同", value="HT-2026-000042", href="/contracts/HT-2026-000042"),),
    )  # fmt: skip
    return {
        "record": shown, "agreement": AGREEMENT, "said": [_said(href)], "judges": True, "people": {"wang.min": "王敏"},
        "trial": trial,
        "name_of": name_of, "periods": [PERIOD] if href else [], "periods_problem": None, "versions_problem": None,
        "versions": [
            made | {"version": 2, "from": "2026-01-01", "until": None},
            made | {"version": 1, "from": "2025-01-01", "until": "2025-12-31"},
        ],
    }  # fmt: skip


def _built(builder: Builder, whole: bool = True) -> dict[str, Any]:
    said = _said("#") if whole else None
    options = [Option(value="HT-2026-000042", title="IT 服务台外包", note="HT-2026-000042 · 上海云启")]
    with use_locale("zh-CN"):
        return context_of(builder, said, ["cn-office", "cn-24x7"], ["", "", "= 4.44 个工作日"], options, usual(PAST))


def _refused(at: str) -> Problem:
    wrong = FieldProblem(code="bad_type", what="此处的类型不对", how="请在此填写整数", at=at)
    other = FieldProblem(code="missing_field", what="请填写", at="/targets/1/conditions/stop")
    return Problem(
        status=422, type="validation", title="请求的内容不符合要求", errors=(wrong, other), request_id="7f2c"
    )


def _matrix() -> HeldMatrix:
    rows = (HeldRow("1", (True, False), "40 h", "新的一轮开始"), HeldRow("2", (True, None), "40 h", "—"))
    return HeldMatrix(("开始", "停止"), rows)


def _panel(uid: str = "try") -> ClockPanel:
    cycle = {
        "cycle": 1, "state": "running", "started_at": "2026-10-12T01:00:00Z", "ended_at": None,
        "goal_seconds": 144000, "elapsed_seconds": 3600, "paused_seconds": 0, "remaining_seconds": 140400,
        "due_at": "2026-10-16T09:00:00Z", "breached_at": None, "provisional": False, "excluded": False, "warnings": [],
        "judged_by": {"agreement_version": 2, "calendar": "cn-office", "calendar_version": 3},
    }  # fmt: skip
    with use_locale("zh-CN"):
        now = datetime(2026, 10, 12, 2, tzinfo=UTC)
        return clock_panel(cycle, target="草稿", uid=uid, zone="Asia/Shanghai", now=now)


def _tried() -> Tried:
    rows = [Row("目标", "16 小时", "16 小时"), Row("结果", "达标", "◆ 2026-10-12 11:00", then_late=True)]
    return Tried(rows=rows, panel=_panel(), matrix=_matrix(), compared=True)


def _no_clock() -> Tried:
    check = Check(name="开始", needs="state = New", has="", holds=False, words="所有 2 个事件处都不成立")
    return Tried(matrix=_matrix(), checks=(check,))
