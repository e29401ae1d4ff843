"""What a supplier is: its code, its life, and which names are too alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.kernel.messages import N_
from services.kernel.refusals import FieldError
from services.kernel.states import Move, Moves


class State(StrEnum):
    """The life of a supplier, from candidate to blacklisted or retired."""

    CANDIDATE = "candidate"
    SCREENED = "screened"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    BLACKLISTED = "blacklisted"
    RETIRED = "retired"


MOVES: Moves[State] = Moves(
    Move("screen", State.CANDIDATE, State.SCREENED, "supplier.screen"),
    Move("approve", State.SCREENED, State.APPROVED, "supplier.decide"),
    Move("suspend", State.APPROVED, State.SUSPENDED, "supplier.decide"),
    Move("reinstate", State.SUSPENDED, State.APPROVED, "supplier.decide"),
    Move("blacklist", State.CANDIDATE, State.BLACKLISTED, "supplier.decide"),
    Move("blacklist", State.SCREENED, State.BLACKLISTED, "supplier.decide"),
    Move("blacklist", State.APPROVED, State.BLACKLISTED, "supplier.decide"),
    Move("blacklist", State.SUSPENDED, State.BLACKLISTED, "supplier.decide"),
    Move("reinstate", State.BLACKLISTED, State.SCREENED, "supplier.decide"),
    Move("retire", State.CANDIDATE, State.RETIRED, "supplier.decide"),
    Move("retire", State.SCREENED, State.RETIRED, "supplier.decide"),
    Move("retire", State.APPROVED, State.RETIRED, "supplier.decide"),
    Move("retire", State.SUSPENDED, State.RETIRED, "supplier.decide"),
)

CODE_LENGTH = 18
# GB 32100-2015: digits and capitals without I, O, S, V, Z; the place in this string is the character's value.
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def check_digit(first_seventeen: str) -> str:
    """The eighteenth character of a unified social credit code. Source: GB 32100-2015, 3.6 and annex A."""
    total = sum(CODE_ALPHABET.index(c) * weight for c, weight in zip(first_seventeen, CODE_WEIGHTS, strict=True))
    return CODE_ALPHABET[(31 - total % 31) % 31]


def code_fault(code: str, at: str = "/credit_code") -> FieldError | None:
    """What is wrong with a unified social credit code, or None: its length, else the first illegal character and
    its place, else the check digit that its first seventeen characters would give."""
    if len(code) != CODE_LENGTH:
        return FieldError(
            "code_length", at, N_("A unified social credit code has 18 characters; this has %(length)s"),
            N_("Copy it whole from the business licence"), {"length": len(code)},
        )  # fmt: skip
    for place, character in enumerate(code, 1):
        if character not in CODE_ALPHABET:
            return FieldError(
                "illegal_character", at, N_("Character %(place)s of this code is %(character)s, which is never used"),
                N_("Only digits and capital letters without I, O, S, V, Z are used"),
                {"place": place, "character": character},
            )  # fmt: skip
    expected = check_digit(code[:17])
    if code[17] != expected:
        return FieldError(
            "check_digit", at, N_("The check digit does not fit: the first seventeen characters give %(expected)s"),
            N_("Compare the code with the business licence, character by character"),
            {"expected": expected, "found": code[17]},
        )  # fmt: skip
    return None


# What firms' names have in common, and so does not tell them apart.
COMMON_PARTS = (
    "有限责任公司", "股份有限公司", "有限公司", "集团", "科技", "技术", "信息", "服务",
    "co., ltd.", "co.,ltd.", "ltd.", "inc.",
)  # fmt: skip
ALIKE = 0.75


def core_name(name: str) -> str:
    """The name without what most firms' names have in common: what two names are compared by."""
    core = name
    for part in COMMON_PARTS:
        core = core.replace(part, "")
    return "".join(core.split()) or "".join(name.split())


def likeness(one: Iterable[str], other: Iterable[str]) -> float:
    """How alike two names are, from 0 to 1: twice the shared pairs of characters over all pairs (Dice)."""
    first, second = set(one), set(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


@dataclass(frozen=True)
class Namesake:
    """A registered supplier whose name is much like a new one."""

    number: str
    legal_name: str
    likeness: float
