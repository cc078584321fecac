"""What is compiled of facts that are told from those as of nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from salesgauge.catalogue import built_in
from salesgauge.facts import FACTS
from salesgauge.schema import TABLES
from salesgauge.semantics.compiler import Compiler
from salesgauge.semantics.fact import Facts
from salesgauge.semantics.looking_back import known_by
from salesgauge.semantics.model import Model
from salesgauge.semantics.shape import Shape

TOLD = [name for name, fact in FACTS.items() if fact.back]


def compiler(facts: Facts = FACTS, *absent: str) -> Compiler:
    return Compiler(Shape(frozenset(TABLES.keys() - set(absent)), (), "EUR", dated=True), facts, built_in())


@pytest.mark.parametrize("absent", [(), ("orders", "order_lines"), ("stage_changes",)])
def test_rows_are_told_from_facts_alone_and_keys_are_those_of_a_fact_that_can_build_some(absent: tuple[str, ...]) -> None:
    compiled = compiler(FACTS, *absent)
    for name in TOLD:
        page = compiled.look_back(name)
        if not page.sql:
            continue
        read = set(re.findall(r'(?:FROM|JOIN) "(\w+)"', page.sql)) - set(re.findall(r'"?(\w+)"? AS \(\s*SELECT', page.sql))
        assert read <= {f"latest_{each}" for each in page.latest}, name
        assert all(FACTS[other].timeless for other in page.used), name
        assert not page.again or (FACTS[name].key and FACTS[name].reach), name


def test_a_fact_that_nothing_is_said_of_is_built() -> None:
    assert compiler().look_back("usual_stage_days").sql == ""
    assert compiler(FACTS, "orders").look_back("purchases").sql == "" != compiler().look_back("purchases").sql


def test_what_hindsight_tells_is_in_the_fact_as_of_nothing_alone() -> None:
    facts = Facts()

    @facts.declare("a lead", key="lead_id")
    def heard(m: Model) -> Any:
        return m["leads"].select("lead_id", **m.hindsight(known_on="created_at"))
    facts.look_back("heard")(known_by("known_on"))
    assert compiler(facts).fact("heard").columns == ("lead_id",)
    told = compiler(facts).look_back("heard")
    assert told.latest == ("heard",) and re.sub(r'"t\d+"\.', "", told.sql).split() == [
        "SELECT", '"lead_id"', "FROM", '"latest_heard"', "AS", '"t0"', "WHERE", '"known_on"', "<=", "$as_of_on"]
