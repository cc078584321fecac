"""A mapping file (TOML), read and checked as far as that goes without the files it speaks of."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from salesgauge.errors import MappingError, did_you_mean
from salesgauge.schema import EXTRA, LOADABLE, RECORD, TABLES, Column, Kind, Table, extra_name
from salesgauge.sources.mapping.keys import Keys
from salesgauge.sources.mapping.language import (
    COUNTED,
    LANGUAGES,
    SECTIONS,
    Cell,
    Combined,
    Condition,
    Constant,
    DateFormat,
    FileOptions,
    Join,
    KeyOf,
    MappingFile,
    NumberFormat,
    Repeat,
    RowNumber,
    Section,
    Source,
)

FORMAT = 1
TOKENS = "YymdHIpMSfbBaAjz%"
BASES = ("column", "constant", "combine", "key_of", "row_number")
COMPARISONS = ("greater", "at_least", "less", "at_most")
TOP_KEYS = ("format", "files", *LOADABLE)
FILE_KEYS = ("delimiter", "encoding", "header", "header_rows", "leave_out")
SECTION_KEYS = ("file", "columns", "extra", "keep", "join", "repeat", "record")
CELL_KEYS = (*BASES, "from", "separator", "prefix", "fix", "values", "otherwise", "date", "day_only", "language", "number",
             "when")
NUMBER_KEYS = ("decimal", "thousands", "currency", "percent", "accounting", "times")
POWERS = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 100_000_000, 1_000_000_000)
CONDITION_KEYS = ("column", "from", "is", "is_not", "empty", *COMPARISONS, "date", "number")
JOIN_KEYS = ("file", "as", "on", "fix")
REPEAT_KEYS = ("column", "from", "number")


def read(path: Path) -> MappingFile:
    """The mapping file at `path`; MappingError, with place and key, where it cannot be used."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise MappingError(f"cannot read the mapping file {path}: {problem.strerror or problem}") from None
    except UnicodeDecodeError:
        raise MappingError(f"the mapping file {path} is not UTF-8 text") from None
    except (ValueError, RecursionError) as problem:  # besides TOMLDecodeError: numbers of thousands of digits, thousands of brackets
        raise MappingError(f"the mapping file {path.name} is not TOML: {problem}") from None
    top = Keys(path.name, table, TOP_KEYS)
    if table.get("format", FORMAT) != FORMAT:
        top.refuse(f"this program reads format {FORMAT}", "format")
    sections = tuple(section for name in LOADABLE if name in top for section in _sections(top, LOADABLE[name]))
    if not sections:
        top.refuse(f"it maps nothing: begin with a table such as [leads] or [opportunities]; there are: {', '.join(TABLES)}")
    used = {name for s in sections for name in (s.file, *(j.file for j in s.joins))}
    files = Keys(top.at("files"), table.get("files", {}))
    for name in files.table:
        if name not in used:
            files.refuse(f"no table uses the file {name!r}{did_you_mean(name, used)}")
    return MappingFile(path.name, {name: _options(Keys(files.at(f'"{name}"'), value, FILE_KEYS))
                                   for name, value in files.table.items()}, sections)


def _options(keys: Keys) -> FileOptions:
    delimiter = keys.any_text("delimiter", ",")
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter.isalnum() or delimiter in '"\r\n':
        keys.refuse(f"{delimiter!r} cannot be: one character such as ; , | or \\t", "delimiter")
    encoding = keys.any_text("encoding", "utf-8")
    try:
        codec = codecs.lookup(encoding)
        name = codec.name if getattr(codec, "_is_text_encoding", True) else ""
    except (LookupError, ValueError):
        name = ""
    if not name:
        known = ("utf-8", "utf-16", "windows-1251", "windows-1252", "gb18030", "big5", "shift_jis", "iso-8859-1", "koi8-r")
        keys.refuse(f"unknown encoding {encoding!r}{did_you_mean(encoding, known)}; common ones are {', '.join(known)}", "encoding")
    header_rows = keys.whole("header_rows", 1, most=5)
    return FileOptions(delimiter, "utf-8" if name == "utf-8" else encoding, keys.whole("header", 1) if "header" in keys else None,
                       header_rows, tuple(t.strip() for t in keys.texts("leave_out")) if "leave_out" in keys else ())


def _sections(top: Keys, table: Table) -> Iterator[Section]:
    several = top.several(table.name)
    if len(several) > SECTIONS:
        top.refuse(f"there are {len(several)} sections, at most {SECTIONS} can be", table.name)
    for place, value in several:
        yield _section(Keys(place, value, SECTION_KEYS), table)


def _section(keys: Keys, table: Table) -> Section:
    file = keys.text("file")
    joins: list[Join] = []
    for place, value in keys.several("join"):
        joins.append(_join(Keys(place, value, JOIN_KEYS)))
        if joins[-1].name in [j.name for j in joins[:-1]]:
            raise MappingError(f"{place}: the name {joins[-1].name!r} stands twice; give each join a name of its own with: as = \"...\"")
    names = tuple(j.name for j in joins)
    canonical = {c.name: c for c in table.columns}
    columns = Keys(keys.at("columns"), keys.table.get("columns", {}))
    for name in columns.table:
        if name not in canonical:
            columns.refuse(f"{table.name} has no column {name!r}{did_you_mean(name, canonical)}; it has: {', '.join(canonical)}; "
                           "a dimension of your own stands under extra")
    cells = {name: _cell(columns, name, canonical[name], names) for name in canonical if name in columns}
    missing = [c.name for c in table.columns if c.required and c.name not in cells]
    if missing:
        columns.refuse(f"the required column{'s' if missing[1:] else ''} {', '.join(missing)} {'are' if missing[1:] else 'is'} missing")
    extra = Keys(keys.at("extra"), keys.table.get("extra", {}))
    extras: list[tuple[str, str]] = []
    for name in extra.table:
        plain = extra_name(name)
        if not plain:
            extra.refuse(f"{name!r} cannot name a dimension: it has no letter and no digit")
        if plain in canonical:
            extra.refuse(f"{name!r} is a column of {table.name}: put it under columns")
        stored = EXTRA + plain
        if stored in cells:
            extra.refuse(f"{name!r} and another key give the same dimension {plain}")
        cells[stored] = _cell(extra, name, Column(stored, Kind.TEXT), names)
        extras.append((stored, name))
    if "record" in keys:
        cells[RECORD] = _cell(keys, "record", Column(RECORD, Kind.TEXT), names)
    keep = tuple(_condition(Keys(place, value, CONDITION_KEYS), names) for place, value in keys.several("keep"))
    return Section(keys.place, table, file, cells, tuple(extras), keep, tuple(joins), _repeat(keys, names) if "repeat" in keys else None)


def _join(keys: Keys) -> Join:
    file = keys.text("file")
    on = keys.pairs("on")
    if not on:
        keys.refuse("say which columns are equal: on = { \"own column\" = \"column of the other file\" }", "on")
    return Join(keys.place, keys.text("as") if "as" in keys else file, file, tuple(on.items()), keys.pairs("fix"))


def _source(keys: Keys, names: tuple[str, ...]) -> Source:
    join = keys.text("from") if "from" in keys else None
    if join is not None and join not in names:
        there = f"there are: {', '.join(names)}" if names else "it has none"
        keys.refuse(f"there is no join {join!r} in this section{did_you_mean(join, names)}; {there}", "from")
    return Source(keys.text("column"), join, keys.place)


def _listed(keys: Keys, key: str, names: tuple[str, ...]) -> tuple[Source, ...]:
    """A list of columns: texts, or tables with column and from."""
    value = keys.table[key]
    if not isinstance(value, list) or not value:
        keys.refuse("a list of columns is needed", key)
    found = []
    for number, item in enumerate(value, start=1):
        place = f"{keys.at(key)}[{number}]"
        found.append(_source(Keys(place, {"column": item} if isinstance(item, str) else item, ["column", "from"]), names))
    return tuple(found)


def _repeat(keys: Keys, names: tuple[str, ...]) -> Repeat:
    value = keys.table["repeat"]
    part = Keys(keys.at("repeat"), {"column": value} if isinstance(value, str) else value, REPEAT_KEYS)
    return Repeat(part.place, _source(part, names), _number(part) if "number" in part else None)


def _cell(columns: Keys, name: str, column: Column, names: tuple[str, ...]) -> Cell:
    value = columns.table[name]
    keys = Keys(columns.at(name), {"column": value} if isinstance(value, str) else value, CELL_KEYS)
    bases = [b for b in BASES if b in keys]
    if len(bases) != 1:
        keys.refuse(f"exactly one of {', '.join(BASES)} is needed, not {' and '.join(bases) or 'none of them'}")
    base: Source | Constant | Combined | KeyOf | RowNumber
    match bases[0]:
        case "column":
            base = _source(keys, names)
        case "constant":
            base = Constant(_plain(keys.scalar("constant")))
        case "combine":
            base = Combined(_listed(keys, "combine", names), keys.any_text("separator", " "))
        case "key_of":
            base = KeyOf(_listed(keys, "key_of", names))
        case _:
            if not keys.flag("row_number"):
                keys.refuse("only true makes sense here", "row_number")
            base = RowNumber()
    for key, needed in (("from", "column"), ("separator", "combine"), ("otherwise", "values"), ("values", "otherwise"),
                        ("day_only", "date"), ("language", "date")):
        if key in keys and needed not in keys:
            said = ': otherwise = "keep", "empty" or "refuse" says what becomes of values that are not named' if key == "values" else ""
            keys.refuse(f"it needs {needed} beside it{said}", key)
    otherwise = keys.any_text("otherwise", "keep")
    if otherwise not in ("keep", "empty", "refuse"):
        keys.refuse(f"{otherwise!r} cannot be; there are: keep, empty, refuse", "otherwise")
    values = keys.pairs("values") if "values" in keys else None
    when = _condition(Keys(keys.at("when"), keys.table["when"], CONDITION_KEYS), names) if "when" in keys else None
    cell = Cell(keys.place, base, keys.pairs("fix"), values, otherwise, _written(keys, column), keys.any_text("prefix", ""), when)
    _check_choices(keys, column, cell)
    return cell


def _plain(value: Any) -> str:
    """A constant as the text of a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _check_choices(keys: Keys, column: Column, cell: Cell) -> None:
    """What the mapping itself writes into a column of a closed list must be on that list."""
    if not column.choices or cell.prefix:
        return
    written = [cell.base.text] if isinstance(cell.base, Constant) and not cell.fix and cell.values is None else []
    written += [*(cell.values or {}).values()]
    for text in written:
        if text and text.strip().lower() not in column.choices:
            keys.refuse(f"{text!r} is no {column.name}{did_you_mean(text, column.choices)}; there are: {', '.join(column.choices)}")


def _written(keys: Keys, column: Column) -> DateFormat | NumberFormat | None:
    if "date" in keys:
        if column.kind not in (Kind.DATE, Kind.INSTANT):
            keys.refuse(f"{column.name.removeprefix(EXTRA)} holds no date", "date")
        if "number" in keys:
            keys.refuse("a cell is a date or a number, not both")
        return _date(keys)
    if "number" in keys:
        if column.kind is not Kind.NUMBER:
            keys.refuse(f"{column.name.removeprefix(EXTRA)} holds no number", "number")
        return _number(keys)
    return None


def _date(keys: Keys) -> DateFormat:
    pattern = keys.text("date")
    spoken = keys.any_text("language", "")
    if spoken and spoken not in LANGUAGES:
        keys.refuse(f"{spoken!r} cannot be; there are: {', '.join(LANGUAGES)}; English needs none", "language")
    if pattern in COUNTED:
        return DateFormat(pattern, keys.flag("day_only"))
    tokens = re.findall(r"%(-?.?)", pattern, re.DOTALL)
    for token in tokens:
        if token not in TOKENS or not token:
            keys.refuse(f"unknown token %{token} in {pattern!r}; there are: {' '.join('%' + t for t in TOKENS)}", "date")
    if not ({"Y", "y"} & set(tokens) and ("j" in tokens or ("d" in tokens and {"m", "b", "B"} & set(tokens)))):
        keys.refuse(f"{pattern!r} does not say year, month and day; such as %d.%m.%Y", "date")
    if "z" in tokens and not pattern.endswith("%z"):
        keys.refuse(f"%z must stand at the end of {pattern!r}", "date")
    made = DateFormat(pattern, keys.flag("day_only"), spoken)
    if made.day_only and made.has_zone:
        keys.refuse("the day of an instant with an offset depends on the zone: leave day_only out", "day_only")
    return made


def _number(keys: Keys) -> NumberFormat:
    part = Keys(keys.at("number"), keys.table["number"], NUMBER_KEYS)
    decimal, thousands = part.any_text("decimal", "."), part.any_text("thousands", "")
    for key, mark, longest in (("decimal", decimal, (1,)), ("thousands", thousands, (0, 1))):
        if len(mark) not in longest or mark.isalnum() or mark in tuple("+-%\\"):
            part.refuse(f"{mark!r} cannot be: one mark such as . or ,", key)
    if decimal == thousands:
        part.refuse(f"decimal and thousands are both {decimal!r}")
    currencies = part.texts("currency") if "currency" in part else ()
    for sign in currencies:
        if not sign.strip() or re.search(r"[\d+\-%]", sign):
            part.refuse(f"{sign!r} cannot be a currency sign", "currency")
    times = part.whole("times", 1, most=max(POWERS))
    if times not in POWERS:
        part.refuse(f"{times} cannot be; there are: {', '.join(map(str, POWERS))}", "times")
    if times > 1 and part.flag("percent"):
        part.refuse("a per cent is counted in nothing else", "times")
    return NumberFormat(decimal, thousands, tuple(s.strip() for s in currencies), part.flag("percent"), part.flag("accounting"), times)


def _condition(keys: Keys, names: tuple[str, ...]) -> Condition:
    tests: list[tuple[str, tuple[str, ...] | bool | float | date]] = []
    for name in ("is", "is_not"):
        if name in keys:
            tests.append((name, tuple(t.strip() for t in keys.texts(name))))
    if "empty" in keys:
        tests.append(("empty", keys.flag("empty")))
    for name in COMPARISONS:
        if name in keys:
            bound = keys.table[name]
            if isinstance(bound, bool) or not isinstance(bound, int | float | date) or not (isinstance(bound, date) or abs(bound) < 1e300):
                keys.refuse("a number (10) or a date (2025-01-31) without quotes is needed", name)
            if isinstance(bound, datetime) and bound.tzinfo:
                keys.refuse("a date and time here has no offset", name)
            tests.append((name, bound if isinstance(bound, date) else float(bound)))
    if not tests:
        keys.refuse(f"no test; there are: is, is_not, empty, {', '.join(COMPARISONS)}")
    bounds = {isinstance(bound, date) for name, bound in tests if name in COMPARISONS}
    if len(bounds) > 1:
        keys.refuse("numbers and dates cannot be mixed in one condition")
    written = _date(keys) if "date" in keys else _number(keys) if "number" in keys else None
    for key, is_date in (("date", True), ("number", False)):
        if key in keys and bounds != {is_date}:
            keys.refuse(f"it needs a {key} to compare with, such as at_least = {'2025-01-31' if is_date else '10'}", key)
    if isinstance(written, DateFormat) and written.has_zone:
        keys.refuse("%z cannot be here: dates are compared as they stand", "date")
    return Condition(keys.place, _source(keys, names), tuple(tests), written)
