"""What the doctor finds, and what he looks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import CUSTOMER, PURCHASE

EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """One thing that the data lack or contradict.

    `key` names its words (language: finding, advice), `table` where it is (of an absent choice of tables: their names joined by "or"),
    `count` how many rows are concerned, `total` of how many (None: there is no such number), `examples` a few ids, `kpis` what suffers.
    """

    key: str
    table: str | None
    count: int
    total: int | None
    examples: tuple[str, ...]
    kpis: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """The part of the rows concerned."""
        return self.count / self.total if self.total else None


@dataclass(frozen=True)
class Check:
    """Something to look for: `rows` is SQL that gives a column `example` for each row concerned; $currency, $now, $today, $fiscal and
    $forms stand for the workspace's currency, the present instant and local day, the fiscal year's first month and the legal forms of
    companies. It is looked for where every table of `table` and `beside` is present."""

    key: str
    table: str
    rows: str
    kpis: tuple[str, ...]
    beside: tuple[str, ...] = ()


def tables_of(kpi: Kpi) -> frozenset[str]:
    """The tables that a KPI's rows come from."""
    found: set[str] = set()
    for measure in kpi.formula.measures():
        for need in measure.needs:
            if need == CUSTOMER:
                found |= {"orders", "opportunities", "contracts"}
            elif need == PURCHASE:
                found |= {"orders", "order_lines"}
            else:
                found |= set(need.split("|"))
    return frozenset(found)


def reading(kpis: Mapping[str, Kpi], table: str, *dimensions: str) -> tuple[str, ...]:
    """The KPIs that read a table and, where dimensions are named, have one of them."""
    return tuple(k.id for k in kpis.values() if table in tables_of(k) and (not dimensions or set(dimensions) & set(k.dimensions)))


def converting(kpis: Mapping[str, Kpi], table: str) -> tuple[str, ...]:
    """The KPIs that read a table and set rows of an unknown currency aside."""
    return tuple(k.id for k in kpis.values() if table in tables_of(k) and any(
        m.set_aside and "no_exchange_rate" in m.reasons for m in k.formula.measures()))
