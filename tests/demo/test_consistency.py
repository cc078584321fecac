from __future__ import annotations

import pytest

from salesgauge.schema import TABLES, Kind

from .conftest import Company

END = "(TIMESTAMPTZ '2026-06-30 22:00:00+00')"  # the end of 30 June in Berlin

REFERENCES = [
    ("reps", "manager_id", "reps"), ("rep_assignments", "rep_id", "reps"), ("rep_assignments", "manager_id", "reps"),
    ("accounts", "owner_id", "reps"), ("leads", "owner_id", "reps"), ("leads", "account_id", "accounts"),
    ("leads", "opportunity_id", "opportunities"), ("leads", "campaign_id", "campaigns"), ("leads", "referred_by_account_id", "accounts"),
    ("opportunities", "account_id", "accounts"), ("opportunities", "lead_id", "leads"), ("opportunities", "owner_id", "reps"),
    ("opportunities", "product_id", "products"), ("opportunities", "location_id", "locations"),
    ("stage_changes", "opportunity_id", "opportunities"), ("activities", "rep_id", "reps"), ("activities", "lead_id", "leads"),
    ("activities", "account_id", "accounts"), ("activities", "opportunity_id", "opportunities"),
    ("documents", "opportunity_id", "opportunities"), ("contracts", "account_id", "accounts"),
    ("contracts", "opportunity_id", "opportunities"), ("contracts", "rep_id", "reps"), ("contracts", "product_id", "products"),
    ("contracts", "renews_contract_id", "contracts"), ("orders", "account_id", "accounts"), ("orders", "rep_id", "reps"),
    ("orders", "location_id", "locations"), ("orders", "opportunity_id", "opportunities"), ("order_lines", "order_id", "orders"),
    ("order_lines", "product_id", "products"), ("spend", "rep_id", "reps"), ("spend", "campaign_id", "campaigns"),
    ("quotas", "rep_id", "reps"), ("forecasts", "rep_id", "reps"), ("survey_responses", "account_id", "accounts"),
    ("survey_responses", "rep_id", "reps"), ("price_observations", "product_id", "products"),
    ("price_observations", "location_id", "locations"), ("promotions", "location_id", "locations"),
    ("promotions", "product_id", "products"),
]


def test_there_are_as_many_rows_as_the_small_size_promises(small: Company) -> None:
    assert 1_800 <= small.one("SELECT count(*) FROM leads") <= 2_200
    assert 30_000 <= small.one("SELECT count(*) FROM activities") <= 60_000
    assert small.one("SELECT count(*) FROM reps") == 25
    assert all(small.one(f"SELECT count(*) FROM {table}") > 0 for table in TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_keys_are_unique_and_required_cells_are_full(small: Company, table: str) -> None:
    made = TABLES[table]
    if not made.ordered:
        assert small.count(f"SELECT {', '.join(made.key)} FROM {table} GROUP BY ALL HAVING count(*) > 1") == 0
    for column in made.columns:
        if column.required:
            assert small.count(f"SELECT 1 FROM {table} WHERE {column.name} IS NULL") == 0
        if column.choices:
            listed = ", ".join(f"'{word}'" for word in column.choices)
            assert small.count(f"SELECT 1 FROM {table} WHERE {column.name} NOT IN ({listed})") == 0


@pytest.mark.parametrize(("table", "column", "target"), REFERENCES)
def test_no_id_points_to_nothing(small: Company, table: str, column: str, target: str) -> None:
    key = TABLES[target].key[0]
    assert small.count(f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {target})") == 0


def test_nothing_happens_after_the_last_day(small: Company) -> None:
    for name, table in TABLES.items():
        for column in table.columns:
            if column.kind is Kind.INSTANT:
                assert small.count(f"SELECT 1 FROM {name} WHERE {column.name} >= {END}") == 0, (name, column.name)
    for name, day in (("spend", "spent_on"), ("price_observations", "observed_on"), ("contracts", "starts_on"), ("reps", "hired_on"),
                      ("reps", "left_on"), ("exchange_rates", "rated_on"), ("promotions", "starts_on")):
        assert small.count(f"SELECT 1 FROM {name} WHERE {day} > DATE '2026-06-30'") == 0, name


def test_the_last_stage_change_is_how_the_deal_stands(small: Company) -> None:
    small.rows("""CREATE OR REPLACE TEMP TABLE last_change AS
        SELECT opportunity_id, arg_max(stage, place) AS stage, arg_max(amount, place) FILTER (amount IS NOT NULL) AS amount,
               arg_max(closes_on, place) FILTER (closes_on IS NOT NULL) AS closes_on, min(changed_at) AS begun, max(changed_at) AS ended
        FROM (SELECT *, row_number() OVER (PARTITION BY opportunity_id ORDER BY changed_at, rowid) AS place FROM stage_changes) GROUP
            BY 1""")
    assert small.count("SELECT 1 FROM opportunities ANTI JOIN last_change USING (opportunity_id)") == 0
    assert small.count("""SELECT 1 FROM opportunities o JOIN last_change c USING (opportunity_id)
        WHERE o.stage IS DISTINCT FROM c.stage OR o.amount IS DISTINCT FROM c.amount OR o.closes_on IS DISTINCT FROM c.closes_on
           OR o.created_at <> c.begun OR (o.closed_at IS NOT NULL AND o.closed_at <> c.ended)""") == 0


def test_a_deal_is_closed_in_a_closed_stage_and_open_in_an_open_one(small: Company) -> None:
    assert small.count("""SELECT 1 FROM opportunities o LEFT JOIN stages s USING (pipeline, stage)
        WHERE s.stage IS NULL OR s.is_closed <> (o.closed_at IS NOT NULL) OR s.is_won <> (o.outcome = 'won' AND o.outcome IS NOT NULL)
           OR (o.outcome IS NULL) <> (o.closed_at IS NULL)""") == 0


def test_amounts_grow_and_shrink_and_expected_closes_move_both_ways(small: Company) -> None:
    amounts, closes = small.rows("""
        SELECT [count(*) FILTER (amount > before), count(*) FILTER (amount < before)],
               [count(*) FILTER (closes_on > was_on), count(*) FILTER (closes_on < was_on)]
        FROM (SELECT *, lag(amount IGNORE NULLS) OVER w AS before, lag(closes_on IGNORE NULLS) OVER w AS was_on FROM stage_changes
              WINDOW w AS (PARTITION BY opportunity_id ORDER BY changed_at))""")[0]
    assert min(*amounts, *closes) > 300


def test_a_deal_comes_after_its_lead_and_its_lead_knows_it(small: Company) -> None:
    assert small.count("SELECT 1 FROM opportunities o JOIN leads l USING (lead_id) WHERE o.created_at <> l.converted_at") == 0
    assert small.count("SELECT 1 FROM leads WHERE opportunity_id IS NOT NULL AND converted_at IS NULL") == 0
    assert small.count("SELECT 1 FROM leads WHERE qualified_at < created_at OR converted_at < qualified_at") == 0
    assert small.count("""SELECT 1 FROM leads l JOIN opportunities o ON o.opportunity_id = l.opportunity_id
        WHERE o.lead_id IS NOT NULL AND o.lead_id <> l.lead_id""") == 0


def test_activities_lie_between_lead_and_close_but_for_a_few_answers(small: Company) -> None:
    assert small.count("SELECT 1 FROM activities a JOIN leads l USING (lead_id) WHERE a.occurred_at < l.created_at") == 0
    assert small.count("SELECT 1 FROM activities WHERE booked_at > occurred_at") == 0
    late, all_of_them = small.rows("""SELECT count(*) FILTER (a.occurred_at > o.closed_at), count(*) FROM activities a
        JOIN opportunities o USING (opportunity_id)""")[0]
    assert 0 < late < .04 * all_of_them


def test_an_activity_a_lead_and_a_deal_that_belong_together_have_one_account(small: Company) -> None:
    for table, key in (("activities", "opportunity_id"), ("activities", "lead_id"), ("orders", "opportunity_id"),
                       ("contracts", "opportunity_id")):
        target = "opportunities" if key == "opportunity_id" else "leads"
        assert small.count(f"SELECT 1 FROM {table} a JOIN {target} o USING ({key}) WHERE a.account_id <> o.account_id") == 0, (table, key)
    assert small.count("SELECT 1 FROM opportunities o JOIN leads l USING (lead_id) WHERE l.account_id <> o.account_id") == 0


def test_people_work_only_while_they_are_employed(small: Company) -> None:
    assert small.count("""SELECT 1 FROM activities a JOIN reps r USING (rep_id) WHERE direction IS DISTINCT FROM 'inbound'
        AND (a.occurred_at AT TIME ZONE 'Europe/Berlin' < r.hired_on OR a.occurred_at AT TIME ZONE 'Europe/Berlin' >= r.left_on)""") == 0
    assert small.count("SELECT 1 FROM forecasts JOIN reps USING (rep_id) WHERE submitted_at >= left_on OR submitted_at < hired_on") == 0
    assert small.count("""SELECT 1 FROM opportunities o JOIN reps r ON r.rep_id = o.owner_id
        WHERE coalesce(o.closed_at, DATE '2026-06-30') > r.left_on""") == 0


def test_assignments_cover_employment_without_overlap(small: Company) -> None:
    assert small.count("""SELECT 1 FROM (SELECT *, lead(valid_from) OVER (PARTITION BY rep_id ORDER BY valid_from) AS following
        FROM rep_assignments) WHERE following IS NOT NULL AND valid_to IS DISTINCT FROM following""") == 0
    assert small.count("""SELECT 1 FROM reps r JOIN (SELECT rep_id, min(valid_from) AS since, arg_max(valid_to, valid_from) AS until,
        count(*) - count(valid_to) AS still, arg_max(team, valid_from) AS team, arg_max(manager_id, valid_from) AS boss
        FROM rep_assignments GROUP BY 1) a USING (rep_id)
        WHERE a.since <> r.hired_on OR (r.left_on IS NULL) <> (still = 1) OR r.left_on <> a.until OR r.team <> a.team""") == 0
    assert small.count("SELECT rep_id FROM rep_assignments WHERE team IS NOT NULL GROUP BY 1 HAVING count(DISTINCT team) > 1") > 0


def test_everybody_but_the_executive_reports_to_somebody_above(small: Company) -> None:
    assert small.rows("""WITH RECURSIVE up AS (SELECT rep_id, manager_id, 0 AS depth FROM reps UNION ALL
        SELECT up.rep_id, r.manager_id, depth + 1 FROM up JOIN reps r ON r.rep_id = up.manager_id WHERE depth < 9)
        SELECT max(depth) FROM up""") == [(3,)]
    assert small.rows("SELECT role FROM reps WHERE manager_id IS NULL AND left_on IS NULL") == [("executive",)]


def test_an_order_of_a_deal_comes_after_its_win(small: Company) -> None:
    assert small.count("""SELECT 1 FROM orders JOIN opportunities USING (opportunity_id)
        WHERE outcome IS DISTINCT FROM 'won' OR ordered_at < closed_at""") == 0
    assert small.count("SELECT 1 FROM orders ANTI JOIN order_lines USING (order_id)") == 0
    assert small.one("SELECT count(*) FROM (SELECT sum(quantity * unit_price) AS v FROM order_lines GROUP BY order_id) WHERE v < 0") > 20


def test_an_order_of_a_customer_comes_after_its_first_win(small: Company) -> None:
    assert small.count("""SELECT 1 FROM orders o LEFT JOIN (SELECT account_id, min(closed_at) AS since FROM opportunities WHERE
        outcome = 'won'
        GROUP BY 1) c USING (account_id) WHERE o.account_id IS NOT NULL AND (since IS NULL OR o.ordered_at < since)""") == 0


def test_contracts_follow_each_other_without_a_gap(small: Company) -> None:
    assert small.count("""SELECT 1 FROM contracts n JOIN contracts p ON p.contract_id = n.renews_contract_id
        WHERE n.starts_on <> p.ends_on OR n.account_id <> p.account_id""") == 0
    assert small.count("SELECT 1 FROM contracts c JOIN opportunities o USING (opportunity_id) WHERE o.outcome IS DISTINCT FROM 'won'") == 0
    assert small.count("SELECT account_id FROM contracts WHERE renews_contract_id IS NULL GROUP BY 1 HAVING count(*) > 1") == 0


def test_a_referrer_was_a_customer_before_the_lead_came(small: Company) -> None:
    assert small.count("SELECT 1 FROM leads WHERE referred_by_account_id IS NOT NULL") > 20
    assert small.count("""SELECT 1 FROM leads l LEFT JOIN (SELECT account_id, min(closed_at) AS since FROM opportunities WHERE
        outcome = 'won'
        GROUP BY 1) c ON c.account_id = l.referred_by_account_id
        WHERE l.referred_by_account_id IS NOT NULL AND (since IS NULL OR l.created_at < since)""") == 0


def test_documents_are_sent_while_the_deal_is_open_and_signed_where_it_is_won(small: Company) -> None:
    assert small.count("""SELECT 1 FROM documents d JOIN opportunities o USING (opportunity_id)
        WHERE d.sent_at < o.created_at OR d.sent_at > o.closed_at OR d.signed_at < d.sent_at
           OR (d.signed_at IS NOT NULL AND (o.outcome IS DISTINCT FROM 'won' OR d.signed_at > o.closed_at))""") == 0


def test_forecasts_fit_the_pipeline_of_their_day(small: Company) -> None:
    wide = """SELECT rep_id, starts_on, ends_on, submitted_at, max(amount) FILTER (coalesce(category, 'commit') = 'commit') AS commit,
              max(amount) FILTER (category = 'best_case') AS best, max(amount) FILTER (category = 'pipeline') AS most FROM forecasts
                  GROUP BY ALL"""
    assert small.count(f"SELECT 1 FROM ({wide}) WHERE commit > best OR best > most OR commit > most") == 0
    often = "SELECT count(DISTINCT submitted_at) AS n FROM forecasts GROUP BY rep_id, starts_on, ends_on"
    assert small.one(f"SELECT median(n) FROM ({often})") >= 3
    # what a rep had booked of a period that is over is what they still say at its end, about
    booked, said = small.rows(f"""SELECT sum(booked), sum(commit) FROM (SELECT f.rep_id, f.starts_on, arg_max(commit, submitted_at)
        AS commit FROM ({wide}) f
        WHERE ends_on - starts_on > 60 AND ends_on <= DATE '2026-07-01' GROUP BY ALL) f JOIN (SELECT owner_id AS rep_id,
        date_trunc('quarter', closed_at)::DATE AS starts_on, sum(eur(amount, currency)) AS booked FROM opportunities WHERE outcome =
            'won' GROUP BY ALL) b USING (rep_id, starts_on)""")[0]
    assert .85 < said / booked < 1.2


def test_mess_is_there_but_small(small: Company) -> None:
    for table, column, most in (("leads", "channel", .05), ("leads", "account_id", .2), ("opportunities", "amount", .05),
                                ("opportunities", "owner_id", .01), ("activities", "contact_role", .5),
                                ("order_lines", "unit_list_price", .06)):
        empty = small.one(f"SELECT avg(({column} IS NULL)::INT) FROM {table}")
        assert 0 < empty < most, (table, column, empty)
    assert small.count("SELECT 1 FROM leads WHERE channel IN ('unknown', 'Fachmesse')") > 0
    assert small.one("SELECT count(DISTINCT utm_source) FROM leads") > 3
    assert small.one("SELECT count(DISTINCT currency) FROM opportunities") == 3
