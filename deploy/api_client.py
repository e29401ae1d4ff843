"""The public API as a program outside the house sees it: one key, JSON, refusals as exceptions, patience.

Blocking on purpose: the commands that use it do one thing after the other.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]

#: Answers that say "not now": the rate limit, and what a gateway gives while a service or the database is away.
NOT_NOW = frozenset({429, 500, 502, 503, 504})
LONGEST_PAUSE = 30.0
#: A connection is kept this long at most between calls; a server that closes it first would fail the next call.
KEEP_SECONDS = 4.0


class NotReachable(Exception):
    """Nobody answers at that address, or not in time."""


@dataclass(eq=False)
class ApiRefused(Exception):
    """The API says no. problem: its problem document (RFC 9457), or what could be made of the answer."""

    status: int
    problem: Json

    def __str__(self) -> str:
        said = [str(self.problem.get("detail") or self.problem.get("title") or "no reason given")]
        for error in self.problem.get("errors", ()):
            said.append(f"{error.get('at', '')}: {error.get('what', '')} {error.get('how', '')}".strip())
        return f"{self.status}: " + "; ".join(said)

    @property
    def codes(self) -> list[str]:
        return [str(error.get("code")) for error in self.problem.get("errors", ())]


class Api:
    """One gateway, as one caller: by a key, or by a session (no key, then `sign_in`). Safe to use from several threads.

    patience: seconds that a call is tried again while the other side says "not now" or loses the connection.
    first_patience: the same before the first answer, when the address may simply be wrong.
    """

    def __init__(
        self, gateway: str, key: str | None = None, patience: float = 60.0, first_patience: float = 3.0
    ) -> None:
        self.gateway = gateway.rstrip("/")
        self.patience = patience
        self.first_patience = first_patience
        self.answered = False
        self._client = httpx.Client(
            base_url=self.gateway,
            headers={"Accept-Language": "en"} | ({"Authorization": f"Bearer {key}"} if key else {}),
            timeout=httpx.Timeout(120.0, connect=5.0),
            limits=httpx.Limits(max_connections=16, keepalive_expiry=KEEP_SECONDS),
            trust_env=False,
        )

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **params: object) -> Json:
        return self._json("GET", path, params=_given(params))

    def find(self, path: str, **params: object) -> Json | None:
        """The record, or None where there is none."""
        try:
            return self.get(path, **params)
        except ApiRefused as refused:
            if refused.status == 404:
                return None
            raise

    def put(self, path: str, body: Json, version: int | None = None) -> Json:
        return self._json("PUT", path, json=body, headers=_if_match(version))

    def create(self, path: str, body: Json) -> Json:
        """POST, under a fresh Idempotency-Key: tried again after a lost answer, it creates nothing twice."""
        return self._json("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    def ask(self, path: str, body: Json) -> Json:
        """POST that changes nothing, or the same however often."""
        return self._json("POST", path, json=body)

    def act(self, record_path: str, action: str, version: int | None, body: Json | None = None) -> Json:
        """`POST …/<action>` on the version seen. Refuses ApiRefused (409 with `allowed`, 412)."""
        return self._json("POST", f"{record_path}/{action}", json=body or {}, headers=_if_match(version))

    def patch(self, path: str, body: Json, version: int) -> Json:
        return self._json("PATCH", path, json=body, headers=_if_match(version))

    def sign_in(self, login: str, password: str) -> None:
        """Hold a person's session from here on. Refuses ApiRefused."""
        self._form("/login", {"login": login, "password": password})

    def set_first_password(self, link: str, password: str) -> None:
        """Use the link of a new account; its session is held from here on. Refuses ApiRefused."""
        self._form(link, {"password": password})

    def send_events(self, gzipped: bytes) -> Json:
        """One body of events, NDJSON under gzip; the answer comes after the commit."""
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        return self._json("POST", "/api/sla/v1/events", content=gzipped, headers=headers)

    def items(self, path: str, **params: object) -> Iterator[Json]:
        """The whole list, one item at a time."""
        headers = {"Accept": "application/x-ndjson"}
        with self._client.stream("GET", path, params=_given(params), headers=headers) as answer:
            if answer.is_error:
                answer.read()
                raise _refusal(answer)
            for line in answer.iter_lines():
                if line.strip():
                    yield json.loads(line)

    def _json(self, method: str, path: str, **request: Any) -> Json:
        answer = self._patiently(method, path, request)
        if answer.is_error:
            raise _refusal(answer)
        return dict(answer.json()) if answer.content else {}

    def _form(self, path: str, fields: Mapping[str, str]) -> None:
        answer = self._patiently("POST", path, {"data": fields})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise ApiRefused(answer.status_code, {"title": f"{path.rpartition('/')[0] or path} does not let in"})

    def _patiently(self, method: str, path: str, request: Mapping[str, Any]) -> httpx.Response:
        began = time.monotonic()
        pause = 0.25
        while True:
            asked = pause
            try:
                answer = self._client.request(method, path, **request)
            except (httpx.TransportError, httpx.InvalidURL) as lost:
                reason = str(lost) or type(lost).__name__
            else:
                self.answered = True
                if answer.status_code not in NOT_NOW:
                    return answer
                reason = str(_refusal(answer))
                asked = max(pause, _retry_after(answer))
            left = (self.patience if self.answered else self.first_patience) - (time.monotonic() - began)
            if left <= 0:
                raise NotReachable(f"{self.gateway}: {reason}")
            time.sleep(min(asked, left, LONGEST_PAUSE))
            pause = min(pause * 2, 5.0)


def _retry_after(answer: httpx.Response) -> float:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 0.0


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def _given(params: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items() if value is not None}


def _refusal(answer: httpx.Response) -> ApiRefused:
    try:
        problem = answer.json()
    except ValueError:
        problem = {"title": answer.text[:200] or answer.reason_phrase}
    return ApiRefused(answer.status_code, problem if isinstance(problem, dict) else {"title": str(problem)})
