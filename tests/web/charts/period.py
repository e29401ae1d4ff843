"""October of the sample agreement as the API gives it: 208 of 219 met, one credit of 6,000.00."""

from typing import Any

from tests.web.charts.toy import at, wire
from web.charts.drill import Choice, breach_key

NAMES = {
    "zh-CN": {"response": "响应时限", "resolution": "解决时限", "callback": "回访时限"},
    "en": {"response": "Response", "resolution": "Resolution", "callback": "Call-back"},
}
TIERS: dict[str, list[dict[str, str]]] = {
    "resolution": [{"below": "0.95", "rate": "0.40"}, {"below": "0.90", "rate": "1.00"}],
    "response": [{"below": "0.97", "rate": "0.20"}, {"below": "0.93", "rate": "0.60"}],
    "callback": [],
}


def _target(
    key: str, met: int, breached: int, share: str | None, tier: dict[str, str] | None, **more: int
) -> dict[str, Any]:
    counts = {"excluded": 0, "cancelled": 0, "reset": 0, "expired": 0, "not_rated": 0} | more
    found = None if share is None else {"met": met, "of": met + breached, "share": share}
    return {
        "target": key,
        "met": met,
        "breached": breached,
        "rated": share is not None,
        "attainment": found,
        "tier": tier,
    } | counts


PERIOD: dict[str, Any] = {
    "agreement": "SLA-2026-000012", "period": "2026-10", "state": "closed", "restatable": True,
    "from": wire(at(10, 1)), "to": wire(at(11, 1)),
    "terms": {
        "contract": "HT-2026-000042", "monthly_charge": {"amount": "300000.00", "currency": "CNY"}, 
        "at_risk_share": "0.10",
    },
    "targets": [
        _target("resolution", 208, 11, "0.949771", TIERS["resolution"][0], excluded=1, cancelled=3, not_rated=2),
        _target("response", 227, 2, "0.991266", None, cancelled=3),
        _target("callback", 2, 0, None, None),
    ],
    "credits": [
        {
            "kind": "credit", "target": "resolution", "charge": "300000.00", "at_risk_share": "0.10",
            "allocation": "0.50", "rate": "0.40", "amount": "6000.00", "currency": "CNY",
        },
    ],
    "credit_total": {"amount": "6000.00", "currency": "CNY"},
    "judged_by": {"agreement_version": 2, "calendars": {"cn-office": 3}},
}  # fmt: skip
CAPPED: dict[str, Any] = PERIOD | {
    "credits": [
        *PERIOD["credits"],
        {
            "kind": "cap", "target": None, "charge": "300000.00", "at_risk_share": "0.10",
            "allocation": None, "rate": None, "amount": "-1000.00", "currency": "CNY",
        },
    ],
}  # fmt: skip
BREACHES: list[dict[str, Any]] = [
    {
        "id": f"019a0000-0000-7000-8000-{n:012d}", "version": 1, "source": "servicedesk", "ticket": ticket,
        "target": "resolution", "cycle": 1, "breached_at": wire(at(10, 12, 16, 20)), "over_seconds": over,
        "state": state, "versions": [],
    }
    for n, (ticket, over, state) in enumerate([
        ("0018842", 9900, "standing"), ("0018731", 2880, "standing"), ("0018905", 39900, "standing"),
        ("0018611", 180, "standing"), ("0018777", 19800, "standing"), ("0018820", 4320, "standing"),
        ("0018699", 13200, "excluded"), ("0018701", 60, "standing"), ("0018702", 61, "standing"),
        ("0018703", 3600, "standing"), ("0018704", 7200, "standing"),
    ])
]  # fmt: skip


def choice() -> Choice:
    """The credit's first breach, at the pause that a correction moved."""
    row = int(at(10, 12, 10, 10).timestamp())
    return Choice("resolution", breach_key(BREACHES[0]), str(row))
