"""The first page after signing in."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway.pages.context import OnPage

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(page: OnPage) -> Response:
    """Where the person's own work begins."""
    return page.render("home/home.html", {"nav": "home"})
