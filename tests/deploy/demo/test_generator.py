"""What the demo's generator makes, whenever the house is started."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from deploy.api_client import Json
from deploy.demo.agreements import AGREEMENTS
from deploy.demo.contracts import PLANS, month_start
from deploy.demo.credit_codes import credit_code
from deploy.demo.firms import FIRMS
from deploy.demo.people import PEOPLE
from deploy.demo.stories import OPEN, closed_stories, open_stories, questions_on_open_tickets
from deploy.demo.tickets import STREAMS, six_months
from deploy.demo.working_hours import office_after
from services.kernel.identity import Role
from services.sla.agreements.rules import parse_agreement
from services.sla.agreements.rules.parsing import parse_version

NOWS = [
    datetime(2026, 11, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 8, 1, 0, tzinfo=UTC),  # after a week of holidays
    datetime(2026, 2, 28, 20, 0, tzinfo=UTC),  # the first of March in Shanghai
    datetime(2027, 1, 1, 0, 30, tzinfo=UTC),  # beyond the published holidays
]
CALENDARS = {"cn-office", "cn-24x7"}


def everything(now: datetime) -> list[Json]:
    """All events of all turns; every question on the open tickets is answered with the same day a week ago."""
    told = closed_stories(now)
    answer = {"latest_start": (now - timedelta(days=7)).isoformat()}
    answers = [answer] * len(questions_on_open_tickets(now))
    return [*six_months(now), *told.first, *open_stories(answers), *told.amended, *told.after_closing]


@pytest.mark.parametrize("now", NOWS)
def test_the_same_moment_has_the_same_tickets(now: datetime) -> None:
    assert six_months(now) == six_months(now)


@pytest.mark.parametrize("now", NOWS)
def test_no_event_lies_ahead_and_no_id_comes_twice(now: datetime) -> None:
    events = everything(now)
    assert max(datetime.fromisoformat(event["occurred_at"]) for event in events) <= now
    ids = Counter((event["source"], event["ticket"], event["event_id"]) for event in events)
    assert max(ids.values()) == 1


@pytest.mark.parametrize("now", NOWS)
def test_six_months_and_the_present_one_have_tickets(now: datetime) -> None:
    events = six_months(now)
    assert 4_000 < len(events) < 10_000
    first = min(event["occurred_at"] for event in events)
    assert first[:7] == f"{month_start(now.date(), -6):%Y-%m}" or now.hour >= 16


def test_what_has_been_amended_names_an_event_that_was_sent_before() -> None:
    told = closed_stories(NOWS[0])
    sent = {event["event_id"] for event in told.first}
    amended = [event.get("corrects") or event.get("withdraws") for event in told.amended]
    assert {named for named in amended if named} <= sent
    assert sum("corrects" in event for event in told.amended) == 1
    assert sum("withdraws" in event for event in told.amended) == 2
    assert told.after_closing


def test_every_agreement_is_one_that_the_rules_take() -> None:
    today = date(2026, 11, 25)
    for plan in AGREEMENTS:
        taken = parse_agreement(plan.body("HT-2026-000001", today), CALENDARS)
        assert [target.key for target in taken.first.targets] == [target["key"] for target in plan.targets]
        if plan.second:
            following = parse_version(plan.second_body(today), CALENDARS)
            assert [target.key for target in following.targets] == [target["key"] for target in plan.second]


def test_every_setting_of_a_clock_is_in_some_agreement() -> None:
    targets = [target for plan in AGREEMENTS for target in (*plan.targets, *(plan.second or ()))]
    assert {target["on_reopen"] for target in targets} == {"ignore", "continue", "new"}
    assert {target["on_goal_change"] for target in targets} == {"retroactive", "keep", "restart"}
    assert {target["count_stopped"] for target in targets} == {True, False}
    assert {name for target in targets for name in target["conditions"]} == {
        "start", "stop", "pause", "resume", "applies", "cancel",
    }  # fmt: skip


def test_there_are_eight_firms_twenty_contracts_and_a_stream_for_each_running_agreement() -> None:
    assert (len(FIRMS), len(PLANS)) == (8, 20)
    assert len({firm.code for firm in FIRMS}) == 8
    assert Counter(plan.state for plan in PLANS) == {"active": 12, "ended": 4, "draft": 4}
    assert {plan.contract for plan in AGREEMENTS} >= {stream.contract for stream in STREAMS}
    assert {firm.key for firm in FIRMS} == {plan.firm for plan in PLANS}


def test_contracts_run_as_their_state_says_whenever_the_demo_is_made() -> None:
    for now in NOWS:
        today = now.date()
        for plan in PLANS:
            first, last = plan.first_day(today), plan.last_day(today)
            assert first <= last
            if plan.state == "active":
                assert first <= today <= last
            elif plan.state == "ended":
                assert last < today
            else:
                assert first > today


def test_a_contracts_value_is_what_its_months_come_to() -> None:
    desk = next(plan for plan in PLANS if plan.key == "desk")
    body = desk.body(date(2026, 11, 25), "wang.min", "GYS-2026-000001")
    assert body["value"] == {"amount": "7580000.00", "currency": "CNY"}  # 5 × 300,000 + 19 × 320,000
    assert [term["from"] for term in body["terms"]] == ["2026-03-01", "2026-08-01"]


def test_every_role_has_an_account_and_two_firms_have_users() -> None:
    assert {person.role for person in PEOPLE} == {role.value for role in Role}
    assert len({person.firm for person in PEOPLE if person.firm}) == 2


@pytest.mark.parametrize(
    ("place", "organisation", "code"),
    [("91350100", "M000100Y", "91350100M000100Y43"), ("91110000", "60003734", "91110000600037341L")],
)
def test_codes_have_the_check_digits_of_published_ones(place: str, organisation: str, code: str) -> None:
    assert credit_code(place, organisation) == code


def test_office_time_goes_on_after_a_weekend() -> None:
    friday = datetime.fromisoformat("2026-11-20T17:00:00+08:00")
    assert office_after(friday, 2 * 3600) == datetime.fromisoformat("2026-11-23T10:00:00+08:00")


def test_open_tickets_run_wait_and_have_been_breached() -> None:
    assert any(each.waits for each in OPEN)
    assert any(each.new for each in OPEN)
    assert any(each.share > 1 for each in OPEN)
    assert sum(0.75 <= each.share <= 1 for each in OPEN) >= 5
