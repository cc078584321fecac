"""The rows of some keys of a fact, as it is built, from no more than they need of each relation that it reads (semantics/reach.py). The
keys are in the table KEYS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesgauge.semantics.reach import KEYS
from salesgauge.staging import ident


def rows_needed(relation: str, need: Mapping[str, Any]) -> str:
    """SQL: the rows of a relation that the keys need. What is idle is there, since SQL names it, but is not read."""
    idle = ", ".join(f"CASE WHEN false THEN {ident(column)} END AS {ident(column)}" for column in need["idle"])
    return f"SELECT {f'* REPLACE ({idle})' if idle else '*'} FROM temp.main.{ident(relation)} r WHERE {need['test']}"


def rows_of_keys(page: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """SQL: the rows of the keys as a fact gives them; relations that have a place in `places` are read there, the others as they are."""
    begins = ", ".join(f"{ident(relation)} AS (FROM {place})" for relation, place in places.items())
    return (f"{f'WITH {begins} ' if begins else ''}SELECT * FROM ({page['sql']}) q "
            f"WHERE q.{ident(page['key'])} IN (SELECT key FROM temp.main.{KEYS})")
