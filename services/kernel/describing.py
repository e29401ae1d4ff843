"""What an OpenAPI document says beyond the signatures of the routes, made from what the routes declare elsewhere.

A list's parameters come from its `Listing`; headers from the route's dependencies; refusals from all of it: what a
route takes, whom it lets in, and what it changes.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fastapi import FastAPI

from services.kernel import refusals
from services.kernel.messages import use_locale
from services.kernel.paging import LARGEST_PAGE, NDJSON, USUAL_PAGE, Expression, Filter, Flag, Listing, OneOf
from services.kernel.permissions import Permissions
from services.kernel.refusals import FieldError, Refused
from services.kernel.rendering import problem

Json = dict[str, Any]
PERMISSION = "x-permission"
CREATES = "x-idempotent"
IF_MATCH, IDEMPOTENCY_KEY = "If-Match", "Idempotency-Key"
ONLY_TAKEN_OR_READ = (":read", ":intake")
"""Scopes under which no state says no: nothing is changed, or each line of a body has an answer of its own."""
PROBLEM_TYPE = "application/problem+json"
TEXT: Json = {"type": "string"}
KINDS: tuple[tuple[type, Json], ...] = (
    (datetime, TEXT | {"format": "date-time"}), (date, TEXT | {"format": "date"}), (bool, {"type": "boolean"}),
    (int, {"type": "integer"}), (Decimal, TEXT | {"examples": ["2000.00"]}),
)  # fmt: skip
PAGE: Json = {
    "type": "object", "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "next": {"type": ["string", "null"], "description": "the cursor of the next page"},
    },
}  # fmt: skip
_WRONG_CODE = FieldError("check_digit", "/credit_code", "The check digit does not fit", "Compare it with the licence")
EXAMPLES: tuple[Refused, ...] = (
    refusals.BadRequest(), refusals.Unauthenticated(), refusals.Forbidden(), refusals.NotFound(),
    refusals.Conflict(allowed=["activate"]), refusals.Stale(version=4), refusals.TooLarge(),
    refusals.UnsupportedMediaType(), refusals.Invalid(errors=[_WRONG_CODE]), refusals.IdempotencyMismatch(),
    refusals.PreconditionRequired(), refusals.Unavailable(),
)  # fmt: skip
PROBLEM: Json = {
    "type": "object", "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": TEXT | {"description": "never changes with the language"}, "title": TEXT, "status": {"type": "integer"},
        "detail": TEXT, "request_id": TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object", "required": ["code", "at", "what", "how"],
                "properties": {
                    "code": TEXT, "at": TEXT | {"description": "a JSON pointer into the request, ?name, header:name"},
                    "what": TEXT | {"description": "what is wrong"}, "how": TEXT | {"description": "how to mend it"},
                    "link": TEXT | {"description": "what mends it"},
                },
            },
        },
        "allowed": {"type": "array", "items": TEXT, "description": "of a conflict: the actions that are possible now"},
        "version": {"type": "integer", "description": "of a stale change: the present version"},
    },
}  # fmt: skip


def _parameter(name: str, description: str, schema: Json, where: str = "query", **more: Any) -> Json:
    return {"name": name, "in": where, "required": False, "description": description, "schema": schema} | more


def list_parameters(listing: Listing) -> Iterator[Json]:
    """All that the list takes in its query."""
    yield from filter_parameters(listing)
    sorts = [sign + name for name in listing.sorts for sign in ("", "-")]
    yield _parameter("sort", "- before the name: the other way", {"enum": sorts, "default": listing.default})
    limits = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE}
    yield _parameter("limit", "how many to a page", limits)
    yield _parameter("cursor", "`next` of the page before, with the same sort", TEXT)
    yield _parameter("count", "whether all that is found is counted, up to 1,000", {"type": "boolean"})


def filter_parameters(listing: Listing) -> Iterator[Json]:
    """What narrows the list."""
    if listing.search is not None:
        yield _parameter("q", "words to look for", TEXT)
    for name, condition in listing.filters.items():
        yield _filter(name, condition)
    for name, column in listing.ranges.items():
        yield _parameter(f"{name}_from", "this, or later or more", _schema(column))
        yield _parameter(f"{name}_before", "earlier or less than this", _schema(column))


def _filter(name: str, condition: Filter) -> Json:
    if isinstance(condition, Flag):
        return _parameter(name, "those for which it is so, or is not", {"type": "boolean"})
    known = condition.known if isinstance(condition, OneOf) else None
    words: Json = {"type": "array", "items": TEXT | ({"enum": list(known)} if known else {})}
    return _parameter(name, "one, or several with commas", words, style="form", explode=False)


def _schema(column: Expression) -> Json:
    kind = column.type.python_type
    return next((schema for known, schema in KINDS if issubclass(kind, known)), TEXT)


def if_match(*, required: bool) -> Json:
    """The header that says which version is changed."""
    return _parameter(IF_MATCH, 'the version that was read, as in ETag: "3"', TEXT, "header", required=required)


def idempotency_key() -> Json:
    """The header under which a POST creates once."""
    schema = TEXT | {"minLength": 1, "maxLength": 200}
    return _parameter(IDEMPOTENCY_KEY, "the same key and body again: the stored answer, for a day", schema, "header")


def list_answers() -> Json:
    """A page; or, as NDJSON, the whole list."""
    line = {"schema": TEXT | {"description": "one item a line, the whole list"}}
    return {"200": {"content": {"application/json": {"schema": PAGE}, NDJSON: line}}}


def install_description(app: FastAPI, permissions: Permissions) -> None:
    """`/openapi.json` of `app`, with what each route can refuse."""
    plain = app.openapi

    def described() -> Json:
        document = plain()
        if "responses" not in document.setdefault("components", {}):
            complete(document, permissions)
        return document

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way


def complete(document: Json, permissions: Permissions) -> None:
    """Add to each operation its scope and its refusals, and these to the components."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {str(status): _problem(status) for status in sorted({one.status for one in EXAMPLES})}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            scope = permissions.grants[operation[PERMISSION]].scope
            operation["x-scope"] = scope
            changes = method != "get" and not scope.endswith(ONLY_TAKEN_OR_READ)
            refused = refused_with(path, method, operation, changes=changes)
            problems = {str(status): {"$ref": f"#/components/responses/{status}"} for status in refused}
            operation["responses"] = dict(sorted((operation["responses"] | problems).items()))
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form of 422, which is not ours
        components["schemas"].pop(name, None)


def refused_with(path: str, method: str, operation: Json, *, changes: bool) -> Iterator[int]:
    """The statuses of problems that an operation can give. changes: it writes, so that a state can say no."""
    headers = {one["name"]: one["required"] for one in operation.get("parameters", ()) if one["in"] == "header"}
    makes = method == "put" and not headers.get(IF_MATCH)
    yield from (401, 403, 503)
    if "requestBody" in operation:
        yield from (400, 413, 415)
    if "{" in path and not makes:
        yield 404
    if changes:
        yield 409
    if IF_MATCH in headers:
        yield 412
    if headers.get(IF_MATCH):
        yield 428
    if "requestBody" in operation or operation.get("parameters"):
        yield 422


def _problem(status: int) -> Json:
    kinds = [one for one in EXAMPLES if one.status == status]
    with use_locale("en"):
        examples = {one.code: {"value": problem(one, "0198c1d2e3f4")} for one in kinds}
    headers = {name: {"schema": TEXT} for one in kinds for name in one.headers}
    return {
        "description": "; or: ".join(one.title for one in kinds),
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    } | ({"headers": headers} if headers else {})


def without(parameters: Iterable[Json], taken: Iterable[str]) -> list[Json]:
    """The parameters that the route's signature does not name itself."""
    names = set(taken)
    return [one for one in parameters if one["name"] not in names]


def body_of(media_types: Mapping[str, Json]) -> Json:
    """A body that the route reads by itself."""
    return {"required": True, "content": {name: {"schema": schema} for name, schema in media_types.items()}}
