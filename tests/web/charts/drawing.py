"""A strip read back from its SVG, as an eye at one of the three widths would see it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from tests.web.charts import story
from tests.web.charts.toy import CALENDAR
from web.charts.panel import ClockPanel, clock_panel
from web.charts.placing import UNIT, WIDTHS, units

ZONE = "Asia/Shanghai"


def panel_of(cycle: dict[str, Any], **more: Any) -> ClockPanel:
    """The cycle's panel with the story's events and calendar."""
    given: dict[str, Any] = {
        "target": "解决时限",
        "uid": "strip",
        "zone": ZONE,
        "now": story.NOW,
        "events": story.events(),
        "calendar": CALENDAR,
    }
    return clock_panel(cycle, **(given | more))


@dataclass(frozen=True)
class Bar:
    """A rectangle in shares of the width."""

    cls: str
    x: float
    width: float
    y: float


@dataclass(frozen=True)
class Label:
    """Words with the span of px that they are taken to fill at one width."""

    words: str
    cls: str
    left: float
    right: float
    y: float


def share(value: str | None) -> float:
    """A per cent of the SVG as a share."""
    if not value:
        return 0.0
    return float(value.removesuffix("%")) / 100 if value.endswith("%") else float(value)


def tree_of(picture: str) -> ElementTree.Element:
    """The drawing as XML: it would not parse, were anything in it not escaped."""
    return ElementTree.fromstring(str(picture))  # noqa: S314  # our own drawing


def bars(picture: str, cls: str = "") -> list[Bar]:
    """Its rectangles, of one class where it is given."""
    found = [
        Bar(rect.get("class") or "", share(rect.get("x")), share(rect.get("width")), float(rect.get("y") or 0))
        for rect in tree_of(picture).iter("rect")
    ]
    return [bar for bar in found if not cls or cls in bar.cls.split()]


def _shows(cls: str, width: str) -> bool:
    names = cls.split()
    return "at" not in names or f"at-{width}" in names


def labels(picture: str, width: str) -> list[Label]:
    """The words that stand at one of the three widths."""
    return list(_labels(tree_of(picture), WIDTHS[width], width, 0.0, 0.0))


def _labels(node: ElementTree.Element, px: int, width: str, x: float, y: float) -> Iterator[Label]:
    for child in node:
        if not _shows(child.get("class") or "", width):
            continue
        if child.tag == "text":
            at = child.get("x") or "0"
            start = x + (share(at) * px if at.endswith("%") else float(at))
            words = child.text or ""
            length = units(words) * UNIT
            anchor = child.get("text-anchor") or "start"
            left = start if anchor == "start" else start - length if anchor == "end" else start - length / 2
            yield Label(words, child.get("class") or "", left, left + length, y + float(child.get("y") or 0))
        elif child.tag == "svg" and not child.get("viewBox"):
            yield from _labels(child, px, width, x + share(child.get("x")) * px, y + float(child.get("y") or 0))


def glyphs(picture: str, cls: str) -> list[float]:
    """The places of a mark's glyphs."""
    return [share(svg.get("x")) for svg in tree_of(picture).iter("svg") if cls in (svg.get("class") or "").split()]


def plain(markup: str) -> str:
    """Words without their tags."""
    return re.sub(r"<[^>]*>", "", str(markup))
