"""Who is who in what a load leaves: the groups of ids that are one, as a part of the generation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from salesgauge.schema import ENTITIES, Entity
from salesgauge.staging import literal
from salesgauge.store.checking import one
from salesgauge.store.generation import Identity, StoredTable
from salesgauge.store.identity.groups import Doubt, Group, Member, Verdict, grouped, latest
from salesgauge.store.identity.keys import has_several_systems, shared, stand_records, systems, tax_ids
from salesgauge.store.parts import write_part
from salesgauge.store.places import parts_of

ONES, BEFORE, MOVED = "identity_ones", "identity_before", "identity_moved"
_COLUMNS = "entity VARCHAR, id VARCHAR, one VARCHAR, place INTEGER, system VARCHAR, how VARCHAR"
_NOTHING = "SELECT NULL::VARCHAR AS entity, NULL::VARCHAR AS id, NULL::VARCHAR AS one, NULL::INTEGER AS place WHERE false"


@dataclass(frozen=True)
class Found:
    """The parts of the next generation that say who is who (None: nobody), and whether that is another thing than before."""

    groups: str | None
    verdicts: str | None
    prefer: tuple[str, ...]
    changed: bool


def find(con: duckdb.DuckDBPyConnection, workspace: Path, before: Identity, said: Mapping[str, StoredTable], touched: Iterable[str],
         verdicts: Sequence[Verdict] | None, prefer: tuple[str, ...]) -> Found:
    """Finds who is who in the tables `said` as their sources say them, of which `touched` are others than before. `verdicts`: all that
    people decided, in their order; None: as before. Makes ONES (entity, id, one, place ...) and MOVED (entity, id): the ids that become
    another one than before."""
    held = read_verdicts(con, before.verdicts)
    given = held if verdicts is None else latest(verdicts)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {BEFORE} AS {parts_sql(before.groups)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {ONES} ({_COLUMNS})")
    names = {name for entity in ENTITIES.values() for name in (entity.table, entity.keys)}
    decided = given != held
    again = bool(names & set(touched)) or decided or prefer != before.prefer
    if again:
        for entity in ENTITIES.values():
            groups, _doubts = who_is_who(con, entity, said, given, prefer)
            _keep(con, entity, groups)
    elif before.groups is not None:
        con.execute(f"INSERT INTO {ONES} FROM {parts_of((before.groups,))}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {MOVED} AS SELECT coalesce(a.entity, b.entity) AS entity, coalesce(a.id, b.id) AS id "
                f"FROM {ONES} a FULL JOIN {BEFORE} b ON a.entity = b.entity AND a.id = b.id "
                "WHERE coalesce(a.one, a.id, b.id) <> coalesce(b.one, b.id, a.id)")
    differs = again and one(con, f"SELECT count(*) FROM ((SELECT entity, id, one, place FROM {ONES} EXCEPT FROM {BEFORE}) UNION ALL "
                                 f"(FROM {BEFORE} EXCEPT SELECT entity, id, one, place FROM {ONES}))")[0] > 0
    groups_part = before.groups.name if before.groups is not None else None
    if differs:
        some = one(con, f"SELECT count(*) FROM {ONES}")[0] > 0
        groups_part = write_part(con, workspace, "groups", f"FROM {ONES} ORDER BY entity, one, place")[0] if some else None
    verdicts_part = before.verdicts.name if before.verdicts is not None else None
    if decided:
        verdicts_part = _write_verdicts(con, workspace, given) if given else None
    return Found(groups_part, verdicts_part, prefer, differs or decided)


def who_is_who(con: duckdb.DuckDBPyConnection, entity: Entity, said: Mapping[str, StoredTable], verdicts: Sequence[Verdict],
               prefer: Sequence[str], *, alone: bool = False) -> tuple[list[Group], list[Doubt]]:
    """The groups of an entity and what is in doubt; `alone`: also where one system alone has it, so that there can only be doubts. Leaves
    `identity_records` and `identity_keys` of it, where it looked."""
    mine = [v for v in verdicts if v.entity == entity.name]
    if not alone and not mine and not has_several_systems(con, entity, said):
        return [], []
    con.execute("CREATE OR REPLACE TEMP TABLE identity_decided AS SELECT DISTINCT UNNEST($1::VARCHAR[]) AS id",
                [[name for v in mine for name in (v.left, v.right)]])
    stand_records(con, entity, said)
    return grouped(shared(con), mine, systems(con), tax_ids(con), prefer)


def read_groups(con: duckdb.DuckDBPyConnection, identity: Identity, entity: str) -> list[Group]:
    """The groups of an entity in a generation, by the id that they became."""
    if identity.groups is None:
        return []
    rows = con.execute(f"SELECT one, list({{'id': id, 'system': system, 'how': how}} ORDER BY place) FROM {parts_of((identity.groups,))} "
                       "WHERE entity = $1 GROUP BY one ORDER BY one", [entity]).fetchall()
    return [Group(tuple(Member(m["id"], m["system"], m["how"]) for m in members)) for _one, members in rows]


def read_verdicts(con: duckdb.DuckDBPyConnection, path: Path | None) -> list[Verdict]:
    """What people had decided when the generation was made."""
    if path is None:
        return []
    rows = con.execute(f'SELECT entity, "left", "right", same FROM {parts_of((path,))} ORDER BY place').fetchall()
    return [Verdict(*row) for row in rows]


def are_held(con: duckdb.DuckDBPyConnection, identity: Identity, verdicts: Sequence[Verdict] | None) -> bool:
    """Whether what people decided (None: as it is) is in a generation."""
    if verdicts is None or (not verdicts and identity.verdicts is None):
        return True
    return read_verdicts(con, identity.verdicts) == latest(verdicts)


def ones(con: duckdb.DuckDBPyConnection, identity: Identity) -> dict[tuple[str, str], str]:
    """The id that each id of an entity became in a generation, of those that became another."""
    if identity.groups is None:
        return {}
    rows = con.execute(f"SELECT entity, id, one FROM {parts_of((identity.groups,))} WHERE id <> one").fetchall()
    return {(entity, name): became for entity, name, became in rows}


def parts_sql(groups: Path | None) -> str:
    """SQL: entity, id, one and place of the ids of a generation that are one with others."""
    return _NOTHING if groups is None else f"SELECT entity, id, one, place FROM {parts_of((groups,))}"


def _keep(con: duckdb.DuckDBPyConnection, entity: Entity, groups: Sequence[Group]) -> None:
    rows = [(m.id, group.one, place, m.system, m.how) for group in groups for place, m in enumerate(group.members)]
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        con.execute(f"INSERT INTO {ONES} SELECT {literal(entity.name)}, UNNEST($1::VARCHAR[]), UNNEST($2::VARCHAR[]), "
                    "UNNEST($3::INTEGER[]), UNNEST($4::VARCHAR[]), UNNEST($5::VARCHAR[])", columns)


def _write_verdicts(con: duckdb.DuckDBPyConnection, workspace: Path, verdicts: Sequence[Verdict]) -> str:
    columns = [list(column) for column in zip(*((v.entity, v.left, v.right, v.same) for v in verdicts), strict=True)]
    con.execute('CREATE OR REPLACE TEMP TABLE identity_verdicts AS SELECT *, row_number() OVER () AS place FROM (SELECT '
                'UNNEST($1::VARCHAR[]) AS entity, UNNEST($2::VARCHAR[]) AS "left", UNNEST($3::VARCHAR[]) AS "right", '
                'UNNEST($4::BOOLEAN[]) AS same)', columns)
    return write_part(con, workspace, "verdicts", "FROM identity_verdicts ORDER BY place")[0]
