"""CSV files as text: the engine's reader and the row-by-row reader give the same, and each row its line."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from salesgauge.errors import LoadRefused
from salesgauge.sources import csv_file
from salesgauge.sources.csv_records import records
from salesgauge.sources.csv_structure import scan
from salesgauge.staging import Unread

LABELS = map(str, count())  # the engine keeps what it has read of a file: each file read in one connection has a name of its own


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def rows_of(con: duckdb.DuckDBPyConnection, text: csv_file.TextFile) -> list[tuple[str | None, ...]]:
    """The rows of a text file, empty cells as None."""
    found = con.execute(
        f"SELECT * EXCLUDE (file_row_number) FROM read_parquet('{text.parquet}', file_row_number = true) ORDER BY file_row_number"
    ).fetchall()
    return [tuple(cell or None for cell in row) for row in found]


def expected(path: Path) -> tuple[list[tuple[str | None, ...]], list[int], list[tuple[int, str]]]:
    """Rows, their lines, and what could not be split, by the row-by-row reader alone."""
    (_, header), *rest = records(path)
    assert not isinstance(header, Unread)
    rows: list[tuple[str | None, ...]] = []
    lines: list[int] = []
    aside: list[tuple[int, str]] = []
    for line, cells in rest:
        if isinstance(cells, Unread):
            aside.append((line, cells.reason))
        elif len(cells) != len(header):
            aside.append((line, "wrong_number_of_cells"))
        else:
            rows.append(tuple(cell or None for cell in cells))
            lines.append(line)
    return rows, lines, aside


cell = st.text(alphabet="a,\"\né; \r'#\\", max_size=6)
quoted = cell.map(lambda text: '"' + text.replace('"', '""') + '"')
plain = st.text(alphabet="abé;1 '", max_size=4)
line_end = st.sampled_from(["\n", "\r\n"])


def files(cells: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Files of a header of three cells and rows of mostly three."""
    row = st.lists(cells, min_size=3, max_size=3) | st.lists(cells, min_size=0, max_size=5)
    return st.builds(
        lambda rows, end, last, mark: mark + "x,y,z" + end + end.join(",".join(r) for r in rows) + (end if last else ""),
        st.lists(row, max_size=12),
        line_end,
        st.booleans(),
        st.sampled_from(["", "\ufeff"]),
    )


@effort(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(files(plain), files(plain | quoted), files(cell | quoted)))
@example(text='x,y,z\n"a\nb",1,2\nonly\n\n3,4,5\n"6\n","7,""8",9')
@example(text="x,y,z\r\n1,2,3\r\n\r\n4,5,6\r\n7\r\n8,9,10")
@example(text='x,y,z\n1,2,"3\r\n"\n4,5,6\n')
@example(text='x,y,z\n1,"2"",3\n4",5,6\n')
def test_both_readers_find_the_same_rows_and_lines(con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode())
    try:
        rows, lines, aside = expected(path)
    except LoadRefused as refused:
        with pytest.raises(LoadRefused) as again:
            csv_file.read_csv(path, con, tmp_path, next(LABELS))
        assert again.value.message == refused.message
        return
    found = csv_file.read_csv(path, con, tmp_path, next(LABELS))
    assert rows_of(con, found) == rows and found.rows == len(rows)
    assert list(found.lines(list(range(1, len(rows) + 1)))) == lines
    assert [(u.line, u.reason) for u in found.unread] == aside


@effort(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=files(plain | quoted))
def test_the_engine_reads_every_file_whose_rows_are_all_right(con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode())
    structure = scan(path, 3)
    if structure.plain and not structure.wrong:
        assert csv_file._by_engine(con, path, tmp_path / f"{next(LABELS)}.parquet", 3, structure, ",")


@pytest.mark.parametrize("chunk", [7, 16, 64])
def test_a_file_is_the_same_in_pieces_of_any_size(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(("x,y,z\n" + '1,"a\nb",3\n4,5,6\n7\n\n"8 é","9,\n\n\n,10",11\n' * 9 + "12,13,14").encode())
    whole = scan(path, 3)
    monkeypatch.setattr("salesgauge.sources.csv_structure.CHUNK", chunk)
    assert scan(path, 3) == whole
    assert whole.plain and whole.folded and whole.rows == 28 and len(whole.wrong) == 9


def test_an_unreadable_byte_is_named_with_its_line_in_any_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesgauge.sources.csv_structure.CHUNK", 32)
    path = tmp_path / "leads.csv"
    path.write_bytes(b"x,y\n" + b"a,b\n" * 1000 + b"a,\xff\n" + b"a,b\n" * 10)
    with pytest.raises(LoadRefused, match="line 1002: byte 4007 of the file"):
        scan(path, 2)


def test_only_as_many_cells_as_are_asked_are_wrong(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n1\n" + "x" * 1000 + "\n2,3,4\n")
    found = csv_file.read_csv(path, con, tmp_path, next(LABELS))
    assert [(u.line, len(u.text), u.message[:38]) for u in found.unread] == [
        (2, 1, "this row has 1 cell, the header has 2;"),
        (3, 200, "this row has 1 cell, the header has 2;"),
        (4, 5, "this row has 3 cells, the header has 2"),
    ]


def test_another_delimiter_and_encoding_may_be_asked_for(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes('id;name;amount\n1;Zoë;"1,5;"\n2;x\n3;Öl;\n'.encode("cp1252"))
    found = csv_file.read_csv(path, con, tmp_path, next(LABELS), delimiter=";", encoding="cp1252")
    assert found.headers == ("id", "name", "amount")
    assert rows_of(con, found) == [("1", "Zoë", "1,5;"), ("3", "Öl", None)]
    assert list(found.lines([2, 1])) == [4, 2] and [u.line for u in found.unread] == [3]


def test_a_file_that_is_not_in_the_encoding_asked_for_is_refused(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes("id\n客户\n".encode())
    with pytest.raises(LoadRefused, match=r"leads\.csv is not text in gb2312"):
        csv_file.read_csv(path, con, tmp_path, next(LABELS), encoding="gb2312")
