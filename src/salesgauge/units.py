"""What a KPI's value is measured in, and how it is rounded to be shown. Values are computed unrounded; only a display rounds."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum


class Unit(StrEnum):
    """The units of spec/compute.md; the value of each is the word that stands in an answer's JSON."""

    PERCENT = "percent"  # a fraction: 0.25 is shown as 25 %
    MONEY = "money"      # in the workspace's currency
    DAYS = "days"        # elapsed days, with fractions
    HOURS = "hours"      # elapsed hours, with fractions
    COUNT = "count"      # rows, or quantities sold (which may have fractions)
    RATIO = "ratio"      # so many of the one per one of the other
    SCORE = "score"      # a survey's points; of the net promoter score -100 to 100


DURATIONS = (Unit.DAYS, Unit.HOURS)
WHOLE_MONEY_FROM = 10_000  # an amount from here on is shown without its cents
TIDY_DECIMALS = 3          # so many more decimals may be shown lest a small value looks like zero

# Currencies whose minor unit is not a hundredth (ISO 4217).
_NO_MINOR_UNIT = frozenset((
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"))
_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))

WIDE = Context(prec=700)  # room for any double: with the usual 28 digits 1e30 could not be rounded
_USUAL = {Unit.PERCENT: 1, Unit.DAYS: 1, Unit.HOURS: 1, Unit.RATIO: 2, Unit.SCORE: 1}


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has: EUR 2, JPY 0, KWD 3; 2 for a currency that is not known."""
    return 0 if currency in _NO_MINOR_UNIT else 3 if currency in _THOUSANDTHS else 2


def decimals(value: float | Decimal, unit: Unit | str, currency: str | None = None) -> int:
    """How many decimals `value` is shown with (of a percentage: after it was multiplied by 100).

    Money has those of its currency, and none from 10,000 on; a count none, or one where it is not whole. A value that is not
    zero gets up to three more, lest it be shown as zero. For a column of a table take those of its largest value.
    Raises ValueError where `value` is not finite (a KPI without a value is None, which has no decimals) or the unit unknown.
    """
    exact = abs(_exact(value))
    unit = Unit(unit)
    if unit is Unit.MONEY:
        digits = 0 if exact >= WHOLE_MONEY_FROM else minor_digits(currency or "")
    elif unit is Unit.COUNT:
        digits = 0 if exact == exact.to_integral_value() else 1
    else:
        digits = _USUAL[unit]
    if exact == 0:
        return digits
    shown = exact.scaleb(2) if unit is Unit.PERCENT else exact
    return next((d for d in range(digits, digits + TIDY_DECIMALS + 1) if rounded_to(shown, d)), digits)


def rounded(value: float | Decimal, unit: Unit | str, currency: str | None = None, digits: int | None = None) -> Decimal:
    """`value` as it is shown, halves away from zero: a fraction stays one (0.25449 -> 0.254), money loses its cents when large.

    `digits` overrules `decimals`. The Decimal keeps its zeros (Decimal("12.50")), so that it also says how many are shown.
    """
    shown = decimals(value, unit, currency) if digits is None else digits
    return rounded_to(_exact(value), shown + 2 if Unit(unit) is Unit.PERCENT else shown)


def rounded_to(value: float | Decimal, digits: int) -> Decimal:
    """`value` with so many decimals, halves away from zero; never a negative zero."""
    cut = _exact(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=WIDE)
    return abs(cut) if cut == 0 else cut


def significant(value: float | Decimal, digits: int) -> Decimal:
    """`value` with so many significant digits, halves away from zero: 123456 with 3 -> 123000."""
    exact = _exact(value)
    if exact == 0:
        return Decimal(0)
    cut = exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), rounding=ROUND_HALF_UP, context=WIDE)
    return cut.quantize(Decimal(1), context=WIDE) if cut == cut.to_integral_value() else cut.normalize(WIDE)


def _exact(value: float | Decimal) -> Decimal:
    """The number as it is written (0.1 is a tenth), not as binary approximates it: so that 2.675 rounds to 2.68."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        raise ValueError(f"{value} cannot be shown: a value without a number is None")
    return exact
