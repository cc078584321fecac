"""KPIs and the catalogue: name, meaning and formula of a KPI are a function's name, docstring and return value."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from salesgauge.errors import CatalogueError, UnknownKpi, nearest
from salesgauge.semantics.measure import CUSTOMER, PURCHASE, Formula, Measure
from salesgauge.semantics.shape import Shape
from salesgauge.units import Unit

UNITS = tuple(unit.value for unit in Unit)
KINDS = ("proportion", "mean", "ratio", "sum", "count")
BETTER = ("up", "down", "band", "")

_REP_TABLES = ("reps", "rep_assignments")
_CUSTOMER_TABLES = ("orders", "opportunities", "contracts")


@dataclass(frozen=True)
class Kpi:
    """A key figure. `dimensions` in the order they are offered; `one_sided` those that only one of the measures carries (†);
    `extras_of` the table whose further columns are dimensions too (PURCHASE: orders, or opportunities in a workspace without);
    `region_of` whose region it is (rep, location, account: rule 6); `through_accounts`: team is that of the account's owner;
    `required` the dimensions without which it would add up what does not belong together."""

    id: str
    meaning: str
    formula: Formula
    area: str
    unit: str
    kind: str
    better: str
    dimensions: tuple[str, ...]
    one_sided: frozenset[str]
    watch: str | None
    source: str
    extras_of: str | None
    region_of: str
    through_accounts: bool
    median: bool
    declared_at: str
    built_in: bool
    required: tuple[str, ...] = ()

    @property
    def interval(self) -> str | None:
        """Which 95 % interval a row carries: wilson, student or none."""
        return {"proportion": "wilson", "mean": "student"}.get(self.kind)

    def all_dimensions(self, shape: Shape) -> tuple[str, ...]:
        """Its dimensions in a workspace of this shape, the company's own last."""
        if self.extras_of is None:
            return self.dimensions
        table = self.extras_of if self.extras_of != PURCHASE else "orders" if shape.has("orders") else "opportunities"
        return self.dimensions + tuple(d for d in shape.extra_dimensions(table) if d not in self.dimensions)

    def missing(self, shape: Shape, asked: tuple[str, ...]) -> str | None:
        """The first table (or choice of tables) that it lacks in this workspace, asked by these dimensions; None: none (rule 8)."""
        for measure in self.formula.measures():
            for need in measure.needs:
                if (lack := _lack(need, shape)) is not None:
                    return lack
        for dimension in (d for d in asked if d in self.dimensions):  # a company's own column needs no further table
            for choice in self._tables_of(dimension):
                if not shape.has(*choice):
                    return " or ".join(choice)
        return None

    def _tables_of(self, dimension: str) -> list[tuple[str, ...]]:
        if dimension in ("team", "manager") or (dimension == "region" and self.region_of == "rep"):
            return ([("accounts",)] if self.through_accounts else []) + [_REP_TABLES]
        single = {"tenure": "reps", "segment": "accounts", "industry": "accounts", "account_owner": "accounts",
                  "family": "products", "location_kind": "locations"}
        if dimension == "region":
            return [("locations",) if self.region_of == "location" else ("accounts",)]
        return [(single[dimension],)] if dimension in single else []


def _lack(need: str, shape: Shape) -> str | None:
    if need == CUSTOMER:
        return None if shape.has(*_CUSTOMER_TABLES) else "orders, opportunities or contracts"
    if need == PURCHASE:
        if not shape.has("orders"):
            return None if shape.has("opportunities") else "orders or opportunities"
        need = "order_lines"
    choice = tuple(need.split("|"))
    return None if shape.has(*choice) else " or ".join(choice)


Declaration = Callable[[], Formula | Measure]


class Catalogue(Mapping[str, Kpi]):
    """KPIs by id, in the order of their declaration."""

    def __init__(self) -> None:
        self._by_id: dict[str, Kpi] = {}

    def __getitem__(self, kpi: str) -> Kpi:
        return self._by_id[kpi]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, kpi: str) -> Kpi:
        """The KPI of that id; UnknownKpi, with the nearest ids, where there is none."""
        found = self._by_id.get(kpi)
        if found is None:
            close = nearest(kpi, self._by_id)
            raise UnknownKpi(f"unknown KPI {kpi!r}; " + (f"the nearest: {', '.join(close)}" if close else "salesgauge kpis lists them"),
                             "unknown_kpi", kpi=kpi)
        return found

    def beside(self, other: Catalogue) -> Catalogue:
        """A catalogue of both, this one first; CatalogueError where an id is in both."""
        both = Catalogue()
        for kpi in (*self.values(), *other.values()):
            both.add(kpi)
        return both

    def area(self, area: str, *, built_in: bool = True) -> Area:
        """A declarer of the KPIs of one area."""
        return Area(self, area, built_in)

    def add(self, kpi: Kpi) -> None:
        """Takes a KPI up; CatalogueError where its id is taken or its declaration is not sound."""
        def refuse(why: str) -> CatalogueError:
            return CatalogueError(f"{kpi.declared_at}: KPI {kpi.id}: {why}")
        taken = self._by_id.get(kpi.id)
        if taken is not None:
            raise refuse("the id is that of a built-in KPI or figure; give yours another name" if taken.built_in
                         else f"the id is declared already, at {taken.declared_at}")
        for what, value, known in (("unit", kpi.unit, UNITS), ("kind", kpi.kind, KINDS), ("better", kpi.better, BETTER)):
            if value not in known:
                raise refuse(f"{what} cannot be {value!r}; it is one of {', '.join(repr(k) for k in known)}")
        if not kpi.meaning:
            raise refuse("it has no docstring; its docstring is its definition everywhere")
        if (kpi.formula.denominator is None) != (kpi.kind in ("sum", "count")):
            raise refuse("a sum or a count is one measure; every other kind is numerator / denominator")
        self._by_id[kpi.id] = kpi


class Area:
    """Declares KPIs: `@leads(unit="count", kind="count", ...)` on a function that returns the formula."""

    def __init__(self, catalogue: Catalogue, area: str, built_in: bool) -> None:
        self._catalogue, self._area, self._built_in = catalogue, area, built_in

    def __call__(self, *, unit: str, kind: str, better: str = "", dimensions: str = "", watch: str | None = None, source: str = "",
                 extras_of: str | None = None, region_of: str = "", through_accounts: bool = False,
                 median: bool = False, required: str = "") -> Callable[[Declaration], Declaration]:
        """`dimensions`: names separated by spaces, `†` behind one that a single measure carries; `required` those of them that must be
        asked for."""
        names = dimensions.split()
        plain = tuple(n.rstrip("†") for n in names)
        whose = region_of or ("rep" if {"rep", "team"} & set(plain) else "location" if "location" in plain else "account")

        def declared(declaration: Declaration) -> Declaration:
            code = declaration.__code__
            at = f"{Path(code.co_filename).name}:{code.co_firstlineno}"
            try:
                formula = declaration()
            except Exception as problem:
                raise CatalogueError(f"{at}: KPI {declaration.__name__}: {type(problem).__name__}: {problem}") from problem
            if isinstance(formula, Measure):
                formula = Formula(formula)
            if not isinstance(formula, Formula):
                raise CatalogueError(f"{at}: KPI {declaration.__name__}: it returns {formula!r}; return a measure, or one / another")
            self._catalogue.add(Kpi(
                declaration.__name__, inspect.cleandoc(declaration.__doc__ or ""), formula, self._area, unit, kind, better, plain,
                frozenset(n[:-1] for n in names if n.endswith("†")), watch, source, extras_of, whose, through_accounts, median, at,
                self._built_in, tuple(required.split())))
            return declaration
        return declared
