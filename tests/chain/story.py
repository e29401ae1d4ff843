"""The chain of the API's page, worked by hand: one supplier, one contract, one agreement, March 2016, and today.

Office hours are 09:00 to 18:00 in Shanghai, the goal 40 hours of them; a ticket of priority 1 has four hours around
the clock. Nine tickets are resolved in an hour; BROKEN takes 50.5 hours, and EXCUSED as long, but it is excluded.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from tests.chain.program import CONTRACTS, SLA, SUPPLIERS, Json, Program, evaluated, match, ok, wait_for
from tests.factories import supplier_body

BROKEN, EXCUSED, URGENT = "0000045", "INC 0/46", "urgent-1"
OPENED, WAITS, GOES_ON = "2016-03-01T10:00:00+08:00", "2016-03-02T09:30:00+08:00", "2016-03-03T11:00:00+08:00"
RESOLVED = "2016-03-09T17:00:00+08:00"
TERM = {
    "from": "2016-02-01", "monthly_charge": {"amount": "100000.00", "currency": "CNY"}, "at_risk_share": "0.10",
}  # fmt: skip


def contract_body(supplier: str, **given: Any) -> Json:
    return {
        "title": f"IT service desk {token_hex(3)}", "owner": "wang.min", "supplier": supplier, "type": "ITO",
        "value": {"amount": "1300000.00", "currency": "CNY"}, "from": "2016-02-01", "to": "2017-02-28", "terms": [TERM],
    } | given  # fmt: skip


def target(**given: Any) -> Json:
    return {
        "key": "resolution", "name": {"zh": "解决时限", "en": "Resolution"}, "kind": "clock", "calendar": "cn-office",
        "conditions": {
            "start": {"field": "state", "op": "set"},
            "stop": {"field": "state", "op": "in", "value": ["Resolved", "Closed"]},
            "pause": {"field": "state", "op": "in", "value": ["Awaiting User Info", "Awaiting Vendor"]},
        },
        "goals": [
            {"when": {"field": "priority", "op": "eq", "value": "1"}, "seconds": 14400, "calendar": "cn-24x7"},
            {"seconds": 144000},
        ],
        "on_goal_change": "retroactive", "on_reopen": "continue", "count_stopped": False, "warn_at": [75, 90],
        "min_volume": 10, "allocation": "0.50",
        "tiers": [{"below": "0.95", "rate": "0.40"}, {"below": "0.90", "rate": "1.00"}],
    } | given  # fmt: skip


def agreement_body(contract: str, **given: Any) -> Json:
    return {
        "contract": contract, "title": "IT service desk", "zone": "Asia/Shanghai", "period": "month",
        "from": "2016-02-01", "until": None, "targets": [target()],
    } | given  # fmt: skip


def approved_supplier(outside: Program, **given: Any) -> Json:
    supplier = outside.create(SUPPLIERS, supplier_body(**given))
    for action in ("screen", "approve"):
        supplier = outside.act(
            f"{SUPPLIERS}/{supplier['number']}", action, supplier["version"], {"reason": "looked at"}
        )
    return supplier


@dataclass
class Chain:
    """The records as they were answered. `batch` and `urgent` are the intake's answers."""

    outside: Program
    supplier: Json = field(default_factory=dict)
    contract: Json = field(default_factory=dict)
    draft: Json = field(default_factory=dict)
    agreement: Json = field(default_factory=dict)
    source: str = ""
    batch: Json = field(default_factory=dict)
    urgent: Json = field(default_factory=dict)

    @property
    def periods(self) -> str:
        return f"{SLA}/agreements/{self.agreement['number']}/periods"

    def event(self, ticket: str, place: int, at: str | datetime, state: str, **more: Any) -> Json:
        return {
            "source": self.source, "ticket": ticket, "event_id": f"{ticket}-{place}", "type": "updated",
            "occurred_at": at if isinstance(at, str) else at.isoformat(), "sequence": place,
            "attributes": {"state": state, "priority": "3"}, "actor": "642",
        } | more  # fmt: skip

    def long_ticket(self, ticket: str) -> list[Json]:
        told = [(OPENED, "New"), (WAITS, "Awaiting User Info"), (GOES_ON, "Active"), (RESOLVED, "Resolved")]
        return [self.event(ticket, place, at, state) for place, (at, state) in enumerate(told, 1)]

    def short_ticket(self, ticket: str) -> list[Json]:
        told = [("2016-03-10T09:00:00+08:00", "New"), ("2016-03-10T10:00:00+08:00", "Resolved")]
        return [self.event(ticket, place, at, state) for place, (at, state) in enumerate(told, 1)]

    def send(self, events: list[Json], seconds: float = 60) -> Json:
        answer = ok(self.outside.http.post(f"{SLA}/events", json=events))
        evaluated(self.outside, answer["batch"])
        return answer

    def breach(self, ticket: str) -> Json:
        [found] = [b for b in self.outside.pages(f"{SLA}/breaches", agreement=self.agreement["id"])
                   if b["ticket"] == ticket]  # fmt: skip
        return self.outside.get(f"{SLA}/breaches/{found['id']}")


def in_force(outside: Program, **given: Any) -> Chain:
    """A chain up to its source; the agreement has come into force with the contract. given: fields of the agreement."""
    chain = Chain(outside)
    chain.supplier = approved_supplier(outside)
    chain.contract = outside.create(CONTRACTS, contract_body(chain.supplier["number"]))
    chain.draft = outside.create(f"{SLA}/agreements", agreement_body(chain.contract["number"], **given))
    chain.source = f"desk-{token_hex(4)}"
    body = {"name": "Service desk", "agreement": chain.draft["number"], "silent_after_seconds": 86400}
    ok(outside.http.put(f"{SLA}/sources/{chain.source}", json=body), 201)
    chain.contract = outside.act(f"{CONTRACTS}/{chain.contract['id']}", "activate", chain.contract["version"])
    chain.agreement = wait_for(outside, f"{SLA}/agreements/{chain.draft['id']}", "state", "in_force")
    return chain


def lived_through(outside: Program, second: Program, now: datetime) -> Chain:
    """The chain up to the closed month. second: another key, which confirms what the first asks for."""
    chain = in_force(outside)
    events = chain.long_ticket(BROKEN) + chain.long_ticket(EXCUSED)
    for place in range(9):
        events += chain.short_ticket(f"short-{place}")
    chain.batch = chain.send(events)
    _urgent(chain, now)
    _excuse(chain, second)
    for month in ("2016-02", "2016-03"):
        ok(outside.http.post(f"{chain.periods}/{month}/close", json={}))
    return chain


def _urgent(chain: Chain, now: datetime) -> None:
    """A ticket of priority 1, five hours old: at risk after three, missed after four."""
    opened = now.replace(microsecond=0) - timedelta(hours=5)
    event = chain.event(URGENT, 1, opened, "New", attributes={"state": "New", "priority": "1"})
    chain.urgent = chain.send([event])


def _excuse(chain: Chain, second: Program) -> None:
    """Asked for by one key, confirmed by the other."""
    breach = chain.breach(EXCUSED)
    asked = ok(
        chain.outside.http.post(
            f"{SLA}/breaches/{breach['id']}/exclude", json={"reason": "power cut"}, headers=match(breach["version"])
        )
    )
    second.act(f"{SLA}/breaches/{breach['number']}", "confirm", asked["version"])
