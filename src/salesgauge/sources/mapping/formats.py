"""How written dates and numbers are read, as SQL: NULL where a text does not follow its format, so that nothing is read by guess."""

from __future__ import annotations

import re

from salesgauge.sources.mapping.language import DateFormat, NumberFormat
from salesgauge.staging import literal

_MONTHS = {"ru": (("январ[ья]|янв", "January"), ("феврал[ья]|февр?", "February"), ("марта?|мар", "March"), ("апрел[ья]|апр", "April"),
                  ("ма[йя]", "May"), ("июн[ья]|июн", "June"), ("июл[ья]|июл", "July"), ("августа?|авг", "August"),
                  ("сентябр[ья]|сент?", "September"), ("октябр[ья]|окт", "October"), ("ноябр[ья]|нояб?", "November"),
                  ("декабр[ья]|дек", "December"))}
_HALVES = {"ru": (), "zh": (("上午", "AM"), ("下午", "PM"))}
_COUNTED = {  # SQL of the instant that a number says
    "excel": "TIMESTAMP '1899-12-30' + to_microseconds(CAST(round({n} * 86400) AS BIGINT) * 1000000)",
    "excel1904": "TIMESTAMP '1904-01-01' + to_microseconds(CAST(round({n} * 86400) AS BIGINT) * 1000000)",
    "unix": "TIMESTAMP '1970-01-01' + to_microseconds(CAST(round({n} * 1000) AS BIGINT) * 1000)",
    "unix_ms": "TIMESTAMP '1970-01-01' + to_microseconds(CAST(round({n}) AS BIGINT) * 1000)"}


def _in_english(text: str, language: str) -> str:
    """SQL: a written date with the names of months and halves of the day in English."""
    if language == "ru":  # a month is followed by a point, a space or the end; the year may be followed by г.
        text = f"regexp_replace(lower({text}), '\\s*(г\\.?|года)$', '')"
    for pattern, name in _MONTHS.get(language, ()):
        text = f"regexp_replace({text}, '(^|[^а-яё])({pattern})\\.?($|[^а-яё])', '\\1{name}\\3')"
    for half, name in _HALVES.get(language, ()):
        text = f"replace({text}, '{half}', '{name}')"
    return text


def moment_of(form: DateFormat, text: str) -> str:
    """SQL: the timestamp (UTC where the format has an offset) that a text says, NULL where it does not follow the format."""
    if form.pattern in _COUNTED:
        number = f"CASE WHEN regexp_full_match({text}, '\\d{{1,14}}(\\.\\d+)?') THEN CAST({text} AS DOUBLE) END"
        most = {"excel": 2_958_465, "excel1904": 2_957_003, "unix": 2.5e11, "unix_ms": 2.5e14}[form.pattern]
        bounded = f"CASE WHEN ({number}) BETWEEN 1 AND {most} THEN {number} END"
        return f"({_COUNTED[form.pattern].format(n=f'({bounded})')})"
    text = _in_english(text, form.language)
    if form.has_zone:
        text = f"regexp_replace({text}, '[Zz]$', '+00:00')"
    moment = f"try_strptime({text}, {literal(form.pattern)})"
    if form.has_zone:
        moment = f"({moment} AT TIME ZONE 'UTC')"
    return f"CASE WHEN year({moment}) BETWEEN 1000 AND 9999 THEN {moment} END"  # 1-2-23 read by %Y is the year 23


def canonical_shape(form: DateFormat) -> str:
    """The pattern in which what follows `form` is written for the store."""
    timed = form.pattern in _COUNTED or {"H", "I", "M", "S", "f"} & {t[-1] for t in re.findall(r"%-?(.)", form.pattern)}
    return "%Y-%m-%d" if form.day_only or not timed else "%Y-%m-%dT%H:%M:%S.%f" + ("Z" if form.has_zone else "")


def number_of(form: NumberFormat, text: str) -> str:
    """SQL: the number that a text says in the form 1234.5, NULL where it does not follow the format."""
    point = re.escape(form.decimal)
    group = {"": "", " ": "[ \u00a0\u2009\u202f]", "'": "['’]"}.get(form.thousands, re.escape(form.thousands))
    whole = rf"\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}|\d+" if group else r"\d+"
    power = "" if form.percent or form.times > 1 else r"(?:[eE][+-]?\d+)?"
    sign = f"(?:{'|'.join(map(re.escape, form.currencies))})?" if form.currencies else ""
    if form.accounting:
        text = _with_minus_before(text, sign)
    digits = rf"(?:(?:{whole})(?:{point}\d*)?|{point}\d+){power}"
    space = "[\\s\u00a0\u2009\u202f]*"
    pattern = rf"([+-]?){space}{sign}{space}([+-]?)({digits}){space}{sign}" + (rf"{space}%?" if form.percent else "")
    found = [f"regexp_extract({text}, {literal(f'^{pattern}$')}, {n})" for n in (1, 2, 3)]
    digits = found[2]
    if group:
        digits = f"regexp_replace({digits}, {literal(group)}, '', 'g')"
    if form.decimal != ".":
        digits = f"replace({digits}, {literal(form.decimal)}, '.')"
    exponent = "e-2" if form.percent else f"e{len(str(form.times)) - 1}" if form.times > 1 else ""
    number = f"{found[0]} || {found[1]} || {digits}{f' || {literal(exponent)}' if exponent else ''}"
    return f"CASE WHEN regexp_full_match({text}, {literal(pattern)}) THEN {number} END"


def _with_minus_before(text: str, sign: str) -> str:
    """SQL: (12.5), 12.5- and a typographic minus as -12.5, with a currency sign where it stood."""
    text = f"regexp_replace({text}, '^({sign}\\s*)\\((.+)\\)(\\s*{sign})$', '-\\1\\2\\3')"
    return f"regexp_replace(replace({text}, '−', '-'), '^([^-(]+)-$', '-\\1')"


def example(form: NumberFormat) -> str:
    """A number as the format has it."""
    return f"{form.currencies[0] if form.currencies else ''}1{form.thousands}234{form.decimal}5{'%' if form.percent else ''}"
