"""Colours: only tokens hold them, and every pair that is used can be read in both themes."""

import re

import pytest

from gateway.pages.rendering import STATIC

CSS = (STATIC / "app.css").read_text()
SHEETS = ("app.css", "signature.css")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|color)\(|:\s*(?:white|black|red|green|blue)\b")
GROUNDS = ("bg", "surface", "sunken", "hover", "selected")
TONES = ("ok", "warn", "danger", "info", "neutral")


def tokens(opening: str) -> dict[str, str]:
    """The colours set by the block that begins with `opening`."""
    block = CSS[CSS.index(opening) :]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})", block[: block.index("\n  color-scheme: ")]))


LIGHT = tokens(":root {")
DARK = LIGHT | tokens('@media screen { :root[data-theme="dark"]')
AUTO = LIGHT | tokens("@media screen and (prefers-color-scheme: dark)")


def pairs() -> list[tuple[str, str, float]]:
    """Foreground, ground, and the contrast that it needs: 4.5 for text, 3 for what is drawn."""
    text = ("text", "text-2", "text-3", "accent", "danger", "warn", "ok")
    found = [(f"c-{ink}", f"c-{ground}", 4.5) for ink in text for ground in GROUNDS]
    found += [(f"c-{tone}", f"c-{tone}-tint", 4.5) for tone in TONES]
    found += [
        (f"c-{ink}", f"c-{tone}-tint", 4.5) for ink in ("text", "text-2", "text-3") for tone in (*TONES, "accent")
    ]
    found += [(f"c-{ink}", "c-warn-tint", 4.5) for ink in ("danger", "ok", "accent")]
    found += [("c-on-accent", "c-accent-solid", 4.5), ("c-on-accent", "c-accent-hover", 4.5)]
    found += [("c-accent", "c-accent-tint", 4.5), ("c-surface", "c-text", 4.5), ("lg-on-over", "c-danger-solid", 4.5)]
    found += [("c-on-danger", "c-danger-solid", 4.5), ("h-on-3", "h-3", 4.5), ("h-on-4", "h-4", 4.5)]
    found += [("c-text", f"h-{step}", 4.5) for step in (0, 1, 2)] + [
        (f"ch-{n}", "c-surface", 4.5) for n in (1, 2, 3, 4)
    ]
    found += [("c-border-input", ground, 3) for ground in ("c-surface", "c-sunken")]
    found += [("c-focus", ground, 3) for ground in ("c-surface", "c-bg")]
    found += [("c-danger-solid", "c-surface", 3), ("c-ok-solid", "c-surface", 3), ("c-neutral", "c-surface", 3)]
    # A mark whose shape and place say the same again.
    found += [("c-warn-solid", "c-surface", 2.5), ("c-accent-solid", "c-neutral-tint", 2.5)]
    return [*found, ("c-danger-solid", "c-neutral-tint", 2.5)]


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21. Source: WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_pair_of_colours_in_use_can_be_read(theme):
    weak = [
        f"{ink} on {ground}: {contrast(theme[ink], theme[ground]):.2f} < {least}"
        for ink, ground, least in pairs()
        if contrast(theme[ink], theme[ground]) < least
    ]
    assert weak == []


def test_a_dark_system_gets_the_same_colours_as_the_dark_theme():
    assert AUTO == DARK


@pytest.mark.parametrize("sheet", SHEETS)
def test_no_colour_stands_outside_the_tokens(sheet):
    css = (STATIC / sheet).read_text()
    after_tokens = css[css.index("@layer reset {") :] if sheet == "app.css" else css
    assert COLOUR.findall(after_tokens) == []


@pytest.mark.parametrize("sheet", SHEETS)
def test_no_rule_outside_the_tokens_asks_for_a_theme(sheet):
    """Such a rule would miss the automatic theme."""
    css = (STATIC / sheet).read_text()
    after_tokens = css[css.index("@layer reset {") :] if sheet == "app.css" else css
    assert "data-theme" not in after_tokens
    assert "prefers-color-scheme" not in after_tokens


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_token_that_is_asked_for_exists(sheet):
    known = set(re.findall(r"(--[\w-]+):", CSS))
    assert set(re.findall(r"var\((--[\w-]+)", (STATIC / sheet).read_text())) <= known
