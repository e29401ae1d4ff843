"""The demo's agreements: each shows other settings of a clock, and none is odd for its trade."""

from dataclasses import dataclass
from datetime import date

from deploy.api_client import Json
from deploy.demo.contracts import month_start

HOUR = 3600
OFFICE, ALWAYS = "cn-office", "cn-24x7"
OFFICE_DAY = 9 * HOUR

STATE_GIVEN: Json = {"field": "state", "op": "set"}
RESOLVED: Json = {"field": "state", "op": "in", "value": ["已解决", "已关闭"]}
WAITING: Json = {"field": "state", "op": "in", "value": ["等待用户答复", "等待第三方"]}
TAKEN_UP: Json = {"field": "state", "op": "not_in", "value": ["新建"]}
CANCELLED: Json = {"field": "state", "op": "eq", "value": "已取消"}

RESPONSE = {"zh": "响应时限", "en": "Response"}
RESOLUTION = {"zh": "解决时限", "en": "Resolution"}


def goals(by_priority: dict[str, int | None], urgent: str | None = None) -> list[Json]:
    """The lines of a target: one a priority in seconds, the last for all others; P1 by the calendar `urgent`."""
    *named, (_, rest) = by_priority.items()
    lines: list[Json] = [
        {"when": {"field": "priority", "op": "eq", "value": priority}, "seconds": seconds}
        for priority, seconds in named
    ]
    if urgent:
        lines[0]["calendar"] = urgent
    return [*lines, {"seconds": rest}]


def target(key: str, name: Json, calendar: str, conditions: Json, lines: list[Json], **settings: object) -> Json:
    """One clock target; what is not said is what most agreements say."""
    usual = {
        "on_goal_change": "retroactive",
        "on_reopen": "continue",
        "count_stopped": False,
        "warn_at": [75, 90],
        "min_volume": 10,
        "allocation": "0.50",
        "tiers": [{"below": "0.95", "rate": "0.40"}, {"below": "0.90", "rate": "1.00"}],
    }
    body: Json = {
        "key": key,
        "name": name,
        "kind": "clock",
        "calendar": calendar,
        "conditions": conditions,
        "goals": lines,
    }
    if calendar == OFFICE:
        body["day_seconds"] = OFFICE_DAY
    return {**body, **usual, **settings}


@dataclass(frozen=True)
class AgreementPlan:
    """One agreement: the contract's key, its title, targets, and the targets of a second version, if there is one.

    second_from: the month, counted from the present one, on whose first day the second version is in force.
    """

    contract: str
    title: str
    targets: list[Json]
    second: list[Json] | None = None
    second_from: int = 0

    def body(self, contract_number: str, first_day: date) -> Json:
        return {
            "contract": contract_number,
            "title": self.title,
            "zone": "Asia/Shanghai",
            "period": "month",
            "from": first_day.isoformat(),
            "until": None,
            "targets": self.targets,
        }

    def second_body(self, today: date) -> Json:
        return {"from": month_start(today, self.second_from).isoformat(), "until": None, "targets": self.second}


def _desk_targets(p2_resolution: int, callback: bool) -> list[Json]:
    """Help desk: P1 around the clock; a call back to important people, which the second version brings."""
    response = target(
        "response",
        RESPONSE,
        OFFICE,
        {"start": STATE_GIVEN, "stop": TAKEN_UP},
        goals({"1": 900, "2": 1800, "3": 2 * HOUR, "4": 4 * HOUR}, urgent=ALWAYS),
        on_reopen="ignore",
        allocation="0.30",
        tiers=[{"below": "0.97", "rate": "0.20"}, {"below": "0.93", "rate": "0.60"}],
    )
    resolution = target(
        "resolution",
        RESOLUTION,
        OFFICE,
        {"start": STATE_GIVEN, "stop": RESOLVED, "pause": WAITING, "cancel": CANCELLED},
        goals({"1": 4 * HOUR, "2": p2_resolution, "3": 40 * HOUR, "4": 72 * HOUR}, urgent=ALWAYS),
    )
    if not callback:
        return [response, resolution]
    important = {"field": "customer_level", "op": "in", "value": ["VIP", "重要"]}
    called = {"field": "called_back", "op": "eq", "value": True}
    call = target(
        "callback",
        {"zh": "回访时限", "en": "Call-back"},
        OFFICE,
        {"start": {"field": "state", "op": "eq", "value": "已解决"}, "stop": called, "applies": important},
        [{"seconds": OFFICE_DAY}],
        on_reopen="ignore",
        allocation="0.20",
        tiers=[{"below": "0.90", "rate": "0.50"}],
    )
    return [response, resolution, call]


def _apps_targets() -> list[Json]:
    """Applications around the clock: each reopening is a case of its own, another priority starts the clock anew."""
    return [
        target(
            "response",
            RESPONSE,
            ALWAYS,
            {"start": STATE_GIVEN, "stop": TAKEN_UP},
            goals({"1": 900, "2": 1800, "3": HOUR, "4": 2 * HOUR}),
            on_reopen="ignore",
            allocation="0.40",
        ),
        target(
            "resolution",
            {"zh": "恢复时限", "en": "Restoration"},
            ALWAYS,
            {"start": STATE_GIVEN, "stop": RESOLVED, "pause": WAITING, "cancel": CANCELLED},
            goals({"1": 4 * HOUR, "2": 8 * HOUR, "3": 24 * HOUR, "4": 72 * HOUR}),
            on_reopen="new",
            on_goal_change="restart",
            allocation="0.60",
            tiers=[
                {"below": "0.96", "rate": "0.30"},
                {"below": "0.92", "rate": "0.60"},
                {"below": "0.85", "rate": "1.00"},
            ],
        ),
    ]


def _payroll_targets() -> list[Json]:
    """Payroll: only questions on pay and insurance have a clock; the goal of the beginning holds to the end."""
    paid = {"field": "category", "op": "in", "value": ["薪酬", "社保公积金", "个税"]}
    return [
        target(
            "resolution",
            {"zh": "办结时限", "en": "Completion"},
            OFFICE,
            {"start": STATE_GIVEN, "stop": RESOLVED, "pause": WAITING, "applies": paid, "cancel": CANCELLED},
            goals({"1": 9 * HOUR, "2": 18 * HOUR, "3": 27 * HOUR}),
            on_goal_change="keep",
            allocation="1.00",
            tiers=[
                {"below": "0.98", "rate": "0.20"},
                {"below": "0.94", "rate": "0.50"},
                {"below": "0.90", "rate": "1.00"},
            ],
        )
    ]


def _network_targets() -> list[Json]:
    """On site: stopped time counts when a fault comes back; a wait ends only by an explicit resumption."""
    resumed = {"field": "state", "op": "eq", "value": "处理中"}
    return [
        target(
            "arrival",
            {"zh": "到场时限", "en": "On site"},
            OFFICE,
            {"start": STATE_GIVEN, "stop": TAKEN_UP},
            goals({"1": HOUR, "2": 2 * HOUR, "3": 4 * HOUR, "4": None}),
            on_reopen="ignore",
            min_volume=5,
            allocation="0.40",
        ),
        target(
            "resolution",
            {"zh": "修复时限", "en": "Repair"},
            OFFICE,
            {"start": STATE_GIVEN, "stop": RESOLVED, "pause": WAITING, "resume": resumed, "cancel": CANCELLED},
            goals({"1": 4 * HOUR, "2": 9 * HOUR, "3": 27 * HOUR, "4": None}),
            count_stopped=True,
            min_volume=5,
            allocation="0.60",
        ),
    ]


def _patent_targets() -> list[Json]:
    """So few cases a month that most months stay without a grade."""
    return [
        target(
            "report",
            {"zh": "报告交付时限", "en": "Report delivered"},
            OFFICE,
            {"start": STATE_GIVEN, "stop": RESOLVED, "pause": WAITING, "cancel": CANCELLED},
            [{"seconds": 90 * HOUR}],
            allocation="1.00",
        )
    ]


def _simple_targets(resolution: int) -> list[Json]:
    return [
        target(
            "resolution",
            RESOLUTION,
            OFFICE,
            {"start": STATE_GIVEN, "stop": RESOLVED, "pause": WAITING, "cancel": CANCELLED},
            [{"seconds": resolution}],
            allocation="1.00",
        )
    ]


AGREEMENTS = (
    AgreementPlan(
        "desk",
        "IT 服务台服务级别协议",
        _desk_targets(18 * HOUR, callback=False),
        second=_desk_targets(16 * HOUR, callback=True),
        second_from=-3,
    ),
    AgreementPlan("apps", "应用运维服务级别协议", _apps_targets()),
    AgreementPlan("payroll", "人事共享服务级别协议", _payroll_targets()),
    AgreementPlan("network", "网络驻场运维服务级别协议", _network_targets()),
    AgreementPlan("patents", "专利检索服务级别协议", _patent_targets()),
    AgreementPlan("callcentre", "客服系统维护服务级别协议", _simple_targets(27 * HOUR)),
    AgreementPlan("archive", "档案数字化服务级别协议", _simple_targets(45 * HOUR)),
    AgreementPlan("governance", "数据治理平台服务级别协议", _simple_targets(36 * HOUR)),
)
