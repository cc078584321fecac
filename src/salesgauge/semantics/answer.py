"""From the numbers of a question's groups to the answer that people and programs read (spec/compute.md, "The answer")."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

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


def answer(kpi: Kpi, question: Question, settings: Settings, spans: Sequence[tuple[int, Span]],
           groups: Iterable[Mapping[str, Any]], quantile: Callable[[int], float] = student_quantile) -> dict[str, Any]:
    """The answer to a question: `spans` number and dates of each period asked for, `groups` the rows of its SQL; `quantile` that of
    Student's t by its degrees of freedom."""
    by_span: dict[int, list[Mapping[str, Any]]] = {number: [] for number, _span in spans}
    for group in groups:
        by_span[group["span"]].append(group)
    rows = []
    for number, span in spans:
        found = sorted(by_span[number], key=lambda group: _order(kpi, group, question.by))
        if not question.by and not found:
            found = [{}]
        rows += [_row(kpi, question, settings, span, group, quantile) for group in found]
    return {"kpi": kpi.id, "unit": kpi.unit, "currency": settings.currency if kpi.unit == "money" else None, "as_of": question.as_of,
            "timezone": settings.timezone, "rows": rows}


def _order(kpi: Kpi, group: Mapping[str, Any], by: Sequence[str]) -> list[tuple[bool, Any]]:
    keys = []
    for dimension in by:
        value = group[f"key_{dimension}"]
        band = BANDS.get(dimension) if dimension in kpi.dimensions else None  # else a column of the company's own
        number = dimension in NUMBERED and dimension in kpi.dimensions
        keys.append((value is None, "" if value is None else band.index(value) if band else int(value) if number else value))
    return keys


def _plain(number: Any) -> Any:
    """A number as JSON has it: whole ones of counts as integers, no negative zero."""
    if number is None or (isinstance(number, float) and math.isnan(number)):
        return 0
    return number + 0 if isinstance(number, int) else float(number) + 0.0


def _row(kpi: Kpi, question: Question, settings: Settings, span: Span, group: Mapping[str, Any],
         quantile: Callable[[int], float]) -> dict[str, Any]:
    formula = kpi.formula
    numbers: dict[str, Any] = {name: _plain(group.get(name)) for name in ("num", "num_n", "dev", "den", "den_n")}
    numbers |= {name: _plain(group.get(f"also_{name}")) for name in formula.also} | {"settings": settings}
    for side, measure in (("num", formula.numerator), ("den", formula.denominator)):
        if measure is not None and measure.value is None:
            numbers[side] = int(numbers[side])
    num, den = numbers["num"], numbers["den"]
    row: dict[str, Any] = {"start": span.start.isoformat(), "end": span.end.isoformat(),
                           "by": {dimension: group[f"key_{dimension}"] for dimension in question.by}}
    interval = None
    if formula.denominator is None:
        row |= {"value": num, "numerator": num, "denominator": None, "n": int(numbers["num_n"])}
    else:
        value = formula.value(numbers) if formula.value else num / den if den else None
        row |= {"value": value, "numerator": num, "denominator": den, "n": int(numbers["den_n"])}
        interval = _interval(kpi, numbers, quantile)
    row["low"], row["high"] = interval or (None, None)
    if kpi.median:
        for name in ("median", "p90"):
            row[name] = group.get(name)
            if question.approximate:  # what the facts answer is exact, and says nothing of errors
                row[f"{name}_error"] = None if row[name] is None else group.get(f"{name}_error", 0.0)
    row["excluded"] = {reason: int(count) for reason in REASONS if (count := group.get(f"aside_{reason}"))}
    return row


def _interval(kpi: Kpi, numbers: Mapping[str, Any], quantile: Callable[[int], float]) -> tuple[float, float] | None:
    num, n = numbers["num"], int(numbers["den_n"])
    if kpi.interval == "wilson":
        return wilson(num, n)
    if kpi.interval == "student" and n:
        # Entities without a row in the numerator are zeros: their deviation from the mean joins that of the others.
        present = numbers["num_n"]
        zeros = present * (n - present) / n * (num / present) ** 2 if 0 < present < n else 0.0
        return student(n, num / n, numbers["dev"] + zeros, quantile)
    return None
