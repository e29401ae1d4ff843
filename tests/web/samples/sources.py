"""Sources and imports: lists, records, forms, and an import at each stage."""

from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import Any

from gateway.imports.jobs import Job
from gateway.pages import imports, sources
from gateway.pages.asking import Found
from gateway.pages.forms import FieldProblem, Form, Problem
from gateway.pages.lists import ListQuery
from services.kernel.identity import Role
from services.kernel.messages import use_locale
from tests.web.samples import Sample, asked
from tests.web.samples.components import UNAVAILABLE
from tests.web.samples.hours import hours
from tests.web.samples.onlookers import NOW, SOMEBODY, onlooker
from web.charts.hours import beat


def source(code: str = "servicedesk", **more: Any) -> dict[str, Any]:
    """A source as the service gives it."""
    return {
        "code": code, "name": "IT 服务台", "agreement": "SLA-2026-000012", "silent_after_seconds": 604_800,
        "silent": False, "events": 3419, "last_received_at": "2026-11-23T02:00:00Z", "rejected_24h": 0, "version": 2,
        "hours": hours([9, 8, 9, 7, 3, 1, 0, 0, 0, 1, 2, 6, 60, 72, 75, 58, 66, 71, 70, 68, 40, 21, 12, 4]),
        "pace_seconds": 96,
    } | more  # fmt: skip


SILENT = source(
    "netwatch", name="网络监控", silent=True, rejected_24h=3, silent_after_seconds=3600,
    hours=hours([12] * 11 + [0] * 13, refused=3), pace_seconds=420,
)  # fmt: skip
NEW = source(
    "hr-portal", agreement=None, silent_after_seconds=None, last_received_at=None, events=0, hours=hours([0] * 24),
    pace_seconds=None,
)  # fmt: skip
WRONG = Problem(
    status=422, type="validation", title="有一处不对", request_id="7f2c41d0",
    errors=(FieldProblem(code="missing_columns", what="缺少以下列：priority", how="请重新导出", at="/file"),
            FieldProblem(code="bad_value", what="这不是来源代码", at="/code")),
)  # fmt: skip


def job(state: str = "running", **more: Any) -> Job:
    """An import in a state."""
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    made = Job(SOMEBODY, SOMEBODY, "servicedesk", "incident_event_log.zip", at, TemporaryDirectory())
    for name, value in {"state": state, "rows": 43_211, "sent": 50_000, "accepted": 49_990, **more}.items():
        setattr(made, name, value)
    return made


def _list(name: str, rows: Found) -> Sample:
    page = onlooker(Role.SERVICE_MANAGER)
    listing = sources.listing_of(page, ListQuery.of(asked("/sources")), rows)
    context = {"nav": "sources", "listing": listing, "liveliness": sources.liveliness, "now": NOW, "beat": beat}
    return Sample(name, "sources/list.html", context)


def _form(stored: dict[str, Any] | None, problem: Problem | None = None) -> dict[str, Any]:
    agreements = Found([{"number": "SLA-2026-000013", "title": "应用运维"}])
    form = Form(url="/sources/new", fields=sources.fields_of(agreements, stored), submit="保存", problem=problem)
    return {"nav": "sources", "form": form, "stored": stored}


def _upload(name: str, found: Found, problem: Problem | None = None, jobs: Any = ()) -> Sample:
    form = Form(url="/sources/import", fields=imports.fields_of(found), submit="导入", problem=problem, multipart=True)
    return Sample(name, "imports/form.html", {"nav": "sources", "form": form, "sources": found, "jobs": jobs})


def _progress(name: str, shown: Job) -> Sample:
    fault = UNAVAILABLE if shown.state == "failed" else None
    return Sample(name, "imports/progress.html", {"nav": "sources", "job": shown, "fault": fault})


def samples() -> list[Sample]:
    """Every state of the source and import pages."""
    with use_locale("zh-CN"):
        pages = [
            Sample(f"source-{one['code']}", "sources/source.html",
                   sources.record_context(onlooker(Role.SERVICE_MANAGER), one, old))
            for one, old in ((source(), None), (SILENT, Found(count=22)), (NEW, None))
        ]  # fmt: skip
        every = Found([source(), SILENT, NEW])
        jobs = [job(), job("done"), job("rejected", rejected=10), job("failed")]
        pages += [
            _list("sources", every), _list("sources-none", Found()),
            _list("sources-down", Found(problem=UNAVAILABLE)),
            Sample("source-form", "sources/form.html", _form(None)),
            Sample("source-form-refused", "sources/form.html", _form(None, WRONG)),
            Sample("source-edit", "sources/form.html", _form(source())),
            _upload("import", every, jobs=jobs), _upload("import-refused", every, WRONG),
            _upload("import-no-source", Found()), _upload("import-down", Found(problem=UNAVAILABLE)),
            _progress("import-reading-part", job(share=0.31)),
            _progress("import-evaluating-part", job(share=1.0, batches=["a", "b"], evaluated=1)),
            _progress("import-done", job("done", share=1.0)),
            _progress("import-rejected", job("rejected", share=1.0, rejected=10)),
            _progress("import-failed", job("failed", share=0.5)),
        ]  # fmt: skip
    return [Sample(page.name, page.template, {"here": "/sources", **page.context}) for page in pages]
