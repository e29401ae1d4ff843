"""`make test`: the whole suite, in parallel; or, named by its path, a part of it in one process."""

import os
import shlex
import subprocess
import sys

from deploy import browser, checkout

MOST_WORKERS = 4
REQUIRED = "E2E_REQUIRED"  # as .ci/run sets it: a browser test that cannot run is a failure, not a skip


def main(parts: list[str]) -> int:
    """parts: paths as pytest takes them; none means all."""
    chosen = [part for text in parts for part in shlex.split(text)]
    is_browser_wanted = not chosen or any("e2e" in part or "web" in part for part in chosen)
    if is_browser_wanted and not browser.ensure() and os.environ.get(REQUIRED) == "1":
        print("heyue: no browser, and the browser tests are required", file=sys.stderr)
        return 1
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    how = ["-n", "0", "-p", "no:randomly"] if chosen else ["-n", str(workers), "--dist", "loadgroup"]
    return subprocess.call([sys.executable, "-m", "pytest", *how, *chosen], cwd=checkout.ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
