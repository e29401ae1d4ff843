"""The twenty contracts: what each is about, whose, from when to when as seen from today, and how far it has come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from deploy.api_client import Json

#: Months before the present one that have tickets, and how far before them the long contracts began.
MONTHS_OF_TICKETS = 6
LEAD_MONTHS = 2


def month_start(day: date, months: int = 0) -> date:
    """The first of the month that lies so many months after (before, where negative) that of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Plan:
    """One contract. begins: months before (negative) or after this one, on whose first day it starts.

    lasts: months; or, where `ends_in_days` is given, until so many days from today. charge: a month's, in yuan.
    raised: months after its start at which a new charge applies, and that charge.
    """

    key: str
    title: str
    firm: str
    kind: str
    begins: int
    charge: Decimal
    lasts: int = 12
    ends_in_days: int | None = None
    at_risk: str = "0.10"
    raised: tuple[int, Decimal] | None = None
    state: str = "active"

    def first_day(self, today: date) -> date:
        return month_start(today, self.begins)

    def last_day(self, today: date) -> date:
        if self.ends_in_days is not None:
            return today + timedelta(days=self.ends_in_days)
        return month_start(today, self.begins + self.lasts) - timedelta(days=1)

    def body(self, today: date, owner: str, supplier: str) -> Json:
        """The contract as the API takes it; its value is the sum of its whole months' charges."""
        terms = list(self._terms(today))
        first, last = self.first_day(today), self.last_day(today)
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        return {
            "title": self.title,
            "owner": owner,
            "supplier": supplier,
            "type": self.kind,
            "value": yuan(self._value(months)),
            "from": first.isoformat(),
            "to": last.isoformat(),
            "terms": terms,
        }

    def _terms(self, today: date) -> Iterator[Json]:
        starts = [(0, self.charge)] + ([self.raised] if self.raised else [])
        for after, charge in starts:
            yield {
                "from": month_start(today, self.begins + after).isoformat(),
                "monthly_charge": yuan(charge),
                "at_risk_share": self.at_risk,
            }

    def _value(self, months: int) -> Decimal:
        if not self.raised:
            return self.charge * months
        after, charge = self.raised
        return self.charge * min(after, months) + charge * max(months - after, 0)


def yuan(amount: Decimal) -> Json:
    return {"amount": f"{amount:.2f}", "currency": "CNY"}


_START = -(MONTHS_OF_TICKETS + LEAD_MONTHS)
_k = Decimal(1000)

PLANS = (
    Plan("desk", "IT 服务台与桌面运维外包", "lanqiao", "ITO", _START, 300 * _k, lasts=24, raised=(5, 320 * _k)),
    Plan("apps", "核心业务系统应用运维", "qihe", "ITO", _START, 260 * _k, lasts=18, at_risk="0.12"),
    Plan("payroll", "薪酬与人事共享服务", "luling", "BPO", _START, 180 * _k, lasts=24),
    Plan("network", "网络与数据中心驻场运维", "lituo", "ITO", _START, 150 * _k, ends_in_days=41, at_risk="0.08"),
    Plan("patents", "专利检索与分析服务", "jichuan", "KPO", _START, 60 * _k, lasts=20),
    Plan("archive", "历史档案数字化加工", "fuyun", "BPO", -7, 45 * _k, lasts=14),
    Plan("access", "办公网络接入与无线覆盖维护", "lanqiao", "ITO", -10, 28 * _k, ends_in_days=76, at_risk="0.05"),
    Plan("mobile", "移动门户二期开发与维护", "qihe", "ITO", -4, 120 * _k, lasts=15),
    Plan("vouchers", "财务共享凭证录入服务", "luling", "BPO", -11, 52 * _k, ends_in_days=19),
    Plan("firewalls", "安全设备巡检与策略优化", "lituo", "ITO", -3, 35 * _k, lasts=12),
    Plan("research", "行业研究报告定制服务", "jichuan", "KPO", -2, 40 * _k, lasts=10),
    Plan("meetings", "视频会议系统运维", "lanqiao", "ITO", -5, 22 * _k, lasts=24),
    Plan("callcentre", "旧版客服系统维护", "qihe", "ITO", -14, 48 * _k, lasts=13, state="ended"),
    Plan("hiring", "招聘流程外包（上一年度）", "luling", "BPO", -16, 66 * _k, lasts=12, state="ended"),
    Plan("moving", "机房搬迁与上架服务", "lituo", "ITO", -9, 90 * _k, lasts=4, state="ended"),
    Plan("receipts", "票据扫描与影像归档", "fuyun", "BPO", -18, 31 * _k, lasts=12, state="ended"),
    Plan("governance", "数据治理平台实施与运维", "yunheng", "ITO", 1, 140 * _k, lasts=24, state="draft"),
    Plan("desk-next", "IT 服务台与桌面运维外包（续签）", "lanqiao", "ITO", 16, 330 * _k, lasts=24, state="draft"),
    Plan("hotline", "员工热线坐席外包", "jundu", "BPO", 2, 85 * _k, lasts=12, state="draft"),
    Plan("annuities", "专利年费代管服务", "jichuan", "KPO", 1, 18 * _k, lasts=36, state="draft"),
)
