"""The database goes away under the whole house while events come in: 503, back by itself, nothing told is lost."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests import databases
from tests.chain import shapes
from tests.chain.program import SLA, SUPPLIERS, Json, Program, evaluated, program
from tests.chain.shapes import of_shape, problem
from tests.chain.story import Chain, in_force
from tests.databases import Server
from tests.factories import supplier_body
from tests.house import House

GONE_SECONDS = 4.0
PER_CALL = 20


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A database server of this module's own, to be stopped under its users."""
    own = Server()
    own.make_template()
    yield own
    own.stop()


@pytest.fixture
def shaken(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(databases.clone(server.admin), tmp_path_factory.mktemp("shaken"))
    yield made
    made.stop()


class Feeder(threading.Thread):
    """Sends one call of events after the other; each is repeated until it is acknowledged."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(daemon=True)
        self.chain = chain
        self.enough = threading.Event()
        self.told: list[Json] = []
        self.batches: list[str] = []
        self.refusals: list[httpx.Response] = []

    def run(self) -> None:
        while not self.enough.is_set():
            call = f"t{len(self.batches)}"
            events = [self.chain.event(f"{call}-{n}", 1, "2016-03-01T09:00:00+08:00", "New") for n in range(PER_CALL)]
            self.batches.append(self._acknowledged(events))
            self.told += events

    def _acknowledged(self, events: list[Json]) -> str:
        while True:
            answer = self.chain.outside.http.post(f"{SLA}/events", json=events)
            if answer.status_code == 200:
                found = answer.json()
                assert (found["accepted"] + found["duplicates"], found["rejected"]) == (PER_CALL, 0)
                return str(found["batch"])
            self.refusals.append(answer)
            time.sleep(0.1)


def until_ready(nobody: Program, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while nobody.http.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_all_that_was_acknowledged_is_there_once_after_the_database_was_gone(shaken: House, server: Server) -> None:
    outside, nobody = program(shaken), Program(shaken.gateway_url, None)
    feeder = Feeder(in_force(outside))
    chain = feeder.chain
    feeder.start()
    time.sleep(1.0)
    server.halt()
    began = time.monotonic()
    try:
        for path in (SUPPLIERS, f"{SLA}/clocks", f"{SLA}/agreements/{chain.agreement['id']}"):
            answer = Program(shaken.gateway_url, outside.key).http.get(path)
            of_shape(answer.json(), problem(503, "unavailable"))
            assert int(answer.headers["retry-after"]) >= 1
        assert nobody.http.get("/readyz").status_code == 503
        assert nobody.http.get("/healthz").status_code == 200
        time.sleep(max(0.0, GONE_SECONDS - (time.monotonic() - began)))
    finally:
        server.resume()  # in the main thread: the server dies with the thread that started it
    until_ready(nobody)
    acknowledged = len(feeder.batches)
    time.sleep(1.0)
    feeder.enough.set()
    feeder.join(30)
    assert not feeder.is_alive()
    assert len(feeder.batches) > acknowledged > 0
    assert {answer.status_code for answer in feeder.refusals} == {503}
    all_there_once(chain, feeder)


def all_there_once(chain: Chain, feeder: Feeder) -> None:
    """Every acknowledged event is stored once and has its clock; nothing else is there."""
    outside = chain.outside
    for batch in feeder.batches:
        evaluated(outside, batch)
    assert outside.get(f"{SLA}/sources/{chain.source}")["events"] == len(feeder.told)
    clocks = outside.lines(f"{SLA}/clocks", source=chain.source)
    assert sorted(cycle["ticket"] for cycle in clocks) == sorted(event["ticket"] for event in feeder.told)
    of_shape(clocks, [shapes.FLAT_CYCLE])
    again = chain.send(feeder.told[:PER_CALL])
    assert (again["accepted"], again["duplicates"]) == (0, PER_CALL)


def test_a_key_asks_again_after_the_time_that_it_was_told(shaken: House, server: Server) -> None:
    """A creation under an Idempotency-Key, refused while the database is gone, is carried out once afterwards."""
    outside, nobody = program(shaken), Program(shaken.gateway_url, None)
    body, key = supplier_body(), {"Idempotency-Key": uuid4().hex}
    server.halt()
    try:
        assert outside.http.post(SUPPLIERS, json=body, headers=key).status_code == 503
    finally:
        server.resume()
    until_ready(nobody)
    assert outside.http.post(SUPPLIERS, json=body, headers=key).status_code == 201
    assert len(outside.get(SUPPLIERS)["items"]) == 1
