"""The message catalogues: one TOML file per language beside this module, read when that language is first used."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Forms = Mapping[str, str]  # the forms of one message by CLDR plural category (one, few, many, other)

PLACEHOLDER = re.compile(r"\{(\w+)\}")
COUNT = "count"  # the value that chooses the plural form


@dataclass(frozen=True)
class Wording:
    """One language's words. `sections`: section -> key -> words; `choices`: column -> value -> words; `messages`: key -> forms.

    `locale` holds what the formatting needs to know: `numbers` and `dates` (CLDR locales), `compact_from` (where 1.2K begins).
    """

    code: str
    own_name: str
    numbers: str
    dates: str
    compact_from: int
    sections: Mapping[str, Mapping[str, str]]
    choices: Mapping[str, Mapping[str, str]]
    messages: Mapping[str, Forms]

    def find(self, section: str, key: str) -> str | None:
        """The words of `key`, or None: only for what a company may have added itself."""
        return self.sections[section].get(key)

    def get(self, section: str, key: str) -> str:
        """The words of `key`. LookupError where there are none: every key of ours is in every language, so that is our mistake."""
        found = self.find(section, key)
        if found is None:
            raise LookupError(f"language/{self.code}.toml has no [{section}] {key}")
        return found

    def forms(self, key: str) -> Forms:
        """The forms of the message `key`; LookupError where there is none."""
        found = self.messages.get(key)
        if found is None:
            raise LookupError(f"language/{self.code}.toml has no [message] {key}")
        return found


def placeholders(forms: Forms) -> frozenset[str]:
    """The names of the values that a message wants: those of any of its forms, `count` where it has several."""
    named = {name for form in forms.values() for name in PLACEHOLDER.findall(form)}
    return frozenset(named | {COUNT} if len(forms) > 1 else named)


@cache
def wording(code: str) -> Wording:
    """The words of the language `code`, one of codes.LANGUAGES."""
    with Path(__file__).with_name(f"{code}.toml").open("rb") as file:
        table = tomllib.load(file)
    language = table.pop("language")
    messages = {key: {"other": text} if isinstance(text, str) else text for key, text in table.pop("message").items()}
    choices = table.pop("choice")
    return Wording(code, language["own_name"], language["numbers"], language["dates"], language["compact_from"], table, choices, messages)
