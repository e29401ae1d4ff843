"""What may be done with a breach, and by whom: an exclusion is asked for by one and decided by another."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.kernel.messages import N_
from services.kernel.refusals import Conflict, FieldError
from services.sla.clocks.rules import BreachState


@dataclass(frozen=True)
class Standing:
    """A breach as far as decisions go. asked_by: who asked to exclude it, None where nobody did."""

    state: BreachState
    excluded: bool
    asked_by: UUID | None


class DecisionNotAllowed(Conflict):
    """The breach's state, or who asks, does not allow this."""


def allowed(breach: Standing, who: UUID) -> list[str]:
    """What this person or key may do with it now, if decisions are theirs at all."""
    names = ["acknowledge"]
    if breach.excluded:
        return [*names, "reinstate"]
    if breach.state is not BreachState.STANDING:
        return names
    if breach.asked_by is None:
        return [*names, "exclude"]
    return names if breach.asked_by == who else [*names, "confirm", "refuse"]


def require(breach: Standing, action: str, who: UUID) -> None:
    """Refuses DecisionNotAllowed, with what is possible."""
    possible = allowed(breach, who)
    if action in possible:
        return
    errors: Sequence[FieldError] = ()
    if action in ("confirm", "refuse") and breach.asked_by == who:
        errors = [FieldError("same_person", "", N_("Whoever asked for an exclusion does not decide it"),
                             N_("Let somebody else decide"))]  # fmt: skip
    raise DecisionNotAllowed(
        detail=N_("%(action)s is not possible with this breach now"), facts={"action": action}, allowed=possible,
        errors=errors,
    )  # fmt: skip
