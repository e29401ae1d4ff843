"""Keys of other systems: the list, a new one with its secret shown once, and the end of one."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.accounts import queries, service
from gateway.accounts.rules import SCOPES
from gateway.accounts.schemas import KeyIn
from gateway.pages.accounts import administrators_only, validated
from gateway.pages.asking import names
from gateway.pages.context import OnPage, refusal
from gateway.pages.forms import Field, Form, Option, Problem, seen_version, typed
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Column, Listing, ListQuery, View
from gateway.pages.own_lists import own_list
from gateway.pages.rendering import Flash
from services.kernel.database import now_utc
from services.kernel.messages import N_, _, gettext
from services.kernel.refusals import Refused

router = APIRouter(include_in_schema=False, dependencies=[Depends(administrators_only)])
MEANS = {
    "contracts:read": N_("read contracts"), "contracts:write": N_("write contracts"),
    "suppliers:read": N_("read suppliers"), "suppliers:write": N_("write and decide about suppliers"),
    "sla:read": N_("read agreements, tickets, breaches and periods"),
    "sla:write": N_("write agreements, decide breaches, close periods"), "sla:intake": N_("send events"),
    "security:read": N_("read the history of records"), "security:write": N_("write security records"),
    "audit:read": N_("read the audit trail"),
}  # fmt: skip


@router.get("/keys")
async def keys(page: OnPage) -> Response:
    """The list."""
    return await _list_page(page)


async def _list_page(page: Any, problem: Problem | None = None, status: int = 200) -> Response:
    query = ListQuery.of(page.request)
    found = await own_list(page, *queries.keys(), query)
    new = Link(href="/keys/new", title=_("New key"), icon="plus", primary=True)
    listing = Listing(
        title=_("API keys"), query=query, rows=found.rows, next_cursor=found.next, count=found.count,
        problem=found.problem, default_sort="-created_at",
        columns=(
            Column(key="name", title=_("Key"), sort="name", kind="title"),
            Column(key="scopes", title=_("Scopes"), optional=True),
            Column(key="state", title=_("State"), kind="chip"),
            Column(key="created_at", title=_("Created"), sort="created_at", kind="when", optional=True),
            Column(key="act", title=_("Revoke")),
        ),
        views=(
            View(title=_("All")), View(title=_("In use"), filters=(("revoked", "false"),)),
            View(title=_("Revoked"), filters=(("revoked", "true"),)),
        ),
        links=(Link(href="/users", title=_("Users"), icon="users"), new),
        empty=Empty(title=_("No keys yet"), text=_("Another system uses the API with a key."), link=new),
    )  # fmt: skip
    makers = await names(page, [row["created_by"] for row in found.rows])
    context = {
        "nav": "users", "listing": listing, "makers": makers, "problem": problem,
        "asking": page.request.query_params.get("revoke", ""),
    }  # fmt: skip
    answer: Response = page.render("accounts/keys.html", context, block="list", status_code=status)
    return answer


def _form(values: Any = None, problem: Problem | None = None) -> Form:
    options = [Option(value=scope, title=scope, note=gettext(MEANS[scope])) for scope in SCOPES]
    return Form(
        url="/keys/new", submit=_("Create the key"), values=values or {}, problem=problem,
        cancel=Link(href="/keys", title=_("Cancel")),
        fields=(
            Field(name="name", label=_("Name"), required=True, hint=_("Which system uses it; the history shows it")),
            Field(name="scopes", label=_("Scopes"), kind="checkboxes", required=True, options=options),
        ),
    )  # fmt: skip


@router.get("/keys/new")
async def new_key(page: OnPage) -> Response:
    """An empty form."""
    return page.render("accounts/key_form.html", {"nav": "users", "form": _form()}, block="form")


@router.post("/keys/new")
async def make_key(page: OnPage) -> Response:
    """The key, whole, this once."""
    data = await page.form()
    body = {"name": str(data.get("name", "")), "scopes": [str(scope) for scope in data.getlist("scopes")]}
    try:
        record = await service.make_key(page.request.app.state.db, page.who, validated(KeyIn, body))
    except Refused as fault:
        status, problem = refusal(fault, page.request)
        form = _form(typed(data), problem.for_people())
        return page.render("accounts/key_form.html", {"nav": "users", "form": form}, block="form", status_code=status)
    return page.render("accounts/key.html", {"nav": "users", "key": record}, block="once")


@router.post("/keys/{ident}/revoke")
async def revoke_key(page: OnPage, ident: UUID) -> Response:
    """Worth nothing from now on."""
    data = await page.form()
    try:
        record = await service.revoke_key(page.request.app.state.db, page.who, ident, seen_version(data), now_utc())
    except Refused as fault:
        status, problem = refusal(fault, page.request)
        return await _list_page(page, problem, status)
    return page.redirect("/keys", Flash(text=_("%(name)s was revoked", name=record["name"])))
