"""The demo is told to a running house through its public API, each step by the person whose step it is.

So the audit trail reads like life: the officer writes contracts, the manager approves, service managers decide on
breaches and close months. Whatever is found there already is used, so that a load that was cut off can be repeated
with the same `now`.
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import orjson

from deploy.api_client import Api, ApiRefused, Json
from deploy.demo import people
from deploy.demo.accounts import Accounts, make_keys, open_staff, open_suppliers_users
from deploy.demo.agreements import AGREEMENTS, AgreementPlan
from deploy.demo.contracts import MONTHS_OF_TICKETS, PLANS, Plan, month_start
from deploy.demo.firms import FIRMS, Firm
from deploy.demo.stories import NAMES, closed_stories, open_stories, questions_on_open_tickets
from deploy.demo.tickets import STREAMS, six_months
from deploy.demo.working_hours import SHANGHAI
from gateway.imports.batches import batches

SUPPLIERS = "/api/suppliers/v1/suppliers"
CONTRACTS = "/api/contracts/v1/contracts"
AGREEMENTS_PATH = "/api/sla/v1/agreements"
BREACHES = "/api/sla/v1/breaches"
WAIT_SECONDS = 30

#: Months that are closed, counted from the present one: the last of `apps` waits for somebody to close it.
LAST_CLOSED = {"desk": -1, "apps": -2, "payroll": -1, "network": -1, "patents": -1, "callcentre": -2}

#: What a monitoring system once sent that cannot be read: its source shows three refused lines.
UNREADABLE: list[Json] = [
    {
        "source": "netwatch",
        "ticket": "NW0019999",
        "event_id": "NW0019999-1",
        "type": "opened",
        "occurred_at": "2026-03-02T08:00:00",
    },
    {"source": "netwatch", "ticket": "NW0019999", "type": "updated", "occurred_at": "2026-03-02T08:05:00+08:00"},
    {
        "source": "netwatch",
        "ticket": "",
        "event_id": "x",
        "type": "updated",
        "occurred_at": "2026-03-02T08:09:00+08:00",
    },
]


@dataclass
class Demo:
    """The demo while it is loaded. by: each person's own session. suppliers, contracts, agreements: by their key."""

    by: Mapping[str, Api]
    now: datetime
    suppliers: dict[str, Json] = field(default_factory=dict)
    contracts: dict[str, Json] = field(default_factory=dict)
    agreements: dict[str, Json] = field(default_factory=dict)

    @property
    def officer(self) -> Api:
        return self.by[people.OFFICER]

    @property
    def manager(self) -> Api:
        return self.by[people.MANAGER]

    @property
    def service(self) -> Api:
        return self.by[people.SERVICE]


def load(gateway: str, administrator_link: str, now: datetime, remember: Callable[[Accounts], None]) -> None:
    """Tell the whole demo. administrator_link: the first-password link of the account `people.ADMINISTRATOR`.

    remember: gets all accounts and keys as soon as they are made; passwords and keys are told this once.
    Refuses ApiRefused, NotReachable, WrongDemo.
    """
    opened = open_staff(gateway, administrator_link)
    try:
        demo = Demo(opened.sessions, now)
        register_suppliers(demo)
        open_suppliers_users(opened, {key: supplier["number"] for key, supplier in demo.suppliers.items()})
        make_keys(opened)
        remember(opened)
        make_contracts(demo)
        make_agreements(demo)
        send_and_decide(demo)
        end_what_has_ended(demo)
    finally:
        opened.close()


def register_suppliers(demo: Demo) -> None:
    for firm in FIRMS:
        demo.suppliers[firm.key] = _registered(demo, firm)


def _registered(demo: Demo, firm: Firm) -> Json:
    """The firm, brought as far as it has come; a suspension waits until its contract runs."""
    try:
        supplier = demo.officer.create(SUPPLIERS, firm.body())
    except ApiRefused as refused:
        if refused.codes != ["duplicate"]:
            raise
        found = demo.officer.get(SUPPLIERS, q=firm.code)["items"]
        supplier = demo.officer.get(f"{SUPPLIERS}/{found[0]['id']}")
    for step in firm.steps:
        who = demo.officer if step.action == "screen" else demo.manager
        if step.action != "suspend" and step.action in who.get(f"{SUPPLIERS}/{supplier['id']}")["actions"]:
            supplier = who.act(
                f"{SUPPLIERS}/{supplier['id']}", step.action, supplier["version"], {"reason": step.reason}
            )
    return supplier


def make_contracts(demo: Demo) -> None:
    known = {contract["title"]: contract for contract in demo.officer.items(CONTRACTS)}
    for plan in PLANS:
        demo.contracts[plan.key] = known.get(plan.title) or _created(demo, plan)


def _created(demo: Demo, plan: Plan) -> Json:
    today = demo.now.astimezone(SHANGHAI).date()
    body = plan.body(today, people.OFFICER, demo.suppliers[plan.firm]["number"])
    return demo.officer.create(CONTRACTS, body)


def make_agreements(demo: Demo) -> None:
    """Agreements on drafts; the contracts' activation puts them in force. Then the second versions and the sources."""
    known = {agreement["contract"]: agreement for agreement in demo.service.items(AGREEMENTS_PATH)}
    for plan in AGREEMENTS:
        contract = demo.contracts[plan.contract]["number"]
        demo.agreements[plan.contract] = known.get(contract) or _agreed(demo, plan)
        _with_second_version(demo, plan)
    for contract_plan in PLANS:
        if contract_plan.state != "draft":
            _activated(demo, contract_plan)
    for stream in STREAMS:
        body = {
            "name": stream.source_name,
            "agreement": demo.agreements[stream.contract]["number"],
            "silent_after_seconds": stream.silent_after,
        }
        demo.service.put(f"/api/sla/v1/sources/{stream.source}", body)


def _agreed(demo: Demo, plan: AgreementPlan) -> Json:
    today = demo.now.astimezone(SHANGHAI).date()
    contract = next(each for each in PLANS if each.key == plan.contract)
    first_day = max(contract.first_day(today), month_start(today, -MONTHS_OF_TICKETS))
    return demo.service.create(AGREEMENTS_PATH, plan.body(demo.contracts[plan.contract]["number"], first_day))


def _with_second_version(demo: Demo, plan: AgreementPlan) -> None:
    path = f"{AGREEMENTS_PATH}/{demo.agreements[plan.contract]['id']}/versions"
    if plan.second and len(demo.service.get(path)["items"]) == 1:
        demo.service.create(path, plan.second_body(demo.now.astimezone(SHANGHAI).date()))


def _activated(demo: Demo, plan: Plan) -> None:
    path = f"{CONTRACTS}/{demo.contracts[plan.key]['id']}"
    contract = demo.officer.get(path)
    if contract["state"] == "draft":
        contract = demo.officer.act(path, "activate", contract["version"])
    demo.contracts[plan.key] = contract


def send_and_decide(demo: Demo) -> None:
    """Events in three turns; between them people decide and months are closed."""
    told = closed_stories(demo.now)
    asked = {"questions": questions_on_open_tickets(demo.now)}
    answers = demo.service.ask("/api/sla/v1/working-time", asked)["answers"]
    send(demo, [*six_months(demo.now), *told.first, *open_stories(answers)])
    send(demo, told.amended)
    decide_on_breaches(demo)
    close_months(demo)
    send(demo, told.after_closing)
    demo.service.send_events(gzip.compress(b"\n".join(map(orjson.dumps, UNREADABLE))))


def send(demo: Demo, events: list[Json]) -> None:
    """Ticket by ticket, and wait until their clocks are computed. Refuses WrongDemo."""
    by_ticket = sorted(events, key=lambda event: (event["source"], event["ticket"]))
    sent = []
    for source, of_source in groupby(by_ticket, key=lambda event: str(event["source"])):
        for batch in batches(of_source, source):
            answer = demo.service.send_events(batch.body())
            if answer["rejected"]:
                raise WrongDemo(answer["lines"][:3])
            sent.append(answer["batch"])
    for batch_id in sent:
        while demo.service.get(f"/api/sla/v1/batches/{batch_id}", wait=WAIT_SECONDS)["state"] != "evaluated":
            continue


class WrongDemo(Exception):
    """The intake rejects what the generator makes."""


def decide_on_breaches(demo: Demo) -> None:
    """One excluded by two people, one refused, one that waits for the second word, one acknowledged."""
    second = demo.by[people.SECOND_SERVICE]
    found = {
        each["ticket"]: each
        for each in demo.service.items(BREACHES, agreement=demo.agreements["desk"]["number"])
        if each["target"] == "resolution"
    }
    if found[NAMES.excluded]["state"] == "standing":
        _decide(
            demo.service, found[NAMES.excluded], "exclude", reason="第三方补丁延误，不在供应商控制范围内，见变更记录"
        )
        _decide(second, found[NAMES.excluded], "confirm")
        _decide(demo.service, found[NAMES.refused], "exclude", reason="供应商称等待授权")
        _decide(second, found[NAMES.refused], "refuse", reason="授权在当日已发出，延误由供应商造成")
        _decide(demo.service, found[NAMES.asked], "exclude", reason="考勤接口由第三方停机维护，停机通知已附")
        _decide(demo.service, found[NAMES.acknowledged], "acknowledge", note="已通知服务经理，下周例会复盘")


def _decide(who: Api, breach: Json, action: str, **body: str) -> None:
    path = f"{BREACHES}/{breach['id']}"
    who.act(path, action, who.get(path)["version"], dict(body))


def close_months(demo: Demo) -> None:
    """Every month that is over, in order; the last of one agreement is left to be closed by whoever looks at it."""
    today = demo.now.astimezone(SHANGHAI).date()
    for key, last in LAST_CLOSED.items():
        path = f"{AGREEMENTS_PATH}/{demo.agreements[key]['id']}/periods"
        closed = {period["period"] for period in demo.service.items(path) if period["state"] == "closed"}
        for month in range(-MONTHS_OF_TICKETS, last + 1):
            name = f"{month_start(today, month):%Y-%m}"
            if name not in closed:
                demo.service.ask(f"{path}/{name}/close", {})


def end_what_has_ended(demo: Demo) -> None:
    """Contracts that are over are ended, and the firm that may take no new work is suspended."""
    for plan in PLANS:
        path = f"{CONTRACTS}/{demo.contracts[plan.key]['id']}"
        if plan.state == "ended" and (contract := demo.officer.get(path))["state"] == "active":
            demo.officer.act(path, "end", contract["version"])
    for firm in FIRMS:
        for step in firm.steps:
            path = f"{SUPPLIERS}/{demo.suppliers[firm.key]['id']}"
            supplier = demo.manager.get(path)
            if step.action == "suspend" and supplier["state"] == "approved":
                demo.manager.act(path, "suspend", supplier["version"], {"reason": step.reason})
