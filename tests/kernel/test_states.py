"""Moves by one table, and what a caller may do now."""

from enum import StrEnum

import pytest

from services.kernel.identity import STAFF, Role
from services.kernel.permissions import Grant, Permissions
from services.kernel.states import Move, MoveNotAllowed, Moves
from tests.house import House


class State(StrEnum):
    """Of a letter."""

    DRAFT = "draft"
    SENT = "sent"
    READ = "read"


MOVES = Moves(
    Move("send", State.DRAFT, State.SENT, "letter.send"),
    Move("burn", State.DRAFT, State.READ, "letter.burn"),
    Move("open", State.SENT, State.READ, "letter.send"),
)
PERMISSIONS = Permissions(
    "contracts", {"letter.send": Grant(STAFF, "contracts:write"), "letter.burn": Grant({Role.LEGAL}, "contracts:write")}
)


def test_a_move_leads_from_its_state_to_the_next() -> None:
    assert MOVES.move(State.DRAFT, "send").target is State.SENT


@pytest.mark.parametrize(
    ("state", "action", "allowed"),
    [(State.DRAFT, "open", ("send", "burn")), (State.READ, "send", ()), (State.SENT, "fly", ("open",))],
)
def test_a_move_that_the_state_does_not_know_is_refused_with_those_that_it_does(
    state: State, action: str, allowed: tuple[str, ...]
) -> None:
    with pytest.raises(MoveNotAllowed) as refused:
        MOVES.move(state, action)
    assert refused.value.extra == {"allowed": list(allowed)}
    assert str(refused.value) == f"{action} is not possible while the record is {state}"


def test_a_caller_is_offered_what_its_role_may_do_in_this_state(house: House) -> None:
    assert MOVES.actions(State.DRAFT, house.actor("legal"), PERMISSIONS) == ["send", "burn"]
    assert MOVES.actions(State.DRAFT, house.actor("finance"), PERMISSIONS) == ["send"]
    assert MOVES.actions(State.READ, house.actor("legal"), PERMISSIONS) == []
    assert MOVES.actions(State.DRAFT, house.actor(scopes=["contracts:read"]), PERMISSIONS) == []
