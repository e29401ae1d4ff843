"""Links as the macros draw them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link, drawn as a button beside a title. icon: a name of the sprite."""

    href: str
    title: str
    icon: str = ""
    primary: bool = False


@dataclass(frozen=True, kw_only=True)
class Empty:
    """What an empty list says: what belongs here, and one way to begin."""

    title: str
    text: str = ""
    link: Link | None = None
