"""The builder: an agreement's targets in rows, its sentence above, a ticket to try it on beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.agreement_form import AgreementForm
from gateway.pages.agreement_try import Trial, Tried, tried
from gateway.pages.agreements import Said, name_of, said
from gateway.pages.asking import ask, segment, today
from gateway.pages.condition_tree import LISTS, OPERATORS, Node, pointers
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.forms import Field, FieldProblem, Option, Problem, seen_version
from gateway.pages.once import create
from gateway.pages.rendering import Flash
from gateway.pages.signing_in import ZONES
from gateway.pages.usual import Usual, scale_of, usual
from services.kernel.identity import Role
from services.kernel.messages import _, pgettext
from services.kernel.refusals import Forbidden, Refused

router = APIRouter(include_in_schema=False)
Json = Mapping[str, Any]

NEW, EDIT, VERSION = "new", "edit", "version"
MATCHES = 8
FIELDS = ("state", "priority", "category", "subcategory", "assignment_group", "assigned_to")
DAY = 86_400
NO_TRIAL = Trial()


@dataclass(frozen=True)
class Builder:
    """The state of the page. record: the stored agreement, none for a new one. version: of it, as it was opened."""

    mode: str
    url: str
    form: AgreementForm
    record: Json | None = None
    version: int = 0
    problem: Problem | None = None
    status: int = 200
    trial: Trial = NO_TRIAL
    tried: Tried | Problem | None = None
    sought: str = ""

    @property
    def at(self) -> str:
        """The open target's place in the request."""
        return f"/targets/{self.form.open}"


@router.get("/agreements/new")
async def new_agreement(page: OnPage, contract: str = "") -> Response:
    """An empty builder."""
    _writers_only(page)
    start = today(page)
    form = AgreementForm.of_json({"contract": contract, "zone": page.person.zone, "from": start.isoformat()})
    return await _page(page, Builder(NEW, "/agreements/new", form))


@router.post("/agreements/new")
async def draft_agreement(page: OnPage) -> Response:
    """A button of the builder, or the new draft."""
    _writers_only(page)
    data = await page.form()
    return await _posted(page, data, Builder(NEW, "/agreements/new", AgreementForm.of_form(data)))


@router.get("/agreements/{number}/edit")
async def edit_agreement(page: OnPage, number: str, target: int = 0) -> Response:
    """The builder with a draft."""
    record = await _stored(page, number)
    if "edit" not in record["changes"]:
        words = _("Only a draft is edited; what is in force gets a new version")
        return page.redirect(f"/agreements/{record['number']}", Flash(text=words, tone="danger"))
    form = AgreementForm.of_json(_without_sentences(record), target)
    return await _page(page, _builder(EDIT, record, form))


@router.post("/agreements/{number}/edit")
async def save_agreement(page: OnPage, number: str) -> Response:
    """A button of the builder, or the changed draft."""
    return await _posted_on(page, number, EDIT)


@router.get("/agreements/{number}/new-version")
async def new_version(page: OnPage, number: str, target: int = 0) -> Response:
    """The builder with what is in force, for a later day."""
    record = await _stored(page, number)
    if "add-version" not in record["changes"]:
        words = _("An agreement that has ended gets no new version")
        return page.redirect(f"/agreements/{record['number']}", Flash(text=words, tone="danger"))
    start = max(today(page).isoformat(), record["from"])
    after = (today(page) + timedelta(days=1)).isoformat() if start == record["from"] else start
    text = _without_sentences(record) | {"from": after, "until": None}
    return await _page(page, _builder(VERSION, record, AgreementForm.of_json(text, target)))


@router.post("/agreements/{number}/new-version")
async def add_version(page: OnPage, number: str) -> Response:
    """A button of the builder, or the next version."""
    return await _posted_on(page, number, VERSION)


@router.get("/pick/contract")
async def pick_contract(page: OnPage, contract_q: str = "") -> Response:
    """Contracts that the words may mean, to stand in place of those before."""
    _writers_only(page)
    field = contract_field(await _contract_options(page, contract_q[:200]))
    return page.render("contracts/matches.html", {"field": field}, block="matches")


def _writers_only(page: Page) -> None:
    if not page.has(Role.SERVICE_MANAGER, Role.ADMINISTRATOR):
        raise Forbidden


async def _stored(page: Page, number: str) -> Json:
    _writers_only(page)
    record: Json = await page.services.get("sla", f"/agreements/{segment(number)}")
    return record


def _without_sentences(record: Json) -> dict[str, Any]:
    targets = [{key: value for key, value in target.items() if key != "sentence"} for target in record["targets"]]
    return dict(record) | {"targets": targets}


def _builder(mode: str, record: Json, form: AgreementForm) -> Builder:
    path = "edit" if mode == EDIT else "new-version"
    return Builder(mode, f"/agreements/{record['number']}/{path}", form, record, record["version"])


async def _posted_on(page: Page, number: str, mode: str) -> Response:
    record = await _stored(page, number)
    data = await page.form()
    form = replace(AgreementForm.of_form(data), contract=record["contract"])
    builder = replace(_builder(mode, record, form), version=seen_version(data))
    return await _posted(page, data, builder)


async def _posted(page: Page, data: FormData, builder: Builder) -> Response:
    button = str(data.get("do", "save"))
    builder = replace(builder, trial=Trial.of_form(data, "try."), sought=str(data.get("contract_q", "")))
    if data.get("find") == "contract":
        return await _page(page, builder)
    if button == "save":
        return await _saved(page, builder)
    if button == "try":
        return await _page(page, await _tried(page, builder))
    if button == "say":
        return await _page(page, builder, block="say")
    return await _page(page, replace(builder, form=builder.form.after(button)))


async def _saved(page: Page, builder: Builder) -> Response:
    form = builder.form
    try:
        if builder.mode == NEW:
            body = {"contract": form.contract or None, **form.agreement_json()}
            record = await create(page, "sla", "/agreements", body)
            words = _("%(number)s was drafted", number=record["number"])
        else:
            path = f"/agreements/{segment(str(builder.record and builder.record['number']))}"
            if builder.mode == EDIT:
                record = await page.services.patch("sla", path, form.agreement_json(), builder.version)
                words = _("The draft was saved")
            else:
                record = await page.services.post("sla", f"{path}/versions", form.version_json(), builder.version)
                words = _("Version %(version)s was added", version=record["agreement_version"])
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _page(page, _refused(builder, status, problem.for_people()))
    return page.redirect(f"/agreements/{record['number']}", Flash(text=words))


def _refused(builder: Builder, status: int, problem: Problem) -> Builder:
    """The builder with its reasons; where none is in the open target, the first that has one is opened."""
    parts = [error.at.split("/") for error in problem.errors if error.at.startswith("/targets/")]
    places = sorted({int(part[2]) for part in parts if part[2].isdigit()})
    form = builder.form
    if places and form.open not in places:
        form = form.opened(places[0])
    if problem.status == 412 and builder.record is not None:
        detail = _("Somebody else saved it meanwhile. What you typed is kept; saving again replaces what they saved.")
        problem, builder = replace(problem, detail=detail), replace(builder, version=builder.record["version"])
    return replace(builder, form=form, problem=problem, status=status)


async def _tried(page: Page, builder: Builder) -> Builder:
    form, record = builder.form, builder.record
    target = form.targets[form.open]
    stored = None if record is None else next((t for t in record["targets"] if t["key"] == target.get("key")), None)
    number = record["number"] if record else ""
    drafted = form.agreement_json() | ({} if form.title else {"title": "-"})  # a title decides nothing
    found = await tried(page, builder.trial, drafted, target, number, stored)
    if not isinstance(found, Problem):
        return replace(builder, tried=found)
    own = [e for e in found.errors if e.at.startswith(("/ticket", "/events"))]
    if found.errors and not own:
        errors = tuple(replace(e, at=e.at.removeprefix("/agreement")) for e in found.errors)
        return _refused(builder, found.status, replace(found, errors=errors).for_people())
    return replace(builder, tried=found, status=found.status)


def contract_field(options: Sequence[Option]) -> Field:
    """Under which contract."""
    return Field(
        name="contract", label=_("Contract"), kind="picker", required=True, options=options,
        hint=_("By number, title or supplier"), pick_url="/pick/contract",
    )  # fmt: skip


async def _contract_options(page: Page, sought: str, chosen: str = "") -> list[Option]:
    wanted = {"limit": str(MATCHES), "state": "draft,active"} | ({"q": sought.strip()} if sought.strip() else {})
    if not sought.strip() and not chosen:
        return []
    if chosen and not sought.strip():
        (found,) = await page.services.all(page.services.get("contracts", f"/contracts/{segment(chosen)}"))
        rows: Sequence[Json] = [] if isinstance(found, BaseException) else [found]
    else:
        rows = (await ask(page, "contracts", "/contracts", wanted)).rows
    return [
        Option(value=row["number"], title=row["title"], note=f"{row['number']} · {row['supplier']['short_name']}")
        for row in rows
    ]


@dataclass(frozen=True)
class Faults:
    """A refusal spread over the builder's rows. known: the places that have a row, and what it is called."""

    problem: Problem | None
    known: Mapping[str, str]

    def at(self, pointer: str) -> Sequence[FieldProblem]:
        """All reasons at a place and inside it."""
        return [] if self.problem is None else self.problem.at(pointer)

    def just(self, *places: str) -> Sequence[FieldProblem]:
        """The reasons exactly at these places."""
        return [] if self.problem is None else [error for error in self.problem.errors if error.at in places]

    def anchor(self, error: FieldProblem) -> str:
        """The id of the innermost row that the reason belongs to."""
        place = self._row(error)
        return ident(place) if place else "targets"

    def label(self, error: FieldProblem) -> str:
        """What that row is called."""
        return self.known.get(self._row(error), "")

    def _row(self, error: FieldProblem) -> str:
        holding = [at for at in self.known if error.at == at or error.at.startswith(f"{at}/")]
        return max(holding, key=len, default="")


def ident(pointer: str) -> str:
    """The id of the row at a place of the request."""
    return "at" + pointer.replace("/", "-")


def _known(builder: Builder) -> dict[str, str]:
    at, target = builder.at, builder.form.target
    found = {"/contract": _("Contract"), "/title": _("Title"), "/zone": _("Time zone"), "/from": _("In force from"),
             "/until": _("Last day, if any")}  # fmt: skip
    settings = {
        "key": pgettext("target", "Key"), "name": _("Name"), "calendar": _("Calendar that judges"),
        "on_goal_change": _("When the goal changes"), "on_reopen": _("On reopening"), "count_stopped": "",
        "warn_at": _("At risk at, in per cent"), "min_volume": _("Minimum of cycles"), "allocation": _("Allocation"),
        "tiers": _("Tiers"), "day_seconds": _("A day is, in hours"), "goals": _("Goals"),
    }  # fmt: skip
    found |= {f"{at}/{name}": words for name, words in settings.items()}
    for name, words in condition_titles().items():
        found[f"{at}/conditions/{name}"] = words
        found |= dict.fromkeys(_inside(target.conditions.get(name), f"{at}/conditions/{name}"), words)
    for n, goal in enumerate(target.goals):
        words = _("Goal %(num)s", num=n + 1)
        found |= {f"{at}/goals/{n}": words} | dict.fromkeys(_inside(goal.when, f"{at}/goals/{n}/when"), words)
    return found | {f"{at}/tiers/{n}": _("Tier %(num)s", num=n + 1) for n in range(len(target.tiers))}


def condition_titles() -> dict[str, str]:
    """What the conditions are called in the builder, in its order."""
    return {
        "start": _("Start"), "stop": _("Stop"), "applies": _("Applies to"), "pause": _("Pause"),
        "resume": _("Resume"), "cancel": _("Cancel when"), "reset": _("Reset when"),
    }  # fmt: skip


def _inside(node: Node | None, at: str) -> list[str]:
    if node is None:
        return []
    parts = zip(node.parts, pointers(node, at), strict=True)
    return [at, *(place for part, where in parts for place in _inside(part, where))]


async def _page(page: Page, builder: Builder, block: str = "builder") -> Response:
    form = builder.form
    target = form.targets[form.open]
    asked = [
        page.services.post("sla", "/agreements/sentences", {"targets": [target]}),
        page.services.get("sla", "/calendars", {"limit": "200"}),
    ]
    if builder.record is not None:
        asked.append(page.services.get("sla", f"/agreements/{segment(builder.record['number'])}/attainment"))
    sentences, calendars, *average = await page.services.all(*asked)
    codes = [] if isinstance(calendars, BaseException) else [row["code"] for row in calendars["items"]]
    used = [form.target.calendar, *(goal.calendar for goal in form.target.goals)]
    # A target that is not whole yet has no sentence: that is said, and no more.
    sentence = None if isinstance(sentences, BaseException) else said([target], sentences["items"], "#")[0]
    options = await _contract_options(page, builder.sought, form.contract) if builder.mode == NEW else []
    workdays = await _workdays(page, builder, used)
    past = usual(average[0] if average else None)
    context = context_of(builder, sentence, options_of(codes, used), workdays, options, past)
    return page.render("agreements/builder.html", context, block=block, status_code=builder.status)


def context_of(
    builder: Builder,
    sentence: Said | None,
    calendars: Sequence[str],
    workdays: Sequence[str],
    contracts: Sequence[Option],
    past: Mapping[str, Usual],
) -> dict[str, Any]:
    """What the template names. sentence: of the open target, none while it is not whole. past: by target's key."""
    form = builder.form
    return {
        "nav": "agreements", "builder": builder, "form": form, "target": form.target, "record": builder.record,
        "faults": Faults(builder.problem, _known(builder)), "ident": ident, "pointers": pointers, "said": sentence,
        "calendars": calendars, "calendar_options": [(code, code) for code in calendars], "zones": ZONES,
        "workdays": workdays, "names": [name_of(one) if one.get("key") else "" for one in form.targets],
        "operators": [(op, operator_words(op)) for op in OPERATORS], "lists": LISTS, "fields": FIELDS,
        "condition_titles": condition_titles(), "scale": scale_of(form.targets[form.open], past),
        "contract_field": contract_field(contracts), "tried_problem": isinstance(builder.tried, Problem),
    }  # fmt: skip


def options_of(codes: Sequence[str], used: Sequence[str]) -> list[str]:
    """The calendars to choose from; one that is named and not known stands among them."""
    return [*codes, *sorted({code for code in used if code and code not in codes})]


async def _workdays(page: Page, builder: Builder, used: Sequence[str]) -> list[str]:
    """Behind each goal of a day and more what it means in days of its calendar; empty round the clock."""
    codes = sorted({code for code in used if code})[:6]
    texts = await page.services.all(*(page.services.get("sla", f"/calendars/{segment(code)}") for code in codes))
    days = {code: _usual_day(text) for code, text in zip(codes, texts, strict=True) if isinstance(text, dict)}
    goals = builder.form.targets[builder.form.open].get("goals") or []
    found = []
    for row, goal in zip(builder.form.target.goals, goals, strict=False):
        day, seconds = days.get(row.calendar or builder.form.target.calendar, 0), goal.get("seconds")
        whole = isinstance(seconds, int) and 0 < day < DAY and seconds >= day
        found.append(_("= %(num)s workdays", num=f"{seconds / day:.2f}".rstrip("0").rstrip(".")) if whole else "")
    return found


def _usual_day(calendar: Json) -> int:
    """The seconds of the commonest weekday of the latest week."""
    lengths = []
    for windows in calendar["weeks"][-1].values():
        if isinstance(windows, list) and windows:
            lengths.append(sum(_seconds(closes) - _seconds(opens) for opens, closes in windows))
    return max(set(lengths), key=lengths.count) if lengths else 0


def _seconds(time: str) -> int:
    hours, minutes = time.split(":")[:2]
    return int(hours) * 3600 + int(minutes) * 60


def operator_words(op: str) -> str:
    """What an operator is called."""
    words = {
        "eq": pgettext("operator", "equals"), "ne": pgettext("operator", "is not"),
        "in": pgettext("operator", "is one of"), "not_in": pgettext("operator", "is none of"),
        "set": pgettext("operator", "has a value"), "unset": pgettext("operator", "has no value"),
        "lt": pgettext("operator", "less than"), "le": pgettext("operator", "at most"),
        "gt": pgettext("operator", "more than"), "ge": pgettext("operator", "at least"),
    }  # fmt: skip
    return words[op]
