"""A bar on the terminal while a log is pushed; silent where nobody looks."""

import sys
from types import TracebackType

from deploy.event_import import Progress

WIDTH = 30


class ProgressBar:
    """Draws on standard error, only where that is a terminal; leaves the last state standing."""

    def __init__(self) -> None:
        self._drawn = False
        self._live = sys.stderr.isatty()

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._drawn:
            print(file=sys.stderr)

    def show(self, progress: Progress) -> None:
        if self._live:
            self._drawn = True
            print(f"\r{drawn(progress)}\x1b[K", end="", file=sys.stderr, flush=True)


def drawn(progress: Progress) -> str:
    """One line: the bar, the share of the log, the events that are committed, and how many a second."""
    known = progress.accepted + progress.duplicates + progress.rejected
    full = round(WIDTH * progress.share)
    rate = known / progress.seconds if progress.seconds else 0.0
    rejected = f", {progress.rejected:,} rejected" if progress.rejected else ""
    bar = "█" * full + "░" * (WIDTH - full)
    return f"{bar} {progress.share:4.0%}  {known:,} events, {rate:,.0f} a second{rejected}"
