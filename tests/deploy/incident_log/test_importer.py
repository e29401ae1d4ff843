"""`heyue import-events` against a running house: counted, resumed, repeated, refused."""

import argparse
import json
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.api_client import Api
from deploy.commands import import_events
from deploy.commands.import_events import DONE, INTERRUPTED, LINES_REJECTED, UNREACHABLE, USAGE
from deploy.event_import import Progress, open_journal, push
from gateway.imports import batches
from gateway.imports.incident_log import INCIDENT_LOG
from gateway.imports.log_file import open_log
from tests.deploy.conftest import Outside
from tests.deploy.incident_log.conftest import HEADER, WriteLog, a_log_of
from tests.factories import credit_code
from tests.house import House

Import = Callable[..., int]


@pytest.fixture
def source(outside: Outside) -> str:
    """A new source; its events need no agreement that exists for long: one on a draft will do."""
    code = f"log-{uuid4().hex[:12]}"
    with outside.api() as api:
        api.put(f"/api/sla/v1/sources/{code}", {"name": code, "agreement": an_agreement(api)})
    return code


def an_agreement(api: Api) -> str:
    """The number of an agreement on a draft contract."""
    firm = {
        "legal_name": f"{uuid4().hex}有限公司", "short_name": uuid4().hex[:12], "credit_code": credit_code(),
        "scope": ["ITO"], "region": "CN-31", "contacts": [],
    }  # fmt: skip
    supplier = api.create("/api/suppliers/v1/suppliers", firm)
    contract = api.create(
        "/api/contracts/v1/contracts",
        {
            "title": "Log", "owner": "wang.min", "supplier": supplier["number"], "type": "ITO",
            "value": {"amount": "12.00", "currency": "CNY"}, "from": "2016-01-01", "to": "2016-12-31", "terms": [],
        },
    )  # fmt: skip
    target = {
        "key": "resolution", "name": {"zh": "解决", "en": "Resolution"}, "kind": "clock", "calendar": "cn-24x7",
        "conditions": {
            "start": {"field": "state", "op": "set"}, "stop": {"field": "state", "op": "eq", "value": "Resolved"},
        },
        "goals": [{"seconds": 3600}], "on_goal_change": "retroactive", "on_reopen": "ignore", "count_stopped": False,
        "warn_at": [75], "min_volume": 1, "allocation": "1.00", "tiers": [{"below": "0.9", "rate": "1.00"}],
    }  # fmt: skip
    body = {
        "contract": contract["number"], "title": "Log", "zone": "Asia/Shanghai", "period": "month",
        "from": "2016-01-01", "until": None, "targets": [target],
    }  # fmt: skip
    return str(api.create("/api/sla/v1/agreements", body)["number"])


@pytest.fixture
def run_import(outside: Outside, source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Import:
    """Runs the command as a shell would, with its journal in the test's folder; returns the exit code."""
    monkeypatch.setattr("deploy.event_import.IMPORTS", tmp_path / "imports")

    def run(log: Path, *more: str, key: str = outside.keys["intake_only"], gateway: str = outside.gateway) -> int:
        parser = argparse.ArgumentParser()
        import_events.add_arguments(parser)
        words = ["--gateway", gateway, "--key", key, "--source", source, "--adapter", "incident-log", "--json"]
        return import_events.run(parser.parse_args([*words, *more, str(log)]))

    return run


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    line: dict[str, float] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line.pop("seconds") >= 0
    return line


def test_a_log_is_taken_in_and_a_second_time_changes_nothing(
    run_import: Import, write_log: WriteLog, source: str, outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write_log(a_log_of(50))
    assert run_import(log) == DONE
    assert last_line(capsys) == {"rows": 150, "events": 200, "accepted": 200, "duplicates": 0, "rejected": 0}
    assert run_import(log) == DONE
    assert last_line(capsys) == {"rows": 150, "events": 200, "accepted": 0, "duplicates": 200, "rejected": 0}
    with outside.api() as api:
        assert api.get(f"/api/sla/v1/sources/{source}")["events"] == 200


def test_the_first_events_can_be_taken_alone(
    run_import: Import, write_log: WriteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_import(write_log(a_log_of(50)), "--limit", "10") == DONE
    assert last_line(capsys)["accepted"] == 10


def test_a_run_that_was_cut_off_goes_on_where_it_stood(
    run_import: Import,
    write_log: WriteLog,
    source: str,
    outside: Outside,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was committed is not sent again, and the counts are those of the whole log."""
    monkeypatch.setattr(batches, "MOST_EVENTS", 40)
    path = write_log(a_log_of(50))

    def cut_off(progress: Progress) -> None:
        if progress.accepted >= 80:
            raise KeyboardInterrupt

    with outside.api("intake_only") as api:
        log = open_log(path, INCIDENT_LOG)
        journal = open_journal(log, api, source, None)
        with pytest.raises(KeyboardInterrupt):
            push(log, api, source, journal, tell=cut_off)
    assert run_import(path) == DONE
    told = capsys.readouterr()
    assert "going on from there" in told.err
    counts = json.loads(told.out.splitlines()[-1])
    assert (counts["accepted"], counts["duplicates"]) == (200, 0)


def test_an_interrupted_command_says_so(
    run_import: Import, write_log: WriteLog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_events, "push", interrupted)
    assert run_import(write_log(a_log_of(1))) == INTERRUPTED
    assert "the same command goes on" in capsys.readouterr().err


def test_lines_that_are_rejected_are_named_in_a_file(
    run_import: Import, write_log: WriteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = a_log_of(3).replace("1/3/2016 09:20", "yesterday", 1)
    assert run_import(write_log(broken)) == LINES_REJECTED
    told = capsys.readouterr()
    counts = json.loads(told.out.splitlines()[-1])
    assert (counts["accepted"], counts["rejected"]) == (11, 1)
    path = Path(told.err.strip().rpartition(" in ")[2])
    (line,) = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    assert line["refusal"]["event_id"] == "0000000:2"
    assert line["refusal"]["at"] == "/occurred_at"
    assert json.loads(line["event"])["occurred_at"] == "yesterday"


def test_a_service_that_is_away_for_a_moment_is_waited_for(
    run_import: Import, write_log: WriteLog, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.stop("sla")
    back = threading.Timer(1.5, house.start, ["sla"])
    back.start()
    try:
        assert run_import(write_log(a_log_of(5))) == DONE
    finally:
        back.join()
        house.start("sla")
    assert last_line(capsys)["accepted"] == 20


@pytest.mark.parametrize("key", ["read_only", "none"])
def test_a_key_that_may_not_send_is_refused(
    run_import: Import, write_log: WriteLog, outside: Outside, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    assert run_import(write_log(a_log_of(1)), key=outside.keys.get(key, "hy_no_key")) == USAGE
    assert "refuses the call" in capsys.readouterr().err


def test_a_gateway_that_is_not_there_has_an_exit_code_of_its_own(
    run_import: Import, write_log: WriteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_import(write_log(a_log_of(1)), gateway="http://127.0.0.1:9") == UNREACHABLE
    assert "not reachable" in capsys.readouterr().err


def test_a_file_that_is_no_log_is_refused_before_anything_is_sent(
    run_import: Import, write_log: WriteLog, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_import(write_log(HEADER.replace("priority", "prio"))) == USAGE
    assert "Columns are missing: priority" in capsys.readouterr().err
    assert run_import(Path("/nowhere/log.csv")) == USAGE
