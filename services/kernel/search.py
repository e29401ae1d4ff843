"""Finding names: folded text, bigrams for Chinese, pinyin for sorting and for initials."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from pypinyin import Style, lazy_pinyin
from sqlalchemy import ColumnElement, and_, cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import Text

LAST_CHARACTER = "\U0010ffff"
WORD = re.compile(r"[a-z0-9]+")


def folded(value: str) -> str:
    """NFKC, lower case, single spaces: the text that is compared."""
    return " ".join(unicodedata.normalize("NFKC", value).lower().split())


def _pieces(text: str) -> Iterable[str]:
    """Runs of characters that are no Latin word."""
    return (piece.strip() for piece in WORD.split(text) if piece.strip())


def grams(*values: str | None) -> list[str]:
    """What is indexed: all adjacent pairs of each text, single Chinese characters, Latin words with their pairs."""
    found: set[str] = set()
    for value in values:
        text = folded(value or "")
        found.update(a + b for a, b in pairwise(text))
        found.update(character for piece in _pieces(text) for character in piece)
        found.update(WORD.findall(text))
    return sorted(found)


def searched(
    sought: str,
    gram_column: InstrumentedAttribute[list[str]] | ColumnElement[list[str]],
    text_column: InstrumentedAttribute[str] | ColumnElement[str],
) -> ColumnElement[bool]:
    """Rows whose (folded) text contains the sought words; the bigram index narrows, LIKE decides."""
    conditions = []
    for word in folded(sought).split()[:8]:
        needed = [a + b for a, b in pairwise(word)] or [word]
        conditions.append(gram_column.contains(cast(needed, ARRAY(Text))))
        if len(word) > 1:
            conditions.append(text_column.contains(word, autoescape=True))
    return and_(*conditions)


def begins(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Where the text of a column in byte order (collation C) begins so.

    Two bounds and not LIKE: behind a row policy only what gives nothing away may be looked up in an index.
    """
    return and_(column >= word, column < word + LAST_CHARACTER)


def pinyin_key(value: str) -> str:
    """The text by which Chinese is sorted: full pinyin, Latin as it is."""
    return " ".join(lazy_pinyin(folded(value)))[:400]


def pinyin_initials(value: str) -> str:
    """`上海云启` → `shyq`."""
    return "".join(lazy_pinyin(folded(value), style=Style.FIRST_LETTER)).replace(" ", "")[:200]
