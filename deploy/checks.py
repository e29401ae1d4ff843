"""`make check`: every check that needs no running house. All of them run; the last lines say which failed."""

import subprocess
import sys
import time

from deploy import checkout

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("format", ["-m", "ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["-m", "ruff", "check", "--quiet", "."]),
    ("import rules", ["-c", "from importlinter.cli import import_linter; import_linter(['lint', '--no-logo'])"]),
    ("templates", ["-m", "djlint", "--lint", "--quiet", "web/templates"]),
    ("translations", ["-m", "deploy.translations", "check"]),
    ("vendored files", ["-m", "deploy.vendor", "--check"]),
    ("models against migrations", ["-m", "deploy.migrate", "check"]),
    ("types", ["-m", "mypy"]),
)


def main() -> int:
    failed = []
    for name, command in CHECKS:
        began = time.monotonic()
        code = subprocess.call([sys.executable, *command], cwd=checkout.ROOT)
        verdict = "ok" if code == 0 else "FAILED"
        print(f"{name:<28}{verdict:<8}{time.monotonic() - began:5.1f} s", flush=True)
        if code:
            failed.append(name)
    if failed:
        print(f"heyue: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
