"""Distributions: how often which values stand in the rows of a fact, so that quantiles can be put together from days and groups.

Counts add up, whatever the order. Two forms have the same columns: each value counted by itself, from which quantiles are exact; and
buckets whose edges are the powers of GAMMA, after Masson, Rim and Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with
Relative-Error Guarantees" (2019), numbers below zero mirrored, zero by itself. A bucket also keeps its lowest and highest value, which
can be put together as well: a quantile is between the two, half of their distance is its error, and a bucket of one value has none.
However an engine rounds a logarithm, it moves a value to the next bucket and nothing else.

A quantile is that of the facts: between the two values around its place, where it lies between them (place 0 is the lowest of n, n - 1
the highest).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from salesgauge.semantics.rollup import COUNT

GAMMA = 1.01
ERROR = (GAMMA - 1) / 2  # how far a quantile from buckets may be from the exact one, as a share of it, where both values have one sign
QUANTILES = {"median": 0.5, "p90": 0.9}

BUCKET, LOWEST, HIGHEST = "bucket__", "lowest__", "highest__"
COUNTED = {BUCKET: "float64", COUNT: "int64"}
COLUMNS = {**COUNTED, LOWEST: "float64", HIGHEST: "float64"}

_SMALLEST, _LARGEST = 1e-300, 1e300  # what is beyond them is in the bucket of the nearest, with its own lowest and highest
_FIRST = 100_000                     # added to each power, so that all are above zero


def bucket_of(value: ir.FloatingValue) -> ir.FloatingValue:
    """The bucket of a value: a whole number that grows with it."""
    power = ibis.least(ibis.greatest(value.abs(), _SMALLEST), _LARGEST).ln() * (1 / math.log(GAMMA))
    place = power.ceil().cast("float64") + _FIRST
    return (value > 0).ifelse(place, (value < 0).ifelse(-place, 0.0))


def counted(t: ir.Table, value: ir.FloatingValue, groups: Mapping[str, ir.Value], *, exactly: bool) -> ir.Table:
    """How often each value stands in each group (`exactly`), or what each bucket holds. An empty value counts nowhere."""
    bucket = value if exactly else bucket_of(value)
    t = t.select(**groups, **{BUCKET: bucket, LOWEST: value})
    t = t.filter(t[LOWEST].notnull())
    return t.group_by([*groups, BUCKET]).agg(**{COUNT: t.count(), LOWEST: t[LOWEST].min(), HIGHEST: t[LOWEST].max()})


def quantiles(t: ir.Table, groups: Sequence[str], *, exactly: bool) -> ir.Table:
    """The quantiles of each group, `median` and `p90`, put together from days and finer groups: from values counted by themselves
    (`exactly`), or from either form, with how far each may be from the exact one (`median_error`, `p90_error`)."""
    ends = {"": BUCKET} if exactly else {"_low": LOWEST, "_high": HIGHEST}
    bounds = {} if exactly else {LOWEST: t[LOWEST].min(), HIGHEST: t[HIGHEST].max()}
    # as fractions, which are exact up to 2**53: a window adds them up twice as soon as the wide integers that sums of integers are
    t = t.group_by([*groups, BUCKET]).agg(**{COUNT: t[COUNT].sum().cast("float64")}, **bounds)
    first_to_this = ibis.window(group_by=groups, order_by=BUCKET, preceding=None, following=0)
    t = t.mutate(upto__=t[COUNT].sum().over(first_to_this), all__=t[COUNT].sum().over(group_by=groups))
    around: dict[str, ir.Scalar] = {}
    for name, share in QUANTILES.items():
        place = (t.all__ - 1) * share
        around[f"{name}_part"] = (place - place.floor()).max()
        for side, rank in (("below", place.floor()), ("above", place.ceil())):
            there = t.upto__ > rank  # the first bucket of these holds the value at that place
            around |= {f"{name}_{side}{end}": t[column].min(where=there) for end, column in ends.items()}
    t = t.group_by(list(groups)).agg(**around)
    found: dict[str, ir.Value] = {}
    for name in QUANTILES:
        low, *further = (_between(t[f"{name}_below{end}"], t[f"{name}_above{end}"], t[f"{name}_part"]) for end in ends)
        found[name] = low
        for high in further:  # equal ends are not subtracted: they may be infinite
            found |= {name: (low < high).ifelse(low + (high - low) * 0.5, low),
                      f"{name}_error": (low < high).ifelse((high - low) * 0.5, 0.0)}
    return t.select(*groups, **found)


def _between(below: ir.FloatingColumn, above: ir.FloatingColumn, part: ir.FloatingColumn) -> ir.FloatingValue:
    return (below < above).ifelse(below * (1.0 - part) + above * part, below)
