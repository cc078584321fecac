"""A question straight from the canonical tables has the answer that the facts give, whatever is asked of whom and as of when."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from examples.company import Company
from laws.companies import company
from laws.test_laws import CATALOGUE, near, shared
from salesgauge.periods import pieces, read_period
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.question import EVERYTHING, QuestionShape, Viewer
from salesgauge.store.moment import Moment

SPANS = list(pieces(read_period("2025-01-15..2025-03-31"), "month"))
INSTANTS = (None, datetime(2025, 2, 14, 9, 30, tzinfo=UTC))
VIEWERS = (EVERYTHING, Viewer("R1", True), Viewer("R2"))
Group = dict[str, Any]


@pytest.fixture(scope="module")
def firm(pytestconfig: pytest.Config) -> Iterator[Company]:
    assert pytestconfig.cache is not None
    with tempfile.TemporaryDirectory() as folder:
        yield shared(pytestconfig.cache.mkdir("salesgauge-companies"), folder, company(20_251, 12))


@pytest.fixture
def fresh(pytestconfig: pytest.Config) -> Iterator[Company]:
    """One of which nothing is kept yet."""
    assert pytestconfig.cache is not None
    with tempfile.TemporaryDirectory() as folder:
        yield shared(pytestconfig.cache.mkdir("salesgauge-companies"), folder, company(20_252, 4))


def keyed(groups: list[Group]) -> dict[tuple[Any, ...], dict[str, float]]:
    """The numbers of each group, by its span and keys."""
    return {tuple(v for k, v in g.items() if k == "span" or k.startswith("key_")):
            {k: v for k, v in g.items() if isinstance(v, int | float) and k != "span"} for g in groups}


def both_ways(moment: Moment, shape: QuestionShape, where: dict[str, list[str]], viewer: Viewer) -> None:
    spans = list(range(len(SPANS)))
    straight = keyed(moment.straight(shape, spans, where, viewer).dicts())
    from_facts = keyed(moment.groups(shape, spans, where, viewer).dicts())
    assert straight.keys() == from_facts.keys(), shape
    for key, numbers in from_facts.items():
        assert straight[key] == near(numbers), (shape, key)


def asked(kpi: Kpi, random: Random, moment: Moment, dimensions: int) -> None:
    """A KPI by some of its dimensions, each of some viewer, some of them filtered."""
    for dimension in random.sample(kpi.dimensions, min(dimensions, len(kpi.dimensions))) or [""]:
        by = (dimension,) if dimension else ()
        where = ((dimension, True, True),) if dimension and random.random() < 0.3 else ()
        viewer = random.choice(VIEWERS)
        both_ways(moment, QuestionShape(kpi.id, by, where, viewer.shape), {"where0": ["R1", "web", "won", "A1"]}, viewer)


@pytest.mark.parametrize("place", range(len(INSTANTS)))
def test_kpis_of_every_area_are_the_same_straight_from_the_tables(firm: Company, place: int) -> None:
    with firm.workspace.session() as session:
        moment = session.at(SPANS, INSTANTS[place])
        for kpi in list(CATALOGUE.values())[3 * place::12]:
            asked(kpi, Random(kpi.id), moment, 1)


@pytest.mark.more
@pytest.mark.parametrize("place", range(len(INSTANTS)))
def test_every_kpi_by_some_dimensions_is_the_same_straight_from_the_tables(firm: Company, place: int) -> None:
    with firm.workspace.session() as session:
        moment = session.at(SPANS, INSTANTS[place])
        for kpi in CATALOGUE.values():
            asked(kpi, Random(kpi.id), moment, 4)


def test_a_question_asked_alone_makes_no_fact_until_it_is_asked_again(fresh: Company) -> None:
    with fresh.workspace.session() as session:
        moment = session.at(SPANS, datetime(2025, 3, 3, 3, 3, tzinfo=UTC))
        shape = QuestionShape("average_deal_value", (), (), "everything")
        first = moment.groups(shape, [0, 1, 2], {}, EVERYTHING, alone=True).dicts()
        assert not session.builds
        again = moment.groups(shape, [0, 1, 2], {}, EVERYTHING, alone=True).dicts()
        assert session.builds["deals"] == 1
        assert keyed(first) == {key: near(numbers) for key, numbers in keyed(again).items()}


def test_a_question_asked_among_others_makes_its_facts_at_once(fresh: Company) -> None:
    with fresh.workspace.session() as session:
        moment = session.at(SPANS, datetime(2025, 1, 20, 4, 4, tzinfo=UTC))
        moment.groups(QuestionShape("average_deal_value", (), (), "everything"), [0], {}, EVERYTHING)
        assert session.builds["deals"] == 1
