"""Importing a log: a file uploaded, read and pushed behind the page, its progress, and the lines that were refused."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, Response

from gateway.clients import ServiceRefused
from gateway.imports.incident_log import ADAPTERS
from gateway.imports.jobs import Job, Jobs
from gateway.imports.log_file import LogFile, open_log
from gateway.pages.asking import Found, ask, segment
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.forms import Field, Form, Option, Problem, typed
from gateway.pages.links import Link
from services.kernel.database import now_utc
from services.kernel.identity import Role
from services.kernel.messages import N_, _, gettext
from services.kernel.refusals import FieldError, Forbidden, Invalid, Refused

router = APIRouter(include_in_schema=False)

SENDERS = (Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
KINDS = {"incident-log": N_("Incident log of an IT service desk (UCI, ServiceNow)")}
MOST_OFFERED = "200"


def jobs_of(request: Request) -> Jobs:
    """The imports of this process."""
    state = request.app.state
    if not hasattr(state, "imports"):
        state.imports = Jobs()
    found: Jobs = state.imports
    return found


def _require_sender(page: Page) -> None:
    if not page.has(*SENDERS):
        raise Forbidden


@router.get("/sources/import")
async def choose(page: OnPage) -> Response:
    """The form, and what this person has imported."""
    _require_sender(page)
    values = {"source": page.request.query_params.get("source", ""), "adapter": next(iter(ADAPTERS))}
    return await _form_page(page, values)


@router.post("/sources/import")
async def upload(page: OnPage) -> Response:
    """Take the file, look whether it can be read at all, and begin."""
    _require_sender(page)
    data = await page.form()
    values = typed(data)
    try:
        job = await _begin(page, values, data.get("file"))
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _form_page(page, values, problem.for_people(), status)
    return page.redirect(f"/sources/import/{job.id}")


@router.get("/sources/import/{ident}")
async def progress(page: OnPage, ident: str) -> Response:
    """How far it is; asked for again and again while it runs."""
    _require_sender(page)
    job = jobs_of(page.request).one(ident, page.who.id)
    context = {"nav": "sources", "job": job, "fault": Problem.of(job.fault) if job.fault else None}
    return page.render("imports/progress.html", context, block="progress")


@router.get("/sources/import/{ident}/rejected.csv")
async def rejected(page: OnPage, ident: str) -> Response:
    """The lines that were refused, each with why and as it was sent."""
    _require_sender(page)
    job = jobs_of(page.request).one(ident, page.who.id)
    name = f"{job.source}-rejected.csv"
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return FileResponse(job.rejected_path, media_type="text/csv; charset=utf-8", filename=name, headers=headers)


async def _begin(page: Page, values: dict[str, Any], file: Any) -> Job:
    """Refuses Invalid (no source, no file, a file that cannot be read), Conflict, Unavailable."""
    source, adapter = str(values.get("source") or ""), ADAPTERS.get(str(values.get("adapter") or ""))
    errors = []
    if not source:
        errors.append(FieldError("missing_field", "/source", N_("Choose a source"), ""))
    if adapter is None:
        errors.append(FieldError("missing_field", "/adapter", N_("Choose what kind of log this is"), ""))
    if not isinstance(file, UploadFile) or not file.filename:
        errors.append(FieldError("no_file", "/file", N_("Choose a file"), N_("A .csv, or a .zip with one")))
    if errors or adapter is None or not isinstance(file, UploadFile):
        raise Invalid(errors=errors)
    await _require_source(page, source)
    folder = tempfile.TemporaryDirectory(prefix="heyue-import-")
    try:
        log = await asyncio.to_thread(_kept, file, Path(folder.name) / "log", adapter)
        return jobs_of(page.request).start(
            log, folder, source, file.filename or "", page.who.id, page.services, now_utc()
        )
    except BaseException:
        folder.cleanup()
        raise


async def _require_source(page: Page, source: str) -> None:
    try:
        await page.services.get("sla", f"/sources/{segment(source)}")
    except ServiceRefused as fault:
        if fault.status != 404:
            raise
        raise Invalid(
            errors=[FieldError("unknown_source", "/source", N_("There is no such source"),
                               N_("Make the source first, or check its code"))]
        ) from fault  # fmt: skip


def _kept(file: UploadFile, path: Path, adapter: Any) -> LogFile:
    """The upload as a file of our own, looked through. Refuses Invalid."""
    with path.open("wb") as ours:
        shutil.copyfileobj(file.file, ours, 1 << 20)
    return open_log(path, adapter)


async def _form_page(page: Page, values: dict[str, Any], problem: Problem | None = None, status: int = 200) -> Response:
    sources = await ask(page, "sla", "/sources", {"limit": MOST_OFFERED})
    form = Form(
        url="/sources/import", fields=fields_of(sources), submit=_("Import"), values=values, problem=problem,
        cancel=Link(href="/sources", title=_("Cancel")), multipart=True,
    )  # fmt: skip
    context = {
        "nav": "sources", "form": form, "sources": sources, "jobs": jobs_of(page.request).of(page.who.id),
    }  # fmt: skip
    return page.render("imports/form.html", context, status_code=status)


def fields_of(sources: Found) -> list[Field]:
    """The form's fields."""
    chosen = [Option(value=row["code"], title=f"{row['name']} · {row['code']}") for row in sources.rows]
    kinds = [Option(value=name, title=gettext(KINDS.get(name, name))) for name in ADAPTERS]
    return [
        Field(name="source", label=_("Source"), kind="select", required=True, options=chosen,
              hint=_("Its agreement judges the tickets")),
        Field(name="adapter", label=_("Kind of log"), kind="radio", required=True, options=kinds),
        Field(name="file", label=_("File"), kind="file", required=True, accept=".csv,.zip,text/csv,application/zip",
              hint=_("A .csv in UTF-8 or GB18030, or a .zip with one; up to 30 MB as uploaded, 1 GB unpacked")),
    ]  # fmt: skip
