"""Last steps on the rows of a measure that need the whole of a group: the largest entities, a comparison with prices seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from salesgauge.semantics.measure import Measure, Transform

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from salesgauge.semantics.scan import Scan

_KEY = "key_"


def largest(entity: str, value: str, set_aside: str, setting: str) -> Transform:
    """Keeps the rows of the N largest entities of each group by the sum of a column (of equals the smaller id); N is a setting."""
    def keep(scan: Scan, t: ir.Table) -> ir.Table:
        import ibis
        groups = ["span", *(c for c in t.columns if c.startswith(_KEY))]
        counted = t.filter(t[entity].notnull(), t[set_aside].isnull())
        sums = counted.group_by([*groups, entity]).agg(summed__=counted[value].sum())
        w = ibis.window(group_by=groups, order_by=[ibis.desc(sums.summed__), sums[entity]])
        top = sums.mutate(place__=ibis.row_number().over(w)).filter(ibis._.place__ < getattr(scan.shape, setting))
        top = top.select(**{f"{c}__": top[c] for c in (*groups, entity)})
        return counted.semi_join(top, [counted[c].identical_to(top[f"{c}__"]) for c in (*groups, entity)])
    return keep


def beside_prices(sightings: Measure) -> Transform:
    """Keeps our lines of the products that have a price in P, each beside the mean of those prices: `at_their_price` is what the same
    quantity would cost there. Where location is asked for, prices and lines of that location meet; where competitor is, each
    competitor's products and prices count by themselves."""
    def beside(scan: Scan, t: ir.Table) -> ir.Table:
        seen = scan.rows(sightings)
        seen = seen.filter(seen.value_missing.isnull())
        meet = ["span", "product", *(["location"] if scan.asks("location") else [])]
        competitor = [f"{_KEY}competitor"] if "competitor" in scan.question.by else []
        means = seen.group_by([*meet, *competitor]).agg(their_price=seen.value.mean())
        means = means.rename({f"{c}__": c for c in meet})
        j = t.inner_join(means, [t[c].identical_to(means[f"{c}__"]) for c in meet]).drop(*(f"{c}__" for c in meet))
        return j.mutate(at_their_price=j.quantity * j.their_price)
    return beside
