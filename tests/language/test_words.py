"""The four catalogues of words: complete, alike in their keys, and in the language that they say."""

import re
from pathlib import Path

import pytest

from salesgauge.catalogue import built_in
from salesgauge.language import ENGLISH, LANGUAGES, language
from salesgauge.language.wording import Wording, placeholders, whole, wording
from salesgauge.schema import LOADABLE, TABLES, Kind
from salesgauge.units import Unit

OTHERS = [code for code in LANGUAGES if code != ENGLISH]
HAN, CYRILLIC = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[а-яё]", re.IGNORECASE)
SCRIPT = {"zh-Hans": HAN, "zh-Hant": HAN, "ru": CYRILLIC}
CHARSET = {"zh-Hans": "gb2312", "zh-Hant": "big5", "ru": "cp1251"}  # lack the characters of the other Chinese
SETTLED_LATIN = {"commit", "best", "case"}  # the forecast categories, as Russian sales teams say them
PLURALS = {"en": {"one", "other"}, "zh-Hans": {"other"}, "zh-Hant": {"other"}, "ru": {"one", "few", "many", "other"}}


def rows(shared: Path, heading: str) -> list[list[str]]:
    """The table of names.md whose header begins so: its rows without the header."""
    lines = (shared / "spec" / "names.md").read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    table = []
    for line in lines[start + 2:]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def everything(words: Wording) -> dict[str, str]:
    """Every text of a catalogue by its place; a message's forms each by itself."""
    texts = {f"{section}.{key}": text for section, entries in words.sections.items() for key, text in entries.items()}
    texts |= {f"choice.{column}.{value}": text for column, values in words.choices.items() for value, text in values.items()}
    return texts | {f"message.{key}.{form}": text for key, forms in words.messages.items() for form, text in forms.items()}


def test_the_kpi_names_are_those_of_names_md(shared_folder: Path) -> None:
    table = rows(shared_folder, "id")
    assert len(table) == 57
    for kpi, *names in table:
        assert [language(code).kpi_name(kpi) for code in LANGUAGES] == names
    assert {row[0] for row in table} == set(wording(ENGLISH).sections["kpi"])


def test_the_terms_are_those_of_names_md(shared_folder: Path) -> None:
    for english, *others in rows(shared_folder, "en"):
        term = re.sub(r"\s*\(.*\)", "", english)
        key = re.sub(r"[ -]", "_", term)
        assert [language(code).term(key) for code in LANGUAGES] == [term, *others]


def test_every_kpi_has_its_meaning_and_no_other_has() -> None:
    for code in LANGUAGES:
        sections = wording(code).sections
        assert list(sections["meaning"]) == list(sections["kpi"])
        assert all(text.endswith((".", "。")) for text in sections["meaning"].values())


@pytest.mark.parametrize("code", OTHERS)
def test_all_languages_have_the_same_keys(code: str) -> None:
    english, other = whole(ENGLISH), whole(code)
    assert {s: list(entries) for s, entries in other.sections.items()} == {s: list(entries) for s, entries in english.sections.items()}
    assert {c: list(values) for c, values in other.choices.items()} == {c: list(values) for c, values in english.choices.items()}
    assert list(other.messages) == list(english.messages)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_placeholders_of_a_message_are_the_same_in_every_language(code: str) -> None:
    english, other = whole(ENGLISH), whole(code)
    assert {key: placeholders(forms) for key, forms in other.messages.items()} == {
        key: placeholders(forms) for key, forms in english.messages.items()}
    for key, forms in other.messages.items():
        assert all(text.count("{") == text.count("}") == len(re.findall(r"\{[a-z]+\}", text)) for text in forms.values()), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_message_with_plurals_has_every_form_that_the_language_needs(code: str) -> None:
    plural = [key for key, forms in whole(ENGLISH).messages.items() if len(forms) > 1]
    assert all(set(whole(code).messages[key]) == PLURALS[code] for key in plural)
    assert all(set(forms) in ({"other"}, PLURALS[code]) for forms in whole(code).messages.values())


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_is_empty_or_carries_stray_spaces(code: str) -> None:
    for place, text in everything(whole(code)).items():
        assert text and text == " ".join(text.split()), place


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left(code: str) -> None:
    for place, text in everything(whole(code)).items():
        if place.startswith("message.") and not re.sub(r"\{\w+\}|[\W\d_]", "", text):
            continue  # nothing but values
        assert SCRIPT[code].search(text), place
        assert not set(re.findall(r"(?<![{\w])[a-z]{3,}(?![}\w])", text)) - SETTLED_LATIN, place


@pytest.mark.parametrize("code", OTHERS)
def test_each_is_written_in_its_own_characters(code: str) -> None:
    for place, text in everything(whole(code)).items():
        try:
            text.replace("–", "-").encode(CHARSET[code])
        except UnicodeEncodeError as problem:
            pytest.fail(f"{code} {place}: {text[problem.start:problem.end]!r} of {text!r}")


@pytest.mark.parametrize("code", OTHERS)
def test_a_meaning_is_translated_not_copied(code: str) -> None:
    english, other = whole(ENGLISH).sections["meaning"], whole(code).sections["meaning"]
    assert len(set(other.values())) == len(other)
    assert not set(other.values()) & set(english.values())


@pytest.mark.parametrize("code", OTHERS)
def test_a_meaning_names_the_same_numbers_as_the_english_one(code: str) -> None:
    for kpi, text in whole(ENGLISH).sections["meaning"].items():
        assert set(re.findall(r"\d+", text)) == set(re.findall(r"\d+", whole(code).sections["meaning"][kpi])), kpi


def test_every_table_choice_unit_and_dimension_of_the_model_has_its_words() -> None:
    words = whole(ENGLISH)
    assert list(words.sections["table"]) == list(LOADABLE)
    assert list(words.sections["unit"]) == [unit.value for unit in Unit]
    own_column = {("activities", "kind"): "activity_kind", ("locations", "kind"): "location_kind", ("documents", "kind"): "document_kind",
                  ("promotions", "kind"): "promotion_kind", ("forecasts", "category"): "forecast_category"}
    for table in TABLES.values():
        for column in table.columns:
            if column.kind is Kind.CHOICE:
                assert set(words.choices[own_column.get((table.name, column.name), column.name)]) == set(column.choices), column


def test_reasons_and_dimensions_are_those_of_the_specification(shared_folder: Path) -> None:
    assert list(whole(ENGLISH).sections["reason"]) == [
        "no_exchange_rate", "no_amount", "too_new_customer", "not_a_customer", "no_first_lead", "unanswered", "not_yet_ramped"]
    kpis = (shared_folder / "spec" / "kpis.md").read_text(encoding="utf-8")
    listed = {name.strip(" †") for line in kpis.splitlines() if line.startswith("| ") and line.count("|") == 8
              for name in re.sub(r"\(.*?\)", "", line.split("|")[6]).split(",")}
    names = {n for n in listed if re.fullmatch(r"[a-z_]+", n)} - {"dimensions"}
    assert len(names) >= 19 and names <= set(whole(ENGLISH).sections["dimension"])


def test_a_companys_own_column_comes_back_as_given() -> None:
    for code in LANGUAGES:
        assert language(code).dimension("utm_source") == "utm_source"
        assert language(code).choice("kind", "Pilot") == "Pilot"
        assert language(code).choice("utm_source", "new") == "new"
    assert language("ru").choice("outreach", "call") == language("ru").choice("activity_kind", "call") == "Звонок"


def test_a_companys_own_kpi_falls_back_to_its_own_words() -> None:
    chinese = language("zh-Hans")
    assert chinese.kpi_name("coffee_per_deal", fallback="Coffee per deal") == "Coffee per deal"
    assert chinese.kpi_meaning("coffee_per_deal", fallback="Cups drunk per deal won.") == "Cups drunk per deal won."
    assert chinese.kpi_name("win_rate", fallback="Something else") == "获胜率"


def test_a_missing_word_of_ours_is_an_error_not_english() -> None:
    with pytest.raises(LookupError, match=r"ru\.toml has no \[kpi\] coffee"):
        language("ru").kpi_name("coffee")
    with pytest.raises(LookupError, match="term"):
        language("en").term("nothing")


def test_a_heading_begins_with_a_capital() -> None:
    assert [language(code).heading("win_rate") for code in LANGUAGES] == ["Win rate", "获胜率", "贏率", "Доля выигранных сделок"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_measure_of_the_kpis_has_a_name(code: str) -> None:
    names = {measure.name for kpi in built_in().values() for measure in kpi.formula.measures()}
    said = whole(code).sections["measure"]
    assert said.keys() == names and (code != "en" or all(name == word for name, word in said.items()))
