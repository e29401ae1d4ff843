"""The sample pages in a real browser: accessible, within their width, silent under the content security policy."""

from pathlib import Path

import pytest

from tests.web.samples import all_samples

pytestmark = pytest.mark.e2e

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RUN_AXE = """async () => {
    const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const said = node => node.target + " " + (node.any[0]?.message || "");
    const found = await axe.run({runOnly: rules});
    return found.violations.map(broken => broken.id + ": " + broken.nodes.slice(0, 3).map(said).join(" | "));
}"""
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
    .filter(part => part.getBoundingClientRect().right > innerWidth + 1).map(part => part.className || part.tagName)
    .slice(0, 5)"""
SEEN = """() => {
    const box = document.querySelector(".table-wrap").getBoundingClientRect();
    const rows = [...document.querySelectorAll("tbody tr")];
    return rows.filter(row => row.getBoundingClientRect().bottom <= box.bottom).length;
}"""
PAGES = [sample.name for sample in all_samples() if not sample.name.endswith("-part")]


@pytest.mark.parametrize(("language", "theme", "width"), [("zh-CN", "light", 1440), ("en", "dark", 390)])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_silent(look, name, language, theme, width):
    page = look(name, language, theme, width)
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE) == []
    assert page.said == []


@pytest.mark.parametrize("width", [320, 390, 720, 1100])
def test_no_page_is_wider_than_its_window(look, width):
    wider = {name: look(name, width=width).evaluate(WIDER) for name in PAGES}
    assert {name: parts for name, parts in wider.items() if parts} == {}


def test_the_slash_goes_to_the_search_unless_something_is_being_typed(look):
    page = look("list")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("a/b")
    assert page.input_value("#q").endswith("a/b")


def test_escape_closes_a_menu_and_the_focus_returns(look):
    page = look("list")
    page.click("#filters summary")
    page.keyboard.press("Escape")
    assert page.evaluate("[document.activeElement.tagName, document.querySelector('#filters details').open]") == [
        "SUMMARY",
        False,
    ]


def test_a_dialog_opens_in_place_and_escape_gives_the_focus_back(look):
    page = look("record")
    page.click("[data-dialog=do-end]")
    assert page.evaluate("document.querySelector('#do-end').matches(':modal')")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.dialog") == "do-end"


def test_without_script_the_dialog_stands_open_in_the_page(look):
    page = look("record-asks", java_script_enabled=False)
    assert page.is_visible("#do-end textarea")


def test_what_is_wrong_has_the_focus(look):
    assert look("form-wrong").evaluate("document.activeElement.id") == "form-errors"
    assert look("record-refused").evaluate("document.activeElement.id") == "problem"


def test_at_least_twelve_rows_are_seen_at_once(look):
    page = look("list")
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.evaluate(SEEN) >= 12
