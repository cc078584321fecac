"""Numbers, percentages, money and large numbers as a language writes them (CLDR, through Babel). Rounding is that of units.py.

Babel is imported inside the functions: it takes a tenth of a second, which a command that only reads names need not wait for.
"""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING

from salesgauge import units
from salesgauge.units import Unit

if TYPE_CHECKING:
    from babel import Locale

MINUS, PLUS, NO_BREAK = "\u2212", "+", "\u00a0"

_CODE_BEFORE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")


@cache
def locale_of(name: str) -> Locale:
    """Babel's locale of that CLDR name, as `zh_Hans`."""
    from babel import Locale

    return Locale.parse(name)


def with_sign(magnitude: str, value: float | Decimal, plus: bool) -> str:
    """The text of a value's magnitude with the value's sign: a true minus, and a plus where it is wanted and the value above 0."""
    return f"{MINUS}{magnitude}" if value < 0 else f"{PLUS}{magnitude}" if plus and value > 0 else magnitude


def plain(value: Decimal, locale: str) -> str:
    """A rounded number with as many decimals as it carries, unsigned: 1,234.50."""
    return f"{value.copy_abs():,f}".translate(_separators(locale))


def percentage(fraction: Decimal, locale: str) -> str:
    """A rounded fraction as a percentage, unsigned: Decimal("0.254") -> 25.4%, in Russian 25,4 %."""
    before, after = _around_percentage(locale)
    return f"{before}{plain(fraction.scaleb(2, units.WIDE), locale)}{after}"


def amount(value: Decimal, currency: str, locale: str) -> str:
    """Rounded money, unsigned, with the decimals it carries and the currency's sign where the language puts it."""
    before, after = _around_amount(currency, locale)
    return f"{before}{plain(value, locale)}{after}"


def compact(value: float | Decimal, currency: str | None, locale: str, digits: int) -> str:
    """A large number in short, unsigned, with so many significant digits: 1.2M, 1.2亿, 1,2 млн.

    It is rounded before the power of ten is chosen: Babel by itself writes 999,999 as 1000K.
    """
    from babel.numbers import format_compact_currency, format_compact_decimal

    with localcontext(units.WIDE):
        short = abs(units.significant(value, digits))
        if currency is None:
            return format_compact_decimal(short, locale=locale_of(locale), fraction_digits=digits - 1)
        return _apart(format_compact_currency(short, currency, locale=locale_of(locale), fraction_digits=digits - 1))


def plural_category(value: Decimal, locale: str) -> str:
    """The CLDR plural category (one, few, many, other) of a rounded number as it is shown: 1.0 is not 1."""
    category: str = locale_of(locale).plural_form(value.copy_abs())
    return category


def rounded_as_text(value: float | Decimal) -> Decimal:
    """A number inside a sentence: whole where it is whole, else with two decimals."""
    digits = units.decimals(value, Unit.COUNT)
    return units.rounded_to(value, max(digits, 2) if digits else 0)


# Babel takes 40 to 100 microseconds a number, a page has hundreds: so it is asked once for what stands between the thousands and
# around the digits. All four languages group by three (a test holds every number written here against Babel's).

@cache
def _separators(locale: str) -> dict[int, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    known = locale_of(locale)
    return {ord(","): get_group_symbol(known), ord("."): get_decimal_symbol(known)}


@cache
def _around_percentage(locale: str) -> tuple[str, str]:
    from babel.numbers import format_percent

    before, _, after = format_percent(0, locale=locale_of(locale)).partition("0")
    return before, after


@cache
def _around_amount(currency: str, locale: str) -> tuple[str, str]:
    from babel.numbers import format_currency

    known = locale_of(locale)
    whole = known.currency_formats["standard"].pattern.replace("0.00", "0")
    before, _, after = _apart(format_currency(0, currency, format=whole, locale=known, currency_digits=False)).partition("0")
    return before, after


def _apart(text: str) -> str:
    """A no-break space between a currency's letters and its digits (RUB 120), which CLDR asks for and Babel leaves out."""
    return _CODE_BEFORE_DIGIT.sub(NO_BREAK, text)
