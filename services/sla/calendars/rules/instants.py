"""Instants as they are written: RFC 3339 with an offset, to the second.

Source: SLA semantics, rule 2: a fraction of an instant is dropped before arithmetic.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

_RFC3339 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:([Zz])|([+-])([01]\d|2[0-3]):([0-5]\d))?", re.ASCII
)
EARLIEST = 0  # 1970, included
LATEST = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())  # excluded


class NoInstant(ValueError):
    """The text is no instant. `code`: bad_time, time_without_zone or time_out_of_range, as on the wire."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_seconds(text: str) -> int:
    """Whole seconds since 1970 of an RFC 3339 instant; its fraction is dropped. Refuses NoInstant: no such time,
    no offset, or before 1970 or from 2200 on."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise NoInstant("bad_time")
    year, month, day, hour, minute, second, utc, sign, hours, minutes = found.groups()
    if utc is None and sign is None:
        raise NoInstant("time_without_zone")
    offset = timedelta(0) if utc else timedelta(hours=int(hours), minutes=int(minutes))
    zone = timezone(-offset if sign == "-" else offset)
    try:
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=zone)
    except ValueError as fault:
        raise NoInstant("bad_time") from fault
    seconds = int((at - _EPOCH).total_seconds())
    if not EARLIEST <= seconds < LATEST:
        raise NoInstant("time_out_of_range")
    return seconds


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
