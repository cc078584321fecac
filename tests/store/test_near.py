"""What was found of a fact is found again, as far as it is all that is wanted."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from salesgauge.store import near
from salesgauge.store.near import Near

TOLD = ("deal", "stage")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


def kept(con: duckdb.DuckDBPyConnection, at_hand: Near, *deals: str, fact: str = "visits", told: tuple[str, ...] = TOLD) -> None:
    """Keeps what was found of these deals."""
    con.execute("CREATE TEMP TABLE found AS SELECT unnest($1::VARCHAR[]) AS deal, 'won' AS stage, 1 AS days", [deals])
    at_hand.keep(fact, "deal", told, f"SELECT unnest({[*deals]}::VARCHAR[])", "found")


def test_rows_are_found_where_all_that_is_wanted_is_there(con: duckdb.DuckDBPyConnection) -> None:
    at_hand = Near(con)
    kept(con, at_hand, "D1", "D2")
    place = at_hand.find("visits", "deal", ["stage"], "SELECT 'D2'")
    assert place and con.execute(f"SELECT deal FROM {place} ORDER BY ALL").fetchall() == [("D1",), ("D2",)]
    assert at_hand.find("visits", "deal", TOLD, "SELECT 'D2' UNION ALL SELECT NULL") == place  # no row is found by nothing
    assert at_hand.find("visits", "deal", TOLD, "SELECT 'D2' UNION ALL SELECT 'D3'") is None
    assert at_hand.find("visits", "deal", ["days"], "SELECT 'D2'") is None
    assert at_hand.find("visits", "stage", TOLD, "SELECT 'D2'") is None
    assert at_hand.find("visits@20250101", "deal", TOLD, "SELECT 'D2'") is None


def test_only_so_much_is_kept(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "FEW", 2)
    monkeypatch.setattr(near, "MOST", 1)
    at_hand = Near(con)
    kept(con, at_hand, "D1", "D2", "D3")
    assert at_hand.find("visits", "deal", TOLD, "SELECT 'D1'") is None
    con.execute("DROP TABLE found")
    kept(con, at_hand, "D1")
    kept(con, at_hand, "D2")
    assert at_hand.find("visits", "deal", TOLD, "SELECT 'D1'") is None
    assert at_hand.find("visits", "deal", TOLD, "SELECT 'D2'")
    at_hand.clear()
    assert not con.execute("SELECT 1 FROM duckdb_tables()").fetchall()
