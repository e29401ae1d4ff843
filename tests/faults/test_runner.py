"""The house of `make run` under blows: real processes are killed and stopped, in folders with spaces and Chinese."""

import os
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from deploy import ports
from tests.faults.checkouts import Checkout, is_alive, is_ready, wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.xdist_group("runner"),  # one after the other: the machine may be small
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux: nothing else ends orphans"),
]
PROCESSES = {"supervisor", "postgres", "gateway", "contracts", "suppliers", "sla", "security", "sla-worker"}
AGAIN_SECONDS = 10.0  # to start on data that are there


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = Checkout(tmp_path_factory.mktemp("runner"))
    yield made
    made.remove()


@pytest.fixture
def place(checkout: Checkout) -> Iterator[Checkout]:
    """Where nothing runs; what an earlier test has left in its database is no matter."""
    yield checkout
    checkout.halt()


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Checkout]:
    """Another checkout, with a database of its own."""
    made = Checkout(tmp_path, "旁 边")
    yield made
    made.remove()


def alive(processes: Iterable[int]) -> list[int]:
    return [pid for pid in processes if is_alive(pid)]


def test_killed_processes_come_back_while_the_others_serve(place: Checkout) -> None:
    """A service first, then the database itself; at the end a clean stop."""
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
    wait_until(lambda: is_ready(started["gateway"]))

    running = place.now()["processes"].values()
    place.signal(signal.SIGTERM)
    assert place.exit_code() == 0
    assert not place.is_described()
    assert alive(running) == []


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_finds_its_data(place: Checkout) -> None:
    first = place.start()
    place.signal(signal.SIGKILL)
    place.exit_code()
    wait_until(lambda: alive(first["processes"].values()) == [])

    second = place.start(by_make=True)
    assert second["database"].rpartition("@")[0] == first["database"].rpartition("@")[0]
    assert "migrating" not in place.said()
    refused = place.run()
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "it runs in this folder already" in refused.stderr
    # As a program sends it, to make alone, which does not pass it on: a terminal would send it to both.
    place.signal(signal.SIGINT)
    place.exit_code()
    assert alive(second["processes"].values()) == []
    assert not place.is_described()


def test_two_checkouts_run_side_by_side_and_a_signal_stops_all_of_one_and_nothing_of_the_other(
    place: Checkout, beside: Checkout
) -> None:
    """Free ports are found, and `PORT` fixes the gateway's. A closed terminal's signal stops like Ctrl-C's."""
    one = place.start()
    wanted = ports.free()
    ports.release(wanted)
    other = beside.start(PORT=str(wanted))
    assert other["gateway"].endswith(f":{wanted}")
    assert one["database"] != other["database"]
    addresses = [*one["services"].values(), one["gateway"], *other["services"].values(), other["gateway"]]
    assert len(set(addresses)) == len(addresses)
    assert not set(one["processes"].values()) & set(other["processes"].values())

    place.signal(signal.SIGHUP)
    assert place.exit_code() == 0
    assert alive(one["processes"].values()) == []
    assert not place.is_described()
    assert all(map(is_ready, other["services"].values()))
    assert is_ready(other["gateway"])

    beside.signal(signal.SIGINT)
    assert beside.exit_code() == 0
    assert alive(other["processes"].values()) == []
    assert not beside.is_described()


def test_a_second_start_takes_less_than_ten_seconds(place: Checkout) -> None:
    """Where the machine is busy with other things, ten of the seconds that it had for this."""
    place.start()
    place.signal(signal.SIGTERM)
    assert place.exit_code() == 0
    began = time.monotonic()
    again = place.start()
    took = time.monotonic() - began
    assert is_ready(again["gateway"])
    assert "migrating" not in place.said()
    assert took < AGAIN_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


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
