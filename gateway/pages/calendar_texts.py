"""The texts of calendars, kept by code and version: a version never changes, and every clock shown needs one."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from gateway.pages.asking import MOST, Json, segment
from gateway.pages.context import Page

MOST_KEPT = 64
Key = tuple[str, int]

_kept: OrderedDict[Key, Json] = OrderedDict()


async def calendar_texts(page: Page, wanted: Iterable[Key]) -> Mapping[Key, Json]:
    """The calendars that judged, by code and version. One that this person may not read is left out: a strip without
    it only names fewer days."""
    if page.who.is_supplier:
        return {}
    keys = set(wanted)
    await _read(page, {code for code, version in keys if (code, version) not in _kept}, "")
    # What judged a closed month, or a cycle that vanished, may have been replaced since.
    await _read(page, {code for code, version in keys if (code, version) not in _kept}, "/versions")
    return {key: _kept[key] for key in keys if key in _kept}


async def _read(page: Page, codes: Iterable[str], part: str) -> None:
    """Keep the present texts of these calendars or, part being `/versions`, all they ever had."""
    ordered = sorted(codes)
    answers = await page.services.all(
        *(page.services.get("sla", f"/calendars/{segment(code)}{part}", MOST if part else None) for code in ordered)
    )
    for code, answer in zip(ordered, answers, strict=True):
        if not isinstance(answer, BaseException):
            for text in answer["items"] if part else [answer]:
                _keep((code, text["version"]), text)


def _keep(key: Key, text: Json) -> None:
    _kept[key] = text
    _kept.move_to_end(key)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
