"""The virtual environment in `.venv`, made and kept right by the machine's own Python: `venv.py run` or `venv.py dev`.

Nothing is done when a stamp says that it is whole: the stamp names the pinned requirements (by their hash), the Python
below and the folder, and is written last. A half-made environment, one whose Python has gone, or one that was moved is
made anew. Only the standard library is used here, in the syntax of old Pythons too, so that an old one can say so.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")

HEYUE = """#!/bin/sh
# Works from any folder, and after the checkout was moved. -P: the folder one stands in is not searched for modules.
here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$(dirname "$here")")
PYTHONPATH="$root" PYTHONUTF8=1 exec "$here/python" -P -m deploy.cli "$@"
"""


def main(kind: str) -> int:
    if sys.version_info < OLDEST:
        for name in NEWER:
            newer = shutil.which(name)
            if newer:
                os.execv(newer, [newer, *sys.argv])
        return fail(f"Python {version()} is too old; 3.11 or newer is needed")
    # One lock: two makes at once must not fill it together.
    var = os.path.join(ROOT, "var")
    if not os.access(var if os.path.exists(var) else ROOT, os.W_OK):
        return fail("this folder belongs to another user: start as that user")
    os.makedirs(var, exist_ok=True)
    with open(os.path.join(var, "venv.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return ensure(kind)


def ensure(kind: str) -> int:
    wanted = stamp(kind)
    # The tools' environment holds all that is needed to run.
    for standing in {kind, "dev"}:
        if read(stamp_file(standing)) == stamp(standing) and works():
            return 0
    for standing in ("run", "dev"):
        if os.path.exists(stamp_file(standing)):
            os.remove(stamp_file(standing))
    if not works():
        say("making the virtual environment")
        if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
            return fail("python3-venv is missing: apt-get install python3-venv (or your system's package for it)")
    say("installing the pinned libraries")
    command = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    if os.geteuid() == 0:
        command.append("--root-user-action=ignore")
    if subprocess.call([*command, "--require-hashes", "-r", requirements(kind)]) != 0:
        return fail("the libraries could not be installed; the lines above say why. Run the same command again")
    write(os.path.join(VENV, "bin", "heyue"), HEYUE, 0o755)
    write(stamp_file(kind), wanted, 0o644)
    return 0


def stamp(kind: str) -> str:
    """What the environment was made from."""
    with open(requirements(kind), "rb") as file:
        digest = hashlib.sha256(file.read() + HEYUE.encode()).hexdigest()
    return f"{digest}\n{version()}\n{VENV}\n"


def requirements(kind: str) -> str:
    return os.path.join(ROOT, "deploy", "requirements", kind + ".txt")


def stamp_file(kind: str) -> str:
    return os.path.join(VENV, ".stamp-" + kind)


def works() -> bool:
    """Whether its Python starts, is the one that runs here, and has pip: a cut off `venv` has none."""
    probe = "import sys, pip; print('%d.%d' % sys.version_info[:2], sys.prefix)"
    try:
        answer = subprocess.run([PYTHON, "-c", probe], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.decode().strip() == f"{version()} {VENV}"


def read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def write(path: str, content: str, mode: int) -> None:
    half = path + ".new"
    with open(half, "w") as file:
        file.write(content)
    os.chmod(half, mode)
    os.replace(half, path)


def version() -> str:
    return "{}.{}".format(*sys.version_info)


def say(text: str) -> None:
    sys.stderr.write(f"heyue: {text}\n")


def fail(text: str) -> int:
    say(text)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
