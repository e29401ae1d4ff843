"""The shared parts: every macro with content that fills all its branches."""

from dataclasses import replace
from datetime import date
from typing import Any

from gateway.pages.forms import Field, FieldProblem, Form, Option, Problem
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice, Column, DateRange, Listing, ListQuery, View
from gateway.pages.records import Action, Change, Chip, Entry, Fact, Figure, Record, Tab
from gateway.pages.status import STATUS_TONE
from tests.web.samples import TODAY, Sample, asked

TITLES = (
    "园区安保服务",
    "7×24 客服热线外包",
    "华东区仓配一体服务",
    "测试人员驻场外包",
    "在线客服与质检服务",
    "投诉处理专席服务",
    "移动端改版项目",
    "软件开发人力框架",
    "数据治理平台实施",
    "云平台运维框架协议",
    "财务共享中心人力外包",
    "食堂餐饮外包",
    "合同系统二期开发",
    "桌面终端驻场支持",
    "IT 服务台外包",
    "薪酬核算流程外包",
    "专利检索与分析服务",
    "网络运维服务",
)
SUPPLIERS = ("西安诚迅", "苏州明德", "深圳易才", "西安博科", "深圳嘉诚", "杭州瑞达")


def contracts() -> list[dict[str, Any]]:
    """Rows of a contract list."""
    return [
        {
            "title": title,
            "number": f"HT-2026-{n:06d}",
            "type": ("ITO", "BPO", "KPO")[n % 3],
            "to": date(2026, 11, 23 + n % 7),
            "state": ("active", "ending", "draft", "ended")[n % 4],
            "supplier": SUPPLIERS[n % 6] + "科技股份有限公司",
            "value": {"amount": f"{n + 1}395000.00", "currency": "CNY"},
            "owner": ("赵雅琴", "周凯", "孙莉")[n % 3],
        }
        for n, title in enumerate(TITLES)
    ]


COLUMNS = (
    Column(key="title", title="合同", sort="title", kind="title"),
    Column(key="supplier", title="供应商", optional=True),
    Column(key="state", title="状态", kind="chip"),
    Column(key="to", title="到期日", sort="to", kind="when"),
    Column(key="value", title="金额", sort="value", kind="num", optional=True),
    Column(key="owner", title="负责人", optional=True),
)


def listing(
    query: str = "sort=to", rows: bool = True, partial: bool = False, problem: Problem | None = None
) -> Listing:
    """A contract list in the state that `query` says."""
    return Listing(
        title="合同",
        query=ListQuery.of(asked("/contracts", query, partial)),
        columns=COLUMNS,
        rows=contracts() if rows else [],
        next_cursor="bmV4dA" if rows else None,
        default_sort="-created_at",
        views=(
            View(title="全部合同", count=1200),
            View(title="生效中", filters=(("state", "active"),), count=276),
            View(title="90 天内到期", filters=(("ending", "90"),), count=21),
        ),
        filters=(
            Choice(name="state", title="状态", options=(("draft", "草稿"), ("active", "生效中"), ("ended", "已结束"))),
            DateRange(name="to", title="到期日"),
        ),
        search="编号、名称、供应商或负责人",
        links=(Link(href="/contracts/new", title="新建合同", icon="plus", primary=True),),
        empty=Empty(
            title="还没有合同",
            text="合同把供应商、协议和金额连在一起。",
            link=Link(href="/contracts/new", title="新建合同", primary=True),
        ),
        problem=problem,
    )


REFUSED = Problem(
    status=409,
    type="conflict",
    title="现在还不能这样做",
    detail="合同不能生效。",
    request_id="7f2c41d0",
    errors=(
        FieldProblem(
            code="supplier_state",
            what="供应商 SU-2026-000003 还没有批准。",
            how="先批准它。",
            link="/suppliers/SU-2026-000003",
        ),
        FieldProblem(code="terms_missing", what="没有任何条款。", link="/contracts/HT-2026-000042/edit"),
    ),
)
UNAVAILABLE = Problem(
    status=503, type="unavailable", title="供应商服务暂不可用", detail="其他部分照常。系统不猜。", request_id="7f2c41d0"
)
GONE = Problem(status=404, type="not-found", title="没有这个合同", request_id="7f2c41d0")
ENTRIES = (
    Entry(at="2026-11-20T19:12:00Z", who="系统", text="记录违约：解决时限超出 2 小时 45 分", tone="danger"),
    Entry(at="2026-11-20T09:46:00Z", who="陈思远", text="申请剔除", quote="第三方补丁 10-12 15:10 才发布。"),
    Entry(
        at="2026-11-18T02:05:00Z",
        who="王敏",
        text="修改",
        tone="warn",
        changes=(Change(title="风险比例", before="8 %", after="10 %"), Change(title="备注", before="", after="按季")),
    ),
    Entry(at="2026-11-12T01:31:00Z", who="赵雅琴", text="合同生效", tone="ok"),
)


def record(doing: str = "", problem: Problem | None = None) -> Record:
    """A contract's page."""
    reason = Field(name="reason", label="原因", kind="textarea", required=True, hint="供应商会看到。")
    return Record(
        title="IT 服务台外包",
        number="HT-2026-000042",
        url="/contracts/HT-2026-000042",
        version=7,
        crumbs=(Link(href="/contracts", title="合同"), Link(href="", title="HT-2026-000042")),
        chips=(Chip(subject="contract", state="active"),),
        subtitle="由王敏于 2026-01-05 建立",
        links=(Link(href="/contracts/HT-2026-000042/edit", title="编辑", icon="pencil"),),
        actions=(
            Action(name="activate", title="生效", primary=True),
            Action(
                name="end", title="结束", fields=(reason,), effect="到今天为止；协议最后一版也到今天为止。", danger=True
            ),
            Action(name="copy", title="复制"),
            Action(name="discard", title="丢弃草稿", danger=True, effect="草稿被删除，不能恢复。"),
        ),
        facts=(
            Fact(title="供应商", value="上海云启信息技术有限公司", href="/suppliers/SU-2026-000003"),
            Fact(title="合同金额（含税）", value="¥7,200,000.00"),
            Fact(title="期限", value="2026-01-01 – 2027-12-31", note="剩 403 天"),
            Fact(title="负责人", value="陈思远"),
            Fact(title="违约", value="13", href="/breaches", tone="late"),
        ),
        tabs=(
            Tab(key="overview", title="概览"),
            Tab(key="agreements", title="协议", count="2"),
            Tab(key="history", title="历史"),
        ),
        tab="overview",
        timeline=ENTRIES,
        history_link=Link(href="/audit?record=HT-2026-000042", title="全部历史"),
        doing=doing,
        problem=problem,
        values={"reason": ""},
    )


def long_named() -> Record:
    """A contract whose names are as long as they may be, with no place to break, and whose amount is the largest."""
    firm = "自由贸易试验区数字基础设施与智慧园区运营管理服务" * 8
    return replace(
        record(),
        title="Dataplatformoperationandmaintenance" * 5,
        subtitle=firm,
        facts=(Fact(title="供应商", value=firm, href="/suppliers/SU-2026-000003", note="已批准"),
               Fact(title="合同金额（含税）", value="¥999,999,999,999,999.99"),
               Fact(title="期限", value="2026-01-01 – 2027-12-31", note="剩 403 天")),
    )  # fmt: skip


FIELDS = (
    Field(name="title", label="合同名称", required=True),
    Field(
        name="supplier",
        label="供应商",
        kind="picker",
        required=True,
        hint="按名称、简称、拼音首字母或信用代码查找。",
        pick_url="/suppliers/pick",
        options=(Option(value="SU-2026-000003", title="上海云启信息技术有限公司", note="云启 · 已批准"),),
    ),
    Field(
        name="type",
        label="类型",
        kind="select",
        required=True,
        half=True,
        options=(Option(value="ITO", title="ITO 信息技术外包"),),
    ),
    Field(name="value", label="金额（含税）", kind="money", required=True, half=True, hint="可写 1,200,000 或 120万。"),
    Field(name="from", label="开始日期", kind="date", required=True, half=True),
    Field(name="to", label="结束日期", kind="date", required=True, half=True),
    Field(name="terms", label="条款", kind="heading", hint="从哪一天起，每月多少。"),
    Field(name="terms.0.at_risk_share", label="风险比例", kind="decimal", suffix="%", half=True),
    Field(
        name="scope",
        label="服务范围",
        kind="checkboxes",
        options=(Option(value="ITO", title="ITO"), Option(value="BPO", title="BPO")),
    ),
    Field(
        name="on_reopen",
        label="重新打开时",
        kind="radio",
        options=(
            Option(value="continue", title="同一轮继续", note="停表期间不计"),
            Option(value="new", title="新的一轮"),
        ),
    ),
    Field(name="notify", label="通知负责人", kind="checkbox"),
    Field(name="note", label="备注", kind="textarea"),
    Field(name="attachment", label="附件", kind="file", hint="CSV 或 ZIP。"),
    Field(name="hidden_ref", kind="hidden"),
)


def form(wrong: bool = False) -> Form:
    """A contract's form, as new or after a refusal."""
    problem = (
        Problem(
            status=422,
            type="validation",
            title="有内容需要修改",
            request_id="7f2c41d0",
            errors=(
                FieldProblem(code="missing", at="/title", what="请填写合同名称。"),
                FieldProblem(code="bad_amount", at="/value/amount", what="金额须为正数。", how="例如 120000。"),
                FieldProblem(code="reversed", at="/to", what="结束日期早于开始日期。"),
                FieldProblem(code="terms_missing", at="/elsewhere", what="没有任何条款。"),
            ),
        )
        if wrong
        else None
    )
    return Form(
        url="/contracts/new",
        fields=FIELDS,
        submit="保存",
        problem=problem,
        values={
            "supplier": "SU-2026-000003",
            "value.amount": "-1",
            "value.currency": "USD",
            "on_reopen": "continue",
            "scope": ["ITO"],
            "notify": "true",
        },
        buttons=(("draft", "1", "存为草稿"),),
        cancel=Link(href="/contracts", title="取消"),
    )


HOME = {
    "nav": "home",
    "here": "/",
    "strip": (
        Figure(title="违约待决定", value="3", note="最早已等 2 天", href="/breaches", tone="bad"),
        Figure(title="今天会到期", value="5", note="其中 2 个过了 90 %", href="/tickets", tone="near"),
        Figure(title="进行中的时钟", value="148", note="31 个暂停中", href="/tickets"),
        Figure(title="沉默的来源", value="1 / 4", note="沉默不是达标", href="/sources", tone="near"),
        Figure(title="待结算", value="2", note="份协议", href="/periods"),
    ),
    "problem": UNAVAILABLE,
    "nothing": Empty(title="没有要您决定的事"),
    "entries": ENTRIES,
    "states": [(subject, state) for subject, states in STATUS_TONE.items() for state in states],
}


def samples() -> list[Sample]:
    """Home, list, record, form and the pages of what went wrong, in all their states."""
    here = {"here": "/contracts", "nav": "contracts"}
    terms = [{"from": date(2026, 1, 1), "charge": {"amount": "300000.00", "currency": "CNY"}, "share": "0.10"}]
    page = here | {"terms": terms, "pairs": [("统一社会信用代码", "91310000MA1K4XYZ12"), ("简称", "云启")]}
    return [
        Sample("home", "sample_home.html", HOME),
        Sample("list", "sample_list.html", here | {"listing": listing("sort=to&cursor=abc"), "today": TODAY}),
        Sample("list-empty", "sample_list.html", here | {"listing": listing("", rows=False), "today": TODAY}),
        Sample(
            "list-filtered",
            "sample_list.html",
            here | {"listing": listing("q=zzz&state=active", rows=False), "today": TODAY},
        ),
        Sample(
            "list-down",
            "sample_list.html",
            here | {"listing": listing(rows=False, problem=UNAVAILABLE), "today": TODAY},
        ),
        Sample(
            "list-part", "sample_list.html", here | {"listing": listing("state=active", partial=True), "today": TODAY}
        ),
        Sample("record", "sample_record.html", page | {"record": record()}),
        Sample("record-asks", "sample_record.html", page | {"record": record("end")}),
        Sample("record-long", "sample_record.html", page | {"record": long_named()}),
        Sample("record-asks-long", "sample_record.html", page | {"record": replace(long_named(), doing="end")}),
        Sample("record-refused", "sample_record.html", page | {"record": record(problem=REFUSED)}),
        Sample("form", "sample_form.html", here | {"form": form(), "heading": "新建合同"}),
        Sample("form-wrong", "sample_form.html", here | {"form": form(wrong=True), "heading": "新建合同"}),
        Sample("gone", "problem.html", here | {"problem": GONE, "back": "/contracts"}),
        Sample("down", "problem.html", here | {"problem": UNAVAILABLE, "back": ""}),
    ]
