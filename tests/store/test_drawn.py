"""Of a long table the rows that facts look at are read once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from salesgauge.schema import TABLES
from salesgauge.store import drawn
from salesgauge.store.drawn import Drawn, Rows
from salesgauge.store.generation import StoredTable, empty, stored_columns, table_sql

BY = ("activity_id", "lead_id", "opportunity_id")
WHOLE, DRAWN = 'temp.main."activities"', 'temp.main."drawn_activities"'
IDS = {"activities": BY, "opportunities": ("opportunity_id", "lead_id"), "leads": ("lead_id", "opportunity_id")}
Row = tuple[str | None, ...]


class Desk:
    """A connection with some activities, and what it ran."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.con, self.folder, self.ran = con, folder, list[str]()
        self.tables = {
            "activities": self.table("activities", self.part("activities-1", ("a1", "L1", None), ("a2", "L1", None), ("a3", None, "D1"),
                                                             ("a4", None, "D2"), ("a5", "L2", "D3"), ("a6", None, None))),
            "opportunities": self.table("opportunities", self.part("opportunities-1", ("D1", "L1"), ("D2", None))),
            "leads": self.table("leads", self.part("leads-1", ("L2", "D3"), ("L1", None)))}
        self.begin({"activities": self.tables["activities"]})

    def begin(self, tables: dict[str, StoredTable], stood: StoredTable | None = None) -> None:
        """Begins anew with these tables, all of them long; `stood`: how the activities were."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(drawn, "LONG", 6)
            self.drawn = Drawn(self.con, tables, lambda _table: stood)

    def part(self, name: str, *rows: Row) -> Path:
        """A part, or changes, of the table that the name begins with: rows of its ids."""
        path, table = self.folder / f"{name}.parquet", TABLES[name.split("-")[0]]
        ids = IDS[table.name]
        others = [empty(*column) for column in stored_columns(table) if column[0] not in ids]
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE made ({', '.join(f'{column} VARCHAR' for column in ids)})")
        self.con.executemany(f"INSERT INTO made VALUES ({', '.join('?' for _ in ids)})", rows)
        self.con.execute(f"COPY (SELECT *, {', '.join(others)} FROM made) TO '{path}' (FORMAT parquet)")
        return path

    def gone(self, name: str, *places: int) -> Path:
        """The places in a part whose rows went."""
        path = self.folder / f"{name}.parquet"
        self.con.execute(f"COPY (SELECT unnest({list(places)}) AS place) TO '{path}' (FORMAT parquet)")
        return path

    def table(self, name: str, *parts: Path, gone: dict[str, Path] | None = None) -> StoredTable:
        """A table of these parts, with its view."""
        stored = StoredTable(name, parts, 6, (), gone=gone or {})
        self.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {table_sql(TABLES[name], stored)}")
        return stored

    def run(self, sql: str) -> int:
        self.ran.append(sql)
        made = self.con.execute(sql, {"asked": "D2"} if "$asked" in sql else {}).fetchone()
        assert made is not None
        return int(made[0])

    def draw(self, *rows: Rows, changes: dict[str, list[Path] | None] | None = None) -> str | None:
        return self.drawn.draw(rows, BY, changes or {}, self.run)

    def there(self) -> list[str]:
        return [row[0] for row in self.con.execute(f"SELECT activity_id FROM {DRAWN} ORDER BY ALL").fetchall()]

    def reads(self) -> int:
        """How often the first part of the activities was read for its rows."""
        return sum(sql.startswith("INSERT") and "/activities-1.parquet" in sql for sql in self.ran)


@pytest.fixture(params=[0, 7], ids=["where they stand is found first", "all at once"])
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    monkeypatch.setattr(drawn, "MOST", 0.7)
    with duckdb.connect() as con:
        made = Desk(con, tmp_path)
        monkeypatch.setattr(drawn, "FAR", request.param)
        yield made


def by(column: str, *values: str) -> Rows:
    return {"relation": "activities", "column": column, "values": f"FROM (VALUES {', '.join(f'({value})' for value in values)}) v"}


def test_rows_are_drawn_by_every_column_and_once(desk: Desk) -> None:
    assert desk.draw(by("lead_id", "'L1'"), by("opportunity_id", "'D2'", "NULL")) == DRAWN
    assert desk.there() == ["a1", "a2", "a4"]
    assert desk.draw(by("lead_id", "'L1'")) == desk.draw(by("activity_id", "'a2'", "'a4'")) == DRAWN
    assert desk.reads() == 1


def test_what_is_not_there_yet_is_drawn_beside_it(desk: Desk) -> None:
    desk.draw(by("lead_id", "'L1'"))
    assert desk.draw(by("opportunity_id", "$asked"), by("lead_id", "'L1'", "'L2'")) == DRAWN
    assert desk.there() == ["a1", "a2", "a4", "a5"]
    desk.draw(by("activity_id", "'a1'", "'a6'"))
    assert desk.there() == ["a1", "a2", "a4", "a5", "a6"]


def test_what_changed_and_what_is_tied_to_it_is_drawn_from_the_first(desk: Desk) -> None:
    changed = desk.part("opportunities-changed", ("D1", None))
    desk.draw(by("opportunity_id", "'D2'"), changes={"opportunities": [changed], "leads": None})
    assert desk.there() == ["a1", "a2", "a3", "a4"]
    desk.draw(by("lead_id", "'L1'"), by("opportunity_id", "'D1'"))
    assert desk.reads() == 1


def test_a_table_of_which_most_is_wanted_and_a_short_one_are_read_as_they_are(desk: Desk) -> None:
    assert desk.draw(by("activity_id", *(f"'a{n}'" for n in range(1, 6)))) is None
    assert desk.draw({"relation": "leads", "column": "lead_id", "values": "SELECT 'L1'"}) is None
    assert desk.reads() == 0


def test_who_only_looks_gets_what_was_drawn_where_it_is_all_there(desk: Desk) -> None:
    look = by("lead_id", "'L1'")
    assert desk.drawn.place(look, desk.run) == WHOLE
    desk.draw(look)
    assert desk.drawn.place(look, desk.run) == DRAWN
    assert desk.drawn.place(by("lead_id", "'L1'", "'L2'"), desk.run) == WHOLE
    desk.drawn.clear()
    assert desk.drawn.place(look, desk.run) == WHOLE


def test_what_rows_of_other_tables_tie_to_a_change_is_looked_for_once_for_all_tables(desk: Desk) -> None:
    desk.begin(desk.tables)
    path = desk.part("leads-changed", ("L1", None))
    changes: dict[str, list[Path] | None] = {"leads": [path]}
    assert desk.draw(by("activity_id", "'a6'"), changes=changes) == DRAWN
    assert desk.there() == ["a1", "a2", "a3", "a6"]  # those of the lead, and of its deal
    looked = sum('"opportunities"' in sql for sql in desk.ran)
    rows = {"relation": "leads", "column": "opportunity_id", "values": "FROM (VALUES ('D3')) v"}
    assert desk.drawn.draw([rows], BY[1:], changes, desk.run) == 'temp.main."drawn_leads"'
    assert desk.con.execute('SELECT lead_id FROM temp.main."drawn_leads" ORDER BY ALL').fetchall() == [("L1",), ("L2",)]
    assert sum('"opportunities"' in sql for sql in desk.ran) == looked > 0
    desk.drawn.clear()
    assert not desk.con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name LIKE 'tied%'").fetchall()


def test_a_row_that_changed_is_looked_for_by_its_id_only_in_what_was_written_since(
        desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "MOST", 5.0)
    stood, old = desk.tables["activities"], desk.tables["activities"].parts[0]
    new = desk.part("activities-2", ("a6", None, None), ("a7", None, None))
    now = desk.table("activities", old, new, gone={old.name: desk.gone("gone-2", 4, 5)})  # a5 went, a6 is another, a7 came
    changed = desk.part("activities-changed", ("a5", "L2", "D3"), ("a6", None, "D9"), ("a6", None, None), ("a7", None, None))
    desk.begin({"activities": now}, stood)
    desk.draw(by("activity_id", "'a6'"), changes={"activities": [changed]})
    assert desk.there() == ["a6", "a7"]
    assert not any("/activities-1.parquet" in sql and "activity_id\" IN" in sql for sql in desk.ran)
    desk.draw(by("activity_id", "'a1'", "'a5'", "'a7'"), changes={"activities": [changed]})
    assert desk.there() == ["a1", "a6", "a7"]


def test_a_row_that_changed_and_changed_back_is_looked_for_where_it_stood(
        desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "MOST", 5.0)
    stood = desk.tables["activities"]
    changed = desk.part("activities-changed", ("a1", "L1", None), ("a1", "L9", None), ("a1", "L9", None), ("a1", "L1", None))
    desk.begin({"activities": stood}, stood)
    desk.draw(by("activity_id", "'a1'"), changes={"activities": [changed]})
    assert "a1" in desk.there()


def test_a_row_that_had_gone_and_stands_again_is_looked_for_where_it_stands(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "MOST", 5.0)
    now, old = desk.tables["activities"], desk.tables["activities"].parts[0]
    desk.begin({"activities": now}, replace(now, gone={old.name: desk.gone("gone-1", 5)}))
    desk.draw(by("lead_id", "'L9'"), changes={"activities": [desk.part("activities-changed", ("a6", None, None))]})
    assert desk.there() == ["a6"]
