"""What has put entities together is kept where each of these stands in one group only and the groups are few beside them, which nobody
knows before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from salesgauge.semantics.rollup import COUNT, Rollup, single
from salesgauge.staging import ident

if TYPE_CHECKING:
    from salesgauge.store.rolled import Worth


class Unfit(Exception):
    """A rollup that was made is not to be kept."""


def is_fit(con: duckdb.DuckDBPyConnection, rollup: Rollup, rows: str, worth: Worth) -> bool:
    """Whether these rows of a rollup may be kept. An entity that stands in several groups (of a period) would be counted in each of them;
    where there are nearly as many groups as entities, what has a row of each answers at less cost."""
    if rollup.entity is None:
        return True
    said = con.execute(f"SELECT count(*), count(*) FILTER ({ident(single(rollup.entity))} = 0), sum({COUNT}) FROM {rows}").fetchone()
    assert said is not None
    groups, twice, entities = said
    return not twice and worth.keeps(rollup, groups, entities or 0)
