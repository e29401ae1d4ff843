"""The whole real log, file to thirteen closed periods, through the public API, each run with a contract of its own."""

import copy
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.api_client import Api, Json
from deploy.bench.figures import RUNS, Figure, check
from deploy.commands.demo_log import load

TICKETS, EVENTS, PERIODS = 24_918, 166_630, 13
#: What the naive replay of the tests finds: cycles of each target, breaches of both together, and the credits.
CYCLES = {"response": 24_918, "resolution": 24_918}
BREACHES = 6_542 + 3_711
CREDITS = {"lines": 20, "total": {"amount": "63500.00", "currency": "CNY"}}


def figures(api: Api, owner: str, log: Path, setting: Json) -> Iterator[Figure]:
    """Refuses WrongResult where a count or the credits differ."""
    taken = []
    for run in range(1, RUNS + 1):
        began = time.perf_counter()
        line = load(api, _of_its_own(setting, run), log, owner)
        taken.append(time.perf_counter() - began)
        check("tickets", line["tickets"], TICKETS)
        check("events", line["events"], EVENTS)
        check("cycles", line["cycles"], CYCLES)
        check("breaches", line["breaches"], BREACHES)
        check("periods", line["periods"], PERIODS)
        check("credits", line["credits"], CREDITS)
    yield Figure("the whole real log, file to thirteen closed periods", "s", taken, most=90)


def _of_its_own(setting: Json, run: int) -> Json:
    """The same text under another source and contract: the system knows nothing of it yet."""
    own = copy.deepcopy(setting)
    own["source"]["code"] += f"-{run}"
    own["contract"]["title"] += f" {run}"
    return own
