"""What columns, tables, values, currencies and totals are called in exports, in four languages: vocabulary.toml, read once."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from salesgauge.sources.laid_out import beginning

FILE = "vocabulary.toml"


def plain(name: str) -> str:
    """A name as it is compared: without case, spaces, marks and the difference of ё and е."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    return "".join(c for c in folded if c.isalnum() or c == "№")


@dataclass(frozen=True)
class Unit:
    """What a header says of its numbers: the power of ten that they are counted in, their currency sign or code, per cent."""

    times: int = 1
    currency: str = ""
    percent: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """The names. `columns[table][plain name]` is the canonical column and the name's rank: an earlier name of a list is the surer."""

    tables: dict[str, str]
    columns: dict[str, dict[str, tuple[str, int]]]
    values: dict[str, dict[str, dict[str, str]]]
    totals: frozenset[str]
    currencies: dict[str, str]
    several: dict[str, tuple[str, ...]]
    powers: dict[str, int]
    combined: dict[str, dict[str, list[list[str]]]]
    shared: dict[str, dict[str, frozenset[str]]]

    @property
    def words(self) -> frozenset[str]:
        """Every name of a column as it is written, in lower case: to recognise an encoding by."""
        return _words()

    def unit(self, header: str) -> tuple[str, Unit]:
        """A header without the unit that it ends with (`Amount (EUR)`, `Сумма, тыс. руб.`, `金额（万元）`), and that unit."""
        text = unicodedata.normalize("NFKC", header).strip()
        found = re.fullmatch(r"(.+?)\s*(?:[(\[]\s*([^()\[\]]+)\s*[)\]]|,\s*([^,]+)|\s([%$€£₽¥]))", text)
        if not found:
            return header, Unit(percent=text.endswith("%"))
        written = next(part for part in found.groups()[1:] if part)
        unit = self._unit(written.strip().casefold())
        return (found[1], unit) if unit else (header, Unit())

    def _unit(self, text: str) -> Unit | None:
        if text in ("%", "percent", "per cent", "проценты", "百分比"):
            return Unit(percent=True)
        if text in self.powers:
            return Unit(self.powers[text], "元" if text.endswith("元") else "")
        if self.is_currency(text):
            return Unit(currency=text)
        words = [w for w in re.split(r"[\s,]+", text.removeprefix("in ")) if w]
        times = [self.powers[w] for w in words if w in self.powers]
        signs = [w for w in words if self.is_currency(w)]
        if len(words) == len(times) + len(signs) and len(times) <= 1 and len(signs) <= 1:
            return Unit(times[0] if times else 1, signs[0] if signs else "")
        return None

    def is_currency(self, sign: str) -> bool:
        """Whether a text is the sign, code or name of a currency."""
        return sign.casefold() in self.currencies or sign in self.several or sign.casefold() in self.several

    def currencies_of(self, sign: str) -> tuple[str, ...]:
        """The codes of the currencies that a sign may stand for, none where it is no such sign."""
        folded = sign.strip().casefold()
        if folded in self.currencies:
            return (self.currencies[folded],)
        return self.several.get(sign.strip(), self.several.get(folded, ()))

    def value(self, table: str, column: str, written: str) -> str | None:
        """The canonical value of a choice as it is written; None where nobody knows it."""
        return self.values.get(table, {}).get(column, {}).get(plain(written))


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(
        files("salesgauge.sources.exports").joinpath(FILE).read_text(encoding="utf-8"))
    return found


@cache
def _words() -> frozenset[str]:
    return frozenset(name.casefold() for columns in _table()["columns"].values() for names in columns.values() for name in names)


@cache
def vocabulary() -> Vocabulary:
    """The names of the package."""
    top = _table()
    columns = {table: {plain(name): (column, rank) for column, names in reversed(found.items())
                       for rank, name in reversed(list(enumerate(names)))} for table, found in top["columns"].items()}
    values = {table: {column: {plain(name): value for value, names in by.items() for name in names} for column, by in found.items()}
              for table, found in top["values"].items()}
    currencies = {str(sign).casefold(): code for code, signs in top["currencies"].items() for sign in signs}
    return Vocabulary({plain(name): table for table, names in top["tables"].items() for name in names}, columns, values,
                      frozenset(map(beginning, top["totals"]["begin"])), currencies,
                      {sign: tuple(codes) for sign, codes in top["several_currencies"].items()},
                      {name: int(power) for power, names in top["powers"].items() for name in names},
                      {table: {column: [[plain(n) for n in names] for names in several] for column, several in found.items()}
                       for table, found in top["combined"].items()},
                      {table: {column: frozenset(map(plain, names)) for column, names in found.items()}
                       for table, found in top["shared"].items()})
