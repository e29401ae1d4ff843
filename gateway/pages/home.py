"""The first page after signing in: where each person's own work begins, by role."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.pages.asking import Found, names, today, together
from gateway.pages.clocks_today import clocks_today
from gateway.pages.context import OnPage, Page
from gateway.pages.endings import SOON_DAYS
from gateway.pages.formats import capped
from gateway.pages.records import Figure
from gateway.pages.targets import target_names
from services.kernel.database import now_utc
from services.kernel.identity import Role
from services.kernel.messages import _

router = APIRouter(include_in_schema=False)
ROWS = "10"
FEW = "6"


@router.get("/")
async def home(page: OnPage) -> Response:
    """What waits for this person. Of several roles the one with the most to do counts."""
    if page.who.is_supplier:
        return await _of_supplier(page)
    if page.has(Role.SERVICE_MANAGER):
        return await clocks_today(page)
    if page.has(Role.PROCUREMENT_OFFICER, Role.PROCUREMENT_MANAGER):
        return await _of_procurement(page)
    return await _overview(page)


def figure(title: str, found: Found, href: str, tone: str = "", note: str = "") -> Figure:
    """A counted list as a figure; a question mark where its service does not answer."""
    value = "?" if found.count is None else capped(found.count)
    return Figure(title=title, value=value, href=href, note=note, tone=tone if found.count else "")


async def _of_procurement(page: Page) -> Response:
    ask = page.services.get
    found = await together(
        page,
        ending=ask("contracts", "/contracts", {"ends_within_days": str(SOON_DAYS), "sort": "to", "limit": ROWS,
                                               "count": "true"}),
        drafts=ask("contracts", "/contracts", {"state": "draft", "limit": FEW, "count": "true"}),
        waiting=ask("suppliers", "/suppliers", {"state": "candidate,screened", "limit": FEW, "count": "true"}),
        active=ask("contracts", "/contracts", {"state": "active", "limit": "1", "count": "true"}),
    )  # fmt: skip
    manager = page.has(Role.PROCUREMENT_MANAGER)
    strip = (
        figure(_("Ending within 90 days"), found["ending"], f"/contracts?ends_within_days={SOON_DAYS}", "near"),
        figure(_("Drafts"), found["drafts"], "/contracts?state=draft"),
        figure(_("Suppliers awaiting approval"), found["waiting"], "/suppliers?state=candidate,screened",
               note=_("yours to decide") if manager else ""),
        figure(_("Active contracts"), found["active"], "/contracts?state=active"),
    )  # fmt: skip
    owners = await names(page, [row["owner"] for key in ("ending", "drafts") for row in found[key].rows])
    context: dict[str, Any] = {"nav": "home", "strip": strip, "today": today(page), "owners": owners, **found}
    return page.render("home/procurement.html", context)


async def _of_supplier(page: Page) -> Response:
    ask = page.services.get
    found = await together(
        page,
        contracts=ask("contracts", "/contracts", {"sort": "to", "limit": ROWS, "count": "true"}),
        agreements=ask("sla", "/agreements", {"limit": ROWS, "count": "true"}),
        clocks=ask("sla", "/clocks", {"open": "true", "sort": "due_at", "limit": "1", "count": "true"}),
        breaches=ask("sla", "/breaches", {"state": "standing", "limit": FEW, "count": "true"}),
        periods=ask("sla", "/periods", {"limit": FEW}),
    )
    strip = (
        figure(_("Contracts"), found["contracts"], "/contracts"),
        figure(_("Agreements"), found["agreements"], "/agreements"),
        figure(_("Open clocks"), found["clocks"], "/tickets?open=true"),
        figure(_("Standing breaches"), found["breaches"], "/breaches?state=standing", "bad"),
    )
    context: dict[str, Any] = {"nav": "home", "strip": strip, "today": today(page), "now": now_utc(), **found}
    context |= {"owners": await names(page, [row["owner"] for row in found["contracts"].rows]),
                "targets": await target_names(page, found["breaches"].rows)}  # fmt: skip
    return page.render("home/supplier.html", context)


async def _overview(page: Page) -> Response:
    ask = page.services.get
    found = await together(
        page,
        agreements=ask("sla", "/agreements", {"state": "in_force", "limit": ROWS, "count": "true"}),
        breaches=ask("sla", "/breaches", {"state": "standing", "limit": FEW, "count": "true"}),
        periods=ask("sla", "/periods", {"limit": FEW}),
        contracts=ask("contracts", "/contracts", {"state": "active", "limit": "1", "count": "true"}),
        suppliers=ask("suppliers", "/suppliers", {"state": "approved", "limit": "1", "count": "true"}),
    )
    strip = (
        figure(_("Approved suppliers"), found["suppliers"], "/suppliers?state=approved"),
        figure(_("Active contracts"), found["contracts"], "/contracts?state=active"),
        figure(_("Agreements in force"), found["agreements"], "/agreements?state=in_force"),
        figure(_("Standing breaches"), found["breaches"], "/breaches?state=standing", "bad"),
    )
    context: dict[str, Any] = {"nav": "home", "strip": strip, "today": today(page), "now": now_utc(), **found}
    context["targets"] = await target_names(page, found["breaches"].rows)
    return page.render("home/overview.html", context)
