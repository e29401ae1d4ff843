"""The virtual environment: made once, made anew when it is not whole, in a folder with spaces and Chinese."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import checkout

# Asking in the C locale: a fresh server has no other.
PLAIN = {"PATH": os.environ["PATH"], "LANG": "C", "HOME": os.environ.get("HOME", "/")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with nothing to install, so that only the environment itself takes time."""
    root = tmp_path / "新 机器"
    (root / "deploy/requirements").mkdir(parents=True)
    shutil.copy(checkout.ROOT / "deploy/venv.py", root / "deploy")
    for kind in ("run", "dev"):
        (root / f"deploy/requirements/{kind}.txt").write_text("# nothing\n")
    return root


def _make(root: Path) -> str:
    answer = subprocess.run(
        [sys.executable, "deploy/venv.py", "run"], cwd=root, env=PLAIN, capture_output=True, text=True, check=True
    )
    return answer.stderr


def _python_runs(root: Path) -> bool:
    return subprocess.run([root / ".venv/bin/python", "-c", ""]).returncode == 0


def test_it_is_made_when_half_made_kept_when_whole_and_mended_when_its_python_has_gone(folder: Path) -> None:
    """One story, since each making takes seconds. A cut off `python3 -m venv` leaves a Python without pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    assert "making the virtual environment" in _make(folder)
    assert _python_runs(folder)

    assert _make(folder) == ""

    (folder / "deploy/requirements/run.txt").write_text("# something else\n")
    said = _make(folder)
    assert ("installing" in said, "making" in said) == (True, False)

    for name in ("python", "python3"):
        (folder / ".venv/bin" / name).unlink()
        (folder / ".venv/bin" / name).symlink_to("/nowhere/python3")
    assert "making the virtual environment" in _make(folder)
    assert _python_runs(folder)
