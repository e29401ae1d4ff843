"""Suppliers and contracts: lists, records and forms in their states."""

from dataclasses import replace
from typing import Any

from gateway.pages import contract_form, contracts, suppliers
from gateway.pages.asking import Found
from gateway.pages.chain import Results, rail
from gateway.pages.forms import FieldProblem, Form, Problem
from gateway.pages.history import History, act
from gateway.pages.lists import ListQuery
from gateway.pages.stale import with_stored
from services.kernel.identity import Role
from tests.web.samples import TODAY, Sample, asked
from tests.web.samples.components import UNAVAILABLE
from tests.web.samples.onlookers import onlooker

AT = "2026-11-20T02:10:00Z"
MONEY = {"amount": "7200000.00", "currency": "CNY"}


def supplier(n: int = 1, state: str = "approved", **more: Any) -> dict[str, Any]:
    """A supplier as the service gives it."""
    return {
        "id": f"0190aaaa-0000-7000-8000-00000000010{n}",
        "number": f"GYS-2026-00000{n}",
        "version": 3,
        "state": state,
        "state_reason": "评审会第 2 次会议通过",
        "legal_name": "上海云启信息技术有限公司",
        "short_name": "上海云启",
        "credit_code": "91310000628152844B",
        "scope": ["ITO", "BPO"],
        "region": "CN-31",
        "created_at": AT,
        "contacts": [
            {"name": "李航", "role": "客户经理", "phone": "+86 21 5555 0100", "email": "li.hang@example.com"},
            {"name": "周凯", "role": None, "phone": None, "email": None},
        ],
        "updated_at": AT,
        "actions": ["suspend", "blacklist", "retire"],
        "changes": ["edit"],
    } | more


def contract(n: int = 1, state: str = "active", **more: Any) -> dict[str, Any]:
    """A contract as the service gives it."""
    drafted = state == "draft"
    return {
        "id": f"0190aaaa-0000-7000-8000-00000000020{n}",
        "number": f"HT-2026-00000{n}",
        "version": 7,
        "state": state,
        "title": "IT 服务台外包",
        "owner": "wang.min",
        "type": "ITO",
        "value": MONEY,
        "from": "2026-01-01",
        "to": ("2027-12-31", "2026-12-12", "2026-11-20")[n % 3],
        "ended_on": "2026-11-01" if state == "ended" else None,
        "supplier": {
            "id": "s",
            "number": "GYS-2026-000001",
            "short_name": "上海云启",
            "legal_name": "上海云启信息技术有限公司",
            "state": "suspended",
        },
        "terms": [
            {
                "from": "2026-01-01",
                "monthly_charge": {"amount": "300000.00", "currency": "CNY"},
                "at_risk_share": "0.10",
            },
            {
                "from": "2027-01-01",
                "monthly_charge": {"amount": "309000.00", "currency": "CNY"},
                "at_risk_share": "0.12",
            },
        ],
        "created_at": AT,
        "updated_at": AT,
        "actions": ["activate", "copy"] if drafted else ["end", "copy"],
        "changes": ["edit", "discard"] if drafted else ["change-owner"],
    } | more


AGREEMENT = {
    "number": "SLA-2026-000001",
    "title": "IT 服务台服务级别协议",
    "state": "in_force",
    "contract": "HT-2026-000001",
    "in_force_at": AT,
    "supplier": {"number": "GYS-2026-000001", "short_name": "上海云启"},
}
BREACH = {
    "number": "BR-2026-000013",
    "source": "servicedesk",
    "ticket": "0018842",
    "target": "resolution",
    "agreement": "SLA-2026-000001",
    "over_seconds": 9900,
    "breached_at": "2026-10-12T08:20:00Z",
    "supplier": {"number": "GYS-2026-000001", "short_name": "上海云启"},
    "actions": ["acknowledge", "confirm"],
    "exclusion": {"reason": "第三方补丁 15:10 才发布", "asked_by": "gao.lei", "asked_at": AT},
}


def period(month: str = "2026-10", share: str | None = "0.949771", restatable: bool = False) -> dict[str, Any]:
    """A closed period as the service gives it."""
    target = {"target": "resolution", "attainment": {"met": 207, "of": 218, "share": share} if share else None}
    return {
        "agreement": "SLA-2026-000001",
        "agreement_title": AGREEMENT["title"],
        "period": month,
        "state": "closed",
        "restatable": restatable,
        "targets": [target],
        "credits": [{"amount": "6000.00"}] if share else [],
        "credit_total": {"amount": "6000.00" if share else "0.00", "currency": "CNY"},
    }


PERIODS = (period(restatable=True), period("2026-09", "0.9985"), period("2026-08", None))
OWNERS = {"wang.min": "王敏"}


def _changed(table: str, action: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "at": AT,
        "actor": "wang.min",
        "action": action,
        "table": table,
        "before": before,
        "after": after,
        "request_id": "r",
    }


def past() -> History:
    """A change of fields and terms, and a step with its reason."""
    old, new = (
        {"starts_on": "2026-01-01", "monthly_charge": 280000, "at_risk_share": 0.08},
        {"title": "新", "currency": "CNY"},
    )
    edit = [
        _changed("contract", "contract.edit", {"title": "旧", "currency": "CNY"}, new),
        _changed("term", "contract.edit", old, None),
        _changed("term", "contract.edit", None, old | {"monthly_charge": 300000}),
    ]
    step = [
        _changed(
            "supplier",
            "supplier.suspend",
            {"state": "approved"},
            {"state": "suspended", "state_reason": "两次未按期提交月报"},
        )
    ]
    return History([act(edit, OWNERS), act(step, OWNERS)])


def refused(form: Form, *errors: FieldProblem, kind: str = "validation") -> Form:
    """The form after a refusal."""
    problem = Problem(status=422, type=kind, title="有内容需要修改", request_id="7f2c41d0", errors=errors)
    return replace(form, problem=problem)


def _supplier_pages() -> list[Sample]:
    manager = onlooker(Role.PROCUREMENT_MANAGER, path="/suppliers", query="state=approved")
    rows = Found(
        [supplier(n, state) for n, state in enumerate(("candidate", "approved", "suspended", "retired"), 1)], "c"
    )
    listing = suppliers._listing(manager, ListQuery.of(manager.request), rows)
    shown = {
        "nav": "suppliers",
        "here": "/suppliers",
        "supplier": supplier(),
        "record": suppliers._record(manager, supplier(), past()),
        "contracts": Found([contract(1), contract(2), contract(3, "ended")], "c"),
        "agreements": Found([AGREEMENT], "c"),
        "today": TODAY,
        "owners": OWNERS,
        "drafts": True,
    }
    bare = supplier(2, "candidate", contacts=[], region=None, scope=[], actions=["screen", "blacklist", "retire"])
    form = suppliers._form("/suppliers/new", {"legal_name": "", "contacts.0.name": "李航", "contacts.1.name": ""})
    wrong = refused(
        form,
        FieldProblem(code="missing_field", at="/legal_name", what="请填写"),
        FieldProblem(
            code="duplicate", at="/credit_code", what="已登记", how="打开它", link="/suppliers/GYS-2026-000001"
        ),
        FieldProblem(code="bad_format", at="/contacts/0/email", what="格式不对"),
    )
    here = {"nav": "suppliers", "here": "/suppliers"}
    return [
        Sample("suppliers", "suppliers/list.html", here | {"listing": listing}),
        Sample("suppliers-down", "suppliers/list.html", here | {"listing": replace(listing, problem=UNAVAILABLE)}),
        Sample("supplier", "suppliers/record.html", shown),
        Sample(
            "supplier-new",
            "suppliers/record.html",
            shown
            | {
                "supplier": bare,
                "record": replace(suppliers._record(manager, bare, History(None)), doing="screen"),
                "contracts": Found(),
                "agreements": Found(problem=UNAVAILABLE),
            },
        ),
        Sample("supplier-form", "suppliers/form.html", here | {"form": form, "record": None}),
        Sample("supplier-form-wrong", "suppliers/form.html", here | {"form": wrong, "record": supplier()}),
    ]


def _contract_pages() -> list[Sample]:
    officer = onlooker(Role.PROCUREMENT_OFFICER, path="/contracts", query="sort=to")
    rows = Found([contract(n, state) for n, state in enumerate(("draft", "active", "active", "ended"), 1)], "c", 4)
    listing = contracts._listing(officer, ListQuery.of(officer.request), rows)
    results = Results(PERIODS, 13, 148)
    here = {"nav": "contracts", "here": "/contracts", "today": TODAY, "owners": OWNERS}
    record = replace(contracts._record(officer, contract(), past(), OWNERS), actions=contracts._actions(contract(), ()))
    shown = here | {
        "record": record,
        "contract": contract(),
        "agreements": Found([AGREEMENT]),
        "results": results,
        "stations": rail(officer, contract(), [AGREEMENT], results),
        "at_most": contracts._at_most,
        "current": contract()["terms"][0],
        "agrees": True,
    }
    draft = contract(1, "draft", terms=[])
    bare = replace(
        contracts._record(officer, draft, History(None), OWNERS),
        actions=contracts._actions(draft, ()),
        problem=replace(UNAVAILABLE, errors=(FieldProblem(code="terms_missing", what="没有条款", link="/x"),)),
    )
    values = contract_form._values(contract()) | {"title": "改过的"}
    form = contract_form._form("/contracts/HT-2026-000001/edit", values, [], [], 7)
    stale = with_stored(refused(form, kind="stale"), contract_form._values(contract()), 8)
    return [
        Sample("contracts", "contracts/list.html", here | {"listing": listing}),
        Sample("contract", "contracts/record.html", shown),
        Sample(
            "contract-draft",
            "contracts/record.html",
            shown
            | {
                "record": bare,
                "contract": draft,
                "agreements": Found(),
                "results": Results(),
                "current": None,
                "stations": rail(officer, draft, [], Results()),
            },
        ),
        Sample(
            "contract-down",
            "contracts/record.html",
            shown
            | {
                "agreements": Found(problem=UNAVAILABLE),
                "results": Results(),
                "stations": (),
            },
        ),
        Sample("contract-form", "contracts/form.html", here | {"form": form, "record": contract()}),
        Sample("contract-form-stale", "contracts/form.html", here | {"form": stale, "record": None}),
    ]


def samples() -> list[Sample]:
    """All of them."""
    return [*_supplier_pages(), *_contract_pages()]


def query(path: str, words: str) -> ListQuery:
    """A list's state."""
    return ListQuery.of(asked(path, words))
