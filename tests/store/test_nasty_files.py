"""Files as they are: damaged, cut, hostile or odd. Each is refused with a message, or what is wrong is set aside; nothing is lost."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesgauge.errors import LoadRefused
from store.workbench import Workbench

HEAD = "lead_id,created_at,note\n"
GOOD = "L1,2025-01-05,fine\n"
Files = dict[str, str | bytes]


def parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def leads(text: str | bytes) -> Files:
    return {"leads.csv": text}


REFUSED: dict[str, tuple[Files, str]] = {
    "no bytes at all": (leads(""), "leads.csv is empty: its first line must name the columns"),
    "only a byte order mark": (leads(b"\xef\xbb\xbf"), "leads.csv is empty"),
    "only empty lines": (leads("\n\r\n  \n\n"), "leads.csv"),
    "five thousand empty lines": (leads("\n" * 5000), "leads.csv is empty"),
    "a header without the key": (leads("created_at,note\n2025-01-05,x\n"), "required column lead_id is missing"),
    "a header without two required columns": (leads("note,channel\nx,y\n"), "required columns lead_id, created_at are missing"),
    "the key under another name": (leads("Lead ID,created_at\nL1,2025-01-05\n"), "perhaps 'Lead ID' for lead_id: rename it"),
    "no header, only rows": (leads(GOOD), "required columns lead_id, created_at are missing; the header has: L1, 2025-01-05, fine"),
    "cells separated by semicolons": (leads("lead_id;created_at\nL1;2025-01-05\n"), "the cells must be separated by commas"),
    "cells separated by tabs": (leads("lead_id\tcreated_at\nL1\t2025-01-05\n"), "the cells must be separated by commas"),
    "a canonical column twice": (
        leads("lead_id,created_at,LEAD_ID\nL1,2025-01-05,L2\n"),
        "the column 'LEAD_ID' stands twice in the header",
    ),
    "a dimension twice": (leads("lead_id,created_at,tier,tier\nL1,2025-01-05,a,b\n"), "the column 'tier' stands twice in the header"),
    "latin-1": (
        leads(HEAD.encode() + "L1,2025-01-05,ok\nL2,2025-01-05,Zoë\n".encode("latin-1")),
        "leads.csv, line 3: byte 58 of the file (hexadecimal eb) is not UTF-8; save the file as UTF-8",
    ),
    "windows-1251 in the header": (
        leads("lead_id,created_at,Канал\n".encode("cp1251")),
        "leads.csv, line 1: byte 20 of the file (hexadecimal ca) is not UTF-8",
    ),
    "gbk": (leads(HEAD.encode() + "L1,2025-01-05,客户\n".encode("gbk")), "line 2: byte 39 of the file (hexadecimal bf) is not UTF-8"),
    "utf-8 cut inside a character": (
        leads((HEAD + "L1,2025-01-05,é").encode()[:-1]),
        "line 2: byte 39 of the file (hexadecimal c3) is not UTF-8",
    ),
    "a surrogate written as utf-8": (leads(HEAD.encode() + b"L1,2025-01-05,\xed\xa0\x80\n"), "is not UTF-8"),
    "utf-16 with its mark": (leads((HEAD + GOOD).encode("utf-16")), "leads.csv is UTF-16 text, not a CSV file; save it as CSV in UTF-8"),
    "utf-16 without its mark": (leads((HEAD + GOOD).encode("utf-16-le")), "leads.csv is binary"),
    "an Excel workbook named csv": (leads(b"PK\x03\x04" + bytes(200)), "is a zip archive or an Excel workbook, not a CSV file"),
    "an old Excel workbook named csv": (leads(b"\xd0\xcf\x11\xe0" + bytes(200)), "is an Excel workbook"),
    "gzip named csv": (leads(b"\x1f\x8b\x08" + bytes(50)), "is compressed with gzip"),
    "parquet named csv": (leads(parquet(lead_id=["L1"])), "is a Parquet file"),
    "a picture named csv": (leads(b"\x89PNG\r\n\x1a\n" + bytes(range(256))), "leads.csv"),
    "random bytes": (leads(bytes(range(255, 0, -1)) * 20), "leads.csv"),
    "zero bytes": (leads(bytes(4096)), "leads.csv is binary"),
    "a quote that is opened and never closed": (
        leads(HEAD + GOOD + 'L2,2025-01-05,"open\nL3,2025-01-05,x\nL4,2025-01-05,y\n'),
        "leads.csv, line 3: a quoted cell begins in this row and is not closed rightly by line 5",
    ),
    "a quote that another one closes lines later": (
        leads(HEAD + 'L2,2025-01-05,"open\nL3,2025-01-05,"x"\nL4,2025-01-05,y\n'),
        "leads.csv, line 2: a quoted cell begins in this row and is not closed rightly by line 3",
    ),
    "an unclosed quote in the header": (leads('lead_id,created_at,"note\nL1,2025-01-05,x\n'), "leads.csv, line 1"),
    "an unclosed quote in a header alone": (leads('lead_id,"created_at'), "leads.csv, line 1: the header cannot be read"),
    "text named parquet": ({"leads.parquet": HEAD + GOOD}, "leads.parquet cannot be read as Parquet"),
    "an empty file named parquet": ({"leads.parquet": b""}, "leads.parquet cannot be read as Parquet"),
    "parquet cut in the middle": (
        {"leads.parquet": parquet(lead_id=["L1"] * 1000, created_at=["2025-01-05"] * 1000)[:-100]},
        "leads.parquet cannot be read as Parquet",
    ),
    "parquet without a required column": (
        {"leads.parquet": parquet(lead_id=["L1"])},
        "leads.parquet: the required column created_at is missing",
    ),
    "parquet with a damaged page": (
        {
            "leads.parquet": (lambda b: b[:40] + bytes(20) + b[60:])(
                parquet(lead_id=[f"L{i}" for i in range(100)], created_at=["2025-01-05"] * 100)
            )
        },
        "leads.parquet cannot be read",
    ),
    "both csv and parquet": (
        {"leads.csv": HEAD, "leads.parquet": parquet(lead_id=["L1"], created_at=["2025-01-05"])},
        "has both leads.csv and leads.parquet; leave one",
    ),
    "the same table in two spellings": ({"leads.csv": HEAD + GOOD, "Leads.CSV": HEAD}, "has both Leads.CSV and leads.csv; leave one"),
    "a gzipped table": ({"leads.csv.gz": b"\x1f\x8b", "orders.csv": "order_id,ordered_at\n"}, "leads.csv.gz is an archive; unpack it"),
    "a zipped table": ({"leads.zip": b"PK", "orders.csv": "order_id,ordered_at\n"}, "leads.zip is an archive; unpack it"),
    "an empty folder": ({}, "there is no table in"),
    "nothing but a misspelt table": ({"lead.csv": HEAD + GOOD}, "lead.csv: lead is no table; did you mean leads"),
    "nothing but a workbook": ({"leads.xlsx": b"PK"}, "leads.xlsx: only .csv and .parquet files are read: save it as leads.csv"),
    "nothing but a hidden table": ({".leads.csv": HEAD + GOOD}, "there is no table in"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_and_nothing_changes(tmp_path: Path, name: str) -> None:
    files, said = REFUSED[name]
    bench = Workbench(tmp_path)
    bench.load({"orders.csv": "order_id,ordered_at\nS1,2025-01-05\n"})
    before = bench.snapshot()
    with pytest.raises(LoadRefused, match=re.escape(said)) as refused:
        bench.load(files)
    assert "\n" not in refused.value.message and "Traceback" not in refused.value.message
    assert bench.snapshot() == before


# What stands in leads afterwards (id and note), and what was set aside (line, column, reason, whole).
Loaded = tuple[str | bytes, list[tuple[str, str | None]], list[tuple[int, str | None, str, bool]]]
ONE: list[tuple[str, str | None]] = [("L1", "fine")]


def wrong(line: int) -> list[tuple[int, str | None, str, bool]]:
    return [(line, None, "wrong_number_of_cells", True)]


LOADED: dict[str, Loaded] = {
    "only a header": (HEAD, [], []),
    "only a header without a line end": (HEAD.strip(), [], []),
    "no line end after the last row": ((HEAD + GOOD).strip(), ONE, []),
    "a byte order mark": ("\ufeff" + HEAD + GOOD, ONE, []),
    "a byte order mark and quoted names": ('\ufeff"lead_id","created_at","note"\n' + GOOD, ONE, []),
    "lines that end with CR LF": ((HEAD + GOOD).replace("\n", "\r\n"), ONE, []),
    "CR LF without one after the last row": ((HEAD + GOOD).strip().replace("\n", "\r\n"), ONE, []),
    "lines that end with CR": ((HEAD + GOOD).replace("\n", "\r"), ONE, []),
    "lines that end in several ways": (
        HEAD.strip() + "\r\n" + "L1,2025-01-05,fine\nL2,2025-01-05,x\r\nL3,2025-01-05,y\rL4,2025-01-05,z",
        [("L1", "fine"), ("L2", "x"), ("L3", "y"), ("L4", "z")],
        [],
    ),
    "empty lines between the rows": (HEAD + "\n" + GOOD + "\n\nL2,2025-01-05,x\n\n\n", [("L1", "fine"), ("L2", "x")], []),
    "empty lines before the header": ("\n\n" + HEAD + GOOD + "L2,bad,\n", ONE, [(5, "created_at", "unreadable_instant", True)]),
    "empty lines and a bad row after them": (HEAD + "\n\n" + GOOD + "\nL2,bad,\n", ONE, [(6, "created_at", "unreadable_instant", True)]),
    "CR LF, empty lines and a bad row after them": (
        (HEAD + "\n\n" + GOOD + "\nL2,bad,\n").replace("\n", "\r\n"),
        ONE,
        [(6, "created_at", "unreadable_instant", True)],
    ),
    "a line of spaces": (HEAD + GOOD + "   \n", ONE, wrong(3)),
    "a line of commas": (HEAD + GOOD + ",,\n", ONE, [(3, "lead_id", "missing_value", True)]),
    "a cell too many": (HEAD + "L9,2025-01-05,a,b\n" + GOOD, ONE, wrong(2)),
    "a cell too few": (HEAD + GOOD + "L9,2025-01-05\n", ONE, wrong(3)),
    "only one cell": (HEAD + "L9\n" + GOOD, ONE, wrong(2)),
    "a comma after the last cell of every row": ("lead_id,created_at,note,\nL1,2025-01-05,fine,\n", ONE, []),
    "the last row cut": (HEAD + GOOD + "L2,2025-", ONE, wrong(3)),
    "the last row cut inside a quote": (HEAD + GOOD + 'L2,2025-01-05,"cut', ONE, [(3, None, "wrong_quotes", True)]),
    "a quote closed too early": (HEAD + 'L2,2025-01-05,"a"b\n' + GOOD, ONE, [(2, None, "wrong_quotes", True)]),
    "a quote after a space": (HEAD + 'L2,2025-01-05, "a"\n' + GOOD, [("L1", "fine"), ("L2", ' "a"')], []),
    "a quote in the middle of a cell": (HEAD + 'L2,2025-01-05,5" disk\n' + GOOD, [("L1", "fine"), ("L2", '5" disk')], []),
    "a quoted cell with commas and quotes": (HEAD + 'L2,2025-01-05,"a, ""b"", c"\n', [("L2", 'a, "b", c')], []),
    "a quoted cell of several lines": (HEAD + 'L2,2025-01-05,"a\nb\r\nc"\n' + GOOD, [("L1", "fine"), ("L2", "a\nb\r\nc")], []),
    "a quoted cell that looks like rows": (
        HEAD + 'L2,2025-01-05,"\nL7,2025-01-05,x\nL8,2025-01-05,y\n"\n' + GOOD,
        [("L1", "fine"), ("L2", "\nL7,2025-01-05,x\nL8,2025-01-05,y\n")],
        [],
    ),
    "everything quoted": ('"lead_id","created_at","note"\r\n"L1","2025-01-05","fine"\r\n', ONE, []),
    "empty quoted cells": (HEAD + '"L2","2025-01-05",""\n', [("L2", None)], []),
    "a header of other case and with spaces": (" LEAD_ID , Created_At ,note\n" + GOOD, ONE, []),
    "columns in another order": ("note,created_at,lead_id\nfine,2025-01-05,L1\n", ONE, []),
    "a bad row after a quoted one of several lines": (
        HEAD + 'L2,2025-01-05,"a\n\n\nb"\nL3,bad,\n' + GOOD,
        [("L1", "fine"), ("L2", "a\n\n\nb")],
        [(6, "created_at", "unreadable_instant", True)],
    ),
    "a formula": (
        HEAD + "L2,2025-01-05,=cmd|' /C calc'!A0\nL3,2025-01-05,@SUM(1)\n",
        [("L2", "=cmd|' /C calc'!A0"), ("L3", "@SUM(1)")],
        [],
    ),
    "an id that is a path": (HEAD + "../../etc/passwd,2025-01-05,x\n", [("../../etc/passwd", "x")], []),
    "an id that is SQL": (HEAD + "'); DROP TABLE leads; --,2025-01-05,x\n", [("'); DROP TABLE leads; --", "x")], []),
    "markup": (HEAD + "L2,2025-01-05,<script>alert(1)</script>\n", [("L2", "<script>alert(1)</script>")], []),
    "a NUL in a cell": (HEAD + "L2,2025-01-05,a\0b\n" + GOOD, [("L1", "fine"), ("L2", "a\0b")], []),
    "a NUL in an instant": (HEAD + "L2,2025-01-05\0,x\n" + GOOD, ONE, [(2, "created_at", "unreadable_instant", True)]),
    "the words NULL and NA": (HEAD + "NULL,2025-01-05,NA\nnull,2025-01-05,\\N\n", [("NULL", "NA"), ("null", "\\N")], []),
    "a backslash before a quote": (HEAD + 'L2,2025-01-05,"a\\"\n' + GOOD, [("L1", "fine"), ("L2", "a\\")], []),
    "a comment sign": (HEAD + "#L2,2025-01-05,x\n", [("#L2", "x")], []),
    "spaces around a cell": (HEAD + " L2 , 2025-01-05 , x \n", [(" L2 ", " x ")], []),
    "every script": (HEAD + "Zoë,2025-01-05,Ольга 王伟 🎉 \u202eabc\n", [("Zoë", "Ольга 王伟 🎉 \u202eabc")], []),
    "line separators of other kinds": (
        HEAD + "L2,2025-01-05,a\u2028b\x0bc\x0cd\x85e\n" + GOOD,
        [("L1", "fine"), ("L2", "a\u2028b\x0bc\x0cd\x85e")],
        [],
    ),
    "a long id": (HEAD + "x" * 100_000 + ",2025-01-05,y\n", [("x" * 100_000, "y")], []),
    "a cell of ten megabytes": (HEAD + "L2,2025-01-05," + "y" * 10_000_000 + "\n" + GOOD, [("L1", "fine"), ("L2", "y" * 10_000_000)], []),
    "a quoted cell of two megabytes and many lines": (
        HEAD + 'L2,2025-01-05,"' + "y,\n" * 500_000 + '"\nL3,bad,\n',
        [("L2", "y,\n" * 500_000)],
        [(500_003, "created_at", "unreadable_instant", True)],
    ),
    "an instant of ten thousand characters": (
        HEAD + "L2," + "2" * 10_000 + ",x\n" + GOOD,
        ONE,
        [(2, "created_at", "unreadable_instant", True)],
    ),
    "rows of which each is wrong": (HEAD + "L2\n" * 500, [], [(n, None, "wrong_number_of_cells", True) for n in range(2, 502)]),
    "excel's separator line is no header": ("lead_id,created_at,note\nsep=,,\n" + GOOD, ONE, [(2, "created_at", "missing_value", True)]),
    "a total below the rows": (HEAD + GOOD + "Total,1,\n", ONE, [(3, "created_at", "unreadable_instant", True)]),
    "a date that does not exist": (HEAD + "L2,2025-02-30,x\n", [], [(2, "created_at", "unreadable_instant", True)]),
    "the header once more": (HEAD + GOOD + HEAD, ONE, [(3, "created_at", "unreadable_instant", True)]),
}


@pytest.mark.parametrize("name", LOADED)
def test_a_file_that_can_be_read_loads_and_what_is_wrong_is_set_aside(tmp_path: Path, name: str) -> None:
    text, stored, aside = LOADED[name]
    bench = Workbench(tmp_path)
    report = bench.load(leads(text))
    assert bench.rows("SELECT lead_id, x_note FROM leads ORDER BY 1") == sorted(stored)
    assert bench.rejects() == aside or [r for r in bench.rejects() if r[3]] == aside
    (table,) = report.tables
    assert table.read == table.new + table.repeats + sum(table.rows_aside.values())
    assert not bench.load(leads(text)).changed


def test_a_table_of_one_column_reads_empty_lines_as_no_rows(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEAD, "reps.csv": "rep_id\nR1\n\n\nR2\n"})
    assert bench.rows("SELECT rep_id FROM reps ORDER BY 1") == [("R1",), ("R2",)] and bench.rejects() == []


def link_out(folder: Path) -> None:
    secret = folder.parent / "secret.csv"
    secret.write_text(HEAD + GOOD)
    (folder / "leads.csv").symlink_to(secret)


def link_up(folder: Path) -> None:
    (folder / "leads.csv").symlink_to("../../../../../../etc/passwd")


def link_to_nothing(folder: Path) -> None:
    (folder / "leads.csv").symlink_to(folder / "nothing.csv")


def link_to_itself(folder: Path) -> None:
    (folder / "leads.csv").symlink_to(folder / "leads.csv")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "leads.csv")


PLACES: list[tuple[Callable[[Path], None], str]] = [
    (link_out, "leads.csv is a link that leads out of"),
    (link_up, "leads.csv is a link that leads out of"),
    (link_to_nothing, "leads.csv is not a file that can be read"),
    (link_to_itself, "leads.csv is not a file that can be read"),
    (pipe, "leads.csv is not a file that can be read"),
]


@pytest.mark.parametrize(("put", "said"), PLACES, ids=[p.__name__ for p, _ in PLACES])
def test_what_is_no_file_of_the_folder_is_refused(tmp_path: Path, put: Callable[[Path], None], said: str) -> None:
    bench = Workbench(tmp_path)
    folder = bench.folder({"orders.csv": "order_id,ordered_at\n"})
    put(folder)
    with pytest.raises(LoadRefused, match=said):
        bench.load(folder)


def test_a_link_within_the_folder_is_read(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    folder = bench.folder({"export-2025.txt": HEAD + GOOD})
    (folder / "leads.csv").symlink_to(folder / "export-2025.txt")
    (folder / "old").mkdir()
    (folder / "old" / "orders.csv").write_text("order_id,ordered_at\n")
    report = bench.load(folder)
    assert [t.table for t in report.tables] == ["leads"]
    assert report.ignored == (("export-2025.txt", "only .csv and .parquet files are read"),)


@pytest.mark.parametrize(
    ("given", "said"),
    [("nowhere", "it does not exist"), ("files-1/leads.csv", "it is a file, not a folder: give the folder that holds it")],
)
def test_what_is_no_folder_is_refused(tmp_path: Path, given: str, said: str) -> None:
    bench = Workbench(tmp_path)
    bench.folder(leads(HEAD))
    with pytest.raises(LoadRefused, match=said):
        bench.load(tmp_path / given)
