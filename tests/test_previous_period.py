"""The period before a period."""

from datetime import date

import pytest

from salesgauge.errors import BadPeriod
from salesgauge.periods import Span, previous, read_period


@pytest.mark.parametrize(("period", "before"), [
    ("2025", "2024"), ("2025-Q1", "2024-Q4"), ("2025-03", "2025-02"), ("2025-W01", "2024-W52"), ("2025-03-01", "2025-02-28"),
    ("FY2026-Q1", "FY2025-Q4"), ("2025-01-01..2025-06-01", "2024-08-01..2025-01-01"), ("2025-01-10..2025-01-20", "2024-12-31..2025-01-10"),
])
def test_a_period_of_whole_months_follows_one_of_as_many_months_any_other_one_of_as_many_days(period: str, before: str) -> None:
    assert previous(read_period(period, 4)) == read_period(before, 4)


def test_before_the_calendar_begins_there_is_no_period() -> None:
    with pytest.raises(BadPeriod):
        previous(Span(date(1, 1, 1), date(1, 2, 1)))
