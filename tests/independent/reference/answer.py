"""A query answered: its period read and cut, groups made, values, intervals and what was set aside."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import scipy.special

from independent.reference import customers, leads, pipeline, revenue
from independent.reference.known import Known
from independent.reference.leads import BANDS
from independent.reference.measures import KPIS, Kpi, Measures, Part, Period
from independent.reference.tables import Company

AREAS = (leads, pipeline, revenue, customers)
GRAINS = ("total", "year", "quarter", "month", "week", "day", "fiscal_year", "fiscal_quarter")
ORDERS = {"touches": [band for _, band in reversed(BANDS)], "tenure": ["0-2", "3-5", "6-11", "12-23", "24+"]}
Z = 1.959963984540054
Group = tuple[str | None, ...]


class Refused(Exception):
    """A query that has no answer, by its code."""


def month_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def read_period(text: str, fiscal: int) -> tuple[date, date]:
    """Start and end (exclusive) of a period's name."""
    try:
        if found := re.fullmatch(r"(FY)?(\d{4})(?:-Q([1-4]))?", text):
            year = int(found[2])
            first = date(year, 1, 1)
            if found[1]:
                first = date(year - (fiscal > 1), fiscal, 1)
            return (
                (month_on(first, 3 * (int(found[3]) - 1)), month_on(first, 3 * int(found[3]))) if found[3] else (first, month_on(first, 12))
            )
        if re.fullmatch(r"\d{4}-\d\d", text):
            first = date.fromisoformat(text + "-01")
            return first, month_on(first, 1)
        if re.fullmatch(r"\d{4}-W\d\d", text):
            first = date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
            return first, first + timedelta(days=7)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            first = date.fromisoformat(text)
            return first, first + timedelta(days=1)
        if re.fullmatch(r"\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d", text):
            start, end = map(date.fromisoformat, text.split(".."))
            if start < end:
                return start, end
    except ValueError:
        pass
    raise Refused("bad_period")


def cut(start: date, end: date, grain: str, fiscal: int) -> list[tuple[date, date]]:
    """The periods of a grain that overlap, cut to it."""
    if grain == "total":
        return [(start, end)]
    months = {"year": 12, "quarter": 3, "month": 1, "fiscal_year": 12, "fiscal_quarter": 3}.get(grain, 0)
    begins = fiscal - 1 if grain.startswith("fiscal") else 0
    first = start
    if months:
        first = month_on(start, -((start.month - 1 - begins) % months))
    elif grain == "week":
        first = start - timedelta(days=start.weekday())
    made = []
    while first < end:
        following = month_on(first, months) if months else first + timedelta(days=7 if grain == "week" else 1)
        made.append((max(first, start), min(following, end)))
        first = following
    return made


class Reference:
    """Answers queries about a company; what is known at an instant is worked out once."""

    def __init__(self, company: Company) -> None:
        self.company, self._known = company, dict[int | None, Known]()

    def known(self, as_of: int | None) -> Known:
        return self._known.setdefault(as_of, Known(self.company, as_of))

    def answer(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one query of a batch."""
        try:
            return self._answer(query)
        except Refused as refused:
            return {"kpi": query.get("kpi"), "error": {"code": str(refused), "message": ""}}

    def _answer(self, query: Mapping[str, Any]) -> dict[str, Any]:
        if "kpi" not in query:
            raise Refused("bad_query")
        if query["kpi"] not in KPIS:
            raise Refused("unknown_kpi")
        kpi, fiscal = KPIS[query["kpi"]], self.company.setting("fiscal_year_start")
        by, where, grain = query.get("by", []), query.get("where", {}), query.get("grain", "total")
        as_of = None
        try:
            if query.get("as_of") is not None:
                as_of = self.company.zone.instant(query["as_of"])
        except ValueError:
            raise Refused("bad_query") from None
        if "period" not in query or grain not in GRAINS:
            raise Refused("bad_query")
        start, end = read_period(query["period"], fiscal)
        known = self.known(as_of)
        self._allow(kpi, [*by, *where], known)
        rows = [row for piece in cut(start, end, grain, fiscal) for row in self._rows(kpi, Period(known, *piece, by, where), by, where)]
        return {
            "kpi": kpi.id,
            "unit": kpi.unit,
            "currency": self.company.currency if kpi.unit == "money" else None,
            "as_of": query.get("as_of"),
            "timezone": self.company.timezone,
            "rows": rows,
        }

    def dimensions(self, kpi: Kpi) -> list[str]:
        """What a KPI may be asked by in this workspace."""
        table = kpi.extras
        if table == "purchases":
            table = "orders" if "orders" in self.company.tables else "opportunities"
        extra = self.company.extra(table) if table and table in self.company.tables else []
        return list(dict.fromkeys([*kpi.dimensions, *extra]))

    def _allow(self, kpi: Kpi, asked: Iterable[str], known: Known) -> None:
        if not set(asked) <= set(self.dimensions(kpi)):
            raise Refused("bad_dimension")
        for name in kpi.needs(known):
            if name == "actives":
                if not any(map(known.has, ("contracts", "orders", "opportunities"))):
                    raise Refused("missing_table")
            elif not any(map(known.has, {"deals or leads": ("opportunities", "leads")}.get(name, (name,)))):
                raise Refused("missing_table")
        for dimension in asked:
            if not all(any(map(known.has, either)) for either in backing(kpi, dimension)):
                raise Refused("missing_table")

    def _rows(self, kpi: Kpi, period: Period, by: Sequence[str], where: Mapping[str, Sequence[str | None]]) -> list[dict[str, Any]]:
        made = kpi.measure(period) if period.known.known(period.start_at) else Measures()
        sides = [
            [p for p in parts if all(d not in p.by or p.by[d] in values for d, values in where.items())]
            for parts in (made.numerator, made.denominator, made.base)
        ]
        groups: dict[Group, list[list[Part]]] = {}
        for parts in sides[:2]:
            for p in parts:
                if all(d in p.by for d in by):
                    groups.setdefault(tuple(p.by[d] for d in by), [[], [], []])
        if not by:
            groups = {(): [[], [], []]}
        for n, parts in enumerate(sides):
            for p in parts:
                for group, of in groups.items():
                    if all(d not in p.by or p.by[d] == value for d, value in zip(by, group, strict=True)):
                        of[n].append(p)

        def place(group: Group) -> list[tuple[bool, int, str]]:
            return [
                (v is None, ORDERS[d].index(v) if v is not None and d in ORDERS else 0, v or "") for d, v in zip(by, group, strict=True)
            ]

        return [
            {
                "start": str(period.start),
                "end": str(period.end),
                "by": dict(zip(by, group, strict=True)),
                **summary(kpi, groups[group], self.company),
            }
            for group in sorted(groups, key=place)
        ]


def backing(kpi: Kpi, dimension: str) -> list[tuple[str, ...]]:
    """The tables that a dimension needs, each one of several."""
    people, of_account = ("reps", "rep_assignments"), "account_owner" in kpi.dimensions and "team" in kpi.dimensions
    of_account = of_account or kpi.id in ("upsell_rate", "cross_sell_rate")
    if dimension in ("team", "manager"):
        return [people, ("accounts",)] if of_account else [people]
    if dimension == "region":
        if of_account:
            return [people, ("accounts",)]
        if {"rep", "team"} & set(kpi.dimensions) or kpi.id == "customer_acquisition_cost":
            return [people]
        return [("locations",)] if "location" in kpi.dimensions else [("accounts",)]
    table = {
        "tenure": "reps",
        "segment": "accounts",
        "industry": "accounts",
        "account_owner": "accounts",
        "family": "products",
        "location_kind": "locations",
    }.get(dimension)
    return [(table,)] if table else []


def wilson(successes: float, trials: float) -> tuple[float, float]:
    p = successes / trials
    centre, scale = p + Z * Z / (2 * trials), 1 + Z * Z / trials
    half = Z * math.sqrt(p * (1 - p) / trials + Z * Z / (4 * trials * trials))
    return (centre - half) / scale, (centre + half) / scale


def student(values: Sequence[float]) -> tuple[float | None, float | None]:
    n = len(values)
    if n < 2:
        return None, None
    mean = math.fsum(values) / n
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
    half = float(scipy.special.stdtrit(n - 1, 0.975)) * spread / math.sqrt(n)
    return mean - half, mean + half


def quantile(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    ordered, place = sorted(values), share * (len(values) - 1)
    low = math.floor(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def summary(kpi: Kpi, sides: Sequence[list[Part]], company: Company) -> dict[str, Any]:
    """Value, both sides, n, interval, quantiles and what was set aside, of one group."""
    numerator, denominator, base = sides
    aside: dict[str, set[str]] = defaultdict(set)
    for p in (*numerator, *denominator):
        if p.reason:
            aside[p.reason].add(p.key)
    kept, whole = [p for p in numerator if not p.reason], [p for p in denominator if not p.reason]
    top, bottom = math.fsum(p.amount for p in kept), math.fsum(p.amount for p in whole)
    n = len({p.key for p in whole})
    row: dict[str, Any] = {"value": None, "numerator": top, "denominator": bottom, "n": n, "low": None, "high": None}
    if kpi.kind in ("count", "sum"):
        row |= {"value": top, "denominator": None, "n": len(kept)}
    elif kpi.kind == "mean":
        row |= mean(kpi, kept, whole)
    elif kpi.kind == "proportion":
        top = len({p.key for p in kept})
        row |= {"numerator": top, "denominator": n}
        if n:
            row |= dict(zip(("value", "low", "high"), (top / n, *wilson(top, n)), strict=True))
    elif kpi.kind in ("accuracy", "bias"):
        if kept and bottom:
            row["value"] = 1 - abs(top - bottom) / bottom if kpi.kind == "accuracy" else (top - bottom) / bottom
    elif kpi.kind == "lifetime":
        lost, then = sum(p.amount for p in base), len(base)
        if n and then:
            years = company.number("max_lifespan_years")
            row["value"] = top / n * min(then / lost if lost else math.inf, years)
    elif kpi.kind == "concentration":
        accounts: dict[str | None, float] = defaultdict(float)
        for p in kept:
            accounts[p.by["account"]] += p.amount
        top = math.fsum(sorted(accounts.values(), reverse=True)[: company.setting("concentration_top")])
        row |= {"numerator": top, "value": top / bottom if bottom else None}
    elif bottom:
        row["value"] = top / bottom
    return row | {"excluded": {reason: len(keys) for reason, keys in sorted(aside.items())}}


def mean(kpi: Kpi, kept: list[Part], whole: list[Part]) -> dict[str, Any]:
    """A mean over the rows, or over those of the denominator of what the numerator has of each."""
    amounts: dict[str, list[float]] = {p.key: [] for p in whole or kept}
    for p in kept:
        if p.key in amounts:
            amounts[p.key].append(p.amount)
    values = [math.fsum(of) for of in amounts.values()]
    low, high = student(values)
    found: dict[str, Any] = {
        "value": math.fsum(values) / len(values) if values else None,
        "numerator": math.fsum(values),
        "denominator": len(values),
        "n": len(values),
        "low": low,
        "high": high,
    }
    return found | ({"median": quantile(values, 0.5), "p90": quantile(values, 0.9)} if kpi.quantiles else {})
