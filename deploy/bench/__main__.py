"""`make bench`: all figures, one line each as they come, and `var/bench.json`.

    python -m deploy.bench [--log PATH] [calendars] [engine] [house]

Exit 0; 1 where a figure misses what it must keep to; 2 where a result is wrong, or the real log is not there.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from deploy import checkout
from deploy.bench import calendars, engine, intake, pages, whole_log
from deploy.bench.figures import Figure, WrongResult
from deploy.bench.house import BenchHouse, Keys, house
from deploy.bench.machine import described
from deploy.commands import demo_log

LOG = checkout.ROOT.parent / "shared" / "data" / "incident_event_log.zip"
RESULTS = checkout.VAR / "bench.json"
PARTS = ("calendars", "engine", "house")
PASSED, MISSED, WRONG = 0, 1, 2
Take = Callable[[Iterator[Figure]], None]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="measures what must be quick")
    parser.add_argument("--log", type=Path, default=LOG, help=f"the incident log (else {LOG})")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    print(described())
    if not args.log.exists():
        print(f"the incident log is not there: {args.log}", file=sys.stderr)
        return WRONG
    measured: list[Figure] = []

    def take(figures: Iterator[Figure]) -> None:
        for figure in figures:
            measured.append(figure)
            _show(figure)

    try:
        _measure(args.log, args.parts or PARTS, take)
    except WrongResult as wrong:
        print(f"wrong result: {wrong}", file=sys.stderr)
        return WRONG
    finally:
        rows = [figure.row() for figure in measured]
        checkout.write_private(RESULTS, json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    return PASSED if all(figure.passes for figure in measured) else MISSED


def _measure(log: Path, parts: Collection[str], take: Take) -> None:
    agreement_file = log.parent / demo_log.AGREEMENT_FILE
    if "calendars" in parts:
        take(calendars.figures())
    if "engine" in parts:
        take(engine.figures(log, agreement_file))
    if "house" in parts:
        asyncio.run(_of_a_house(log, agreement_file, take))


async def _of_a_house(log: Path, agreement_file: Path, take: Take) -> None:
    """The figures that need everything running; measured in a thread beside the loop that keeps the processes."""
    async with house() as running:
        keys = await running.let_in()
        await asyncio.to_thread(take, _through_the_gateway(running, keys, log, agreement_file))


def _through_the_gateway(running: BenchHouse, keys: Keys, log: Path, agreement_file: Path) -> Iterator[Figure]:
    """Pages first: after a million events Postgres tidies up in the background for a while."""
    owner = running.owner
    setting = json.loads(agreement_file.read_text(encoding="utf-8"))
    with keys.api() as api:
        agreement = demo_log.agreement_in_force(api, setting, keys.login)
        few = demo_log.import_log(api, log, setting["source"]["code"], limit=2_000)
        demo_log.wait_for_clocks(api, few.batches)
        ticket = f"{setting['source']['code']}/0000045"
        yield from pages.figures(api, keys.gateway, keys.account, owner, ticket)
        yield from whole_log.figures(api, keys.login, log, setting)
        yield from intake.figures(api, agreement["number"], log, owner, running.worker_asleep)


def _show(figure: Figure) -> None:
    row = figure.row()
    against = "" if row["baseline"] is None else f"  (baseline {row['baseline']:g})"
    verdict = ("ok" if figure.passes else "MISSED") if row["must"] else ""
    print(f"{row['name']:<62} {row['value']:>10g} {row['unit']:<9} {row['must']:<8} {verdict}{against}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
