"""Of a long table the rows that facts look at are read once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from salesgauge.store import drawn
from salesgauge.store.drawn import Drawn, Rows
from salesgauge.store.generation import StoredTable

BY = ("activity_id", "lead_id", "opportunity_id")
WHOLE, DRAWN = 'temp.main."activities"', 'temp.main."drawn_activities"'


class Desk:
    """A connection with some activities, and what it ran."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con, self.ran = con, list[str]()
        self.drawn = Drawn(con, {"activities": StoredTable("activities", (), 6, ())})

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
        """How often the whole table was read."""
        return sum(WHOLE in sql for sql in self.ran)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(drawn, "LONG", 6)
    monkeypatch.setattr(drawn, "MOST", 0.7)
    with duckdb.connect() as con:
        con.execute("CREATE TEMP TABLE activities AS FROM (VALUES ('a1', 'L1', NULL), ('a2', 'L1', NULL), ('a3', NULL, 'D1'), "
                    "('a4', NULL, 'D2'), ('a5', 'L2', 'D3'), ('a6', NULL, NULL)) t(activity_id, lead_id, opportunity_id)")
        con.execute("CREATE TEMP TABLE opportunities AS FROM (VALUES ('D1', 'L1'), ('D2', NULL)) t(opportunity_id, lead_id)")
        con.execute("CREATE TEMP TABLE leads AS FROM (VALUES ('L2', 'D3'), ('L1', NULL)) t(lead_id, opportunity_id)")
        yield Desk(con)


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


def test_what_changed_and_what_is_tied_to_it_is_drawn_from_the_first(desk: Desk, tmp_path: Path) -> None:
    changed = tmp_path / "changes.parquet"
    desk.con.execute(f"COPY (SELECT 'D1' AS opportunity_id, CAST(NULL AS VARCHAR) AS lead_id) TO '{changed}' (FORMAT parquet)")
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


def test_what_rows_of_other_tables_tie_to_a_change_is_looked_for_once_for_all_tables(desk: Desk, tmp_path: Path) -> None:
    desk.drawn = Drawn(desk.con, {name: StoredTable(name, (), 6, ()) for name in ("activities", "leads")})
    path = tmp_path / "changes.parquet"
    desk.con.execute(f"COPY (SELECT 'L1' AS lead_id, NULL::VARCHAR AS opportunity_id) TO '{path}' (FORMAT parquet)")
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
