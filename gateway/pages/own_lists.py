"""Pages of the gateway's own lists, asked of its database without a way over HTTP."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from sqlalchemy import Select
from starlette.requests import Request

from gateway.pages.asking import Found
from gateway.pages.context import Page, refusal
from gateway.pages.lists import ListQuery
from services.kernel.paging import Listing
from services.kernel.refusals import Refused


async def own_list(page: Page, listing: Listing, statement: Select[Any], query: ListQuery) -> Found:
    """A page of the list, or why there is none: the same filters, sorts and cursors as everywhere."""
    asked = urlencode(query.api_params() | {"count": "true"}).encode()
    # The list reads the request's query alone; parameters of the page itself stay out of it.
    request = Request(dict(page.request.scope) | {"query_string": asked, "headers": []})
    try:
        answer = await listing.answer(request, page.request.app.state.db, page.who, statement)
    except Refused as fault:
        return Found(problem=refusal(fault, page.request)[1])
    found = msgspec.json.decode(answer.body)
    return Found(found["items"], found["next"], found["count"])
