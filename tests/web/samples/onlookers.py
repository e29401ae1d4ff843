"""Somebody who looks at a page, for what a page's own functions ask of its reader."""

from datetime import UTC, datetime
from uuid import UUID

from starlette.applications import Starlette

from gateway.accounts.queries import SignedIn
from gateway.pages.context import Page
from services.kernel.identity import Actor, Kind, Role
from tests.web.samples import Sample, asked

SOMEBODY = UUID("0190aaaa-0000-7000-8000-000000000001")
NOW = datetime(2026, 11, 23, 2, 20, tzinfo=UTC)


def onlooker(*roles: Role, path: str = "/", query: str = "") -> Page:
    """A page as somebody with these roles opens it; no service stands behind it."""
    request = asked(path, query)
    request.scope["app"] = Starlette()
    request.scope["app"].state.pools = None
    firm = SOMEBODY if Role.SUPPLIER_USER in roles else None
    person = SignedIn(
        id=SOMEBODY, name="wang.min", shown_name="王敏", roles=frozenset(roles), scopes=frozenset(), supplier_id=firm,
        supplier_number="GYS-2026-000001" if firm else None, supplier_name="上海云启" if firm else None,
        language="zh-CN", zone="Asia/Shanghai", theme="light", density="default",
    )  # fmt: skip
    who = Actor(id=SOMEBODY, name="wang.min", kind=Kind.PERSON, roles=frozenset(roles), supplier_id=firm)
    return Page(request, person, who)


def samples() -> list[Sample]:
    """None of its own."""
    return []
