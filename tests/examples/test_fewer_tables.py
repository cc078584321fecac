"""A company without orders and contracts: won deals are its purchases, and who bought lately is an active customer."""

import pytest

from examples.company import Company
from examples.conftest import Make


@pytest.fixture(scope="module")
def deals_alone(company: Make) -> Company:
    return company(without="orders order_lines contracts", opportunities="""
        opportunity_id  created_at  closed_at   outcome  amount  account_id  owner_id  channel  segment
        D1              2024-01-01  2024-03-01  won      100     AC1         R1        web      x
        D2              2024-01-01  2025-01-10  won      50      AC1         R1        fair     y
        D3              2024-01-01  2024-02-01  won      -       AC2         R2        web      y
        D4              2024-01-01  2025-01-11  won      30      -           -         -        -
        D5              2024-01-01  2025-01-12  lost     70      AC3         -         -        -
        """, accounts="""
        account_id  segment  region
        AC1         small    EU
        """)


def test_without_orders_won_deals_are_the_purchases(deals_alone: Company) -> None:
    row = deals_alone.row("revenue", "2025-01")
    assert (row["value"], row["n"]) == (80, 2)
    assert deals_alone.row("revenue", "2024")["excluded"] == {"no_amount": 1}
    assert deals_alone.fraction("average_purchase_value", "2025-01") == (80, 2)
    assert deals_alone.groups("product_mix", "2025-01", "product") == {None: (80, 80)}


def test_without_orders_the_own_columns_of_deals_are_dimensions_of_revenue_but_do_not_hide_the_catalogues(deals_alone: Company) -> None:
    assert deals_alone.groups("revenue", "2025-01", "segment") == {"small": (50, None), None: (30, None)}


def test_a_deal_without_an_account_is_revenue_and_makes_nobody_a_customer(deals_alone: Company) -> None:
    assert deals_alone.fraction("customer_acquisition_cost", "2025") == (0, 0)
    assert deals_alone.fraction("customer_acquisition_cost", "2024") == (0, 2)


def test_without_contracts_who_bought_within_365_days_is_active(deals_alone: Company) -> None:
    assert deals_alone.fraction("customer_retention_rate", "2025-01") == (1, 2)
    assert deals_alone.fraction("customer_retention_rate", "2025-01-30") == (2, 2)  # bought exactly 365 days before: still
    assert deals_alone.fraction("customer_retention_rate", "2025-01-31") == (1, 2)
    assert deals_alone.fraction("customer_retention_rate", "2024-02-01") == (0, 0)  # a purchase at the instant itself is not before it


def test_a_deal_without_amount_is_a_purchase_that_is_set_aside(deals_alone: Company) -> None:
    assert deals_alone.groups("historic_customer_value", "2025-01", "account") == {"AC1": (150, 1), "AC2": (0, 0)}


def test_a_kpi_of_an_absent_table_answers_what_it_needs_never_zero(deals_alone: Company) -> None:
    assert deals_alone.error("sales_volume", "2025") == ("missing_table", "no data: sales_volume needs orders")
    assert deals_alone.error("average_contract_value", "2025") == ("missing_table", "no data: average_contract_value needs contracts")
