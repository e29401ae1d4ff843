"""`heyue`: one module in deploy/commands for each command, imported when it is asked for.

A module has NAME (`db init` for the file db_init.py), HELP, add_arguments(parser) and run(args) → exit code.
"""

import argparse
import importlib
import pkgutil
import sys
from types import ModuleType

from deploy import checkout, commands

USAGE = 2


def names() -> dict[str, str]:
    """Command → module, read from the folder."""
    return {found.name.replace("_", " "): found.name for found in pkgutil.iter_modules(commands.__path__)}


def module_of(words: list[str]) -> tuple[str, ModuleType, list[str]] | None:
    """The command that these words begin with, and the words left over: `db init --print`, `demo-log x.zip`."""
    known = names()
    for length in (2, 1):
        name = " ".join(words[:length]).replace("-", " ")
        if len(words) >= length and name in known:
            return name, importlib.import_module(f"deploy.commands.{known[name]}"), words[length:]
    return None


def main(words: list[str] | None = None) -> int:
    words = sys.argv[1:] if words is None else words
    if words[:1] == ["--version"]:
        print(f"heyue {checkout.version()}")
        return 0
    found = module_of(words)
    if found is None:
        wanted_help = not words or words[0] in ("-h", "--help", "help")
        print(_help(), file=sys.stdout if wanted_help else sys.stderr)
        return 0 if wanted_help else USAGE
    _, module, rest = found
    parser = argparse.ArgumentParser(prog=f"heyue {module.NAME}", description=module.__doc__, formatter_class=_Plain)
    module.add_arguments(parser)
    code: int = module.run(parser.parse_args(rest))
    return code


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of a module's docstring."""


def _help() -> str:
    lines = ["usage: heyue <command> [--help]", ""]
    for module_name in names().values():
        module = importlib.import_module(f"deploy.commands.{module_name}")
        lines.append(f"  {module.NAME:<15} {module.HELP}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
