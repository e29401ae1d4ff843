"""What an operator may set, read once at the start. A wrong value stops the start with one line."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import checkout
from deploy.database_url import DatabaseUrl, NotADatabaseUrl

LEVELS = ("debug", "info", "warning", "error")
MOST_WORKERS = 16

# Name, what it may be, what holds when it is unset. The text of `heyue run --help`.
SETTINGS = (
    ("DATABASE_URL", "postgresql://user:password@host:5432/database", "unset: the embedded Postgres"),
    ("PORT", "a number from 1 to 65535", "8080, or the next that is free"),
    ("HEYUE_HOST", "an IP address to listen on, or localhost", "127.0.0.1"),
    ("HEYUE_DEMO", "0 or 1", "1 with the embedded Postgres, else 0"),
    ("HEYUE_WORKERS", f"a number of sla workers from 1 to {MOST_WORKERS}", "1"),
    ("HEYUE_LOG_LEVEL", ", ".join(LEVELS[:-1]) + f" or {LEVELS[-1]}", "info"),
    ("HEYUE_SECRETS", "a file with the passwords of the database roles, made when missing", "var/secrets.json"),
    ("HEYUE_SESSION_HOURS", "a number from 1 to 720", "12"),
    ("HEYUE_SECURE_COOKIES", "0 or 1; 1 behind a proxy that speaks https", "0"),
    ("HEYUE_POOL_SIZE", "connections of a process to the database, from 2 to 100", "10"),
)
MAY_BE = {name: text for name, text, _ in SETTINGS}


class WrongSetting(Exception):
    """One variable cannot be used; the text names it and what it may be."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"{name} is {value!r}; it may be {MAY_BE[name]}")


@dataclass(frozen=True)
class Environment:
    """database: None for the embedded Postgres. port: None for the first that is free from 8080 upwards."""

    database: DatabaseUrl | None
    port: int | None
    host: str
    demo: bool
    workers: int
    log_level: str
    secrets: Path

    @property
    def is_embedded(self) -> bool:
        return self.database is None


def read(variables: Mapping[str, str]) -> Environment:
    """Refuses WrongSetting. An empty variable counts as unset."""
    given = {name: value.strip() for name, value in variables.items() if value.strip()}
    _number(given, "HEYUE_SESSION_HOURS", 1, 720)
    _number(given, "HEYUE_POOL_SIZE", 2, 100)
    _switch(given, "HEYUE_SECURE_COOKIES")
    database = _database(given)
    demo = _switch(given, "HEYUE_DEMO")
    level = given.get("HEYUE_LOG_LEVEL", "info").lower()
    if level not in LEVELS:
        raise WrongSetting("HEYUE_LOG_LEVEL", level)
    return Environment(
        database=database,
        port=_number(given, "PORT", 1, 65535),
        host=_host(given),
        demo=database is None if demo is None else demo,
        workers=_number(given, "HEYUE_WORKERS", 1, MOST_WORKERS) or 1,
        log_level=level,
        secrets=Path(given.get("HEYUE_SECRETS", checkout.SECRETS_FILE)).absolute(),
    )


def unknown(variables: Mapping[str, str]) -> list[str]:
    """Variables that look like ours and are none: most often a typing error."""
    return sorted(name for name in variables if name.startswith("HEYUE_") and name not in MAY_BE)


def _number(given: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise WrongSetting(name, value)
    return int(value)


def _switch(given: Mapping[str, str], name: str) -> bool | None:
    value = given.get(name)
    if value not in (None, "0", "1"):
        raise WrongSetting(name, value)
    return None if value is None else value == "1"


def _host(given: Mapping[str, str]) -> str:
    host = given.get("HEYUE_HOST", "127.0.0.1")
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        raise WrongSetting("HEYUE_HOST", host) from None


def _database(given: Mapping[str, str]) -> DatabaseUrl | None:
    text = given.get("DATABASE_URL")
    if text is None:
        return None
    try:
        return DatabaseUrl.parse(text)
    except NotADatabaseUrl:
        raise WrongSetting("DATABASE_URL", _without_password(text)) from None


def _without_password(text: str) -> str:
    """What may be shown on a terminal and in a log."""
    head, at, tail = text.rpartition("@")
    scheme, colon, rest = head.partition("://")
    user = rest.split(":", 1)[0]
    return f"{scheme}{colon}{user}:***{at}{tail}" if at and colon else text
