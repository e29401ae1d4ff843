"""The house of `make run` under blows: real processes are killed."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.checkouts import Checkout, is_alive, is_ready, wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.xdist_group("runner"),  # one house at a time: the machine may be small
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux: nothing else ends orphans"),
]
PROCESSES = {"supervisor", "postgres", "gateway", "contracts", "suppliers", "sla", "security", "sla-worker"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path)
    yield made
    made.remove()


def test_killed_processes_come_back_while_the_others_serve(place: Checkout) -> None:
    """A service first, then the database itself; at the end a clean stop, which is over when its command is."""
    started = place.start()
    assert set(started["processes"]) == PROCESSES
    assert stat.S_IMODE((place.root / "var/run.json").stat().st_mode) == 0o600

    killed = started["processes"]["suppliers"]
    os.kill(killed, signal.SIGKILL)
    assert is_ready(started["services"]["contracts"])
    wait_until(lambda: place.now()["processes"].get("suppliers", killed) != killed)
    wait_until(lambda: is_ready(started["services"]["suppliers"]))
    assert "suppliers ended (signal SIGKILL) and is started again" in place.said()
    others = PROCESSES - {"suppliers"}
    assert {name: place.now()["processes"][name] for name in others} == {
        name: started["processes"][name] for name in others
    }

    os.kill(started["processes"]["postgres"], signal.SIGKILL)
    wait_until(lambda: place.now()["processes"].get("postgres") not in (None, started["processes"]["postgres"]))
    wait_until(lambda: is_ready(started["gateway"]), 30)

    running = place.now()["processes"]
    place.stop_by_make()
    assert not [name for name, pid in running.items() if name != "supervisor" and is_alive(pid)]
    assert place.exit_code() == 0
    assert not place.is_described()


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_finds_its_data(place: Checkout) -> None:
    first = place.start()
    place.signal(signal.SIGKILL)
    place.exit_code()
    wait_until(lambda: not [pid for pid in first["processes"].values() if is_alive(pid)])

    second = place.start(by_make=True)
    assert second["database"].rpartition("@")[0] == first["database"].rpartition("@")[0]
    assert "migrating" not in place.said()
    refused = place.run()
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "it runs in this folder already" in refused.stderr
    # As a program sends it, to make alone, which does not pass it on: a terminal would send it to both.
    place.signal(signal.SIGINT)
    place.exit_code()
    assert not [pid for pid in second["processes"].values() if is_alive(pid)]
    assert not place.is_described()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "http", "PORT is 'http'; it may be a number from 1 to 65535"),
        ("DATABASE_URL", "sqlite:///x", "DATABASE_URL is 'sqlite:///x'; it may be postgresql://"),
        ("HEYUE_LOG_LEVEL", "loud", "HEYUE_LOG_LEVEL is 'loud'; it may be debug, info, warning or error"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(place: Checkout, name: str, value: str, says: str) -> None:
    answer = place.run(**{name: value})
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith(f"heyue: {says}")
    assert not place.is_described()


def test_a_server_that_does_not_answer_is_told_in_one_line(place: Checkout) -> None:
    answer = place.run(DATABASE_URL="postgresql://heyue:secret@127.0.0.1:1/heyue")
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "secret" not in answer.stderr
