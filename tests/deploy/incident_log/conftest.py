"""Small incident logs as files, and where the real one lies."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = (
    "number,incident_state,opened_at,sys_updated_by,sys_updated_at,category,category,priority,"
    "assignment_group,assigned_to"
)
#: A ticket that waits for its user and is resolved; one of which nothing but its number and times is given.
ROWS = (
    "INC0000045,New,29/2/2016 01:16,21,29/2/2016 01:23,55,170,3,56,?",
    "INC0000045,Awaiting User Info,29/2/2016 01:16,642,29/2/2016 08:53,55,170,2,56,89",
    "INC0000045,Resolved,29/2/2016 01:16,642,29/2/2016 11:29,55,170,2,56,89",
    "INC0000047,-100,29/2/2016 04:57,?,29/2/2016 04:40,?,?,?,?,?",
)
LOG = "\n".join((HEADER, *ROWS, ""))

REAL_LOG = Path(__file__).resolve().parents[4] / "shared" / "data" / "incident_event_log.zip"

WriteLog = Callable[..., Path]


@pytest.fixture
def write_log(tmp_path: Path) -> WriteLog:
    """Writes a log as a plain file: `write_log(text, encoding="gb18030", name="x.csv")`."""

    def write(text: str = LOG, encoding: str = "utf-8", name: str = "log.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def write_zip(tmp_path: Path) -> WriteLog:
    """Writes a zip with the members named: `write_zip({"log.csv": text})`."""

    def write(members: dict[str, str | bytes], name: str = "log.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, text in members.items():
                archive.writestr(member, text)
        return path

    return write


@pytest.fixture
def real_log() -> Path:
    if not REAL_LOG.exists():
        pytest.skip(f"the real incident log is not beside the project: {REAL_LOG}")
    return REAL_LOG


def a_log_of(tickets: int, prefix: str = "INC") -> str:
    """A log of that many tickets, three rows each."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER.split(","))
    for i in range(tickets):
        number = f"{prefix}{i:07d}"
        for minute, state in ((5, "New"), (20, "Active"), (50, "Resolved")):
            writer.writerow(
                [number, state, "1/3/2016 09:00", "21", f"1/3/2016 09:{minute:02d}", "55", "170", "3", "56", "?"]
            )
    return out.getvalue()
