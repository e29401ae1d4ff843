"""Starts everything on this machine and stops it again: database, services, worker, gateway."""

import argparse
import asyncio
import os
import textwrap

from deploy import environment, start
from deploy.attempt import told

NAME = "run"
HELP = "everything on this machine, until Ctrl-C"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    lines = (f"  {name:<22} {text} ({default})" for name, text, default in environment.SETTINGS)
    parser.epilog = textwrap.dedent("settings by environment:\n") + "\n".join(lines)


def run(args: argparse.Namespace) -> int:
    with told():
        return asyncio.run(start.everything(environment.read(os.environ)))
