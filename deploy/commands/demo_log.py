"""`heyue demo-log`: the incident log's whole chain on a running system, from supplier to service credits.

Everything goes through the public API, as another program would do it. What a run before has made is found and used,
so that a second run prints the same counts.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from deploy.api_client import Api, ApiRefused, Json, NotReachable
from deploy.checkout import RUN_FILE
from deploy.event_import import Progress, open_journal, push
from deploy.progress_bar import ProgressBar
from gateway.imports.incident_log import INCIDENT_LOG
from gateway.imports.log_file import open_log
from services.kernel.messages import gettext, use_locale
from services.kernel.refusals import Invalid

NAME = "demo-log"
HELP = "the incident log on the running system: supplier, agreement, import, periods, credits"

#: The firm that the log's agreement is made with; invented, its code has the right check digit.
SUPPLIER: Json = {
    "legal_name": "海澜信息服务（上海）有限公司",
    "short_name": "海澜信息",
    "credit_code": "91310115MA1H7LQ05C",
    "scope": ["ITO"],
    "region": "CN-31",
    "contacts": [
        {"name": "沈知远", "email": "shen.zhiyuan@hailan.example", "phone": "+86 21 5550 0131", "role": "account"}
    ],
}
AGREEMENT_FILE = "incident_log_agreement.json"
WAIT_SECONDS = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("log", type=Path, help="the incident log: a .zip with one .csv, or the .csv")
    parser.add_argument(
        "--agreement", type=Path, help=f"contract, calendars, targets (else {AGREEMENT_FILE} beside the log)"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N events")


def run(args: argparse.Namespace) -> int:
    """0; 2 the log or its agreement cannot be read; 1 the system refuses a step; 4 nothing is running."""
    with use_locale("en"):
        try:
            chosen = json.loads((args.agreement or args.log.parent / AGREEMENT_FILE).read_text(encoding="utf-8"))
            running = json.loads(RUN_FILE.read_text(encoding="utf-8"))
            with Api(running["gateway"], running["api_keys"]["everything"]) as api:
                print(json.dumps(load(api, chosen, args.log, owner_of(running), args.limit)))
        except FileNotFoundError as missing:
            if missing.filename == str(RUN_FILE):
                return _fail(4, "nothing is running here: `make run` first")
            return _fail(2, f"{missing.filename}: not found")
        except KeyError:
            return _fail(2, "the running system has no demo keys (HEYUE_DEMO=0)")
        except Invalid as refused:
            errors = [f"{gettext(error.what)}. {gettext(error.how)}." % dict(error.facts) for error in refused.errors]
            return _fail(2, f"{args.log}: {' '.join(errors)}")
        except ApiRefused as refused:
            return _fail(1, f"refused: {refused}")
        except NotReachable as problem:
            return _fail(4, f"not reachable: {problem}")
    return 0


def owner_of(running: Json) -> str:
    """The login of the procurement officer, who owns the contract."""
    logins = [account["login"] for account in running["accounts"] if account["role"] == "procurement_officer"]
    return str(logins[0])


@contextmanager
def timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    """Note the seconds that a part took."""
    began = time.monotonic()
    yield
    seconds[part] = round(time.monotonic() - began, 2)


def load(api: Api, chosen: Json, log_path: Path, owner: str, limit: int | None = None) -> Json:
    """The chain; the last line of the command."""
    seconds: dict[str, float] = {}
    source = chosen["source"]["code"]
    agreement = agreement_in_force(api, chosen, owner)
    with timed(seconds, "import"):
        progress = import_log(api, log_path, source, limit)
    _say(f"{progress.accepted:,} events accepted, {progress.duplicates:,} known before")
    with timed(seconds, "evaluate"):
        wait_for_clocks(api, progress.batches)
    with timed(seconds, "close"):
        periods = close_periods(api, agreement["id"], chosen["contract"])
    tickets, cycles = count_cycles(api, agreement["number"])
    return {
        "tickets": tickets,
        "events": api.get(f"/api/sla/v1/sources/{source}")["events"],
        "cycles": {target["key"]: cycles[target["key"]] for target in chosen["agreement"]["targets"]},
        "breaches": count_breaches(api, agreement["number"]),
        "periods": len(periods),
        "credits": credits_of(periods),
        "seconds": seconds,
    }


def agreement_in_force(api: Api, chosen: Json, owner: str) -> Json:
    """The log's agreement, in force, as its source names it; made with its whole chain where it is not there yet."""
    sources = "/api/sla/v1/sources/"
    known = api.find(sources + chosen["source"]["code"])
    if known and known.get("agreement"):
        agreement = api.get(f"/api/sla/v1/agreements/{known['agreement']}")
    else:
        for code, calendar in chosen["calendars"].items():
            ensure_calendar(api, code, calendar)
        contract = ensure_contract(api, chosen["contract"], ensure_supplier(api), owner)
        agreement = ensure_agreement(api, chosen["agreement"], contract)
        body = {"name": chosen["source"]["name"], "agreement": agreement["number"]}
        api.put(sources + chosen["source"]["code"], body)
    activate(api, agreement["contract"])
    return put_in_force(api, agreement)


def ensure_calendar(api: Api, code: str, calendar: Json) -> None:
    """The stored calendar with this text: made, or its next version where the stored one differs."""
    path = f"/api/sla/v1/calendars/{code}"
    known = api.find(path)
    if known is None:
        api.create("/api/sla/v1/calendars", {"code": code, **calendar})
    elif any(known.get(name) != value for name, value in calendar.items()):
        api.put(path, {"code": code, **calendar}, known["version"])


def ensure_supplier(api: Api) -> Json:
    """The log's supplier, approved."""
    try:
        supplier = api.create("/api/suppliers/v1/suppliers", SUPPLIER)
    except ApiRefused as refused:
        if refused.codes != ["duplicate"]:
            raise
        found = api.get("/api/suppliers/v1/suppliers", q=SUPPLIER["credit_code"])["items"]
        supplier = api.get(_supplier(found[0]["id"]))
    for state, action, reason in (
        ("candidate", "screen", "Licence, register and references were looked at"),
        ("screened", "approve", "Fit for service desk work"),
    ):
        if supplier["state"] == state:
            supplier = api.act(_supplier(supplier["id"]), action, supplier["version"], {"reason": reason})
    return supplier


def _supplier(supplier_id: str) -> str:
    return f"/api/suppliers/v1/suppliers/{supplier_id}"


def ensure_contract(api: Api, terms: Json, supplier: Json, owner: str) -> Json:
    """The log's contract: known by its reference, since its title is not its own."""
    contracts = "/api/contracts/v1/contracts"
    for known in api.items(contracts, supplier=supplier["number"]):
        if known["title"] == terms["title"]:
            return api.get(f"{contracts}/{known['id']}")
    return api.create(contracts, {**terms, "owner": owner, "supplier": supplier["number"]})


def ensure_agreement(api: Api, wanted: Json, contract: Json) -> Json:
    for known in api.items("/api/sla/v1/agreements", contract=contract["number"]):
        return api.get(f"/api/sla/v1/agreements/{known['id']}")
    return api.create("/api/sla/v1/agreements", {**wanted, "contract": contract["number"]})


def activate(api: Api, contract_number: str) -> None:
    path = f"/api/contracts/v1/contracts/{contract_number}"
    contract = api.get(path)
    if contract["state"] == "draft":
        api.act(path, "activate", contract["version"])


def put_in_force(api: Api, agreement: Json) -> Json:
    """Wait until the contract's activation has put it in force; it takes a moment, being news between services."""
    path = f"/api/sla/v1/agreements/{agreement['id']}"
    until = time.monotonic() + WAIT_SECONDS
    while agreement["state"] == "draft":
        if time.monotonic() > until:
            return api.act(path, "put-in-force", agreement["version"])
        time.sleep(0.1)
        agreement = api.get(path)
    return agreement


def import_log(api: Api, path: Path, source: str, limit: int | None) -> Progress:
    log = open_log(path, INCIDENT_LOG)
    journal = open_journal(log, api, source, limit)
    with ProgressBar() as bar:
        progress = push(log, api, source, journal, limit, tell=bar.show)
    if progress.rejected:
        _say(f"{progress.rejected:,} lines were rejected: {journal.rejected_path}")
    return progress


def wait_for_clocks(api: Api, batches: list[str]) -> None:
    """Until every clock of every batch is computed."""
    for batch in batches:
        while api.get(f"/api/sla/v1/batches/{batch}", wait=WAIT_SECONDS)["state"] != "evaluated":
            _say("clocks are still being computed …")


def close_periods(api: Api, agreement_id: str, contract: Json) -> list[Json]:
    """The contract's months, closed in order; those closed before are read."""
    path = f"/api/sla/v1/agreements/{agreement_id}/periods"
    results = []
    for period in months(contract["from"], contract["to"]):
        known = api.find(f"{path}/{period}")
        closed = known if known and known["state"] == "closed" else api.ask(f"{path}/{period}/close", {})
        results.append(closed)
    return results


def months(first: str, last: str) -> list[str]:
    """`2016-02`, … from the month of one date to that of the other, both included."""
    (year, month), end = map(int, first.split("-")[:2]), last[:7]
    found = []
    while (name := f"{year:04d}-{month:02d}") <= end:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def count_cycles(api: Api, agreement: str) -> tuple[int, Counter[str]]:
    """Tickets with clocks, and cycles by target; those that a late event made vanish are history, not cycles."""
    tickets: set[str] = set()
    cycles: Counter[str] = Counter()
    for cycle in api.items("/api/sla/v1/clocks", agreement=agreement):
        if cycle["state"] != "withdrawn":
            tickets.add(cycle["ticket"])
            cycles[cycle["target"]] += 1
    return len(tickets), cycles


def count_breaches(api: Api, agreement: str) -> int:
    return sum(breach["state"] == "standing" for breach in api.items("/api/sla/v1/breaches", agreement=agreement))


def credits_of(periods: list[Json]) -> Json:
    """How many credit lines, and what they come to."""
    totals = [period["credit_total"] for period in periods]
    amount = sum((Decimal(total["amount"]) for total in totals), Decimal("0.00"))
    return {
        "lines": sum(len(period["credits"]) for period in periods),
        "total": {"amount": str(amount), "currency": totals[0]["currency"]},
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _fail(code: int, text: str) -> int:
    _say(text)
    return code
