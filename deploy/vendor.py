"""The front end's files from npm, committed with their checksums and licences.

`python -m deploy.vendor` fetches the pinned packages with `npm pack` (no install script runs), compares each tarball
with the lock and copies the files named in `vendor.json`. `--update` also writes a new lock, after a version was
changed on purpose. `--check` needs no network: the committed files are those of the lock.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLAN = ROOT / "deploy" / "vendor.json"
LOCK = ROOT / "deploy" / "vendor.lock.json"


class VendorFault(Exception):
    """What differs, in words for the person at the terminal."""


@dataclass(frozen=True)
class Tarball:
    """A package as npm packed it: the file and npm's own checksum (`sha512-…`)."""

    path: Path
    integrity: str

    def read(self, name: str) -> bytes:
        """A file of the package. Refuses VendorFault where there is none of that name."""
        with tarfile.open(self.path) as archive:
            try:
                member = archive.extractfile(f"package/{name}")
            except KeyError:
                member = None
            if member is None:
                raise VendorFault(f"{self.path.name} has no file {name}")
            return member.read()


def checksum(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def differing(files: dict[str, str], root: Path = ROOT) -> list[str]:
    """The paths whose content is not the locked one, missing files among them."""
    return [
        name
        for name, expected in files.items()
        if not (root / name).is_file() or checksum((root / name).read_bytes()) != expected
    ]


def sprite(drawings: dict[str, bytes]) -> bytes:
    """One SVG with a symbol for each icon, by name, so that a page loads one small file."""
    symbols = []
    for name, drawing in sorted(drawings.items()):
        inner = re.search(r"<svg[^>]*>(.*)</svg>", drawing.decode(), re.DOTALL)
        if inner is None:
            raise VendorFault(f"icon {name} is no SVG")
        body = re.sub(r"\s+", " ", inner[1]).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def pack(package: str, folder: Path) -> Tarball:
    """The package's tarball, fetched by npm into `folder`."""
    command = ["npm", "pack", package, "--json", "--ignore-scripts", "--pack-destination", str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    meta: Any = json.loads(answer.stdout)
    entry = meta[0] if isinstance(meta, list) else next(iter(meta.values()))
    return Tarball(folder / Path(entry["filename"]).name, entry["integrity"])


def vendored(plan: dict[str, Any], tarballs: dict[str, Tarball]) -> Iterator[tuple[str, bytes]]:
    """Each file that the plan asks for: where it goes and what is in it."""
    for package, files in plan["packages"].items():
        for source, target in files.items():
            yield target, tarballs[package].read(source)
    icons = plan["icons"]
    drawings = {name: tarballs[icons["package"]].read(f"icons/{name}.svg") for name in icons["names"]}
    yield icons["sprite"], sprite(drawings)


def fetch(update: bool) -> int:
    """Copy the files from npm; the number copied. Refuses VendorFault where a tarball is not the locked one."""
    plan = json.loads(PLAN.read_text())
    locked = json.loads(LOCK.read_text())["tarballs"] if LOCK.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        tarballs = {package: pack(package, Path(folder)) for package in plan["packages"]}
        for package, tarball in tarballs.items():
            if locked.get(package) != tarball.integrity and not update:
                raise VendorFault(f"{package} is not the locked one ({tarball.integrity}); --update if this is meant")
        files = dict(vendored(plan, tarballs))
    for name, content in files.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    lock = {
        "files": {name: checksum(content) for name, content in files.items()},
        "tarballs": {package: tarball.integrity for package, tarball in tarballs.items()},
    }
    LOCK.write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n")
    return len(files)


def main(arguments: list[str] | None = None) -> int:
    """0 when the files are those of the lock, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="vendor", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the committed files with the lock, offline")
    parser.add_argument("--update", action="store_true", help="write a new lock for changed versions")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            files = json.loads(LOCK.read_text())["files"]
            if differ := differing(files):
                raise VendorFault("not as locked: " + ", ".join(differ))
            print(f"{len(files)} vendored files are as locked")
        else:
            print(f"{fetch(options.update)} files vendored")
    except VendorFault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
