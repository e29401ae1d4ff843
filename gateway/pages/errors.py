"""A page's refusals as pages in the shell; the API's stay problem documents."""

from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from gateway.clients import ServiceRefused
from gateway.pages.context import SignInFirst, refusal, viewer_of
from gateway.pages.rendering import here, render
from services.kernel.refusals import NotFound, Refused, ServerFault
from services.kernel.rendering import of_database, of_http, problem_response, with_request_id

log = structlog.get_logger()


def error_page(request: Request, fault: BaseException) -> Response:
    """The refusal as a page in the shell, or as a problem document for programs."""
    if isinstance(fault, HTTPException):
        fault = fault.__cause__ if isinstance(fault.__cause__, Refused) else of_http(fault)
    if isinstance(fault, RequestValidationError):
        fault = NotFound()
    status, problem = refusal(fault, request)
    if request.url.path.startswith("/api/") and isinstance(fault, Refused):
        return problem_response(fault, request.state.request_id)
    if not hasattr(request.state, "viewer"):
        request.state.viewer = viewer_of(request, getattr(request.state, "signed_in", None))
    return render(request, "problem.html", {"problem": problem, "back": None}, status_code=status)


def sign_in_first(request: Request) -> Response:
    """Lead to the sign-in page and back here afterwards."""
    url = f"/login?next={quote(here(request.url) if request.method == 'GET' else '/', safe='')}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": url})
    return RedirectResponse(url, 303)


def install_error_pages(app: FastAPI) -> None:
    """All of them."""

    async def refused(request: Request, fault: Exception) -> Response:
        return error_page(request, fault)

    async def nobody(request: Request, _fault: Exception) -> Response:
        return sign_in_first(request)

    async def database(request: Request, fault: Exception) -> Response:
        refusal = of_database(fault)
        if refusal is None:
            raise fault
        return error_page(request, refusal)

    async def ours(request: Request, fault: Exception) -> Response:
        log.error("fault", path=request.url.path, exc_info=fault)
        return with_request_id(request, error_page(request, ServerFault()))

    app.add_exception_handler(SignInFirst, nobody)
    for kind in (Refused, HTTPException, RequestValidationError, ServiceRefused):
        app.add_exception_handler(kind, refused)
    for kind_away in (SQLAlchemyError, OSError):
        app.add_exception_handler(kind_away, database)
    app.add_exception_handler(Exception, ours)
