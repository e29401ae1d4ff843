"""Sources on the wire."""

from pydantic import Field

from services.kernel.wire import ShortText, Wire

LONGEST_SILENCE = 366 * 86_400


class SourceIn(Wire):
    """A source. agreement: of its tickets, where their events name none; an id or number."""

    name: ShortText
    agreement: ShortText | None = None
    silent_after_seconds: int | None = Field(default=None, ge=1, le=LONGEST_SILENCE)
