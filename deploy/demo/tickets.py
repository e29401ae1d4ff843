"""Six months of tickets from a seed: opened, taken up, waited on, solved, now and then reopened or cancelled.

The same seed and the same `now` give the same tickets. How long each takes is drawn as a share of its goal, so that
the months come out as months do: mostly met, some below a tier.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from deploy.api_client import Json
from deploy.demo.contracts import MONTHS_OF_TICKETS, month_start
from deploy.demo.phrases import APPS, CALLCENTRE, DESK, NETWORK, PATENTS, PAYROLL, Trade
from deploy.demo.working_hours import SHANGHAI, around_the_clock_after, office_after

HOUR = 3600
After = Callable[[datetime, float], datetime]


@dataclass(frozen=True)
class Stream:
    """The tickets of one agreement, as one source sends them.

    seconds: response and resolution goals by priority, which the durations are drawn from. weights: how common each
    priority is. missed: for each month, the share that misses its resolution; the last holds for those after it.
    until: months from the present one from whose first day on there are none.
    """

    contract: str
    source: str
    source_name: str
    prefix: str
    per_month: int
    trade: Trade
    after: After
    seconds: dict[str, tuple[int, int]]
    weights: tuple[int, ...]
    missed: tuple[float, ...]
    silent_after: int = 7 * 86400
    until: int = 1
    url: str = ""


STREAMS = (
    Stream(
        "desk",
        "servicedesk",
        "IT 服务台",
        "INC",
        90,
        DESK,
        office_after,
        {"1": (900, 4 * HOUR), "2": (1800, 16 * HOUR), "3": (2 * HOUR, 40 * HOUR), "4": (4 * HOUR, 72 * HOUR)},
        (4, 18, 58, 20),
        (0.03, 0.08, 0.04, 0.07, 0.12, 0.06),
        url="https://servicedesk.example/incident/",
    ),
    Stream(
        "apps",
        "qihe-itsm",
        "栖禾运维平台",
        "QH",
        45,
        APPS,
        around_the_clock_after,
        {"1": (900, 4 * HOUR), "2": (1800, 8 * HOUR), "3": (HOUR, 24 * HOUR), "4": (2 * HOUR, 72 * HOUR)},
        (6, 24, 52, 18),
        (0.02, 0.03, 0.10, 0.02, 0.05, 0.03),
        url="https://itsm.qihe.example/t/",
    ),
    Stream(
        "payroll",
        "hr-portal",
        "员工服务门户",
        "HR",
        40,
        PAYROLL,
        office_after,
        {"1": (HOUR, 9 * HOUR), "2": (2 * HOUR, 18 * HOUR), "3": (4 * HOUR, 27 * HOUR)},
        (10, 30, 60),
        (0.01, 0.05, 0.03, 0.0, 0.09, 0.02),
    ),
    Stream(
        "network",
        "netwatch",
        "网络监控",
        "NW",
        26,
        NETWORK,
        office_after,
        {"1": (HOUR, 4 * HOUR), "2": (2 * HOUR, 9 * HOUR), "3": (4 * HOUR, 27 * HOUR), "4": (9 * HOUR, 54 * HOUR)},
        (8, 28, 50, 14),
        (0.05, 0.02, 0.08, 0.13, 0.03, 0.05),
        # Silent soon after the demo is loaded: silence is the commonest false green, and the home page says so.
        silent_after=60,
    ),
    Stream(
        "patents",
        "jichuan",
        "霁川项目系统",
        "JC",
        6,
        PATENTS,
        office_after,
        {"3": (9 * HOUR, 90 * HOUR)},
        (1,),
        (0.1,),
    ),
    Stream(
        "callcentre",
        "callcentre",
        "客服系统工单",
        "CC",
        16,
        CALLCENTRE,
        office_after,
        {"2": (HOUR, 20 * HOUR), "3": (2 * HOUR, 27 * HOUR)},
        (30, 70),
        (0.04, 0.1, 0.05),
        until=-1,
    ),
)


@dataclass
class Ticket:
    """A ticket that is being written: each event one after the other, numbered."""

    source: str
    number: str
    url: str = ""
    events: list[Json] = field(default_factory=list)

    def add(self, at: datetime, kind: str, actor: str, **attributes: object) -> str:
        """Write one event; its id."""
        sequence = len(self.events) + 1
        event: Json = {
            "source": self.source,
            "ticket": self.number,
            "event_id": f"{self.number}-{sequence}",
            "type": kind,
            "occurred_at": at.astimezone(SHANGHAI).replace(microsecond=0).isoformat(),
            "sequence": sequence,
            "attributes": attributes,
            "actor": actor,
        }
        if self.url:
            event["url"] = f"{self.url}{self.number}"
        self.events.append(event)
        return str(event["event_id"])

    def up_to(self, now: datetime) -> list[Json]:
        """The events that have happened by then."""
        return [event for event in self.events if datetime.fromisoformat(event["occurred_at"]) <= now]


def six_months(now: datetime, seed: int = 2016) -> list[Json]:
    """All events of all streams up to `now`, in the order in which they happened."""
    random = Random(seed)  # noqa: S311  # the same tickets each time is what is wanted
    events = [event for stream in STREAMS for event in _of_stream(stream, now, random)]
    return sorted(events, key=lambda event: datetime.fromisoformat(event["occurred_at"]))


def _of_stream(stream: Stream, now: datetime, random: Random) -> Iterator[Json]:
    today = now.astimezone(SHANGHAI).date()
    number = 0
    for month in range(-MONTHS_OF_TICKETS, min(stream.until, 1)):
        missed = stream.missed[min(month + MONTHS_OF_TICKETS, len(stream.missed) - 1)]
        starts = sorted(_opening(stream, today, month, random) for _ in range(_volume(stream.per_month, random)))
        for start in starts:
            number += 1
            ticket = Ticket(stream.source, f"{stream.prefix}{number + 10000:07d}", stream.url)
            _live(ticket, stream, start, random.random() < missed, random)
            yield from ticket.up_to(now)


def _volume(per_month: int, random: Random) -> int:
    return max(1, round(per_month * random.uniform(0.85, 1.2)))


def _opening(stream: Stream, today: date, month: int, random: Random) -> datetime:
    """A believable instant of that month: by day mostly, and in office hours where the trade has them."""
    first, after = month_start(today, month), month_start(today, month + 1)
    start = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI) + timedelta(
        days=random.randrange((after - first).days), seconds=random.triangular(7 * HOUR, 22 * HOUR, 11 * HOUR)
    )
    return stream.after(start, random.uniform(0, 600))


def _live(ticket: Ticket, stream: Stream, start: datetime, missed: bool, random: Random) -> None:
    """Write the ticket's life from its opening to its closing."""
    priorities = list(stream.seconds)
    priority = random.choices(priorities, stream.weights)[0]
    category = random.choice(list(stream.trade.titles))
    agent, group = random.choice(stream.trade.agents), random.choice(stream.trade.groups)
    attributes: Json = {
        "state": "新建",
        "priority": priority,
        "title": random.choice(stream.trade.titles[category]),
        "category": category,
    }
    if stream.contract == "desk":
        attributes["customer_level"] = random.choices(("普通", "重要", "VIP"), (80, 14, 6))[0]
    ticket.add(start, "opened", random.choice(("portal", "phone", "mail")), **attributes)
    response, resolution = stream.seconds[priority]
    late = 1.3 if random.random() < 0.025 else 1.0
    moment = stream.after(start, late * response * min(random.lognormvariate(-1.2, 0.6), 0.97) + (late - 1) * response)
    ticket.add(moment, "assigned", agent, state="处理中", assignment_group=group, assigned_to=agent)
    if random.random() < 0.06 and priority != priorities[0]:
        priority = priorities[priorities.index(priority) - 1]
        resolution = stream.seconds[priority][1]
        moment = stream.after(moment, random.uniform(60, 1800))
        ticket.add(moment, "updated", agent, priority=priority)
    if random.random() < 0.03:
        ticket.add(stream.after(moment, random.uniform(300, HOUR)), "cancelled", agent, state="已取消")
        return
    share = random.uniform(1.03, 1.6) if missed else random.betavariate(2.0, 3.0) * 0.9
    moment = _work(ticket, stream, moment, share * resolution, agent, random)
    _finish(ticket, stream, moment, agent, resolution, random)


def _work(ticket: Ticket, stream: Stream, moment: datetime, seconds: float, agent: str, random: Random) -> datetime:
    """Work `seconds` on it, with a wait or two in a third of all tickets; when the work is done."""
    parts = random.choices((0, 1, 2), (64, 28, 8))[0] + 1
    for part in range(parts):
        moment = stream.after(moment, seconds / parts)
        if part < parts - 1:
            state = random.choices(("等待用户答复", "等待第三方"), (70, 30))[0]
            ticket.add(moment, "waiting", agent, state=state)
            moment = stream.after(moment, random.triangular(0.5, 20, 3) * HOUR)
            ticket.add(moment, "resumed", agent, state="处理中")
    return moment


def _finish(ticket: Ticket, stream: Stream, moment: datetime, agent: str, resolution: float, random: Random) -> None:
    """Resolved; reopened by one in fourteen; called back where somebody important asked; closed two days later."""
    ticket.add(moment, "resolved", agent, state="已解决")
    level = ticket.events[0]["attributes"].get("customer_level", "普通")
    if level != "普通":
        called = stream.after(moment, random.triangular(0.1, 11, 2) * HOUR)
        ticket.add(called, "called back", agent, called_back=True)
    if random.random() < 0.07:
        moment = stream.after(moment, random.uniform(1, 14) * HOUR)
        ticket.add(moment, "reopened", "portal", state="处理中")
        moment = stream.after(moment, resolution * random.uniform(0.02, 0.15))
        ticket.add(moment, "resolved", agent, state="已解决")
    closed = stream.after(moment, random.uniform(18, 40) * HOUR)
    ticket.add(closed, "closed", "portal", state="已关闭")
