"""What programs outside the house need: a key with every scope, made by an administrator as people make them."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from deploy.accounts import link_for
from deploy.api_client import Api
from deploy.demo.accounts import KEYS, SCOPES
from tests.databases import in_own_loop
from tests.house import House


@dataclass(frozen=True)
class Outside:
    """Where the house is, and a key of each kind."""

    gateway: str
    keys: dict[str, str]

    def api(self, key: str = "everything") -> Api:
        return Api(self.gateway, self.keys[key])


def administrators_link(house: House, login: str) -> str:
    """The link by which a new administrator sets the first password, or one that is known sets another."""
    links: list[str] = []

    async def make() -> None:
        database = house.service_database("gateway")
        links.append(await link_for(database, login, login, ["administrator"], datetime.now(UTC)))
        await database.dispose()

    in_own_loop(make)
    return links[0]


@pytest.fixture(scope="session")
def outside(house: House) -> Outside:
    """The whole house, and keys to it."""
    gateway = house.gateway_url
    with Api(gateway) as administrator:
        administrator.set_first_password(administrators_link(house, "keys.maker"), "a sentence is a good one")
        keys = {
            name: str(administrator.ask(KEYS, {"name": name, "scopes": scopes})["key"])
            for name, scopes in SCOPES.items()
        }
    return Outside(gateway, keys)
