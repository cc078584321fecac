"""What an address says: period, comparison, filters, as-of."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from starlette.datastructures import QueryParams

from salesgauge.errors import BadPeriod, BadQuery
from salesgauge.periods import Span
from salesgauge.settings import Settings
from salesgauge.web.view import View, around, page_instant, period_text, read_view

NOW = datetime(2026, 5, 20, 22, 30, tzinfo=UTC)  # the 21st in Berlin
BERLIN = Settings("Europe/Berlin", "EUR")


def view(address: str = "", settings: Settings = BERLIN, last_day: date | None = date(2026, 5, 19)) -> View:
    return read_view(QueryParams(address), settings, NOW, last_day)


def test_without_a_period_it_is_the_quarter_in_which_something_happened_last() -> None:
    assert view().period == "2026-Q2"
    assert view(last_day=date(2025, 12, 31)).period == "2025-Q4"
    assert view(last_day=date(2030, 1, 1)).period == "2026-Q2"  # what lies in the future has not happened
    assert view(last_day=None).period == "2026-Q2"


def test_today_is_the_local_day_of_the_instant() -> None:
    assert view().today == date(2026, 5, 21)
    assert view("as_of=2026-02-01").today == date(2026, 2, 1)
    assert view("as_of=2031-02-01").instant == NOW  # nobody sees the future


def test_a_fiscal_year_names_its_own_quarters() -> None:
    found = view("", Settings("Europe/Berlin", "EUR", fiscal_year_start=4))
    assert (found.period, found.kind, found.step(-1), found.containing("year")) == ("FY2027-Q1", "quarter", "FY2026-Q4", "FY2027")
    assert found.trend() == ("2024-04-01..2026-07-01", "fiscal_quarter")


@pytest.mark.parametrize(("period", "kind", "before", "after", "compared"), [
    ("2026-Q1", "quarter", "2025-Q4", "2026-Q2", Span(date(2025, 10, 1), date(2026, 1, 1))),
    ("2026-02", "month", "2026-01", "2026-03", Span(date(2026, 1, 1), date(2026, 2, 1))),
    ("2026", "year", "2025", "2027", Span(date(2025, 1, 1), date(2026, 1, 1))),
    ("2026-W01", "week", "2025-W52", "2026-W02", Span(date(2025, 12, 22), date(2025, 12, 29))),
    ("2026-03-01", "day", "2026-02-28", "2026-03-02", Span(date(2026, 2, 28), date(2026, 3, 1))),
    ("2026-03-05..2026-03-15", "other", "2026-02-23..2026-03-05", "2026-03-15..2026-03-25", Span(date(2026, 2, 23), date(2026, 3, 5))),
])
def test_periods_step_and_compare_with_their_like(period: str, kind: str, before: str, after: str, compared: Span) -> None:
    found = view(f"period={period}")
    assert (found.kind, found.step(-1), found.step(1), found.before) == (kind, before, after, compared)


def test_the_same_period_last_year_knows_leap_years() -> None:
    assert view("period=2024-02-29&compare=year").before == Span(date(2023, 2, 28), date(2023, 3, 1))
    assert view("compare=none").before is None


def test_an_address_is_read_and_written_alike() -> None:
    said = "?period=2026-Q1&compare=year&as_of=2026-03-01&f.team=North&f.team=&f.region=DACH"
    found = view(said[1:])
    assert found.where == (("team", ("North", None)), ("region", ("DACH",)))
    assert found.query() == said
    assert found.filtered("team").query() == "?period=2026-Q1&compare=year&as_of=2026-03-01&f.region=DACH"
    assert found.query(as_of=None, by="rep").endswith("f.region=DACH&by=rep") and "as_of" not in found.query(as_of=None)


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadPeriod, match="2025-Q5"):
        view("period=2025-Q5")
    with pytest.raises(BadQuery, match="cannot compare with 'luck': there are previous, year, none"):
        view("compare=luck")
    with pytest.raises(BadQuery, match="as_of 'soon'"):
        view("as_of=soon")


def test_the_present_is_the_last_full_five_minutes_but_never_before_the_last_load() -> None:
    noon = datetime(2026, 5, 20, 12, 4, 59, tzinfo=UTC)
    assert page_instant(noon, noon.replace(hour=3)) == noon.replace(minute=0, second=0)
    loaded = noon.replace(minute=3, second=10)
    assert page_instant(noon, loaded) == loaded
    assert page_instant(noon, noon.replace(year=2030)) == noon


def test_a_day_lies_in_one_period_of_each_kind() -> None:
    day = date(2026, 1, 1)
    named = [period_text(around(day, kind), kind) for kind in ("week", "month", "quarter", "year")]
    assert named == ["2026-W01", "2026-01", "2026-Q1", "2026"]


def test_a_period_can_be_chosen_to_compare_with() -> None:
    found = view("period=2026-Q1&compare=2025-Q2")
    assert (found.before, found.chosen) == (Span(date(2025, 4, 1), date(2025, 7, 1)), "2025-Q2")
    assert found.query() == "?period=2026-Q1&compare=2025-Q2"
    assert view("compare=year").chosen is None
    assert found.earlier(2) == ["2025-Q4", "2025-Q3"]


@pytest.mark.parametrize(("compare", "before"), [
    ("previous", Span(date(2026, 1, 1), date(2026, 2, 20))), ("year", Span(date(2025, 4, 1), date(2025, 5, 21))),
    ("2025-Q3", Span(date(2025, 7, 1), date(2025, 8, 20)))])
def test_a_running_period_is_compared_like_for_like(compare: str, before: Span) -> None:
    found = view(f"period=2026-Q2&compare={compare}").comparable  # the 21st of May is running: the 50 days before it are over
    assert found is not None and (found.now, found.before, found.to_date) == (Span(date(2026, 4, 1), date(2026, 5, 21)), before, True)


def test_a_period_that_is_over_is_compared_whole_and_one_to_come_with_nothing() -> None:
    over = view("period=2026-Q1").comparable
    assert over is not None and (over.before, over.to_date) == (Span(date(2025, 10, 1), date(2026, 1, 1)), False)
    assert view("period=2026-Q3").comparable is None and view("compare=none").comparable is None
