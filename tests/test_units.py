"""Units: what a value is measured in, and its rounding for display."""

from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from salesgauge.units import Unit, decimals, minor_digits, rounded, rounded_to, significant

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_the_units_are_those_of_the_answer() -> None:
    assert [str(u) for u in Unit] == ["percent", "money", "days", "hours", "count", "ratio", "score"]


@pytest.mark.parametrize(("value", "unit", "currency", "shown"), [
    (0.25449, "percent", None, "0.254"), (0.25, "percent", None, "0.250"),
    (1234.5, "money", "EUR", "1234.50"), (1234.5, "money", "JPY", "1235"), (1234.5, "money", "KWD", "1234.500"),
    (9999.99, "money", "EUR", "9999.99"), (10000.5, "money", "EUR", "10001"), (-12345.5, "money", "EUR", "-12346"),
    (46.25, "days", None, "46.3"), (5, "hours", None, "5.0"), (3, "count", None, "3"), (3.0, "count", None, "3"),
    (2.5, "count", None, "2.5"), (2.675, "ratio", None, "2.68"), (-12.345, "score", None, "-12.3"),
])
def test_a_value_is_rounded_as_its_unit_is_shown(value: float, unit: str, currency: str | None, shown: str) -> None:
    assert str(rounded(value, unit, currency)) == shown


def test_a_half_is_rounded_away_from_zero_as_it_is_written_not_as_binary_has_it() -> None:
    assert [str(rounded_to(v, 2)) for v in (2.675, -2.675, 0.125, 1.005)] == ["2.68", "-2.68", "0.13", "1.01"]


def test_a_small_value_is_not_shown_as_zero() -> None:
    assert str(rounded(0.0004, "percent")) == "0.0004"
    assert str(rounded(0.003, "money", "EUR")) == "0.003"
    assert str(rounded(1e-12, "ratio")) == "0.00"  # beyond any use


def test_zero_has_no_sign() -> None:
    assert str(rounded(-0.0, "ratio")) == "0.00"
    assert str(rounded(-1e-12, "ratio")) == "0.00"


def test_the_decimals_can_be_chosen() -> None:
    assert str(rounded(0.25449, "percent", digits=0)) == "0.25"
    assert str(rounded(123456.789, "money", "EUR", digits=2)) == "123456.79"


def test_what_is_no_number_is_refused() -> None:
    for value in (float("nan"), float("inf"), Decimal("NaN")):
        with pytest.raises(ValueError, match="None"):
            rounded(value, "ratio")
    with pytest.raises(ValueError, match="furlongs"):
        rounded(1, "furlongs")


def test_significant_digits() -> None:
    assert [str(significant(v, 3)) for v in (0, 123456, 999_500, 999_499, 1.2345, -0.0012345, 1e30)] == [
        "0", "123000", "1000000", "999000", "1.23", "-0.00123", "1" + "0" * 30]


@given(FINITE, st.sampled_from(list(Unit)))
def test_every_number_can_be_rounded(value: float, unit: Unit) -> None:
    shown = rounded(value, unit, "EUR")
    assert abs(float(shown) - value) <= 0.500001 * 10.0 ** -(decimals(value, unit, "EUR") + 2 * (unit is Unit.PERCENT)) + abs(value) * 1e-15


def test_minor_units_agree_with_cldr_where_it_follows_iso() -> None:
    for currency in ("EUR", "USD", "CNY", "TWD", "RUB", "GBP", "JPY", "KRW", "KWD", "BHD", "TND", "VND", "ISK", "CLP", "KZT", "INR", "XAF"):
        assert minor_digits(currency) == get_currency_precision(currency), currency
