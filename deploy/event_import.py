"""A log pushed through the public API: two bodies on the way, interrupted and gone on with at will.

What has been committed is written beside, a line a body, so that a run that was cut off goes on where it stood. The
intake knows every event by its id: a body that was sent twice changes nothing and is answered as duplicates.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from deploy.api_client import Api, Json
from deploy.checkout import VAR, write_private
from gateway.imports.batches import IN_FLIGHT, Batch, Sent, Tally, batches
from gateway.imports.log_file import LogFile

IMPORTS = VAR / "imports"


@dataclass(kw_only=True)
class Progress(Tally):
    """How far an import is."""

    events: int = 0
    seconds: float = 0.0

    def line(self) -> Json:
        """The counts as the command's last line gives them."""
        counts = {name: getattr(self, name) for name in ("rows", "events", "accepted", "duplicates", "rejected")}
        return {**counts, "seconds": round(self.seconds, 2)}


class Journal:
    """The bodies that are committed, and the lines that were rejected, of one log into one source of one gateway."""

    def __init__(self, folder: Path, name: str, key: str) -> None:
        self.path = folder / f"{key}.json"
        self.rejected_path = folder / f"{name}.{key}.rejected.ndjson"
        self.sent: dict[int, Sent] = {}
        if self.path.exists():
            known = json.loads(self.path.read_text(encoding="utf-8"))
            self.sent = {int(index): Sent(**answer) for index, answer in known.items()}

    def forget(self) -> None:
        """Start from the first event again. The lines that an earlier run rejected stay until something is sent."""
        self.sent = {}
        self.path.unlink(missing_ok=True)

    def record(self, batch: Batch, answer: Json) -> Sent:
        if not self.sent:
            self.rejected_path.unlink(missing_ok=True)
        sent = Sent.of(answer)
        lines = [line for line in answer.get("lines", ()) if line["status"] == "rejected"]
        if lines:
            self._note_rejected(batch, lines)
        self.sent[batch.index] = sent
        write_private(self.path, json.dumps({index: asdict(known) for index, known in self.sent.items()}))
        return sent

    def close(self) -> None:
        """The log is through: the next run begins anew, and is answered with duplicates."""
        self.path.unlink(missing_ok=True)

    def _note_rejected(self, batch: Batch, lines: list[Json]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.rejected_path.open("a", encoding="utf-8") as file:
            for line in lines:
                event = batch.lines[line["line"] - 1].decode()
                file.write(json.dumps({"refusal": line, "event": event}, ensure_ascii=False) + "\n")


def open_journal(log: LogFile, api: Api, source: str, limit: int | None) -> Journal:
    """The journal of this very import; begun anew where the gateway no longer knows what was sent to it before."""
    with log.path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    what = "\n".join((content, api.gateway, source, log.adapter.name, str(limit)))
    journal = Journal(IMPORTS, log.path.stem, hashlib.sha256(what.encode()).hexdigest()[:16])
    if not journal.sent or not _still_known(api, journal):
        journal.forget()
    return journal


def _still_known(api: Api, journal: Journal) -> bool:
    last = journal.sent[max(journal.sent)]
    return api.find(f"/api/sla/v1/batches/{last.batch}") is not None


def push(
    log: LogFile,
    api: Api,
    source: str,
    journal: Journal,
    limit: int | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Send the log's events (the first `limit` of them), except the bodies that the journal knows.

    tell: called after each body. Refuses ApiRefused, NotReachable; what was committed until then is in the journal.
    """
    began = time.monotonic()
    progress = Progress()
    on_the_way: dict[Future[Json], Batch] = {}

    def land(done: set[Future[Json]]) -> None:
        for future in done:
            batch = on_the_way.pop(future)
            progress.add(journal.record(batch, future.result()))
        progress.rows, progress.share = log.rows_read, log.bytes_read / log.size
        progress.seconds = time.monotonic() - began
        tell(progress)

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        try:
            for batch in batches(_counted(log, limit, progress), source):
                if batch.index in journal.sent:
                    progress.add(journal.sent[batch.index])
                    continue
                if len(on_the_way) == IN_FLIGHT:
                    land(wait(on_the_way, return_when=FIRST_COMPLETED).done)
                on_the_way[pool.submit(api.send_events, batch.body())] = batch
            while on_the_way:
                land(wait(on_the_way, return_when=FIRST_COMPLETED).done)
        except BaseException:
            _keep_what_arrives(on_the_way, journal)
            raise
    land(set())
    journal.close()
    return progress


def _keep_what_arrives(on_the_way: dict[Future[Json], Batch], journal: Journal) -> None:
    """Interrupted: what is on the way may still be committed; its answer is waited for and written down."""
    for future, batch in on_the_way.items():
        if future.exception() is None:
            journal.record(batch, future.result())


def _counted(log: LogFile, limit: int | None, progress: Progress) -> Iterator[Json]:
    for event in islice(log.events(), limit):
        progress.events += 1
        yield event
