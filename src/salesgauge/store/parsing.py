"""How a raw cell becomes a value: SQL expressions per kind of column (spec/model.md, Conventions and Time). Pure text."""

from __future__ import annotations

from dataclasses import dataclass

from salesgauge.periods import FIRST_YEAR, LAST_YEAR
from salesgauge.schema import LOCAL, Column, Kind
from salesgauge.staging import ident, literal
from salesgauge.store.zones import local_of, utc_of

_TIME = r"[T ]([01]\d|2[0-3]):\d\d(:\d\d(\.\d+)?)?"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)"
_INSTANT = rf"\d\d\d\d-\d\d-\d\d({_TIME}{_OFFSET}?)?"
_DATE = r"(000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d\d\d)-\d\d-\d\d"
_ROUND = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
_NUMBERS = (*_ROUND, "FLOAT", "DOUBLE", "DECIMAL")
_TIMESTAMPS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_ZONED = "TIMESTAMP WITH TIME ZONE"


Named = tuple[tuple[str, str], ...]  # SQL expressions and the names of their results


@dataclass(frozen=True)
class Reading:
    """How one staged column is read, in steps: the expressions of a step use the raw cell (first step) or what earlier steps named.

    `blank` says whether the raw cell is empty (over the first step); `day` is the date on which the zone is looked up, None where no zone
    is needed; `values` are the stored columns, over the steps and the row `days` of that date. The first of them is NULL where the cell is
    empty or unreadable.
    """

    column: Column
    blank: str
    steps: tuple[Named, ...]
    values: Named
    day: str | None = None

    @property
    def days(self) -> str:
        """The alias of the row of the zone's day."""
        return f"{self.column.name}__days"

    @property
    def value(self) -> str:
        """The first stored column."""
        return self.values[0][0]


def as_text(raw: str, dtype: str) -> str:
    """SQL: the raw cell as text, empty as NULL. A whole number that stands in a column of doubles is written without its point."""
    if dtype == "VARCHAR":
        return f"nullif({raw}, '')"
    if dtype in ("FLOAT", "DOUBLE"):
        whole = f"{raw} = trunc({raw}) AND abs({raw}) < 9e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({raw} AS BIGINT) AS VARCHAR) ELSE CAST({raw} AS VARCHAR) END"
    return f"nullif(CAST({raw} AS VARCHAR), '')"


def _trimmed(raw: str, dtype: str) -> str:
    """SQL: the raw cell as text without spaces around it, empty as NULL; trim() is slow, so it is left to the cells that need it."""
    if dtype != "VARCHAR":
        return as_text(raw, dtype)
    return f"nullif(CASE WHEN {raw} LIKE ' %' OR {raw} LIKE '% ' THEN trim({raw}) ELSE {raw} END, '')"


def _moment(name: str, raw: str, dtype: str) -> tuple[Named, ...]:
    """The steps that give `<name>__t`, the time that a cell says, and `<name>__z`, whether it is UTC already (it had an offset).

    `<name>__c` is the trimmed cell, NULL where empty.
    """
    c, o, u, t, z = (f"{name}__{x}" for x in "coutz")
    sane = (t, f"CASE WHEN {u} >= TIMESTAMP '{FIRST_YEAR}-01-01' AND {u} < TIMESTAMP '{LAST_YEAR + 1}-01-01' THEN {u} END")
    if dtype == _ZONED:
        return ((c, raw),), ((u, f"make_timestamp(epoch_us({c}))"),), (sane, (z, f"{c} IS NOT NULL"))
    if dtype in _TIMESTAMPS or dtype == "DATE":
        return ((c, raw),), ((u, f"try_cast({c} AS TIMESTAMP)"),), (sane, (z, "false"))
    naive = f"length({c}) <= 16 OR (length({c}) = 19 AND {c}[17] = ':')"
    offset = f"CASE WHEN {naive} THEN '' ELSE regexp_extract({c}[17:], '{_OFFSET}$') END"
    digits = f"replace({o}, ':', '')"
    minutes = (f"CASE WHEN {o} = 'Z' THEN 0 ELSE (CASE WHEN {o}[1] = '-' THEN -1 ELSE 1 END) * "
               f"(CAST({digits}[2:3] AS INTEGER) * 60 + coalesce(try_cast({digits}[4:5] AS INTEGER), 0)) END")
    bare = f"try_cast(left({c}, length({c}) - length({o})) AS TIMESTAMP)"
    time = (f"CASE WHEN regexp_full_match({c}, '{_INSTANT}') "
            f"THEN CASE WHEN {o} = '' THEN try_cast({c} AS TIMESTAMP) ELSE {bare} - to_minutes({minutes}) END END")
    return ((c, _trimmed(raw, dtype)),), ((o, offset),), ((u, time),), (sane, (z, f"{o} <> ''"))


def _instant(column: Column, raw: str, dtype: str) -> Reading:
    t, z, days = (f"{column.name}__{x}" for x in ("t", "z", "days"))
    values = ((column.name, utc_of(t, z, days)), (column.name + LOCAL, local_of(t, z, days)))
    return Reading(column, f"{column.name}__c IS NULL", _moment(column.name, raw, dtype), values, f"CAST({t} AS DATE)")


def _date(column: Column, raw: str, dtype: str, timed: bool) -> Reading:
    c, t, z, d, days = (f"{column.name}__{x}" for x in ("c", "t", "z", "d", "days"))
    if dtype == "DATE":
        date = f"CASE WHEN {c} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {c} END"
        return Reading(column, f"{c} IS NULL", (((c, raw),),), ((column.name, date),))
    first, *rest = _moment(column.name, raw, dtype)
    date = f"CASE WHEN regexp_full_match({c}, '{_DATE}') THEN try_cast({c} AS DATE) END"
    if not timed:
        return Reading(column, f"{c} IS NULL", (first,), ((column.name, date),))
    if dtype in (*_TIMESTAMPS, _ZONED):
        date = "NULL::DATE"
    # A date that stands alone needs no zone; a time in a column of dates is its local day.
    steps = tuple(tuple((n, f"CASE WHEN {d} IS NULL THEN {e} END" if n == t else e) for n, e in step) for step in rest)
    day = f"coalesce({d}, CAST({local_of(t, z, days)} AS DATE))"
    return Reading(column, f"{c} IS NULL", (first, ((d, date),), *steps), ((column.name, day),), f"CAST({t} AS DATE)")


def _number(column: Column, raw: str, dtype: str) -> Reading:
    c, n = f"{column.name}__c", f"{column.name}__n"
    if dtype.split("(")[0] in _NUMBERS:
        first, number = raw, f"CAST({c} AS DOUBLE)"
    else:  # the engine reads 1_000 as 1000, nan and inf as numbers
        first, number = _trimmed(raw, dtype), f"CASE WHEN NOT contains({c}, '_') THEN try_cast({c} AS DOUBLE) END"
    return Reading(column, f"{c} IS NULL", (((c, first),), ((n, number),)), ((column.name, f"CASE WHEN isfinite({n}) THEN {n} END"),))


def _boolean(column: Column, raw: str, dtype: str) -> Reading:
    c = f"{column.name}__c"
    if dtype == "BOOLEAN":
        return Reading(column, f"{c} IS NULL", (((c, raw),),), ((column.name, c),))
    truth = f"CASE WHEN {c} IN ('true', '1', 'yes') THEN true WHEN {c} IN ('false', '0', 'no') THEN false END"
    return Reading(column, f"{c} IS NULL", (((c, f"lower({_trimmed(raw, dtype)})"),),), ((column.name, truth),))


def _choice(column: Column, raw: str, dtype: str) -> Reading:
    c = f"{column.name}__c"
    known = f"CASE WHEN {c} IN ({', '.join(map(literal, column.choices))}) THEN {c} END"
    return Reading(column, f"{c} IS NULL", (((c, f"lower({_trimmed(raw, dtype)})"),),), ((column.name, known),))


def _text(column: Column, raw: str, dtype: str) -> Reading:
    c = f"{column.name}__c"
    return Reading(column, f"{c} IS NULL", (((c, as_text(raw, dtype)),),), ((column.name, c),))


_BY_KIND = {Kind.INSTANT: _instant, Kind.NUMBER: _number, Kind.BOOLEAN: _boolean, Kind.CHOICE: _choice, Kind.TEXT: _text}


def may_hold_times(column: Column, dtype: str) -> str | None:
    """SQL: whether some cell of a column of dates is longer than a date, so that it may be a time; None where the type tells."""
    return f"coalesce(max(length({ident(column.name)})) > 10, false)" if column.kind is Kind.DATE and dtype == "VARCHAR" else None


def reading(column: Column, dtype: str, timed: bool = True) -> Reading:
    """How the staged column `column.name`, of the DuckDB type `dtype`, is read. `timed`: a column of dates may hold times."""
    raw = ident(column.name)
    return _date(column, raw, dtype, timed) if column.kind is Kind.DATE else _BY_KIND[column.kind](column, raw, dtype)
