"""People who may sign in: the list, a person's page, the form, and the link to a first password, shown once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from gateway.accounts import queries, service
from gateway.accounts.schemas import UserIn, UserPatch
from gateway.clients import ServiceRefused
from gateway.pages.asking import Found, Json
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.forms import Field, Form, Problem, seen_version, typed
from gateway.pages.history import History, history, told
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice, Column, Listing, ListQuery, View
from gateway.pages.own_lists import own_list
from gateway.pages.picking import supplier_field, supplier_options
from gateway.pages.records import Action, Chip, Fact, Record
from gateway.pages.rendering import Flash
from gateway.pages.roles import role_name, role_options
from services.kernel.database import now_utc
from services.kernel.identity import Role
from services.kernel.messages import _
from services.kernel.refusals import Forbidden, Invalid, NotFound, Refused
from services.kernel.rendering import field_error


async def administrators_only(page: OnPage) -> None:
    """Refuses Forbidden."""
    if not page.has(Role.ADMINISTRATOR):
        raise Forbidden


router = APIRouter(include_in_schema=False, dependencies=[Depends(administrators_only)])
ACTS = ("deactivate", "reactivate", "new-link")


@router.get("/users")
async def users(page: OnPage) -> Response:
    """The list."""
    query = ListQuery.of(page.request)
    found = await own_list(page, *queries.users(), query)
    return page.render("accounts/users.html", {"nav": "users", "listing": _listing(query, found)}, block="list")


def _listing(query: ListQuery, found: Found) -> Listing:
    new = Link(href="/users/new", title=_("New user"), icon="plus", primary=True)
    return Listing(
        title=_("Users"), query=query, rows=[dict(row) | {"look": look(row, now_utc())} for row in found.rows],
        next_cursor=found.next, count=found.count, problem=found.problem, default_sort="login",
        columns=(
            Column(key="name", title=_("Full name"), sort="name", kind="title"),
            Column(key="roles", title=_("Roles")),
            Column(key="supplier", title=_("Supplier"), optional=True),
            Column(key="state", title=_("State"), kind="chip"),
            Column(key="email", title=_("E-mail"), optional=True),
            Column(key="created_at", title=_("Created"), sort="created_at", kind="when", optional=True),
        ),
        views=(
            View(title=_("All")),
            View(title=_("In use"), filters=(("active", "true"),)),
            View(title=_("Deactivated"), filters=(("active", "false"),)),
            View(title=_("Suppliers' users"), filters=(("role", "supplier_user"),)),
        ),
        filters=(Choice(name="role", title=_("Role in Heyue"), options=[(r.value, role_name(r)) for r in Role]),),
        search=_("Name or login"),
        links=(Link(href="/keys", title=_("API keys"), icon="key-round"), new),
        empty=Empty(title=_("No users yet"), link=new),
    )  # fmt: skip


def look(user: Json, now: datetime) -> str:
    """The user's state as the status table names it."""
    if user["state"] != "active":
        return "inactive"
    locked = user["locked_until"]
    if locked is not None and datetime.fromisoformat(str(locked)) > now:
        return "locked"
    return "active" if user["has_password"] else "invited"


@router.get("/users/new")
async def new_user(page: OnPage) -> Response:
    """An empty form."""
    return await _form_page(page, "/users/new", {})


@router.post("/users/new")
async def add_user(page: OnPage) -> Response:
    """A new account; its link is shown once."""
    data = await page.form()
    if data.get("find"):
        return await _form_page(page, "/users/new", typed(data))
    try:
        given = validated(UserIn, _body(data) | {"login": str(data.get("login", ""))})
        supplier = service.Supplier(await page.services.supplier(given.supplier) if given.supplier else None)
        record = await service.add_user(page.request.app.state.db, page.who, given, supplier, now_utc())
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _form_page(page, "/users/new", typed(data), problem=problem.for_people(), status=status)
    return _link_page(page, record)


@router.get("/users/{ident}")
async def user(page: OnPage, ident: str) -> Response:
    """A person's page."""
    return await _record_page(page, ident)


@router.get("/users/{ident}/edit")
async def edit_user(page: OnPage, ident: str) -> Response:
    """The form with what is stored."""
    record = await _read(page, ident)
    return await _form_page(page, f"/users/{record['login']}/edit", _values(record), record, record["version"])


@router.post("/users/{ident}/edit")
async def save_user(page: OnPage, ident: str) -> Response:
    """Name, e-mail, roles, firm."""
    data = await page.form()
    record = await _read(page, ident)
    url, values, version = f"/users/{record['login']}/edit", typed(data), seen_version(data)
    if data.get("find"):
        return await _form_page(page, url, values, record, version)
    try:
        patch = validated(UserPatch, _body(data))
        supplier = service.Supplier(await page.services.supplier(patch.supplier) if patch.supplier else None)
        await service.edit_user(page.request.app.state.db, page.who, ident, version, patch, supplier, now_utc())
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _form_page(page, url, values, record, version, problem.for_people(), status)
    return page.redirect(f"/users/{record['login']}", Flash(text=_("Saved")))


@router.post("/users/{ident}/{action}")
async def act(page: OnPage, ident: str, action: str) -> Response:
    """Deactivate, reactivate, or a new link."""
    if action not in ACTS:
        raise NotFound
    do = {"deactivate": service.deactivate, "reactivate": service.reactivate, "new-link": service.new_link}[action]
    data = await page.form()
    try:
        record = await do(page.request.app.state.db, page.who, ident, seen_version(data), now_utc())
    except Refused as fault:
        status, problem = refusal(fault, page.request)
        return await _record_page(page, ident, problem, status)
    if action == "new-link":
        return _link_page(page, record)
    said = {"deactivate": _("Deactivated; all sessions have ended"), "reactivate": _("May sign in again")}
    return page.redirect(f"/users/{record['login']}", Flash(text=said[action]))


def _link_page(page: Page, record: Json) -> Response:
    """The link to a first password: shown in the answer itself, and never again. htmx gets it as a page, too."""
    url = str(page.request.base_url).rstrip("/") + str(record["link"])
    context = {"nav": "users", "user": record, "link": url}
    return page.render("accounts/link.html", context, block="once", status_code=200)


async def _read(page: Page, ident: str) -> dict[str, Any]:
    async with page.request.app.state.db.reading(page.who) as tx:
        return await queries.user(tx, ident)


def validated(kind: Any, body: Mapping[str, Any]) -> Any:
    """The form as the use case takes it. Refuses Invalid, with each field."""
    try:
        return kind.model_validate(body)
    except ValidationError as fault:
        errors = [field_error(dict(error) | {"loc": ("body", *error["loc"])}) for error in fault.errors()]
        raise Invalid(errors=errors) from fault


def _body(data: FormData) -> dict[str, Any]:
    text = {name: str(data.get(name, "")).strip() for name in ("name", "email", "supplier")}
    roles = [str(role) for role in data.getlist("roles")]
    supplier = text["supplier"] if Role.SUPPLIER_USER.value in roles else ""
    return {"name": text["name"], "email": text["email"] or None, "roles": roles, "supplier": supplier or None}


def _values(record: Json) -> dict[str, Any]:
    supplier = record["supplier"]["number"] if record["supplier"] else ""
    return {"name": record["name"], "email": record["email"], "roles": record["roles"], "supplier": supplier}


async def _form_page(
    page: Page, url: str, values: Mapping[str, Any], record: Json | None = None, version: int | None = None,
    problem: Problem | None = None, status: int = 200,
) -> Response:  # fmt: skip
    chosen = await supplier_options(page, str(values.get("supplier_q") or ""), str(values.get("supplier") or ""))
    login = Field(name="login", label=_("Login"), required=True, autocomplete="off",
                  hint=_("Small letters, digits, dots and hyphens; it stays"))  # fmt: skip
    fields = [
        *([login] if record is None else []),
        Field(name="name", label=_("Full name"), required=True, half=True, autocomplete="off"),
        Field(name="email", label=_("E-mail"), kind="email", half=True, autocomplete="off"),
        Field(name="roles", label=_("Roles"), kind="checkboxes", required=True, options=role_options()),
        replace(supplier_field(chosen, required=False), hint=_("Only for a supplier's user, who sees this firm alone")),
    ]
    form = Form(
        url=url, fields=fields, values=values, version=version, problem=problem,
        submit=_("Create the account") if record is None else _("Save"),
        cancel=Link(href=url.removesuffix("/edit") if record is not None else "/users", title=_("Cancel")),
    )  # fmt: skip
    context = {"nav": "users", "form": form, "user": record}
    return page.render("accounts/form.html", context, block="form", status_code=status)


async def _record_page(page: Page, ident: str, problem: Problem | None = None, status: int = 200) -> Response:
    record = await _read(page, ident)
    (trail,) = await page.services.all(history(page, "gateway", str(record["id"])))
    past = await told(page, trail, str(record["id"]))
    context = {"nav": "users", "record": replace(_record(page, record, past), problem=problem), "user": record}
    return page.render("accounts/user.html", context, status_code=status)


def _record(page: Page, record: Json, past: History) -> Record:
    login = record["login"]
    edit = Link(href=f"/users/{login}/edit", title=_("Edit"), icon="pencil")
    supplier = record["supplier"]
    facts: Sequence[Fact] = (
        Fact(title=_("Login"), value=login),
        Fact(title=_("E-mail"), value=record["email"] or "—"),
        *([Fact(title=_("Supplier"), value=supplier["short_name"], href=f"/suppliers/{supplier['number']}")]
          if supplier else []),
    )  # fmt: skip
    return Record(
        title=record["name"], url=f"/users/{login}", version=record["version"], number=login,
        crumbs=(Link(href="/users", title=_("Users")), Link(href="", title=login)),
        chips=(Chip(subject="user", state=look(record, now_utc())),), links=(edit,),
        actions=_actions(record["actions"]), facts=facts, timeline=past.entries, history_link=past.link,
        doing=page.request.query_params.get("do", ""),
    )  # fmt: skip


def _actions(allowed: Sequence[str]) -> list[Action]:
    known = (
        Action(name="new-link", title=_("Password link"), icon="key-round",
               effect=_("A link by which this person sets a password; earlier links hold no longer.")),
        Action(name="reactivate", title=_("Reactivate"), primary=True),
        Action(name="deactivate", title=_("Deactivate"), danger=True,
               effect=_("All sessions end at once. The account and its history stay.")),
    )  # fmt: skip
    return [action for action in known if action.name in allowed]
