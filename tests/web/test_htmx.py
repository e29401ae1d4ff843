"""Lists and forms under a person's hands: what is swapped, what the URL says, and what works without script."""

import pytest

from tests.e2e.hands import press, renewed

pytestmark = pytest.mark.e2e

LIST = "contracts?sort=title"


async def titles(page) -> list[str]:
    return await page.locator("tbody .ttl a").all_text_contents()


async def test_what_is_typed_filters_the_list_and_stands_in_the_url(look):
    page = await look(LIST)
    async with renewed(page, "#results"):
        await page.fill("#q", "外包")
    await page.wait_for_url("**q=*")
    assert all("外包" in title for title in await titles(page))
    await page.reload()
    assert await page.input_value("#q") == "外包"
    assert all("外包" in title for title in await titles(page))
    assert page.said == []


async def test_a_filter_keeps_the_sort_and_a_sort_keeps_the_filter(look):
    page = await look(LIST)
    await page.click("th >> text=到期日")
    await page.wait_for_url("**sort=to*")
    await page.click("#filters summary >> text=状态")
    await page.check("#filters input[value=active]")
    await page.wait_for_url("**state=active*")
    assert "sort=to" in page.url
    await page.click("th >> text=到期日")
    await page.wait_for_url("**sort=-to*")
    assert "state=active" in page.url


async def test_the_url_of_a_filtered_list_names_nothing_that_is_empty(look):
    page = await look(LIST)
    await page.fill("#q", "外包")
    await page.wait_for_url("**q=*")
    assert set(page.url.split("?")[1].split("&")) == {"sort=title", "q=%E5%A4%96%E5%8C%85"}


async def test_a_sort_by_key_leaves_the_focus_where_it_was(look):
    page = await look(LIST)
    await page.focus("th a >> text=到期日")
    for way in ("to", "-to"):
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**sort={way}*")
        await page.wait_for_function("document.activeElement.textContent.includes('到期日')")


async def test_the_tab_of_the_view_follows_the_filters(look):
    page = await look(LIST)
    assert (await page.text_content("#views [aria-current]")).startswith("全部合同")
    await page.click("#filters summary >> text=状态")
    await page.check("#filters input[value=active]")
    await page.wait_for_selector("#views [aria-current] >> text=生效中")
    assert await page.locator("#views").count() == 1


async def test_next_and_back_lead_through_the_same_pages(look):
    page = await look(LIST)
    first = await titles(page)
    await press(page, "a[rel=next]", "#results")
    await page.wait_for_url("**cursor=5*")
    second = await titles(page)
    assert not set(first) & set(second)
    await press(page, "a[rel=prev]", "#results")
    assert await titles(page) == first
    await page.go_back()
    await page.wait_for_selector("a[rel=prev]")
    assert await titles(page) == second
    assert await page.locator("nav.tabs").count() == 1
    assert await page.locator(".side").count() == 1


async def test_live_search_waits_until_pinyin_has_become_words(look):
    """No request while a word is composed; one when it is chosen."""
    page = await look(LIST)
    asked: list[str] = []
    page.on("request", lambda request: "q=" in request.url and asked.append(request.url))
    await page.focus("#q")
    device = await page.context.new_cdp_session(page)
    await device.send("Input.imeSetComposition", {"text": "yun", "selectionStart": 3, "selectionEnd": 3})
    await page.wait_for_timeout(600)
    assert asked == []
    await device.send("Input.insertText", {"text": "云"})
    await page.wait_for_url("**q=*")
    await page.wait_for_timeout(400)
    assert len(asked) == 1


async def test_a_refused_form_comes_back_with_its_input_and_the_focus_on_what_is_wrong(look):
    page = await look("contracts/new?")
    await page.fill("#f-note", "半年一次的复核")
    await page.click("button >> text=保存")
    await page.wait_for_selector("#form-errors")
    assert await page.evaluate("document.activeElement.id") == "form-errors"
    assert await page.input_value("#f-note") == "半年一次的复核"
    assert await page.locator("main form").count() == 1
    await page.click("#form-errors a[href='#f-title']")
    assert await page.evaluate("document.activeElement.id") == "f-title"
    assert await page.evaluate("[...document.querySelectorAll('button')].every(button => !button.disabled)")


async def test_a_fault_of_the_server_leaves_the_page_and_says_so(look):
    page = await look(LIST)
    await page.route("**/contracts?q=**", lambda route: route.fulfill(status=500, body="<h1>Traceback</h1>"))
    before = await titles(page)
    await page.fill("#q", "x")
    await page.wait_for_selector(".toast.danger")
    assert await titles(page) == before
    assert "数据未被修改" in await page.text_content(".toast.danger")


async def test_no_answer_at_all_says_so_too(look):
    page = await look(LIST)
    await page.route("**/contracts?q=**", lambda route: route.abort())
    await page.fill("#q", "x")
    await page.wait_for_selector(".toast.danger")


async def test_without_script_one_can_search_sort_page_and_send_a_form(look):
    page = await look(LIST, java_script_enabled=False)
    await page.fill("#q", "外包")
    async with renewed(page):
        await page.press("#q", "Enter")
    assert all("外包" in title for title in await titles(page))
    await press(page, "th >> text=到期日")
    assert "sort=to" in page.url
    assert await page.input_value("#q") == "外包"
    await press(page, "text=清除")
    await press(page, "a[rel=next]")
    await press(page, "a[rel=prev]")
    assert "cursor" not in page.url
    page = await look("contracts/new?", java_script_enabled=False)
    await page.fill("#f-note", "备注")
    await press(page, "button >> text=保存")
    assert await page.input_value("#f-note") == "备注"
    assert await page.is_visible("#form-errors")
