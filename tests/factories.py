"""Valid records by the dozen: a test names only what matters to it."""

import itertools
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from services.suppliers.supplier.rules import CODE_ALPHABET, check_digit
from tests.house import House

_count = itertools.count(1)
_run = "".join(secrets.choice("ABCDEFGH") for _ in range(3))


def credit_code() -> str:
    """A new code whose check digit fits. Made of the registration authority, the region, and chance."""
    chance = "".join(secrets.choice(CODE_ALPHABET[:10]) for _ in range(9))
    first = f"91310000{chance}"
    return first + check_digit(first)


def supplier_body(**given: Any) -> dict[str, Any]:
    """What registers a supplier; its name is like no other."""
    unlike = secrets.token_hex(6)
    return {
        "legal_name": f"{unlike}有限公司",
        "short_name": f"供应商{next(_count)}{_run}",
        "credit_code": credit_code(),
        "scope": ["ITO"],
        "region": "CN-31",
        "contacts": [{"name": "李雷", "email": "li.lei@example.com", "phone": "+86 21 5555 0000", "role": "商务"}],
    } | given


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The answer's JSON, once its status is as expected."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


def seen(record: Mapping[str, Any]) -> dict[str, str]:
    """The header that says which version is changed."""
    return {"If-Match": f'"{record["version"]}"'}


WAYS: dict[str, tuple[str, ...]] = {
    "candidate": (),
    "screened": ("screen",),
    "approved": ("screen", "approve"),
    "suspended": ("screen", "approve", "suspend"),
    "blacklisted": ("blacklist",),
    "retired": ("retire",),
}


def contract_body(firm: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    """What drafts a contract from 2026 on with one term; its end is so far away that no test comes near it."""
    return {
        "title": f"服务台外包 {secrets.token_hex(4)}",
        "supplier": firm["number"],
        "type": "ITO",
        "value": {"amount": "1200000.00", "currency": "CNY"},
        "from": "2026-01-01",
        "to": "2037-12-31",
        "terms": [
            {
                "from": "2026-01-01",
                "monthly_charge": {"amount": "100000.00", "currency": "CNY"},
                "at_risk_share": "0.10",
            }
        ],
    } | given


class Make:
    """Records made over HTTP, as a person with the right role would."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def supplier(self, state: str = "candidate", **given: Any) -> dict[str, Any]:
        """A registered supplier, led to `state` (candidate, screened, approved, suspended)."""
        async with self.house.client("suppliers", "procurement_manager") as manager:
            record = ok(await manager.post("/api/suppliers/v1/suppliers", json=supplier_body(**given)), 201)
            for action in WAYS[state]:
                record = ok(await act(manager, "suppliers", "suppliers", record, action, reason="按制度评审"))
        return record

    async def contract(
        self, state: str = "draft", supplier: Mapping[str, Any] | None = None, **given: Any
    ) -> dict[str, Any]:
        """A contract, led to `state` (draft, active, ended); with an approved supplier where none is given."""
        self.house.start("suppliers", "contracts")
        supplier = supplier or await self.supplier("approved")
        async with self.house.client("contracts", "procurement_officer") as officer:
            record = ok(await officer.post("/api/contracts/v1/contracts", json=contract_body(supplier, **given)), 201)
            for action in {"draft": (), "active": ("activate",), "ended": ("activate", "end")}[state]:
                record = ok(await act(officer, "contracts", "contracts", record, action))
        return record

    def agreement_body(self, contract: Mapping[str, Any], **given: Any) -> dict[str, Any]:
        """What drafts an agreement with one resolution target on office hours."""
        return {
            "contract": contract["number"],
            "title": f"服务级别 {secrets.token_hex(3)}",
            "zone": "Asia/Shanghai",
            "period": "month",
            "from": "2026-01-01",
            "until": None,
            "targets": [resolution()],
        } | given

    async def agreement(self, contract: Mapping[str, Any], *, in_force: bool = False, **given: Any) -> dict[str, Any]:
        """A draft under the contract; put in force where that is asked, and the contract is active."""
        self.house.start("suppliers", "contracts", "sla")
        async with self.house.client("sla", "service_manager") as manager:
            body = self.agreement_body(contract, **given)
            record = ok(await manager.post("/api/sla/v1/agreements", json=body), 201)
            if in_force:
                record = ok(await act(manager, "sla", "agreements", record, "put-in-force"))
        return record


def resolution(**given: Any) -> dict[str, Any]:
    """A target: resolved within a day of office hours, waiting does not count."""
    return {
        "key": "resolution",
        "name": {"zh": "解决时限", "en": "Resolution"},
        "kind": "clock",
        "calendar": "cn-office",
        "conditions": {
            "start": {"field": "state", "op": "set"},
            "stop": {"field": "state", "op": "in", "value": ["Resolved", "Closed"]},
            "pause": {"field": "state", "op": "in", "value": ["Waiting"]},
        },
        "goals": [{"seconds": 32400}],
        "on_reopen": "continue",
        "warn_at": [75],
        "min_volume": 1,
        "allocation": "0.50",
        "tiers": [{"below": "0.95", "rate": "0.40"}],
    } | given


async def act(
    client: httpx.AsyncClient, service: str, collection: str, record: Mapping[str, Any], action: str, **body: Any
) -> httpx.Response:
    """Ask for an action on the version that was read."""
    return await client.post(f"/api/{service}/v1/{collection}/{record['id']}/{action}", json=body, headers=seen(record))
