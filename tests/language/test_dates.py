"""Dates and periods, as each language writes them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesgauge.language import LANGUAGES, language
from salesgauge.language.dates import Span, span_of

ANY_SPACE = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})  # CLDR's choice among the narrow spaces is its own


def said(start: str, end: str, fiscal_year_start: int | None = None, long: bool = False) -> list[str]:
    """The period in the four languages."""
    bounds = date.fromisoformat(start), date.fromisoformat(end)
    return [language(code).period(*bounds, fiscal_year_start=fiscal_year_start, long=long).translate(ANY_SPACE) for code in LANGUAGES]


@pytest.mark.parametrize(("start", "end", "shown"), [
    ("2025-01-01", "2026-01-01", ["2025", "2025年", "2025年", "2025"]),
    ("2025-01-01", "2025-04-01", ["Q1 2025", "2025年第1季度", "2025年第1季", "1-й кв. 2025 г."]),
    ("2025-02-01", "2025-03-01", ["Feb 2025", "2025年2月", "2025年2月", "февр. 2025 г."]),
    ("2025-02-10", "2025-02-17", ["Week 7, 2025", "2025年第7周", "2025年第7週", "7-я неделя 2025 г."]),
    ("2024-12-30", "2025-01-06", ["Week 1, 2025", "2025年第1周", "2025年第1週", "1-я неделя 2025 г."]),
    ("2025-03-14", "2025-03-15", ["14 Mar 2025", "2025年3月14日", "2025年3月14日", "14 мар. 2025 г."]),
])
def test_a_whole_period_has_its_name(start: str, end: str, shown: list[str]) -> None:
    assert said(start, end) == shown


@pytest.mark.parametrize(("start", "end", "shown"), [
    ("2025-01-01", "2025-02-15", ["1 Jan – 14 Feb 2025", "2025年1月1日至2月14日", "2025年1月1日至2月14日", "1 янв. – 14 февр. 2025 г."]),
    ("2025-01-01", "2025-01-06", ["1–5 Jan 2025", "2025年1月1日至5日", "2025年1月1日至5日", "1–5 янв. 2025 г."]),
    ("2024-12-01", "2025-01-06", ["1 Dec 2024 – 5 Jan 2025", "2024年12月1日至2025年1月5日", "2024年12月1日至2025年1月5日",
                                  "1 дек. 2024 г. – 5 янв. 2025 г."]),
])
def test_a_range_is_shown_with_its_last_day(start: str, end: str, shown: list[str]) -> None:
    assert said(start, end) == shown


def test_long_names_of_months_and_quarters() -> None:
    assert said("2025-03-01", "2025-04-01", long=True) == ["March 2025", "2025年3月", "2025年3月", "март 2025 г."]
    assert said("2025-01-01", "2025-04-01", long=True) == ["1st quarter 2025", "2025年第1季度", "2025年第1季", "1-й квартал 2025 г."]


def test_a_fiscal_year_is_named_by_the_year_it_ends_in() -> None:
    assert said("2025-04-01", "2026-04-01", 4) == ["FY2026", "2026财年", "2026會計年度", "2026 фин. год"]
    assert said("2026-01-01", "2026-04-01", 4) == ["FY2026 Q4", "2026财年第4季度", "2026會計年度第4季", "4-й кв. 2026 фин. года"]
    assert said("2025-01-01", "2026-01-01", 1)[0] == "FY2025"


def test_a_year_that_is_not_fiscal_is_a_range_among_fiscal_ones() -> None:
    assert span_of(date(2025, 1, 1), date(2026, 1, 1), 4) is Span.RANGE
    assert span_of(date(2025, 2, 1), date(2025, 5, 1), 4) is Span.RANGE
    assert span_of(date(2025, 2, 1), date(2025, 5, 1)) is Span.RANGE
    assert span_of(date(2025, 2, 1), date(2025, 5, 1), 2) is Span.FISCAL_QUARTER


def test_seven_days_that_begin_on_another_day_are_no_week() -> None:
    assert span_of(date(2025, 2, 11), date(2025, 2, 18)) is Span.RANGE


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        language("en").period(date(2025, 1, 1), date(2025, 1, 1))


@pytest.mark.parametrize(("code", "day", "short", "instant"), [
    ("en", "14 Feb 2025", "14 Feb", "14 Feb 2025, 08:05"), ("zh-Hans", "2025年2月14日", "2月14日", "2025年2月14日 08:05"),
    ("zh-Hant", "2025年2月14日", "2月14日", "2025年2月14日 08:05"), ("ru", "14 февр. 2025 г.", "14 февр.", "14 февр. 2025 г., 08:05"),
])
def test_days_and_instants(code: str, day: str, short: str, instant: str) -> None:
    spoken = language(code)
    assert spoken.date(date(2025, 2, 14)).translate(ANY_SPACE) == day
    assert spoken.date(date(2025, 2, 14), year=False).translate(ANY_SPACE) == short
    assert spoken.instant(datetime(2025, 2, 14, 8, 5)).translate(ANY_SPACE) == instant


@given(st.dates(date(1900, 1, 1), date(2150, 1, 1)), st.integers(1, 800), st.sampled_from(LANGUAGES),
       st.one_of(st.none(), st.integers(1, 12)))
def test_every_period_can_be_written(start: date, days: int, code: str, fiscal_year_start: int | None) -> None:
    assert language(code).period(start, start + timedelta(days=days), fiscal_year_start=fiscal_year_start)
