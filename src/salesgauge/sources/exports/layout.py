"""Where in a file the records stand: the rows of its header, and what stands below that is no record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from salesgauge.sources.exports.vocabulary import Vocabulary, plain
from salesgauge.sources.laid_out import beginning, header_of

HEAD = 40   # rows at the beginning in which a header is looked for
_NUMBER = re.compile(r"^[^\w(]*[(+\-−]?\s*[^\w\s]?\s*\d[\d\s.,'’\u00a0\u202f%)]*[^\d]{0,5}$")
_DATE = re.compile(r"^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}|^\d{1,2}[ .-][^\W\d]+[ .,-]+\d{2,4}|^\d{1,2}:\d\d")
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Layout:
    """`header` is the line of the first row of the header, 0 where none was found; `rows` how many rows it has; `leave_out` are the texts
    with which rows that are no records begin; `doubtful` are lines of full rows that begin as totals do."""

    header: int
    rows: int
    headers: tuple[str, ...]
    leave_out: tuple[str, ...]
    doubtful: tuple[int, ...] = ()


def _filled(row: Sequence[str]) -> int:
    return sum(bool(c.strip()) for c in row)


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a date rather than a name."""
    text = cell.strip()
    return bool(_NUMBER.match(text) or _DATE.match(text) or text.casefold() in ("true", "false"))


def known(words: Vocabulary, cell: str) -> bool:
    """Whether a cell is the name of some canonical column."""
    name = plain(words.unit(cell)[0])
    return any(name in columns for columns in words.columns.values())


def layout_of(rows: Sequence[Row], words: Vocabulary, extra: frozenset[str] = frozenset(), merged: Sequence[tuple[int, int]] = (),
              at: int = 0) -> Layout:
    """The layout of a file of these rows (with their lines; empty ones left out). `extra` are further names of columns, plain.

    `merged` are the first and last columns of areas merged in a header. `at`: the person said on which line the header begins.
    """
    head = rows[:HEAD]
    if not head:
        return Layout(0, 1, (), ())
    width = Counter(_filled(row) for _, row in rows[1:200]).most_common(1)[0][0] if rows[1:] else _filled(rows[0][1])

    def names(row: Sequence[str]) -> int:
        return sum(known(words, c) or plain(c) in extra for c in row if c.strip())

    def score(place: int) -> float:
        row = head[place][1]
        filled = [c for c in row if c.strip()]
        if len(filled) < 2 or any(is_value(c) for c in filled) or any(len(c) > 120 for c in filled):
            return -1.0
        return names(row) * 2 + (1 if len(set(filled)) == len(filled) else -1) + min(len(filled) / max(width, 1), 1.0) - place * 0.01
    if at:
        best = next((n for n, (line, _) in enumerate(head) if line == at), -1)
    else:
        best = max(range(len(head)), key=score)
        if score(best) < 1.5 or (names(head[best][1]) == 0 and (best > 0 or not _stands_out(head))):
            best = -1
    if best < 0:
        return Layout(0, 1, (), ())
    count = 1
    if best and not at and _is_upper(head[best - 1][1], head[best][1]) and head[best - 1][0] == head[best][0] - 1:
        best, count = best - 1, 2
    elif best + 1 < len(head) and _needs_lower(head[best][1], [r for _, r in head[best + 1:]], names):
        count = 2
    headers = header_of([row for _, row in head[best:best + count]], merged)
    leave_out, doubtful = _no_records(rows[best + count:], len(headers), words)
    return Layout(head[best][0], count, headers, leave_out, doubtful)


def _stands_out(head: Sequence[Row]) -> bool:
    """Whether the first row has names only where those below have values in some column."""
    below = [row for _, row in head[1:6]]
    return any(c < len(row) and is_value(row[c]) for row in below for c in range(len(head[0][1])))


def _is_upper(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether the row above a header groups its columns: at least two groups, and no values."""
    groups = [c for c in upper if c.strip()]
    repeated = [c for c in lower if c.strip()]
    return (len(groups) >= 2 and len(groups) <= _filled(lower) and not any(is_value(c) for c in groups)
            and (len(set(repeated)) < len(repeated) or len(groups) < _filled(lower)) and len(upper) >= len(lower) - 1)


def _needs_lower(row: Sequence[str], below: Sequence[Sequence[str]], names: object) -> bool:
    """Whether the row under a header still is header: it names columns that the header leaves empty, and all rows below have values."""
    if not below[1:]:
        return False
    second, data = below[0], below[1:6]
    if any(is_value(c) for c in second if c.strip()) or not callable(names):
        return False
    gaps = [n for n in range(len(second)) if second[n].strip() and (n >= len(row) or not row[n].strip())]
    valued = [n for n in range(len(second)) if second[n].strip() and all(n < len(d) and is_value(d[n]) for d in data)]
    return bool(gaps and valued)


def _no_records(rows: Sequence[Row], width: int, words: Vocabulary) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The texts with which totals and notes begin; and lines of rows that begin so but are as full as records."""
    typical = Counter(_filled(row) for _, row in rows).most_common(1)[0][0] if rows else 0
    begins: dict[str, str] = {}
    doubtful: list[int] = []
    for line, row in rows:
        first = next((c for c in row if c.strip()), "")
        if beginning(first) not in words.totals:
            continue
        if _filled(row) < typical or (not row[0].strip() and _filled(row) <= typical):
            begins.setdefault(beginning(first), first.strip())
        else:
            doubtful.append(line)
    for _line, row in reversed(rows[-12:]):
        first = next((c for c in row if c.strip()), "")
        if _filled(row) == 1 and typical >= 3 and len(row) >= min(width, 2) and not is_value(first):
            begins.setdefault(beginning(first), first.strip())
        elif beginning(first) not in begins:
            break
    return tuple(begins.values()), tuple(doubtful)
