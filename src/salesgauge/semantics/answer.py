"""From the numbers of a question's groups to the answer that people and programs read (spec/compute.md, "The answer")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from salesgauge.periods import Span
from salesgauge.semantics.intervals import student, student_quantile, wilson
from salesgauge.semantics.kpi import Kpi
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


def answer(kpi: Kpi, question: Question, settings: Settings, spans: Sequence[tuple[int, Span]],
           groups: Iterable[Mapping[str, Any]], quantile: Callable[[int], float] = student_quantile) -> dict[str, Any]:
    """The answer to a question: `spans` number and dates of each period asked for, `groups` the rows of its SQL; `quantile` that of
    Student's t by its degrees of freedom."""
    by_span: dict[int, list[Mapping[str, Any]]] = {number: [] for number, _span in spans}
    for group in groups:
        by_span[group["span"]].append(group)
    order, writer = _order(kpi, question.by), _Writer(kpi, question, settings, quantile)
    rows: list[dict[str, Any]] = []
    left_out = 0
    for number, span in spans:
        found = sorted(by_span[number], key=order) if question.by else by_span[number] or [{}]
        written = writer.rows(span, found)
        if question.first is not None:
            written = largest(written, question.first)
            left_out += (found[0].get("of_groups") or len(found) if found else 0) - len(written)
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


def _order(kpi: Kpi, by: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    """What groups are sorted by: their keys, empty ones last."""
    reading = [(f"key_{dimension}", place_of(kpi, dimension)) for dimension in by]

    def keys(group: Mapping[str, Any]) -> list[tuple[bool, Any]]:
        return [(True, "") if (value := group[key]) is None else (False, read(value) if read else value) for key, read in reading]
    return keys


def _plain(number: Any) -> Any:
    """A number as JSON has it: whole ones of counts as integers, no negative zero."""
    if number is None or number != number:  # the latter where it is no number
        return 0
    return number + 0 if isinstance(number, int) else float(number) + 0.0


class _Writer:
    """Writes the rows of an answer. What all of them share is looked up once: an answer may have a row for each of many accounts."""

    def __init__(self, kpi: Kpi, question: Question, settings: Settings, quantile: Callable[[int], float]) -> None:
        formula = kpi.formula
        self._value, self._settings, self._quantile = formula.value, settings, quantile
        self._counted = formula.numerator.value is None
        self._has_denominator = formula.denominator is not None
        self._divides_by_count = formula.denominator is not None and formula.denominator.value is None
        self._also = [(name, f"also_{name}") for name in formula.also]
        self._keys = [(dimension, f"key_{dimension}") for dimension in question.by]
        self._interval = kpi.interval if self._has_denominator else None
        self._median, self._approximate = kpi.median, question.approximate

    def rows(self, span: Span, groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The rows of one period, whose groups have the same columns."""
        start, end = span.start.isoformat(), span.end.isoformat()
        aside = [(reason, name) for reason in REASONS if groups and (name := f"aside_{reason}") in groups[0]]
        return [self._row(start, end, group, aside) for group in groups]

    def _row(self, start: str, end: str, group: Mapping[str, Any], aside: Sequence[tuple[str, str]]) -> dict[str, Any]:
        num, den = _plain(group.get("num")), None
        if self._counted:
            num = int(num)
        if not self._has_denominator:
            n, value = int(group.get("num_n") or 0), num
        else:
            n, den = int(group.get("den_n") or 0), _plain(group.get("den"))
            if self._divides_by_count:
                den = int(den)
            value = self._computed(group, num, den) if self._value else num / den if den else None
        low, high = self._bounds(num, n, group) or (None, None)
        row: dict[str, Any] = {"start": start, "end": end, "by": {dimension: group[key] for dimension, key in self._keys}, "value": value,
                               "numerator": num, "denominator": den, "n": n, "low": low, "high": high}
        if self._median:
            for name in ("median", "p90"):
                row[name] = group.get(name)
                if self._approximate:  # what the facts answer is exact, and says nothing of errors
                    row[f"{name}_error"] = None if row[name] is None else group.get(f"{name}_error", 0.0)
        row["excluded"] = {reason: int(count) for reason, name in aside if (count := group[name])}
        return row

    def _computed(self, group: Mapping[str, Any], num: Any, den: Any) -> float | None:
        """The value of a formula that is no plain division."""
        assert self._value is not None
        numbers = {name: _plain(group.get(name)) for name in ("num_n", "dev", "den_n")}
        numbers |= {name: _plain(group.get(key)) for name, key in self._also}
        return self._value(numbers | {"num": num, "den": den, "settings": self._settings})

    def _bounds(self, num: Any, n: int, group: Mapping[str, Any]) -> tuple[float, float] | None:
        if self._interval == "wilson":
            return wilson(num, n)
        if self._interval == "student" and n > 1:
            # Entities without a row in the numerator are zeros: their deviation from the mean joins that of the others.
            present = _plain(group.get("num_n"))
            zeros = present * (n - present) / n * (num / present) ** 2 if 0 < present < n else 0.0
            return student(n, num / n, _plain(group.get("dev")) + zeros, self._quantile)
        return None
