"""What compiled SQL depends on."""

from dataclasses import replace

import pytest

from salesgauge.catalogue import built_in
from salesgauge.facts import FACTS
from salesgauge.schema import TABLES
from salesgauge.semantics.compiler import Compiler
from salesgauge.semantics.question import QuestionShape
from salesgauge.semantics.shape import Shape

CATALOGUE = built_in()
SHAPE = Shape(frozenset(TABLES), (("leads", ("utm_source",)), ("opportunities", ("tier",))), "EUR")
UNDATED, DATED = Compiler(SHAPE, FACTS, CATALOGUE), Compiler(replace(SHAPE, dated=True), FACTS, CATALOGUE)


@pytest.mark.parametrize("kpi", CATALOGUE)
def test_an_as_of_instant_changes_the_facts_and_never_the_question(kpi: str) -> None:
    question = QuestionShape(kpi, CATALOGUE[kpi].dimensions[:1], (), "everything")
    assert UNDATED.question(question) == DATED.question(question)


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_has_the_same_columns_as_of_every_instant(fact: str) -> None:
    dated, undated = DATED.fact(fact).columns, UNDATED.fact(fact).columns
    assert [column for column in undated if column in dated] == list(dated)
    assert set(undated) == set(dated) or FACTS[fact].back is not None  # what only hindsight tells, for who looks back
    assert tuple(UNDATED._fact_and_schema(fact)[1]) == dated  # and what no question reads


def test_a_timeless_fact_reads_no_as_of_instant() -> None:
    assert all("$as_of" not in DATED.fact(name).sql for name, fact in FACTS.items() if fact.timeless)
