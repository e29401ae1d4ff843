"""The texts of calendars, kept by code and version: a version never changes, and every clock shown needs one."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from gateway.pages.asking import Json, segment
from gateway.pages.context import Page

MOST_KEPT = 64
Key = tuple[str, int]

_kept: OrderedDict[Key, Json] = OrderedDict()


async def calendar_texts(page: Page, wanted: Iterable[Key]) -> Mapping[Key, Json]:
    """The calendars that judged, by code and version. One that was replaced meanwhile, or that this person may not
    read, is left out: a strip without it only names fewer days."""
    if page.who.is_supplier:
        return {}
    keys = set(wanted)
    codes = sorted({code for code, version in keys if (code, version) not in _kept})
    answers = await page.services.all(*(page.services.get("sla", f"/calendars/{segment(code)}") for code in codes))
    for answer in answers:
        if not isinstance(answer, BaseException):
            _keep((answer["code"], answer["version"]), answer)
    return {key: _kept[key] for key in keys if key in _kept}


def _keep(key: Key, text: Json) -> None:
    _kept[key] = text
    _kept.move_to_end(key)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
