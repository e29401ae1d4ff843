"""Agreements on the wire. Their text is read by the rules, which name every fault at its place."""

from services.kernel.wire import Document, LongText, ShortText, Wire

MOST_EVENTS_TRIED = 2_000


class TicketRef(Wire):
    """A stored ticket."""

    source: ShortText
    ticket: ShortText


class TryIn(Wire):
    """What to try an agreement on: a stored ticket, or events as they would be sent. targets, agreement: judged instead
    of what is stored."""

    ticket: TicketRef | None = None
    events: list[Document] | None = None
    targets: list[Document] | None = None
    agreement: dict[str, Document] | None = None


class SentencesIn(Wire):
    """Targets, which need not be stored, to be read as sentences."""

    targets: list[Document]


class PutInForceIn(Wire):
    """Nothing is needed; a reason may be said."""

    reason: LongText | None = None
