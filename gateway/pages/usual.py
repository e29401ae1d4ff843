"""A target's tiers drawn on their scale, with the mark where it usually lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.pages.formats import share
from services.kernel.messages import ngettext
from web.charts.tiers import Tiers, tier_scale

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Usual:
    """A target's average over the last closed months. share: six places. words: what the hollow mark means."""

    share: str
    words: str


def usual(answer: Any) -> Mapping[str, Usual]:
    """By the target's key. answer: of `GET …/attainment`; where there is none, nothing is drawn or said."""
    if not isinstance(answer, Mapping):
        return {}
    months = answer["periods"]
    told = ngettext(
        "▽ average attainment of the last %(num)s month: %(share)s",
        "▽ average attainment of the last %(num)s months: %(share)s",
        months,
    )
    return {
        target["target"]: Usual(target["share"], told % {"num": months, "share": share(target["share"], 1)})
        for target in answer["targets"]
    }


@dataclass(frozen=True)
class Scale:
    """The tiers drawn. words: from where to where. usual: what the hollow mark means, empty where there is none."""

    picture: Any
    words: str
    usual: str = ""


def scale_of(target: Json, past: Mapping[str, Usual]) -> Scale | None:
    """Nothing where the target has no tiers, or what was typed as one cannot be read yet. past: by target's key."""
    average = past.get(str(target.get("key")))
    try:
        if not (tiers := target.get("tiers")):
            return None
        drawn = tier_scale(tiers, None, average.share if average else None)
        return Scale(drawn, Tiers.read(tiers).words, average.words if average else "")
    except (ArithmeticError, ValueError):
        return None
