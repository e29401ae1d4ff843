"""Choosing a supplier or a person by a few letters: the fields, and the matches that htmx asks for."""

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from gateway.accounts.queries import staff_called
from gateway.pages.asking import Json, ask, names
from gateway.pages.context import OnPage, Page
from gateway.pages.forms import Field, Option
from gateway.pages.status import status_of
from services.kernel.identity import Role
from services.kernel.messages import _
from services.kernel.refusals import Forbidden

router = APIRouter(include_in_schema=False)
MATCHES = 8
CHOSEN_FROM = "candidate,screened,approved,suspended"


def supplier_field(options: Sequence[Option], required: bool = True) -> Field:
    """Whom the contract is with."""
    return Field(
        name="supplier", label=_("Supplier"), kind="picker", required=required, options=options,
        hint=_("By name, short name, pinyin initials, credit code or number"), pick_url="/pick/supplier",
    )  # fmt: skip


def owner_field(options: Sequence[Option], prefix: str = "") -> Field:
    """Who looks after it."""
    return Field(
        name="owner", label=_("Owner"), kind="picker", options=options, hint=_("By name or login"), prefix=prefix,
        pick_url=f"/pick/owner?prefix={prefix}" if prefix else "/pick/owner",
    )  # fmt: skip


def _supplier_option(row: Json) -> Option:
    note = f"{row['short_name']} · {row['credit_code']} · {status_of('supplier', row['state']).label}"
    return Option(value=row["number"], title=row["legal_name"], note=note)


async def supplier_options(page: Page, sought: str, chosen: str = "") -> list[Option]:
    """Suppliers that the words may mean; where none are typed, the chosen one alone."""
    if sought.strip():
        wanted = {"q": sought.strip(), "limit": str(MATCHES), "sort": "name", "state": CHOSEN_FROM}
        return [_supplier_option(row) for row in (await ask(page, "suppliers", "/suppliers", wanted)).rows]
    if not chosen:
        return []
    (found,) = await page.services.all(page.services.supplier(chosen))
    return [] if isinstance(found, BaseException) else [_supplier_option(found)]


def as_option(login: str, name: str) -> Option:
    """A person to choose."""
    return Option(value=login, title=name, note=login if login != name else "")


async def owner_options(page: Page, sought: str, chosen: str = "") -> list[Option]:
    """People that the words may mean; where none are typed, the chosen one alone."""
    if sought.strip():
        engine = page.request.app.state.db.engine
        people = await staff_called(engine, sought.strip(), MATCHES)
    else:
        people = list((await names(page, [chosen])).items())
    return [as_option(login, name) for login, name in people]


@router.get("/pick/supplier")
async def pick_supplier(page: OnPage, supplier_q: str = "") -> Response:
    """The matches, to stand in place of those before."""
    _staff_only(page)
    field = supplier_field(await supplier_options(page, supplier_q[:200]))
    return page.render("contracts/matches.html", {"field": field}, block="matches")


@router.get("/pick/owner")
async def pick_owner(page: OnPage, owner_q: str = "", prefix: str = "") -> Response:
    """The matches, to stand in place of those before."""
    _staff_only(page)
    field = owner_field(await owner_options(page, owner_q[:200]), prefix[:40])
    return page.render("contracts/matches.html", {"field": field}, block="matches")


def _staff_only(page: Page) -> None:
    if page.has(Role.SUPPLIER_USER):
        raise Forbidden
