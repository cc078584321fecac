"""Answers that are given in confidence (the employee survey), and what of them may be told without telling on anybody
(docs/decisions/0018).

They are told of everybody whom the visitor sees and by team, of whole months, quarters and years, never singly. Not told are groups of
fewer than FEWEST answers, as many of the next small ones as it takes that the rest of the whole does not tell on them, and of two periods
that end together the less usual one, where so few answers make the difference between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from salesgauge.errors import Confidential
from salesgauge.periods import Span, add_months, day_start
from salesgauge.semantics.kpi import Kpi
from salesgauge.workspace import Asked

FACTS = frozenset({"employee_answers"})  # of which every row is somebody's answer in confidence
FEWEST = 5                               # answers below which nothing is told
GROUP = "team"                           # the only groups that are told: others would cut across them
LATE = timedelta(minutes=10)             # by which a page's instant may lie behind the present one
_MONTHS = (3, 12, 1)                     # the lengths of the periods that are told, the most usual first

Partition = Mapping[str | None, int]     # how many answers each team gave
Row = dict[str, Any]


def is_confidential(kpi: Kpi) -> bool:
    """Whether a KPI or figure is made of such answers."""
    return any(measure.fact in FACTS for measure in (*kpi.formula.measures(), *kpi.formula.watched))


def told_on(one: int, other: int) -> bool:
    """Whether the difference of two numbers of answers, of which one group lies within the other, would tell on somebody."""
    return 0 < abs(one - other) < FEWEST


def too_small(groups: Mapping[str | None, int], smallest: int) -> frozenset[str | None]:
    """The groups that are not shown so that no single answer can be told from them: those of fewer than `smallest` cases, and as many of
    the next small ones as it takes to have `smallest` cases among those not shown; else the total would tell on a single hidden group."""
    if not smallest:
        return frozenset()
    hidden: list[str | None] = []
    cases = 0
    for key, count in sorted(groups.items(), key=lambda group: group[1]):
        if count >= smallest and (not hidden or cases >= smallest):
            break
        if count:
            hidden.append(key)
            cases += count
    return frozenset(hidden)


@dataclass(frozen=True)
class Rule:
    """What is told of one question. `present` is the instant that pages show; a running period is told as of it alone, since two instants
    of one period would tell on who answered between them."""

    asked: Asked
    query: Mapping[str, Any]
    zone: ZoneInfo
    fiscal: int
    present: datetime
    grouped: bool  # whether there are teams

    def check(self) -> None:
        """Confidential where the question is not one that is told."""
        question = self.asked.question
        other = [*(d for d in question.by if d != GROUP), *(d for d, _values in question.where if d != GROUP)]
        if other:
            raise Confidential(f"answers of {self.asked.kpi.id} are told of all and by {GROUP}, not by {other[0]}, so that nobody can be "
                               "told from them", "in_confidence")
        if any(not self._usual(span) for span in self.asked.spans):
            raise Confidential(f"answers of {self.asked.kpi.id} are told of whole months, quarters and years, so that nobody can be told "
                               "from them", "in_confidence")

    def needed(self) -> Iterator[tuple[Span, dict[str, Any]]]:
        """The questions (each about one period) whose answers decide what is told."""
        for span in dict.fromkeys(each for asked in self.asked.spans for each in self._together(asked)):
            yield span, {"kpi": self.asked.kpi.id, "period": f"{span.start}..{span.end}", **({"by": [GROUP]} if self.grouped else {}),
                         **({"as_of": self.query["as_of"]} if "as_of" in self.query else {})}

    def told(self, rows: Iterable[Row], answers: Mapping[Span, Partition]) -> list[Row]:
        """The rows of the answer, those that are not told emptied and marked `withheld`."""
        found = []
        for row in rows:
            span = Span(date.fromisoformat(row["start"]), date.fromisoformat(row["end"]))
            found.append(row if not row["n"] or self._is_told(span, row, answers) else {
                **row, "value": None, "numerator": None, "denominator": None, "n": None, "low": None, "high": None, "excluded": {},
                "withheld": True})
        return found

    def _is_told(self, span: Span, row: Row, answers: Mapping[Span, Partition]) -> bool:
        if not self._over(span):
            return False
        groups = answers[span]
        whole = self._whole(span, answers)
        wanted = dict(self.asked.question.where).get(GROUP)
        if not self.asked.question.by and (wanted is None or set(groups) <= set(wanted)):
            return span in whole
        hidden = too_small(groups, FEWEST) if self._by_group(span, answers) else frozenset(groups)
        if self.asked.question.by:
            return row["by"][GROUP] not in hidden
        some = set(wanted or ())
        return hidden != frozenset(groups) and (not some & hidden or hidden <= some)

    def _over(self, span: Span) -> bool:
        as_of = self.asked.as_of
        return as_of is None or as_of >= day_start(span.end, self.zone) or as_of >= self.present - LATE

    def _whole(self, span: Span, answers: Mapping[Span, Partition]) -> list[Span]:
        """Of the periods that end with this one, up to it, those whose whole is told."""
        told: list[Span] = []
        for each in self._together(span):
            count = sum(answers[each].values())
            if count >= FEWEST and not any(told_on(count, sum(answers[other].values())) for other in told):
                told.append(each)
        return told

    def _by_group(self, span: Span, answers: Mapping[Span, Partition]) -> bool:
        """Whether a period is told by group: not where a group differs by few from what it is in a more usual one."""
        told: list[Span] = []
        for each in self._together(span):
            if not any(told_on(answers[each].get(key, 0), answers[other].get(key, 0))
                       for other in told for key in {*answers[each], *answers[other]}):
                told.append(each)
        return span in told

    def _together(self, span: Span) -> list[Span]:
        """The periods that are told and end, as far as is known, with this one, the most usual first, up to it."""
        last = self._last(span)
        found: list[Span] = []
        for months in _MONTHS:
            for first in dict.fromkeys((1, self.fiscal)):
                start = _start(last, months, first)
                each = Span(start, add_months(start, months))
                if self._last(each) == last and each not in found:
                    found.append(each)
        return found[:found.index(span) + 1]

    def _last(self, span: Span) -> date:
        """The last day of a period that is known."""
        last, as_of = span.end - timedelta(days=1), self.asked.as_of
        today = None if as_of is None else as_of.astimezone(self.zone).date()
        return last if today is None or today < span.start else min(last, today)

    def _usual(self, span: Span) -> bool:
        months = span.whole_months
        return months in _MONTHS and any(
            _start(span.start, months, first) == span.start for first in (1, self.fiscal))


def _start(day: date, months: int, first: int) -> date:
    """The first day of the period of so many months that holds a day, in a year that begins with month `first`."""
    return add_months(day.replace(day=1), -((day.month - first) % 12 % months))


def partition(rows: Sequence[Mapping[str, Any]]) -> Partition:
    """How many answers each team gave, from the answer to a question of `needed`."""
    return {row["by"].get(GROUP): row["n"] for row in rows}
