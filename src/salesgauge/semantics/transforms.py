"""Last steps on the rows of a measure that need the whole of a group: the largest entities, a comparison with prices seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from salesgauge.semantics.measure import Measure

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from salesgauge.semantics.scan import Scan

_KEY = "key_"


@dataclass(frozen=True)
class Largest:
    """Keeps the rows of the N largest entities of each group by the sum of a column (of equals the smaller id); `setting` names N.
    Rows that `unless` marks neither rank an entity nor stay."""

    entity: str
    value: str
    set_aside: str
    unless: str
    setting: str

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the fact that it reads."""
        return (self.entity, self.value, self.set_aside, self.unless)

    @property
    def factor(self) -> None:
        """None: who is among the largest is told by all rows."""
        return None

    def __call__(self, scan: Scan, t: ir.Table) -> ir.Table:
        """The rows of the largest entities."""
        import ibis
        groups = ["span", *(c for c in t.columns if c.startswith(_KEY))]
        counted = t.filter(t[self.entity].notnull(), t[self.set_aside].isnull(), ~t[self.unless])
        sums = counted.group_by([*groups, self.entity]).agg(summed__=counted[self.value].sum())
        w = ibis.window(group_by=groups, order_by=[ibis.desc(sums.summed__), sums[self.entity]])
        top = sums.mutate(place__=ibis.row_number().over(w)).filter(ibis._.place__ < getattr(scan.shape, self.setting))
        top = top.select(**{f"{c}__": top[c] for c in (*groups, self.entity)})
        return counted.semi_join(top, [counted[c].identical_to(top[f"{c}__"]) for c in (*groups, self.entity)])


@dataclass(frozen=True)
class BesidePrices:
    """Keeps our lines of the products that have a price in P, each beside the mean of those prices: `at_their_price` is what the same
    quantity would cost there. Where location is asked for, prices and lines of that location meet; where competitor is, each
    competitor's products and prices count by themselves."""

    sightings: Measure
    number: ClassVar[str] = "their_price"
    of: ClassVar[str] = "quantity"
    made: ClassVar[str] = "at_their_price"

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the fact that it reads."""
        return ("product", "location", "quantity")

    @property
    def factor(self) -> BesidePrices:
        """The mean of the prices."""
        return self

    def meeting(self, scan: Scan) -> tuple[str, ...]:
        """What lines and prices have in common."""
        return ("product", "location") if scan.asks("location") else ("product",)

    def __call__(self, scan: Scan, t: ir.Table) -> ir.Table:
        """The lines beside the prices."""
        j = self.beside(scan, t)
        return j.mutate(at_their_price=j.quantity * j.their_price)

    def beside(self, scan: Scan, t: ir.Table) -> ir.Table:
        """The lines, or sums of them, with `their_price`."""
        seen = scan.rows(self.sightings, meeting=("product", "location"))
        seen = seen.filter(seen.value_missing.isnull())
        meet = ["span", *self.meeting(scan)]
        competitor = [f"{_KEY}competitor"] if "competitor" in scan.question.by else []
        means = seen.group_by([*meet, *competitor]).agg(their_price=seen.value.mean())
        means = means.rename({f"{c}__": c for c in meet})
        return t.inner_join(means, [t[c].identical_to(means[f"{c}__"]) for c in meet]).drop(*(f"{c}__" for c in meet))
