"""A credit as its factors: one box a factor, × between, = at the end. All numbers are the service's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.kernel.messages import _
from web.charts.facts import Json
from web.charts.words import money, percent, percent_cut


@dataclass(frozen=True)
class Factor:
    """value: large; name and source under it. href: where the factor comes from, or nothing."""

    value: str
    name: str
    source: str
    href: str = ""


@dataclass(frozen=True)
class Formula:
    """One credit line. factors: none on the line that caps the others."""

    kind: str
    target: str
    factors: tuple[Factor, ...]
    amount: str
    place: str
    words: str


def formulas(
    period: Json, names: Mapping[str, str], contract_href: str = "", agreement_href: Callable[[str], str] | None = None
) -> tuple[Formula, ...]:
    """The credit lines of a period's JSON. names: target key to its name. agreement_href: the page of a target."""
    lines: Sequence[Json] = period.get("credits") or ()
    results = {result["target"]: result for result in period["targets"]}
    return tuple(
        _formula(line, place, len(lines), period, results, names, contract_href, agreement_href)
        for place, line in enumerate(lines, 1)
    )


def _formula(
    line: Json,
    place: int,
    count: int,
    period: Json,
    results: Mapping[str, Json],
    names: Mapping[str, str],
    contract_href: str,
    agreement_href: Callable[[str], str] | None,
) -> Formula:
    amount = money(line["amount"], line["currency"])
    said = _("line %(n)s of %(count)s") % {"n": place, "count": count}
    if line["kind"] != "credit":
        return Formula(line["kind"], "", (), amount, said, _("brings the sum down to charge × at-risk share"))
    target = names.get(line["target"], line["target"])
    terms = _("contract %(number)s") % {"number": (period.get("terms") or {}).get("contract") or "—"}
    version = (period.get("judged_by") or {}).get("agreement_version")
    agreed = _("%(target)s, agreement v%(version)s") % {"target": target, "version": version or "—"}
    here = agreement_href(line["target"]) if agreement_href else ""
    factors = (
        Factor(money(line["charge"], line["currency"]), _("monthly charge"), terms, contract_href),
        Factor(percent(line["at_risk_share"]), _("at-risk share"), terms, contract_href),
        Factor(percent(line["allocation"]), _("allocation"), agreed, here),
        Factor(percent(line["rate"]), _("rate of the tier"), _tier(results.get(line["target"])), here),
    )
    return Formula("credit", target, factors, amount, said, "")


def _tier(result: Json | None) -> str:
    """`94.9771 % 低于 95 %`."""
    if not result or not result.get("attainment") or not result.get("tier"):
        return ""
    told = {"share": percent_cut(result["attainment"]["share"]), "below": percent(result["tier"]["below"])}
    return _("%(share)s is below %(below)s") % told
