"""From the numbers of a question's groups to the answer that people and programs read (spec/compute.md, "The answer")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import Any, TypeVar

from salesgauge.periods import Span
from salesgauge.semantics.groups import Groups
from salesgauge.semantics.intervals import student, student_quantile, wilson
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import Measure
from salesgauge.semantics.question import Question
from salesgauge.semantics.reasons import REASONS
from salesgauge.settings import Settings

BANDS = {"tenure": ("0-2", "3-5", "6-11", "12-23", "24+"), "touches": ("0", "1", "2", "3", "4", "5-7", "8-12", "13+"),
         "due": ("overdue", "this_period", "later", "undated"),
         "movement": ("opening", "new", "grown", "shrunk", "pulled_in", "won", "lost", "pushed_out"),
         "change": ("created", "won", "lost", "moved", "grown", "shrunk", "pulled", "pushed"),
         "exit": ("onward", "back", "won", "lost"), "ends_in": ("0-30", "31-60", "61-90"), "renewal": ("won", "open", "lost", "none")}
NUMBERED = frozenset(("tenure_month", "age"))  # dimensions whose keys are whole numbers, written as text
Row = TypeVar("Row", bound=Mapping[str, Any])
_NOTHING = Groups((), [()])  # what stands for the whole where there is nothing
_UNTOLD = (None, None)


def answer(kpi: Kpi, question: Question, settings: Settings, found: Iterable[tuple[Span, Groups]],
           quantile: Callable[[int], float] = student_quantile) -> dict[str, Any]:
    """The answer to a question: `found` are its periods, each with its groups; `quantile` that of Student's t by its degrees of freedom."""
    writer = _Writer(kpi, question, settings, quantile)
    rows: list[dict[str, Any]] = []
    left_out = 0
    for span, groups in found:
        told = _in_order(kpi, question.by, groups) if question.by else groups if groups.rows else _NOTHING
        written = writer.rows(span, told)
        if question.first is not None:
            written = largest(written, question.first)
            left_out += (next(iter(told.column("of_groups")), None) or len(told.rows)) - len(written)
        rows += written
    return {"kpi": kpi.id, "unit": kpi.unit, "currency": settings.currency if kpi.unit == "money" else None, "as_of": question.as_of,
            "timezone": settings.timezone, "rows": rows, **({} if question.first is None else {"left_out": left_out})}


def cut(answer: Mapping[str, Any], first: int) -> dict[str, Any]:
    """An answer with only the largest rows of each period."""
    by_start: dict[str, list[dict[str, Any]]] = {}
    for row in answer["rows"]:
        by_start.setdefault(row["start"], []).append(row)
    rows = [row for several in by_start.values() for row in largest(several, first)]
    return {**answer, "rows": rows, "left_out": len(answer["rows"]) - len(rows)}


def largest(rows: Iterable[Row], first: int) -> list[Row]:
    """Of the rows of one period those of the largest values, so many at most: the largest first, of equals the one that stood first, those
    without a value last."""
    return sorted(rows, key=lambda row: (row["value"] is None, -(row["value"] or 0)))[:first]


def place_of(kpi: Kpi, dimension: str) -> Callable[[str], int] | None:
    """What gives the place of a dimension's key among the others, where they have an order of their own; None where it is that of texts."""
    if dimension not in kpi.dimensions:  # a column of the company's own, whatever it is called
        return None
    band = BANDS.get(dimension)
    return band.index if band else int if dimension in NUMBERED else None


def _in_order(kpi: Kpi, by: Sequence[str], groups: Groups) -> Groups:
    """Groups sorted by their keys, empty ones last."""
    rows = groups.rows
    for dimension in reversed(by):  # a sort leaves what is equal as it stood
        place, read = groups.names.index(f"key_{dimension}"), place_of(kpi, dimension)
        told = [row for row in rows if row[place] is not None]
        told.sort(key=_reading(read, place) if read else itemgetter(place))
        rows = told + [row for row in rows if row[place] is None]
    return Groups(groups.names, rows)


def _reading(read: Callable[[str], int], place: int) -> Callable[[Sequence[Any]], int]:
    return lambda row: read(row[place])


def _plain(number: Any) -> Any:
    """A number as JSON has it: whole ones of counts as integers, no negative zero."""
    if number is None or number != number:  # the latter where it is no number
        return 0
    return number + 0 if isinstance(number, int) else float(number) + 0.0


def _plains(numbers: Iterable[Any]) -> list[Any]:
    return [number + 0.0 if type(number) is float and number == number else _plain(number) for number in numbers]  # most are sound


def _counts(numbers: Iterable[Any]) -> list[int]:
    return [int(number or 0) for number in numbers]


class _Writer:
    """Writes the rows of an answer, column by column: it may have one for each of many reps and months, or accounts."""

    def __init__(self, kpi: Kpi, question: Question, settings: Settings, quantile: Callable[[int], float]) -> None:
        self._formula, self._settings, self._by = kpi.formula, settings, question.by
        self._interval, self._quantile = kpi.interval, cache(quantile)
        self._median, self._approximate = kpi.median, question.approximate

    def rows(self, span: Span, groups: Groups) -> list[dict[str, Any]]:
        """The rows of one period."""
        num, den = self._side(groups, "num", self._formula.numerator), self._side(groups, "den", self._formula.denominator)
        start, end, by = span.start.isoformat(), span.end.isoformat(), self._by
        n = _counts(groups.column("den_n" if self._formula.denominator else "num_n"))
        keys = zip(*(groups.column(f"key_{dimension}") for dimension in by), strict=True) if by else repeat((), len(n))
        rows: list[dict[str, Any]] = [
            {"start": start, "end": end, "by": dict(zip(by, key, strict=True)), "value": value, "numerator": numerator,
             "denominator": denominator, "n": cases, "low": low, "high": high, "excluded": excluded}
            for key, value, numerator, denominator, cases, (low, high), excluded
            in zip(keys, self._values(groups, num, den), num, den, n, self._bounds(groups, num, n), _excluded(groups), strict=True)]
        if self._median:
            self._add_quantiles(rows, groups)
        return rows

    def _side(self, groups: Groups, name: str, measure: Measure | None) -> Sequence[Any]:
        """The numbers of one side of the formula: whole where rows are counted, None of each where there is no such side."""
        if measure is None:
            return [None] * len(groups.rows)
        return _plains(groups.column(name)) if measure.value else _counts(groups.column(name))

    def _values(self, groups: Groups, num: Sequence[Any], den: Sequence[Any]) -> Sequence[Any]:
        if not self._formula.denominator:
            return num
        if not self._formula.value:
            return [one / other if other else None for one, other in zip(num, den, strict=True)]
        read = {"num": num, "den": den, "settings": repeat(self._settings, len(num)),
                **{name: _plains(groups.column(name)) for name in ("num_n", "dev", "den_n")},
                **{name: _plains(groups.column(f"also_{name}")) for name in self._formula.also}}
        return [self._formula.value(dict(zip(read, numbers, strict=True))) for numbers in zip(*read.values(), strict=True)]

    def _bounds(self, groups: Groups, num: Sequence[Any], n: Sequence[int]) -> Iterable[tuple[float | None, float | None]]:
        if not self._formula.denominator or self._interval not in ("wilson", "student"):
            return repeat(_UNTOLD, len(n))
        if self._interval == "wilson":
            return [wilson(part, cases) or _UNTOLD for part, cases in zip(num, n, strict=True)]
        told = zip(num, n, _plains(groups.column("num_n")), _plains(groups.column("dev")), strict=True)
        return [self._student(*numbers) or _UNTOLD for numbers in told]

    def _student(self, num: Any, n: int, present: Any, deviations: Any) -> tuple[float, float] | None:
        if n < 2:
            return None
        # Entities without a row in the numerator are zeros: their deviation from the mean joins that of the others.
        zeros = present * (n - present) / n * (num / present) ** 2 if 0 < present < n else 0.0
        return student(n, num / n, deviations + zeros, self._quantile)

    def _add_quantiles(self, rows: Sequence[dict[str, Any]], groups: Groups) -> None:
        for name in ("median", "p90"):
            there = f"{name}_error" in groups.names
            for row, value, error in zip(rows, groups.column(name), groups.column(f"{name}_error"), strict=True):
                row[name] = value
                if self._approximate:  # what the facts answer is exact, and says nothing of errors
                    row[f"{name}_error"] = None if value is None else error if there else 0.0


def _excluded(groups: Groups) -> list[dict[str, int]]:
    """How many rows of each group were set aside, by the reason."""
    found: list[dict[str, int]] = [{} for _row in groups.rows]
    for reason in REASONS:
        if f"aside_{reason}" in groups.names:
            for excluded, count in zip(found, groups.column(f"aside_{reason}"), strict=True):
                if count:
                    excluded[reason] = int(count)
    return found
