"""Customers and people: each KPI by hand."""

import pytest

from examples.company import Company
from examples.conftest import Make


@pytest.fixture(scope="module")
def club(company: Make) -> Company:
    return company(reps="""
        rep_id  team   hired_on    left_on     manager_id
        R1      North  2023-05-01  -           R1
        R2      North  2024-02-29  2025-04-01  R1
        R3      South  2025-02-10  -           R1
        R4      South  -           -           -
        R5      South  2025-02-11  -           -
        """, accounts="""
        account_id  owner_id  segment
        AC1         R1        small
        AC2         R3        small
        AC8         R3        large
        """, contracts="""
        contract_id  account_id  starts_on   ends_on     total_value
        C0           AC7         2024-01-01  2025-01-01  1
        C1           AC1         2025-01-01  2026-01-01  1
        C2           AC2         2024-06-01  2025-04-01  1
        C3           AC3         2025-02-01  2026-02-01  1
        C9           AC8         2024-01-01  2026-01-01  1
        """, orders="""
        order_id  account_id  ordered_at  currency
        O0        AC4         2023-01-01  -
        O1        AC1         2024-05-01  -
        O2        AC1         2025-03-01  -
        O3        AC1         2025-03-15  -
        O4        AC2         2025-01-05  XXX
        O5        AC3         2025-02-02  -
        """, order_lines="""
        order_id  line  quantity  unit_price
        O0        1     1         40
        O1        1     1         100
        O2        1     1         50
        O3        1     -1        20
        O4        1     1         30
        O5        1     -1        5
        """, leads="""
        lead_id  created_at  account_id
        L1       2024-04-21  AC1
        L2       2024-04-22  AC1
        L3       2024-07-01  AC2
        """, activities="""
        activity_id  occurred_at          kind   direction  account_id  rep_id
        A1           2025-02-01           email  inbound    AC1         -
        A2           2025-03-31T23:59:59  call   -          AC1         -
        A3           2025-04-01           call   -          AC1         -
        A4           2025-02-11           call   -          AC1         R3
        A5           2025-02-14T12:00:00  call   -          -           R3
        A6           2025-02-13           call   inbound    -           R3
        """, survey_responses="""
        response_id  survey    responded_at  score  account_id  contact_id  rep_id
        N1           nps       2025-02-01    9      AC1         K1          -
        N2           nps       2025-03-01    3      AC1         K1          -
        N3           nps       2025-02-02    10     AC1         -           -
        N4           nps       2025-03-02    10     AC3         K3          -
        N5           nps       2025-03-03    10     AC3         K5          -
        N6           nps       2025-02-03    10     AC9         K9          -
        N7           nps       2025-02-04    8      AC1         K4          -
        E1           employee  2025-03-01    3      -           -           R1
        E2           employee  2025-03-05    5      -           -           R1
        E3           employee  2025-03-05    1      -           -           -
        E4           employee  2025-03-06    2      -           -           -
        """)


def test_time_to_sell_runs_from_an_accounts_earliest_lead_to_its_becoming_a_customer(club: Company) -> None:
    row = club.row("time_to_sell", "2024")
    assert (row["numerator"], row["denominator"], row["excluded"]) == (10, 1, {"no_first_lead": 3})


def test_customer_retention_and_churn_look_at_who_was_active_at_the_start(club: Company) -> None:
    assert club.fraction("customer_retention_rate", "2025-Q1") == (2, 3)
    assert club.fraction("churn_rate", "2025-Q1") == (1, 3)
    assert club.groups("churn_rate", "2025-Q1", "account_owner") == {"R1": (0, 1), "R3": (1, 2)}
    assert club.groups("churn_rate", "2025-Q1", "team") == {"North": (0, 1), "South": (1, 2)}


def test_the_horizon_of_a_period_is_as_of_where_that_is_earlier(club: Company) -> None:
    assert club.fraction("customer_retention_rate", "2025-Q1", as_of="2025-03-31T23:59:59") == (3, 3)
    assert club.fraction("customer_retention_rate", "2025-Q1", as_of="2025-04-01") == (2, 3)


def test_client_engagement_divides_touches_of_either_direction_by_the_customers_at_the_start(club: Company) -> None:
    row = club.row("client_engagement", "2025-Q1")
    assert (row["numerator"], row["denominator"], row["n"]) == (3, 3, 3)
    assert (row["low"], row["high"]) == pytest.approx((1 - 4.302653, 1 + 4.302653), abs=1e-5)


def test_net_promoter_score_takes_the_last_answer_of_each_contact_then_sets_aside(club: Company) -> None:
    row = club.row("net_promoter_score", "2025-Q1")
    assert (row["value"], row["numerator"], row["denominator"]) == (25, 100, 4)
    assert row["excluded"] == {"too_new_customer": 1, "not_a_customer": 1}


def test_customer_lifetime_value_multiplies_a_years_revenue_per_account_by_the_lifespan(club: Company) -> None:
    row = club.row("customer_lifetime_value", "2025-Q1")
    assert (row["value"], row["numerator"], row["denominator"], row["n"], row["excluded"]) == (260, 130, 1, 1, {"no_exchange_rate": 1})
    nobody_before = club.row("customer_lifetime_value", "2023")
    assert (nobody_before["value"], nobody_before["numerator"], nobody_before["denominator"]) == (None, 40, 1)


def test_historic_customer_value_leaves_out_accounts_without_a_purchase_that_counts(club: Company) -> None:
    row = club.row("historic_customer_value", "2025-Q1")
    assert (row["value"], row["numerator"], row["denominator"], row["excluded"]) == (85, 170, 2, {"no_exchange_rate": 1})
    assert club.groups("historic_customer_value", "2025-Q1", "account") == {"AC1": (130, 1), "AC2": (0, 0), "AC4": (40, 1)}


def test_employee_satisfaction_takes_each_reps_last_answer_and_every_anonymous_one(club: Company) -> None:
    assert club.fraction("employee_satisfaction", "2025-03") == (8, 3)
    assert club.groups("employee_satisfaction", "2025-03", "tenure") == {"12-23": (5, 1), None: (3, 2)}
    assert club.groups("employee_satisfaction", "2025-03", "manager") == {"R1": (5, 1), None: (3, 2)}


def test_rep_retention_rate_looks_at_reps_hired_a_year_before_the_period(club: Company) -> None:
    assert club.fraction("rep_retention_rate", "2025-03") == (1, 2)  # 29 February + 12 months = 28 February
    assert club.fraction("rep_retention_rate", "2025-03", as_of="2025-03-31") == (2, 2)
    assert club.fraction("rep_retention_rate", "2025-02") == (1, 1)


def test_ramp_time_ends_with_the_first_outbound_activity_with_a_prospect(club: Company) -> None:
    row = club.row("ramp_time", "2025-02")
    assert (row["value"], row["denominator"], row["low"], row["excluded"]) == (4.5, 1, None, {"not_yet_ramped": 1})


def test_a_customer_is_one_since_its_first_purchase_or_contract_whichever_is_earlier(club: Company) -> None:
    assert club.fraction("customer_acquisition_cost", "2024") == (0, 4)
    assert club.fraction("customer_acquisition_cost", "2023") == (0, 1)
    assert club.fraction("customer_acquisition_cost", "2025") == (0, 1)  # a return makes nobody a customer: the contract did
