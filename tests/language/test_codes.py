"""Language codes as people and systems write them."""

import pytest

from salesgauge.errors import SettingError
from salesgauge.language import LANGUAGES, Language, language
from salesgauge.language.codes import known


@pytest.mark.parametrize(("code", "meant"), [
    ("en", "en"), ("EN", "en"), ("en-US", "en"), ("en_GB", "en"), ("en-001", "en"), ("en_US.UTF-8", "en"),
    ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh_cn", "zh-Hans"), ("zh-SG", "zh-Hans"), ("zh-hans", "zh-Hans"), ("zh-Hans-CN", "zh-Hans"),
    ("zh-TW", "zh-Hant"), ("zh_Hant", "zh-Hant"), ("ZH-HANT-HK", "zh-Hant"), ("zh-HK", "zh-Hant"),
    ("ru", "ru"), ("ru-RU", "ru"), (" ru_RU ", "ru"),
])
def test_a_code_is_known_by_its_other_names(code: str, meant: str) -> None:
    assert known(code) == meant
    assert Language(code).code == meant


@pytest.mark.parametrize("code", ["", "de", "english", "zh-Latn", "zh-XX-YY", "en-", "../en", "ru\x00"])
def test_an_unknown_code_is_refused_and_the_four_are_named(code: str) -> None:
    with pytest.raises(SettingError) as refused:
        language(code)
    assert all(each in refused.value.message for each in LANGUAGES)


def test_each_language_names_itself() -> None:
    assert [language(code).own_name for code in LANGUAGES] == ["English", "简体中文", "繁體中文", "Русский"]


def test_a_language_is_made_once() -> None:
    assert language("ru") is language("ru")
