"""Companies made of a simulated one by SQL: several times its rows, each copy with ids of its own and the same people, products and prices;
or the same rows unevenly spread."""

from __future__ import annotations

from pathlib import Path

import duckdb

# What a copy has of its own, by the columns that tell one copy from another; of all other tables there is one.
IDS = ("account_id", "activity_id", "contract_id", "renews_contract_id", "document_id", "lead_id", "referred_by_account_id",
       "opportunity_id", "order_id", "response_id")
COPIED = ("accounts", "activities", "contracts", "documents", "leads", "opportunities", "order_lines", "orders", "stage_changes",
          "survey_responses")
ACCOUNTS = ("account_id", "referred_by_account_id")
GIANT, BUSY = "giant", "TIMESTAMPTZ '2025-06-16 09:00:00+00'"
SHARE = 10  # one account in so many is the giant's, one activity in so many of the busy instant


def copies(company: Path, folder: Path, times: int) -> None:
    """Writes that many copies of a company of Parquet files as one company."""
    for table in _tables(company, folder):
        numbers = range(times) if table.stem in COPIED else (0,)
        _write(folder / table.name, " UNION ALL ".join(
            _replaced(table, {column: f"'{number}-' || {column}" for column in IDS} if len(numbers) > 1 else {}) for number in numbers))


def skewed(company: Path, folder: Path) -> None:
    """Writes a company as if one in ten accounts were a single one, and one in ten activities of the same instant: an import's."""
    for table in _tables(company, folder):
        changes = {column: f"CASE WHEN hash({column}) % {SHARE} = 0 THEN '{GIANT}' ELSE {column} END" for column in ACCOUNTS}
        if table.stem == "activities":
            changes["occurred_at"] = f"CASE WHEN hash(activity_id) % {SHARE} = 1 THEN {BUSY} ELSE occurred_at END"
        sql = _replaced(table, changes)
        _write(folder / table.name, f"SELECT DISTINCT ON (account_id) * FROM ({sql})" if table.stem == "accounts" else sql)


def _tables(company: Path, folder: Path) -> list[Path]:
    folder.mkdir(parents=True)
    return sorted(company.glob("*.parquet"))


def _replaced(table: Path, changes: dict[str, str]) -> str:
    """Reads a table with these expressions for those of the columns that it has."""
    there = {name for name, *_rest in duckdb.sql(f"DESCRIBE FROM '{table}'").fetchall()}
    replace = ", ".join(f"{sql} AS {column}" for column, sql in changes.items() if column in there)
    return f"SELECT *{f' REPLACE ({replace})' if replace else ''} FROM '{table}'"


def _write(path: Path, sql: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"SET temp_directory = '{path}.spill'")  # else in the checkout, where a killed run leaves it
        con.execute("SET preserve_insertion_order = false")  # else all copies but the first wait in memory for their turn
        con.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
