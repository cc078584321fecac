"""Every shape of the catalogue as an expression, and what SQL of one in a dialect consists of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import ibis.expr.types as ir
import sqlglot
import sqlglot.expressions as sge

from salesgauge.catalogue import built_in
from salesgauge.catalogue.figures import figures
from salesgauge.facts import FACTS
from salesgauge.schema import TABLES
from salesgauge.semantics.compiler import Compiler
from salesgauge.semantics.dialects import writer
from salesgauge.semantics.dialects.marks import tables_in, with_parameters, with_tables
from salesgauge.semantics.question import QuestionShape
from salesgauge.semantics.shape import Shape

SHAPE = Shape(frozenset(TABLES), (("leads", ("utm_source",)), ("opportunities", ("tier",))), "EUR")
EVERYTHING = figures().beside(built_in())
_TEXT = re.compile(r"'(?:[^']|'')*'")
_CALLED = re.compile(r"""(?<![\w"`.])([A-Za-z_]\w*) ?\(""")
# what stands before a parenthesis in SQL and is no function
_WORDS = frozenset(("ALL", "AND", "AS", "BY", "CASE", "DECIMAL", "ELSE", "EXCEPT", "EXCLUDE", "EXISTS", "FILTER", "FROM", "GROUP", "IN",
                    "JOIN", "NOT", "ON", "OR", "OVER", "PARTITION", "SELECT", "THEN", "TIMESTAMP", "UNION", "VARCHAR", "WHEN", "WHERE"))


class Written:
    """Keeps what a compiler makes SQL of: the expression itself, so that it is built once for every dialect."""

    def __init__(self) -> None:
        self.expressions: list[ir.Table] = []

    def __call__(self, expression: ir.Table) -> str:
        self.expressions.append(expression)
        return ""


def expressions(*, facts: tuple[str, ...] = (), tables: tuple[str, ...] = (), questions: tuple[QuestionShape, ...] = (),
                sides: tuple[QuestionShape, ...] = ()) -> list[ir.Table]:
    """The expressions of these facts and tables, with and without an as-of instant, and of these questions and the rows behind them."""
    made: list[ir.Table] = []
    for dated in (False, True):
        compiler, kept = _compiler(dated)
        kept.expressions = made
        for fact in facts:
            compiler.fact(fact)
        for table in tables:
            compiler.table(table)
    compiler, kept = _compiler(False)
    for question in questions:
        compiler.question(question)
    for question in sides:
        compiler.side(question, "numerator")
    return made


@cache
def _compiler(dated: bool) -> tuple[Compiler, Written]:
    """A compiler that has built its facts once, for every test of a process."""
    kept = Written()
    return Compiler(replace(SHAPE, dated=dated), FACTS, EVERYTHING, kept), kept


def shapes() -> Iterator[QuestionShape]:
    """Each KPI and figure alone and by each of its dimensions, filtered and seen by a manager's eyes as well."""
    for kpi in EVERYTHING.values():
        yield QuestionShape(kpi.id, kpi.required, (), "everything")
        for dimension in kpi.all_dimensions(SHAPE):
            others = tuple(d for d in kpi.required if d != dimension)
            yield QuestionShape(kpi.id, (*others, dimension), ((dimension, True, True),), "reports")


def sql_of(expression: ir.Table, dialect: str) -> str:
    """The SQL of an expression in a dialect."""
    return writer(dialect)(expression)


def read_back(sql: str, dialect: str) -> sge.Query:
    """SQL as its dialect's own grammar reads it, once tables have plain names and parameters values."""
    placed = with_tables(sql, {name: name for name in tables_in(sql)})
    written = {"as_of_at": "CAST(NULL AS TIMESTAMP)", "as_of_on": "CAST(NULL AS DATE)",
               "from_on": "CAST(NULL AS DATE)", "until_on": "CAST(NULL AS DATE)", "spans": "0, 1"}
    grammar = "postgres" if dialect == "postgresql" else dialect
    found = sqlglot.parse(with_parameters(placed, lambda name: written.get(name, "'x'")), read=grammar)
    assert len(found) == 1
    query = found[0]
    assert isinstance(query, sge.Query), type(query)
    return query


def called(sql: str) -> set[str]:
    """The names of the functions that SQL calls."""
    return {name.upper() for name in _CALLED.findall(_TEXT.sub("''", sql))} - _WORDS
