"""The life of an agreement."""

from enum import StrEnum

from services.kernel.states import Move, Moves


class State(StrEnum):
    """draft → in force → ended. *superseded* is one that another agreement of its contract has replaced."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    ENDED = "ended"


MOVES: Moves[State] = Moves(
    Move("put-in-force", State.DRAFT, State.IN_FORCE, "agreement.write"),
)
