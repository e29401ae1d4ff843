"""Texts that people read: gettext over the catalogues in `web/locale`, the language chosen per request.

English is the text in the code itself; Chinese lies in `web/locale/zh_CN/*.po`, a file an area, merged at start.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("zh-CN", "en")
DEFAULT_LANGUAGE = "zh-CN"
LOCALE_FOLDER = Path(__file__).resolve().parents[2] / "web" / "locale"
# The first part of a tag, and its weight: `zh-Hant-TW; q=0.8`.
LANGUAGE_RANGE = re.compile(r"(?P<tag>[A-Za-z]{1,8})(-[A-Za-z0-9]{1,8})*\s*(;\s*[qQ]=(?P<weight>[01](\.[0-9]{0,3})?))?")

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


@lru_cache(maxsize=1)
def _chinese() -> dict[str, str]:
    """msgid → Chinese, of all areas. A plural's key is its singular: Chinese has one form."""
    texts: dict[str, str] = {}
    for path in sorted((LOCALE_FOLDER / "zh_CN").glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="zh_CN")
        for message in catalogue:
            key = message.id[0] if isinstance(message.id, list | tuple) else message.id
            text = message.string[0] if isinstance(message.string, list | tuple) else message.string
            if key and text and not message.fuzzy:
                texts[f"{message.context}\x04{key}" if message.context else key] = text
    return texts


def current_language() -> str:
    """`zh-CN` or `en`."""
    return _language.get()


def set_language(language: str) -> None:
    """For the rest of this request (the context variable dies with its task)."""
    _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)


@contextmanager
def use_locale(language: str) -> Iterator[None]:
    """Speak `language` inside the block."""
    token = _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def language_of(accept_language: str | None) -> str:
    """The language that an Accept-Language header asks for; Chinese where it asks for neither."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "").split(",")):
        if (found := LANGUAGE_RANGE.fullmatch(part.strip())) and (weight := float(found["weight"] or 1)):
            ranked.append((-weight, place, found["tag"].lower()))
    for _weight, _place, tag in sorted(ranked):
        if tag in ("zh", "en"):
            return "zh-CN" if tag == "zh" else "en"
    return DEFAULT_LANGUAGE


def gettext(message: str, **facts: object) -> str:
    """The message in the language of this request. facts: what fills its `%(name)s` places."""
    text = _chinese().get(message, message) if _language.get() == "zh-CN" else message
    return text % facts if facts else text


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form for `n` in the language of this request."""
    if _language.get() == "zh-CN":
        return _chinese().get(singular, singular if n == 1 else plural)
    return singular if n == 1 else plural


def pgettext(context: str, message: str) -> str:
    """The message as it is said in `context`."""
    if _language.get() == "zh-CN":
        return _chinese().get(f"{context}\x04{message}", _chinese().get(message, message))
    return message


def N_(message: str) -> str:  # noqa: N802  # gettext's own name for "mark, translate later"
    """Mark a text for translation where it is written; `_` translates it where it is shown."""
    return message


_ = gettext
