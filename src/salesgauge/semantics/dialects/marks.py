"""What stands in compiled SQL for a table or a parameter until it is run: ⟦leads⟧, ⟦fact_deals⟧, ⟦$as_of_at⟧, ⟦$spans⟧.

Each engine calls its tables and writes its values in its own way, and a fact's table there bears another name for every as-of instant.
So the compiled text has marks, and who runs it fills them in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

OPENS, CLOSES = "\u27e6", "\u27e7"
_MARK = re.compile(f"{OPENS}([^{CLOSES}]+){CLOSES}")


def mark(name: str) -> str:
    """The mark of a table (its name) or parameter ($ and its name)."""
    return f"{OPENS}{name}{CLOSES}"


def tables_in(sql: str) -> frozenset[str]:
    """The names of the tables that SQL text has marks for."""
    return frozenset(name for name in _MARK.findall(sql) if not name.startswith("$"))


def parameters_in(sql: str) -> frozenset[str]:
    """The names of the parameters that SQL text has marks for."""
    return frozenset(name[1:] for name in _MARK.findall(sql) if name.startswith("$"))


def with_tables(sql: str, places: Mapping[str, str]) -> str:
    """SQL text with the place of each table, its parameters still marked. KeyError for a table without one."""
    return _MARK.sub(lambda found: found[0] if found[1].startswith("$") else places[found[1]], sql)


def with_parameters(sql: str, written: Callable[[str], str]) -> str:
    """SQL text with what is written for each parameter, by its name."""
    return _MARK.sub(lambda found: written(found[1][1:]) if found[1].startswith("$") else found[0], sql)


def readable(sql: str) -> str:
    """Compiled SQL as people read it: tables by their plain names, parameters as $name."""
    plain = with_tables(sql, {name: f'"{name}"' for name in tables_in(sql)})
    return with_parameters(plain, lambda name: f"${name}")
