"""Random questions about a company: every KPI by its dimensions, filtered, over periods of each form, as of instants that matter."""

from __future__ import annotations

from random import Random
from typing import Any

from independent.companies import Made
from independent.reference.answer import Reference
from independent.reference.measures import KPIS

Query = dict[str, Any]
COLUMN = {
    "rep": ("rep_id", "owner_id"),
    "manager": ("manager_id",),
    "account_owner": ("owner_id",),
    "account": ("account_id",),
    "product": ("product_id",),
    "location": ("location_id",),
    "campaign": ("campaign_id",),
    "outreach": ("kind",),
    "activity_kind": ("kind",),
    "location_kind": ("kind",),
}
BANDS = {"touches": ["0", "1", "2", "5-7"], "tenure": ["0-2", "3-5", "24+"]}


def periods(made: Made, random: Random) -> list[tuple[str, tuple[str, ...]]]:
    """Periods, and the grains that cut each into not too many."""
    year, big = made.year, ("total", "year", "quarter", "month", "fiscal_year", "fiscal_quarter")
    small = ("total", "day", "week", "month")
    long = [
        (f"{year}", big),
        (f"{year + 1}", big),
        (f"{year - 1}-01-01..{year + 2}-01-01", big),
        (f"{year}-01-15..{year}-12-05", big),
        (f"FY{year + 1}", big),
        (f"{year}-06-01..{year + 1}-03-15", big),
    ]
    short = [
        (f"{year + 1}-Q1", ("total", "month", "week")),
        (f"{year}-Q1", ("total", "month")),
        (f"{year}-02", ("total", "week")),
        (f"{year}-12", ("total",)),
        (f"{year + 1}-W01", small),
        (f"{year}-W44", small),
        (f"FY{year}-Q3", ("total", "month")),
        (f"{year}-12-20..{year + 1}-01-20", small),
        (random.choice(made.days[1:-1]), ("total", "day")),
    ]
    return [*long, *long, *short]


def values(made: Made, dimension: str) -> list[str]:
    """What a dimension may be filtered to."""
    found = {
        row[column] for rows in made.tables.values() for row in rows for column in COLUMN.get(dimension, (dimension,)) if row.get(column)
    }
    return [*(BANDS.get(dimension) or sorted(found)), "nobody"]


def questions(made: Made, reference: Reference, each: int, random: Random) -> list[Query]:
    """So many questions of each KPI. Their form is the layout's, periods, instants and values are drawn."""
    form = Random(made.layout.number)
    asked: list[Query] = []
    spans = periods(made, random)
    moments = [max(random.sample([*made.instants, *made.days], 2)) for _ in range(2)] + [random.choice(made.instants)]
    for name, kpi in KPIS.items():
        dimensions = reference.dimensions(kpi)
        for n in range(each):
            period, grains = random.choice(spans)
            query: Query = {"kpi": name, "period": period, "grain": random.choice(grains)}
            by = form.sample(dimensions, min(len(dimensions), form.choice((0, 1, 1, 2))))
            query |= {"by": by} if by else {}
            where = {
                d: form.choice(((None,), ("", "", ""), (None, "", "")))
                for d in form.sample(dimensions, min(len(dimensions), form.choice((0, 0, 0, 1, 2))))
            }
            if where:
                query["where"] = {d: [None if v is None else random.choice(values(made, d)) for v in either] for d, either in where.items()}
            if n and form.random() < 0.6:
                query["as_of"] = random.choice(moments)
            asked.append(query)
    return asked
