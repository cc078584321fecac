"""Suggestions: records of several systems that may be one thing, and what speaks for it. Nothing becomes one by a suggestion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from salesgauge.errors import WorkspaceError
from salesgauge.schema import Entity
from salesgauge.store.identity.groups import Doubt, Group, Verdict
from salesgauge.store.identity.names import blocks, plain

CROWD = 40    # names that share a block; what more share tells none of them from the others
RARE = 5      # blocks of a name, the rarest, by which it is compared
LEAST = 86.0  # similarity of two names, of 100, from which they are suggested
BEST = 5      # suggestions for a record, the most alike
WEIGHTS = {"tax_id": 0.95, "email": 0.9, "domain": 0.75}
DIFFERS = 0.4  # what is left of a score where the tax ids differ


@dataclass(frozen=True)
class Record:
    """A record of an entity as its system has it."""

    id: str
    name: str | None
    system: str


@dataclass(frozen=True)
class Suggestion:
    """Two records that may be one. `score` from 0 to 1; `alike` how alike their names are, from 0 to 1 (None: one has none); `keys` what
    they share, each kind with its value; `differs`: their tax ids contradict each other."""

    left: Record
    right: Record
    score: float
    alike: float | None
    keys: tuple[tuple[str, str], ...] = ()
    differs: bool = False


def alike(records: Sequence[Record], *, company: bool) -> list[tuple[str, str, float]]:
    """Pairs of ids of different systems whose names are alike, each with how much, of 100. Compared are names that share something rare,
    so that the time grows with the records and not with their square. WorkspaceError where rapidfuzz is not installed."""
    score = _scorer()
    names = [plain(record.name, company=company) if record.name else "" for record in records]
    having: dict[str, list[int]] = defaultdict(list)
    parts = [blocks(name) for name in names]
    for place, found in enumerate(parts):
        for block in found:
            having[block].append(place)
    best: dict[int, list[tuple[float, int]]] = defaultdict(list)
    compared: set[tuple[int, int]] = set()
    for place, found in enumerate(parts):
        shared = sorted((block for block in found if 1 < len(having[block]) <= CROWD), key=lambda block: (len(having[block]), block))
        for other in {other for block in shared[:RARE] for other in having[block] if records[other].system != records[place].system}:
            pair = (min(place, other), max(place, other))
            if pair in compared:
                continue
            compared.add(pair)
            value = score(names[place], names[other])
            if value >= LEAST:
                best[place].append((value, other))
                best[other].append((value, place))
    pairs = {(min(place, other), max(place, other)): value for place, several in best.items()
             for value, other in sorted(several, reverse=True)[:BEST]}
    return [(records[left].id, records[right].id, value) for (left, right), value in sorted(pairs.items())]


def suggestions(records: Mapping[str, Record], pairs: Sequence[tuple[str, str, float]], doubts: Sequence[Doubt], groups: Sequence[Group],
                verdicts: Sequence[Verdict], tax_ids: Mapping[str, frozenset[str]], *, company: bool) -> list[Suggestion]:
    """What is suggested, the most likely first: names that are alike and keys in doubt, without what is one already or was told apart."""
    of = {member.id: group.one for group in groups for member in group.members}
    apart = {frozenset((v.left, v.right)) for v in verdicts if not v.same}
    similar = {frozenset((left, right)): value for left, right, value in pairs}
    keys = {frozenset((doubt.left, doubt.right)): doubt.keys for doubt in doubts}
    found = []
    for pair in similar.keys() | keys.keys():
        left, right = sorted(pair)
        if pair in apart or left not in records or right not in records or of.get(left, left) == of.get(right, right):
            continue
        value = similar.get(pair) or _alike(records[left], records[right], company)
        first, second = tax_ids.get(left, frozenset()), tax_ids.get(right, frozenset())
        differs = bool(first and second and not first & second)
        doubt = 1 - 0.9 * max(0.0, ((value or 0.0) - 60) / 40)
        for kind, _value in keys.get(pair, ()):
            doubt *= 1 - WEIGHTS[kind]
        score = round((1 - doubt) * (DIFFERS if differs else 1), 4)
        found.append(Suggestion(records[left], records[right], score, None if value is None else round(value / 100, 4),
                                keys.get(pair, ()), differs))
    return sorted(found, key=lambda each: (-each.score, each.left.id, each.right.id))


def read_records(con: duckdb.DuckDBPyConnection, ids: Collection[str] | None = None) -> list[Record]:
    """The records of `identity_records`, all or those of some ids."""
    within = "" if ids is None else "WHERE id IN (SELECT UNNEST($ids))"
    rows = con.execute(f"SELECT id, name, system FROM identity_records {within} ORDER BY id", {} if ids is None else {"ids": list(ids)})
    return [Record(*row) for row in rows.fetchall()]


def is_company(entity: Entity) -> bool:
    """Whether the names of an entity may have legal forms."""
    return entity.name == "accounts"


def _alike(left: Record, right: Record, company: bool) -> float | None:
    if not left.name or not right.name:
        return None
    return _scorer()(plain(left.name, company=company), plain(right.name, company=company))


def _scorer() -> Callable[[str, str], float]:
    """How alike two names are, of 100, whatever the order of their words."""
    try:
        from rapidfuzz.fuzz import token_sort_ratio
    except ImportError:
        raise WorkspaceError("names are compared with rapidfuzz, which is not installed: pip install 'salesgauge[sources]'") from None
    return token_sort_ratio
