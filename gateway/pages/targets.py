"""What the targets of some agreements are called, in the reader's language: lists name them by their keys alone."""

from collections.abc import Iterable, Mapping

from gateway.pages.asking import Json, problem_of, segment
from gateway.pages.context import Page
from services.kernel.messages import current_language

MOST_AGREEMENTS = 12


async def agreements_of(page: Page, rows: Iterable[Json]) -> Mapping[str, Json]:
    """The agreements that these rows name, by number. What is not answered is left out."""
    numbers = list(dict.fromkeys(str(row["agreement"]) for row in rows))[:MOST_AGREEMENTS]
    answers = await page.services.all(*(page.services.get("sla", f"/agreements/{segment(n)}") for n in numbers))
    return {n: answer for n, answer in zip(numbers, answers, strict=True) if problem_of(page, answer) is None}


def names_in(agreements: Mapping[str, Json]) -> Mapping[tuple[str, str], str]:
    """(agreement's number, target's key) → name. A key that is not there stands for itself."""
    language = "zh" if current_language() == "zh-CN" else "en"
    return {
        (number, target["key"]): target["name"].get(language) or target["key"]
        for number, agreement in agreements.items()
        for target in agreement["targets"]
    }


async def target_names(page: Page, rows: Iterable[Json]) -> Mapping[tuple[str, str], str]:
    """The names of the targets of the agreements that these rows name."""
    return names_in(await agreements_of(page, rows))
