"""What the ids of master data are called: reps, accounts, products, locations, campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from salesgauge.schema import TABLES
from salesgauge.staging import ident
from salesgauge.store.generation import Generation, table_sql

# dimension -> the table whose ids its values are
NAMED = {"rep": "reps", "manager": "reps", "account_owner": "reps", "account": "accounts", "product": "products", "location": "locations",
         "campaign": "campaigns"}
PERSONS = frozenset(("rep", "manager", "account_owner"))  # whose values are persons


def names_of(con: duckdb.DuckDBPyConnection, generation: Generation, table: str, ids: Iterable[str],
             column: str = "name") -> Mapping[str, str]:
    """The names of the ids of a table of NAMED (or another text column of it); an id that the table lacks, or that has no name, is not
    among them."""
    wanted = sorted(set(ids))
    if not wanted or table not in generation.tables:
        return {}
    key = ident(TABLES[table].key[0])
    return dict(con.execute(f"SELECT {key}, {ident(column)} FROM ({table_sql(TABLES[table], generation.tables[table])}) "
                            f"WHERE {ident(column)} IS NOT NULL AND {key} IN (SELECT UNNEST($ids))", {"ids": wanted}).fetchall())
