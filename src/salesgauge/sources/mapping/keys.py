"""The keys of a mapping file, read one table at a time: what is unknown, missing or of the wrong kind is named with its place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, NoReturn

from salesgauge.errors import MappingError, did_you_mean

Scalar = str | int | float | bool | date | datetime


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    named = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table", date: "a date", datetime: "a date",
             time: "a time"}
    return named.get(type(value), type(value).__name__)


class Keys:
    """One table of a mapping file. `place` says where it stands, for messages: `crm.toml, opportunities.columns`."""

    def __init__(self, place: str, table: Any, known: Iterable[str] | None = None) -> None:
        self.place = place
        if not isinstance(table, dict):
            self.refuse(f"this is {_kind(table)}, but a table of keys is needed")
        self.table: dict[str, Any] = table
        if known is not None:
            self.only(known)

    def refuse(self, what: str, key: str = "") -> NoReturn:
        """Raises MappingError for the table, or for one key of it."""
        raise MappingError(f"{self.at(key) if key else self.place}: {what}")

    def at(self, key: str) -> str:
        """The place of a key."""
        return f"{self.place}.{key}" if "," in self.place else f"{self.place}, {key}"

    def only(self, known: Iterable[str]) -> None:
        """Refuses any key that is not among `known`."""
        names = list(known)
        for key in self.table:
            if key not in names:
                self.refuse(f"unknown key {key!r}{did_you_mean(key, names)}; there are: {', '.join(names)}")

    def __contains__(self, key: str) -> bool:
        return key in self.table

    def _wrong(self, key: str, wanted: str) -> NoReturn:
        self.refuse(f"this is {_kind(self.table[key])}, but {wanted} is needed", key)

    def sound(self, text: str, key: str) -> str:
        """A text without the characters that no cell can hold."""
        if "\0" in text:
            self.refuse("a text cannot hold the character NUL", key)
        return text

    def text(self, key: str) -> str:
        """A text that must be there and not be empty."""
        if key not in self.table:
            self.refuse(f"the key {key!r} is missing")
        value = self.table[key]
        if not isinstance(value, str):
            self._wrong(key, "a text in quotes")
        if not value:
            self.refuse("this text is empty", key)
        return self.sound(value, key)

    def any_text(self, key: str, otherwise: str) -> str:
        """A text that may be absent or empty."""
        value = self.table.get(key, otherwise)
        if not isinstance(value, str):
            self._wrong(key, "a text in quotes")
        return self.sound(value, key)

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of texts."""
        value = self.table[key]
        several = value if isinstance(value, list) else [value]
        if not several or not all(isinstance(v, str) for v in several):
            self._wrong(key, "a text in quotes, or a list of such")
        return tuple(self.sound(v, key) for v in several)

    def pairs(self, key: str) -> dict[str, str]:
        """A table from texts (without spaces around them, as cells are compared) to texts, empty where the key is absent."""
        part = Keys(self.at(key), self.table.get(key, {}))
        for name, value in part.table.items():
            if not isinstance(value, str):
                part.refuse(f"the value of {name!r} is {_kind(value)}, but a text in quotes is needed")
            part.sound(name + value, name)
        return {name.strip(): value for name, value in part.table.items()}

    def flag(self, key: str) -> bool:
        """true or false; false where absent."""
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            self._wrong(key, "true or false")
        return value

    def whole(self, key: str, otherwise: int, most: int = 1_000_000) -> int:
        """A whole number from 1 up."""
        value = self.table.get(key, otherwise)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            self._wrong(key, f"a whole number from 1 to {most:,}")
        return value

    def scalar(self, key: str) -> Scalar:
        """A text, number, truth value or date."""
        value = self.table[key]
        if isinstance(value, str):
            return self.sound(value, key)
        if not isinstance(value, int | float | date):
            self._wrong(key, "a text, a number, a date, true or false")
        scalar: Scalar = value
        return scalar

    def several(self, key: str) -> list[tuple[str, Any]]:
        """A table, or each of a list of tables, with its place; nothing where absent."""
        value = self.table.get(key, [])
        if not isinstance(value, list):
            return [(self.at(key), value)]
        return [(f"{self.at(key)}[{number}]", item) for number, item in enumerate(value, start=1)]
