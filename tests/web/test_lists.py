"""The state of a list lies in its URL, and nothing else."""

from urllib.parse import parse_qs, urlsplit

from gateway.pages.lists import Column, ListQuery, View
from tests.web.samples import asked
from tests.web.samples.components import listing


def query(text: str) -> ListQuery:
    return ListQuery.of(asked("/contracts", text))


def params(href: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}


def test_several_ticks_become_one_parameter_and_empty_controls_none():
    assert query("state=active&state=ended&q=&to_from=").api_params() == {"limit": "25", "state": "active,ended"}


def test_the_way_back_stays_with_the_page():
    assert query("cursor=b&trail=-~a&state=active").api_params() == {"limit": "25", "cursor": "b", "state": "active"}


def test_going_on_and_back_again_leads_through_the_same_pages():
    first = query("state=active")
    second = ListQuery.of(asked("/contracts", urlsplit(first.next_href("aaa")).query))
    third = ListQuery.of(asked("/contracts", urlsplit(second.next_href("bbb")).query))
    assert (second.get("cursor"), third.get("cursor")) == ("aaa", "bbb")
    assert params(third.previous_href()) == params(first.next_href("aaa"))
    assert second.previous_href() == "/contracts?state=active"
    assert first.previous_href() == ""


def test_the_way_back_is_kept_for_twenty_pages_at_most():
    page = query("")
    for step in range(30):
        page = ListQuery.of(asked("/contracts", urlsplit(page.next_href(f"c{step}")).query))
    assert len(page.get("trail").split("~")) == 20
    assert params(page.previous_href())["cursor"] == "c28"


def test_sorting_and_filtering_begin_at_the_first_page_and_keep_each_other():
    inside = query("state=active&cursor=b&trail=-&q=云")
    assert params(inside.href(sort="-to")) == {"state": "active", "q": "云", "sort": "-to"}
    assert params(inside.href(state=None)) == {"q": "云"}


def test_a_click_on_a_sorted_column_turns_it_round():
    column = Column(key="to", title="到期日", sort="to", kind="when")
    assert params(listing("sort=to").sort_href(column))["sort"] == "-to"
    assert params(listing("sort=-to").sort_href(column))["sort"] == "to"
    assert listing("sort=-to").direction(column) == "descending"
    assert listing("").direction(column) == ""


def test_a_view_is_current_when_the_filters_are_just_its_own():
    view = View(title="生效中", filters=(("state", "active"),))
    assert query("state=active&sort=to&cursor=x").is_view(view)
    assert not query("state=active&q=x").is_view(view)
    assert params(query("sort=to&q=x").view_href(view)) == {"state": "active", "sort": "to"}


def test_a_filter_that_no_control_shows_is_carried_along():
    """Otherwise the first letter typed into the search would drop the saved view."""
    assert listing("ending=90&state=active&sort=to&q=x").carried == [("ending", "90"), ("sort", "to")]
