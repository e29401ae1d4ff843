"""What is read as a log, and what is refused before its first event."""

import codecs
import zipfile
from pathlib import Path

import pytest

from gateway.imports import log_file
from gateway.imports.incident_log import INCIDENT_LOG
from gateway.imports.log_file import open_log, read_events
from services.kernel.refusals import Invalid
from tests.deploy.incident_log.conftest import HEADER, LOG, WriteLog

CHINESE = LOG.replace(",55,", ",网络故障,")


def refusal_of(path: Path) -> tuple[str, dict[str, object]]:
    with pytest.raises(Invalid) as refused:
        list(read_events(path, INCIDENT_LOG))
    (error,) = refused.value.errors
    assert error.at == "/file"
    assert error.what % dict(error.facts)
    return error.code, dict(error.facts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_utf8_with_and_without_its_mark_and_gb18030_read_the_same(write_log: WriteLog, encoding: str) -> None:
    events = list(read_events(write_log(CHINESE, encoding=encoding, name=f"{encoding}.csv"), INCIDENT_LOG))
    assert events[1]["attributes"]["category"] == "网络故障"
    assert events[0]["ticket"] == "0000045"


def test_a_zip_with_one_csv_reads_as_the_csv_does(write_log: WriteLog, write_zip: WriteLog) -> None:
    packed = write_zip({"folder/log.csv": LOG, "readme.txt": "x", "__MACOSX/folder/._log.csv": b"\x00\x05"})
    assert list(read_events(packed, INCIDENT_LOG)) == list(read_events(write_log(), INCIDENT_LOG))


def test_a_file_is_what_its_bytes_say_and_not_its_name(write_log: WriteLog, write_zip: WriteLog) -> None:
    assert len(list(read_events(write_zip({"a.csv": LOG}, name="log.csv"), INCIDENT_LOG))) == 6
    assert len(list(read_events(write_log(name="log.txt"), INCIDENT_LOG))) == 6


def test_the_log_knows_how_far_it_has_been_read(write_log: WriteLog) -> None:
    log = open_log(write_log(), INCIDENT_LOG)
    assert log.size == len(LOG)
    list(log.events())
    assert (log.rows_read, log.bytes_read) == (4, log.size)


def test_an_empty_file_is_refused(write_log: WriteLog) -> None:
    assert refusal_of(write_log("")) == ("empty", {})


def test_missing_columns_are_named(write_log: WriteLog) -> None:
    without = "\n".join((HEADER.replace("priority", "prio").replace("opened_at", "opened"), "a,b"))
    assert refusal_of(write_log(without)) == ("missing_columns", {"columns": "opened_at, priority"})


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([0xFF, 0xFE, 0x00, 0x81]) * 50)
    assert refusal_of(path)[0] == "bad_encoding"


def test_a_quotation_mark_that_never_closes_is_refused_with_its_line(write_log: WriteLog) -> None:
    code, facts = refusal_of(write_log(f'{HEADER}\nINC1,"New,1/3/2016 09:00\n'))
    assert (code, facts["line"]) == ("bad_csv", 2)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"a.csv": LOG, "b.CSV": LOG}, "several_csv"),
        ({"readme.txt": "nothing here"}, "no_csv"),
        ({}, "no_csv"),
    ],
)
def test_a_zip_must_hold_exactly_one_csv(write_zip: WriteLog, members: dict[str, str], code: str) -> None:
    assert refusal_of(write_zip(members))[0] == code


def test_a_zip_bomb_is_refused_before_it_has_unpacked(write_zip: WriteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading stops at the first chunk beyond the limit: the decoders never see the rest."""
    seen: list[int] = []
    decode = log_file._drop_undecodable

    def counted(decoders: dict[str, codecs.IncrementalDecoder], data: bytes, final: bool = False) -> None:
        seen.append(len(data))
        decode(decoders, data, final)

    monkeypatch.setattr(log_file, "_drop_undecodable", counted)
    bomb = write_zip({"log.csv": HEADER + "\n" + "0" * (64 << 20)})
    assert refusal_of(bomb)[0] == "too_large"
    assert sum(seen) <= log_file.FREE_BYTES


def test_a_large_honest_file_is_no_bomb(write_log: WriteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "FREE_BYTES", 10)
    assert len(list(read_events(write_log(), INCIDENT_LOG))) == 6


def test_a_file_over_the_size_limit_is_refused(write_log: WriteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MOST_BYTES", len(LOG) - 1)
    assert refusal_of(write_log())[0] == "too_large"


def test_a_broken_zip_is_refused(write_zip: WriteLog) -> None:
    path = write_zip({"log.csv": LOG * 50})
    data = bytearray(path.read_bytes())
    data[60:80] = bytes(20)
    path.write_bytes(data)
    assert refusal_of(path)[0] == "bad_zip"
    path.write_bytes(bytes(data[:100]))
    assert refusal_of(path)[0] == "bad_zip"


def test_a_zip_with_a_password_is_refused(write_zip: WriteLog) -> None:
    """The flag alone is set here: the standard library cannot lock a zip, only read the flag."""
    path = write_zip({"log.csv": LOG})
    with zipfile.ZipFile(path) as archive:
        offset = archive.start_dir
    data = bytearray(path.read_bytes())
    data[offset + 8] |= 1
    data[6] |= 1
    path.write_bytes(data)
    assert refusal_of(path)[0] == "locked_zip"
