"""A Postgres address in the three spellings that are needed: libpq's, SQLAlchemy's, and with another user in it."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")


class NotADatabaseUrl(ValueError):
    """The text is no address of a Postgres database."""


@dataclass(frozen=True)
class DatabaseUrl:
    """host may be empty when `host=/folder` is among the options (a unix socket)."""

    user: str
    password: str
    host: str
    port: int
    database: str
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "DatabaseUrl":
        """Refuses NotADatabaseUrl for another scheme, a missing database or a port that is no number."""
        try:
            parts = urlsplit(text)
            port = parts.port or 5432
        except ValueError as problem:
            raise NotADatabaseUrl(str(problem)) from problem
        options = tuple(parse_qsl(parts.query))
        database = unquote(parts.path.lstrip("/"))
        if parts.scheme not in SCHEMES or not database or not (parts.hostname or dict(options).get("host")):
            raise NotADatabaseUrl("scheme, host or database is missing")
        return cls(
            unquote(parts.username or ""), unquote(parts.password or ""), parts.hostname or "", port, database, options
        )

    def signed_in_as(self, user: str, password: str) -> "DatabaseUrl":
        return replace(self, user=user, password=password)

    def on(self, database: str) -> "DatabaseUrl":
        return replace(self, database=database)

    def libpq(self) -> str:
        """`postgresql://…`, as psql, asyncpg and other programs read it."""
        return self._text("postgresql", self.options)

    def sqlalchemy(self) -> str:
        """`postgresql+asyncpg://…`; libpq's `sslmode` is called `ssl` there."""
        options = tuple(("ssl" if name == "sslmode" else name, value) for name, value in self.options)
        return self._text("postgresql+asyncpg", options)

    def _text(self, scheme: str, options: tuple[tuple[str, str], ...]) -> str:
        user = quote(self.user, safe="")
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        sign_in = f"{user}{secret}@" if user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = f"{host}:{self.port}" if host else ""
        query = f"?{urlencode(options)}" if options else ""
        return f"{scheme}://{sign_in}{place}/{quote(self.database, safe='')}{query}"
