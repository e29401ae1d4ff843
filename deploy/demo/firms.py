"""The eight suppliers and how far each has come: five approved, one suspended, two on their way."""

from dataclasses import dataclass

from deploy.api_client import Json
from deploy.demo.credit_codes import credit_code


@dataclass(frozen=True)
class Step:
    """One move in a firm's life: the action and its reason."""

    action: str
    reason: str


@dataclass(frozen=True)
class Firm:
    key: str
    legal_name: str
    short_name: str
    code: str
    scope: tuple[str, ...]
    region: str
    contact: tuple[str, str, str]
    steps: tuple[Step, ...]

    def body(self) -> Json:
        """The firm as the register takes it."""
        name, email, phone = self.contact
        return {
            "legal_name": self.legal_name,
            "short_name": self.short_name,
            "credit_code": self.code,
            "scope": list(self.scope),
            "region": self.region,
            "contacts": [{"name": name, "email": email, "phone": phone, "role": "客户经理"}],
        }


SCREENED = Step("screen", "营业执照、信用公示与三家客户案例已核对")
APPROVED = Step("approve", "现场考察通过，同意纳入合格供应商名录")

FIRMS = (
    Firm(
        "lanqiao",
        "上海澜桥信息技术有限公司",
        "澜桥信息",
        credit_code("91310115", "MA1K4QX7"),
        ("ITO",),
        "CN-31",
        ("顾昭远", "gu.zhaoyuan@lanqiao.example", "+86 21 5550 0142"),
        (SCREENED, APPROVED),
    ),
    Firm(
        "qihe",
        "杭州栖禾软件服务有限公司",
        "栖禾软件",
        credit_code("91330106", "MA27W3H5"),
        ("ITO", "KPO"),
        "CN-33",
        ("沈若琳", "shen.ruolin@qihe.example", "+86 571 5550 0118"),
        (SCREENED, APPROVED),
    ),
    Firm(
        "luling",
        "成都鹿岭商务流程服务有限公司",
        "鹿岭商务",
        credit_code("91510107", "MA6C8T2E"),
        ("BPO",),
        "CN-51",
        ("唐思齐", "tang.siqi@luling.example", "+86 28 5550 0167"),
        (SCREENED, APPROVED),
    ),
    Firm(
        "lituo",
        "南京砺拓网络工程有限公司",
        "砺拓网络",
        credit_code("91320106", "MA1N6RJ4"),
        ("ITO",),
        "CN-32",
        ("陆景川", "lu.jingchuan@lituo.example", "+86 25 5550 0173"),
        (SCREENED, APPROVED),
    ),
    Firm(
        "jichuan",
        "西安霁川知识产权服务有限公司",
        "霁川知产",
        credit_code("91610131", "MA6U5BD9"),
        ("KPO",),
        "CN-61",
        ("韩书宁", "han.shuning@jichuan.example", "+86 29 5550 0126"),
        (SCREENED, APPROVED),
    ),
    Firm(
        "fuyun",
        "武汉甫云数据加工有限公司",
        "甫云数据",
        credit_code("91420111", "MA4L9GF3"),
        ("BPO",),
        "CN-42",
        ("郭子衡", "guo.ziheng@fuyun.example", "+86 27 5550 0155"),
        (SCREENED, APPROVED, Step("suspend", "扫描场地消防整改未完成，复查前暂停新业务")),
    ),
    Firm(
        "yunheng",
        "苏州筠衡信息科技有限公司",
        "筠衡科技",
        credit_code("91320505", "MA1W7YP6"),
        ("ITO",),
        "CN-32",
        ("许知夏", "xu.zhixia@yunheng.example", "+86 512 5550 0139"),
        (SCREENED,),
    ),
    Firm(
        "jundu",
        "大连钧渡客户服务有限公司",
        "钧渡客服",
        credit_code("91210231", "MA0P2LC8"),
        ("BPO",),
        "CN-21",
        ("曲文博", "qu.wenbo@jundu.example", "+86 411 5550 0181"),
        (),
    ),
)
