"""Who works in the demo: one account of every role, two service managers, two firms' users."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """firm: the key of the supplier whose user this is; None for staff."""

    login: str
    name: str
    role: str
    firm: str | None = None


PEOPLE = (
    Person("chen.wei", "陈伟", "administrator"),
    Person("wang.min", "王敏", "procurement_officer"),
    Person("li.jianguo", "李建国", "procurement_manager"),
    Person("zhao.ting", "赵婷", "legal"),
    Person("sun.li", "孙莉", "finance"),
    Person("zhou.qi", "周琪", "service_manager"),
    Person("liu.yang", "刘洋", "service_manager"),
    Person("wu.gang", "吴刚", "security_officer"),
    Person("zheng.hua", "郑华", "expert"),
    Person("feng.xue", "冯雪", "auditor"),
    Person("he.jing", "何静", "supplier_user", "lanqiao"),
    Person("ma.chao", "马超", "supplier_user", "qihe"),
)
OFFICER = "wang.min"
MANAGER = "li.jianguo"
SERVICE = "zhou.qi"
SECOND_SERVICE = "liu.yang"
ADMINISTRATOR = "chen.wei"
