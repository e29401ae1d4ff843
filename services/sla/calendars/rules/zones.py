"""Time zones from the pinned `tzdata` package, never from the machine: two machines must give one due time."""

from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo


class UnknownZone(ValueError):
    """No zone of the pinned data has this name. Names are those of the IANA, in their own spelling."""


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """All names that `zone` knows, links included."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of this IANA name. Refuses UnknownZone, and reads no file for a name that is not listed."""
    if name not in zone_names():
        raise UnknownZone(name)
    with files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)
