"""Texts in the reader's language."""

import asyncio

import pytest

from services.kernel.messages import (
    DEFAULT_LANGUAGE,
    current_language,
    gettext,
    language_of,
    ngettext,
    set_language,
    use_locale,
)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("zh;q=0.5, en;q=0.9", "en"),
        ("en; q=0.3, zh; q=0.7", "zh-CN"),
        ("fr-FR,fr;q=0.9,en;q=0.1", "en"),
        ("fr,de", "zh-CN"),
        ("en;q=0, zh", "zh-CN"),
        ("zh;q=0, en", "en"),
        ("EN-us", "en"),
        ("zh-Hant-TW", "zh-CN"),
        ("*", "zh-CN"),
        ("en;q=much,zh;q=0.1", "zh-CN"),
        ("en;q=nan, zh;q=0.2", "zh-CN"),
        (",,;q=1,en", "en"),
        ("entirely;q=1, zh;q=0.1", "zh-CN"),
    ],
)
def test_the_language_is_the_one_that_the_reader_likes_best_among_ours(header: str | None, language: str) -> None:
    assert language_of(header) == language


def test_english_is_the_text_itself_and_chinese_lies_in_the_catalogues() -> None:
    text = "There is no such record"
    with use_locale("en"):
        assert gettext(text) == text
    with use_locale("zh-CN"):
        assert gettext(text) != text
        assert any("\u4e00" <= letter <= "\u9fff" for letter in gettext(text))


def test_a_text_that_no_catalogue_has_is_shown_as_it_is() -> None:
    with use_locale("zh-CN"):
        assert gettext("GYS-2026-000001") == "GYS-2026-000001"
        assert ngettext("%(num)s frog", "%(num)s frogs", 2) == "%(num)s frogs"
        assert gettext("") == ""


def test_a_language_that_we_do_not_speak_is_ours() -> None:
    with use_locale("fr"):
        assert current_language() == DEFAULT_LANGUAGE


async def test_a_request_s_language_does_not_reach_the_next_one() -> None:
    async def request(language: str) -> str:
        set_language(language)
        await asyncio.sleep(0)
        return current_language()

    before = current_language()
    assert await asyncio.gather(*(asyncio.create_task(request(x)) for x in ("en", "zh-CN", "en"))) == [
        "en", "zh-CN", "en",
    ]  # fmt: skip
    assert current_language() == before
