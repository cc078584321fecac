"""The four languages, and the ways in which people and systems write their codes."""

from __future__ import annotations

import re
from typing import Final

from salesgauge.errors import SettingError

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "zh-Hans", "zh-Hant", "ru")

_REGION = r"(?:-(?:[a-z]{2}|\d{3}))?"  # a country does not change the words, except in Chinese
_FORMS = {
    "en": re.compile(f"en{_REGION}"),
    "zh-Hans": re.compile(rf"zh|zh-(?:cn|sg|my)|zh-hans{_REGION}"),
    "zh-Hant": re.compile(rf"zh-(?:tw|hk|mo)|zh-hant{_REGION}"),
    "ru": re.compile(f"ru{_REGION}"),
}


def known(code: str) -> str:
    """The language that `code` means, as one of LANGUAGES: upper and lower case are the same, `zh-CN`, `zh_Hant`, `ru_RU.UTF-8` are read.

    Raises SettingError, which names the four, where it is none of them.
    """
    plain = code.strip().partition(".")[0].replace("_", "-").casefold()
    for language, form in _FORMS.items():
        if form.fullmatch(plain):
            return language
    raise SettingError(f"unknown language {code!r}: there are {', '.join(LANGUAGES)}")
