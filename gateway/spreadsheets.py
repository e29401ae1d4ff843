"""CSV that people open in a spreadsheet: read as UTF-8, and no cell run as a formula."""

from typing import Any

MARK = "\ufeff"
"""Before the first cell: without it spreadsheets read Chinese as something else."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(value: Any) -> str:
    """A cell that no spreadsheet runs: where it would begin a formula, an apostrophe stands before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
