"""The rules of model.md, "Time"."""

import pytest

from examples.company import Company
from examples.conftest import Make


@pytest.fixture(scope="module")
def berlin(company: Make) -> Company:
    return company(timezone="Europe/Berlin", stages="""
        pipeline  stage  is_qualified
        PL        good   true
        PL        raw    false
        """, leads="""
        lead_id  created_at           owner_id
        L1       2025-10-26T02:30:00  -
        L2       2025-03-30T02:30:00  -
        L3       2025-05-01           -
        L4       2025-04-30T22:00:00Z -
        L5       2025-05-31T21:59:59.999999Z  -
        L6       2025-05-31T22:00:00Z -
        """, activities="""
        activity_id  occurred_at               kind  lead_id
        A1           2025-10-26T02:30:00+01:00 call  L1
        A2           2025-03-30T01:30:00Z      call  L2
        """, opportunities="""
        opportunity_id  created_at  pipeline  stage  amount  closed_at            outcome
        D1              2025-01-10  PL        good   300     2025-03-01T12:00:00  won
        D2              2025-03-15  PL        raw    70      -                    -
        D3              2025-01-20  PL        raw    90      2025-02-01           lost
        """, stage_changes="""
        opportunity_id  changed_at           stage  amount
        D1              2025-01-10           raw    100
        D1              2025-01-15T12:00:00  good   200
        D1              2025-01-15T12:00:00  raw    -
        D2              2025-03-20           good   -
        """)


def test_a_naive_local_time_that_occurs_twice_is_the_first_of_the_two(berlin: Company) -> None:
    assert berlin.value("lead_response_time", "2025-10") == 1.0


def test_a_naive_local_time_that_a_clock_change_skips_has_the_offset_before_it(berlin: Company) -> None:
    assert berlin.value("lead_response_time", "2025-03") == 0.0


def test_a_date_in_an_instants_column_is_the_start_of_that_local_day(berlin: Company) -> None:
    assert berlin.value("new_leads", "2025-05-01") == 2


def test_an_event_is_in_a_period_by_its_local_time_the_end_excluded(berlin: Company) -> None:
    assert berlin.value("new_leads", "2025-04") == 0
    assert berlin.value("new_leads", "2025-05") == 3
    assert berlin.value("new_leads", "2025-06") == 1


def test_an_event_exactly_at_as_of_is_known_and_one_after_it_is_not(berlin: Company) -> None:
    assert berlin.value("new_leads", "2025-05", as_of="2025-05-31T21:59:59.999999Z") == 3
    assert berlin.value("new_leads", "2025-05", as_of="2025-05-31T21:59:59.999998Z") == 2
    assert berlin.value("new_leads", "2025-05", as_of="2025-05-01") == 2


def test_a_deal_closed_after_as_of_is_open(berlin: Company) -> None:
    assert berlin.fraction("win_rate_decided", "2025-03", as_of="2025-03-01T11:59:59") == (0, 0)
    assert berlin.fraction("win_rate_decided", "2025-03", as_of="2025-03-01T12:00:00") == (1, 1)


def test_the_amount_as_of_is_the_last_that_is_not_empty_and_without_such_a_row_that_of_the_deal(berlin: Company) -> None:
    assert berlin.value("pipeline_created", "2025-01", as_of="2025-01-11") == 100
    assert berlin.value("pipeline_created", "2025-01", as_of="2025-01-16") == 200
    assert berlin.value("pipeline_created", "2025-01") == 300 + 90
    assert berlin.value("pipeline_created", "2025-03", as_of="2025-03-16") == 70


def test_of_stage_changes_at_one_instant_the_one_later_in_the_file_is_the_last(berlin: Company) -> None:
    assert list(berlin.groups("stalled_time", "2025-01", "stage", as_of="2025-01-16")) == ["raw"]


def test_without_a_change_by_the_horizon_the_stage_of_the_deal_says_whether_it_is_qualified(berlin: Company) -> None:
    assert berlin.fraction("close_rate", "2025-03", as_of="2025-03-16") == (1, 1)
    assert berlin.fraction("close_rate", "2025-03") == (1, 2)


def test_by_the_end_of_a_period_is_before_it_and_at_as_of_is_included(berlin: Company) -> None:
    assert berlin.fraction("win_rate", "2025-01") == (0, 2)
    assert berlin.fraction("win_rate", "2025-02") == (0, 2)  # closed exactly at the start: not before it
    assert berlin.fraction("win_rate", "2025-02", as_of="2025-01-31") == (0, 0)


def test_days_are_elapsed_seconds_so_a_day_of_the_clock_change_is_not_whole(berlin: Company) -> None:
    assert berlin.value("stalled_time", "2025-03-30..2025-03-31") == pytest.approx(11 - 1 / 24)


def test_a_period_that_starts_after_as_of_has_no_rows(berlin: Company) -> None:
    row = berlin.row("new_leads", "2025-05", as_of="2025-04-30T23:59:59")
    assert (row["value"], row["n"]) == (0, 0)
    assert berlin.value("win_rate", "2025-05", as_of="2025-04-30") is None
    assert berlin.answer("new_leads", "2025-05", as_of="2025-04-30", by=["rep"]) == []


def test_the_rows_of_a_grain_are_the_periods_cut_to_the_one_asked(berlin: Company) -> None:
    rows = berlin.answer("new_leads", "2025-04-30..2025-06-02", grain="month")
    assert [(r["start"], r["end"], r["value"]) for r in rows] == [
        ("2025-04-30", "2025-05-01", 0), ("2025-05-01", "2025-06-01", 3), ("2025-06-01", "2025-06-02", 1)]


def test_the_first_of_two_is_the_earlier_instant_though_the_clock_went_back_to_the_day_before(company: Make) -> None:
    met = company(timezone="America/St_Johns", opportunities="""
        opportunity_id  created_at
        D1              2010-11-01
        """, activities="""
        activity_id  occurred_at                kind     status  opportunity_id
        A1           2010-11-07T00:00:30-02:30  meeting  held    D1
        A2           2010-11-06T23:30:00-03:30  meeting  held    D1
        """)
    assert met.fraction("contacts_to_first_meeting", "2010-11-07") == (1, 1)
    assert met.fraction("contacts_to_first_meeting", "2010-11-06") == (0, 0)
