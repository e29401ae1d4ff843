"""A body of events becomes lines, each decoded or refused with the reason and the place.

The fast way decodes a whole line at once; only a line that fails is looked at again, field by field, for what is
wrong with it. Attributes stay the JSON text that was sent. Source: SLA semantics, rule 7; the API's events.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec

from services.kernel.messages import N_
from services.kernel.refusals import BadRequest, FieldError, TooLarge

NO_ARRAY = N_("The body is not a JSON array of events")
MOST_EVENTS = 10_000
MOST_BYTES = 16 * 1024 * 1024
MOST_ATTRIBUTES = 64
LONGEST_ID = 200
LONGEST_TEXT = 1_000
LONGEST_URL = 2_000
LARGEST_SEQUENCE = 2**63 - 1
NOT_JSON = (ValueError, RecursionError)
"""What decoding raises: nested too deeply is no JSON of ours either."""
FUTURE = timedelta(hours=24)
"""An event later than this after its receipt is taken, and flagged."""

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]
_Sequence = Annotated[int, msgspec.Meta(ge=-LARGEST_SEQUENCE, le=LARGEST_SEQUENCE)]
_Value = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | int | float | bool | None


class Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One event as it is sent."""

    source: str
    ticket: _Id
    event_id: _Id
    type: _Id
    occurred_at: str
    sequence: _Sequence | None = None
    attributes: msgspec.Raw = msgspec.Raw(b"{}")
    agreement: _Id | None = None
    actor: _Id | None = None
    url: Annotated[str, msgspec.Meta(max_length=LONGEST_URL)] | None = None
    corrects: _Id | None = None
    withdraws: _Id | None = None


class Received(msgspec.Struct, frozen=True, gc=False):
    """A line that can be read. attributes: the JSON text. agreement: an id or number, not looked up here."""

    line: int
    source: str
    ticket: str
    event_id: str
    type: str
    occurred_at: datetime
    sequence: int | None
    attributes: str
    agreement: str | None
    actor: str | None
    url: str | None
    corrects: str | None
    withdraws: str | None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.ticket, self.event_id


@dataclass(frozen=True)
class RefusedLine:
    """A line that is not taken. source, event_id: where they could be read."""

    line: int
    error: FieldError
    event_id: str | None = None
    source: str | None = None


@dataclass
class Decoded:
    """All lines of a body."""

    received: list[Received] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)


class Unreadable(Exception):
    """A line is refused: `error` says why."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(error.code)
        self.error = error


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its gzip. Refuses TooLarge as soon as more than 16 MB come out of it, and BadRequest."""
    if encoding != "gzip":
        if len(body) > MOST_BYTES:
            raise TooLarge
        return body
    pieces: list[bytes] = []
    room, rest = MOST_BYTES + 1, body
    try:
        while rest:  # a gzip file may have several members
            packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
            pieces.append(packed.decompress(rest, room))
            room -= len(pieces[-1])
            if room <= 0:
                raise TooLarge
            if not packed.eof:
                raise zlib.error("incomplete")
            rest = packed.unused_data.lstrip(b"\0")
    except zlib.error as fault:
        raise BadRequest(detail=N_("The body is not gzip as its Content-Encoding says")) from fault
    return b"".join(pieces)


def decode_body(body: bytes, *, ndjson: bool) -> Decoded:
    """Every line, in order. Refuses BadRequest where the whole cannot be read, TooLarge beyond 10,000 events."""
    decoded = Decoded()
    for number, raw in _lines(body) if ndjson else _elements(body):
        if len(decoded.received) + len(decoded.refused) == MOST_EVENTS:
            raise TooLarge(detail=N_("A call takes at most 10,000 events"))
        try:
            decoded.received.append(decode_line(number, raw))
        except Unreadable as fault:
            event_id, source = _named(raw)
            decoded.refused.append(RefusedLine(number, fault.error, event_id, source))
    return decoded


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    for number, raw in enumerate(body.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if raw.strip():
            yield number, raw


def _elements(body: bytes) -> Iterator[tuple[int, bytes]]:
    plain = body.removeprefix(b"\xef\xbb\xbf")
    try:
        elements: Sequence[msgspec.Raw | bytes] = _array_decoder.decode(plain)
    except NOT_JSON:
        elements = _with_half_characters(plain)
    for number, raw in enumerate(elements, 1):
        yield number, bytes(raw)


def _with_half_characters(body: bytes) -> list[bytes]:
    """The elements of an array in which a text holds half a character (`\\ud800`). JSON's grammar allows it, so that
    the body is an array and only that line is refused. Refuses BadRequest for any other body."""
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        raise BadRequest(detail=NO_ARRAY) from fault
    if not isinstance(found, list):
        raise BadRequest(detail=NO_ARRAY)
    return [json.dumps(element).encode() for element in found]


def _no_number(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity are Python's, not JSON's


_array_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_line_decoder = msgspec.json.Decoder(Line)
_attributes_decoder = msgspec.json.Decoder(dict[_Id, _Value])


def decode_line(number: int, raw: bytes) -> Received:
    """One event. Refuses Unreadable."""
    try:
        line = _line_decoder.decode(raw)
        attributes = bytes(line.attributes)
        if attributes == b"null":
            attributes = b"{}"
        if len(_attributes_decoder.decode(attributes)) > MOST_ATTRIBUTES:
            raise Unreadable(_too_long("/attributes", MOST_ATTRIBUTES))
        text = attributes.decode()
    except NOT_JSON as fault:  # msgspec's errors, and bytes that are no UTF-8
        raise Unreadable(_diagnosed(raw)) from fault
    # Plain ASCII without an escape holds nothing that cannot be shown: JSON lets no bare control character through.
    if not raw.isascii() or b"\\" in raw or b"\x7f" in raw:
        _printable(line)
    if line.corrects is not None and line.withdraws is not None:
        raise Unreadable(_bad_type("/withdraws", N_("only one of corrects and withdraws")))
    return Received(
        number, line.source, line.ticket, line.event_id, line.type, parse_instant(line.occurred_at), line.sequence,
        text, line.agreement, line.actor, line.url, line.corrects, line.withdraws,
    )  # fmt: skip


_TEXTS = ("source", "ticket", "event_id", "type", "actor", "url", "corrects", "withdraws", "agreement")


def _printable(line: Line) -> None:
    for name in _TEXTS:
        if not (getattr(line, name) or "").isprintable():
            raise Unreadable(_bad_type(f"/{name}", N_("printable characters")))


_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?", re.ASCII)
_SURELY = "1970-01-03", "2199-12-30"  # written dates between which no offset leads out of the range
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def parse_instant(text: str, at: str = "/occurred_at") -> datetime:
    """An RFC 3339 instant with its offset; six digits of its fraction are kept, more are cut.

    Refuses Unreadable: no such time, no offset, before 1970 or from 2200 on.
    """
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise Unreadable(_bad_type(at, N_("an instant as 2026-03-01T09:00:00+08:00")))
    if found[1] is None:
        what, how = N_("This instant has no time zone"), N_("Add an offset, as in 2026-03-01T09:00:00+08:00")
        raise Unreadable(FieldError("time_without_zone", at, what, how))
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError as fault:
        if text.startswith("0000"):
            raise Unreadable(_out_of_range(at)) from fault
        raise Unreadable(_bad_type(at, N_("an instant as 2026-03-01T09:00:00+08:00"))) from fault
    if not _SURELY[0] < text < _SURELY[1] and not EARLIEST <= instant < LATEST:
        raise Unreadable(_out_of_range(at))
    return instant


def is_future(occurred_at: datetime, received_at: datetime) -> bool:
    """More than 24 hours after receipt: taken, and flagged."""
    return occurred_at - received_at > FUTURE


def same_event(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """The same content, compared as parsed values. Each: type, occurred_at, sequence, agreement id, actor, url,
    corrects, withdraws, and the attributes' JSON text last."""
    return tuple(one[:-1]) == tuple(other[:-1]) and _same_json(one[-1], other[-1])


def _same_json(one: str, other: str) -> bool:
    if one == other:
        return True
    first, second = msgspec.json.decode(one), msgspec.json.decode(other)
    return first.keys() == second.keys() and all(_same(first[name], second[name]) for name in first)


def _same(one: object, other: object) -> bool:
    """1 and 1.0 are one number; 1 and true are not the same."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


_REQUIRED = ("source", "ticket", "event_id", "type", "occurred_at")
_LONGEST = dict.fromkeys(_TEXTS, LONGEST_ID) | {"url": LONGEST_URL}


def _diagnosed(raw: bytes) -> FieldError:
    """What is wrong with a line that the fast way refused; the first fault that is found."""
    try:
        given = msgspec.json.decode(raw)
    except NOT_JSON:
        return FieldError("bad_json", "", N_("This line is not JSON"), N_("Send one JSON object a line"))
    if not isinstance(given, dict):
        return _bad_type("", N_("a JSON object"))
    for name in given:
        if name not in Line.__struct_fields__:
            what, how = N_("There is no such field"), N_("Leave it out, or check its spelling")
            return FieldError("unknown_field", _pointer(name), what, how)
    for name in _REQUIRED:
        if given.get(name) is None or given[name] == "":
            return FieldError("missing_field", f"/{name}", N_("This field is missing"), N_("Send it"))
    return _wrong_text(given) or _wrong_sequence(given) or _wrong_attributes(given.get("attributes"))


def _wrong_text(given: Mapping[str, Any]) -> FieldError | None:
    for name, most in _LONGEST.items():
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or (not value and name != "url"):
            return _bad_type(f"/{name}", N_("text"))
        if len(value) > most and name != "source":
            return _too_long(f"/{name}", most)
    if not isinstance(given["occurred_at"], str):
        return _bad_type("/occurred_at", N_("an instant as 2026-03-01T09:00:00+08:00"))
    return None


def _wrong_sequence(given: Mapping[str, Any]) -> FieldError | None:
    sequence = given.get("sequence")
    if sequence is None or (type(sequence) is int and abs(sequence) <= LARGEST_SEQUENCE):
        return None
    return _bad_type("/sequence", N_("a whole number of at most 18 digits"))


def _wrong_attributes(given: object) -> FieldError:
    if not isinstance(given, dict):
        return _bad_type("/attributes", N_("a JSON object"))
    if len(given) > MOST_ATTRIBUTES:
        return _too_long("/attributes", MOST_ATTRIBUTES)
    for name, value in given.items():
        at = f"/attributes{_pointer(name)}"
        if not 1 <= len(name) <= LONGEST_ID:
            return _too_long("/attributes", LONGEST_ID)
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            return _too_long(at, LONGEST_TEXT)
        if not isinstance(value, str | int | float | bool | None):
            return _bad_type(at, N_("text, a number, true, false or null"))
    return _bad_type("/attributes", N_("text, numbers, true, false or null"))


def _named(raw: bytes) -> tuple[str | None, str | None]:
    """Event id and source of a line that is refused, where they can be read."""
    try:
        given = msgspec.json.decode(raw)
    except NOT_JSON:
        return None, None
    if not isinstance(given, dict):
        return None, None
    event_id, source = given.get("event_id"), given.get("source")
    return (
        event_id if isinstance(event_id, str) and len(event_id) <= LONGEST_ID else None,
        source if isinstance(source, str) else None,
    )


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _bad_type(at: str, wanted: str) -> FieldError:
    return FieldError(
        "bad_type", at, N_("This value has the wrong type"), N_("Send %(wanted)s here"), {"wanted": wanted}
    )


def _too_long(at: str, most: int) -> FieldError:
    return FieldError("too_long", at, N_("This is longer than is taken"), N_("Send at most %(most)s"), {"most": most})


def _out_of_range(at: str) -> FieldError:
    what, how = N_("This instant is out of range"), N_("Send one from 1970 on and before 2200")
    return FieldError("time_out_of_range", at, what, how)
