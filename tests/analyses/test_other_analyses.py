"""Cohorts, comparisons to date, attention, concentration, ramp."""

from datetime import date
from typing import Any

import pytest

from analyses.answers import proportion, row
from salesgauge.analyses.attention import at_stake, attention
from salesgauge.analyses.cohorts import cohorts
from salesgauge.analyses.concentration import concentration
from salesgauge.analyses.like_for_like import last_year, period, with_chosen, with_last_year, with_previous
from salesgauge.analyses.ramp import ramp
from salesgauge.periods import Span, read_period


def span(text: str) -> Span:
    return read_period(text)


def test_cohorts_are_a_matrix_with_holes_where_time_has_not_come() -> None:
    first, second = {"start": "2025-01-01", "end": "2025-04-01"}, {"start": "2025-04-01", "end": "2025-07-01"}
    found = cohorts([proportion(9, 10, age="0", **first), proportion(5, 10, age="1", **first), proportion(20, 20, age="0", **second)])
    assert found.ages == (0, 1)
    assert [(c.start, c.size, [cell and cell.share for cell in c.cells]) for c in found.cohorts] == [
        (date(2025, 1, 1), 10, [0.9, 0.5]), (date(2025, 4, 1), 20, [1, None])]
    assert found.together == (29 / 30, 0.5)
    assert cohorts([]).cohorts == ()


@pytest.mark.parametrize(("now", "on", "cut", "before", "shorter"), [
    ("2025-Q2", date(2025, 5, 11), "2025-04-01..2025-05-11", "2025-01-01..2025-02-10", False),
    ("2025-03", date(2025, 3, 31), "2025-03-01..2025-03-31", "2025-02-01..2025-03-01", True),
    ("2025-03", date(2025, 4, 1), "2025-03-01..2025-04-01", "2025-02-01..2025-03-01", False),
    ("2025-W07", date(2025, 2, 12), "2025-02-10..2025-02-12", "2025-02-03..2025-02-05", False)])
def test_a_running_period_is_compared_with_as_many_days(now: str, on: date, cut: str, before: str, shorter: bool) -> None:
    found = with_previous(span(now), on)
    assert found is not None
    assert (period(found.now), period(found.before), found.shorter) == (cut, before, shorter)
    assert found.to_date == (on < span(now).end)


def test_on_its_first_day_nothing_of_a_period_is_over() -> None:
    assert with_previous(span("2025-03"), date(2025, 3, 1)) is None


@pytest.mark.parametrize(("now", "before"), [
    ("2025-02", "2024-02-01..2024-03-01"), ("2024-02", "2023-02-01..2023-03-01"), ("2025-Q1", "2024-01-01..2024-04-01"),
    ("2024-02-29", "2023-02-28..2023-03-01"), ("2025-03-31", "2024-03-31..2024-04-01"), ("2025-W07", "2024-02-12..2024-02-19"),
    ("2024-02-15..2024-02-29", "2023-02-15..2023-03-01")])
def test_last_year_keeps_the_ends_of_months_and_the_days_of_weeks(now: str, before: str) -> None:
    assert period(last_year(span(now))) == before


def test_last_year_to_date_has_as_many_days() -> None:
    found = with_last_year(span("2025-Q1"), date(2025, 2, 10))
    assert found is not None and period(found.before) == "2024-01-01..2024-02-10"
    chosen = with_chosen(span("2025-Q1"), span("2024-Q4"), date(2025, 1, 3))
    assert chosen is not None and period(chosen.before) == "2024-10-01..2024-10-03"


def record(deal: str, value: float | None, due: str = "later", category: str | None = None) -> dict[str, Any]:
    return {"id": deal, "row": {"opportunity_id": deal, "because": {"value": value, "due": due, "forecast_category": category}}}


def test_attention_goes_to_the_most_money_first() -> None:
    late, slipped, fine = record("L", 10, "overdue"), record("S", 20, "overdue", "commit"), record("F", 900, "this_period", "commit")
    blank = record("B", None)
    found = attention([late, slipped, fine], [late, blank], [slipped])
    assert [(c.deal, c.why, c.value) for c in found] == [
        ("S", ("slipped_commit", "no_next_step"), 20), ("L", ("overdue", "stalled"), 10), ("B", ("stalled",), None)]
    assert at_stake(found) == 30


def test_concentration_says_what_would_be_left() -> None:
    found = concentration([row(10, account="A"), row(60, account="B"), row(20, account=None), row(10, account="C")], 100, 20)
    assert [(h.account, h.place, h.share, h.running_share) for h in found.holdings] == [
        ("B", 1, 0.6, 0.6), ("A", 2, 0.1, 0.7), ("C", 3, 0.1, 0.8)]
    assert (found.total, found.unassigned, found.top(1), found.without(2)) == (100, 20, 0.6, 30)
    assert concentration([], 0, 0).top(10) is None
    with pytest.raises(ValueError, match="one period"):
        concentration([row(1, account="A"), row(1, account="A", start="2025-02-01")], 2, 0)


def test_the_ramp_adds_months_before_it_divides() -> None:
    found = ramp([row(None, tenure_month=month) | {"numerator": booked, "denominator": worked}
                  for month, booked, worked in (("0", 0, 4), ("2", 90, 2), ("3", 50, 1), (None, 999, 9), ("40", 7, 1))])
    assert [(p.first, p.last, p.value) for p in found] == [(0, 2, 15), (3, 5, 50)]
    assert ramp([]) == ()
