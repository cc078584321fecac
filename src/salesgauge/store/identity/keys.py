"""By what things are known again: the records of each system, and their domains, e-mail addresses and tax ids in one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from salesgauge.schema import ENTITIES, EXTRA, KEY_TABLES, SOURCE, TABLES, Entity
from salesgauge.staging import ident, literal
from salesgauge.store.checking import one
from salesgauge.store.generation import StoredTable, table_sql
from salesgauge.store.identity.providers import NOBODYS

KINDS = ("tax_id", "domain", "email")  # in the order of what they weigh
FILES = ""  # the system of what came from files
MOST = 20   # records that have one key; what more have says nothing of any two of them

_PLACES = ", ".join(map(literal, sorted(NOBODYS)))
# One cell may hold several, with a space, comma or semicolon between them; a tax id may have spaces in it.
_SPLIT = r"regexp_split_to_array(lower(trim({cell})), '[\s,;]+')"
_SHAPES = {"email": (_SPLIT, r"regexp_full_match(value, '[^@\s]+@[^@\s]+\.[^@\s.]+')"),
           "domain": (_SPLIT, rf"regexp_full_match(value, '[^@\s.]+(\.[^@\s.]+)+') AND value NOT IN ({_PLACES})"),
           "tax_id": (r"string_split(upper({cell}), ';')", r"length(value) >= 6 AND regexp_matches(value, '[1-9]')")}
_FORMS = {"email": "{value}", "domain": r"rtrim(regexp_extract({value}, '^(?:[a-z]+://)?(?:www\d?\.)?([^/:?#]*)', 1), '.')",
          "tax_id": r"regexp_replace({value}, '[^\p{{L}}\p{{N}}]', '', 'g')"}


@dataclass(frozen=True)
class Shared:
    """A key that several records have: `kind` of KINDS, its value, and the records, each id with its system."""

    kind: str
    value: str
    records: tuple[tuple[str, str], ...]


def system_of(column: str) -> str:
    """SQL: the system of a row's source; files are one together."""
    return f"CASE WHEN {column} IS NULL OR contains({column}, '.') THEN {literal(FILES)} ELSE {column} END"


def has_several_systems(con: duckdb.DuckDBPyConnection, entity: Entity, said: Mapping[str, StoredTable]) -> bool:
    """Whether more than one system has records of an entity, so that a thing may have several ids."""
    sources = [f"SELECT DISTINCT {system_of(SOURCE)} AS system FROM ({_rows(name, said)})" for name in _tables(entity, said)]
    return bool(sources) and one(con, f"SELECT count(DISTINCT system) FROM ({' UNION ALL '.join(sources)})")[0] > 1


def stand_records(con: duckdb.DuckDBPyConnection, entity: Entity, said: Mapping[str, StoredTable]) -> None:
    """Makes `identity_records` (id, name, system) and `identity_keys` (id, system, kind, value) of an entity, from the tables as their
    sources say them."""
    tables = _tables(entity, said)
    records = [f"SELECT {entity.id} AS id, {'name' if _has(name, 'name') else 'NULL::VARCHAR'} AS name, {system_of(SOURCE)} AS system, "
               f"{place} AS place FROM ({_rows(name, said)})" for place, name in enumerate(tables)]
    nothing = "SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS name, NULL::VARCHAR AS system, 0 AS place WHERE false"
    con.execute("CREATE OR REPLACE TEMP TABLE identity_records AS "
                "SELECT id, arg_min(name, place) AS name, arg_min(system, place) AS system "
                f"FROM ({' UNION ALL '.join(records) or nothing}) GROUP BY id")
    cells = [f"SELECT {entity.id} AS id, {literal(kind)} AS kind, {ident(column)} AS cell FROM ({_rows(name, said)}) "
             f"WHERE {ident(column)} IS NOT NULL" for name in tables for column, kind in _columns(name, said[name])]
    con.execute("CREATE OR REPLACE TEMP TABLE identity_keys (id VARCHAR, system VARCHAR, kind VARCHAR, value VARCHAR)")
    for kind in KINDS:
        split, sound = _SHAPES[kind]
        made = [f"SELECT id, unnest({split.format(cell='cell')}) AS value FROM cells WHERE kind = {literal(kind)}"]
        if kind == "domain":  # an address at a company's own domain tells the company
            if entity.name != "accounts":
                continue
            address = _SPLIT.format(cell="cell")
            made.append(f"SELECT id, split_part(address, '@', 2) AS value FROM (SELECT id, unnest({address}) AS address FROM cells "
                        "WHERE kind = 'email') WHERE contains(address, '@')")
        if cells:
            con.execute(f"""
                INSERT INTO identity_keys
                WITH cells AS ({' UNION ALL '.join(cells)}), formed AS (
                    SELECT id, {_FORMS[kind].format(value='value')} AS value FROM ({' UNION ALL '.join(made)}))
                SELECT DISTINCT f.id, r.system, {literal(kind)}, f.value FROM formed f JOIN identity_records r ON r.id = f.id
                WHERE {sound.replace('value', 'f.value')}""")


def shared(con: duckdb.DuckDBPyConnection) -> list[Shared]:
    """The keys of `identity_keys` that several records have, those that weigh most first."""
    found = con.execute(f"""
        SELECT kind, value, list(id ORDER BY id), list(system ORDER BY id) FROM identity_keys
        GROUP BY kind, value HAVING count(*) BETWEEN 2 AND {MOST} ORDER BY kind, value""").fetchall()
    made = [Shared(kind, value, tuple(zip(ids, systems, strict=True))) for kind, value, ids, systems in found]
    return sorted(made, key=lambda each: (KINDS.index(each.kind), each.value))


def tax_ids(con: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """The tax ids of each record that has some."""
    return {name: frozenset(values) for name, values in
            con.execute("SELECT id, list(value) FROM identity_keys WHERE kind = 'tax_id' GROUP BY id").fetchall()}


def systems(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The system of each record that shares a key, or that somebody decided on."""
    return dict(con.execute("SELECT id, system FROM identity_records WHERE id IN (SELECT id FROM identity_keys) "
                            "OR id IN (SELECT id FROM identity_decided)").fetchall())


def _tables(entity: Entity, said: Mapping[str, StoredTable]) -> list[str]:
    return [name for name in (entity.table, entity.keys) if name is not None and name in said]


def _rows(name: str, said: Mapping[str, StoredTable]) -> str:
    return table_sql((TABLES | KEY_TABLES)[name], said[name], lineage=True)


def _has(name: str, column: str) -> bool:
    return (TABLES | KEY_TABLES)[name].column(column) is not None


def _columns(name: str, stored: StoredTable) -> list[tuple[str, str]]:
    """The columns of a table that hold keys, each with its kind; also those of the company's own that are called so."""
    found = [(kind, kind) for kind in KINDS if _has(name, kind)]
    if name in ENTITIES:
        found += [(EXTRA + extra, "domain" if extra == "website" else extra) for extra in stored.extras if extra in (*KINDS, "website")]
    return found
