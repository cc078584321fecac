"""The rules that hold for every KPI (model.md, "Rules for every KPI"), and errors that say what would be right."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from examples.company import Company
from examples.conftest import Make
from salesgauge.schema import TABLES
from salesgauge.semantics.question import EVERYTHING, QuestionShape, Viewer
from salesgauge.semantics.shape import Shape


@pytest.fixture(scope="module")
def firm(company: Make) -> Company:
    return company(reps="""
        rep_id  team   manager_id
        R1      North  R3
        R2      South  R1
        R3      -      R3
        R4      East   R5
        R5      East   R4
        """, rep_assignments="""
        rep_id  team  manager_id  valid_from  valid_to
        R2      Old   R4          2025-01-01  2025-02-01
        R2      New   R1          2025-01-20  -
        """, leads="""
        lead_id  created_at  owner_id  channel  utm_source  manager  tenure
        L1       2025-01-02  R1        web      google      m1       9
        L2       2025-01-03  R2        web      bing        m1       8
        L3       2025-01-25  R2        fair     -           m2       8
        L4       2025-02-03  R9        fair     google      -        -
        L5       2024-12-31  R2        -        -           -        -
        L6       2025-01-04  -         -        -           -        -
        """, activities="""
        activity_id  occurred_at  kind  lead_id  opportunity_id  rep_id
        A1           2025-01-02   call  L1       -               R1
        A2           2025-01-25   call  L3       -               R2
        A3           2025-01-05   call  L7       -               R1
        """, opportunities="""
        opportunity_id  created_at  lead_id  owner_id  closed_at   outcome  amount  manager  activity_kind
        D1              2025-01-05  L7       R1        2025-01-08  won      10      x        fax
        D2              2025-01-05  L7       R1        2025-01-09  won      20      x        telex
        D3              2025-01-05  -        R4        2025-01-10  lost     20      y        -
        """)


def test_rule_1_groups_and_periods_are_combined_by_adding_numerators_and_denominators(firm: Company) -> None:
    assert firm.groups("lead_response_rate", "2025-01", "rep") == {"R1": (1, 1), "R2": (1, 2), None: (0, 1)}
    assert firm.row("lead_response_rate", "2025-01")["value"] == 0.5


def test_rule_2_a_denominator_of_zero_gives_no_value(firm: Company) -> None:
    row = firm.row("win_rate", "2024")
    assert (row["value"], row["numerator"], row["denominator"], row["n"], row["low"], row["high"]) == (None, 0, 0, 0, None, None)


def test_rule_3_a_mean_of_one_value_has_no_interval(firm: Company) -> None:
    row = firm.row("average_deal_value", "2025-01-08")
    assert (row["value"], row["n"], row["low"], row["high"]) == (10, 1, None, None)


def test_rule_4_a_dimension_that_does_not_apply_is_an_error_that_names_those_that_do(firm: Company) -> None:
    code, message = firm.error("new_leads", "2025", by=["product"])
    assert code == "bad_dimension"
    assert "rep, team, region, channel, campaign, utm_source" in message


def test_rule_4_a_column_of_the_companys_own_is_a_dimension_and_null_groups_are_kept(firm: Company) -> None:
    assert firm.groups("new_leads", "2025-01", "utm_source") == {"bing": (1, None), "google": (1, None), None: (2, None)}
    assert firm.value("new_leads", "2025-01", where={"utm_source": ["google", None]}) == 3
    assert firm.value("new_leads", "2025-01", where={"utm_source": ["nowhere"]}) == 0


def test_a_companys_own_column_is_itself_even_where_it_is_named_like_something_else(firm: Company) -> None:
    assert firm.groups("new_leads", "2025-01", "manager") == {"m1": (2, None), "m2": (1, None), None: (1, None)}
    assert firm.groups("new_leads", "2025-01", "tenure") == {"8": (2, None), "9": (1, None), None: (1, None)}
    assert firm.groups("win_rate_decided", "2025-01", "manager") == {"x": (2, 2), "y": (0, 1)}
    assert firm.groups("touches_per_won_deal", "2025-01", "activity_kind") == {"call": (2, 2)}


def test_rule_5_team_is_the_reps_on_the_day_and_of_overlapping_assignments_the_latest_decides(firm: Company) -> None:
    assert firm.groups("new_leads", "2025-01", "team") == {"New": (1, None), "North": (1, None), "Old": (1, None), None: (1, None)}


def test_rule_5_a_day_that_no_assignment_covers_has_an_unknown_team(firm: Company) -> None:
    assert firm.groups("new_leads", "2024-12", "team") == {None: (1, None)}


def test_rule_7_every_value_opens_into_its_rows(firm: Company) -> None:
    query = {"kpi": "touches_per_won_deal", "period": "2025-01"}
    above, below = (firm.workspace.records(query, side) for side in ("numerator", "denominator"))
    assert [(r["table"], r["id"], r["contribution"]) for r in above["rows"]] == [("activities", "A3", 1), ("activities", "A3", 1)]
    assert [r["id"] for r in below["rows"]] == ["D1", "D2"]
    assert (above["total"], below["total"]) == firm.fraction(**query)
    assert below["rows"][0]["row"]["amount"] == 10


def test_an_activity_of_the_lead_of_two_deals_counts_for_both_and_no_deal_counts_twice(firm: Company) -> None:
    assert firm.fraction("touches_per_won_deal", "2025-01") == (2, 2)
    assert firm.value("revenue", "2025-01") == 0  # the orders table is there: deals are no purchases


CUSTOMERS = "orders|opportunities|contracts"
MISSING = [
    ("new_leads", (), ["leads"]), ("lead_response_rate", (), ["leads", "activities"]), ("close_rate", (), ["opportunities", "stages"]),
    ("revenue", (), ["orders", "order_lines"]), ("contacts_to_first_meeting", (), ["activities", "opportunities|leads"]),
    ("new_leads", ("team",), ["leads", "reps|rep_assignments"]), ("revenue", ("family",), ["orders", "order_lines", "products"]),
    ("customer_retention_rate", ("segment",), [CUSTOMERS, "accounts"]),
    ("sales_volume", ("region",), ["orders", "order_lines", "locations"]),
    ("historic_customer_value", ("region",), ["orders", "order_lines", "accounts"]),
    ("customer_acquisition_cost", ("region",), ["spend", CUSTOMERS, "reps|rep_assignments"])]


@pytest.mark.parametrize(("kpi", "by", "needs"), MISSING)
def test_rule_8_a_kpi_needs_the_tables_whose_rows_it_counts_and_a_dimension_that_of_its_column(
        kpi: str, by: tuple[str, ...], needs: list[str], firm: Company) -> None:
    found = firm.workspace.catalogue[kpi]
    enough = {table for need in needs for table in need.split("|")[:1]}
    assert found.missing(Shape(frozenset(enough), (), "EUR"), by) is None
    for need in needs:
        lacking = TABLES.keys() - set(need.split("|"))
        if need != "orders":  # without orders deals are the purchases
            assert found.missing(Shape(frozenset(lacking), (), "EUR"), by) == need.replace("|", " or ").replace(
                "orders or opportunities or contracts", "orders, opportunities or contracts")


def asked(**more: Any) -> dict[str, Any]:
    """A sound query, with some of it changed."""
    return {"kpi": "win_rate", "period": "2025"} | more


FAULTS: list[tuple[Any, str]] = [
    (asked(kpi="winrate", period="x"), "unknown_kpi"), (asked(kpi="Win_Rate"), "unknown_kpi"), ({"period": "2025"}, "bad_query"),
    ({"kpi": "win_rate"}, "bad_query"), ("win_rate", "bad_query"), (asked(kpi=["win_rate"]), "bad_query"),
    (asked(grain="decade"), "bad_query"),
    (asked(by="rep"), "bad_query"), (asked(where={"rep": "R1"}), "bad_query"), (asked(period="x", as_of="soon"), "bad_query"),
    (asked(period="2025-02-30..2025-03-01"), "bad_period"), (asked(period="2025-W54"), "bad_period"),
    (asked(period="2025-03-01..2025-03-01"), "bad_period"), (asked(period="25", by=["moon"]), "bad_period"),
    (asked(by=["moon"]), "bad_dimension"), (asked(where={"moon": ["x"]}), "bad_dimension")]


def test_of_several_faults_the_first_is_reported_and_the_rest_of_the_batch_is_answered(firm: Company) -> None:
    answers = firm.ask([*(query for query, _code in FAULTS), {"kpi": "win_rate", "period": "2025"}])
    assert [a["error"]["code"] for a in answers[:-1]] == [code for _query, code in FAULTS]
    assert answers[-1]["rows"][0]["denominator"] == 3
    assert "win_rate" in answers[0]["error"]["message"]


@pytest.mark.parametrize("period", ["0001", "9998", "0001-01-01..9999-12-31", "1800-01-01..2200-01-01"])
def test_a_period_at_the_edge_of_the_calendar_is_answered_or_is_an_error_never_a_crash(period: str, firm: Company) -> None:
    answer = firm.ask([{"kpi": "customer_retention_rate", "period": period}])[0]
    assert "rows" in answer or answer["error"]["code"] == "bad_period"


def seen_by(firm: Company, viewer: Viewer, **query: Any) -> Mapping[str | None, int]:
    answer = firm.ask([{"kpi": "new_leads", "by": ["rep"], **query}], viewer)[0]
    return {row["by"]["rep"]: row["value"] for row in answer["rows"]}


def test_a_viewer_sees_their_own_rows_and_a_manager_those_of_the_reports_of_that_day(firm: Company) -> None:
    assert seen_by(firm, EVERYTHING, period="2025") == {"R1": 1, "R2": 2, "R9": 1, None: 1}
    assert seen_by(firm, Viewer("R2"), period="2025") == {"R2": 2}
    assert seen_by(firm, Viewer("R1", reports=True), period="2025") == {"R1": 1, "R2": 1}  # on 3 January R2 was with R4
    assert seen_by(firm, Viewer("R3", reports=True), period="2025") == {"R1": 1, "R2": 1}
    assert seen_by(firm, Viewer("R4", reports=True), period="2025") == {"R2": 1}
    assert seen_by(firm, Viewer("R5", reports=True), period="2025") == {"R2": 1}  # R4 and R5 manage each other
    assert seen_by(firm, Viewer("nobody", reports=True), period="2025") == {}


def test_a_viewer_whom_the_table_of_reps_lacks_sees_their_own_rows(firm: Company) -> None:
    assert seen_by(firm, Viewer("R9"), period="2025") == {"R9": 1}
    assert seen_by(firm, Viewer("R9", reports=True), period="2025") == {"R9": 1}


def test_a_fact_without_an_owner_shows_a_viewer_nothing(firm: Company) -> None:
    assert firm.ask([{"kpi": "average_retail_price", "period": "2025"}], Viewer("R1"))[0]["rows"][0]["n"] == 0


def test_each_fact_is_built_once_for_all_instants_at_which_the_same_is_known(firm: Company) -> None:
    workspace = firm.workspace
    for kept in (workspace.folder / "store" / "cache").glob("g-*"):  # else facts are told from those as of nothing
        shutil.rmtree(kept)
    with workspace.session() as session:
        for day in (5, 6, 26, 5):  # nothing happens between the 5th and the 6th
            questions = [workspace.check(asked(kpi=kpi), EVERYTHING, session.shape(False)) for kpi in ("new_leads", "lead_response_rate")]
            moment = session.at(questions[0].spans, datetime(2025, 1, day, tzinfo=UTC))
            for found in questions:
                moment.groups(QuestionShape.of(found.question), [0], {}, EVERYTHING)
        assert session.builds["leads"] == session.builds["lead_activities"] == 2
        assert max(session.builds.values()) == 2
        once = {name for name, count in session.builds.items() if count == 1}
        assert once <= {"rep_history", "rate_history", "stage_history", "purchases"}  # nobody ordered anything
