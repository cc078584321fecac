"""How a raw cell becomes a value: SQL expressions per kind of column (spec/model.md, Conventions and Time). Pure text, nothing runs here."""

from __future__ import annotations

from dataclasses import dataclass

from salesgauge.schema import LOCAL, Column, Kind
from salesgauge.staging import ident, literal
from salesgauge.store.zones import FIRST_YEAR, LAST_YEAR, local_of, utc_of

_TIME = r"[T ]\d\d:\d\d(:\d\d(\.\d+)?)?"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)"
_INSTANT = rf"\d\d\d\d-\d\d-\d\d({_TIME}{_OFFSET}?)?"
_WHOLE_SECOND = "____-__-__T__:__:__"
_TEXT = ("VARCHAR",)
_ROUND = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
_NUMBERS = (*_ROUND, "FLOAT", "DOUBLE", "DECIMAL")
_TIMESTAMPS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_ZONED = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class Reading:
    """How one staged column is read.

    `blank` says whether the raw cell is empty; `first` are columns computed from the raw cell (name, expression); `day` is the date on
    which the zone is looked up, None where no zone is needed; `values` are the stored columns (name, expression) over `first` and the
    alias `days`; `value` is the stored column that is NULL where the cell is empty or unreadable.
    """

    column: Column
    blank: str
    shown: str
    first: tuple[tuple[str, str], ...]
    day: str | None
    values: tuple[tuple[str, str], ...]

    @property
    def value(self) -> str:
        return self.values[0][0]


def as_text(raw: str, dtype: str) -> str:
    """SQL: the raw cell as text, empty as NULL. A whole number that stands in a column of doubles is written without its point."""
    if dtype in _TEXT:
        return f"nullif({raw}, '')"
    if dtype in ("FLOAT", "DOUBLE"):
        whole = f"{raw} = trunc({raw}) AND abs({raw}) < 9e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({raw} AS BIGINT) AS VARCHAR) ELSE CAST({raw} AS VARCHAR) END"
    return f"nullif(CAST({raw} AS VARCHAR), '')"


def _trimmed(raw: str, dtype: str) -> str:
    return f"nullif(trim({raw if dtype in _TEXT else f'CAST({raw} AS VARCHAR)'}, ' \t\r\n\u00a0'), '')"


def _sane(time: str) -> str:
    return f"CASE WHEN {time} >= TIMESTAMP '{FIRST_YEAR}-01-01' AND {time} < TIMESTAMP '{LAST_YEAR + 1}-01-01' THEN {time} END"


def _moment(raw: str, dtype: str) -> tuple[str, str]:
    """SQL: the time that a cell says, and whether it is UTC already (it had an offset) rather than local."""
    if dtype == _ZONED:
        return _sane(f"make_timestamp(epoch_us({raw}))"), "true"
    if dtype in _TIMESTAMPS or dtype == "DATE":
        return _sane(f"CAST({raw} AS TIMESTAMP)"), "false"
    cell = _trimmed(raw, dtype)
    tail = f"substr({cell}, 17)"
    offset = f"regexp_extract({tail}, '{_OFFSET}$')"
    bare = f"left({cell}, length({cell}) - length({offset}))"
    digits = f"replace({offset}, ':', '')"
    minutes = (f"CASE WHEN {offset} = 'Z' THEN 0 ELSE (CASE WHEN left({offset}, 1) = '-' THEN -1 ELSE 1 END) * "
               f"(CAST(substr({digits}, 2, 2) AS INTEGER) * 60 + coalesce(try_cast(substr({digits}, 4, 2) AS INTEGER), 0)) END")
    zoned = f"(length({cell}) > 16 AND {offset} <> '')"
    readable = f"regexp_full_match({cell}, '{_INSTANT}') AND substr({cell}, 12, 2) <> '24'"
    time = (f"CASE WHEN {readable} THEN CASE WHEN {zoned} THEN try_cast({bare} AS TIMESTAMP) - to_minutes({minutes}) "
            f"ELSE try_cast({cell} AS TIMESTAMP) END END")
    return _sane(time), zoned


def _instant(column: Column, raw: str, dtype: str) -> Reading:
    time, zoned = _moment(raw, dtype)
    t, z, days = f"{column.name}__t", f"{column.name}__z", f"{column.name}__d"
    return Reading(column, f"{_trimmed(raw, dtype)} IS NULL", raw, ((t, time), (z, zoned)), f"CAST({t} AS DATE)",
                   ((column.name, utc_of(t, z, days)), (column.name + LOCAL, local_of(t, z, days))))


def _date(column: Column, raw: str, dtype: str) -> Reading:
    t, z, days, plain = (f"{column.name}__{x}" for x in "tzdp")
    if dtype == "DATE":
        dates = f"CASE WHEN {raw} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {raw} END"
        return Reading(column, f"{raw} IS NULL", raw, ((plain, dates),), None, ((column.name, plain),))
    time, zoned = _moment(raw, dtype)
    cell = _trimmed(raw, dtype)
    form = r"(000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d\d\d)-\d\d-\d\d"
    date = "NULL::DATE" if dtype in (*_TIMESTAMPS, _ZONED) else f"CASE WHEN regexp_full_match({cell}, '{form}') THEN try_cast({cell} AS DATE) END"
    only_times = f"CASE WHEN {plain} IS NULL THEN {t} END"
    return Reading(column, f"{cell} IS NULL", raw, ((plain, date), (t, time), (z, zoned)), f"CAST({only_times} AS DATE)",
                   ((column.name, f"coalesce({plain}, CAST({local_of(t, z, days)} AS DATE))"),))


def _number(column: Column, raw: str, dtype: str) -> Reading:
    name = f"{column.name}__n"
    if dtype.split("(")[0] in _NUMBERS:
        number, blank = f"CAST({raw} AS DOUBLE)", f"{raw} IS NULL"
    else:
        cell = _trimmed(raw, dtype)
        number, blank = f"CASE WHEN NOT contains({cell}, '_') THEN try_cast({cell} AS DOUBLE) END", f"{cell} IS NULL"
    return Reading(column, blank, raw, ((name, number),), None, ((column.name, f"CASE WHEN isfinite({name}) THEN {name} END"),))


def _boolean(column: Column, raw: str, dtype: str) -> Reading:
    name = f"{column.name}__b"
    if dtype == "BOOLEAN":
        return Reading(column, f"{raw} IS NULL", raw, ((name, raw),), None, ((column.name, name),))
    cell = f"lower({_trimmed(as_text(raw, dtype), 'VARCHAR')})"
    truth = f"CASE WHEN {cell} IN ('true', '1', 'yes') THEN true WHEN {cell} IN ('false', '0', 'no') THEN false END"
    return Reading(column, f"{cell} IS NULL", raw, ((name, truth),), None, ((column.name, name),))


def _choice(column: Column, raw: str, dtype: str) -> Reading:
    cell = f"lower({_trimmed(raw, dtype)})"
    name = f"{column.name}__c"
    known = ", ".join(literal(c) for c in column.choices)
    return Reading(column, f"{cell} IS NULL", raw, ((name, f"CASE WHEN {cell} IN ({known}) THEN {cell} END"),), None, ((column.name, name),))


def _text(column: Column, raw: str, dtype: str) -> Reading:
    name = f"{column.name}__s"
    return Reading(column, f"({as_text(raw, dtype)}) IS NULL", raw, ((name, as_text(raw, dtype)),), None, ((column.name, name),))


_BY_KIND = {Kind.INSTANT: _instant, Kind.DATE: _date, Kind.NUMBER: _number, Kind.BOOLEAN: _boolean, Kind.CHOICE: _choice, Kind.TEXT: _text}


def reading(column: Column, dtype: str) -> Reading:
    """How the staged column `column.name`, of the DuckDB type `dtype`, is read."""
    return _BY_KIND[column.kind](column, f"raw.{ident(column.name)}", dtype)
