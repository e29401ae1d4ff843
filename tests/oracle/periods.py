"""Months, attainment and service credits (rules 23, 24 and 26), from the replay of every ticket."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.oracle.agreements import target_keys, versions_of
from tests.oracle.clocks import all_made, clocks_of
from tests.oracle.working_time import iso, midnight, zone_named

COUNTS = ["met", "breached", "excluded", "cancelled", "reset", "expired", "not_rated"]
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "PYG": 0, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3}


def bounds(agreement: dict[str, Any], month: str) -> tuple[int, int]:
    """The first instant of a calendar month in the agreement's zone, and of the next."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    zone = zone_named(agreement["zone"])
    return midnight(first, zone), midnight(following, zone)


def judge_period(
    tickets: dict[str, list[dict[str, Any]]],
    agreement: dict[str, Any],
    calendars: dict[str, Any],
    month: str,
    exclusions: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """One month, judged as of its own end: per target the counts and the attainment, and the cycles themselves.
    `tickets` maps a ticket to its events; an exclusion names `ticket`, `target` and `cycle`."""
    begin, end = bounds(agreement, month)
    made = all_made(calendars)
    excluded = {(one["ticket"], one["target"], one["cycle"]) for one in exclusions or []}
    cycles = []
    for ticket, events in sorted(tickets.items()):
        for key, found in clocks_of(events, agreement, made, iso(end) or ""):
            for cycle in found:
                outcome, at = outcome_of(cycle, (ticket, key, cycle["cycle"]) in excluded)
                if at is not None and begin <= at < end:
                    cycles.append({"ticket": ticket, "target": key, "cycle": cycle["cycle"], "outcome": outcome})
    keys = target_keys(versions_of(agreement))
    counts = {
        key: {name: sum(1 for one in cycles if (one["target"], one["outcome"]) == (key, name)) for name in COUNTS}
        for key in keys
    }
    return {
        "period": month,
        "from": iso(begin),
        "to": iso(end),
        "targets": [rate(key, counts[key], target_at(agreement, key, end)) for key in keys],
        "cycles": cycles,
    }


def outcome_of(cycle: dict[str, Any], excluded: bool) -> tuple[str, int | None]:
    """What a cycle is in a period, and the instant that puts it there; no instant: it is still open."""
    if cycle["breached_at"] is not None:
        return ("excluded" if excluded else "breached"), cycle["breached_at"]
    if cycle["ended_at"] is None:
        return "open", None
    return cycle["state"], cycle["ended_at"]


def target_at(agreement: dict[str, Any], key: str, end: int) -> dict[str, Any] | None:
    """The target in the version in force at the period's last instant, else in the last version before it."""
    latest = None
    for version in versions_of(agreement):
        if version["begins"] < end:
            latest = version
    found: dict[str, Any] | None = None if latest is None else latest["targets"].get(key)
    return found


def rate(key: str, counts: dict[str, int], target: dict[str, Any] | None) -> dict[str, Any]:
    """Attainment of one target, compared as an exact fraction and shown cut to six places; not rated below the
    minimum volume, without any counted cycle, and where the version lacks the target."""
    met, of = counts["met"], counts["met"] + counts["breached"]
    rated = target is not None and of > 0 and of >= (target.get("min_volume") or 0)
    shown: dict[str, Any] = {"target": key, **{name: counts.get(name, 0) for name in COUNTS}}
    shown.update(rated=rated, attainment=None, tier=None)
    if not rated or target is None:
        return shown
    millionths = met * 1_000_000 // of
    shown["attainment"] = {"met": met, "of": of, "share": f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"}
    above = [tier for tier in target.get("tiers") or [] if Fraction(met, of) < Fraction(tier["below"])]
    if above:
        shown["tier"] = min(above, key=lambda tier: Fraction(tier["below"]))
    return shown


def terms_at(terms: list[dict[str, Any]], agreement: dict[str, Any], end: int) -> dict[str, Any] | None:
    """The contract's terms in force at the period's last instant."""
    zone = zone_named(agreement["zone"])
    latest = None
    for one in sorted(terms, key=lambda one: one["from"]):
        if midnight(date.fromisoformat(one["from"]), zone) < end:
            latest = one
    return latest


def credits(
    targets: list[dict[str, Any]], agreement: dict[str, Any], terms: list[dict[str, Any]], month: str
) -> dict[str, Any]:
    """The credit lines of a judged month: each rounded half-up once, and one negative line where they exceed the
    amount at risk. `targets` are those of `judge_period`, or made by `rate`."""
    end = bounds(agreement, month)[1]
    term = terms_at(terms, agreement, end)
    if term is None:
        raise ValueError("a period without terms cannot be closed")
    charge, currency = Decimal(term["monthly_charge"]["amount"]), term["monthly_charge"]["currency"]
    at_risk = Decimal(term["at_risk_share"])
    lines = []
    for judged in targets:
        target = target_at(agreement, judged["target"], end)
        if judged["tier"] is None or target is None:
            continue
        amount = charge * at_risk * Decimal(target["allocation"]) * Decimal(judged["tier"]["rate"])
        lines.append(
            {
                "kind": "credit",
                "target": judged["target"],
                "charge": term["monthly_charge"]["amount"],
                "at_risk_share": term["at_risk_share"],
                "allocation": target["allocation"],
                "rate": judged["tier"]["rate"],
                "amount": rounded(amount, currency),
                "currency": currency,
            }
        )
    owed = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
    most = Decimal(rounded(charge * at_risk, currency))
    if owed > most:
        lines.append({"kind": "cap", "amount": rounded(most - owed, currency), "currency": currency})
        owed = most
    return {"credits": lines, "credit_total": {"amount": rounded(owed, currency), "currency": currency}}


def rounded(amount: Decimal, currency: str) -> str:
    """Half-up to the currency's minor unit, as text."""
    unit = Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))
    return str(amount.quantize(unit, rounding=ROUND_HALF_UP))


def restatable(closed: dict[str, Any], again: dict[str, Any]) -> bool:
    """Does judging again give other counts, other counted cycles or outcomes, or other credits? Both are results of
    `judge_period`, with those of `credits` merged in where terms are known."""
    return any(closed.get(part) != again.get(part) for part in ("targets", "cycles", "credits", "credit_total"))
