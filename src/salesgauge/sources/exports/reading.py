"""One export as it is read: its encoding, delimiter, sheet, header and totals found, its cells as text."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from salesgauge.errors import LoadRefused
from salesgauge.sources.csv_file import TextFile
from salesgauge.sources.csv_structure import refuse_other_formats
from salesgauge.sources.exports.cells import Cells
from salesgauge.sources.exports.encoding import encoding_of
from salesgauge.sources.exports.layout import Layout, Row, layout_of
from salesgauge.sources.exports.presets import known_headers
from salesgauge.sources.exports.questions import Answers, Question
from salesgauge.sources.exports.vocabulary import Vocabulary
from salesgauge.sources.mapping.language import FileOptions
from salesgauge.sources.sheet import MARK, Sheet, is_workbook, read_sheet, sheets
from salesgauge.sources.text_file import read_text
from salesgauge.staging import ident, literal

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 64 << 10  # characters by which the delimiter is found
SMALL = 8 << 20       # bytes of text, compressed, that are held in memory
MOST_ROWS = 200_000   # looked at for totals
SUFFIXES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class Export:
    """A file (or sheet) as read. `name` is what a mapping calls it; `dates` are the columns with dates of a workbook; `padded`: its ids
    may have lost zeros in front; `source` is the SQL relation of its text in `con`."""

    name: str
    path: Path
    options: FileOptions
    text: TextFile
    dates: frozenset[int]
    padded: bool
    con: duckdb.DuckDBPyConnection
    source: str
    _columns: dict[str, Cells] = field(default_factory=dict)

    @property
    def headers(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(h.strip() for h in self.text.headers)

    def cells(self, header: str) -> Cells:
        """The cells of a column."""
        if header not in self._columns:
            place = self.headers.index(header)
            self._columns[header] = Cells(self.con, self.source, place, place in self.dates, self.padded)
        return self._columns[header]


def names_in(path: Path) -> list[str]:
    """What a file holds: itself, or each sheet of a workbook that has several, as `book.xlsx#Sheet`."""
    if path.suffix.lower() in SUFFIXES:
        return [path.name]
    if not is_workbook(path.name):
        raise LoadRefused(f"{path.name} is no export that can be read: {', '.join(SUFFIXES)}, .xlsx, .xlsm, .xlsb, .xls and .ods can")
    there = sheets(path)
    return [path.name] if len(there) == 1 else [f"{path.name}{MARK}{sheet}" for sheet in there]


def read_export(path: Path, name: str, answers: Answers, words: Vocabulary, con: duckdb.DuckDBPyConnection, scratch: Path,
                label: str) -> Export | Question:
    """Reads a file or sheet; a question where it cannot be decided how. LoadRefused where it cannot be read."""
    if is_workbook(name):
        sheet = read_sheet(path, name.partition(MARK)[2])
        rows = [(n, row) for n, row in enumerate(sheet.rows, start=1) if any(map(str.strip, row))]
        return _laid_out(path, name, rows, FileOptions(), sheet, answers, words, con, scratch, label)
    refuse_other_formats(path, any_encoding=True)
    if not path.stat().st_size:
        raise LoadRefused(f"{name} is empty: a header and rows are needed")
    found = encoding_of(path, words.words)
    encoding = found.name
    if not encoding and not found.candidates:
        raise LoadRefused(f"{name} is no text in any encoding that is known; save it as CSV in UTF-8, or as a workbook")
    if not encoding:
        question = Question((name, "encoding"), "the encoding cannot be told from the text; in which is it right?", tuple(found.candidates))
        answer = answers.to(question)
        if answer is None:
            return question
        encoding = answer
    options = _delimited(path, name, encoding, answers)
    if isinstance(options, Question):
        return options
    begin = 2 if _said(path, encoding) else 1
    return _laid_out(path, name, _rows(path, options, begin), options, None, answers, words, con, scratch, label)


def _text(path: Path, encoding: str) -> str:
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        return file.read(LOOKED_AT)


def _said(path: Path, encoding: str) -> str:
    """The delimiter that Excel writes into a first line of its own."""
    first = _text(path, encoding).lstrip("\ufeff").split("\n", 1)[0].strip().strip('"')
    return first[4:5] or "\t" if first.lower().startswith("sep=") else ""


def _delimited(path: Path, name: str, encoding: str, answers: Answers) -> FileOptions | Question:
    said = _said(path, encoding)
    if not said:
        from clevercsv import Detector
        text = _text(path, encoding)
        whole = text if len(text) < LOOKED_AT else text.rpartition("\n")[0]
        sample = "".join(line for line in whole.splitlines(keepends=True)[:100])
        present = [d for d in DELIMITERS if d in sample]
        dialect = Detector().detect(sample, delimiters=present) if len(present) > 1 else None
        said = present[0] if len(present) == 1 else (dialect.delimiter or "") if dialect else ""
        said = _evenly(sample, present, said)
        if not said:
            question = Question((name, "delimiter"), "what separates the cells cannot be told",
                                tuple((d.replace("\t", "tab"), _shown(sample, d)) for d in present or DELIMITERS))
            answer = answers.to(question)
            if answer is None:
                return question
            said = answer.replace("tab", "\t")
    return FileOptions(said, encoding)


def _evenly(sample: str, present: list[str], said: str) -> str:
    """The delimiter that was detected, unless another one splits nearly all lines alike and it does not."""
    import csv

    def evenness(delimiter: str) -> float:
        widths = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row]
        common = max(set(widths), key=widths.count, default=1)
        return widths.count(common) / max(len(widths), 1) if common > 1 else 0.0
    even = {d: evenness(d) for d in present}
    if said and even.get(said, 0) >= 0.5:
        return said
    likely = [d for d in present if even[d] >= 0.9]
    return likely[0] if len(likely) == 1 else said if said and even.get(said, 0) > 0.3 else ""


def _shown(sample: str, delimiter: str) -> str:
    return " | ".join(next(iter(sample.splitlines()), "").split(delimiter))[:80]


def _rows(path: Path, options: FileOptions, begin: int) -> list[Row]:
    """The first rows and all that a search for totals needs."""
    import csv
    rows: list[Row] = []
    with path.open(encoding="utf-8-sig" if options.encoding == "utf-8" else options.encoding, newline="") as file:
        for _ in range(begin - 1):
            file.readline()
        reader = csv.reader(file, delimiter=options.delimiter)
        line = begin
        try:
            for cells in reader:
                if any(c.strip() for c in cells):
                    rows.append((line, cells))
                line = reader.line_num + begin
                if len(rows) >= MOST_ROWS:
                    break
        except csv.Error as problem:
            raise LoadRefused(f"{path.name}, line {line}: {problem}") from None
        except UnicodeDecodeError as problem:
            raise LoadRefused(f"{path.name} is not text in {options.encoding}: {problem}") from None
    if rows:
        rows[0] = (rows[0][0], [rows[0][1][0].lstrip("\ufeff"), *rows[0][1][1:]])
    return rows


def _laid_out(path: Path, name: str, rows: list[Row], options: FileOptions, sheet: Sheet | None, answers: Answers, words: Vocabulary,
              con: duckdb.DuckDBPyConnection, scratch: Path, label: str) -> Export | Question:
    if not rows:
        raise LoadRefused(f"{name} is empty: a header and rows are needed")
    question = Question((name, "header"), "no row was found that names the columns; on which line does the header stand?", (),
                        tuple(" | ".join(row)[:80] for _, row in rows[:3]))
    answer = answers.to(question)
    if answer is not None and not answer.isdigit():
        raise LoadRefused(f"{name}: the answer to header is a line's number, not {answer!r}")
    merged = [(left, right) for _, left, _, right in sheet.merged if left != right] if sheet else []
    layout = layout_of(rows, words, known_headers(), merged, int(answer or 0))
    if not layout.header:
        return question
    if layout.doubtful:
        full = Question((name, "totals"), f"the rows on lines {', '.join(map(str, layout.doubtful[:5]))} begin as totals do, but are as "
                        "full as the others", (("records", "they are records"), ("totals", "they are totals, and set aside")))
        said = answers.to(full)
        if said is None:
            return full
        if said == "totals":
            begins = tuple(next(c for c in row if c.strip()) for line, row in rows if line in layout.doubtful)
            layout = replace(layout, leave_out=tuple(dict.fromkeys((*layout.leave_out, *begins))))
    uneven = any(len(row) != len(layout.headers) or row == rows[0][1] for _, row in rows[1:])
    options = _with_layout(options, layout, rows[0][0], uneven or sheet is not None)
    text = read_text(path, name.partition(MARK)[2] if sheet else "", options, con, scratch, label)
    if not text.rows:
        raise LoadRefused(f"{name} has a header on line {layout.header} and no rows below it")
    return Export(name, path, options, text, sheet.dates if sheet else frozenset(), bool(sheet and sheet.padded), con,
                  _relation(text, con, label))


def _relation(text: TextFile, con: duckdb.DuckDBPyConnection, label: str) -> str:
    """SQL: the rows of a file. What is small is held in memory, since it is asked about many times."""
    file = f"read_parquet({literal(str(text.parquet))}, hive_partitioning = false)"
    if text.parquet.stat().st_size > SMALL:
        return file
    con.execute(f"CREATE OR REPLACE TEMP TABLE {ident(label)} AS FROM {file}")
    return ident(label)


def _with_layout(options: FileOptions, layout: Layout, first: int, by_row: bool) -> FileOptions:
    """The options, with what of the layout is not plain; `by_row`: the file must be read row by row in any case."""
    bare = layout.header == first == 1 and layout.rows == 1 and not layout.leave_out
    twins = any(h.endswith(" (2)") for h in layout.headers)
    if bare and not twins and not by_row:
        return options
    return replace(options, header=layout.header, header_rows=layout.rows, leave_out=layout.leave_out)
