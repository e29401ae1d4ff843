"""What programs outside the house need: a key with every scope, made by an administrator as people make them."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from deploy.api_client import Api
from deploy.demo.accounts import KEYS, SCOPES
from gateway.accounts import service
from gateway.accounts.schemas import UserIn
from services.kernel.identity import Role, system
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
    """The link by which a new administrator sets the first password."""
    links: list[str] = []

    async def add() -> None:
        database = house.service_database("gateway")
        given = UserIn(login=login, name=login, roles=[Role.ADMINISTRATOR])
        record = await service.add_user(database, system("tests"), given, service.Supplier(None), datetime.now(UTC))
        links.append(record["link"])
        await database.dispose()

    in_own_loop(add)
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
