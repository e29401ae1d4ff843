"""What was known when a month was judged."""

from collections.abc import Sequence

from gateway.pages.asking import Json
from gateway.pages.formats import moment


def events_known(events: Sequence[Json], judged: Json) -> list[Json]:
    """Those of a ticket's events that had come before its month was closed, and do not lie after the month's end.

    judged: a cycle of a closed month, with `as_of` and `closed_at`.
    """
    ends, closed = moment(judged["as_of"]), moment(judged["closed_at"])
    return [e for e in events if moment(e["received_at"]) <= closed and moment(e["occurred_at"]) <= ends]
