"""Stripe's amounts are whole numbers of a currency's smallest unit; how many decimals that unit stands for is Stripe's own list.

Source: docs.stripe.com/currencies (zero-decimal and three-decimal currencies, special cases). ISK and UGX have no decimals any more, but
Stripe goes on writing them with two; HUF and TWD have two in all but payouts.
"""

from __future__ import annotations

from decimal import Decimal

NONE = frozenset(("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"))
THREE = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


def decimals(currency: str) -> int:
    """The decimals of a currency (its code in any case) in Stripe's amounts."""
    code = currency.upper()
    return 0 if code in NONE else 3 if code in THREE else 2


def amount(units: int, currency: str) -> Decimal:
    """What a number of smallest units is in the currency itself."""
    return Decimal(units).scaleb(-decimals(currency))
