"""The verdict of a cycle: its state as a chip, three numbers, its sums as an equation, the finding in a sentence."""

from dataclasses import dataclass

from markupsafe import Markup

from services.kernel.messages import _, pgettext
from web.charts.facts import SUMMED, Cycle, Kind
from web.charts.ink import picture, rect
from web.charts.words import Local, chinese, length

# The tones are those of every chip of the product.
TONES = {"running": "info", "met": "ok", "breached": "danger", "not_rated": "neutral"}


@dataclass(frozen=True)
class Chip:
    """tone: the chip's class."""

    tone: str
    words: str


@dataclass(frozen=True)
class Number:
    """One of the three. result: the last, which carries the colour."""

    name: str
    value: str
    result: bool = False


@dataclass(frozen=True)
class Verdict:
    """tone: `breached`, `met` or nothing."""

    tone: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Term:
    """One term of the equation: its look (`k-working` …), name and length."""

    look: str
    name: str
    value: str


@dataclass(frozen=True)
class Sums:
    """Wall time = the terms, drawn at true scale in `share`. over: a part of what was worked, or null."""

    share: Markup
    wall: str
    terms: tuple[Term, ...]
    over: Term | None


def chip_of(cycle: Cycle) -> Chip:
    """The state of a cycle; one that breached says so whatever came after."""
    if cycle.withdrawn:
        return Chip("mute", pgettext("cycle", "Withdrawn"))
    if cycle.excluded:
        return Chip("mute", pgettext("cycle", "Excluded"))
    if cycle.breached_at is not None:
        return Chip("danger", _breached_word(cycle.state))
    return Chip(TONES.get(cycle.state, "mute"), _state_word(cycle.state))


def _state_word(state: str) -> str:
    words = {
        "running": pgettext("cycle", "Running"),
        "paused": pgettext("cycle", "Paused"),
        "met": pgettext("cycle", "Met"),
        "breached": pgettext("cycle", "Breached"),
        "cancelled": pgettext("cycle", "Cancelled"),
        "reset": pgettext("cycle", "Reset"),
        "expired": pgettext("cycle", "Expired"),
        "not_rated": pgettext("cycle", "Not rated"),
        "withdrawn": pgettext("cycle", "Withdrawn"),
    }
    return words.get(state, state)


def _breached_word(state: str) -> str:
    words = {
        "running": _("Breached · still running"),
        "paused": _("Breached · paused"),
        "cancelled": _("Breached · then cancelled"),
        "reset": _("Breached · then reset"),
        "expired": _("Breached · then expired"),
        "not_rated": _("Breached · then not rated"),
    }
    return words.get(state, pgettext("cycle", "Breached"))


def verdict_of(cycle: Cycle) -> Verdict:
    """Used, goal, and what is left or over, as the service counted them."""
    numbers = [
        Number(pgettext("clock", "Used"), length(cycle.used)),
        Number(pgettext("clock", "Goal"), pgettext("clock", "not rated")),
    ]
    if cycle.goal is not None:
        numbers[1] = Number(pgettext("clock", "Goal"), length(cycle.goal))
    if cycle.remaining is not None:
        name = pgettext("clock", "Over by") if cycle.remaining < 0 else pgettext("clock", "Left")
        numbers.append(Number(name, length(abs(cycle.remaining)), result=True))
    late = cycle.remaining is not None and cycle.remaining < 0 and cycle.breached_at is not None
    over = late and not cycle.excluded and not cycle.withdrawn
    met = cycle.state == "met" and cycle.breached_at is None
    return Verdict("breached" if over else "met" if met else "", tuple(numbers))


def kind_word(kind: Kind) -> str:
    """What a row's seconds are called."""
    words = {
        Kind.WORKING: pgettext("ledger", "working"),
        Kind.PAUSED: pgettext("ledger", "paused"),
        Kind.STOPPED: pgettext("ledger", "stopped"),
        Kind.CLOSED: pgettext("ledger", "closed"),
    }
    return words[kind]


def sums_of(cycle: Cycle) -> Sums:
    """Where the wall time went."""
    terms = tuple(
        Term(kind.value, kind_word(kind), length(cycle.sums[kind], days=kind is Kind.CLOSED))
        for kind in SUMMED
        if cycle.sums[kind]
    )
    over = None
    if cycle.remaining is not None and cycle.remaining < 0 and cycle.breached_at is not None:
        over = Term("over", _("of which over"), length(-cycle.remaining))
    return Sums(_share(cycle), length(cycle.wall, days=True), terms, over)


def _share(cycle: Cycle) -> Markup:
    whole, x, bars = cycle.wall or 1, 0.0, []
    for kind in SUMMED:
        width = cycle.sums[kind] / whole
        if width:
            bars.append(rect(f"t-{kind.value}", x, max(width, 0.002), 0, 8))
            x += width
    return picture(8, bars, cls="share")


def joined(sentences: list[str]) -> str:
    """Sentences one after the other, as the language sets them."""
    return ("" if chinese() else " ").join(sentence for sentence in sentences if sentence)


def finding(cycle: Cycle, local: Local) -> str:
    """What the strip shows, for those who hear it: numbers, then the outcome."""
    facts = {"goal": length(cycle.goal or 0), "used": length(cycle.used), "paused": length(cycle.sums[Kind.PAUSED])}
    if cycle.goal is None:
        numbers = _("No goal to be judged by, used %(used)s, paused %(paused)s.") % facts
    elif cycle.sums[Kind.PAUSED]:
        numbers = _("Goal %(goal)s, used %(used)s, paused %(paused)s.") % facts
    else:
        numbers = _("Goal %(goal)s, used %(used)s.") % facts
    return joined([numbers, _outcome(cycle, local)])


def _outcome(cycle: Cycle, local: Local) -> str:
    if cycle.withdrawn:
        return _("A later event withdrew this cycle.")
    if cycle.breached_at is not None:
        return _("Breached on %(at)s.") % {"at": local.at(cycle.breached_at)}
    if cycle.state == "met":
        return _("Met.")
    if cycle.state == "paused":
        return _("It is paused and has no due instant.")
    if cycle.state == "running" and cycle.due_at is not None:
        at = {"at": local.at(cycle.due_at)}
        return (_("Provisionally due on %(at)s.") if cycle.provisional else _("Due on %(at)s.")) % at
    return _("%(state)s.") % {"state": chip_of(cycle).words}
