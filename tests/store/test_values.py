"""How the cells of a file are read (spec/model.md, Conventions and Time)."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from salesgauge.schema import Column, Kind
from salesgauge.settings import make
from salesgauge.store.parsing import may_hold_times, reading
from salesgauge.store.zones import DAYS, make_days
from store.workbench import Workbench

BERLIN = make("Europe/Berlin", "EUR", {}).zone


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("SET threads = 1")
    make_days(made, BERLIN)
    return made


def read(con: duckdb.DuckDBPyConnection, column: Column, cells: list[str | None]) -> list[tuple[object, ...]]:
    """What each cell is read as: its stored values."""
    con.execute("CREATE OR REPLACE TEMP TABLE cells (place INTEGER, c VARCHAR)")
    con.executemany("INSERT INTO cells VALUES (?, ?)", list(enumerate(cells)))
    found = reading(column, "VARCHAR")
    query = "SELECT * FROM cells"
    for step in found.steps:
        query = f"SELECT *, {', '.join(f'{expression} AS {name}' for name, expression in step)} FROM ({query})"
    join = f"LEFT JOIN {DAYS} {found.days} ON {found.days}.day = {found.day}" if found.day else ""
    values = ", ".join(expression for _, expression in found.values)
    return con.execute(f"SELECT {values} FROM ({query}) {join} ORDER BY place").fetchall()


def column(kind: Kind, choices: tuple[str, ...] = ()) -> Column:
    return Column("c", kind, choices=choices)


@pytest.mark.parametrize(
    ("cell", "utc", "local"),
    [
        ("2025-01-05T10:00:00", "2025-01-05 09:00:00", "2025-01-05 10:00:00"),
        ("2025-01-05 10:00:00", "2025-01-05 09:00:00", "2025-01-05 10:00:00"),
        ("2025-01-05T10:00", "2025-01-05 09:00:00", "2025-01-05 10:00:00"),
        ("2025-01-05", "2025-01-04 23:00:00", "2025-01-05 00:00:00"),
        ("2025-07-05", "2025-07-04 22:00:00", "2025-07-05 00:00:00"),
        ("2025-01-05T10:00:00Z", "2025-01-05 10:00:00", "2025-01-05 11:00:00"),
        ("2025-01-05T10:00:00+02:00", "2025-01-05 08:00:00", "2025-01-05 09:00:00"),
        ("2025-01-05T10:00:00+0200", "2025-01-05 08:00:00", "2025-01-05 09:00:00"),
        ("2025-01-05T10:00:00+02", "2025-01-05 08:00:00", "2025-01-05 09:00:00"),
        ("2025-01-05T10:00:00-05:30", "2025-01-05 15:30:00", "2025-01-05 16:30:00"),
        ("2025-01-05 10:00+00:00", "2025-01-05 10:00:00", "2025-01-05 11:00:00"),
        ("2025-01-05T10:00Z", "2025-01-05 10:00:00", "2025-01-05 11:00:00"),
        ("2025-01-05T10:00+02", "2025-01-05 08:00:00", "2025-01-05 09:00:00"),
        ("2025-01-05T10:00:00.5", "2025-01-05 09:00:00.5", "2025-01-05 10:00:00.5"),
        ("2025-01-05T10:00:00.123456789Z", "2025-01-05 10:00:00.123456", "2025-01-05 11:00:00.123456"),
        (" 2025-01-05T10:00:00Z ", "2025-01-05 10:00:00", "2025-01-05 11:00:00"),
        ("1800-01-01T00:00:00Z", "1800-01-01 00:00:00", "1800-01-01 00:53:28"),
        ("2200-12-31T22:59:59Z", "2200-12-31 22:59:59", "2200-12-31 23:59:59"),
    ],
)
def test_an_instant_is_stored_in_utc_and_in_local_time(con: duckdb.DuckDBPyConnection, cell: str, utc: str, local: str) -> None:
    assert read(con, column(Kind.INSTANT), [cell]) == [(datetime.fromisoformat(utc), datetime.fromisoformat(local))]


def test_a_naive_time_that_occurs_twice_is_the_first_of_the_two(con: duckdb.DuckDBPyConnection) -> None:
    assert read(con, column(Kind.INSTANT), ["2024-10-27T02:30:00"]) == [(datetime(2024, 10, 27, 0, 30), datetime(2024, 10, 27, 2, 30))]


def test_a_naive_time_that_the_clock_skips_is_read_with_the_offset_in_force_before_it(con: duckdb.DuckDBPyConnection) -> None:
    assert read(con, column(Kind.INSTANT), ["2024-03-31T02:30:00"]) == [(datetime(2024, 3, 31, 1, 30), datetime(2024, 3, 31, 3, 30))]


@pytest.mark.parametrize(
    "cell",
    [
        "infinity",
        "-infinity",
        "epoch",
        "now",
        "today",
        "2025-1-5",
        "20250105",
        "20250105T100000Z",
        "2025-02-30",
        "2025-13-01T00:00:00",
        "1799-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z",
        "0001-01-01",
        "9999-12-31",
        "10000-01-01",
        "2025/01/05",
        "05.01.2025",
        "01/05/2025",
        "2025-01-05T24:00:00",
        "2025-01-05T23:60:00",
        "2025-01-05T23:59:60",
        "2025-01-05T10",
        "2025-01-05T1:00:00",
        "2025-01-05T10:00:0Z",
        "2025-01-05T10:00:00 Z",
        "2025-01-05T10:00:00+2:00",
        "2025-01-05T10:00:00+25:00",
        "2025-01-05T10:00:00+02:60",
        "2025-01-05T10:00:00 UTC",
        "2025-01-05T10:00:00 Europe/Berlin",
        "2025-01-05Z",
        "2025-01-05+02:00",
        "2025-01-05T",
        "2025-01-05 10:00:00 AM",
        "2025-W01-1",
        "2025-005",
        "1736071200",
        "45662",
        "-2025-01-05",
        "2025-01-05 (BC)",
        "２０２５-01-05",
        "2025-01-05T10:00:00.",
        "2025-01-05T10:00:00,5",
        "yesterday",
        "-",
        "0",
        "2025-01-05T10:00:00\x00",
        "2025-01-05T10:00:00+",
        "2025-01-05t10:00:00z",
    ],
)
def test_other_forms_of_an_instant_are_unreadable(con: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert read(con, column(Kind.INSTANT), [cell]) == [(None, None)]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2025-01-05", date(2025, 1, 5)),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        (" 2025-01-05 ", date(2025, 1, 5)),
        ("2025-01-05T23:30:00", date(2025, 1, 5)),
        ("2025-01-05T23:30:00Z", date(2025, 1, 6)),
        ("2025-01-05T00:30:00+09:00", date(2025, 1, 4)),
        ("2025-01-05 00:00", date(2025, 1, 5)),
    ],
)
def test_a_time_in_a_column_of_dates_is_its_local_day(con: duckdb.DuckDBPyConnection, cell: str, day: date) -> None:
    assert read(con, column(Kind.DATE), [cell]) == [(day,)]


@pytest.mark.parametrize(
    "cell", ["2025-02-30", "2025-2-3", "0000-01-01", "20250105", "infinity", "2025-01-05T25:00:00", "2023-02-29", "31.12.2025", "2025-01"]
)
def test_other_forms_of_a_date_are_unreadable(con: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert read(con, column(Kind.DATE), [cell]) == [(None,)]


def test_a_column_of_dates_without_times_is_read_without_the_zone() -> None:
    found = reading(column(Kind.DATE), "VARCHAR", timed=False)
    assert found.day is None
    assert may_hold_times(column(Kind.DATE), "VARCHAR")
    assert may_hold_times(column(Kind.DATE), "TIMESTAMP") is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0", 0.0),
        ("-0.0", -0.0),
        ("1234.56", 1234.56),
        ("+5", 5.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        (" 7 ", 7.0),
        ("0.1", 0.1),
        ("9007199254740993", 9007199254740993.0),
        ("2.2250738585072014e-308", 2.2250738585072014e-308),
        ("1e-400", 0.0),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("00012", 12.0),
    ],
)
def test_a_number_is_plain_or_with_an_exponent(con: duckdb.DuckDBPyConnection, cell: str, number: float) -> None:
    ((found,),) = read(con, column(Kind.NUMBER), [cell])
    assert found == number and math.copysign(1, number) == math.copysign(1, float(str(found)))


@pytest.mark.parametrize(
    "cell",
    [
        "1e999",
        "-1e999",
        "NaN",
        "nan",
        "inf",
        "Infinity",
        "-inf",
        "1,234",
        "1.234,5",
        "0x10",
        "1_000",
        "1 000",
        "€5",
        "5%",
        "--5",
        "1e",
        "e5",
        ".",
        "+",
        "one",
        "true",
        "1d",
        "٣",
        "１２",
        "1.2.3",
        "1/2",
        "(5)",
        "5-",
    ],
)
def test_other_forms_of_a_number_are_unreadable(con: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert read(con, column(Kind.NUMBER), [cell]) == [(None,)]


@pytest.mark.parametrize(
    ("cell", "truth"),
    [
        ("true", True),
        ("TRUE", True),
        ("1", True),
        ("Yes", True),
        ("false", False),
        ("0", False),
        ("NO", False),
        (" true ", True),
        ("t", None),
        ("on", None),
        ("2", None),
        ("ja", None),
        ("1.0", None),
        ("", None),
    ],
)
def test_a_truth_is_written_true_or_1_or_yes(con: duckdb.DuckDBPyConnection, cell: str, truth: bool | None) -> None:
    assert read(con, column(Kind.BOOLEAN), [cell]) == [(truth,)]


@pytest.mark.parametrize(
    ("cell", "choice"), [("won", "won"), ("Won", "won"), (" LOST ", "lost"), ("wonn", None), ("won,lost", None), ("", None)]
)
def test_a_choice_is_one_of_a_closed_list_in_any_case(con: duckdb.DuckDBPyConnection, cell: str, choice: str | None) -> None:
    assert read(con, column(Kind.CHOICE, ("won", "lost")), [cell]) == [(choice,)]


@pytest.mark.parametrize(
    "cell",
    ["A1", " A1 ", "NULL", "null", "NA", "0", "=1+1", "../../etc/passwd", 'Zoë "Z"', "a\nb", "'; DROP TABLE leads; --", "😀", "a\x00b"],
)
def test_text_is_kept_as_it_stands(con: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert read(con, column(Kind.TEXT), [cell]) == [(cell,)]


@effort(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.from_regex(r"[+-]?[0-9]{0,20}\.?[0-9]{0,20}(e[+-]?[0-9]{1,3})?", fullmatch=True),
            st.text("0123456789.eE+-_ nafixN", max_size=12),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_number_is_what_python_reads(cells: list[str]) -> None:
    with duckdb.connect() as con:
        found = [value for (value,) in read(con, column(Kind.NUMBER), list(cells))]
    for cell, value in zip(cells, found, strict=True):
        try:
            number = float(cell) if "_" not in cell else math.nan
        except ValueError:
            number = math.nan
        assert value == (number if math.isfinite(number) else None), cell


@effort(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda d, sep, t, o: d + sep + t + o,
            st.dates(date(1800, 1, 2), date(2200, 12, 30)).map(str),
            st.sampled_from(["T", " "]),
            st.one_of(
                st.times().map(lambda t: t.isoformat("seconds")),
                st.times().map(lambda t: t.isoformat("minutes")),
                st.times().map(lambda t: t.isoformat("microseconds")),
            ),
            st.sampled_from(["", "Z", "+02:00", "-0330", "+14", "-23:59", "+00:00"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_instant_is_what_python_reads(con: duckdb.DuckDBPyConnection, cells: list[str]) -> None:
    for cell, (utc, local) in zip(cells, read(con, column(Kind.INSTANT), list(cells)), strict=True):
        read_by_python = datetime.fromisoformat(cell)
        expected = (read_by_python if read_by_python.tzinfo else read_by_python.replace(tzinfo=BERLIN)).astimezone(UTC)
        assert utc == expected.replace(tzinfo=None), cell
        assert local == expected.astimezone(BERLIN).replace(tzinfo=None, fold=0), cell


@effort(max_examples=60, deadline=None)
@given(st.lists(st.text("0123456789-:TZ+. /", max_size=26), min_size=1, max_size=40))
def test_nothing_is_read_as_an_instant_that_python_does_not_read(con: duckdb.DuckDBPyConnection, cells: list[str]) -> None:
    for cell, (utc, _) in zip(cells, read(con, column(Kind.INSTANT), list(cells)), strict=True):
        if utc is not None:
            assert datetime.fromisoformat(cell.strip()), cell


def test_typed_columns_of_parquet_are_read_by_their_types(tmp_path: Path) -> None:
    folder = tmp_path / "typed"
    folder.mkdir()
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'America/New_York'")
        con.execute(f"""
            COPY (SELECT 17 AS opportunity_id, TIMESTAMPTZ '2025-01-05 10:00:00+00' AS created_at,
                         TIMESTAMP '2025-02-05 10:00:00' AS closed_at,
                         DATE '2025-03-01' AS closes_on, 12.50::DECIMAL(10, 2) AS amount, 3::TINYINT AS acv, 7.0::DOUBLE AS account_id,
                         'won'::ENUM('won', 'lost') AS outcome, TIMESTAMP_NS '2025-03-04 23:30:00.123456789' AS next_step_on,
                         true AS hot, [1, 2] AS tags, DATE '2025-05-05' AS seen
                  UNION ALL SELECT 18, TIMESTAMPTZ '2025-07-05 10:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
            TO '{folder / "opportunities.parquet"}' (FORMAT parquet)""")
    bench = Workbench(tmp_path)
    report = bench.load(folder)
    assert report.tables[0].new == 2 and not report.tables[0].cells_aside
    assert bench.rows(
        "SELECT opportunity_id, created_at, created_at_local, closed_at, closed_at_local, closes_on, amount, acv, account_id, outcome, "
        "next_step_on, x_hot, x_tags, x_seen FROM opportunities ORDER BY 1"
    ) == [
        (
            "17",
            datetime(2025, 1, 5, 10),
            datetime(2025, 1, 5, 11),
            datetime(2025, 2, 5, 9),
            datetime(2025, 2, 5, 10),
            date(2025, 3, 1),
            12.5,
            3.0,
            "7",
            "won",
            date(2025, 3, 4),
            "true",
            "[1, 2]",
            "2025-05-05",
        ),
        ("18", datetime(2025, 7, 5, 10), datetime(2025, 7, 5, 12), *[None] * 11),
    ]


def test_a_number_of_parquet_that_is_not_finite_is_unreadable(tmp_path: Path) -> None:
    folder = tmp_path / "typed"
    folder.mkdir()
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT 'R1' AS rep_id, DATE '2025-01-01' AS starts_on, DATE '2025-02-01' AS ends_on, 'nan'::DOUBLE AS amount) "
            f"TO '{folder / 'quotas.parquet'}' (FORMAT parquet)"
        )
    (folder / "leads.csv").write_text("lead_id,created_at\n")
    bench = Workbench(tmp_path)
    bench.load(folder)
    assert bench.rejects() == [(1, "amount", "unreadable_number", True)]
