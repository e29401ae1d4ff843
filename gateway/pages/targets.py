"""What the targets of some agreements are called, in the reader's language: lists name them by their keys alone."""

from collections.abc import Iterable, Mapping

from gateway.pages.asking import Json, problem_of, segment
from gateway.pages.context import Page
from services.kernel.messages import current_language

MOST_AGREEMENTS = 12


async def target_names(page: Page, rows: Iterable[Json]) -> Mapping[tuple[str, str], str]:
    """(agreement's number, target's key) → name, for the agreements that these rows name. What is not answered is
    left out: the key then stands for itself."""
    numbers = list(dict.fromkeys(str(row["agreement"]) for row in rows))[:MOST_AGREEMENTS]
    answers = await page.services.all(*(page.services.get("sla", f"/agreements/{segment(n)}") for n in numbers))
    language = "zh" if current_language() == "zh-CN" else "en"
    return {
        (number, target["key"]): target["name"].get(language) or target["key"]
        for number, answer in zip(numbers, answers, strict=True)
        if problem_of(page, answer) is None
        for target in answer["targets"]
    }
