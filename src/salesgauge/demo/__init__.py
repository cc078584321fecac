"""A seeded, simulated company with known truth: `simulate` writes its tables and the parameters behind them."""

from salesgauge.demo.company import simulate
from salesgauge.demo.sizes import CURRENCY, SIZES, TIMEZONE, Size
from salesgauge.demo.truth import Truth

__all__ = ["CURRENCY", "SIZES", "TIMEZONE", "Size", "Truth", "simulate"]
