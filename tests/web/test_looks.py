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
CUT = """() => [...document.querySelectorAll("main *, .top *")].filter(part => {
    const look = getComputedStyle(part);
    return look.overflowX === "hidden" && part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 1
        && !part.closest("[title], .vh, svg");
}).map(part => part.textContent.trim().slice(0, 40))"""
PAGES = [sample.name for sample in all_samples() if not sample.name.endswith("-part")]


@pytest.mark.parametrize(("language", "theme", "width"), [("zh-CN", "light", 1440), ("en", "dark", 390)])
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_accessible_and_silent(look, name, language, theme, width):
    page = await look(name, language, theme, width)
    # Where a refusal takes the focus the page has scrolled, and whatever lies under the bar then counts as covered.
    await page.evaluate("scrollTo(0, 0)")
    await page.evaluate(AXE)
    assert await page.evaluate(RUN_AXE) == []
    assert page.said == []


async def test_no_page_is_wider_than_its_window(look, address):
    page = await look(PAGES[0])
    wider = {}
    for name in PAGES:
        await page.goto(f"{address}/{name}")
        for width in (320, 390, 720, 1100):
            await page.set_viewport_size({"width": width, "height": 900})
            if parts := await page.evaluate(WIDER):
                wider[name, width] = parts
    assert wider == {}


async def test_no_words_are_cut_unless_their_title_has_them_whole(look, address):
    page = await look(PAGES[0], width=390)
    cut = {}
    for name in PAGES:
        await page.goto(f"{address}/{name}?lang=en")
        if parts := await page.evaluate(CUT):
            cut[name] = parts
    assert cut == {}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_name_that_never_ends_makes_no_page_wider(look, language):
    """Whoever has such a name has it on every page, so it is cut in the shell and whole in the menu behind it."""
    page = await look("record", language)
    name = "Wolfeschlegelsteinhausenbergerdorff" * 4
    places = ".person span, .top .menu p, h1, .crumb > :last-child"
    await page.evaluate(
        "([name, places]) => document.querySelectorAll(places).forEach(one => { one.textContent = name })",
        [name, places],
    )
    for width in (320, 390, 720, 1100, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate(WIDER) == [], width
    await page.set_viewport_size({"width": 390, "height": 900})
    await page.click(".person")
    assert await page.evaluate(WIDER) == []
    whole = await page.evaluate("(() => { const p = document.querySelector('.top .menu p');"
                                " return p.scrollWidth <= p.clientWidth })()")  # fmt: skip
    assert whole


async def test_on_a_phone_the_current_entry_of_the_shell_is_in_sight(look):
    page = await look("cycles", width=390)
    entry = await page.evaluate("document.querySelector('.side nav [aria-current]').getBoundingClientRect().toJSON()")
    assert 0 <= entry["left"] < entry["right"] <= 390


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(("name", "menu"), [("record", ".page-h"), ("breaches", "#filters"), ("home", ".top")])
async def test_a_menu_opens_whole_within_the_window(look, name, menu, width):
    page = await look(name, "en", width=width)
    for summary in await page.query_selector_all(f"{menu} summary"):
        await summary.click()
        opened = await summary.evaluate("one => one.nextElementSibling.getBoundingClientRect().toJSON()")
        assert 0 <= opened["left"] < opened["right"] <= width
        assert await summary.evaluate("({nextElementSibling: menu}) => menu.scrollWidth <= menu.clientWidth")


async def test_a_panel_of_few_rows_is_no_higher_than_they(look):
    page = await look("keys")
    await page.set_viewport_size({"width": 1440, "height": 900})
    assert await page.evaluate(
        """() => {
        const box = document.querySelector("#results .table-wrap");
        return box.clientHeight - box.querySelector("table").offsetHeight;
    }"""
    ) in (0, 1)


async def test_j_and_k_walk_through_the_rows_and_enter_opens_one(look):
    page = await look("list")
    first, second = await page.evaluate(
        "[...document.querySelectorAll('#results tbody tr')].slice(0, 2).map(row => row.querySelector('a').href)"
    )
    reached = []
    for key in ("j", "j", "k", "k"):
        await page.keyboard.press(key)
        reached.append(await page.evaluate("document.activeElement.href"))
    assert reached == [first, second, first, first]


async def test_whoever_switched_the_letters_off_may_type_them(look):
    page = await look("list")
    await page.evaluate("document.body.dataset.shortcuts = 'off'")
    for key in ("/", "j"):
        await page.keyboard.press(key)
    assert await page.evaluate("document.activeElement.tagName") == "BODY"


async def test_the_slash_goes_to_the_search_unless_something_is_being_typed(look):
    page = await look("list")
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") == "q"
    await page.keyboard.type("a/b")
    assert (await page.input_value("#q")).endswith("a/b")


async def test_escape_closes_a_menu_and_the_focus_returns(look):
    page = await look("list")
    await page.click("#filters summary")
    await page.keyboard.press("Escape")
    assert await page.evaluate("[document.activeElement.tagName, document.querySelector('#filters details').open]") == [
        "SUMMARY",
        False,
    ]


async def test_a_menu_closes_once_the_focus_has_left_it(look):
    page = await look("list")
    await page.focus("#filters summary")
    await page.keyboard.press("Enter")
    for _stop in range(12):
        await page.keyboard.press("Tab")
    assert await page.locator("#filters details[open]").count() == 0


async def test_a_dialog_opens_in_place_and_escape_gives_the_focus_back(look):
    page = await look("record")
    await page.click("[data-dialog=do-end]")
    assert await page.evaluate("document.querySelector('#do-end').matches(':modal')")
    await page.keyboard.press("Escape")
    assert await page.evaluate("document.activeElement.dataset.dialog") == "do-end"


async def test_without_script_the_dialog_stands_open_in_the_page(look):
    page = await look("record-asks", java_script_enabled=False)
    assert await page.is_visible("#do-end textarea")


@pytest.mark.parametrize(("name", "focused"), [("form-wrong", "form-errors"), ("record-refused", "problem")])
async def test_what_is_wrong_has_the_focus(look, name, focused):
    page = await look(name)
    assert await page.evaluate("document.activeElement.id") == focused


@pytest.mark.parametrize(("density", "least"), [("default", 12), ("compact", 16)])
async def test_so_many_rows_are_seen_at_once(look, density, least):
    page = await look("list")
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.evaluate("density => document.documentElement.dataset.density = density", density)
    assert await page.evaluate(SEEN) >= least
    assert await page.evaluate("document.querySelector('.t-foot').getBoundingClientRect().bottom <= innerHeight")
