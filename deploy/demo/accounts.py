"""The demo's accounts and keys: made by its administrator, passwords and keys told this once."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deploy.api_client import Api, ApiRefused, Json
from deploy.demo.people import ADMINISTRATOR, PEOPLE, Person

USERS = "/api/gateway/v1/users"
KEYS = "/api/gateway/v1/keys"
READ = ["contracts:read", "suppliers:read", "sla:read", "security:read", "audit:read"]
WRITE = ["contracts:write", "suppliers:write", "sla:write", "security:write", "sla:intake"]
SCOPES = {"everything": READ + WRITE, "read_only": READ, "intake_only": ["sla:intake"]}


@dataclass
class Accounts:
    """Who has been let in. sessions: each person's, by login. accounts, keys: as var/run.json names them."""

    gateway: str
    sessions: dict[str, Api] = field(default_factory=dict)
    accounts: list[Json] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    def welcome(self, person: Person, link: str, supplier: str | None) -> None:
        """Set a first password by its link and hold the person's session."""
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        session = Api(self.gateway)
        session.set_first_password(link, password)
        self.sessions[person.login] = session
        self.accounts.append({"login": person.login, "password": password, "role": person.role, "supplier": supplier})

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()


def open_staff(gateway: str, administrator_link: str) -> Accounts:
    """The administrator, by the first-password link of that account, and by the administrator all other staff."""
    opened = Accounts(gateway)
    administrator = next(person for person in PEOPLE if person.login == ADMINISTRATOR)
    opened.welcome(administrator, administrator_link, None)
    _open(opened, (person for person in PEOPLE if person.firm is None and person != administrator), {})
    return opened


def open_suppliers_users(opened: Accounts, numbers: Mapping[str, str]) -> None:
    """numbers: of the suppliers, by the demo's keys."""
    _open(opened, (person for person in PEOPLE if person.firm is not None), numbers)


def make_keys(opened: Accounts) -> None:
    administrator = opened.sessions[ADMINISTRATOR]
    for name, scopes in SCOPES.items():
        opened.keys[name] = administrator.ask(KEYS, {"name": f"Demo: {name}", "scopes": scopes})["key"]


def _open(opened: Accounts, people: Iterable[Person], numbers: Mapping[str, str]) -> None:
    for person in people:
        supplier = numbers[person.firm] if person.firm else None
        opened.welcome(person, _link(opened.sessions[ADMINISTRATOR], person, supplier), supplier)


def _link(administrator: Api, person: Person, supplier: str | None) -> str:
    """The link of a new account; of one that an earlier load has made, a new link."""
    body: Json = {"login": person.login, "name": person.name, "roles": [person.role]}
    if supplier:
        body["supplier"] = supplier
    try:
        return str(administrator.ask(USERS, body)["link"])
    except ApiRefused as refused:
        if refused.codes != ["duplicate"]:
            raise
    path = f"{USERS}/{person.login}"
    return str(administrator.act(path, "new-link", administrator.get(path)["version"])["link"])
