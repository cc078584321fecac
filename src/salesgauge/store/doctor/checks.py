"""The contradictions and gaps that the doctor looks for, each a question in SQL over the canonical tables."""

from __future__ import annotations

from collections.abc import Mapping

from salesgauge.semantics.kpi import Kpi
from salesgauge.store.doctor.finding import Check, converting, reading

_WINS = ("win_rate", "win_rate_decided", "win_rate_cohort", "close_rate")
_BOOKINGS = ("average_deal_value", "quota_attainment", "reps_at_quota_rate", "forecast_accuracy", "forecast_bias", "rep_productivity")
_CUSTOMERS = ("customer_acquisition_cost", "customer_retention_rate", "churn_rate", "historic_customer_value", "customer_lifetime_value",
              "revenue_concentration", "time_to_sell")
_TOUCHES = ("lead_response_time", "lead_response_rate", "customer_acquisition_rate", "touches_per_won_deal", "touches_per_lost_deal",
            "client_engagement", "sales_cycle_length")
_QUOTAS = ("quota_attainment", "reps_at_quota_rate")

# The legal forms that companies write before or after their names, or leave out.
LEGAL_FORMS = ("gmbh", "mbh", "ag", "kg", "ug", "se", "inc", "llc", "llp", "ltd", "limited", "corp", "corporation", "co", "company", "plc",
               "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "oy", "ab", "as", "aps", "ооо", "ао", "зао", "пао", "ип")

# What an outbound activity of a lead is: by its lead_id, or, where it has none, by the lead's deal (model.md).
_ANSWERED = """
    SELECT a.lead_id, a.occurred_at FROM outbound a WHERE a.lead_id IS NOT NULL
    UNION ALL SELECT l.lead_id, a.occurred_at FROM outbound a JOIN leads l USING (opportunity_id) WHERE a.lead_id IS NULL
    UNION ALL SELECT d.lead_id, a.occurred_at FROM outbound a JOIN opportunities d USING (opportunity_id)
        WHERE a.lead_id IS NULL AND d.lead_id IS NOT NULL"""

CHECKS = (
    Check("leads_without_outbound", "leads", f"""
        WITH outbound AS (SELECT * FROM activities WHERE coalesce(direction, 'outbound') = 'outbound' AND automatic IS NOT TRUE),
        answered AS ({_ANSWERED})
        SELECT lead_id AS example FROM leads l ANTI JOIN answered a ON a.lead_id = l.lead_id AND a.occurred_at >= l.created_at""",
          ("lead_response_time", "lead_response_rate", "customer_acquisition_rate", "positive_reply_rate"), ("activities",)),
    Check("unattached_activities", "activities", """
        SELECT activity_id AS example FROM activities WHERE lead_id IS NULL AND opportunity_id IS NULL AND account_id IS NULL
        AND automatic IS NOT TRUE""", _TOUCHES),
    Check("no_amount", "opportunities", "SELECT opportunity_id AS example FROM opportunities WHERE amount IS NULL",
          ("pipeline_created", *_BOOKINGS, "upsell_revenue", "cross_sell_revenue")),
    Check("closed_before_created", "opportunities", """
        SELECT opportunity_id AS example FROM opportunities WHERE closed_at < created_at""", (*_WINS, "sales_cycle_length")),
    Check("outcome_without_close", "opportunities", """
        SELECT opportunity_id AS example FROM opportunities WHERE outcome IS NOT NULL AND closed_at IS NULL""",
          (*_WINS, *_BOOKINGS, "stalled_time")),
    Check("close_without_outcome", "opportunities", """
        SELECT opportunity_id AS example FROM opportunities WHERE outcome IS NULL AND closed_at IS NOT NULL""",
          (*_WINS, *_BOOKINGS, "stalled_time")),
    Check("changes_before_created", "stage_changes", """
        SELECT opportunity_id AS example FROM stage_changes c JOIN opportunities o USING (opportunity_id)
        WHERE c.changed_at < o.created_at""",
          ("close_rate", "stalled_time"), ("opportunities",)),
    Check("changes_after_closed", "stage_changes", """
        SELECT opportunity_id AS example FROM stage_changes c JOIN opportunities o USING (opportunity_id)
        WHERE o.outcome IS NOT NULL AND c.changed_at > o.closed_at""", ("close_rate", "stalled_time"), ("opportunities",)),
    Check("changes_of_unknown_deals", "stage_changes", """
        SELECT opportunity_id AS example FROM stage_changes ANTI JOIN opportunities USING (opportunity_id)""",
          ("close_rate", "stalled_time"), ("opportunities",)),
    Check("unknown_stages", "opportunities", """
        WITH seen AS (SELECT opportunity_id, pipeline, stage FROM opportunities
                      UNION SELECT opportunity_id, o.pipeline, c.stage FROM stage_changes c JOIN opportunities o USING (opportunity_id))
        SELECT any_value(concat_ws(' / ', pipeline, stage)) AS example FROM seen ANTI JOIN stages USING (pipeline, stage)
        WHERE stage IS NOT NULL GROUP BY opportunity_id""", ("close_rate",), ("stages",)),
    Check("contracts_end_before_start", "contracts", """
        SELECT contract_id AS example FROM contracts WHERE ends_on <= starts_on""",
          ("average_contract_value", "customer_retention_rate", "churn_rate", "client_engagement", "customer_lifetime_value")),
    Check("overlapping_assignments", "rep_assignments", """
        SELECT a.rep_id AS example FROM rep_assignments a WHERE EXISTS (FROM rep_assignments b WHERE b.rep_id = a.rep_id
        AND b.valid_from > a.valid_from AND b.valid_from < coalesce(a.valid_to, DATE '9999-12-31'))""", _QUOTAS),
    Check("overlapping_quotas", "quotas", """
        SELECT a.rep_id AS example FROM quotas a WHERE EXISTS (FROM quotas b WHERE b.rep_id = a.rep_id
        AND (b.starts_on, b.ends_on) <> (a.starts_on, a.ends_on) AND b.starts_on < a.ends_on AND a.starts_on < b.ends_on)""", _QUOTAS),
    Check("forecasts_without_period", "forecasts", """
        WITH spans AS (SELECT *, datediff('month', starts_on, ends_on) AS months, month(starts_on) - 1 AS place FROM forecasts)
        SELECT forecast_id AS example FROM spans WHERE coalesce(category, 'commit') = 'commit' AND NOT coalesce(
            (ends_on - starts_on = 7 AND isodow(starts_on) = 1) OR ends_on - starts_on = 1
            OR (day(starts_on) = 1 AND day(ends_on) = 1 AND (months = 1
                OR (months = 3 AND (place % 3 = 0 OR (place - $fiscal + 13) % 3 = 0))
                OR (months = 12 AND (place = 0 OR place = $fiscal - 1)))), false)""", ("forecast_accuracy", "forecast_bias")),
    Check("lines_without_order", "order_lines", """
        SELECT order_id || '|' || line AS example FROM order_lines ANTI JOIN orders USING (order_id)""",
          ("revenue", "average_selling_price", "sales_volume", "discount_rate"), ("orders",)),
    Check("orders_without_lines", "orders", "SELECT order_id AS example FROM orders ANTI JOIN order_lines USING (order_id)",
          ("average_purchase_value", "revenue", *_CUSTOMERS), ("order_lines",)),
    Check("scores_out_of_range", "survey_responses", """
        SELECT response_id AS example FROM survey_responses WHERE survey = 'nps' AND score NOT BETWEEN 0 AND 10""",
          ("net_promoter_score",)),
    Check("duplicate_accounts", "accounts", """
        WITH named AS (SELECT account_id, list_aggregate(list_filter(string_split(trim(regexp_replace(
            regexp_replace(replace(strip_accents(lower(name)), '.', ''), '(股份)?有限(责任|責任)?公司$', ''),
            '[^\\p{L}\\p{N}]+', ' ', 'g')), ' '), lambda word: NOT list_contains($forms, word)), 'string_agg', ' ') AS plain
            FROM accounts WHERE name IS NOT NULL)
        SELECT string_agg(account_id, ' = ' ORDER BY account_id) OVER (PARTITION BY plain ROWS BETWEEN UNBOUNDED PRECEDING
            AND UNBOUNDED FOLLOWING) AS example FROM named WHERE plain <> '' QUALIFY count(*) OVER (PARTITION BY plain) > 1""", _CUSTOMERS),
)

_OWNERS = {"leads": "owner_id", "opportunities": "owner_id", "accounts": "owner_id", "activities": "rep_id", "orders": "rep_id",
           "contracts": "rep_id", "spend": "rep_id", "quotas": "rep_id", "forecasts": "rep_id", "survey_responses": "rep_id"}
_ACCOUNTS = ("leads", "opportunities", "activities", "contracts", "orders", "survey_responses")
_MONEY = {"opportunities": ("amount", "coalesce(closed_at_local, created_at_local)"), "contracts": ("total_value", "starts_on"),
          "orders": ("order_id", "ordered_at_local"), "spend": ("amount", "spent_on"), "quotas": ("amount", "starts_on"),
          "forecasts": ("amount", "submitted_at_local"), "price_observations": ("price", "observed_on")}
_EVENTS = {"leads": "created_at > $now", "opportunities": "created_at > $now OR closed_at > $now", "orders": "ordered_at > $now",
           "activities": "occurred_at > $now AND booked_at IS NULL AND status IS DISTINCT FROM 'booked'", "spend": "spent_on > $today",
           "stage_changes": "changed_at > $now", "survey_responses": "responded_at > $now"}
_IDS = {"leads": "lead_id", "opportunities": "opportunity_id", "accounts": "account_id", "activities": "activity_id", "orders": "order_id",
        "contracts": "contract_id", "spend": "spend_id", "quotas": "rep_id", "forecasts": "forecast_id", "survey_responses": "response_id",
        "stage_changes": "opportunity_id", "price_observations": "product_id"}


def checks_by_table(kpis: Mapping[str, Kpi]) -> list[Check]:
    """What is looked for in every table alike: references to reps and accounts that do not exist, currencies, dates to come."""
    found = [Check("unknown_reps", table, f"SELECT t.{column} AS example FROM {table} t ANTI JOIN reps r ON r.rep_id = t.{column} "
                                          f"WHERE t.{column} IS NOT NULL", reading(kpis, table, "team", "tenure"), ("reps",))
             for table, column in _OWNERS.items()]
    found += [Check("unknown_accounts", table, f"SELECT account_id AS example FROM {table} ANTI JOIN accounts USING (account_id) "
                                               "WHERE account_id IS NOT NULL",
                    reading(kpis, table, "segment", "industry", "account_owner"), ("accounts",)) for table in _ACCOUNTS]
    for table, (value, when) in _MONEY.items():
        foreign = f"SELECT currency AS example FROM {table} t WHERE currency <> $currency AND {value} IS NOT NULL"
        found.append(Check("no_exchange_rate", table, f"{foreign} AND currency NOT IN (SELECT currency FROM exchange_rates)",
                           converting(kpis, table)))
        found.append(Check("rate_begins_later", table, f"{foreign} AND CAST({when} AS DATE) < (SELECT min(rated_on) FROM exchange_rates r "
                                                       "WHERE r.currency = t.currency)", converting(kpis, table)))
    found += [Check("in_the_future", table, f"SELECT {_IDS[table]} AS example FROM {table} WHERE {condition}", reading(kpis, table))
              for table, condition in _EVENTS.items()]
    return found
