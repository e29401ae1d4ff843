"""What goes wrong for an operator's reason is told in one line, without a traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from deploy.environment import WrongSetting
from deploy.ports import PortTaken
from deploy.postgres import PostgresUnavailable
from deploy.roles import DatabaseNotReady

FAILED, USAGE = 1, 2


class Stop(Exception):
    """Ends the program; the text says why and what would help."""


@contextmanager
def told() -> Iterator[None]:
    """Exit code 2 for a wrong setting, 1 for what is not there or does not answer."""
    try:
        yield
    except WrongSetting as problem:
        _end(str(problem), USAGE)
    except (Stop, DatabaseNotReady, PostgresUnavailable) as problem:
        _end(str(problem), FAILED)
    except PortTaken as problem:
        _end(f"port {problem} is taken by another program; set PORT to one that is free", FAILED)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        _end(f"the database refuses: {problem}", FAILED)
    except (TimeoutError, OSError) as problem:
        _end(f"{problem or 'no answer in time'}", FAILED)


def _end(text: str, code: int) -> None:
    print(f"heyue: {' '.join(text.split())}", file=sys.stderr)
    sys.exit(code)
