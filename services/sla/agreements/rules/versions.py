"""Where a further version of an agreement may begin. Source: SLA semantics, rule 19."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last local day of a version, both in force; None: no end."""

    since: date
    until: date | None


def next_version(existing: Sequence[Span], following: Span, at: str = "") -> date | None:
    """The last day that the version before must have, so that `following` is the next; None: it keeps what it has.

    A version without an end ends where the next begins; one with an end keeps it, and a gap may follow.
    Refuses Invalid (`versions_overlap`) where the next would not begin after the first day of the last version, or not
    after its last day. existing: by date. at: the JSON pointer of the version in its request.
    """
    if not existing:
        return None
    last = existing[-1]
    earliest = (last.since if last.until is None else last.until) + timedelta(days=1)
    if following.since < earliest:
        what = N_("This version overlaps one that there is: versions of an agreement never overlap")
        how = N_("Let it begin on %(earliest)s or later")
        facts = {"earliest": earliest.isoformat()}
        raise Invalid(errors=[FieldError("versions_overlap", f"{at}/from", what, how, facts)])
    return following.since - timedelta(days=1) if last.until is None else None
