"""Numbers, money, percentages, durations and large numbers, as each language writes them."""

import subprocess
import sys
from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from salesgauge.language import LANGUAGES, language, numbers
from salesgauge.language.wording import wording
from salesgauge.units import Unit

NBSP, MINUS = "\u00a0", "\u2212"


def four(*texts: str) -> dict[str, str]:
    """The expected texts by language; a ~ stands for a no-break space, - for a true minus."""
    return {code: text.replace("~", NBSP).replace("-", MINUS) for code, text in zip(LANGUAGES, texts, strict=True)}


@pytest.mark.parametrize(("value", "unit", "currency", "shown"), [
    (0.25449, "percent", None, four("25.4%", "25.4%", "25.4%", "25,4~%")),
    (-0.05, "percent", None, four("-5.0%", "-5.0%", "-5.0%", "-5,0~%")),
    (1234.5, "money", "EUR", four("€1,234.50", "€1,234.50", "€1,234.50", "1~234,50~€")),
    (-1234567.4, "money", "EUR", four("-€1,234,567", "-€1,234,567", "-€1,234,567", "-1~234~567~€")),
    (99.9, "money", "RUB", four("RUB~99.90", "RUB~99.90", "RUB~99.90", "99,90~₽")),
    (99.9, "money", "CNY", four("CN¥99.90", "¥99.90", "CN¥99.90", "99,90~CN¥")),
    (99.9, "money", "TWD", four("NT$99.90", "NT$99.90", "$99.90", "99,90~NT$")),
    (99.9, "money", "JPY", four("¥100", "JP¥100", "¥100", "100~¥")),
    (46.24, "days", None, four("46.2~days", "46.2~天", "46.2~天", "46,2~дня")),
    (-3, "days", None, four("-3.0~days", "-3.0~天", "-3.0~天", "-3,0~дня")),
    (5.04, "hours", None, four("5.0~h", "5.0~小时", "5.0~小時", "5,0~ч")),
    (1234567, "count", None, four("1,234,567", "1,234,567", "1,234,567", "1~234~567")),
    (2.675, "ratio", None, four("2.68", "2.68", "2.68", "2,68")),
    (-12.5, "score", None, four("-12.5", "-12.5", "-12.5", "-12,5")),
])
def test_a_value_in_its_unit(value: float, unit: str, currency: str | None, shown: dict[str, str]) -> None:
    assert {code: language(code).value(value, unit, currency) for code in LANGUAGES} == shown


@pytest.mark.parametrize(("days", "shown"), [(1, "1~день"), (2, "2~дня"), (5, "5~дней"), (21, "21~день")])
def test_russian_days_agree_with_their_number(days: int, shown: str) -> None:
    assert language("ru").value(days, "days", digits=0) == shown.replace("~", NBSP)


@pytest.mark.parametrize(("value", "currency", "shown"), [
    (0, None, four("0", "0", "0", "0")),
    (1_200_000, None, four("1.2M", "120万", "120萬", "1,2~млн")),
    (120_000_000, None, four("120M", "1.2亿", "1.2億", "120~млн")),
    (1_184_000_000, "EUR", four("€1.18B", "€11.8亿", "€11.8億", "1,18~млрд~€")),
    (-12_345, "RUB", four("-RUB~12.3K", "-RUB~1.23万", "-RUB~1.23萬", "-12,3~тыс.~₽")),
    (999_999, None, four("1M", "100万", "100萬", "1~млн")),
    (1234.5, None, four("1.23K", "1,235", "1,235", "1,23~тыс.")),
    (42.5, "EUR", four("€42.50", "€42.50", "€42.50", "42,50~€")),
])
def test_a_large_number_in_short(value: float, currency: str | None, shown: dict[str, str]) -> None:
    assert {code: language(code).compact(value, currency) for code in LANGUAGES} == shown


@pytest.mark.parametrize(("difference", "unit", "shown"), [
    (0.021, "percent", four("+2.1~pp", "+2.1~个百分点", "+2.1~個百分點", "+2,1~п. п.")),
    (-0.0003, "percent", four("-0.03~pp", "-0.03~个百分点", "-0.03~個百分點", "-0,03~п. п.")),
    (0, "ratio", four("0.00", "0.00", "0.00", "0,00")),
    (-3.25, "days", four("-3.3~days", "-3.3~天", "-3.3~天", "-3,3~дня")),
])
def test_a_change_has_its_sign_and_a_percentage_changes_by_points(difference: float, unit: str, shown: dict[str, str]) -> None:
    assert {code: language(code).change(difference, unit) for code in LANGUAGES} == shown


def test_a_share_can_be_signed() -> None:
    assert language("en").percent(0.087, signed=True) == "+8.7%"
    assert language("ru").money(-5, "RUB", signed=True) == f"{MINUS}5,00{NBSP}₽"


def test_an_interval_has_the_decimals_of_its_larger_end() -> None:
    assert language("en").interval(0.1119, 0.4687, "percent") == f"11.2%{NBSP}– 46.9%"
    assert language("ru").interval(9500.5, 12000.25, "money", "EUR") == f"9{NBSP}501{NBSP}€{NBSP}– 12{NBSP}000{NBSP}€"
    assert language("en").interval(None, 1, "ratio") == "–"


@pytest.mark.parametrize(("seconds", "shown"), [
    (720, four("12~min", "12~分钟", "12~分鐘", "12~мин")), (5.5 * 3600, four("5.5~h", "5.5~小时", "5.5~小時", "5,5~ч")),
    (47 * 3600, four("47.0~h", "47.0~小时", "47.0~小時", "47,0~ч")), (46.2 * 86400, four("46.2~days", "46.2~天", "46.2~天", "46,2~дня")),
])
def test_a_duration_in_the_unit_that_suits_it(seconds: float, shown: dict[str, str]) -> None:
    assert {code: language(code).duration(seconds) for code in LANGUAGES} == shown


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_value_is_a_dash_or_words_but_never_zero(code: str) -> None:
    spoken = language(code)
    words = {"en": "no data", "zh-Hans": "无数据", "zh-Hant": "無資料", "ru": "нет данных"}[code]
    for unit in Unit:
        assert spoken.value(None, unit) == spoken.change(None, unit) == "–"
        assert spoken.value(None, unit, empty="words") == spoken.change(None, unit, empty="words") == words
    assert spoken.number(None) == spoken.compact(None) == spoken.duration(None) == spoken.date(None) == spoken.instant(None) == "–"


def test_money_without_a_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="currency"):
        language("en").value(1, "money")


def test_a_plain_number_has_decimals_only_where_it_has_a_fraction() -> None:
    assert [language("en").number(v) for v in (1200, 1200.0, 1.5, 0.001)] == ["1,200", "1,200", "1.50", "0.001"]
    assert language("en").number(1.25, digits=1) == "1.3"


AMOUNTS = st.decimals(min_value=0, max_value=Decimal("1e24"), places=2)


@given(AMOUNTS, st.sampled_from(LANGUAGES), st.sampled_from(["EUR", "USD", "CNY", "TWD", "RUB", "JPY"]))
def test_our_numbers_are_those_of_babel(value: Decimal, code: str, currency: str) -> None:
    locale = wording(code).numbers
    known = numbers.locale_of(locale)
    assert numbers.plain(value, locale) == format_decimal(value, format="#,##0.00", locale=known)
    money = format_currency(value, currency, format=known.currency_formats["standard"].pattern, locale=known, currency_digits=False)
    assert numbers.amount(value, currency, locale).replace(f"RUB{NBSP}", "RUB") == money
    percent = known.percent_formats[None].pattern.replace("#,##0", "#,##0.00")
    assert numbers.percentage(value.scaleb(-2), locale) == format_percent(value.scaleb(-2), format=percent, locale=known)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(LANGUAGES), st.sampled_from(list(Unit)))
def test_every_number_can_be_written(value: float, code: str, unit: Unit) -> None:
    spoken = language(code)
    written = spoken.value(value, unit, "EUR"), spoken.compact(value, "EUR"), spoken.change(value, unit, "EUR"), spoken.duration(value)
    assert all(any(sign.isdigit() for sign in text) for text in written)


def test_reading_names_does_not_import_babel() -> None:
    program = ("import sys; from salesgauge.language import language; spoken = language('en'); spoken.kpi_name('win_rate'); "
               "spoken.message('needs_table', table='orders'); spoken.empty(); sys.exit('babel' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
