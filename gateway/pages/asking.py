"""What pages ask again and again: a page of a list, the names behind logins, the day where the reader is."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from gateway.accounts.queries import shown_names
from gateway.clients import ServiceRefused
from gateway.pages.context import Page, refusal
from gateway.pages.formats import local
from gateway.pages.forms import Problem
from services.kernel.database import now_utc
from services.kernel.messages import _
from services.kernel.refusals import Refused

SYSTEM = "system:"
KEY = "key:"
Json = Mapping[str, Any]
MOST = {"limit": "200"}
"""Of a list of which a page shows all there is."""


@dataclass(frozen=True)
class Found:
    """A page of a service's list, or why there is none."""

    rows: Sequence[Json] = ()
    next: str | None = None
    count: int | None = None
    problem: Problem | None = None


def found(page: Page, answer: Any) -> Found:
    """What a service answered to a list, where its refusal may stand in the answer's place."""
    if isinstance(answer, BaseException):
        return Found(problem=refusal(answer, page.request)[1])
    return Found(answer["items"], answer["next"], answer.get("count"))


async def ask(page: Page, service: str, path: str, params: Mapping[str, str]) -> Found:
    """A page of a list; a refusal is a problem for its panel, not for the whole page."""
    (answer,) = await page.services.all(page.services.get(service, path, params))
    return found(page, answer)


async def together(page: Page, **asked: Awaitable[Any]) -> dict[str, Found]:
    """Several lists at once, by the names they were asked under."""
    answers = await page.services.all(*asked.values())
    return {name: found(page, answer) for name, answer in zip(asked, answers, strict=True)}


def problem_of(page: Page, answer: Any) -> Problem | None:
    """The refusal that stands in an answer's place."""
    return refusal(answer, page.request)[1] if isinstance(answer, ServiceRefused | Refused) else None


async def names(page: Page, logins: Iterable[str | None]) -> dict[str, str]:
    """The names of people, of keys and of the system by login; a login that nobody has stands for itself."""
    wanted = {login for login in logins if login}
    known = await shown_names(page.request.app.state.db.engine, wanted) if wanted else {}
    return {login: known.get(login) or _machine(login) for login in wanted}


def _machine(login: str) -> str:
    if login.startswith(SYSTEM):
        return _("The system")
    return _("Key %(name)s", name=login.removeprefix(KEY)) if login.startswith(KEY) else login


def today(page: Page) -> date:
    """The day where the reader is."""
    return local(now_utc(), page.person.zone).date()


def segment(ident: str) -> str:
    """An id or number as one part of a path."""
    return quote(ident, safe="")
