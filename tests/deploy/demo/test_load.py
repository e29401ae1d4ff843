"""The demo told to a running house: what a person finds in it, and that a load may be repeated."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.api_client import Api, Json
from deploy.demo.accounts import Accounts
from deploy.demo.load import load
from deploy.demo.people import PEOPLE
from deploy.demo.stories import NAMES
from tests.chain.program import eventually
from tests.databases import Clone
from tests.deploy.conftest import administrators_link
from tests.house import House


@pytest.fixture
def own_house(committed_db: Clone, tmp_path: Path) -> Iterator[House]:
    """A house with nothing in it."""
    house = House(committed_db, tmp_path)
    yield house
    house.stop()


def counts(api: Api) -> Json:
    """How much of everything there is."""
    paths = {
        "suppliers": "/api/suppliers/v1/suppliers",
        "contracts": "/api/contracts/v1/contracts",
        "agreements": "/api/sla/v1/agreements",
        "clocks": "/api/sla/v1/clocks",
        "breaches": "/api/sla/v1/breaches",
    }
    return {name: Counter(str(each["state"]) for each in api.items(path)) for name, path in paths.items()}


def test_the_demo_holds_every_case_and_a_second_load_changes_nothing(own_house: House) -> None:
    """One test, since a load takes its time; the second is what follows a load that was cut off."""
    now = datetime.now(UTC).replace(microsecond=0)
    opened: list[Accounts] = []
    gateway = own_house.gateway_url
    load(gateway, administrators_link(own_house, "chen.wei"), now, opened.append)
    assert [account["role"] for account in opened[0].accounts].count("supplier_user") == 2
    assert len(opened[0].accounts) == len(PEOPLE)
    with Api(gateway, opened[0].keys["everything"]) as api:
        found = counts(api)
        look_at_registers(found)
        look_at_clocks(api, found)
        look_at_breaches(api)
        look_at_periods(api)
        load(gateway, administrators_link(own_house, "chen.wei"), now, opened.append)
        again = counts(api)
    settled = ("suppliers", "contracts", "agreements")
    assert {name: again[name] for name in settled} == {name: found[name] for name in settled}
    assert again["clocks"].total() == found["clocks"].total()


def look_at_registers(found: Json) -> None:
    assert found["suppliers"] == {"approved": 5, "suspended": 1, "screened": 1, "candidate": 1}
    assert found["contracts"] == {"active": 12, "ended": 4, "draft": 4}
    assert found["agreements"] == {"in_force": 6, "ended": 1, "draft": 1}


def look_at_clocks(api: Api, found: Json) -> None:
    expected = {"running", "paused", "met", "breached", "cancelled", "reset", "not_rated", "withdrawn"}
    assert expected <= set(found["clocks"])
    ticket = api.get("/api/sla/v1/tickets/servicedesk/INC0018842", include="events,ledger")
    assert sum(event.get("corrects") is not None for event in ticket["events"]) == 1
    (resolution,) = [clock for clock in ticket["clocks"] if clock["target"] == "resolution"]
    sums = resolution["cycles"][0]["ledger"]["sums"]
    assert sums["working"] == 18 * 3600 + 45 * 60
    assert sums["paused"] > 0
    assert sums["stopped"] > 0


def look_at_breaches(api: Api) -> None:
    breaches = {breach["ticket"]: breach for breach in api.items("/api/sla/v1/breaches", target="resolution")}
    assert breaches[NAMES.excluded]["state"] == "excluded"
    assert breaches[NAMES.refused]["state"] == "standing"
    assert breaches[NAMES.asked]["exclusion"]["asked_by"] == "zhou.qi"
    assert breaches["INC0018731"]["state"] == "withdrawn"


def look_at_periods(api: Api) -> None:
    """The month with the late fact is flagged a moment after its clocks are computed."""
    eventually(lambda: sum(record["restatable"] for record in closed_periods(api)), 1)
    assert sum(len(record["credits"]) for record in closed_periods(api)) >= 5


def closed_periods(api: Api) -> list[Json]:
    found = []
    for agreement in api.items("/api/sla/v1/agreements"):
        path = f"/api/sla/v1/agreements/{agreement['id']}/periods"
        closed = [period for period in api.items(path) if period["state"] == "closed"]
        found += [api.get(f"{path}/{period['period']}") for period in closed]
    return found
