"""Lead generation: each KPI by hand, on one small company in Berlin."""

import pytest

from examples.company import Company
from examples.conftest import Make


@pytest.fixture(scope="module")
def berlin(company: Make) -> Company:
    return company(timezone="Europe/Berlin", reps="""
        rep_id  team   region
        R1      North  DE
        R2      South  FR
        """, accounts="""
        account_id  region
        AC1         EU
        AC2         EU
        AC3         US
        """, contracts="""
        contract_id  account_id  starts_on   ends_on     total_value
        CT1          AC1         2024-01-01  2026-01-01  100
        """, orders="""
        order_id  account_id  ordered_at           rep_id  channel
        O1        AC2         2025-02-10T10:00:00  R2      web
        """, order_lines="""
        order_id  line  quantity  unit_price
        O1        1     1         100
        """, exchange_rates="""
        currency  rated_on    rate
        USD       2020-01-01  0.5
        """, spend="""
        spend_id  spent_on    amount  currency  function   purpose          channel  rep_id
        S1        2025-01-05  100     -         marketing  lead_generation  web      R1
        S2        2025-01-06  50      USD       marketing  lead_generation  fair     -
        S3        2025-01-07  30      XXX       marketing  lead_generation  -        -
        S4        2025-01-08  500     EUR       sales      other            web      R2
        """, leads="""
        lead_id  created_at           channel  campaign_id  owner_id  account_id  converted_at         referred_by_account_id
        L1       2025-01-10T09:00:00  web      C1           R1        AC2         2025-01-20T00:00:00  -
        L2       2025-01-11T09:00:00  web      C1           R1        -           -                    AC2
        L3       2025-01-12T09:00:00  fair     -            R2        AC3         -                    -
        L4       2025-01-13T09:00:00  fair     -            R2        AC1         -                    AC1
        L5       2025-02-01           web      -            -         -           -                    -
        """, activities="""
        activity_id  occurred_at          kind     direction  lead_id  account_id  booked_at            status    sentiment  automatic
        A1           2025-01-10T11:00:00  call     outbound   L1       -           -                    -         -          -
        A2           2025-01-11T10:00:00  email    inbound    L1       -           -                    -         positive   -
        A3           2025-02-01T10:00:00  email    -          L1       -           -                    -         -          false
        A4           2025-01-12T09:00:00  email    outbound   L3       -           -                    -         -          -
        A5           2025-01-13T09:00:00  email    inbound    L3       -           -                    -         negative   -
        A6           2025-01-12T08:00:00  message  inbound    L3       -           -                    -         positive   -
        A7           2025-01-14T09:00:00  call     outbound   L4       -           -                    -         -          -
        A8           2025-01-15T09:00:00  call     outbound   L3       -           -                    declined  -          -
        A9           2025-01-11T10:00:00  email    outbound   L2       -           -                    -         -          true
        M1           2025-02-03T12:00:00  meeting  -          L1       -           2025-01-11T12:00:00  held      -          -
        M2           2025-01-18T12:00:00  demo     -          L3       -           2025-01-16T12:00:00  declined  -          -
        M3           2025-01-18T12:00:00  meeting  -          -        AC1         2025-01-17T12:00:00  booked    -          -
        """)


def test_new_leads_are_those_created_in_the_period(berlin: Company) -> None:
    row = berlin.row("new_leads", "2025-01")
    assert (row["value"], row["numerator"], row["denominator"], row["n"], row["low"], row["excluded"]) == (4, 4, None, 4, None, {})
    assert berlin.groups("new_leads", "2025", "rep") == {"R1": (2, None), "R2": (2, None), None: (1, None)}
    assert berlin.groups("new_leads", "2025-01", "campaign") == {"C1": (2, None), None: (2, None)}


def test_cost_per_lead_sets_aside_spend_of_a_currency_without_a_rate(berlin: Company) -> None:
    row = berlin.row("cost_per_lead", "2025-01")
    assert (row["value"], row["numerator"], row["denominator"], row["n"], row["excluded"]) == (31.25, 125, 4, 4, {"no_exchange_rate": 1})
    rows = berlin.answer("cost_per_lead", "2025-01", by=["channel"])
    by_channel = {r["by"]["channel"]: (r["value"], r["numerator"], r["denominator"]) for r in rows}
    assert by_channel == {"fair": (12.5, 25, 2), "web": (50, 100, 2), None: (None, 0, 0)}


def test_lead_to_opportunity_rate_counts_conversions_known_by_as_of(berlin: Company) -> None:
    assert berlin.fraction("lead_to_opportunity_rate", "2025-01") == (1, 4)
    assert berlin.fraction("lead_to_opportunity_rate", "2025-01", as_of="2025-01-19") == (0, 4)
    assert berlin.fraction("lead_to_opportunity_rate", "2025-01", as_of="2025-01-20") == (1, 4)


def test_lead_response_time_runs_from_creation_to_the_first_outbound_activity_at_or_after_it(berlin: Company) -> None:
    row = berlin.row("lead_response_time", "2025-01")
    assert (row["numerator"], row["denominator"], row["n"], row["median"], row["excluded"]) == (26, 3, 3, 2, {"unanswered": 1})
    assert (row["p90"], row["low"], row["high"]) == pytest.approx((19.6, -24.413, 41.747), abs=1e-3)
    assert berlin.row("lead_response_time", "2025-02")["value"] is None


def test_lead_response_rate_is_the_share_answered(berlin: Company) -> None:
    row = berlin.row("lead_response_rate", "2025-01")
    assert (row["value"], row["numerator"], row["denominator"]) == (0.75, 3, 4)
    assert (row["low"], row["high"]) == pytest.approx((0.300642, 0.954413), abs=1e-6)


def test_customer_acquisition_rate_follows_prospects_from_their_first_contact_to_becoming_a_customer(berlin: Company) -> None:
    assert berlin.fraction("customer_acquisition_rate", "2025-01") == (1, 2)
    assert berlin.fraction("customer_acquisition_rate", "2025-01", as_of="2025-02-01") == (0, 2)
    assert berlin.groups("customer_acquisition_rate", "2025-01", "outreach") == {"call": (1, 1), "email": (0, 1)}


def test_the_touches_of_a_prospect_are_outbound_and_end_when_it_becomes_a_customer(berlin: Company) -> None:
    assert berlin.groups("customer_acquisition_rate", "2025-01", "touches") == {"1": (0, 1), "3": (1, 1)}
    assert berlin.groups("customer_acquisition_rate", "2025-01", "touches", as_of="2025-02-02") == {"1": (0, 1), "2": (0, 1)}


def test_reply_rates_look_at_the_last_clear_reply_at_or_after_the_first_outbound_activity(berlin: Company) -> None:
    assert berlin.fraction("positive_reply_rate", "2025-01") == (1, 2)
    assert berlin.fraction("negative_reply_rate", "2025-01") == (1, 2)
    assert berlin.groups("negative_reply_rate", "2025-01", "outreach") == {"call": (0, 1), "email": (1, 1)}


def test_meeting_acceptance_counts_bookings_with_prospects_that_were_not_declined(berlin: Company) -> None:
    row = berlin.row("meeting_acceptance_rate", "2025-01")
    assert (row["numerator"], row["denominator"], row["n"], row["low"]) == (1, 3, 3, None)


def test_a_booking_is_known_from_the_booking_on_though_the_meeting_is_later(berlin: Company) -> None:
    assert berlin.fraction("meeting_acceptance_rate", "2025-01", as_of="2025-01-12") == (1, 1)
    assert berlin.fraction("meeting_acceptance_rate", "2025-01", as_of="2025-01-11T11:59:59") == (0, 1)


def test_referrals_are_leads_whose_referrer_was_a_customer_by_then(berlin: Company) -> None:
    assert berlin.value("referrals", "2025-01") == 1


def test_customer_acquisition_cost_divides_spend_by_new_customers_by_the_channel_of_what_made_them_one(berlin: Company) -> None:
    row = berlin.row("customer_acquisition_cost", "2025-01-01..2025-03-01")
    assert (row["value"], row["numerator"], row["denominator"], row["n"], row["excluded"]) == (625, 625, 1, 1, {"no_exchange_rate": 1})
    assert berlin.groups("customer_acquisition_cost", "2025", "channel") == {"fair": (25, 0), "web": (600, 1), None: (0, 0)}


def test_region_of_customer_acquisition_cost_is_that_of_the_spends_rep_and_of_the_rep_of_what_made_a_customer(berlin: Company) -> None:
    assert berlin.groups("customer_acquisition_cost", "2025", "region") == {"DE": (100, 0), "FR": (500, 1), None: (25, 0)}


def test_contacts_to_first_meeting_counts_touches_of_either_direction_of_a_lead_that_is_no_deals(berlin: Company) -> None:
    assert berlin.fraction("contacts_to_first_meeting", "2025-02") == (4, 1)
    assert berlin.groups("contacts_to_first_meeting", "2025-02", "channel") == {"web": (4, 1)}


def test_a_machines_message_counts_in_no_kpi(berlin: Company) -> None:
    assert berlin.fraction("lead_response_rate", "2025-01", where={"rep": ["R1"]}) == (1, 2)
