"""The browser of the tests: Chromium with a font for Chinese, installed when this user may, named when not."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

# The shell draws the same pages in half the time: it carries no window of its own.
DEBIAN = ["chromium-headless-shell", "fonts-noto-cjk"]
ON_PATH = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """A Chromium that can be started (`E2E_CHROMIUM` where it is set); None where there is none."""
    if asked := os.environ.get("E2E_CHROMIUM"):
        return asked if Path(asked).exists() else None
    if _distribution() != "ubuntu":  # there `chromium` is a shell script that wants snap
        for name in ON_PATH:
            if found := shutil.which(name):
                return found
    return _of_playwright()


def has_chinese() -> bool:
    """Whether a font can draw Chinese. Without fontconfig nobody can say; then it is taken for granted."""
    try:
        answer = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True)
    except OSError:
        return executable() is None
    return bool(answer.stdout.strip())


def ensure() -> bool:
    """Install what is missing. Gives whether the browser tests can run; says what would help where they cannot."""
    if executable() and has_chinese():
        return True
    for command in _commands():
        if os.geteuid() != 0:
            print(f"heyue: no browser for the tests. As root: {' '.join(command)}", file=sys.stderr)
            continue
        print(f"heyue: {' '.join(command)}", file=sys.stderr)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.call(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment) != 0:
            print("heyue: that failed, so the tests in a browser cannot run", file=sys.stderr)
            return False
    return bool(executable())


def how() -> str:
    """The command that would install it."""
    return " && ".join(" ".join(command) for command in _commands())


def _commands() -> list[list[str]]:
    fonts = ["apt-get", "install", "-y", "--no-install-recommends"]
    playwright = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]
    match _distribution():
        case "debian":
            return [["apt-get", "update"], [*fonts, *DEBIAN]]
        case "ubuntu":
            return [["apt-get", "update"], [*fonts, "fonts-noto-cjk", "fontconfig"], playwright]
    return [playwright]


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["ID"]
    except (OSError, KeyError):
        return ""


def _of_playwright() -> str | None:
    """Playwright's own copy, where its installer puts it."""
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    found = sorted(home.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None
