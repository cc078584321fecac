"""Who is who in several systems, for people: what is suggested, what is one, what was told apart, and deciding it (docs/decisions/0020)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from salesgauge.errors import did_you_mean
from salesgauge.judgements import verdicts
from salesgauge.schema import ENTITIES, EXTRA, LOADABLE, LOCAL, Entity
from salesgauge.staging import ident
from salesgauge.state import Actor, Refusal, State
from salesgauge.state.verdicts import APART, OPEN, SAME, Decision
from salesgauge.store.generation import Generation, stored_columns, table_sql
from salesgauge.store.identity.finding import are_held, who_is_who
from salesgauge.store.identity.groups import Group, Verdict
from salesgauge.store.identity.keys import tax_ids
from salesgauge.store.identity.suggesting import Record, Suggestion, alike, is_company, read_records, suggestions
from salesgauge.workspace import Workspace


@dataclass(frozen=True)
class Standing:
    """Who is who of an entity at this moment. `suggested`, the most likely first; `groups` of ids that are one; `apart`: pairs that were
    told apart, the latest first; `records` by id, as far as the others name them; `counted`: whether the figures have it all already."""

    suggested: tuple[Suggestion, ...]
    groups: tuple[Group, ...]
    apart: tuple[Decision, ...]
    records: Mapping[str, Record]
    counted: bool


class Identities:
    """What is one thing in several systems of a workspace, and what people decide of it; safe to use from several threads."""

    def __init__(self, workspace: Workspace, state: State) -> None:
        self._workspace, self._state, self._lock = workspace, state, Lock()
        self._alike: dict[str, tuple[Any, list[tuple[str, str, float]]]] = {}  # by entity: of which parts, and the pairs
        self._known: dict[str, tuple[Any, Standing]] = {}

    def standing(self, entity: str) -> Standing:
        """Who is who of an entity, worked out once for each generation and decision; Refusal for another word."""
        kind = _entity(entity)
        generation = self._workspace.generation()
        with self._state.look() as unit:
            decisions = list(unit.verdicts.all())
            key = (generation.name, unit.verdicts.last(), self._workspace.settings.prefer)
        with self._lock:
            if entity not in self._known or self._known[entity][0] != key:
                self._known[entity] = (key, self._work_out(kind, generation, decisions))
            return self._known[entity][1]

    def rows(self, entity: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
        """What each system says of some records, by id: every column that has a value."""
        kind, generation = _entity(entity), self._workspace.generation()
        found: dict[str, dict[str, Any]] = {name: {} for name in ids}
        with self._workspace.reading() as con:
            for name in (kind.table, kind.keys):
                if name is None or name not in generation.said:
                    continue
                table, stored = LOADABLE[name], generation.said[name]
                columns = [*(c for c, _type in stored_columns(table) if not c.endswith(LOCAL)), *(EXTRA + extra for extra in stored.extras)]
                rows = con.execute(f"SELECT {', '.join(map(ident, columns))} FROM ({table_sql(table, stored)}) "
                                   f"WHERE {kind.id} IN (SELECT UNNEST($ids))", {"ids": list(ids)}).fetchall()
                for row in rows:
                    said = {column.removeprefix(EXTRA): value for column, value in zip(columns, row, strict=True) if value is not None}
                    found[said[kind.id]] |= said
        return found

    def decide(self, entity: str, left: str, right: str, verdict: str, by: Actor) -> None:
        """Decides of two records: SAME, APART, or OPEN (as if nothing had been decided). Refusal where there is no such record, and where
        they cannot be one because others of theirs were told apart."""
        kind = _entity(entity)
        if verdict not in (SAME, APART, OPEN):
            raise Refusal("choice", name="verdict", choices=", ".join((SAME, APART, OPEN)))
        with self._state.change() as unit:
            decisions = unit.verdicts.all()
            if verdict != OPEN:
                generation = self._workspace.generation()
                with self._workspace.reading() as con:
                    trial = [*verdicts(decisions), Verdict(entity, left, right, verdict == SAME)]
                    groups, _doubts = who_is_who(con, kind, generation.said, trial, self._workspace.settings.prefer)
                    there = {record.id for record in read_records(con, [left, right])}
                for name in (left, right):
                    if name not in there:
                        raise Refusal("identity_unknown", id=name)
                if left == right or (verdict == SAME and not any({left, right} <= {m.id for m in g.members} for g in groups)):
                    raise Refusal("identity_apart", left=left, right=right)
            unit.verdicts.give(entity, left, right, verdict, by)

    def part(self, entity: str, name: str, by: Actor) -> None:
        """Takes a record out of its group: it is told apart from each of the others. Refusal where it is in none."""
        group = next((g for g in self.standing(entity).groups if name in {m.id for m in g.members}), None)
        if group is None:
            raise Refusal("identity_alone", id=name)
        with self._state.change() as unit:
            for member in group.members:
                if member.id != name:
                    unit.verdicts.give(entity, name, member.id, APART, by)

    def _work_out(self, entity: Entity, generation: Generation, decisions: list[Decision]) -> Standing:
        given = [v for v in verdicts(decisions) if v.entity == entity.name]
        apart = tuple(d for d in reversed(decisions) if d.entity == entity.name and d.verdict == APART)
        with self._workspace.reading() as con:
            groups, doubts = who_is_who(con, entity, generation.said, given, self._workspace.settings.prefer, alone=True)
            of = tuple(part.name for name in (entity.table, entity.keys) if name is not None and name in generation.said
                       for part in generation.said[name].files)
            records = read_records(con)
            if self._alike.get(entity.name, (None, []))[0] != of:
                self._alike[entity.name] = (of, alike(records, company=is_company(entity)))
            by_id = {record.id: record for record in records}
            suggested = suggestions(by_id, self._alike[entity.name][1], doubts, groups, given, tax_ids(con),
                                    company=is_company(entity))
            counted = are_held(con, generation.identity, verdicts(decisions))
        named = {*(record.id for s in suggested for record in (s.left, s.right)), *(m.id for g in groups for m in g.members),
                 *(name for d in apart for name in (d.left, d.right))}
        return Standing(tuple(suggested), tuple(groups), apart, {name: by_id[name] for name in named if name in by_id}, counted)


def _entity(name: str) -> Entity:
    if name not in ENTITIES:
        raise Refusal("choice", name=f"entity{did_you_mean(name, ENTITIES)}", choices=", ".join(ENTITIES))
    return ENTITIES[name]
