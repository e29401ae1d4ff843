"""`heyue import-events`: a log of another system, through the public API, resumable, safe to run twice."""

import argparse
import json
import sys
from pathlib import Path

from deploy.api_client import Api, ApiRefused, NotReachable
from deploy.event_import import Progress, open_journal, push
from deploy.progress_bar import ProgressBar
from gateway.imports.incident_log import ADAPTERS
from gateway.imports.log_file import open_log
from services.kernel.messages import gettext, use_locale
from services.kernel.refusals import Invalid

NAME = "import-events"
HELP = "push a log of another system through the public API"

DONE, USAGE, LINES_REJECTED, UNREACHABLE, INTERRUPTED = 0, 2, 3, 4, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gateway", required=True, metavar="URL", help="where Heyue answers: http://127.0.0.1:8080")
    parser.add_argument("--key", required=True, help="an API key with the scope sla:intake")
    parser.add_argument("--source", required=True, metavar="CODE", help="the source that the events come from")
    parser.add_argument("--adapter", required=True, choices=sorted(ADAPTERS), help="the kind of log")
    parser.add_argument("--limit", type=_positive, metavar="N", help="only the first N events")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON: the counts")
    parser.add_argument("path", type=Path, metavar="PATH", help="the log: a .csv, or a .zip with one")


def run(args: argparse.Namespace) -> int:
    """0; 2 the log, the key or the arguments are wrong; 3 lines were rejected; 4 the gateway cannot be reached."""
    with use_locale("en"), Api(args.gateway, args.key) as api:
        try:
            log = open_log(args.path, ADAPTERS[args.adapter])
            journal = open_journal(log, api, args.source, args.limit)
            if journal.sent:
                _say(f"{len(journal.sent)} calls were committed by the run before: going on from there")
            with ProgressBar() as bar:
                progress = push(log, api, args.source, journal, args.limit, tell=bar.show)
        except OSError as problem:
            return _fail(USAGE, f"{args.path}: {problem.strerror or problem}")
        except Invalid as refused:
            return _fail(USAGE, f"{args.path}: {_reasons(refused)}")
        except ApiRefused as refused:
            return _fail(USAGE, f"{args.gateway} refuses the call: {refused}")
        except NotReachable as problem:
            return _fail(UNREACHABLE, f"not reachable: {problem}; the same command goes on from what is committed")
        except KeyboardInterrupt:
            return _fail(INTERRUPTED, "interrupted; the same command goes on from what is committed")
    return _report(progress, journal.rejected_path, args.json)


def _report(progress: Progress, rejected: Path, as_json: bool) -> int:
    if as_json:
        print(json.dumps(progress.line()))
    else:
        print(
            f"{progress.rows:,} rows, {progress.events:,} events: {progress.accepted:,} accepted, "
            f"{progress.duplicates:,} duplicates, {progress.rejected:,} rejected, in {progress.seconds:.1f} s"
        )
    if not progress.rejected:
        return DONE
    _say(f"{progress.rejected:,} lines were rejected; they are named, with the reasons, in {rejected}")
    return LINES_REJECTED


def _reasons(refused: Invalid) -> str:
    said = [f"{gettext(error.what)}. {gettext(error.how)}." % dict(error.facts) for error in refused.errors]
    return " ".join(said)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _fail(code: int, text: str) -> int:
    _say(text)
    return code
