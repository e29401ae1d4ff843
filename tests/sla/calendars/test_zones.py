"""The pinned zones: their names, and the one thing that compiling takes for granted about them."""

import struct
from importlib.resources import files
from itertools import pairwise

import pytest

from services.sla.calendars.rules.zones import UnknownZone, zone, zone_names

Transition = tuple[int, int]  # the instant, and the offset from UTC after it


def transitions(name: str) -> list[Transition]:
    """All that the zone's file lists (RFC 8536, the 64-bit block); later years follow one yearly rule."""
    data = files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()
    at = 0
    for width in (4, 8):  # the 32-bit block is passed over
        utc, standard, leaps, times, kinds, letters = struct.unpack_from(">6l", data, at + 20)
        body = at + 44
        sizes = times * width + times + kinds * 6 + letters + leaps * (width + 4) + standard + utc
        at = body + sizes
    instants = struct.unpack_from(f">{times}q", data, body)
    index = struct.unpack_from(f">{times}B", data, body + times * 8)
    offsets = [struct.unpack_from(">l", data, body + times * 9 + kind * 6)[0] for kind in range(kinds)]
    return [(instant, offsets[kind]) for instant, kind in zip(instants, index, strict=True)]


def test_no_zone_changes_its_clocks_back_and_forth_within_two_days() -> None:
    """A day of 24 hours is taken to be one without a change."""
    since_1960 = -315_619_200
    for name in zone_names():
        instants, offset_before = [], None
        for instant, offset in transitions(name):
            if offset != offset_before and instant >= since_1960:
                instants.append(instant)
            offset_before = offset
        assert min((b - a for a, b in pairwise(instants)), default=10**9) > 2 * 86_400, name
    summer_of_1980 = (323_830_800, 7_200)
    assert summer_of_1980 in transitions("Europe/Berlin"), "the files are read rightly"


def test_zones_come_from_the_pinned_package_under_their_exact_names() -> None:
    assert {"Asia/Shanghai", "Etc/UTC", "UTC", "America/Argentina/Buenos_Aires"} <= zone_names()
    assert zone("Asia/Shanghai") is zone("Asia/Shanghai")
    for name in ("Asia/shanghai", "../zones", "/etc/localtime", "zones", "Asia", ""):
        with pytest.raises(UnknownZone):
            zone(name)
    for name in zone_names():
        assert zone(name).key == name
