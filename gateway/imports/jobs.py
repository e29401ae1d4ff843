"""Imports that run behind a page: a log pushed to the intake as whoever uploaded it, its progress kept in this process.

The intake knows every event by its id, so a log that was cut off (a restart ends an import) is simply sent again: what
was committed is answered as duplicates.
"""

import asyncio
import csv
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol
from uuid import UUID

import httpx
import msgspec

from gateway.imports.batches import IN_FLIGHT, Batch, Sent, Tally, batches
from gateway.imports.log_file import LogFile
from gateway.spreadsheets import MARK, plain
from services.kernel.ids import uuid7
from services.kernel.messages import N_, gettext
from services.kernel.refusals import Conflict, NotFound, Refused
from services.kernel.rendering import problem

MOST_RUNNING = 2
MOST_KEPT = 40
WAIT_SECONDS = 20
HEAD = (N_("Event"), N_("Code"), N_("Where"), N_("What is wrong"), N_("How to mend it"), N_("As sent"))
SENT_AS = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}

Json = Mapping[str, Any]


class Intake(Protocol):
    """The services, as the person who imports may use them."""

    async def raw(
        self, method: str, service: str, path: str, *, params: Any = None, body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """The answer as it came."""


class NotTaken(Exception):
    """The intake refused a whole body."""

    def __init__(self, document: Json) -> None:
        super().__init__(document.get("detail", ""))
        self.document = document


@dataclass
class Job(Tally):
    """One import. state: running, done, rejected (done, but lines were refused), failed.

    evaluated: of the batches, those whose clocks are computed. fault: the problem document it ended with.
    """

    id: UUID
    owner: UUID
    source: str
    name: str
    started_at: datetime
    folder: "tempfile.TemporaryDirectory[str]"
    state: str = "running"
    sent: int = 0
    evaluated: int = 0
    fault: Json | None = None
    task: "asyncio.Task[None] | None" = None

    @property
    def running(self) -> bool:
        """Neither ended nor failed."""
        return self.state == "running"

    @property
    def failed(self) -> bool:
        """Ended early; what was taken until then is kept."""
        return self.state == "failed"

    @property
    def tone(self) -> str:
        """How its end looks in a list: `ok`, `warn`, `danger` or none."""
        return {"done": "ok", "rejected": "warn", "failed": "danger"}.get(self.state, "")

    @property
    def reading(self) -> bool:
        """Whether events are still being sent; then the clocks are waited for."""
        return self.running and self.share < 1

    @property
    def rejected_path(self) -> Path:
        """Where the refused lines are written, as CSV."""
        return Path(self.folder.name) / "rejected.csv"


class Jobs:
    """The imports of this process, the latest kept."""

    def __init__(self) -> None:
        self._known: dict[UUID, Job] = {}

    def of(self, owner: UUID) -> list[Job]:
        """A person's, the latest first."""
        return [job for job in reversed(self._known.values()) if job.owner == owner]

    def one(self, ident: str, owner: UUID) -> Job:
        """A person's own. Refuses NotFound."""
        found = next((job for job in self._known.values() if str(job.id) == ident and job.owner == owner), None)
        if found is None:
            raise NotFound(
                detail=N_("This import is not known here any more; import the file again, nothing is taken twice")
            )
        return found

    def start(self, log: LogFile, folder: "tempfile.TemporaryDirectory[str]", source: str, name: str, owner: UUID,
              intake: Intake, now: datetime) -> Job:  # fmt: skip
        """Begin an import in the background. Refuses Conflict while too many run."""
        if sum(1 for job in self._known.values() if job.running) >= MOST_RUNNING:
            raise Conflict(detail=N_("Other imports are running; begin this one when they have ended"))
        job = Job(uuid7(), owner, source, name, now, folder)
        self._known[job.id] = job
        for old in [job for job in self._known.values() if not job.running][:-MOST_KEPT]:
            self._known.pop(old.id).folder.cleanup()
        job.task = asyncio.create_task(_run(job, log, intake))
        return job


async def _run(job: Job, log: LogFile, intake: Intake) -> None:
    try:
        with job.rejected_path.open("w", encoding="utf-8", newline="") as file:
            await _push(job, log, intake, file)
        await _wait_for_clocks(job, intake)
        job.state = "rejected" if job.rejected else "done"
    except NotTaken as fault:
        job.state, job.fault = "failed", fault.document
    except Refused as fault:
        job.state, job.fault = "failed", problem(fault, "")
    except Exception:
        job.state, job.fault = "failed", {"title": gettext("Something went wrong on our side")}
        raise
    finally:
        log.path.unlink(missing_ok=True)


async def _push(job: Job, log: LogFile, intake: Intake, file: IO[str]) -> None:
    """Send all bodies, two on the way at a time; refused lines go to the file as they come."""
    file.write(MARK)
    rejected = csv.writer(file, lineterminator="\r\n")
    rejected.writerow([gettext(head) for head in HEAD])
    on_the_way: dict[asyncio.Task[Json], Batch] = {}

    async def land(when: str) -> None:
        done, _rest = await asyncio.wait(on_the_way, return_when=when)
        for task in done:
            _count(job, on_the_way.pop(task), task.result(), rejected)
        job.rows, job.share = log.rows_read, min(0.999, log.bytes_read / log.size)

    try:
        async for batch in _drawn(batches(log.events(), job.source)):
            if len(on_the_way) == IN_FLIGHT:
                await land(asyncio.FIRST_COMPLETED)
            on_the_way[asyncio.create_task(_send(intake, batch))] = batch
        while on_the_way:
            await land(asyncio.FIRST_COMPLETED)
    finally:
        for task in on_the_way:
            task.cancel()
    job.rows, job.share = log.rows_read, 1.0


async def _drawn(bodies: Iterator[Batch]) -> AsyncIterator[Batch]:
    """The bodies, read and cut beside the loop, which serves other people meanwhile."""
    while (batch := await asyncio.to_thread(next, bodies, None)) is not None:
        yield batch


async def _send(intake: Intake, batch: Batch) -> Json:
    body = await asyncio.to_thread(batch.body)
    answer = await intake.raw("POST", "sla", "/events", body=body, headers=SENT_AS)
    document: Json = msgspec.json.decode(answer.content)
    if answer.status_code >= 400:
        raise NotTaken(document)
    return document


def _count(job: Job, batch: Batch, answer: Json, rejected: Any) -> None:
    job.sent += len(batch.lines)
    job.add(Sent.of(answer))
    for line in answer["lines"]:
        if line["status"] == "rejected":
            sent = batch.lines[line["line"] - 1].decode()
            cells = (line["event_id"], line["code"], line["at"], line["what"], line["how"], sent)
            rejected.writerow([plain(cell) for cell in cells])


async def _wait_for_clocks(job: Job, intake: Intake) -> None:
    """Until the clocks of every body are computed. A service that is away meanwhile is asked again."""
    for ident in job.batches:
        while True:
            answer = await intake.raw("GET", "sla", f"/batches/{ident}", params={"wait": str(WAIT_SECONDS)})
            document: Json = msgspec.json.decode(answer.content)
            if answer.status_code >= 400:
                raise NotTaken(document)
            if document["state"] == "evaluated":
                break
        job.evaluated += 1
