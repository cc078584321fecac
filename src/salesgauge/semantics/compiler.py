"""Compiles facts and questions of one workspace shape to SQL. Everything that needs the expression library is behind this class,
so that who finds the SQL in a cache never loads it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir

from salesgauge.errors import CatalogueError
from salesgauge.schema import TABLES, Event
from salesgauge.semantics.additions import Reading, Rollups
from salesgauge.semantics.early import left_out_early
from salesgauge.semantics.expression import answer_expression, side_expression
from salesgauge.semantics.fact import Fact, Facts
from salesgauge.semantics.instants import events_of
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.looking_back import Hindsight
from salesgauge.semantics.model import Model, known_by, known_sql
from salesgauge.semantics.narrowing import columns_read, narrowed
from salesgauge.semantics.once import computed_once
from salesgauge.semantics.question import QuestionShape
from salesgauge.semantics.reach import FACT, Needed, Step, columns_told, finding_columns, living, needed, steps
from salesgauge.semantics.rollup import Need, Rollup
from salesgauge.semantics.scan import Scan
from salesgauge.semantics.shape import Shape
from salesgauge.semantics.sql import to_sql
from salesgauge.semantics.whole import WholeFacts


@dataclass(frozen=True)
class Compiled:
    """SQL, the facts it reads, and the names and Ibis types of its columns. `events`: the stored columns that it compares with the as-of
    instant itself (not those that the facts it reads compare); None where it uses the instant in any other way. `needs`: the rollups
    that it reads. Of a fact that can be brought forward: its `key`, by relation how changed rows reach keys (`reached`; None: all), what
    keys need (`needed`) and the columns that anything depends on (`reads`), of the canonical tables the columns by which any fact finds
    rows (`found_by`), and the columns of the fact by which those that read it find theirs (`told`).
    `in_time`: the column of days by which the rows of a fact are looked for most; `owner`: of a fact of a period the column that says
    whose a row is, by which they are kept."""

    sql: str
    used: tuple[str, ...]
    columns: tuple[str, ...]
    period: bool = False
    timeless: bool = False
    events: tuple[Event, ...] | None = ()
    needs: tuple[Need, ...] = ()
    key: str | None = None
    reached: Mapping[str, tuple[Step, ...] | None] = field(default_factory=dict)
    needed: Mapping[str, Needed] = field(default_factory=dict)
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    found_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    in_time: str | None = None
    owner: str | None = None
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompiledLookBack:
    """SQL that tells the rows of a fact as of an instant from facts as of nothing, which are named in `latest`; `used` are the others that
    it reads. Empty SQL where nothing is declared. `again` gives the keys of which it does not hold, `instead` their rows (empty: they are
    built), `unless` rows where none of it holds."""

    sql: str
    used: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()
    again: str = ""
    instead: str = ""
    unless: str = ""


class Compiler:
    """The SQL of every fact and question for one shape. `write` makes SQL of an expression: of DuckDB, or in the dialect of an engine
    (semantics/dialects)."""

    def __init__(self, shape: Shape, facts: Facts, catalogue: Catalogue, write: Callable[[ir.Table], str] = to_sql) -> None:
        self.shape, self._facts, self._catalogue, self._write = shape, facts, catalogue, write
        self._whole = WholeFacts(shape, facts)
        self._built: dict[str, tuple[ir.Table, Model]] = {}
        self._undated: Compiler | None = None
        self._rollups = Rollups(catalogue.values(), self._fact_and_schema)

    def _expression(self, name: str) -> tuple[ir.Table, Model]:
        if name not in self._built:
            if name not in self._facts:
                raise CatalogueError(f"there is no fact {name!r}; there are: {', '.join(self._facts)}")
            model = Model(self.shape, self._schema)
            self._built[name] = (self._facts[name].build(model), model)
        return self._built[name]

    def _schema(self, name: str) -> dict[str, Any]:
        return dict(self._expression(name)[0].schema())

    def _fact_and_schema(self, name: str) -> tuple[Fact, dict[str, Any]]:
        expression, model = self._expression(name)
        return self._facts[name], {column: kind for column, kind in expression.schema().items() if column not in model.told}

    def fact(self, name: str) -> Compiled:
        """The SQL of a fact; its parameters are $as_of_at and $as_of_on where the shape is dated."""
        expression, model = self._expression(name)
        fact = self._facts[name]
        inputs = [*sorted(_tables(expression)), *(FACT + other for other in sorted(model.used))]
        paths = {relation: living(fact.reach, relation, inputs, name) for relation in inputs}
        everyone, read = [other.reach for other in self._facts.values()], columns_read(expression)
        reads = {r: {*(read[r][0] if r in read else ()), *columns_told([fact.reach], r), *known_by(r)} for r in paths}
        reached, wanted = dict[str, tuple[Step, ...] | None](), dict[str, Needed]()
        for relation, found in paths.items():
            dated = self.shape.dated and not fact.timeless and relation in TABLES and relation not in model.read_whole
            reached[relation] = steps(found, relation, name, known_sql(relation) if dated else None, fact.key) if found else None
            if found and relation in read and (what := needed(found, relation, name, read[relation][1] - reads[relation])):
                wanted[relation] = what
        told = {*columns_told(everyone, FACT + name), fact.key or expression.columns[0]}
        owners = self._rollups.of(name, "")[0].owners if fact.period else ()
        return self._compiled(expression, model.used, period=fact.period, timeless=fact.timeless,
                              events=events_of(expression, lambda other: self._expression(other)[0]), key=fact.key, reached=reached,
                              needed=wanted, reads={r: tuple(sorted(columns)) for r, columns in reads.items()},
                              found_by={r: finding_columns(everyone, r) for r in paths if r in TABLES},
                              told=tuple(sorted(told & set(expression.columns))), in_time=fact.in_time,
                              owner=next(iter(owners), None))

    def look_back(self, name: str) -> CompiledLookBack:
        """The SQL that tells a fact as of an instant from facts as of nothing; its parameters are those of a fact."""
        back = self._facts[name].back
        model = Hindsight(self.shape, self._schema, self._latest_schema)
        rows = back.rows(model, model.latest(name)) if back else None
        if back is None or rows is None:
            return CompiledLookBack("")
        latest, columns = model.latest(name), self._expression(name)[0].columns
        again = back.again(model, latest) if back.again else None
        instead = back.instead(model, latest) if back.instead else None
        odd = back.unless(model) if back.unless else None
        found = (rows.select(*columns), again, None if instead is None else instead.select(*columns), odd)
        told, keys, others, unless = ("" if each is None else self._write(each) for each in found)
        return CompiledLookBack(told, tuple(sorted(model.used)), tuple(sorted(model.looked_at)), keys, others, unless)

    def _latest_schema(self, name: str) -> dict[str, Any]:
        if self._undated is None:
            self._undated = Compiler(replace(self.shape, dated=False), self._facts, self._catalogue)
        return self._undated._schema(name)

    def table(self, name: str) -> Compiled:
        """The SQL of a canonical table as it is known; its parameters are those of a fact."""
        model = Model(self.shape, self._schema)
        expression = model[name]
        return self._compiled(expression, model.used)

    def question(self, question: QuestionShape) -> Compiled:
        """The SQL that answers questions of this shape (columns: semantics/expression.py)."""
        kpi = self._catalogue[question.kpi]
        scan = Scan(question, kpi, self.shape, self._fact_and_schema)
        expression = answer_expression(kpi, scan, shared=self._write is to_sql)
        return self._compiled(expression, scan.used)

    def straight(self, question: QuestionShape) -> Compiled:
        """The SQL that answers questions of this shape straight from the canonical tables: the facts that they read are part of it, as
        far as the answer needs them. Its parameters are those of a question and of a fact."""
        kpi = self._catalogue[question.kpi]
        scan = Scan(question, kpi, self.shape, self._fact_and_schema)
        expression = answer_expression(kpi, scan, shared=self._write is to_sql)
        whole = self._whole.instead_of_tables(expression, scan.chosen)
        return self._compiled(computed_once(narrowed(left_out_early(whole))), ())

    def added(self, question: QuestionShape, *, together: bool = False) -> Compiled:
        """The SQL that answers the same from rollups, as far as its parts can be added up; without SQL where none can. `together`: parts
        about entities from rollups that have put these together."""
        kpi = self._catalogue[question.kpi]
        scan, reading = Scan(question, kpi, self.shape, self._fact_and_schema), Reading(self._rollups, together=together)
        expression = answer_expression(kpi, scan, reading)
        sql = to_sql(expression) if reading.can else ""
        return Compiled(sql, tuple(sorted(scan.used)), tuple(expression.columns), needs=tuple(reading.needs))

    def rollup(self, rollup: Rollup) -> Compiled:
        """The SQL of a rollup."""
        return self._compiled(self._rollups.expression(rollup), (rollup.fact,))

    def sizes(self, rollup: Rollup) -> Compiled:
        """The SQL that counts what a rollup would be made of, and its own rows (columns: rows, dated, groups)."""
        return self._compiled(self._rollups.sizes(rollup), (rollup.fact,))

    def rows(self, fact: str, on: str) -> Compiled:
        """The SQL of a fact's rows under the columns of a rollup."""
        expression = self._rollups.rows(fact, on)
        return Compiled(to_sql(expression), (fact,), tuple(expression.columns))

    def side(self, question: QuestionShape, side: str) -> Compiled:
        """The SQL of the rows behind one side of a question of this shape."""
        kpi = self._catalogue[question.kpi]
        scan = Scan(replace(question, by=()), kpi, self.shape, self._fact_and_schema)
        expression = side_expression(kpi, scan, side)
        return self._compiled(expression, scan.used)

    def _compiled(self, expression: ir.Table, used: Collection[str], **more: Any) -> Compiled:
        schema = expression.schema()
        return Compiled(self._write(expression), tuple(sorted(used)), tuple(schema.names),
                        types=tuple(str(kind.copy(nullable=True)) for kind in schema.types), **more)


def _tables(expression: ir.Table) -> set[str]:
    """The canonical tables that an expression reads."""
    return {table.name for table in expression.op().find(ops.UnboundTable) if table.name in TABLES}
