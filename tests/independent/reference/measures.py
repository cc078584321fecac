"""What a KPI is made of: parts of a numerator and a denominator in one period, each with the dimensions that it carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from independent.reference.entities import Deal, Purchase
from independent.reference.known import Known
from independent.reference.tables import Row

By = Mapping[str, str | None]


@dataclass(frozen=True)
class Part:
    """One row of a measure, or one set aside for a reason; `key` is the row that is counted."""

    key: str
    amount: float
    by: By
    reason: str | None = None


@dataclass
class Measures:
    """Both sides; a count, sum or mean of single rows has its rows in `numerator` alone. `base` holds what a value needs besides."""

    numerator: list[Part] = field(default_factory=list)
    denominator: list[Part] = field(default_factory=list)
    base: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Period:
    """Local days from `start` to `end` (exclusive), as far as they are known; `by` and `where` are the question's."""

    known: Known
    start: date
    end: date
    by: Sequence[str] = ()
    where: Mapping[str, Sequence[str | None]] = field(default_factory=dict)

    @property
    def start_at(self) -> int:
        return self.known.zone.start(self.start)

    @property
    def end_at(self) -> int:
        return self.known.zone.start(self.end)

    @property
    def horizon(self) -> int:
        as_of = self.known.as_of
        return self.end_at if as_of is None else min(self.end_at, as_of)

    @property
    def horizon_day(self) -> date:
        return self.known.zone.day(self.horizon)

    @property
    def last_day(self) -> date:
        """The last day of the horizon."""
        return min(self.horizon_day, self.end - timedelta(days=1))

    def has(self, instant: int | None) -> bool:
        """Whether an event is in the period, and known."""
        return instant is not None and self.known.known(instant) and self.start <= self.known.zone.day(instant) < self.end

    def reaches(self, instant: int | None) -> bool:
        """Whether an event is by the horizon."""
        return instant is not None and self.known.known(instant) and instant < self.end_at

    def day(self, instant: int) -> date:
        return self.known.zone.day(instant)


@dataclass(frozen=True)
class Kpi:
    """How a KPI is computed and what it may be asked by. `whole` are the dimensions that one measure carries alone."""

    id: str
    kind: str
    unit: str
    dimensions: tuple[str, ...]
    measure: Callable[[Period], Measures]
    needs: Callable[[Known], Iterable[str]]
    quantiles: bool = False
    extras: str | None = None


KPIS: dict[str, Kpi] = {}
DEAL = "rep team region channel product kind segment industry"


def tables(*names: str) -> Callable[[Known], Iterable[str]]:
    """These tables; `purchases`, `values` and `customers` stand for those that a workspace has them in."""

    def needs(known: Known) -> Iterable[str]:
        for name in names:
            if name == "purchases":
                yield "orders" if known.has("orders") else "opportunities"
            elif name == "values":
                yield from ("orders", "order_lines") if known.has("orders") else ("opportunities",)
            elif name == "customers":
                yield from () if any(map(known.has, ("orders", "opportunities", "contracts"))) else ("orders",)
            else:
                yield name

    return needs


def kpi(
    kind: str, unit: str, dimensions: str, *needs: str, quantiles: bool = False, extras: str | None = None, name: str | None = None
) -> Callable[[Callable[[Period], Measures]], Callable[[Period], Measures]]:
    """Declares the function as the KPI of its name."""

    def declare(measure: Callable[[Period], Measures]) -> Callable[[Period], Measures]:
        key = name or measure.__name__
        KPIS[key] = Kpi(key, kind, unit, tuple(dimensions.split()), measure, tables(*needs), quantiles, extras)
        return measure

    return declare


def extra(period: Period, table: str, row: Row) -> dict[str, str | None]:
    return {column: row.get(column) or None for column in period.known.company.extra(table)}


def of_deal(period: Period, deal: Deal, day: date) -> dict[str, str | None]:
    """The dimensions of a deal, the rep's on a day."""
    known, row = period.known, deal.row
    return {
        **known.of_account(row.get("account_id") or None),
        **known.place(row.get("owner_id") or None, day),
        "channel": row.get("channel") or None,
        **known.of_product(row.get("product_id") or None),
        "kind": row.get("kind") or "new",
        **extra(period, "opportunities", row),
    }


def won(period: Period, outcome: str = "won") -> list[tuple[Deal, int]]:
    """The deals won in the period, and when."""
    return [
        (d, d.closed_at)
        for d in period.known.deals.values()
        if d.outcome == outcome and d.closed_at is not None and period.has(d.closed_at)
    ]


def deal_value(period: Period, deal: Deal, at: int, acv: bool = False) -> tuple[float, str | None]:
    """A deal's value (or ACV) at the rate of an event's day, and why it has none."""
    amount = deal.amount
    if acv and deal.row.get("acv"):
        amount = float(deal.row["acv"])
    if amount is None:
        return 0.0, "no_amount"
    rate = period.known.rate(deal.row.get("currency"), period.day(at))
    return (0.0, "no_exchange_rate") if rate is None else (amount * rate, None)


def money(period: Period, row: Row, column: str, day: date) -> tuple[float, str | None]:
    """A money cell in the workspace's currency, and why it has none."""
    rate = period.known.rate(row.get("currency"), day)
    return (0.0, "no_exchange_rate") if rate is None else (float(row[column]) * rate, None)


def of_purchase(period: Period, purchase: Purchase) -> dict[str, str | None]:
    """The dimensions of a purchase but its product's; the region is the rep's."""
    known, row = period.known, purchase.row
    table = "orders" if known.has("orders") else "opportunities"
    return {
        **known.of_account(purchase.account),
        **known.of_location(row.get("location_id") or None),
        **known.place(purchase.rep, period.day(purchase.at)),
        "channel": row.get("channel") or None,
        **extra(period, table, row),
    }


def bookings(period: Period, prefix: str = "deal") -> list[Part]:
    """The values of the deals won in the period."""
    parts = []
    for deal, at in won(period):
        value, reason = deal_value(period, deal, at)
        parts.append(Part(f"{prefix}:{deal.id}", value, of_deal(period, deal, period.day(at)), reason))
    return parts


def ones(parts: Iterable[Part]) -> list[Part]:
    """The same rows, each counted as one."""
    return [Part(p.key, 1, p.by, p.reason) for p in parts]
