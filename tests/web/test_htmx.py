"""Lists and forms under a person's hands: what is swapped, what the URL says, and what works without script."""

import pytest

pytestmark = pytest.mark.e2e

LIST = "contracts?sort=title"


def titles(page) -> list[str]:
    return page.locator("tbody .ttl a").all_text_contents()


def test_what_is_typed_filters_the_list_and_stands_in_the_url(look):
    page = look(LIST)
    page.fill("#q", "外包")
    page.wait_for_url("**q=*")
    page.wait_for_function("document.querySelectorAll('tbody tr').length > 0")
    assert all("外包" in title for title in titles(page))
    page.reload()
    assert page.input_value("#q") == "外包"
    assert all("外包" in title for title in titles(page))
    assert page.said == []


def test_a_filter_keeps_the_sort_and_a_sort_keeps_the_filter(look):
    page = look(LIST)
    page.click("th >> text=到期日")
    page.wait_for_url("**sort=to*")
    page.click("#filters summary >> text=状态")
    page.check("#filters input[value=active]")
    page.wait_for_url("**state=active*")
    assert "sort=to" in page.url
    page.click("th >> text=到期日")
    page.wait_for_url("**sort=-to*")
    assert "state=active" in page.url


def test_the_tab_of_the_view_follows_the_filters(look):
    page = look(LIST)
    assert page.text_content("#views [aria-current]").startswith("全部合同")
    page.click("#filters summary >> text=状态")
    page.check("#filters input[value=active]")
    page.wait_for_selector("#views [aria-current] >> text=生效中")
    assert page.locator("#views").count() == 1


def test_next_and_back_lead_through_the_same_pages(look):
    page = look(LIST)
    first = titles(page)
    page.click("a[rel=next]")
    page.wait_for_url("**cursor=5*")
    page.wait_for_selector("a[rel=prev]")
    second = titles(page)
    assert not set(first) & set(second)
    page.click("a[rel=prev]")
    page.wait_for_selector("a[rel=prev]", state="detached")
    assert titles(page) == first
    page.go_back()
    page.wait_for_selector("a[rel=prev]")
    assert titles(page) == second
    assert page.locator("nav.tabs").count() == 1
    assert page.locator(".side").count() == 1


def test_live_search_waits_until_pinyin_has_become_words(look):
    """No request while a word is composed; one when it is chosen."""
    page = look(LIST)
    asked: list[str] = []
    page.on("request", lambda request: "q=" in request.url and asked.append(request.url))
    page.focus("#q")
    device = page.context.new_cdp_session(page)
    device.send("Input.imeSetComposition", {"text": "yun", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(600)
    assert asked == []
    device.send("Input.insertText", {"text": "云"})
    page.wait_for_url("**q=*")
    page.wait_for_timeout(400)
    assert len(asked) == 1


def test_a_refused_form_comes_back_with_its_input_and_the_focus_on_what_is_wrong(look):
    page = look("contracts/new?")
    page.fill("#f-note", "半年一次的复核")
    page.click("button >> text=保存")
    page.wait_for_selector("#form-errors")
    assert page.evaluate("document.activeElement.id") == "form-errors"
    assert page.input_value("#f-note") == "半年一次的复核"
    assert page.locator("main form").count() == 1
    page.click("#form-errors a[href='#f-title']")
    assert page.evaluate("document.activeElement.id") == "f-title"
    assert page.evaluate("[...document.querySelectorAll('button')].every(button => !button.disabled)")


def test_a_fault_of_the_server_leaves_the_page_and_says_so(look):
    page = look(LIST)
    page.route("**/contracts?q=**", lambda route: route.fulfill(status=500, body="<h1>Traceback</h1>"))
    before = titles(page)
    page.fill("#q", "x")
    page.wait_for_selector(".toast.danger")
    assert titles(page) == before
    assert "数据未被修改" in page.text_content(".toast.danger")


def test_no_answer_at_all_says_so_too(look):
    page = look(LIST)
    page.route("**/contracts?q=**", lambda route: route.abort())
    page.fill("#q", "x")
    page.wait_for_selector(".toast.danger")


def test_without_script_one_can_search_sort_page_and_send_a_form(look):
    page = look(LIST, java_script_enabled=False)
    page.fill("#q", "外包")
    page.press("#q", "Enter")
    assert all("外包" in title for title in titles(page))
    page.click("th >> text=到期日")
    assert "sort=to" in page.url
    assert page.input_value("#q") == "外包"
    page.click("text=清除")
    page.click("a[rel=next]")
    page.click("a[rel=prev]")
    assert "cursor" not in page.url
    page = look("contracts/new?", java_script_enabled=False)
    page.fill("#f-note", "备注")
    page.click("button >> text=保存")
    assert page.input_value("#f-note") == "备注"
    assert page.is_visible("#form-errors")
