"""From a measure and a question to the rows that count: span, group keys, filters, the viewer's rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.expr.operations import Field

from salesgauge.errors import CatalogueError
from salesgauge.schema import EXTRA
from salesgauge.semantics.fact import Fact
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import Measure, Where, owner
from salesgauge.semantics.model import OVERSIGHT, SPAN_DAYS, in_spans
from salesgauge.semantics.question import QuestionShape
from salesgauge.semantics.shape import Shape

KEY = "key_"                # prefix of a group key's column
ASKED_SPAN = -7777          # stands for the list of spans asked for, as WHERE_ for the values of a filter, VIEWER for the viewer's id,
FIRST = -8888               # and this for how many groups are wanted
WHERE_ = "\u27e6where{}\u27e7"
VIEWER = "\u27e6viewer\u27e7"
Only = Callable[[ir.Table], ir.BooleanValue]  # what must hold of rows


@dataclass
class Chosen:
    """Which rows of a fact a question reads: by which columns of days, since none that lies outside of all periods is read; and the
    conditions of which one holds for each row that counts (None: every row may)."""

    days: set[str] = field(default_factory=set)
    counted: set[Where | None] = field(default_factory=set)

    def note(self, day: str, measure: Measure, *, compared: bool = False) -> None:
        """Notes that a measure reads rows of the fact. What it sets aside is counted too, and a last step, or who has them `compared` with
        others, may look at any row."""
        self.days.add(day)
        self.counted.add(None if compared or measure.set_aside or measure.transform else measure.where)


class Scan:
    """Reads measures' rows for one question shape. `fact` gives a fact's declaration and its columns; `used` notes the facts read, `chosen`
    which rows of each."""

    def __init__(self, question: QuestionShape, kpi: Kpi, shape: Shape, fact: Callable[[str], tuple[Fact, dict[str, str]]]) -> None:
        self.question, self.kpi, self.shape = question, kpi, shape
        self.used: set[str] = set()
        self.chosen: dict[str, Chosen] = {}
        self._fact = fact

    def asks(self, dimension: str) -> bool:
        """Whether the question groups or filters by a dimension."""
        return dimension in self.question.by or any(dimension == d for d, _none, _some in self.question.where)

    def rows(self, measure: Measure, *others: Measure, records: bool = False, meeting: tuple[str, ...] = ()) -> ir.Table:
        """The measure's rows in the spans asked for that pass the filters and the viewer, with `span` and a column `key_<dimension>`
        for each group key that the measure carries; before `where`, `set_aside` and aggregation.

        Only the columns are there that the measure, the others read in the same pass, a comparison with other rows (`meeting`), and
        (with `records`) its records need: a wide table makes a slow compilation."""
        fact, columns = self._fact(measure.fact)
        self.used.add(measure.fact)
        for each in (measure, *others):
            self.chosen.setdefault(each.fact, Chosen()).note("span" if fact.period else f"{measure.on}_on", each, compared=bool(meeting))
        columns = self._narrowed(columns, fact, (measure, *others), records, meeting)
        t = self._spread(ibis.table(columns, name=f"fact_{measure.fact}"), measure, fact, columns)
        return measure.transform(self, t) if measure.transform else t

    def added(self, measure: Measure, name: str, numbers: dict[str, str], per: str | None = None,
              only: Only | None = None) -> tuple[ir.Table, tuple[str, ...]]:
        """The rows of a rollup of the measure's fact, as `rows` gives those of the fact before the measure's last step, with columns of
        numbers and the one that tells entities apart; and which of the fact's columns the rollup must have. `only` those of which this
        holds."""
        fact, columns = self._fact(measure.fact)
        factor = measure.factor
        needed = [per, *(factor.meeting(self) if factor else ()),
                  *(self._carrier(measure, d, columns) for d in (*self.question.by, *(d for d, _none, _some in self.question.where)))]
        if self.question.viewer != "everything" and not fact.shared:
            needed += [owner(measure, columns), *(("place_on",) if fact.period else ())]
        asked = tuple(sorted({c for c in needed if c is not None}))
        when = "span" if fact.period else f"{measure.on}_on"
        columns = {c: columns[c] for c in dict.fromkeys((when, *asked))} | numbers
        t = ibis.table(columns, name=name)
        t = self._spread(t.filter(only(t)) if only else t, measure, fact, columns)
        return t, tuple(c for c in asked if c != when)

    def _spread(self, t: ir.Table, measure: Measure, fact: Fact, columns: dict[str, str]) -> ir.Table:
        """The rows that pass the filters and the viewer, in each span asked for, with their group keys."""
        t = self._viewed(t, measure, fact, columns)
        passing = self._passing(t, measure, columns)
        t = t.filter(*passing, t.span.isin([ASKED_SPAN]) if fact.period else in_spans(t[f"{measure.on}_on"]))
        keys = {}
        for dimension in self.question.by:
            column = self._carrier(measure, dimension, columns)
            if column is None:
                self._must_be_one_sided(measure, dimension)
            else:
                keys[KEY + dimension] = t[column]
        if fact.period:
            t = t.mutate(**keys) if keys else t
        else:
            days = SPAN_DAYS.filter(_.span.isin([ASKED_SPAN]))
            j = t.inner_join(days, [t[f"{measure.on}_on"] == days.day])
            t = j.select(*columns, span=days.span, **{key: j[value.get_name()] for key, value in keys.items()})
        return t

    def _passing(self, t: ir.Table, measure: Measure, columns: dict[str, str]) -> list[ir.BooleanValue]:
        """What rows must fulfil to pass the filters that the measure carries."""
        passing = []
        for place, (dimension, empty, some) in enumerate(self.question.where):
            column = self._carrier(measure, dimension, columns)
            if column is None:
                self._must_be_one_sided(measure, dimension)
                continue
            passes = t[column].isin([WHERE_.format(place)]) if some else ibis.literal(False)
            passing.append(passes | t[column].isnull() if empty else passes)
        return passing

    def _narrowed(self, columns: dict[str, str], fact: Fact, measures: tuple[Measure, ...], records: bool,
                  meeting: tuple[str, ...]) -> dict[str, str]:
        wide = ibis.table(columns, name="wide")
        needed: set[str | None] = {"span", "place_on"} if fact.period else {f"{measures[0].on}_on"}
        needed.update(meeting)
        if self.question.viewer != "everything":
            needed |= {"owner", *measures[0].columns_for("rep")}
        for dimension in {*self.question.by, *(d for d, _none, _some in self.question.where)}:
            needed.add(self._carrier(measures[0], dimension, columns))
        for measure in measures:
            needed |= {measure.value, measure.set_aside, measure.per, *(measure.transform.reads if measure.transform else ())}
            if records:
                needed |= {measure.records[1], *measure.because, *(() if measure.records[0] else ("record_table",))}
            if measure.where:
                needed |= {field.name for field in measure.where(wide).op().find(Field)}
        return {name: kind for name, kind in columns.items() if name in needed}

    def _carrier(self, measure: Measure, dimension: str, columns: dict[str, str]) -> str | None:
        """The column of a fact that carries a dimension for a measure; None where none does. What the KPI does not list is a column
        of the company's own, even where it is named like something that the fact has."""
        may = measure.columns_for(dimension) if dimension in self.kpi.dimensions else (EXTRA + dimension,)
        return next((c for c in may if c in columns), None)

    def _must_be_one_sided(self, measure: Measure, dimension: str) -> None:
        if dimension not in self.kpi.one_sided:
            raise CatalogueError(f"{self.kpi.declared_at}: KPI {self.kpi.id}: the measure {measure.name} has no column for {dimension}; "
                                 f"declare it as {dimension}† if only one of the measures carries it")

    def _viewed(self, t: ir.Table, measure: Measure, fact: Fact, columns: dict[str, str]) -> ir.Table:
        if self.question.viewer == "everything" or fact.shared:
            return t
        day = "place_on" if fact.period else f"{measure.on}_on"
        whose = owner(measure, columns)
        if whose is None:  # a fact without an owner is for those who see everything
            return t.filter(ibis.literal(False))
        seen = OVERSIGHT.filter(_.viewer == VIEWER)
        if self.question.viewer == "own":
            seen = seen.filter(seen.rep_id == seen.viewer)
        seen = seen.rename(seen_rep="rep_id", seen_from="valid_from", seen_to="valid_to")
        return t.semi_join(seen, [t[whose] == seen.seen_rep, t[day] >= seen.seen_from, t[day] < seen.seen_to])
