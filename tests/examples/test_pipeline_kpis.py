"""Pipeline and closing: each KPI by hand, on seven deals."""

import pytest

from examples.company import Company
from examples.conftest import Make


@pytest.fixture(scope="module")
def seven(company: Make) -> Company:
    return company(reps="""
        rep_id  team
        R1      North
        R2      Nowhere
        """, rep_assignments="""
        rep_id  team   valid_from  valid_to
        R2      South  2020-01-01  2025-02-16
        R2      West   2025-02-16  -
        """, exchange_rates="""
        currency  rated_on    rate
        USD       2025-01-01  0.5
        USD       2025-02-01  0.6
        """, stages="""
        pipeline  stage     is_qualified
        PL        open      false
        PL        proposal  true
        """, opportunities="""
        opportunity_id  created_at  owner_id  pipeline  stage     amount  currency  acv  closed_at   outcome  lead_id
        D1              2025-01-05  R1        PL        open      100     EUR       120  2025-02-10  won      -
        D2              2025-01-06  R1        PL        open      300     USD       -    2025-02-20  won      -
        D3              2025-01-07  R2        PL        open      50      -         -    2025-02-15  lost     -
        D4              2025-01-08  R2        PL        proposal  -       -         -    -           -        -
        D5              2024-06-01  R2        PL        open      80      -         -    2024-12-31  lost     -
        D6              2025-02-05  R2        PL        open      -       -         -    2025-02-25  won      L1
        D7              2025-01-09  -         PL        proposal  10      XXX       -    2025-05-01  -        -
        """, stage_changes="""
        opportunity_id  changed_at  stage     amount
        D3              2025-01-07  open      40
        D3              2025-01-20  proposal  -
        D3              2025-01-21  open      50
        D7              2025-01-20  open      -
        D7              2025-01-25  open      -
        """, leads="""
        lead_id  created_at
        L1       2025-02-01
        """, activities="""
        activity_id  occurred_at  kind   opportunity_id  lead_id  status   booked_at   rep_id
        A1           2025-01-01   call   D1              -        -        -           -
        A2           2025-01-02   call   D1              -        no_show  -           -
        A3           2025-02-11   call   D1              -        -        -           -
        A4           2025-02-15   email  -               L1       -        -           -
        A5           2025-01-10   call   D3              -        -        -           -
        M1           2025-01-15   demo   D3              -        held     2025-01-09  R2
        M2           2025-03-05   demo   -               -        booked   2025-02-02  R1
        """, documents="""
        document_id  opportunity_id  kind      sent_at
        DC1          D1              contract  2025-02-01
        DC2          D1              proposal  2025-02-02
        """, forecasts="""
        forecast_id  rep_id  submitted_at         starts_on   ends_on     category   amount
        F1           R1      2025-01-20           2025-02-01  2025-03-01  commit     100
        F2           R1      2025-02-01           2025-02-01  2025-03-01  -          200
        F3           R1      2025-02-01T00:00:01  2025-02-01  2025-03-01  commit     500
        F4           R1      2025-02-01           2025-02-01  2025-03-01  best_case  900
        F5           R2      2025-01-01           2025-01-01  2025-04-01  commit     700
        """, quotas="""
        rep_id  starts_on   ends_on     amount  currency
        R1      2025-01-01  2025-04-01  900     EUR
        R2      2025-02-01  2025-03-01  100     XXX
        """)


def test_new_opportunities_are_deals_created_in_the_period(seven: Company) -> None:
    assert seven.value("new_opportunities", "2025-01") == 5


def test_pipeline_created_values_a_deal_on_the_day_of_its_creation(seven: Company) -> None:
    row = seven.row("pipeline_created", "2025-01")
    assert (row["value"], row["denominator"], row["n"], row["excluded"]) == (300, None, 3, {"no_exchange_rate": 1, "no_amount": 1})


def test_win_rate_divides_the_deals_won_by_those_tracked(seven: Company) -> None:
    row = seven.row("win_rate", "2025-02")
    assert (row["value"], row["numerator"], row["denominator"], row["n"]) == (0.5, 3, 6, 6)
    assert (row["low"], row["high"]) == pytest.approx((0.187616, 0.812384), abs=1e-6)
    assert seven.fraction("win_rate", "2024") == (0, 1)


def test_a_deal_open_at_the_horizon_is_tracked_in_the_team_of_its_last_day(seven: Company) -> None:
    assert seven.groups("win_rate", "2025-02", "team") == {"North": (2, 2), "South": (0, 1), "West": (1, 2), None: (0, 1)}
    assert seven.groups("win_rate", "2025-02", "team", as_of="2025-02-15T12:00:00") == {"North": (1, 2), "South": (0, 3), None: (0, 1)}


def test_win_rate_decided_divides_by_what_closed_in_the_period(seven: Company) -> None:
    assert seven.fraction("win_rate_decided", "2025-02") == (3, 4)
    assert seven.groups("win_rate_decided", "2025-02", "team") == {"North": (2, 2), "South": (0, 1), "West": (1, 1)}


def test_win_rate_cohort_follows_the_deals_created_in_the_period(seven: Company) -> None:
    assert seven.fraction("win_rate_cohort", "2025-01") == (2, 5)
    assert seven.fraction("win_rate_cohort", "2025-01", as_of="2025-02-15") == (1, 5)


def test_close_rate_divides_by_what_was_qualified_by_stage_changes_else_by_the_stage(seven: Company) -> None:
    # D1, D2, D6 won; D3 passed through a qualified stage; D4 stands in one and has no changes; the changes of D7 know none
    assert seven.fraction("close_rate", "2025-02") == (3, 5)


def test_average_deal_value_values_a_deal_on_the_day_of_its_close(seven: Company) -> None:
    row = seven.row("average_deal_value", "2025-02")
    assert (row["value"], row["numerator"], row["denominator"], row["n"], row["excluded"]) == (140, 280, 2, 2, {"no_amount": 1})


def test_sales_cycle_length_begins_with_the_first_contact_else_with_the_creation(seven: Company) -> None:
    row = seven.row("sales_cycle_length", "2025-02")
    assert (row["numerator"], row["denominator"], row["median"]) == (40 + 45 + 10, 3, 40)
    assert row["p90"] == pytest.approx(44)


def test_stalled_time_begins_with_the_last_change_that_changed_the_stage(seven: Company) -> None:
    assert seven.groups("stalled_time", "2025-02", "stage") == {"open": (40, 1), "proposal": (52, 1)}
    row = seven.row("stalled_time", "2025-02", as_of="2025-01-21T12:00:00")
    assert (row["numerator"], row["denominator"]) == (0, 0)  # a period that starts after as_of has no rows
    assert seven.groups("stalled_time", "2025-01", "stage", as_of="2025-01-21T12:00:00") == {
        "open": (16.5 + 15.5 + 0.5 + 1.5, 4), "proposal": (13.5, 1)}


def test_a_change_without_a_stage_leaves_it_and_changes_the_amount(company: Make) -> None:
    firm = company(stages="""
        pipeline  stage     is_qualified
        PL        open      false
        PL        proposal  true
        """, opportunities="""
        opportunity_id  created_at  pipeline  stage     amount  closed_at   outcome
        D1              2025-01-01  PL        proposal  10      -           -
        D2              2025-01-01  PL        open      20      2025-03-01  won
        D3              2025-01-01  PL        proposal  30      -           -
        """, stage_changes="""
        opportunity_id  changed_at  stage  amount
        D1              2025-01-11  open   -
        D1              2025-01-16  -      7
        D1              2025-01-21  open   -
        D2              2025-01-11  -      15
        D3              2025-01-11  -      -
        """)
    # D1 entered "open" on the 11th; D2 and D3 have no change of stage: since their creation
    assert firm.groups("stalled_time", "2025-01", "stage") == {"open": (21 + 31, 2), "proposal": (31, 1)}
    assert firm.fraction("close_rate", "2025-01") == (0, 1)  # D3, by the stage that it stands in
    assert firm.value("pipeline_created", "2025-01", as_of="2025-01-12") == 10 + 15 + 30
    assert firm.value("pipeline_created", "2025-01", as_of="2025-01-17") == 7 + 15 + 30


def test_touches_per_won_deal_counts_up_to_the_close_and_deals_without_any(seven: Company) -> None:
    row = seven.row("touches_per_won_deal", "2025-02")
    assert (row["numerator"], row["denominator"], row["n"]) == (2, 3, 3)
    assert (row["low"], row["high"]) == pytest.approx((2 / 3 - 4.302653 / 3, 2 / 3 + 4.302653 / 3), abs=1e-5)


def test_a_dimension_of_one_measure_leaves_the_other_whole(seven: Company) -> None:
    assert seven.groups("touches_per_won_deal", "2025-02", "activity_kind") == {"call": (1, 3), "email": (1, 3)}
    assert seven.fraction("touches_per_won_deal", "2025-02", where={"activity_kind": ["call"]}) == (1, 3)


def test_touches_per_lost_deal_are_the_same_for_lost_ones(seven: Company) -> None:
    assert seven.fraction("touches_per_lost_deal", "2025-02") == (2, 1)


def test_contacts_to_first_meeting_counts_touches_up_to_the_first_one_held(seven: Company) -> None:
    assert seven.fraction("contacts_to_first_meeting", "2025-01") == (2, 1)
    assert seven.fraction("contacts_to_first_meeting", "2025-02") == (0, 0)


def test_acv_per_demo_divides_by_demos_booked_in_the_period(seven: Company) -> None:
    row = seven.row("acv_per_demo", "2025-02")
    assert (row["numerator"], row["denominator"], row["n"], row["excluded"]) == (300, 1, 1, {"no_amount": 1})


def test_acv_per_demo_held_divides_by_demos_held_in_the_period(seven: Company) -> None:
    assert seven.fraction("acv_per_demo_held", "2025-01") == (0, 1)
    row = seven.row("acv_per_demo_held", "2025-02")
    assert (row["value"], row["numerator"], row["denominator"]) == (None, 300, 0)


def test_wins_per_contract_sent_may_lie_above_one(seven: Company) -> None:
    assert seven.row("wins_per_contract_sent", "2025-02")["value"] == 3


def test_forecast_accuracy_takes_each_reps_last_commit_for_exactly_the_period_by_its_start(seven: Company) -> None:
    row = seven.row("forecast_accuracy", "2025-02")
    assert (row["numerator"], row["denominator"], row["n"], row["excluded"]) == (200, 280, 2, {"no_amount": 1})
    assert row["value"] == pytest.approx(1 - 80 / 280)
    assert seven.value("forecast_accuracy", "2025-03") is None


def test_forecast_bias_is_signed(seven: Company) -> None:
    assert seven.value("forecast_bias", "2025-02") == pytest.approx(-80 / 280)


def test_a_forecast_may_come_some_days_late_where_the_setting_says_so(seven: Company, company: Make) -> None:
    late = company(settings={"forecast_cutoff_days": 1}, opportunities="""
        opportunity_id  created_at  closed_at   outcome  amount
        D1              2025-01-05  2025-02-10  won      400
        """, forecasts="""
        forecast_id  rep_id  submitted_at         starts_on   ends_on     amount
        F1           R1      2025-02-02           2025-02-01  2025-03-01  300
        F2           R1      2025-02-02T00:00:01  2025-02-01  2025-03-01  999
        """)
    assert late.value("forecast_accuracy", "2025-02") == 0.75


def test_quota_attainment_counts_a_quota_by_the_share_of_its_days(seven: Company) -> None:
    row = seven.row("quota_attainment", "2025-02")
    assert (row["value"], row["numerator"], row["n"]) == (pytest.approx(1), 280, 1)
    assert row["denominator"] == pytest.approx(280)
    assert row["excluded"] == {"no_exchange_rate": 1, "no_amount": 1}


def test_reps_at_quota_rate_has_a_slack_for_rounding(seven: Company) -> None:
    row = seven.row("reps_at_quota_rate", "2025-02")
    assert (row["numerator"], row["denominator"], row["excluded"]) == (1, 1, {"no_exchange_rate": 1, "no_amount": 1})
