"""The database goes away under the whole house while events come in: 503, back by itself, nothing told is lost."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest

from tests import databases
from tests.chain import shapes
from tests.chain.program import CONTRACTS, SLA, SUPPLIERS, Json, Program, evaluated, program
from tests.chain.shapes import of_shape, problem
from tests.chain.story import Chain, in_force
from tests.databases import Server
from tests.factories import supplier_body
from tests.gateway.conftest import Doors
from tests.house import House

pytestmark = pytest.mark.xdist_group("database gone")  # one server for all of it, and nobody else's

GONE_SECONDS = 20.0
PER_CALL = 20
CALLS = 3


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
            self.enough.wait(0.2)

    def has_sent(self, calls: int) -> Callable[[], bool]:
        """Whether so many more calls than now have been acknowledged."""
        wanted = len(self.batches) + calls
        return lambda: len(self.batches) >= wanted


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def is_ready(nobody: Program) -> bool:
    return nobody.http.get("/readyz").status_code == 200


def is_unavailable(answer: httpx.Response) -> None:
    """In the words of the API's page, and with when to ask again."""
    of_shape(answer.json(), problem(503, "unavailable"))
    assert (answer.status_code, int(answer.headers["retry-after"]) >= 1) == (503, True)


async def test_all_that_was_acknowledged_is_there_once_after_the_database_was_gone_for_twenty_seconds(
    shaken: House, server: Server
) -> None:
    outside, nobody = program(shaken), Program(shaken.gateway_url, None)
    feeder = Feeder(in_force(outside))
    chain = feeder.chain
    async with await Doors(shaken).person("service_manager") as person:
        feeder.start()
        until(feeder.has_sent(CALLS))
        server.halt()
        began = time.monotonic()
        try:
            refused_while_gone(outside, nobody, chain)
            page = await person.get("/tickets")
            assert (page.status_code, page.headers["content-type"].split(";")[0]) == (503, "text/html")
            assert int(page.headers["retry-after"]) >= 1
            refused = len(feeder.refusals)
            await asyncio.sleep(max(0.0, GONE_SECONDS - (time.monotonic() - began)))
            refused_while_gone(outside, nobody, chain)
        finally:
            server.resume()  # in the main thread: the server dies with the thread that started it
        until(lambda: is_ready(nobody))
        until(feeder.has_sent(CALLS))
        assert (await person.get("/tickets")).status_code == 200  # still signed in
    feeder.enough.set()
    feeder.join(60)
    assert not feeder.is_alive()
    assert len(feeder.refusals) > refused
    for answer in feeder.refusals:
        is_unavailable(answer)
    all_there_once(chain, feeder)


def refused_while_gone(outside: Program, nobody: Program, chain: Chain) -> None:
    """Every service says so; the gateway lives and is not ready."""
    for path in (SUPPLIERS, CONTRACTS, f"{SLA}/clocks", f"{SLA}/agreements/{chain.agreement['id']}"):
        is_unavailable(outside.http.get(path))
    is_unavailable(outside.http.post(SUPPLIERS, json=supplier_body()))
    assert nobody.http.get("/readyz").status_code == 503
    assert nobody.http.get("/healthz").status_code == 200


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
    assert len(outside.get(SUPPLIERS)["items"]) == 1  # of the chain; what was refused has made none


def test_a_key_asks_again_after_the_time_that_it_was_told(shaken: House, server: Server) -> None:
    """A creation under an Idempotency-Key, refused while the database is gone, is carried out once afterwards."""
    outside, nobody = program(shaken), Program(shaken.gateway_url, None)
    body, key = supplier_body(), {"Idempotency-Key": uuid4().hex}
    server.halt()
    try:
        is_unavailable(outside.http.post(SUPPLIERS, json=body, headers=key))
    finally:
        server.resume()
    until(lambda: is_ready(nobody))
    first = outside.http.post(SUPPLIERS, json=body, headers=key)
    again = outside.http.post(SUPPLIERS, json=body, headers=key)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert len(outside.get(SUPPLIERS)["items"]) == 1
