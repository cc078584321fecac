"""The message catalogues: one TOML file per language beside this module, read when that language is first used.

What only the pages say is in folders beside them, one per part (pages/en.toml), read when a word is first asked for that the first file
lacks: the command line never reads them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

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
        found = self.sections.get(section, {}).get(key)
        return _parts(self.code).get(section, {}).get(key) if found is None else found

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
            words = _parts(self.code).get("message", {}).get(key)
            if words is None:
                raise LookupError(f"language/{self.code}.toml has no [message] {key}")
            found = _forms(words)
        return found


def placeholders(forms: Forms) -> frozenset[str]:
    """The names of the values that a message wants: those of any of its forms, `count` where it has several."""
    named = {name for form in forms.values() for name in PLACEHOLDER.findall(form)}
    return frozenset(named | {COUNT} if len(forms) > 1 else named)


def _forms(words: str | Forms) -> Forms:
    return {"other": words} if isinstance(words, str) else words


@cache
def _parts(code: str) -> Mapping[str, Mapping[str, Any]]:
    """What the parts of a language hold, section by section."""
    sections: dict[str, dict[str, Any]] = {}
    for path in sorted(Path(__file__).parent.glob(f"*/{code}.toml")):
        for section, words in tomllib.loads(path.read_text(encoding="utf-8")).items():
            held = sections.setdefault(section, {})
            twice = held.keys() & words.keys()
            if twice:
                raise LookupError(f"{path.parent.name}/{path.name} says [{section}] {', '.join(sorted(twice))} again")
            held.update(words)
    return sections


@cache
def wording(code: str) -> Wording:
    """The words of the language `code`, one of codes.LANGUAGES."""
    with Path(__file__).with_name(f"{code}.toml").open("rb") as file:
        table = tomllib.load(file)
    language = table.pop("language")
    messages = {key: _forms(words) for key, words in table.pop("message").items()}
    choices = table.pop("choice")
    return Wording(code, language["own_name"], language["numbers"], language["dates"], language["compact_from"], table, choices, messages)


def whole(code: str) -> Wording:
    """The words of a language with those of all its parts."""
    first, more = wording(code), dict(_parts(code))
    messages = {key: _forms(words) for key, words in more.pop("message", {}).items()}
    sections = {section: {**first.sections.get(section, {}), **more.get(section, {})} for section in {**first.sections, **more}}
    return replace(first, sections=sections, messages={**first.messages, **messages})
