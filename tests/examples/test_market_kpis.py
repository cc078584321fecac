"""Revenue, price and product: each KPI by hand."""

import pytest

from examples.company import Company
from examples.conftest import Make


@pytest.fixture(scope="module")
def market(company: Make) -> Company:
    return company(reps="""
        rep_id  team   role     hired_on    left_on
        R1      North  ae       2025-01-15  -
        R2      South  field    -           2025-04-10
        R9      North  manager  2020-01-01  -
        """, accounts="""
        account_id  owner_id  segment
        AC1         R1        small
        AC2         R2        large
        """, products="""
        product_id  family
        P1          F
        P2          G
        """, locations="""
        location_id  kind    region
        S1           store   East
        S2           online  West
        """, exchange_rates="""
        currency  rated_on    rate
        USD       2020-01-01  0.5
        """, orders="""
        order_id  account_id  ordered_at           rep_id  location_id  channel  currency
        O1        AC1         2025-03-01T10:00:00  R1      S1           shop     -
        O2        AC2         2025-03-02           R2      S2           web      USD
        O3        AC1         2025-03-03           R1      S1           shop     EUR
        O4        AC3         2025-03-04           -       -            -        XXX
        O5        -           2025-03-05           -       -            -        EUR
        """, order_lines="""
        order_id  line  product_id  quantity  unit_price  unit_list_price
        O1        1     P1          2         10          12
        O1        2     P2          1         5           -
        O2        1     P1          4         20          20
        O3        1     P1          -1        10          12
        O4        1     P3          3         7           -
        O5        1     P2          1         15          -
        """, spend="""
        spend_id  spent_on    amount  function   hours  rep_id
        SP1       2025-03-10  35      sales      7      R1
        SP2       2025-03-11  100     marketing  50     R1
        """, opportunities="""
        opportunity_id  created_at  closed_at   outcome  kind        amount  account_id  owner_id  product_id
        D1              2025-04-01  2025-04-10  won      upsell      100     AC1         R1        P1
        D2              2025-04-01  2025-04-11  won      upsell      50      AC1         R1        P2
        D3              2025-04-01  2025-04-12  won      cross_sell  200     AC2         R1        -
        D4              2025-04-01  2025-04-13  won      upsell      70      AC9         R2        -
        D5              2025-04-01  2025-04-14  won      new         900     AC9         R9        -
        """, price_observations="""
        observed_on  product_id  competitor  price  currency  location_id
        2025-03-10   P1          A           8      -         S1
        2025-03-11   P1          A           12     EUR       -
        2025-03-12   P1          B           16     USD       -
        2025-03-13   P1          own         5      -         S1
        2025-03-14   P1          B           9      XXX       -
        """, contracts="""
        contract_id  account_id  starts_on   ends_on     total_value
        C1           AC5         2025-05-01  2027-05-01  730
        C2           AC6         2025-05-01  2025-06-01  100
        """)


def test_revenue_adds_up_purchases_and_returns_line_by_line(market: Company) -> None:
    row = market.row("revenue", "2025-03")
    assert (row["value"], row["n"], row["denominator"], row["excluded"]) == (70, 5, None, {"no_exchange_rate": 1})
    assert market.groups("revenue", "2025-03", "family") == {"F": (50, None), "G": (20, None), None: (0, None)}


def test_average_purchase_value_leaves_returns_out(market: Company) -> None:
    row = market.row("average_purchase_value", "2025-03")
    assert (row["numerator"], row["denominator"], row["n"], row["excluded"]) == (80, 3, 3, {"no_exchange_rate": 1})


def test_average_contract_value_is_annual_and_counts_a_short_contract_whole(market: Company) -> None:
    row = market.row("average_contract_value", "2025-05")
    assert (row["value"], row["numerator"], row["denominator"]) == (232.5, 465, 2)


def test_average_selling_price_divides_revenue_by_quantity_in_the_region_of_the_location(market: Company) -> None:
    assert market.fraction("average_selling_price", "2025-03") == (70, 7)
    assert market.groups("average_selling_price", "2025-03", "region") == {"East": (15, 2), "West": (40, 4), None: (15, 1)}


def test_product_mix_keeps_the_whole_revenue_beside_each_product(market: Company) -> None:
    assert market.groups("product_mix", "2025-03", "product") == {"P1": (50, 70), "P2": (20, 70)}
    assert market.fraction("product_mix", "2025-03", where={"family": ["F"]}) == (50, 70)


def test_discount_rate_looks_at_lines_that_have_a_list_price(market: Company) -> None:
    assert market.fraction("discount_rate", "2025-03") == (4 - 2, 24 + 40 - 12)


def test_sales_volume_needs_no_rate_of_exchange(market: Company) -> None:
    assert market.value("sales_volume", "2025-03") == 10
    assert market.groups("sales_volume", "2025-03", "location_kind") == {"online": (4, None), "store": (2, None), None: (4, None)}


def test_upsell_rate_counts_customers_before_the_period_that_won_such_a_deal_in_it(market: Company) -> None:
    assert market.fraction("upsell_rate", "2025-04") == (1, 3)
    assert market.groups("upsell_rate", "2025-04", "product") == {"P1": (1, 3), "P2": (1, 3)}
    assert market.groups("upsell_rate", "2025-04", "team") == {"North": (1, 1), "South": (0, 1), None: (0, 1)}
    assert market.fraction("upsell_rate", "2025-03") == (0, 0)


def test_cross_sell_rate_is_the_same_for_cross_selling(market: Company) -> None:
    assert market.groups("cross_sell_rate", "2025-04", "segment") == {"large": (1, 1), "small": (0, 1), None: (0, 1)}


def test_upsell_and_cross_sell_revenue_are_of_any_account(market: Company) -> None:
    assert market.value("upsell_revenue", "2025-04") == 220
    assert market.value("cross_sell_revenue", "2025-04") == 200


def test_sales_efficiency_divides_revenue_by_spend_on_sales(market: Company) -> None:
    row = market.row("sales_efficiency", "2025-03")
    assert (row["value"], row["n"], row["excluded"]) == (2, 1, {"no_exchange_rate": 1})


def test_revenue_per_sales_hour_divides_by_the_hours_of_sales(market: Company) -> None:
    assert market.fraction("revenue_per_sales_hour", "2025-03") == (70, 7)


def test_revenue_concentration_is_the_share_of_the_largest_accounts(market: Company, company: Make) -> None:
    row = market.row("revenue_concentration", "2025-03")
    assert (row["numerator"], row["denominator"], row["n"]) == (65, 80, 3)


def test_rep_productivity_divides_by_months_in_which_a_selling_rep_was_employed(market: Company) -> None:
    assert market.fraction("rep_productivity", "2025-04") == (220, 2)
    assert market.groups("rep_productivity", "2025-04", "tenure") == {"3-5": (150, 1), None: (70, 1)}
    assert market.fraction("rep_productivity", "2025-03-15..2025-05-20") == (220, 2)
    assert market.fraction("rep_productivity", "2025-04", as_of="2025-04-30") == (0, 0)
    assert market.fraction("rep_productivity", "2025-01") == (0, 2)


def test_competitor_price_index_weighs_the_mean_price_with_our_quantities(market: Company) -> None:
    row = market.row("competitor_price_index", "2025-03")
    assert (row["numerator"], row["n"], row["excluded"]) == (50, 3, {"no_exchange_rate": 1})
    assert row["denominator"] == pytest.approx(5 * 28 / 3)
    assert market.groups("competitor_price_index", "2025-03", "competitor") == {"A": (50, 50), "B": (50, 40)}
    assert market.groups("competitor_price_index", "2025-03", "location") == {"S1": (10, 8), None: (0, 0)}
    assert market.fraction("competitor_price_index", "2025-03", where={"competitor": ["B"]}) == (50, 40)


def test_average_retail_price_leaves_our_own_shelf_out(market: Company) -> None:
    row = market.row("average_retail_price", "2025-03")
    assert (row["numerator"], row["denominator"], row["excluded"]) == (28, 3, {"no_exchange_rate": 1})
