"""Tags of replies and the store: a load heeds them, and those that are not in the store yet are brought in.

A source's own word counts; where it is silent, the tag does (docs/decisions/0018). So a load's empty sentiment of a tagged reply is filled
before it is merged, and a tag is brought in as a load of two columns, which leaves every other column as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from salesgauge.schema import TABLES
from salesgauge.staging import FILE, ROW, Staged, StagedTable, ident
from salesgauge.store.generation import Generation, table_sql
from salesgauge.store.parsing import as_text

ACTIVITIES, ID, SENTIMENT = "activities", "activity_id", "sentiment"
ORIGIN = "tags"


@dataclass(frozen=True)
class ReplyTag:
    """What people said here of a reply: `sentiment` (None: taken back), every value that was ever `said`, and whether a source has brought
    its own (`sourced`)."""

    activity_id: str
    sentiment: str | None
    said: frozenset[str]
    sourced: bool


def heed(con: duckdb.DuckDBPyConnection, staged: Staged, tags: Sequence[ReplyTag]) -> tuple[Staged, dict[str, str]]:
    """What was staged, with the tag in place of each empty sentiment of a tagged reply; and the values that the source itself brings for
    tagged replies. A value that cannot be read stays, for the load to set aside."""
    if not tags:
        return staged, {}
    _stand(con, tags)
    told: list[StagedTable] = []
    brought: dict[str, str] = {}
    for table in staged.tables:
        if table.table.name == ACTIVITIES and {ID, SENTIMENT} <= set(table.columns):
            types = {str(name): str(kind) for name, kind, *_ in con.execute(f"DESCRIBE {table.relation}").fetchall()}
            said = f"nullif(lower(trim({as_text(f'r.{SENTIMENT}', types[SENTIMENT])})), '')"
            tagged = f"{table.relation} r LEFT JOIN tags t ON t.{ID} = trim({as_text(f'r.{ID}', types[ID])})"
            con.execute(f"CREATE OR REPLACE TEMP VIEW heeding_tags AS SELECT r.* REPLACE (CASE WHEN {said} IS NULL THEN t.{SENTIMENT} "
                        f"ELSE CAST(r.{SENTIMENT} AS VARCHAR) END AS {SENTIMENT}) FROM {tagged}")
            readable = f"SELECT t.{ID}, {said} AS own FROM {tagged} WHERE t.{ID} IS NOT NULL"
            brought.update(con.execute(f"SELECT {ID}, any_value(own) FROM ({readable}) WHERE own IN ('positive', 'negative', 'neutral') "
                                       f"GROUP BY 1 HAVING count(DISTINCT own) = 1").fetchall())
            table = replace(table, relation="heeding_tags")
        told.append(table)
    return replace(staged, tables=tuple(told)), brought


def stage_tags(con: duckdb.DuckDBPyConnection, generation: Generation, tags: Sequence[ReplyTag]) -> Staged | None:
    """A load of the tags that the store does not have yet; None where it has them all. A value of the store that nobody gave here is a
    source's, and stays; a reply that the store lacks is waited for."""
    stored = generation.tables.get(ACTIVITIES)
    if not tags or stored is None:
        return None
    _stand(con, tags)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE tags_to_bring AS
        SELECT row_number() OVER (ORDER BY a.{ID}) AS {ROW}, '{ORIGIN}' AS {FILE}, a.{ID}, coalesce(t.{SENTIMENT}, '') AS {SENTIMENT}
        FROM (SELECT {ID}, {SENTIMENT} FROM ({table_sql(TABLES[ACTIVITIES], stored)})) a JOIN tags t ON t.{ID} = a.{ID}
        WHERE CASE WHEN a.{SENTIMENT} IS NULL THEN t.{SENTIMENT} IS NOT NULL
                   ELSE NOT t.sourced AND a.{SENTIMENT} IS DISTINCT FROM t.{SENTIMENT} AND list_contains(t.said, a.{SENTIMENT}) END""")
    (count,) = con.execute("SELECT count(*) FROM tags_to_bring").fetchone() or (0,)
    if not count:
        return None
    table = StagedTable(TABLES[ACTIVITIES], ORIGIN, "tags_to_bring", (ID, SENTIMENT), (), count, (), lambda rows: rows)
    return Staged(ORIGIN, (table,), partial=True)


def _stand(con: duckdb.DuckDBPyConnection, tags: Sequence[ReplyTag]) -> None:
    """Makes the table of tags."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE tags ({ident(ID)} VARCHAR, {SENTIMENT} VARCHAR, said VARCHAR[], sourced BOOLEAN)")
    columns = [list(column) for column in zip(*((t.activity_id, t.sentiment, sorted(t.said), t.sourced) for t in tags), strict=True)]
    con.execute("INSERT INTO tags SELECT UNNEST($1::VARCHAR[]), UNNEST($2::VARCHAR[]), UNNEST($3::VARCHAR[][]), UNNEST($4::BOOLEAN[])",
                columns)
