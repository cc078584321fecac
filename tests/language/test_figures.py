"""The figures in the four languages."""

import re

import pytest

from salesgauge.catalogue import built_in
from salesgauge.catalogue.figures import figures
from salesgauge.language import ENGLISH, LANGUAGES, language
from salesgauge.language.wording import wording
from salesgauge.semantics.answer import BANDS

FIGURES = figures()
OTHERS = [code for code in LANGUAGES if code != ENGLISH]


def test_every_figure_has_a_name_and_a_meaning_and_nothing_else_has() -> None:
    sections = wording(ENGLISH).sections
    assert list(sections["figure"]) == list(sections["figure_meaning"]) == list(FIGURES)


def test_the_docstring_of_a_figure_is_its_english_meaning() -> None:
    for figure in FIGURES.values():
        assert language(ENGLISH).kpi_meaning(figure.id) == " ".join(figure.meaning.split()), figure.id


@pytest.mark.parametrize("code", OTHERS)
def test_the_meaning_of_a_figure_is_translated_and_names_the_same_numbers(code: str) -> None:
    english, other = wording(ENGLISH).sections["figure_meaning"], wording(code).sections["figure_meaning"]
    assert len(set(other.values())) == len(other)
    for figure, text in other.items():
        assert text.endswith((".", "。"))
        assert set(re.findall(r"\d+", text)) == set(re.findall(r"\d+", english[figure])), figure


def test_a_figure_is_named_as_a_kpi_is() -> None:
    assert [language(code).kpi_name("quota") for code in LANGUAGES] == ["Quota", "配额", "業績配額", "План продаж"]


def test_no_two_figures_or_kpis_of_a_language_have_one_name() -> None:
    for code in LANGUAGES:
        names = [language(code).kpi_name(kpi) for kpi in (*built_in(), *FIGURES)]
        assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)


def test_every_dimension_and_band_of_a_figure_has_its_words() -> None:
    words = wording(ENGLISH)
    assert {d for figure in FIGURES.values() for d in figure.dimensions} <= set(words.sections["dimension"])
    for band in ("due", "movement", "change", "exit", "ends_in", "renewal"):
        assert set(BANDS[band]) <= set(words.choices[band]), band


def test_every_column_that_says_why_a_record_counts_has_a_heading() -> None:
    because = {c for kpi in (*built_in().values(), *FIGURES.values()) for m in kpi.formula.measures() for c in m.because}
    assert because == set(wording(ENGLISH).sections["column"])
    assert language("ru").column("pushes") == "Переносов"
