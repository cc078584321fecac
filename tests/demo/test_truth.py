"""What is true of the company is found again in its data, in coarse terms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from salesgauge.demo.laws import CHANNELS, PROMOTION_KINDS

from .conftest import Company

DECIDED = "SELECT *, (outcome = 'won')::INT AS won FROM opportunities WHERE outcome IS NOT NULL"


def test_talent_wins(study: Company) -> None:
    talent = {rep.rep_id: rep.talent for rep in study.truth.reps if rep.role == "ae"}
    rates = study.rows(f"SELECT owner_id, avg(won), count(*) FROM ({DECIDED}) WHERE coalesce(kind, 'new') = 'new' GROUP BY 1")
    found = [(talent[rep], rate) for rep, rate, n in rates if rep in talent and n >= 100]
    order = sorted(found)
    tenth = max(1, len(order) // 5)
    assert np.mean([rate for _, rate in order[-tenth:]]) > 1.5 * np.mean([rate for _, rate in order[:tenth]])
    assert stats.spearmanr(*zip(*found, strict=True)).statistic > .6


def test_channels_convert_in_the_order_of_their_quality(study: Company) -> None:
    rate = dict(study.rows("""SELECT channel, avg((converted_at IS NOT NULL)::INT) FROM leads
        WHERE created_at < DATE '2026-05-01' GROUP BY 1"""))
    assert stats.spearmanr([rate[c] for c in CHANNELS], study.truth.laws.channel_quality).statistic > .85


def test_a_leads_chance_per_touch_peaks_where_the_truth_says_and_then_falls(study: Company) -> None:
    rows = study.rows("""SELECT n, yes FROM (SELECT l.lead_id, count(a.activity_id) AS n, l.qualified_at IS NOT NULL AS yes FROM leads l
        JOIN activities a ON a.lead_id = l.lead_id AND a.opportunity_id IS NULL AND a.direction IS DISTINCT FROM 'inbound'
         AND a.booked_at IS NULL AND a.occurred_at <= coalesce(l.qualified_at, TIMESTAMPTZ '2026-07-01')
        WHERE l.created_at < DATE '2026-05-01' GROUP BY ALL)""")
    touches, yes = np.array([n for n, _ in rows]), np.array([y for _, y in rows])
    hazard = [yes[touches == n].sum() / (touches >= n).sum() for n in range(1, 11)]
    assert abs(int(np.argmax(hazard)) + 1 - study.truth.laws.touch_peak) <= 1
    assert hazard[7] < .6 * max(hazard)


def test_a_deals_chance_falls_after_many_touches(study: Company) -> None:
    rows = study.rows(f"""SELECT n, won FROM (SELECT o.opportunity_id, won, count(*) AS n FROM ({DECIDED}) o JOIN activities a USING
        (opportunity_id)
        WHERE a.direction IS DISTINCT FROM 'inbound' AND a.booked_at IS NULL AND pipeline = 'new_business' AND o.opportunity_id IN
        (SELECT opportunity_id FROM stage_changes WHERE stage = 'Negotiation') GROUP BY ALL)""")
    touches, won = np.array([n for n, _ in rows]), np.array([w for _, w in rows])
    best = study.truth.laws.touches_best
    few, many = won[(touches > best) & (touches <= best + 8)], won[touches > best + 14]
    assert few.mean() > many.mean() + .1


def test_reaching_the_decision_maker_wins(study: Company) -> None:
    without, reached = (rate for _, rate in study.rows(f"""SELECT reached, avg(won) FROM (SELECT o.opportunity_id, won,
        bool_or(a.contact_role = 'decision_maker') AS reached FROM ({DECIDED}) o JOIN activities a USING (opportunity_id)
        WHERE o.kind IS DISTINCT FROM 'renewal' GROUP BY ALL HAVING count(*) BETWEEN 10 AND 14) WHERE reached IS NOT NULL GROUP BY 1
            ORDER BY 1"""))
    assert reached > without


def test_a_quick_answer_converts(study: Company) -> None:
    quick, slow = (rate for _, rate in study.rows("""SELECT slow, avg(yes) FROM (SELECT l.lead_id, (l.converted_at IS NOT NULL)::INT AS yes,
        epoch(min(a.occurred_at)) - epoch(any_value(l.created_at)) > 72000 AS slow FROM leads l JOIN activities a USING (lead_id)
        WHERE a.direction IS DISTINCT FROM 'inbound' AND l.created_at < DATE '2026-05-01' GROUP BY l.lead_id, yes) GROUP BY 1 ORDER
            BY 1"""))
    assert quick > slow + .015


def test_a_full_week_makes_answers_slow(study: Company) -> None:
    rows = study.rows("""WITH answered AS (SELECT owner_id, date_trunc('month', l.created_at) AS month, l.lead_id,
        epoch(min(a.occurred_at)) - epoch(any_value(l.created_at)) AS seconds FROM leads l JOIN activities a USING (lead_id)
        WHERE a.direction IS DISTINCT FROM 'inbound' AND owner_id IS NOT NULL GROUP BY owner_id, month, l.lead_id)
        SELECT count(*) / avg(count(*)) OVER (PARTITION BY owner_id), avg(ln(seconds)) FROM answered GROUP BY owner_id, month""")
    assert stats.spearmanr([load for load, _ in rows], [seconds for _, seconds in rows]).statistic > .1


def test_promotions_lift_volume_by_their_kind(study: Company) -> None:
    found = dict(study.rows("""WITH sold AS (SELECT location_id, product_id, ordered_at::DATE AS day, sum(quantity) AS q FROM orders
        JOIN order_lines USING (order_id)
            WHERE channel = 'store' AND quantity > 0 AND line = '1' GROUP BY ALL),
        around AS (SELECT p.kind, p.arm, sum(q) FILTER (day >= starts_on AND day < ends_on) AS during, sum(q) FILTER (day <
            starts_on) AS before
            FROM promotions p JOIN sold s ON s.location_id = p.location_id AND s.product_id = p.product_id
             AND day >= starts_on - 60 AND day < ends_on GROUP BY ALL)
        SELECT kind, (max(during) FILTER (arm = 'treatment') / max(before) FILTER (arm = 'treatment'))
            / (max(during) FILTER (arm = 'control') / max(before) FILTER (arm = 'control')) - 1 FROM around GROUP BY 1"""))
    true = study.truth.promotion_lift
    assert found["discount"] > found["other"] + .1
    assert np.corrcoef([found[k] for k in PROMOTION_KINDS], [true[k] for k in PROMOTION_KINDS])[0, 1] > .7


def test_volume_answers_to_our_own_price(study: Company) -> None:
    rows = study.rows("""SELECT product_id, date_trunc('week', ordered_at)::DATE::VARCHAR AS week, ln(avg(unit_list_price)),
        ln(count(*)) FROM orders JOIN order_lines USING (order_id)
        WHERE channel = 'store' AND quantity > 0 AND line = '1' AND currency = 'USD' AND product_id IS NOT NULL GROUP BY ALL HAVING
            count(*) > 3""")
    product, week = (np.unique([row[n] for row in rows], return_inverse=True)[1] for n in (0, 1))
    price = np.array([row[2] for row in rows])
    design = np.column_stack([price, np.eye(product.max() + 1)[product], np.eye(week.max() + 1)[week][:, 1:]])
    slope = np.linalg.lstsq(design, np.array([row[3] for row in rows]), rcond=None)[0][0]
    assert -3 < slope < -.6


def test_satisfied_customers_stay(study: Company) -> None:
    rates = dict(study.rows("""WITH feeling AS (SELECT account_id, CASE WHEN avg(score) >= 8.5 THEN 'glad' WHEN avg(score) <= 6.5
        THEN 'sad' END AS mood
            FROM survey_responses WHERE survey = 'nps' GROUP BY 1),
        ended AS (SELECT c.account_id, n.contract_id IS NOT NULL AS renewed FROM contracts c LEFT JOIN contracts n
            ON n.renews_contract_id = c.contract_id WHERE c.ends_on < DATE '2026-06-01')
        SELECT mood, avg(renewed::INT) FROM ended JOIN feeling USING (account_id) WHERE mood IS NOT NULL GROUP BY 1"""))
    assert rates["glad"] > rates["sad"] + .05


def test_engagement_helps_up_to_a_point(study: Company) -> None:
    rows = study.rows("""WITH life AS (SELECT account_id, min(starts_on) AS since, least(max(ends_on), DATE '2026-07-01') AS until
        FROM contracts GROUP BY 1),
        care AS (SELECT account_id, count(*) AS n FROM activities WHERE opportunity_id IS NULL AND lead_id IS NULL
            AND direction IS DISTINCT FROM 'inbound' GROUP BY 1)
        SELECT coalesce(n, 0) / ((until - since) / 30.44 * .75), s.score FROM life LEFT JOIN care USING (account_id) JOIN
            survey_responses s USING (account_id)
        WHERE until - since > 200""")
    rate, score = np.array([r for r, _ in rows]), np.array([s for _, s in rows])
    best = study.truth.laws.engagement_best
    assert score[(rate > best * .6) & (rate < best * 1.6)].mean() > score[rate < best * .3].mean() + .3


def test_offers_are_won_in_their_window(study: Company) -> None:
    low, high = study.truth.laws.upsell_window
    outside, inside = (rate for _, rate in study.rows(f"""SELECT inside, avg(won) FROM (SELECT o.won, o.created_at - c.since BETWEEN
        INTERVAL {low} DAY
        AND INTERVAL {high} DAY AS inside FROM ({DECIDED}) o JOIN (SELECT account_id, min(closed_at) AS since FROM opportunities
            WHERE outcome = 'won'
        GROUP BY 1) c USING (account_id) WHERE o.kind IN ('upsell', 'cross_sell')) GROUP BY 1 ORDER BY 1"""))
    assert inside > outside + .08


def test_forecasts_carry_the_bias_of_who_gives_them(study: Company) -> None:
    optimism = {rep.rep_id: rep.optimism for rep in study.truth.reps}
    rows = study.rows("""WITH said AS (SELECT rep_id, starts_on, arg_max(amount, submitted_at) AS f FROM forecasts
            WHERE coalesce(category, 'commit') = 'commit' AND submitted_at < starts_on AND ends_on - starts_on > 60 AND ends_on <=
                DATE '2026-07-01' GROUP BY ALL),
        done AS (SELECT owner_id AS rep_id, date_trunc('quarter', closed_at)::DATE AS starts_on,
            sum(eur(amount, currency)) AS b FROM opportunities WHERE outcome = 'won' GROUP BY ALL)
        SELECT rep_id, ln(sum(f) / sum(b)) FROM said JOIN done USING (rep_id, starts_on) GROUP BY 1 HAVING count(*) >= 4 AND sum(f) > 0""")
    assert stats.spearmanr([optimism[rep] for rep, _ in rows], [bias for _, bias in rows]).statistic > .5


def test_new_people_sell_less(study: Company) -> None:
    young, old = (value for _, value in study.rows("""SELECT young, sum(value) / sum(months) FROM (SELECT date_diff('month',
        hired_on, starts_on) < 3 AS young,
        3 AS months, coalesce((SELECT sum(eur(amount, currency)) FROM opportunities o
        WHERE o.owner_id = q.rep_id AND outcome = 'won' AND closed_at >= q.starts_on AND closed_at < q.ends_on), 0) AS value
        FROM quotas q JOIN reps USING (rep_id) WHERE hired_on > DATE '2023-07-01') GROUP BY 1 ORDER BY 1 DESC"""))
    assert young < .7 * old


def test_strained_people_say_so(study: Company) -> None:
    load = {rep.rep_id: rep.workload for rep in study.truth.reps}
    rows = study.rows("""SELECT rep_id, avg(score) FROM survey_responses WHERE survey = 'employee' AND rep_id IS NOT NULL
        GROUP BY 1 HAVING count(*) >= 4""")
    assert stats.spearmanr([load[rep] for rep, _ in rows], [score for _, score in rows]).statistic < -.2


@pytest.mark.parametrize("name", ["small", "study"])
def test_the_figures_are_those_of_a_plausible_company(name: str, request: pytest.FixtureRequest) -> None:
    company: Company = request.getfixturevalue(name)
    assert .18 < company.one(f"SELECT avg(won) FROM ({DECIDED})") < .32
    assert .2 < company.one("SELECT avg((converted_at IS NOT NULL)::INT) FROM leads") < .4
    cycle = company.one("""SELECT avg(epoch(closed_at - created_at) / 86400) FROM opportunities
        WHERE outcome = 'won' AND pipeline = 'new_business'""")
    assert 45 < cycle < 75
    median = company.one("""SELECT median(h) FROM (SELECT epoch(min(a.occurred_at) - l.created_at) / 3600 AS h FROM leads l JOIN
        activities a USING (lead_id)
        WHERE a.direction IS DISTINCT FROM 'inbound' GROUP BY l.lead_id, l.created_at)""")
    assert 1 < median < 12
    nps = company.one("SELECT 100 * (avg((score >= 9)::INT) - avg((score <= 6)::INT)) FROM survey_responses WHERE survey = 'nps'")
    assert 18 < nps < 45
    churn = company.one("""SELECT 1 - avg(later::INT) FROM (SELECT account_id, bool_or(starts_on <= d AND d < ends_on) AS now,
        bool_or(starts_on <= d + 365 AND d + 365 < ends_on) AS later FROM contracts, (SELECT DATE '2025-06-30' AS d) GROUP BY 1)
            WHERE now""")
    assert .07 < churn < .22
    attained = np.array([share for (share,) in company.rows("""SELECT coalesce((SELECT sum(eur(amount, currency)) FROM opportunities
        o WHERE o.owner_id = q.rep_id AND outcome = 'won' AND closed_at >= starts_on AND closed_at < ends_on), 0) / amount
        FROM quotas q WHERE ends_on <= DATE '2026-07-01'""")])
    assert .7 < attained.mean() < 1.1 and attained.std() > .4
