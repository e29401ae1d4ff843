"""The words of the sentence that says a target, in both languages.

Not in the catalogues: the API gives both languages at once, whatever the reader's, and the two differ in grammar, not
only in words. `{…}` are places for settings; each becomes a link to its field.
"""

from dataclasses import dataclass

from services.sla.agreements.rules.agreement import OnGoalChange, OnReopen
from services.sla.agreements.rules.conditions import Op


@dataclass(frozen=True)
class Words:
    """One language. tests: how one attribute is tested. frames: the clauses, in the order in which they are said."""

    tests: dict[Op, str]
    single_not_in: str
    fields: dict[str, str]
    truth: dict[bool, str]
    quoted: str
    comma: str
    last_or: str
    last_and: str
    last_share: str
    negated: str
    bracketed: str
    days: str
    one_day: str
    working_day: str
    units: tuple[tuple[int, str, str], ...]  # seconds, one, several
    unit_space: str
    between_units: str
    not_rated: str
    goal: str
    goal_otherwise: str
    goal_only: str
    goals_join: str
    begins: str
    applies: str
    pauses: str
    pauses_until: str
    cancels: str
    resets: str
    clauses_join: str
    stop: str
    goals: str
    on_goal_change: dict[OnGoalChange, str]
    on_reopen: dict[OnReopen, str]
    continue_counted: str
    warns: str
    volume: str
    tiers: str
    tier: str


ENGLISH = Words(
    tests={
        Op.EQ: "{field} is {value}", Op.NE: "{field} is not {value}", Op.IN: "{field} is {value}",
        Op.NOT_IN: "{field} is none of {value}", Op.SET: "{field} is given", Op.UNSET: "{field} is not given",
        Op.LT: "{field} is below {value}", Op.LE: "{field} is at most {value}", Op.GT: "{field} is above {value}",
        Op.GE: "{field} is at least {value}",
    },
    single_not_in="{field} is not {value}",
    fields={},
    truth={True: "true", False: "false"},
    quoted="“{}”",
    comma=", ",
    last_or=" or ",
    last_and=" and ",
    last_share=" and ",
    negated="not ({})",
    bracketed="({})",
    days="{n} days of {day}",
    one_day="1 day of {day}",
    working_day="{}",
    units=((3_600, "hour", "hours"), (60, "minute", "minutes"), (1, "second", "seconds")),
    unit_space=" ",
    between_units=" ",
    not_rated="not rated",
    goal="{seconds} ({calendar}) where {when}",
    goal_otherwise="{seconds} ({calendar}) otherwise",
    goal_only="{seconds} ({calendar})",
    goals_join="; ",
    begins="Starts when {start}, stops when {stop}",
    applies="applies only where {applies}",
    pauses="stands while {pause}",
    pauses_until="stands from when {pause} until {resume}",
    cancels="is cancelled when {cancel}",
    resets="begins anew when {reset}",
    clauses_join="; ",
    stop=". ",
    goals="Goal: {goals}",
    on_goal_change={
        OnGoalChange.RETROACTIVE: "A changed goal {judges all the time elapsed}",
        OnGoalChange.KEEP: "A changed goal {leaves an open cycle its own}",
        OnGoalChange.RESTART: "A changed goal {begins a new cycle}",
    },
    on_reopen={
        OnReopen.IGNORE: "a reopened ticket {stays ended}",
        OnReopen.CONTINUE: "a reopened ticket {continues its cycle, without the stopped time}",
        OnReopen.NEW: "a reopened ticket {opens a new cycle}",
    },
    continue_counted="a reopened ticket {continues its cycle, the stopped time included}",
    warns="At risk at {percents}",
    volume="Rated from {volume} cycles a month",
    tiers="Credit, out of {allocation} of what is at risk: {tiers}",
    tier="{rate} below {below} attainment",
)  # fmt: skip

CHINESE = Words(
    tests={
        Op.EQ: "{field}为{value}", Op.NE: "{field}不为{value}", Op.IN: "{field}为{value}",
        Op.NOT_IN: "{field}不属于{value}", Op.SET: "{field}有值", Op.UNSET: "{field}无值",
        Op.LT: "{field}小于 {value}", Op.LE: "{field}不大于 {value}", Op.GT: "{field}大于 {value}",
        Op.GE: "{field}不小于 {value}",
    },
    single_not_in="{field}不为{value}",
    fields={
        "state": "状态", "priority": "优先级", "severity": "严重程度", "category": "类别", "subcategory": "子类别",
        "owner": "负责人", "assigned_to": "处理人", "assignment_group": "处理组", "kind": "类型", "type": "类型",
        "code": "代码", "reason": "原因", "vip": "重要客户", "urgency": "紧急程度", "impact": "影响程度",
    },
    truth={True: "“是”", False: "“否”"},
    quoted="“{}”",
    comma="、",
    last_or="或",
    last_and="且",
    last_share="、",
    negated="并非（{}）",
    bracketed="（{}）",
    days="{n} 天（每天 {day}）",
    one_day="1 天（每天 {day}）",
    working_day="{}",
    units=((3_600, "小时", "小时"), (60, "分钟", "分钟"), (1, "秒", "秒")),
    unit_space=" ",
    between_units=" ",
    not_rated="不考核",
    goal="{when}时 {seconds}（{calendar}）",
    goal_otherwise="其余 {seconds}（{calendar}）",
    goal_only="{seconds}（{calendar}）",
    goals_join="；",
    begins="{start}即开始计时，到{stop}为止",
    applies="仅适用于{applies}的工单",
    pauses="{pause}期间暂停",
    pauses_until="自{pause}起暂停，至{resume}恢复",
    cancels="{cancel}时取消",
    resets="{reset}时重新计时",
    clauses_join="；",
    stop="。",
    goals="目标：{goals}",
    on_goal_change={
        OnGoalChange.RETROACTIVE: "目标变化时{新目标追溯全部已用时间}",
        OnGoalChange.KEEP: "目标变化时{保持该轮开始时的目标}",
        OnGoalChange.RESTART: "目标变化时{重新开始一轮}",
    },
    on_reopen={
        OnReopen.IGNORE: "重新打开后{不再计时}",
        OnReopen.CONTINUE: "重新打开则{同一轮继续，停表期间不计}",
        OnReopen.NEW: "重新打开则{另起一轮}",
    },
    continue_counted="重新打开则{同一轮继续，停表期间计入}",
    warns="达到目标的 {percents} 时预警",
    volume="每月满 {volume} 轮方考核",
    tiers="服务抵扣的分配额为风险金额的 {allocation}：达标率{tiers}",
    tier="低于 {below} 抵扣 {rate}",
)  # fmt: skip

LANGUAGES = {"zh": CHINESE, "en": ENGLISH}
