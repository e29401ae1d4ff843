"""The form of a contract: new, a draft edited, and what is said when two people edit one draft."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import Json, segment
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.forms import Field, Form, Option, Problem, amount_text, seen_version, typed
from gateway.pages.links import Link
from gateway.pages.once import create
from gateway.pages.picking import owner_field, owner_options, supplier_field, supplier_options
from gateway.pages.rendering import Flash
from gateway.pages.rows import after, cells
from gateway.pages.stale import with_stored
from services.kernel.identity import Role
from services.kernel.messages import _
from services.kernel.refusals import Forbidden, Refused

router = APIRouter(include_in_schema=False)
WRITERS = (Role.PROCUREMENT_OFFICER, Role.PROCUREMENT_MANAGER, Role.ADMINISTRATOR)
TERM = ("from", "monthly_charge", "at_risk_share")


@router.get("/contracts/new")
async def new_contract(page: OnPage, supplier: str = "") -> Response:
    """An empty form; `?supplier=` names whom it is with. Refuses Forbidden."""
    if not page.has(*WRITERS):
        raise Forbidden
    values = {"supplier": supplier, "owner": page.person.name, "value.currency": "CNY", "terms.0.from": ""}
    return await _form_page(page, "/contracts/new", values)


@router.post("/contracts/new")
async def draft(page: OnPage) -> Response:
    """A row more or less, a supplier looked for, or the draft."""
    data = await page.form()
    values = typed(data)
    if (again := after(data, values, "terms", TERM)) is not None or data.get("find"):
        return await _form_page(page, "/contracts/new", values if again is None else again)
    try:
        record = await create(page, "contracts", "/contracts", _body(values))
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _form_page(page, "/contracts/new", values, problem=problem, status=status)
    number = record["number"]
    return page.redirect(f"/contracts/{number}", Flash(text=_("Drafted as %(number)s", number=number)))


@router.get("/contracts/{ident}/edit")
async def edit_contract(page: OnPage, ident: str) -> Response:
    """The form with the stored draft; of any other contract only the owner changes, on its page. Refuses Forbidden."""
    if not page.has(*WRITERS):
        raise Forbidden
    record = await page.services.get("contracts", f"/contracts/{segment(ident)}")
    if "edit" not in record["changes"]:
        return page.redirect(f"/contracts/{record['number']}", Flash(text=_("Only a draft is edited"), tone="danger"))
    return await _form_page(page, _edit_url(record), _values(record), record)


@router.post("/contracts/{ident}/edit")
async def save_contract(page: OnPage, ident: str) -> Response:
    """A row more or less, a supplier looked for, or the change."""
    path = f"/contracts/{segment(ident)}"
    data = await page.form()
    values, version = typed(data), seen_version(data)
    record = await page.services.get("contracts", path)
    if (again := after(data, values, "terms", TERM)) is not None or data.get("find"):
        return await _form_page(page, _edit_url(record), values if again is None else again, record, version)
    try:
        saved = await page.services.patch("contracts", path, _body(values), version)
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _form_page(page, _edit_url(record), values, record, version, problem, status)
    return page.redirect(f"/contracts/{saved['number']}", Flash(text=_("Saved")))


def _edit_url(record: Json) -> str:
    return f"/contracts/{record['number']}/edit"


def _values(record: Json) -> dict[str, Any]:
    """What stands in the form's controls."""
    values = {
        "title": record["title"], "supplier": record["supplier"]["number"], "type": record["type"],
        "value.amount": record["value"]["amount"], "value.currency": record["value"]["currency"],
        "from": record["from"], "to": record["to"], "owner": record["owner"],
    }  # fmt: skip
    for place, term in enumerate(record["terms"]):
        values |= {
            f"terms.{place}.from": term["from"],
            f"terms.{place}.monthly_charge": term["monthly_charge"]["amount"],
            f"terms.{place}.at_risk_share": _percent(term["at_risk_share"]),
        }
    return values


def _percent(share: str) -> str:
    return f"{(Decimal(share) * 100).normalize():f}"


def _share(percent: str) -> str:
    """`10` or `10 %` as the share `0.1`; what is no number is sent as it came, to be refused with the rest."""
    try:
        return f"{(Decimal(percent.rstrip('%％ ')) / 100).normalize():f}"
    except InvalidOperation:
        return percent


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    """The form as the service takes it: what is empty is left out, so that the service asks for it."""
    currency = str(values.get("value.currency") or "CNY")
    plain = {name: values.get(name) for name in ("title", "owner", "supplier", "type", "from", "to")}
    terms = [
        {
            name: value
            for name, value in (
                ("from", row["from"]), ("at_risk_share", _share(row["at_risk_share"]) if row["at_risk_share"] else ""),
                ("monthly_charge", {"amount": amount_text(row["monthly_charge"]), "currency": currency}
                 if row["monthly_charge"] else ""),
            )
            if value
        }
        for row in cells(values, "terms", TERM)
    ]  # fmt: skip
    amount = str(values.get("value.amount") or "")
    money = {"value": {"amount": amount_text(amount), "currency": currency}} if amount else {}
    return {name: value for name, value in plain.items() if value} | money | {"terms": terms}


def _form(
    url: str, values: Mapping[str, Any], suppliers: list[Option], owners: list[Option], version: int | None
) -> Form:
    kinds = (
        Option(value="ITO", title=_("ITO · information technology")),
        Option(value="BPO", title=_("BPO · business process")),
        Option(value="KPO", title=_("KPO · knowledge process")),
    )
    fields = [
        Field(name="title", label=_("Title"), required=True),
        supplier_field(suppliers),
        Field(name="type", label=_("Type"), kind="select", required=True, half=True, options=kinds),
        Field(name="value", label=_("Value"), kind="money", required=True, half=True,
              hint=_("As 1,200,000 or 120万; tax included")),
        Field(name="from", label=_("First day"), kind="date", required=True, half=True),
        Field(name="to", label=_("Last day"), kind="date", required=True, half=True),
        owner_field(owners),
    ]  # fmt: skip
    for place, _row in enumerate(cells(values, "terms", TERM, keep_empty=True)):
        stem = f"terms.{place}"
        fields += [
            Field(name=f"{stem}.from", label=_("From"), kind="date", line=place),
            Field(name=f"{stem}.monthly_charge", label=_("Monthly charge, before tax"), kind="decimal", line=place,
                  autocomplete="off", suffix=str(values.get("value.currency") or "CNY")),
            Field(name=f"{stem}.at_risk_share", label=_("Share at risk"), kind="decimal", suffix="%", line=place,
                  autocomplete="off"),
        ]  # fmt: skip
    back = url.removesuffix("/edit") if version is not None else "/contracts"
    return Form(
        url=url, fields=fields, values=values, version=version, cancel=Link(href=back, title=_("Cancel")),
        submit=_("Save") if version is not None else _("Save the draft"),
    )  # fmt: skip


async def _form_page(
    page: Page, url: str, values: Mapping[str, Any], record: Json | None = None, version: int | None = None,
    problem: Problem | None = None, status: int = 200,
) -> Response:  # fmt: skip
    chosen = str(values.get("supplier") or "")
    suppliers = await supplier_options(page, str(values.get("supplier_q") or ""), chosen)
    owners = await owner_options(page, str(values.get("owner_q") or ""), str(values.get("owner") or ""))
    if record is not None and version is None:
        version = record["version"]
    form = _form(url, values, suppliers, owners, version)
    if problem is not None:
        form = replace(form, problem=_in_percent(problem.for_people()))
        if record is not None:
            form = with_stored(form, _values(record), record["version"])
    context = {"nav": "contracts", "form": form, "record": record}
    return page.render("contracts/form.html", context, block="form", status_code=status)


def _in_percent(problem: Problem) -> Problem:
    """The service speaks of shares from 0 to 1; this form of per cent."""
    what, codes = _("Give a share from 0 to 100 percent"), ("out_of_range", "bad_decimal")
    errors = [
        replace(e, what=what, how="") if e.at.endswith("/at_risk_share") and e.code in codes else e
        for e in problem.errors
    ]
    return replace(problem, errors=tuple(errors))
