"""Tickets told by hand: those that are open now, and those whose history shows a rule of the clocks.

A story is told in turns, since what is known later is sent later: first the events as they came, then corrections and
withdrawals, and last what arrives after the month has been closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from deploy.api_client import Json
from deploy.demo.contracts import month_start
from deploy.demo.tickets import STREAMS, Stream, Ticket
from deploy.demo.working_hours import SHANGHAI, at, is_workday

STREAM = {stream.contract: stream for stream in STREAMS}


@dataclass
class Told:
    """Events by the turn in which they are sent."""

    first: list[Json] = field(default_factory=list)
    amended: list[Json] = field(default_factory=list)
    after_closing: list[Json] = field(default_factory=list)

    def __iadd__(self, other: "Told") -> "Told":
        self.first += other.first
        self.amended += other.amended
        self.after_closing += other.after_closing
        return self


@dataclass(frozen=True)
class Names:
    """The tickets that people decide on: excluded, refused, asked for and acknowledged breaches."""

    excluded: str = "INC0017001"
    refused: str = "INC0017002"
    asked: str = "INC0017003"
    acknowledged: str = "INC0017004"


NAMES = Names()


class Calendar:
    """Working days as seen from today, for the stories' dates."""

    def __init__(self, now: datetime) -> None:
        self.today = now.astimezone(SHANGHAI).date()

    def ago(self, workdays: int, clock: str) -> datetime:
        """That many working days before today, at a wall-clock time."""
        day = self.today
        while workdays:
            day -= timedelta(days=1)
            workdays -= is_workday(day)
        return at(day, time.fromisoformat(clock))

    def of_month(self, month: int, workday: int, clock: str) -> datetime:
        """The n-th working day (from 1) of the month so many after this one."""
        day: date = month_start(self.today, month)
        while True:
            workday -= is_workday(day)
            if workday <= 0:
                return at(day, time.fromisoformat(clock))
            day += timedelta(days=1)


def closed_stories(now: datetime) -> Told:
    """Those that are over."""
    calendar = Calendar(now)
    told = Told()
    for story in (
        _the_long_one,
        _excluded,
        _acknowledged,
        _restated,
        _vanished_cycle,
        _restarted,
        _resolved_by_mistake,
    ):
        told += story(calendar)
    return told


def _ticket(
    contract: str, number: str, opened: datetime, priority: str, title: str, category: str, **more: str
) -> Ticket:
    stream = STREAM[contract]
    ticket = Ticket(stream.source, number, stream.url)
    attributes: Json = {"state": "新建", "priority": priority, "title": title, "category": category, **more}
    ticket.add(opened, "opened", "portal", **attributes)
    return ticket


def _work(ticket: Ticket, opened: datetime, agent: str, group: str, after: timedelta = timedelta(minutes=6)) -> None:
    ticket.add(opened + after, "assigned", agent, state="处理中", assignment_group=group, assigned_to=agent)


def _the_long_one(calendar: Calendar) -> Told:
    """Another priority, two waits, a reopening and a correction: 18 h 45 min of work where 16 h were agreed."""
    days = (9, 8, 7, 6, 5, 4)
    opened = calendar.ago(days[0], "15:20")
    number = "INC0018842"
    ticket = _ticket("desk", number, opened, "3", "批量付款文件导出失败", "业务门户", customer_level="重要")
    ticket.add(calendar.ago(days[0], "15:31"), "updated", "wang.min", priority="2")
    _work(ticket, opened, "chen.hao", "门户运维组", timedelta(minutes=28, seconds=12))
    ticket.add(calendar.ago(days[1], "11:00"), "waiting", "chen.hao", state="等待用户答复")
    ticket.add(calendar.ago(days[2], "10:30"), "resumed", "chen.hao", state="处理中")
    ticket.add(calendar.ago(days[3], "11:30"), "resolved", "chen.hao", state="已解决")
    ticket.add(calendar.ago(days[4], "09:35"), "called back", "liu.fang", called_back=True)
    ticket.add(calendar.ago(days[4], "09:40"), "reopened", "liu.fang", state="处理中")
    wrong = ticket.add(calendar.ago(days[4], "09:50"), "waiting", "chen.hao", state="等待第三方")
    ticket.add(calendar.ago(days[4], "15:30"), "resumed", "chen.hao", state="处理中")
    ticket.add(calendar.ago(days[5], "10:05"), "resolved", "chen.hao", state="已解决")
    first = list(ticket.events)
    ticket.add(calendar.ago(days[4], "10:10"), "waiting", "chen.hao", state="等待第三方")
    ticket.events[-1]["corrects"] = wrong
    return Told(first=first, amended=ticket.events[len(first) :])


def _excluded(calendar: Calendar) -> Told:
    """Three breaches on which people decide: excluded (in a month that is closed after), refused, and still asked."""
    told = Told()
    for number, opened, title in (
        (NAMES.excluded, calendar.of_month(-2, 6, "09:10"), "第三方补丁导致合同影像无法打开"),
        (NAMES.refused, calendar.of_month(-2, 9, "10:25"), "电子签章插件报错"),
        (NAMES.asked, calendar.ago(6, "09:30"), "考勤接口丢数据"),
    ):
        ticket = _ticket("desk", number, opened, "2", title, "业务门户")
        _work(ticket, opened, "xu.lei", "门户运维组")
        workday = _next_workdays(opened, 2)
        ticket.add(at(workday, time(16, 20)), "resolved", "xu.lei", state="已解决")
        told.first += ticket.events
    return told


def _acknowledged(calendar: Calendar) -> Told:
    opened = calendar.ago(4, "09:05")
    ticket = _ticket("desk", NAMES.acknowledged, opened, "2", "域账号批量被锁定", "账号与权限", customer_level="VIP")
    _work(ticket, opened, "yang.jing", "账号管理组", timedelta(minutes=41))
    ticket.add(calendar.ago(2, "11:00"), "resolved", "yang.jing", state="已解决")
    return Told(first=ticket.events)


def _restated(calendar: Calendar) -> Told:
    """A breach of last month that a late word from the supplier undoes, after the month has been closed."""
    opened = calendar.of_month(-1, 5, "10:00")
    ticket = _ticket("desk", "INC0018731", opened, "2", "工资单推送失败", "业务门户")
    _work(ticket, opened, "deng.kai", "门户运维组", timedelta(minutes=12))
    ticket.add(calendar.of_month(-1, 7, "12:00"), "resolved", "deng.kai", state="已解决")
    first = list(ticket.events)
    ticket.add(calendar.of_month(-1, 6, "09:30"), "waiting", "deng.kai", state="等待用户答复")
    ticket.add(calendar.of_month(-1, 6, "17:00"), "resumed", "deng.kai", state="处理中")
    return Told(first=first, after_closing=ticket.events[len(first) :])


def _vanished_cycle(calendar: Calendar) -> Told:
    """Reopened by mistake: when that event is withdrawn, the second cycle stays visible as withdrawn."""
    opened = calendar.ago(12, "20:15")
    ticket = _ticket("apps", "QH0017010", opened, "3", "日终对账文件缺失", "批处理")
    _work(ticket, opened, "fang.yu", "应用二线")
    ticket.add(opened + timedelta(hours=5), "resolved", "fang.yu", state="已解决")
    mistaken = ticket.add(opened + timedelta(hours=11), "reopened", "monitor", state="处理中")
    first = list(ticket.events)
    ticket.add(opened + timedelta(hours=12), "withdrawn", "fang.yu")
    ticket.events[-1]["withdraws"] = mistaken
    ticket.add(opened + timedelta(hours=12, minutes=5), "closed", "fang.yu", state="已关闭")
    return Told(first=first, amended=ticket.events[len(first) :])


def _restarted(calendar: Calendar) -> Told:
    """Made urgent in the evening: the first cycle ends as reset, the second has four hours and does not keep them."""
    opened = calendar.ago(7, "16:40")
    ticket = _ticket("apps", "QH0017011", opened, "3", "银企直连返回超时", "接口")
    _work(ticket, opened, "luo.min", "中间件组")
    ticket.add(opened + timedelta(hours=2), "updated", "luo.min", priority="1")
    ticket.add(opened + timedelta(hours=3), "waiting", "luo.min", state="等待第三方")
    ticket.add(opened + timedelta(hours=4, minutes=30), "resumed", "luo.min", state="处理中")
    ticket.add(opened + timedelta(hours=8, minutes=10), "resolved", "luo.min", state="已解决")
    return Told(first=ticket.events)


def _resolved_by_mistake(calendar: Calendar) -> Told:
    """The word that it was resolved is withdrawn: the clock has been running all the while."""
    opened = calendar.ago(2, "14:10")
    ticket = _ticket("payroll", "HR0017005", opened, "2", "补发上月差额", "薪酬")
    _work(ticket, opened, "tao.yan", "薪酬组")
    mistaken = ticket.add(calendar.ago(1, "09:40"), "resolved", "tao.yan", state="已解决")
    first = list(ticket.events)
    ticket.add(calendar.ago(1, "10:05"), "withdrawn", "tao.yan")
    ticket.events[-1]["withdraws"] = mistaken
    return Told(first=first, amended=ticket.events[len(first) :])


def _next_workdays(start: datetime, count: int) -> date:
    day = start.astimezone(SHANGHAI).date()
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


@dataclass(frozen=True)
class Open:
    """A ticket that is open now. share: of its resolution goal worked until now, or until it began to wait.

    waits: working seconds that it has waited; 0 where it is being worked on. new: nobody has taken it up, and the
    share is one of its response goal.
    """

    contract: str
    number: str
    priority: str
    share: float
    title: str
    category: str
    waits: int = 0
    new: bool = False

    @property
    def stream(self) -> Stream:
        return STREAM[self.contract]

    @property
    def calendar(self) -> str:
        around_the_clock = self.contract == "apps" or (self.contract == "desk" and self.priority == "1")
        return "cn-24x7" if around_the_clock else "cn-office"

    @property
    def worked(self) -> int:
        response, resolution = self.stream.seconds[self.priority]
        return round((response if self.new else resolution) * self.share)

    def questions(self, now: datetime) -> list[Json]:
        """When it must have been opened, and have begun to wait, to stand where it stands now."""
        return [
            {"calendar": self.calendar, "end": now.isoformat(), "goal_seconds": seconds}
            for seconds in (self.waits + self.worked, self.waits)
        ]

    def told(self, opened: datetime, waits_since: datetime) -> list[Json]:
        agent, group = self.stream.trade.agents[0], self.stream.trade.groups[0]
        ticket = _ticket(self.contract, self.number, opened, self.priority, self.title, self.category)
        if not self.new:
            _work(ticket, opened, agent, group, timedelta(minutes=4))
        if self.waits:
            ticket.add(waits_since, "waiting", agent, state="等待用户答复")
        return ticket.events


OPEN = (
    Open("desk", "INC0019127", "1", 1.06, "门户登录 503", "业务门户"),
    Open("desk", "INC0019131", "2", 0.88, "VPN 无法分配地址", "账号与权限", new=True),
    Open("desk", "INC0019102", "2", 0.96, "发票影像上传失败", "业务门户"),
    Open("desk", "INC0019044", "2", 0.63, "考勤接口重复打卡", "业务门户"),
    Open("desk", "INC0018990", "3", 0.83, "采购审批页面卡顿", "业务门户"),
    Open("desk", "INC0019008", "3", 0.40, "合同影像无法打开", "业务门户", waits=9 * 3600),
    Open("desk", "INC0019076", "3", 0.18, "打印服务器驱动更新", "终端设备"),
    Open("desk", "INC0019115", "3", 0.06, "会议室预订同步延迟", "办公软件"),
    Open("desk", "INC0019120", "4", 0.02, "新员工账号申请", "账号与权限"),
    Open("desk", "INC0018955", "3", 1.12, "共享目录无访问权限", "账号与权限"),
    Open("apps", "QH0019031", "2", 0.81, "消息队列堆积", "性能"),
    Open("apps", "QH0019034", "1", 0.52, "数据库连接池耗尽", "性能"),
    Open("apps", "QH0019012", "3", 0.93, "导出字段错位", "缺陷"),
    Open("apps", "QH0018977", "4", 0.35, "报表合计不平", "缺陷", waits=5 * 3600),
    Open("payroll", "HR0019020", "1", 0.92, "公积金转移办理", "社保公积金"),
    Open("payroll", "HR0019021", "2", 0.47, "专项附加扣除更新", "个税"),
    Open("payroll", "HR0019022", "3", 0.20, "收入证明开具", "证明开具"),
    Open("network", "NW0019003", "2", 0.77, "光模块告警", "链路"),
    Open("network", "NW0018996", "3", 1.20, "空调回风温度过高", "机房"),
    Open("network", "NW0019001", "3", 0.55, "端口策略开通", "变更", waits=3 * 3600),
    Open("patents", "JC0019001", "3", 0.70, "储能温控技术查新（补充）", "检索"),
)


def questions_on_open_tickets(now: datetime) -> list[Json]:
    return [question for each in OPEN for question in each.questions(now)]


def open_stories(answers: list[Json]) -> Iterator[Json]:
    """The events of the open tickets, by the answers to those questions, in their order."""
    instants = [datetime.fromisoformat(answer["latest_start"]) for answer in answers]
    for place, each in enumerate(OPEN):
        yield from each.told(*instants[2 * place : 2 * place + 2])
