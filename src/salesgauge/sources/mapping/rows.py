"""The rows that a section of a mapping makes of its source file, as SQL, with what of the file does not become a row, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb

from salesgauge.errors import MappingError
from salesgauge.sources.mapping import cells
from salesgauge.sources.mapping.inputs import Input, Inputs, text_of, trimmed
from salesgauge.sources.mapping.language import REPETITIONS, Cell, Join, Section, Source
from salesgauge.staging import FILE, ROW, Unread, ident, literal

SHOWN = 3          # faulty values that a message names
REPETITION_BITS = 20
SOURCE_BITS = 36   # a row's number is made of its section, the row of its source file and the repetition: unique, in the order of the files
_MASK = (1 << SOURCE_BITS) - 1

assert REPETITIONS < 1 << REPETITION_BITS


def source_of(row: int) -> tuple[int, int]:
    """The section (from 0) and the row of its source file (from 1) that a staged row comes from."""
    return row >> (SOURCE_BITS + REPETITION_BITS), (row >> REPETITION_BITS) & _MASK


@dataclass(frozen=True)
class Counted:
    """What of a section's source rows became no row: `unread` were set aside, `notes` say how many were passed over, and why."""

    unread: tuple[Unread, ...]
    notes: tuple[str, ...]


class Rows:
    """One section, bound to the files of a load. Making it raises MappingError where a column is not there."""

    def __init__(self, section: Section, number: int, inputs: Inputs, con: duckdb.DuckDBPyConnection) -> None:
        self.section, self._number, self._con = section, number, con
        self.own = inputs[section.file]
        self._joined = {join.name: inputs[join.file] for join in section.joins}
        self._aliases = {join.name: f"j{place}" for place, join in enumerate(section.joins)}
        self._bases = {name: self._base(cell) for name, cell in section.cells.items()}
        self._decided = " AND ".join(f"({cells.decided(c, self._text(c.source))})" for c in section.keep) or "true"
        self._count = cells.count(self._text(section.repeat.source), section.repeat.written) if section.repeat else "1::BIGINT"
        self._from = self.own.relation + " s" + "".join(self._join(join) for join in section.joins)

    def _text(self, source: Source) -> str:
        return text_of(source, self.own, self._joined, self._aliases)

    def _base(self, cell: Cell) -> str:
        base = cells.base(cell, self._text)
        return base if cell.when is None else f"CASE WHEN {cells.decided(cell.when, self._text(cell.when.source))} THEN {base} END"

    def _join(self, join: Join) -> str:
        held, alias = self._joined[join.name], self._aliases[join.name]
        place = f"{join.place}.on"
        own = [trimmed(f"s.c{self.own.position(column, place)}") for column, _ in join.on]
        if join.fix:
            own = [cells.replaced(text, join.fix, text) for text in own]
        other = [trimmed(f"{alias}.c{held.position(column, place)}") for _, column in join.on]
        self._refuse_twins(join, held, [trimmed(f"c{held.position(column, place)}") for _, column in join.on])
        return f" LEFT JOIN {held.relation} {alias} ON {' AND '.join(f'{a} = {b}' for a, b in zip(own, other, strict=True))}"

    def _refuse_twins(self, join: Join, held: Input, key: Sequence[str]) -> None:
        """A key that stands twice in the other file would multiply rows."""
        names = ", ".join(f"k{i}" for i in range(len(key)))
        found = self._con.execute(
            f"SELECT concat_ws(' / ', {names}), list(source_row ORDER BY source_row)[:{SHOWN}] "
            f"FROM (SELECT source_row, {', '.join(f'{k} AS k{i}' for i, k in enumerate(key))} FROM {held.relation}) "
            f"WHERE {' AND '.join(f'k{i} IS NOT NULL' for i in range(len(key)))} "
            f"GROUP BY {names} HAVING count(*) > 1 ORDER BY min(source_row) LIMIT {SHOWN}").fetchall()
        if found:
            said = "; ".join(f"{value!r} (lines {', '.join(map(str, held.text.lines(rows)))})" for value, rows in found)
            raise MappingError(f"{join.place}: {join.file} has several rows with the same {', '.join(column for _, column in join.on)}, "
                               f"which would multiply the rows of {self.section.file}: {said}; join by a column that is unique there")

    def _passing(self) -> str:
        """SQL: the source rows that are kept, once for each repetition, with what each cell is made of."""
        bases = ", ".join(f"{base} AS {ident(name)}" for name, base in self._bases.items())
        times = f"unnest(range(1, {self._count} + 1))" if self.section.repeat else "0"
        return f"SELECT s.source_row, {times} AS repetition, {bases} FROM {self._from} WHERE {self._decided} AND {self._countable}"

    @property
    def _countable(self) -> str:
        return f"coalesce({self._count} <= {REPETITIONS}, false)" if self.section.repeat else "true"

    @cached_property
    def _fixed(self) -> str:
        fixed = ", ".join(f"{cells.fixed(cell, ident(name))} AS {ident(name)}" for name, cell in self.section.cells.items())
        return f"SELECT source_row, repetition, {fixed} FROM ({self._passing()})"

    def sql(self, columns: Sequence[str]) -> str:
        """SQL: the rows with `columns` (those that the section lacks are empty), `file_` and `row_`."""
        made, repeats = self.section.cells, self.section.repeat is not None
        mapped = ", ".join(f"{cells.mapped(cell, ident(name), repeats)} AS {ident(name)}" for name, cell in made.items())
        written = [(cells.written(made[name], ident(name)) if name in made else "NULL::VARCHAR", name) for name in columns]
        row = f"{self._number << (SOURCE_BITS + REPETITION_BITS)}::BIGINT + source_row * {1 << REPETITION_BITS}::BIGINT + repetition"
        return (f"SELECT {', '.join(f'{text} AS {ident(name)}' for text, name in written)}, "
                f"{literal(self.own.name)} AS {FILE}, {row} AS {ROW} FROM (SELECT source_row, repetition, {mapped} FROM ({self._fixed}))")

    def counted(self) -> Counted:
        """Counts the source rows, finds those that must be set aside, and raises MappingError at a value that the mapping refuses."""
        self._refuse_unnamed()
        section = self.section
        without = "".join(f", count(*) FILTER ({self._decided} AND {self._aliases[j.name]}.source_row IS NULL)" for j in section.joins)
        made = f"sum({self._count}) FILTER ({self._decided} AND {self._countable})"
        doubt = f"({self._decided}) IS NULL OR ({self._decided} AND NOT {self._countable})"
        row = self._con.execute(f"SELECT count(*) FILTER ({self._decided}), CAST(coalesce({made}, 0) AS BIGINT), "
                                f"count(*) FILTER ({doubt}){without} FROM {self._from}").fetchone()
        assert row is not None
        kept, times, doubtful = row[:3]
        name, table = self.own.name, section.table.name
        notes = []
        if section.keep:
            why = " and ".join(map(cells.described, section.keep))
            notes.append(f"{table}: {kept:,} of {self.own.text.rows:,} rows of {name} kept: {why}")
        for join, lone in zip(section.joins, row[3:], strict=True):
            if unread := self._joined[join.name].text.unread:
                many, were = ("s", "were") if unread[1:] else ("", "was")
                notes.append(f"{table}: {len(unread):,} row{many} of {join.file} cannot be read and {were} not joined; "
                             f"the first is in line {unread[0].line}: {unread[0].message}")
            if lone:
                same = ", ".join(own for own, _ in join.on)
                notes.append(f"{table}: {lone:,} of {kept:,} rows of {name} have no row in {join.file} with the same {same}")
        if section.repeat:
            notes.append(f"{table}: {kept:,} rows of {name} gave {times:,}, each as often as its {section.repeat.source.column} says")
        return Counted(self._doubtful() if doubtful else (), tuple(notes))

    def _doubtful(self) -> tuple[Unread, ...]:
        """The rows of which nobody can say whether they pass a condition, or how often they stand."""
        found: dict[int, tuple[str, str, str]] = {}
        for condition in self.section.keep:
            text = self._text(condition.source)
            reason = "unreadable_date" if condition.by_date else "unreadable_number"
            said = f"{condition.source.column} cannot be read, so that nobody can say whether {cells.described(condition)}"
            for row, value in self._where(text, f"({cells.decided(condition, text)}) IS NULL AND ({self._decided}) IS NULL"):
                found.setdefault(row, (value, reason, said))
        if self.section.repeat:
            said = f"{self.section.repeat.source.column} must be a whole number from 0 to {REPETITIONS:,}: it says how often the row counts"
            for row, value in self._where(self._text(self.section.repeat.source), f"({self._decided}) AND NOT {self._countable}"):
                found.setdefault(row, (value, "unreadable_number", said))
        lines = self.own.text.lines(sorted(found))
        return tuple(Unread(line, found[row][0][:200], *found[row][1:]) for line, row in zip(lines, sorted(found), strict=True))

    def _where(self, text: str, condition: str) -> list[tuple[int, str]]:
        return self._con.execute(f"SELECT s.source_row, coalesce({text}, '') FROM {self._from} WHERE {condition}").fetchall()

    def _refuse_unnamed(self) -> None:
        for name, cell in self.section.cells.items():
            if cell.values is None or cell.otherwise != "refuse":
                continue
            found = self._con.execute(f"SELECT {ident(name)}, count(DISTINCT source_row), min(source_row) FROM ({self._fixed}) "
                                      f"WHERE {cells.unnamed(cell, ident(name))} GROUP BY 1 ORDER BY 2 DESC, 3 LIMIT {SHOWN}").fetchall()
            if found:
                lines = self.own.text.lines([first for _, _, first in found])
                said = "; ".join(f"{value[:60]!r} in {count:,} row{'s' if count > 1 else ''}, first in line {line}"
                                 for (value, count, _), line in zip(found, lines, strict=True))
                raise MappingError(f"{cell.place}: {self.own.name} has values that are not named: {said}; "
                                   'name them under values, or say otherwise = "keep" or "empty"')
