"""How each state looks and what it is called: one table for all pages.

A tone is a colour and a shape together (a dot, a triangle, a diamond, a ring, a bar), so that nothing hangs on colour.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.kernel.messages import N_, gettext


class Tone(StrEnum):
    """ok ●, info and neutral ○, warn ▲, danger ◆, pause ‖, mute —."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    DANGER = "danger"
    NEUTRAL = "neutral"
    PAUSE = "pause"
    MUTE = "mute"


@dataclass(frozen=True)
class Status:
    """tone: its look. words: its name, an English message to be translated."""

    tone: Tone
    words: str

    @property
    def label(self) -> str:
        """The name in the language of this request."""
        return gettext(self.words)


STATUS_TONE: dict[str, dict[str, Status]] = {
    "supplier": {
        "candidate": Status(Tone.NEUTRAL, N_("Candidate")),
        "screened": Status(Tone.INFO, N_("Screened")),
        "approved": Status(Tone.OK, N_("Approved")),
        "suspended": Status(Tone.WARN, N_("Suspended")),
        "blacklisted": Status(Tone.DANGER, N_("Blacklisted")),
        "retired": Status(Tone.MUTE, N_("Retired")),
    },
    "contract": {
        "draft": Status(Tone.NEUTRAL, N_("Draft")),
        "active": Status(Tone.OK, N_("Active")),
        "ending": Status(Tone.WARN, N_("Ending soon")),
        "ended": Status(Tone.MUTE, N_("Ended")),
    },
    "agreement": {
        "draft": Status(Tone.NEUTRAL, N_("Draft")),
        "in_force": Status(Tone.OK, N_("In force")),
        "superseded": Status(Tone.MUTE, N_("Superseded")),
        "ended": Status(Tone.MUTE, N_("Ended")),
    },
    "clock": {
        "running": Status(Tone.INFO, N_("Running")),
        "at_risk": Status(Tone.WARN, N_("At risk")),
        "paused": Status(Tone.PAUSE, N_("Paused")),
        "met": Status(Tone.OK, N_("Met")),
        "breached": Status(Tone.DANGER, N_("Breached")),
        "cancelled": Status(Tone.MUTE, N_("Cancelled")),
        "reset": Status(Tone.MUTE, N_("Reset")),
        "expired": Status(Tone.MUTE, N_("Expired")),
        "not_rated": Status(Tone.NEUTRAL, N_("Not rated")),
        "withdrawn": Status(Tone.MUTE, N_("Withdrawn")),
        "none": Status(Tone.NEUTRAL, N_("No clock")),
    },
    "ticket": {
        "open": Status(Tone.INFO, N_("Clock open")),
        "ended": Status(Tone.MUTE, N_("All ended")),
    },
    "breach": {
        "standing": Status(Tone.DANGER, N_("Standing")),
        "withdrawn": Status(Tone.MUTE, N_("Withdrawn")),
        "excluded": Status(Tone.MUTE, N_("Excluded")),
        "asked": Status(Tone.INFO, N_("Exclusion asked")),
        "acknowledged": Status(Tone.NEUTRAL, N_("Acknowledged")),
    },
    "period": {
        "open": Status(Tone.INFO, N_("Open")),
        "due": Status(Tone.WARN, N_("To be closed")),
        "closed": Status(Tone.MUTE, N_("Closed")),
        "restatable": Status(Tone.WARN, N_("Restatable")),
    },
    "source": {
        "heard": Status(Tone.OK, N_("Heard from")),
        "silent": Status(Tone.WARN, N_("Silent")),
        "new": Status(Tone.NEUTRAL, N_("Nothing yet")),
    },
    "import": {
        "running": Status(Tone.INFO, N_("In progress")),
        "done": Status(Tone.OK, N_("Done")),
        "rejected": Status(Tone.WARN, N_("Done, with rejected lines")),
        "failed": Status(Tone.DANGER, N_("Failed")),
    },
    "user": {
        "active": Status(Tone.OK, N_("In use")),
        "invited": Status(Tone.NEUTRAL, N_("No password yet")),
        "locked": Status(Tone.WARN, N_("Locked")),
        "inactive": Status(Tone.MUTE, N_("Deactivated")),
    },
    "key": {
        "active": Status(Tone.OK, N_("In use")),
        "revoked": Status(Tone.MUTE, N_("Revoked")),
    },
}


def status_of(subject: str, state: str) -> Status:
    """The look and name of a state. Raises KeyError for one that the table does not know."""
    return STATUS_TONE[subject][str(state)]


def states_of(subject: str) -> list[tuple[str, str]]:
    """The states of a subject with their names, for a filter."""
    return [(state, status.label) for state, status in STATUS_TONE[subject].items()]
