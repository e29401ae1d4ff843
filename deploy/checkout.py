"""Where things lie in one checkout of the project. Nothing here looks at the environment."""

import os
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".data"
VAR = ROOT / "var"
LOGS = VAR / "log"

RUN_FILE = VAR / "run.json"
DEMO_FILE = VAR / "demo.json"
ADMINISTRATOR_FILE = VAR / "administrator.json"
SECRETS_FILE = VAR / "secrets.json"
TOKEN_PRIVATE_KEY = VAR / "token.pem"
TOKEN_PUBLIC_KEY = VAR / "token.pub"
LOCK_FILE = VAR / "run.lock"


def version() -> str:
    """The project's version, as pyproject.toml gives it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def write_private(path: Path, content: str) -> None:
    """Replace a file whole, readable by its owner alone: a reader sees the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
