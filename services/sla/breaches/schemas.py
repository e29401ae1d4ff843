"""Decisions on breaches, as they are sent."""

from services.kernel.wire import LongText, Wire


class Note(Wire):
    """What is said to a breach."""

    note: LongText


class OptionalReason(Wire):
    """A reason, where somebody wants to give one."""

    reason: LongText | None = None
