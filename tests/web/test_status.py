"""Every state that a service can send has a look and a name."""

import pytest

from gateway.pages.status import STATUS_TONE, Tone, states_of, status_of
from services.contracts.contract.rules import State as ContractState
from services.kernel.messages import use_locale
from services.sla.clocks.rules.cycles import State as ClockState
from services.sla.clocks.rules.transitions import BreachState
from services.suppliers.supplier.rules import State as SupplierState


@pytest.mark.parametrize(
    ("subject", "states"),
    [("supplier", SupplierState), ("contract", ContractState), ("clock", ClockState), ("breach", BreachState)],
)
def test_every_state_of_a_service_has_a_look(subject, states):
    assert {state.value for state in states} <= set(STATUS_TONE[subject])


def test_red_is_kept_for_what_has_gone_wrong():
    red = {state for states in STATUS_TONE.values() for state, look in states.items() if look.tone is Tone.DANGER}
    assert red == {"breached", "standing", "blacklisted", "failed"}


def test_states_are_named_in_the_readers_language():
    with use_locale("zh-CN"):
        assert status_of("contract", "active").label == "生效中"
        assert ("draft", "草稿") in states_of("contract")
    with use_locale("en"):
        assert status_of("contract", ContractState.ACTIVE).label == "Active"
