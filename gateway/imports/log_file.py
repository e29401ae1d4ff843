"""A log as a file: a `.csv`, or a `.zip` with one, read as rows of text without ever being held whole.

What a file is, its first bytes say, not its name. The text is UTF-8 (a byte order mark is dropped) or GB18030. A file
is read twice: once to weigh it and to learn its encoding, once for its rows; so a refusal comes before the first event.
"""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid

Row = list[str]
Event = dict[str, Any]

#: Unpacked bytes that are read at most, and how many times larger than its zip a file may be beyond `FREE_BYTES`.
#: The real incident log unpacks to 12 times its zip; a bomb to a thousand times.
MOST_BYTES = 1 << 30
MOST_RATIO = 100
FREE_BYTES = 8 << 20
CHUNK = 1 << 20
LONGEST_CELL = 1 << 20


@dataclass(frozen=True)
class Adapter:
    """How the rows of one kind of log become events.

    missing: the columns, by name, that a header lacks. events: the rows below such a header, as events of the intake
    without their `source`; `rows` is drawn from as events are asked for.
    """

    name: str
    missing: Callable[[Row], list[str]]
    events: Callable[[Row, Iterator[Row]], Iterator[Event]]


@dataclass
class LogFile:
    """An opened log: weighed, known to be text, its header known to have the adapter's columns."""

    path: Path
    adapter: Adapter
    header: Row
    encoding: str
    size: int
    rows_read: int = field(default=0, init=False)
    bytes_read: int = field(default=0, init=False)

    def events(self) -> Iterator[Event]:
        """The log's events from the first row on. Refuses a row that is no CSV, naming its line."""
        self.rows_read = self.bytes_read = 0
        with _unpacked(self.path) as raw:
            rows = _rows(_Counted(raw, self), self.encoding)
            header = next(rows)
            yield from self.adapter.events(header, self._counted(rows))

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            if row:
                self.rows_read += 1
                yield row


class _Counted(io.RawIOBase):
    """A stream that tells its log how many bytes have gone by, for the progress bar."""

    def __init__(self, raw: IO[bytes], log: LogFile) -> None:
        self._raw = raw
        self._log = log

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._log.bytes_read += len(data)
        return len(data)


def open_log(path: Path, adapter: Adapter) -> LogFile:
    """The log in `path`, ready to be read.

    Refuses with Invalid: an empty file; a zip that is broken, locked, without a CSV, with several, or that unpacks
    beyond the limits; bytes that are neither UTF-8 nor GB18030; a header that lacks columns of the adapter.
    """
    with _unpacked(path) as raw:
        size, encoding = _weigh(raw, packed=path.stat().st_size)
    if size == 0:
        raise _refused("empty", N_("The file is empty"), N_("Choose a log with a header line and rows"))
    with _unpacked(path) as raw:
        header = next(_rows(raw, encoding), [])
    missing = adapter.missing(header)
    if missing:
        what = N_("Columns are missing: %(columns)s")
        how = N_("Export the log with these columns, or choose the kind of log that this file is")
        raise _refused("missing_columns", what, how, columns=", ".join(missing))
    return LogFile(path, adapter, header, encoding, size)


def read_events(path: Path, adapter: Adapter) -> Iterator[Event]:
    """The events of the log in `path`, all refusals of `open_log` included."""
    return open_log(path, adapter).events()


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        packed = file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
        file.seek(0)
        if not packed:
            yield file
            return
        try:
            with zipfile.ZipFile(file) as archive, archive.open(_only_csv(archive)) as raw:
                yield raw
        except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as broken:
            raise _refused(
                "bad_zip", N_("The zip cannot be unpacked: %(why)s"), N_("Pack the CSV again"), why=str(broken)
            ) from broken


def _only_csv(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one CSV of a zip; what macOS packs beside it (`__MACOSX/._…`) is passed over."""
    found = [
        entry
        for entry in archive.infolist()
        if entry.filename.lower().endswith(".csv")
        and not entry.is_dir()
        and not entry.filename.rsplit("/", 1)[-1].startswith("._")
    ]
    how = N_("Pack exactly one .csv file into the zip")
    if not found:
        raise _refused("no_csv", N_("There is no .csv file in the zip"), how)
    if len(found) > 1:
        names = ", ".join(entry.filename for entry in found[:5])
        raise _refused("several_csv", N_("There are several .csv files in the zip: %(names)s"), how, names=names)
    if found[0].flag_bits & 0x1:
        raise _refused("locked_zip", N_("The zip is locked with a password"), N_("Pack it without a password"))
    return found[0]


def _weigh(raw: IO[bytes], packed: int) -> tuple[int, str]:
    """The unpacked size in bytes and the encoding: UTF-8 where all of it is, else GB18030 where all of it is."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "gb18030")}
    size = 0
    while chunk := raw.read(CHUNK):
        size += len(chunk)
        if size > MOST_BYTES or (size > FREE_BYTES and size > MOST_RATIO * packed):
            what = N_("The file unpacks to more than is taken (%(limit)s MB, or %(ratio)s times its zip)")
            how = N_("Split the log into smaller files")
            raise _refused("too_large", what, how, limit=MOST_BYTES >> 20, ratio=MOST_RATIO)
        _drop_undecodable(decoders, chunk)
    _drop_undecodable(decoders, b"", final=True)
    if not decoders:
        what = N_("The file is neither UTF-8 nor GB18030 text")
        raise _refused("bad_encoding", what, N_("Save it as CSV in UTF-8"))
    return size, next(iter(decoders))


def _drop_undecodable(decoders: dict[str, codecs.IncrementalDecoder], data: bytes, final: bool = False) -> None:
    for name in list(decoders):
        try:
            decoders[name].decode(data, final)
        except UnicodeDecodeError:
            del decoders[name]


def _rows(raw: Any, encoding: str) -> Iterator[Row]:
    # A cell longer than this is a missing quote that swallows the file, not a cell.
    csv.field_size_limit(LONGEST_CELL)
    buffered = raw if not isinstance(raw, io.RawIOBase) else io.BufferedReader(raw, CHUNK)
    reader = csv.reader(io.TextIOWrapper(buffered, encoding=encoding, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as broken:
        what = N_("Line %(line)s is no CSV: %(why)s")
        how = N_("Look for a quotation mark that is not closed there")
        raise _refused("bad_csv", what, how, line=reader.line_num, why=str(broken)) from broken


def _refused(code: str, what: str, how: str, **facts: object) -> Invalid:
    return Invalid(errors=[FieldError(code, "/file", what, how, facts)])
