"""How a cell is made of source columns, as SQL. Whatever comes from the mapping file stands in it as a quoted literal only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from salesgauge.sources.mapping.formats import canonical_shape, example, moment_of, number_of
from salesgauge.sources.mapping.language import (
    Cell,
    Combined,
    Condition,
    Constant,
    DateFormat,
    KeyOf,
    NumberFormat,
    RowNumber,
    Source,
)
from salesgauge.staging import literal

TextOf = Callable[[Source], str]
_ISO = r"\d\d\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?"
_WORDS = {"greater": ("above", ">"), "at_least": ("at least", ">="), "less": ("below", "<"), "at_most": ("at most", "<=")}


def text_literal(text: str) -> str:
    """SQL: a text, NULL where it is empty."""
    return literal(text) if text else "NULL::VARCHAR"


def base(cell: Cell, text_of: TextOf) -> str:
    """SQL: what the cell is made of, as text, over the joined source rows; NULL where empty."""
    match cell.base:
        case Source() as source:
            return text_of(source)
        case Constant(text):
            return text_literal(text.strip())
        case Combined(parts, separator):
            return f"nullif(concat_ws({literal(separator)}, {', '.join(map(text_of, parts))}), '')"
        case KeyOf(parts):
            texts = [text_of(p) for p in parts]
            joined = " || '|' || ".join(f"coalesce({t}, '')" for t in texts)
            return f"CASE WHEN coalesce({', '.join(texts)}) IS NOT NULL THEN {joined} END"
        case RowNumber():
            return "CAST(s.source_row AS VARCHAR)"


def replaced(text: str, by: Mapping[str, str], otherwise: str) -> str:
    """SQL: the text by a table of exact values; `otherwise` is the SQL of one that is not in it."""
    cases = [f"WHEN {literal(old)} THEN {text_literal(new)}" for old, new in by.items() if old]
    found = f"CASE {text} {' '.join(cases)} ELSE {otherwise} END" if cases else otherwise
    return f"CASE WHEN {text} IS NULL THEN {text_literal(by[''])} ELSE {found} END" if "" in by else found


def fixed(cell: Cell, text: str) -> str:
    """SQL: the text after the cell's fixes."""
    return replaced(text, cell.fix, text) if cell.fix else text


def mapped(cell: Cell, text: str, numbered: bool) -> str:
    """SQL: the fixed text after the cell's value map; a generated id in a section that repeats rows with the repetition's number."""
    if numbered and isinstance(cell.base, KeyOf | RowNumber):
        text = f"{text} || '-' || repetition"
    if cell.values is None:
        return text
    return replaced(text, cell.values, text if cell.otherwise == "keep" else "NULL::VARCHAR")


def unnamed(cell: Cell, text: str) -> str:
    """SQL: whether the fixed text is one that the value map does not name."""
    named = [literal(v) for v in cell.values or {} if v]
    return f"{text} IS NOT NULL{f' AND {text} NOT IN ({chr(44).join(named)})' if named else ''}"


def written(cell: Cell, text: str) -> str:
    """SQL: the mapped text in canonical form and with its prefix.

    What does not follow its format is marked, so that the loader cannot read it either and sets it aside.
    """
    if isinstance(cell.written, DateFormat):
        moment, shape = moment_of(cell.written, text), canonical_shape(cell.written)
        said = f" (not written as {cell.written.pattern})"
        text = f"CASE WHEN {text} IS NOT NULL THEN coalesce(strftime({moment}, {literal(shape)}), {text} || {literal(said)}) END"
    elif isinstance(cell.written, NumberFormat):
        said = f" (not written as {example(cell.written)})"
        text = f"CASE WHEN {text} IS NOT NULL THEN coalesce({number_of(cell.written, text)}, {text} || {literal(said)}) END"
    return f"{literal(cell.prefix)} || {text}" if cell.prefix else text


def count(text: str, form: NumberFormat | None) -> str:
    """SQL: a whole number from 0 up that a text says, as BIGINT; NULL where it says none."""
    number = number_of(form, text) if form else text
    return f"CASE WHEN regexp_full_match({number}, '\\d{{1,12}}(\\.0*)?') THEN CAST(split_part({number}, '.', 1) AS BIGINT) END"


def decided(condition: Condition, text: str) -> str:
    """SQL: whether a row passes the condition; NULL where its cell cannot be read, so that nobody can say."""
    return " AND ".join(f"({_test(name, wanted, text, condition)})" for name, wanted in condition.tests)


def _test(name: str, wanted: tuple[str, ...] | bool | float | date, text: str, condition: Condition) -> str:
    if isinstance(wanted, tuple):
        listed = ", ".join(literal(w) for w in wanted)
        return f"coalesce({text}, '') {'NOT ' if name == 'is_not' else ''}IN ({listed})"
    if isinstance(wanted, bool):
        return f"{text} IS {'' if wanted else 'NOT '}NULL"
    sign = _WORDS[name][1]
    if isinstance(wanted, date):
        moment = (moment_of(condition.written, text) if isinstance(condition.written, DateFormat)
                  else f"CASE WHEN regexp_full_match({text}, {literal(_ISO)}) THEN try_cast({text} AS TIMESTAMP) END")
        bound = wanted if isinstance(wanted, datetime) else datetime(wanted.year, wanted.month, wanted.day)
        return f"CASE WHEN {text} IS NULL THEN false ELSE {moment} {sign} TIMESTAMP {literal(bound.isoformat(sep=' '))} END"
    number = (number_of(condition.written, text) if isinstance(condition.written, NumberFormat)
              else f"CASE WHEN NOT contains({text}, '_') THEN {text} END")  # the engine reads 1_000 as 1000
    double = f"try_cast({number} AS DOUBLE)"
    return f"CASE WHEN {text} IS NULL THEN false WHEN isfinite({double}) THEN {double} {sign} {wanted!r}::DOUBLE END"


def described(condition: Condition) -> str:
    """The condition in words: `deal_stage is Won or Lost`."""
    said = []
    for name, wanted in condition.tests:
        if isinstance(wanted, tuple):
            said.append(f"is {'not ' if name == 'is_not' else ''}{' or '.join(w or 'empty' for w in wanted)}")
        elif isinstance(wanted, bool):
            said.append("is empty" if wanted else "is not empty")
        else:
            said.append(f"is {_WORDS[name][0]} {format(wanted, '.15g') if isinstance(wanted, float) else wanted.isoformat()}")
    return f"{condition.source.column} {' and '.join(said)}"
