"""The one place where a refusal becomes a problem document (RFC 9457), in the language of the request."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.kernel.messages import N_, _
from services.kernel.refusals import (
    BadRequest,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    ServerFault,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)

log = structlog.get_logger()

# pydantic's error types → code of the wire, what is wrong, how to mend it
SCHEMA_ERRORS: Mapping[str, tuple[str, str, str]] = {
    "missing": ("missing_field", N_("This field is missing"), N_("Send it")),
    "extra_forbidden": ("unknown_field", N_("There is no such field"), N_("Leave it out, or check its spelling")),
    "string_too_long": ("too_long", N_("This text is too long"), N_("Use at most %(max_length)s characters")),
    "string_too_short": ("too_short", N_("This text is too short"), N_("Use at least %(min_length)s characters")),
    "too_long": ("too_long", N_("These are too many"), N_("Send at most %(max_length)s")),
    "too_short": ("too_short", N_("These are too few"), N_("Send at least %(min_length)s")),
    "timezone_aware": (
        "time_without_zone", N_("This instant has no time zone"),
        N_("Add an offset, as in 2026-03-01T09:00:00+08:00"),
    ),
    "string_pattern_mismatch": (
        "bad_format", N_("This is not written in the expected way"), N_("It must match %(pattern)s"),
    ),
    "enum": ("bad_value", N_("This value does not exist here"), N_("Choose one of: %(expected)s")),
    "literal_error": ("bad_value", N_("This value does not exist here"), N_("Choose one of: %(expected)s")),
    "greater_than": ("out_of_range", N_("This number is too small"), N_("Send more than %(gt)s")),
    "greater_than_equal": ("out_of_range", N_("This number is too small"), N_("Send at least %(ge)s")),
    "less_than": ("out_of_range", N_("This number is too large"), N_("Send less than %(lt)s")),
    "less_than_equal": ("out_of_range", N_("This number is too large"), N_("Send at most %(le)s")),
}  # fmt: skip
# A NUL in a path, a filter or a text: well-formed JSON and URL, but no text for the database.
NO_TEXT = ("22021", "22P05")
UNSTORABLE = Invalid(
    errors=[
        FieldError(
            "control_character", "", N_("This text has characters that cannot be shown"),
            N_("Remove the control characters from this text"),
        )
    ]
)  # fmt: skip
DATE_TYPES = ("date_", "datetime_", "time_")


def pointer(location: Sequence[str | int]) -> str:
    """A place in a request: `/contacts/0/email` in the body, `?limit` in the query."""
    where, *rest = location
    if where == "query":
        return f"?{rest[0]}" if rest else "?"
    if where in ("path", "header"):
        return f"{where}:{rest[0]}" if rest else str(where)
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in rest)


def field_error(found: Mapping[str, Any]) -> FieldError:
    """One of pydantic's errors as ours. A PydanticCustomError carries its own code, words and `how`."""
    kind, context = str(found["type"]), dict(found.get("ctx") or {})
    at = pointer(found["loc"])
    if kind in SCHEMA_ERRORS:
        code, what, how = SCHEMA_ERRORS[kind]
        if "expected" in context:  # pydantic's list is an English one: 'ITO', 'BPO' or 'KPO'
            context["expected"] = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return FieldError(code, at, what, how, context)
    if "how" in context:
        how = str(context.pop("how"))
        return FieldError(kind, at, str(context.pop("what", found["msg"])), how, context)
    if kind.startswith(DATE_TYPES):
        return FieldError(
            "bad_date", at, N_("This is not a date or an instant"),
            N_("Write 2026-03-01, or 2026-03-01T09:00:00+08:00 for an instant"),
        )  # fmt: skip
    return FieldError("bad_type", at, N_("This value has the wrong type"), N_("See the field's description"))


def invalid_request(fault: RequestValidationError) -> Refused:
    """Broken JSON is a bad request; the rest names each field."""
    errors = fault.errors()
    if any(error["type"] == "json_invalid" for error in errors):
        return BadRequest(detail=N_("The body is not JSON"))
    return Invalid(errors=[field_error(error) for error in errors])


def filled(message: str, facts: Mapping[str, Any]) -> str:
    """The message in the request's language, with its places filled."""
    translated = _(message)
    if not facts or "%(" not in translated:
        return translated
    # What kind of value is wanted is a text of ours, too.
    wanted = facts.get("wanted")
    return translated % (dict(facts) | ({"wanted": _(wanted)} if isinstance(wanted, str) else {}))


def problem(refused: Refused, request_id: str) -> dict[str, Any]:
    """The problem document."""
    document: dict[str, Any] = {
        "type": f"/problems/{refused.code}",
        "title": _(refused.title),
        "status": refused.status,
        "detail": filled(refused.detail, refused.facts) if refused.detail else _(refused.title),
        "request_id": request_id,
        **refused.extra,
    }
    if refused.errors:
        document["errors"] = list(error_documents(refused.errors))
    return document


def error_documents(errors: Iterable[FieldError]) -> Iterable[dict[str, Any]]:
    """Each error as it travels."""
    for error in errors:
        document = {
            "code": error.code, "at": error.at, "what": filled(error.what, error.facts),
            "how": filled(error.how, error.facts),
        }  # fmt: skip
        yield document | {"link": error.link} if error.link else document


def problem_response(refused: Refused, request_id: str) -> Response:
    """Rendered, with the headers of its kind."""
    return Response(
        msgspec.json.encode(problem(refused, request_id)), refused.status, refused.headers, "application/problem+json"
    )


def database_is_away(fault: BaseException) -> bool:
    """Whether the database could not be reached, as against a fault of ours."""
    if isinstance(fault, PoolTimeout | OSError | TimeoutError):
        return True
    if isinstance(fault, DBAPIError):
        # 57P01-03: the server is shutting down or starting; 53300: it takes no more connections
        state = str(getattr(fault.orig, "sqlstate", "") or "")
        return fault.connection_invalidated or state.startswith(("57P", "08", "53"))
    return isinstance(fault, asyncpg.PostgresConnectionError | asyncpg.InterfaceError | asyncpg.CannotConnectNowError)


def of_database(fault: BaseException) -> Refused | None:
    """What the database's fault means to the caller; None where it is a fault of ours."""
    if isinstance(fault, DBAPIError) and str(getattr(fault.orig, "sqlstate", "")) in NO_TEXT:
        return UNSTORABLE
    return Unavailable() if database_is_away(fault) else None


def of_http(fault: HTTPException) -> Refused:
    """Starlette's own refusals in our words."""
    kinds: dict[int, type[Refused]] = {
        404: NotFound, 413: TooLarge, 415: UnsupportedMediaType, 403: Forbidden, 503: Unavailable,
    }  # fmt: skip
    if fault.status_code == 405:
        return NotFound(detail=N_("This address does not take this method"))
    return kinds.get(fault.status_code, BadRequest)()


def with_request_id(request: Request, answer: Response) -> Response:
    """For the answer to a fault of ours, made outside of the layer that writes the header on all others."""
    answer.headers["X-Request-ID"] = request.state.request_id
    return answer


def install_problem_handlers(app: FastAPI) -> None:
    """Every refusal, wrong request and missing database of `app` becomes a problem document."""

    async def refused(request: Request, fault: Exception) -> Response:
        if isinstance(fault, RequestValidationError):
            fault = invalid_request(fault)
        if isinstance(fault, HTTPException):
            # FastAPI wraps whatever stops the reading of a body; the refusal inside is the answer.
            fault = fault.__cause__ if isinstance(fault.__cause__, Refused) else of_http(fault)
        if not isinstance(fault, Refused):
            raise fault
        return problem_response(fault, request.state.request_id)

    async def database(request: Request, fault: Exception) -> Response:
        refusal = of_database(fault)
        if refusal is None:
            raise fault
        log.warning("database_refused", kind=refusal.code, fault=str(fault)[:200])
        return problem_response(refusal, request.state.request_id)

    async def fault_of_ours(request: Request, fault: Exception) -> Response:
        log.error("fault", path=request.url.path, exc_info=fault)
        return with_request_id(request, problem_response(ServerFault(), request.state.request_id))

    app.add_exception_handler(Exception, fault_of_ours)
    for kind in (Refused, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, refused)
    for fault_kind in (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        app.add_exception_handler(fault_kind, database)
