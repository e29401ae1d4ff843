"""Finding names: Chinese by any of its characters, Latin by any part of it, both by pinyin."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from services.kernel.database import Database
from services.kernel.search import folded, grams, pinyin_initials, pinyin_key, searched
from tests.databases import Clone
from tests.kernel.news import TELLER

texts = st.text(alphabet="aB1中文云 启-%_'＂Ａ", max_size=12)


@pytest.fixture(scope="session")
async def reader(database: Clone) -> AsyncIterator[Database]:
    opened = Database(database.url("svc_suppliers"), "suppliers")
    yield opened
    await opened.dispose()


async def _finds(reader: Database, stored: str, sought: str) -> bool:
    """As a list's `q` does, over a row that lies in no table."""
    row = select(
        literal(grams(stored), ARRAY(Text)).label("grams"), literal(folded(stored), Text).label("text")
    ).subquery()
    async with reader.reading(TELLER) as tx:
        return bool(await tx.rows(select(row).where(searched(sought, row.c.grams, row.c.text))))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ＡＢＣ　Ｌｔｄ", "abc ltd"),
        ("  Two   Words ", "two words"),
        ("上海\t云启", "上海 云启"),
        ("½", "1⁄2"),
        ("", ""),
    ],
)
def test_text_is_compared_without_width_case_or_spacing(value: str, expected: str) -> None:
    assert folded(value) == expected


@given(value=texts)
def test_folding_twice_is_folding_once(value: str) -> None:
    assert folded(folded(value)) == folded(value)


def test_what_is_indexed_are_pairs_single_characters_and_latin_words() -> None:
    assert grams("云启IT", None, "") == sorted({"云启", "启i", "it", "云", "启"})
    assert "a" not in grams("abc")


@given(value=texts)
def test_every_adjacent_pair_is_indexed(value: str) -> None:
    assert {a + b for a, b in pairwise(folded(value))} <= set(grams(value))


@pytest.mark.parametrize(
    ("stored", "sought", "found"),
    [
        ("上海云启九霄信息技术有限公司", "云启", True),
        ("上海云启九霄信息技术有限公司", "霄", True),
        ("上海云启九霄信息技术有限公司", "公司 云启", True),
        ("上海云启九霄信息技术有限公司", "启云", False),
        ("上海云启九霄信息技术有限公司", "海启", False),
        ("Acme Cloud Ltd", "CLOUD", True),
        ("Acme Cloud Ltd", "lou", True),
        ("Acme Cloud Ltd", "cloud acme", True),
        ("Acme Cloud Ltd", "acmecloud", False),
        ("HT-2026-000123", "2026-0001", True),
        ("HT-2026-000123", "ht-2025", False),
        ("100% sure_thing", "100%", True),
        ("100 sure thing", "100%", False),
        ("sureXthing", "sure_thing", False),
        ("O'Brien'; DROP TABLE", "o'brien';", True),
        ("ＡＣＭＥ", "acme", True),
    ],
)
async def test_a_name_is_found_by_what_stands_in_it(reader: Database, stored: str, sought: str, found: bool) -> None:
    assert await _finds(reader, stored, sought) is found


@pytest.mark.parametrize(
    ("name", "key", "initials"),
    [
        ("上海云启", "shang hai yun qi", "shyq"),
        ("重庆长江", "chong qing chang jiang", "cqcj"),
        ("Acme 云", "acme  yun", "acme y"),
        ("", "", ""),
    ],
)
def test_chinese_is_sorted_and_abbreviated_by_its_pinyin(name: str, key: str, initials: str) -> None:
    assert pinyin_key(name).split() == key.split()
    assert pinyin_initials(name) == initials.replace(" ", "")


def test_names_stand_in_the_order_in_which_a_reader_looks_for_them() -> None:
    names = ["张江", "安达", "北辰", "Acme", "重庆"]
    assert sorted(names, key=pinyin_key) == ["Acme", "安达", "北辰", "重庆", "张江"]


async def test_the_sort_key_is_compared_alike_by_the_database_and_by_us(reader: Database) -> None:
    keys = [pinyin_key(name) for name in ("张江", "安达", "北辰", "acme corp", "acme-corp", "重庆", "1号")]
    async with reader.reading(TELLER) as tx:
        rows = await tx.rows(
            text('SELECT k FROM unnest(CAST(:keys AS text[])) k ORDER BY k COLLATE "C"'), {"keys": keys}
        )
    assert [row["k"] for row in rows] == sorted(keys)
