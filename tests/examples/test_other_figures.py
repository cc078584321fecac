"""Plans, customers and reps: each figure by hand."""

from datetime import date

import pytest

from examples.company import Company
from examples.conftest import Make
from examples.test_pipeline_figures import by, records, rows, value
from salesgauge.semantics.question import Viewer

QUARTER = "2025-Q1"


@pytest.fixture(scope="module")
def planned(company: Make) -> Company:
    return company(reps="""
        rep_id  team
        R1      North
        R2      South
        """, quotas="""
        rep_id  starts_on   ends_on     amount
        R1      2025-01-01  2025-07-01  362
        R2      2025-01-01  2025-04-01  50
        """, forecasts="""
        forecast_id  rep_id  submitted_at  starts_on   ends_on     category   amount
        F1           R1      2025-01-05    2025-01-01  2025-04-01  commit     100
        F2           R1      2025-02-05    2025-01-01  2025-04-01  -          120
        F3           R1      2025-02-06    2025-01-01  2025-04-01  best_case  200
        F4           R1      2025-02-07    2025-02-01  2025-03-01  commit     900
        F5           R2      2025-01-05    2025-01-01  2025-04-01  commit     40
        F6           R2      2025-05-01    2025-01-01  2025-04-01  commit     1
        """, opportunities="""
        opportunity_id  created_at  owner_id  amount  closed_at  outcome
        D1              2025-01-05  R1        100     -          -
        """)


def test_a_quota_counts_by_its_days_in_the_period(planned: Company) -> None:
    [row] = rows(planned, "quota", QUARTER)
    assert (row["value"], row["n"]) == (180 + 50, 2)
    assert by(planned, "quota", "team", QUARTER) == {"North": 180, "South": 50}


def test_the_commit_is_the_last_one_by_then_for_exactly_the_period(planned: Company) -> None:
    assert by(planned, "commit", "rep", QUARTER) == {"R1": 120, "R2": 40}
    assert by(planned, "commit", "rep", QUARTER, as_of="2025-01-10") == {"R1": 100, "R2": 40}
    assert by(planned, "forecasts", "forecast_category", QUARTER) == {"best_case": 200, "commit": 160}


def test_a_rep_sees_their_own_quota_and_commit(planned: Company) -> None:
    assert [rows(planned, figure, QUARTER, viewer=Viewer("R2"))[0]["value"] for figure in ("quota", "commit")] == [50, 40]


@pytest.fixture(scope="module")
def served(company: Make) -> Company:
    """KEPT renews, GONE does not, TALK is being asked to renew, NEXT has a later contract for the same product, FAR ends too late."""
    return company(reps="""
        rep_id  team
        R1      North
        R2      South
        """, accounts="""
        account_id  owner_id  segment
        KEPT        R1        small
        GONE        R1        small
        TALK        R2        large
        NEXT        R2        large
        FAR         R2        large
        """, contracts="""
        contract_id  account_id  starts_on   ends_on     total_value  rep_id  product_id  renews_contract_id
        K1           KEPT        2024-02-01  2025-02-01  100          R1      P1          -
        K2           KEPT        2025-01-20  2026-01-20  110          R1      P2          K1
        G1           GONE        2024-03-01  2025-03-01  200          R1      P1          -
        T1           TALK        2024-01-15  2025-04-15  455          R2      P1          -
        N1           NEXT        2024-02-15  2025-02-15  400          R2      P1          -
        N2           NEXT        2025-01-15  2026-02-15  410          R2      P1          -
        F1           FAR         2024-02-20  2025-12-31  500          R2      P1          -
        """, opportunities="""
        opportunity_id  created_at  account_id  kind     owner_id  amount  closed_at   outcome
        D1              2024-12-01  TALK        renewal  R2        50      2024-12-20  lost
        D2              2025-01-05  TALK        renewal  R2        60      -           -
        D3              2025-01-06  GONE        new      R1        60      -           -
        """, activities="""
        activity_id  occurred_at  kind   account_id  rep_id  direction  status
        A1           2025-01-25   call   KEPT        R1      outbound   -
        A2           2024-10-01   call   GONE        R1      outbound   -
        A3           2025-01-26   call   GONE        R1      outbound   declined
        A4           2025-03-26   call   GONE        R1      outbound   -
        """)


def test_renewals_due_are_contracts_that_end_soon_without_a_successor(served: Company) -> None:
    found = records(served, "renewals_due", "2025-01")
    assert found.keys() == {"G1", "T1"}
    assert (found["G1"]["days_left"], found["G1"]["renewal"]) == (28, "none")
    assert (found["T1"]["days_left"], found["T1"]["renewal"]) == (73, "open")
    assert by(served, "renewals_due", "ends_in", "2025-01") == {"0-30": 1, "61-90": 1}
    assert by(served, "renewals_due_value", "rep", "2025-01") == {"R1": 200, "R2": pytest.approx(455 / 456 * 365)}


def test_before_its_successor_is_known_a_contract_is_still_to_be_renewed(served: Company) -> None:
    assert records(served, "renewals_due", "2025-01", as_of="2025-01-10").keys() == {"K1", "G1", "N1"}
    assert records(served, "renewals_due", "2025-01", as_of="2025-01-20").keys() == {"G1", "T1"}


def test_customers_not_touched_for_90_days_are_told(served: Company) -> None:
    assert records(served, "untouched_customers", "2025-01").keys() == {"GONE", "TALK", "NEXT", "FAR"}
    assert value(served, "active_customers", "2025-01") == 5
    assert by(served, "active_customers", "team", "2025-03") == {"North": 1, "South": 3}
    assert records(served, "active_customers", "2025-01")["GONE"]["last_touch_at"].date() == date(2024, 10, 1)


def test_cohorts_are_followed_quarter_by_quarter(served: Company) -> None:
    found = {row["by"]["age"]: (row["numerator"], row["denominator"])
             for row in rows(served, "cohort_retention", "2024-Q1", by=["age"], as_of="2025-05-01")}
    # gained: KEPT, GONE, TALK, NEXT, FAR; a year on GONE has ended
    assert found == {"0": (5, 5), "1": (5, 5), "2": (5, 5), "3": (5, 5), "4": (4, 5)}
    assert list(found) == ["0", "1", "2", "3", "4"]
    year_on = records(served, "cohort_retention", "2024-Q1", where={"age": ["4"]}, as_of="2025-05-01")
    assert year_on.keys() == {"KEPT", "TALK", "NEXT", "FAR"}


def test_ages_are_in_the_order_of_numbers(company: Make) -> None:
    firm = company(contracts="""
        contract_id  account_id  starts_on   ends_on     total_value
        K1           A1          2020-01-15  2022-06-30  1
        K2           A2          2024-06-30  2025-06-30  1
        """)
    found = [(row["by"]["age"], row["value"]) for row in rows(firm, "cohort_retention", "2020-Q1", by=["age"])]
    assert found == [(str(age), 1 if age <= 8 else 0) for age in range(13)]


def test_cohorts_without_contracts_are_told_by_purchases(company: Make) -> None:
    firm = company(without="contracts", orders="""
        order_id  ordered_at  account_id
        O1        2024-01-15  A1
        O2        2024-02-15  A2
        O3        2025-02-10  A1
        O4        2025-07-01  A3
        """, order_lines="""
        order_id  line  quantity  unit_price
        O1        1     1         10
        O2        1     1         10
        O3        1     1         10
        O4        1     1         10
        """)
    assert [row["value"] for row in rows(firm, "cohort_retention", "2024-Q1", by=["age"])] == [1, 1, 1, 1, 0.5, 0.5]


def test_the_upsell_window_is_the_middle_half_of_how_long_others_took(company: Make) -> None:
    buyers = "".join(f"B{n:02} 2024-01-01 2025-06-01 1\n" for n in range(21))
    again = "".join(f"U{n:02} B{n:02} 2024-01-02 upsell 2024-{1 + (10 * n) // 28:02}-{1 + (10 * n) % 28:02} won 1\n" for n in range(1, 21))
    contracts = "account_id starts_on ends_on total_value contract_id\n" + "".join(
        f"{line} {line.split()[0]}\n" for line in buyers.splitlines())
    firm = company(contracts=contracts + "SOON 2024-12-01 2025-12-01 1 S\nEARLY 2025-01-20 2025-12-01 1 E\n",
                   opportunities="opportunity_id account_id created_at kind closed_at outcome amount\n" + again)
    found = records(firm, "upsell_window", "2025-01")
    assert found.keys() == {"SOON"}  # B00 has been one for too long
    assert found["SOON"]["customer_days"] == 62
    assert found["SOON"]["window_from"] <= 62 <= found["SOON"]["window_until"]
    assert value(firm, "upsell_window", "2024-01") == 0  # nobody had bought again


def test_purchases_by_account_leave_returns_out(company: Make) -> None:
    firm = company(orders="""
        order_id  ordered_at  account_id
        O1        2025-01-15  A1
        O2        2025-01-16  A1
        O3        2025-01-17  -
        """, order_lines="""
        order_id  line  quantity  unit_price
        O1        1     2         10
        O2        1     -1        5
        O3        1     1         7
        """)
    assert by(firm, "account_purchases", "account", "2025-01") == {"A1": 20, None: 7}
    assert value(firm, "new_customers", "2025-01") == 1


def test_the_ramp_curve_counts_months_since_hire(company: Make) -> None:
    firm = company(reps="""
        rep_id  role  hired_on
        R1      ae    2024-12-15
        R2      ae    2025-01-10
        R3      ae    -
        """, opportunities="""
        opportunity_id  created_at  owner_id  amount  closed_at   outcome
        D1              2025-01-05  R1        100     2025-02-20  won
        D2              2025-01-05  R2        30      2025-02-25  won
        D3              2025-01-05  R3        9       2025-02-25  won
        """)
    found = {row["by"]["tenure_month"]: (row["numerator"], row["denominator"])
             for row in rows(firm, "ramp_curve", QUARTER, by=["tenure_month"])}
    assert found == {"0": (0, 1), "1": (30, 2), "2": (100, 2), "3": (0, 1), None: (9, 3)}


def test_activities_of_reps_are_counted(company: Make) -> None:
    firm = company(leads="""
        lead_id  created_at
        L1       2025-01-01
        """, activities="""
        activity_id  occurred_at  kind     rep_id  lead_id  direction  status   sentiment  booked_at
        A1           2025-01-02   email    R1      L1       outbound   -        -          -
        A2           2025-01-03   email    R1      L1       inbound    -        -          -
        A3           2025-01-04   email    R1      L1       inbound    -        positive   -
        A4           2025-01-05   meeting  R1      L1       outbound   no_show  -          2025-01-03
        A5           2025-01-06   call     R2      L1       inbound    -        -          -
        """)
    assert by(firm, "touches", "activity_kind", "2025-01") == {"call": 1, "email": 3}
    assert records(firm, "untagged_replies", "2025-01").keys() == {"A2"}
    assert value(firm, "meetings_booked", "2025-01") == 1
