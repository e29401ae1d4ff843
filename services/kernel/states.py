"""States move by one table a subject; nothing else moves them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.permissions import Permissions
from services.kernel.refusals import Conflict

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Move(Generic[S]):
    """`action` leads from `source` to `target` for whoever has `permission`."""

    action: str
    source: S
    target: S
    permission: str


@dataclass(eq=False)
class MoveNotAllowed(Conflict):
    """The record's state does not know this action; `allowed` names those that it does."""


class Moves(Generic[S]):
    """The table of one subject."""

    def __init__(self, *moves: Move[S]) -> None:
        self._moves = moves

    def __iter__(self) -> Iterator[Move[S]]:
        return iter(self._moves)

    def leaving(self, state: S) -> tuple[Move[S], ...]:
        """All moves from `state`."""
        return tuple(move for move in self._moves if move.source is state)

    def move(self, state: S, action: str) -> Move[S]:
        """The move that `action` makes from `state`. Refuses MoveNotAllowed."""
        for candidate in self.leaving(state):
            if candidate.action == action:
                return candidate
        raise MoveNotAllowed(
            detail=N_("%(action)s is not possible while the record is %(state)s"),
            facts={"action": action, "state": state.value},
            allowed=tuple(move.action for move in self.leaving(state)),
        )

    def actions(self, state: S, who: Actor, permissions: Permissions) -> list[str]:
        """What `who` may do now, by name, in the table's order."""
        return [move.action for move in self.leaving(state) if permissions.allows(who, move.permission)]
