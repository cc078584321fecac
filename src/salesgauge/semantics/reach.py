"""How far a changed row reaches: which rows of a fact it can change, told by the fact's key.

A fact's rows fall into groups by its key. For each relation that the fact reads (a canonical table by its name, another fact as
`fact_<name>`) it declares by which paths one row of that relation reaches the groups that it has a part in. The declaration says two
things at once: when that row changes only those groups can change; and to compute some groups, the rows that reach none of them are not
needed. The first is how a refresh finds what to compute again, the second how it computes no more than that (store/forward.py).

A path through another relation takes that relation as it now is. That is enough where the fact also reads it, and its own rows reach the
same key: of a row of it that changed, the groups are found by that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from salesgauge.staging import ident

BEFORE = "before"  # stands for the fact itself, as it was before the change
AGAIN = "again_keys"  # stands for the keys that do not follow from a fact as of nothing (semantics/looking_back.py)
KEYS = "keys_reached"  # the table of keys, with its column `key`
FACT = "fact_"  # what the name of a fact begins with, where it is read


@dataclass(frozen=True)
class Own:
    """The row names the key itself, in a column; `prefix` stands before it in the key.

    `until`: a column of the row and one of the fact, where the key has a row each of which a minimum decides. A row that lies beyond what
    the key's row told before the change has no part in it: it was not the least, and cannot become it. Where the key told nothing, or
    has no row, all may have a part. This finds which keys a changed row reaches; the rows that some keys need are all of theirs.
    """

    column: str
    prefix: str = ""
    until: tuple[str, str] | None = None


@dataclass(frozen=True)
class Through:
    """The row is looked up by rows of `relation`, which name the key: where the row's column equals theirs (pairs in `on`).

    `days`: the row holds from a day (`valid_from`) to a day (`valid_to`, exclusive) and is looked up by those days of the relation.
    """

    relation: str
    on: tuple[tuple[str, str], ...]
    key: str
    days: tuple[str, ...] = ()
    prefix: str = ""


@dataclass(frozen=True)
class Everything:
    """A row can change any row of the fact: it is built whole when one changes."""


Path = Own | Through
Reach = Mapping[str, tuple[Path, ...] | Everything]
EVERYTHING = Everything()


def through(relation: str, column: str, its_column: str, key: str, *days: str, prefix: str = "") -> Through:
    """A path through a relation by one column."""
    return Through(relation, ((column, its_column),), key, days, prefix)


def living(reach: Reach, relation: str, inputs: Collection[str], name: str) -> tuple[Path, ...] | None:
    """The paths from a relation that lead somewhere, among the relations that the fact `name` reads in a workspace's shape (a path
    through one that it does not read there leads nowhere); None where its rows reach everything, or nothing is declared."""
    paths = reach.get(relation)
    if paths is None or isinstance(paths, Everything):
        return None
    return tuple(path for path in paths if isinstance(path, Own) or path.relation in inputs or path.relation == BEFORE) or None


def columns_told(readers: Iterable[Reach], relation: str) -> tuple[str, ...]:
    """The columns of a relation that those who read it find their keys by: the least that they need to know of a row that changed."""
    found: set[str] = set()
    for reach in readers:
        paths = reach.get(relation)
        for path in paths if isinstance(paths, tuple) else ():
            if isinstance(path, Own):
                found.update((path.column, *((path.until[0],) if path.until else ())))
            else:
                found.update((mine for mine, _theirs in path.on), ("valid_from", "valid_to") if path.days else ())
    return tuple(sorted(found))


def finding_columns(readers: Iterable[Reach], relation: str) -> tuple[str, ...]:
    """The columns by which facts find the rows of a relation that their keys need, and nothing else."""
    found: set[str] = set()
    for reach in readers:
        paths = reach.get(relation)
        if isinstance(paths, tuple) and any(isinstance(path, Own) for path in paths):
            found.update(path.column if isinstance(path, Own) else path.on[0][0] for path in paths)
    return tuple(sorted(found))


@dataclass(frozen=True)
class Rows:
    """The rows of a relation that have one of some values in a column: `values` is SQL that gives them."""

    relation: str
    column: str
    values: str


@dataclass(frozen=True)
class Step:
    """SQL that gives keys (column `key`) that changed rows reach; of a relation that it reads only `rows` are looked at, where that is
    told: any relation that has these does as well, under the name that stands for OF."""

    sql: str
    rows: Rows | None = None


@dataclass(frozen=True)
class Needed:
    """What some keys need of a relation: the rows that pass `test` (of a row `r`), all columns but the `idle`, which nothing depends on.
    They are among `rows`, where that is told."""

    test: str
    idle: tuple[str, ...]
    rows: tuple[Rows, ...] | None


OF = "{of}"


def _name(relation: str, fact: str) -> str:
    return f"temp.main.{ident(f'{BEFORE}_{fact}' if relation == BEFORE else relation)}"


def _key(alias: str, column: str, prefix: str) -> str:
    named = f"{alias}.{ident(column)}"
    return f"'{prefix}' || {named}" if prefix else named


def steps(paths: tuple[Path, ...], relation: str, fact: str, known: str | None, by: str | None) -> tuple[Step, ...]:
    """How the keys are found that the rows of `changed_<relation>` reach; `known`: only of those rows of which this holds. `by`: the fact's
    column of keys."""
    changed = f"(SELECT * FROM {_name(f'changed_{relation}', fact)}{f' WHERE {known}' if known else ''})"
    found = []
    for path in paths:
        if isinstance(path, Own):
            key, beyond = _key("c", path.column, path.prefix), ""
            if path.until:
                mine, its = map(ident, path.until)
                beyond = f" LEFT JOIN {_name(BEFORE, fact)} b ON b.{ident(by or '')} = {key} WHERE (c.{mine} > b.{its}) IS NOT TRUE"
            found.append(Step(f"SELECT {key} AS key FROM {changed} c{beyond}"))
            continue
        on = [f"c.{ident(mine)} = t.{ident(theirs)}" for mine, theirs in path.on]
        if path.days:
            within = (f"CAST(t.{ident(day)} AS DATE) >= c.valid_from AND CAST(t.{ident(day)} AS DATE) < c.valid_to" for day in path.days)
            on.append(f"({' OR '.join(within)})")
        (mine, theirs), single = path.on[0], len(path.on) == 1 and path.relation != BEFORE
        found.append(Step(
            f"SELECT {_key('t', path.key, path.prefix)} AS key FROM {changed} c "
            f"JOIN {OF if single else _name(path.relation, fact)} t ON {' AND '.join(on)}",
            Rows(path.relation, theirs, f"SELECT c.{ident(mine)} FROM {changed} c") if single else None))
    return tuple(found)


def needed(paths: tuple[Path, ...], relation: str, fact: str, idle: Collection[str] = ()) -> Needed | None:
    """What the keys in `KEYS` need of a relation. None where all its rows are taken: those that are only looked up are found by a join
    that starts from few."""
    if not any(isinstance(path, Own) for path in paths) or any(isinstance(path, Through) and path.relation == BEFORE for path in paths):
        return None
    keys = f"(SELECT key FROM temp.main.{KEYS})"
    tests, rows = [], list[Rows]()
    for path in paths:
        if isinstance(path, Own):
            tests.append(f"{_key('r', path.column, path.prefix)} IN {keys}")
            cut = f"substr(key, {len(path.prefix) + 1})"
            rows.append(Rows(relation, path.column, f"SELECT {cut} FROM temp.main.{KEYS} WHERE starts_with(key, '{path.prefix}')"
                             if path.prefix else f"SELECT key FROM temp.main.{KEYS}"))
        else:
            mine, theirs = ([ident(pair[side]) for pair in path.on] for side in (0, 1))
            reaching = f"FROM {_name(path.relation, fact)} t WHERE {_key('t', path.key, path.prefix)} IN {keys}"
            tests.append(f"({', '.join(f'r.{column}' for column in mine)}) IN (SELECT ({', '.join(f't.{column}' for column in theirs)}) "
                         f"{reaching})")
            rows.append(Rows(relation, path.on[0][0], f"SELECT t.{theirs[0]} {reaching}"))
    single = all(isinstance(path, Own) or len(path.on) == 1 for path in paths)
    return Needed(" OR ".join(tests), tuple(sorted(idle)), tuple(rows) if single else None)
