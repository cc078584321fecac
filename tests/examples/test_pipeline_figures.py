"""What is open, how it moved, and the funnel: each figure by hand, on a few deals."""

from datetime import date
from typing import Any

import pytest

from examples.company import Company
from examples.conftest import Make
from salesgauge.semantics.question import EVERYTHING, Viewer

JANUARY = "2025-01"


def rows(company: Company, figure: str, period: str = JANUARY, viewer: Viewer = EVERYTHING, **more: Any) -> list[dict[str, Any]]:
    found = company.workspace.answer([{"kpi": figure, "period": period, **more}], viewer, figures=True)[0]
    assert "error" not in found, found
    return list(found["rows"])


def value(company: Company, figure: str, period: str = JANUARY, **more: Any) -> Any:
    [row] = rows(company, figure, period, **more)
    return row["value"]


def by(company: Company, figure: str, dimension: str, period: str = JANUARY, **more: Any) -> dict[str | None, float]:
    return {row["by"][dimension]: row["value"] for row in rows(company, figure, period, by=[dimension], **more)}


def records(company: Company, figure: str, period: str = JANUARY, side: str = "numerator", **more: Any) -> dict[str, dict[str, Any]]:
    found = company.workspace.records({"kpi": figure, "period": period, **more}, side, figures=True)
    return {row["id"]: row["row"]["because"] for row in found["rows"]}


@pytest.fixture(scope="module")
def firm(company: Make) -> Company:
    """One deal for each way through January 2025:

    STAY is there from start to end, its value goes from 100 to 130; SHRINK from 80 to 50, and its expected close goes to and fro; OUT is
    moved from 31 January to March; BACK out and in again; IN is moved from March to 30 January and grows on the way; NEW is created in
    January, worth 40 when it is, 60 at the end; LATER is created for March; WON and LOST close in January, WON after it grew from 10 to
    15; FAST is created and won in January; EARLY was expected in March and is won in January; OVERDUE was expected in December and is
    moved to 5 February; BARE has no amount until it gets one; XXX has a currency without a rate; NODATE has no expected close; USD is
    valued at the rate of the day of its creation; OLD was closed before.
    """
    return company(reps="""
        rep_id  team   manager_id
        R1      North  R9
        R2      South  -
        R9      Board  -
        """, exchange_rates="""
        currency  rated_on    rate
        USD       2024-12-01  0.5
        USD       2025-01-10  0.8
        """, opportunities="""
        opportunity_id  created_at  owner_id  amount  currency  closes_on   closed_at   outcome  loss_reason  kind
        STAY            2024-12-01  R1        999     -         2025-06-01  -           -        -            new
        SHRINK          2024-12-01  R2        50      -         2025-01-20  -           -        -            upsell
        OUT             2024-12-01  R1        30      -         2025-03-01  -           -        -            new
        BACK            2024-12-01  R1        7       -         2025-01-25  -           -        -            new
        IN              2024-12-01  R2        25      -         2025-01-30  -           -        -            new
        NEW             2025-01-05  R1        60      -         2025-01-31  -           -        -            new
        LATER           2025-01-06  R1        500     -         2025-03-10  -           -        -            new
        WON             2024-12-01  R1        15      -         2025-01-15  2025-01-15  won      -            new
        LOST            2024-12-01  R2        12      -         2025-01-16  2025-01-16  lost     price        new
        FAST            2025-01-02  R1        3       -         2025-01-09  2025-01-09  won      -            new
        EARLY           2024-12-01  R1        4       -         2025-03-01  2025-01-20  won      -            new
        OVERDUE         2024-11-01  R2        6       -         2024-12-20  -           -        -            new
        BARE            2024-12-01  R1        8       -         2025-01-31  -           -        -            new
        XXX             2024-12-01  R1        70      XXX       2025-01-31  -           -        -            new
        NODATE          2024-12-01  R1        11      -         -           -           -        -            new
        USD             2024-12-05  R1        20      USD       2025-01-31  -           -        -            new
        OLD             2024-11-01  R1        90      -         2024-12-01  2024-12-31  lost     -            new
        """, stage_changes="""
        opportunity_id  changed_at           stage  amount  closes_on
        STAY            2024-12-01           open   100     2025-01-31
        STAY            2025-01-10           open   130     -
        STAY            2025-02-10           open   999     2025-06-01
        SHRINK          2024-12-01           open   80      2025-01-20
        SHRINK          2025-01-08           open   90      2025-02-20
        SHRINK          2025-01-09           open   50      2025-01-20
        OUT             2024-12-01           open   30      2025-01-31
        OUT             2025-01-20           open   33      2025-03-01
        BACK            2024-12-01           open   7       2025-01-25
        BACK            2025-01-05           open   -       2025-02-25
        BACK            2025-01-06           open   -       2025-01-25
        IN              2024-12-01           open   20      2025-03-01
        IN              2025-01-11           open   25      2025-01-30
        NEW             2025-01-05           open   40      2025-01-31
        NEW             2025-01-25           open   60      -
        WON             2024-12-01           open   10      2025-01-31
        WON             2025-01-14           open   15      -
        OVERDUE         2024-11-01           open   6       2024-12-20
        OVERDUE         2025-01-31T12:00:00  open   -       2025-02-05
        """)


MOVED = {"opening": 100 + 80 + 30 + 7 + 10 + 12 + 6 + 8 + 10, "new": 60 + 3, "grown": 30 + 5, "shrunk": -30, "pulled_in": 25 + 4,
         "won": -15 - 3 - 4, "lost": -12, "pushed_out": -30 - 6}


def test_the_movement_of_the_pipeline_due_has_its_parts(firm: Company) -> None:
    assert by(firm, "pipeline_movement", "movement") == MOVED


def test_the_parts_of_the_movement_add_up_to_the_deals_due_that_are_open(firm: Company) -> None:
    due = by(firm, "open_pipeline", "due")
    # January is over: what was due in it and is open is overdue
    assert due == {"overdue": 130 + 50 + 7 + 25 + 60 + 8 + 10, "later": 33 + 500 + 6, "undated": 11}
    assert sum(MOVED.values()) == value(firm, "pipeline_movement") == due["overdue"]


def test_the_movement_of_the_whole_pipeline_has_no_pushes(firm: Company) -> None:
    assert by(firm, "open_movement", "movement") == {
        "opening": 100 + 80 + 30 + 7 + 20 + 10 + 12 + 4 + 6 + 8 + 11 + 10, "new": 60 + 500 + 3, "grown": 30 + 3 + 5 + 5, "shrunk": -30,
        "won": -15 - 3 - 4, "lost": -12}
    assert value(firm, "open_movement") == value(firm, "open_pipeline")


def test_a_deal_without_a_rate_is_set_aside_from_each_part_it_would_be_in(firm: Company) -> None:
    [row] = rows(firm, "pipeline_movement", where={"movement": ["opening"]})
    assert (row["n"], row["excluded"]) == (9, {"no_exchange_rate": 1})
    assert records(firm, "pipeline_movement", where={"movement": ["pushed_out"]}).keys() == {"OUT", "OVERDUE"}


def test_an_amount_that_becomes_known_is_growth(company: Make) -> None:
    firm = company(opportunities="""
        opportunity_id  created_at  amount  closes_on
        D1              2024-12-01  -       2025-01-31
        D2              2024-12-01  -       2025-01-31
        """, stage_changes="""
        opportunity_id  changed_at  stage  amount
        D1              2024-12-01  open   -
        D1              2025-01-10  open   70
        """)
    answer = {row["by"]["movement"]: (row["value"], row["excluded"]) for row in rows(firm, "pipeline_movement", by=["movement"])}
    assert answer == {"opening": (0, {"no_amount": 2}), "grown": (70, {})}
    assert [(r["value"], r["excluded"]) for r in rows(firm, "open_pipeline")] == [(70, {"no_amount": 1})]


def test_open_deals_are_seen_as_they_stood_then(firm: Company) -> None:
    then = records(firm, "open_pipeline", as_of="2025-01-09T12:00:00")
    assert (then["STAY"]["value"], then["STAY"]["closes_on"], then["STAY"]["due"]) == (100, date(2025, 1, 31), "this_period")
    assert then["OVERDUE"]["due"] == "overdue"
    assert "FAST" not in then and "WON" in then
    assert value(firm, "open_deals", as_of="2025-01-09T12:00:00") == 15  # XXX among them


def test_a_deal_due_today_is_not_overdue(firm: Company) -> None:
    assert records(firm, "open_deals", as_of="2025-01-20T08:00:00")["SHRINK"]["due"] == "this_period"
    assert records(firm, "open_deals", as_of="2025-01-21T08:00:00")["SHRINK"]["due"] == "overdue"


def test_a_deal_in_another_currency_is_worth_what_it_was_on_the_day_of_its_creation(firm: Company) -> None:
    assert records(firm, "open_pipeline")["USD"]["value"] == 10


def test_what_changed_compares_the_two_ends_only(firm: Company) -> None:
    found = by(firm, "deal_changes", "change")
    assert found == {"created": 3, "won": 3, "lost": 1, "grown": 3, "shrunk": 1, "pulled": 1, "pushed": 2}
    assert records(firm, "deal_changes", where={"change": ["pushed"]}).keys() == {"OUT", "OVERDUE"}
    assert records(firm, "deal_changes", where={"change": ["pulled"]})["IN"] == {
        "change": "pulled", "account_id": None, "then_value": 20, "now_value": 25, "then_closes_on": date(2025, 3, 1),
        "now_closes_on": date(2025, 1, 30), "then_stage": "open", "now_stage": "open"}
    assert by(firm, "changed_value", "change")["grown"] == 130 + 33 + 25


def test_changes_are_asked_by_their_kind(firm: Company) -> None:
    [found] = firm.workspace.answer([{"kpi": "deal_changes", "period": JANUARY}], figures=True)
    assert found["error"] == {"code": "bad_dimension", "message": "deal_changes is asked by change, or filtered to some of its values"}


def test_pushes_are_moves_to_a_later_day_each_time(firm: Company) -> None:
    assert value(firm, "pushes") == 4  # SHRINK, OUT, BACK, OVERDUE
    assert records(firm, "pushes")["OUT"]["days_later"] == 29
    assert records(firm, "open_deals")["BACK"]["pushes"] == 1
    assert value(firm, "pushes", as_of="2025-01-05T12:00:00") == 1


def test_a_move_of_the_close_when_the_deal_closes_is_no_push(company: Make) -> None:
    firm = company(opportunities="""
        opportunity_id  created_at  amount  closed_at   outcome
        D1              2024-12-01  1       2025-01-10  won
        """, stage_changes="""
        opportunity_id  changed_at  stage  closes_on
        D1              2024-12-01  open   2025-01-05
        D1              2025-01-10  won    2025-01-10
        """)
    assert value(firm, "pushes") == 0


def test_losses_are_told_by_reason(firm: Company) -> None:
    assert by(firm, "losses", "loss_reason", "2024-12-01..2025-02-01") == {"price": 1, None: 1}
    assert by(firm, "lost_value", "loss_reason") == {"price": 12}


def test_a_viewer_sees_the_movement_of_their_own_deals(firm: Company) -> None:
    def seen(viewer: Viewer) -> dict[str, float]:
        return {r["by"]["movement"]: r["value"] for r in rows(firm, "pipeline_movement", viewer=viewer, by=["movement"])}
    assert seen(Viewer("R2")) == {"opening": 80 + 12 + 6, "shrunk": -30, "pulled_in": 25, "lost": -12, "pushed_out": -6}
    assert seen(Viewer("R9", reports=True))["opening"] == MOVED["opening"] - 98
    assert seen(Viewer("R9")) == {}


def test_bookings_split_by_kind_and_account(firm: Company) -> None:
    assert by(firm, "bookings", "kind") == {"new": 22}
    assert value(firm, "wins") == 3
    assert by(firm, "bookings", "account") == {None: 22}


def test_the_kpis_know_nothing_of_the_figures(firm: Company) -> None:
    assert firm.error("bookings", JANUARY)[0] == "unknown_kpi"
    assert "bookings" not in firm.workspace.catalogue
    answers = firm.workspace.answer([{"kpi": "win_rate", "period": JANUARY}, {"kpi": "wins", "period": JANUARY}], figures=True)
    assert [a["rows"][0]["numerator"] for a in answers] == [3, 3]


@pytest.fixture(scope="module")
def staged(company: Make) -> Company:
    """A goes raw, fit, offer, won; B raw, fit, back to raw; C raw, lost by its own outcome; D was never recorded to change."""
    return company(stages="""
        pipeline  stage  position  is_closed  is_won
        PL        raw    1         false      false
        PL        fit    2         false      false
        PL        offer  3         false      false
        PL        Won    4         true       true
        """, opportunities="""
        opportunity_id  created_at  pipeline  stage  closed_at   outcome  owner_id  next_step  next_step_on
        A               2025-01-01  PL        Won    2025-01-11  won      R1        -          -
        B               2025-01-01  PL        raw    -           -        R1        call       -
        C               2025-01-01  PL        raw    2025-01-07  lost     R1        -          -
        D               2025-01-03  PL        fit    -           -        R1        -          2025-01-30
        """, stage_changes="""
        opportunity_id  changed_at  stage
        A               2025-01-01  raw
        A               2025-01-02  fit
        A               2025-01-05  offer
        A               2025-01-11  Won
        B               2025-01-01  raw
        B               2025-01-04  fit
        B               2025-01-10  raw
        C               2025-01-01  raw
        """, activities="""
        activity_id  occurred_at  kind  opportunity_id  status
        A1           2025-01-20   call  B               -
        A2           2025-01-25   call  B               no_show
        A3           2025-02-05   call  B               -
        """)


def test_entries_count_each_time_a_deal_comes_into_a_stage(staged: Company) -> None:
    assert by(staged, "stage_entries", "stage") == {"raw": 4, "fit": 3, "offer": 1}


def test_exits_say_whereto(staged: Company) -> None:
    assert by(staged, "stage_exits", "exit") == {"onward": 3, "back": 1, "won": 1, "lost": 1}
    assert by(staged, "stage_exits", "stage", where={"exit": ["lost"]}) == {"raw": 1}


def test_conversion_is_the_share_of_the_stays_that_moved_on(staged: Company) -> None:
    found = {r["by"]["stage"]: (r["numerator"], r["denominator"]) for r in rows(staged, "stage_conversion", by=["stage"])}
    assert found == {"raw": (2, 3), "fit": (1, 2), "offer": (1, 1)}


def test_days_in_a_stage_are_those_of_the_stays_that_ended(staged: Company) -> None:
    found = {r["by"]["stage"]: (r["value"], r["median"]) for r in rows(staged, "stage_days", by=["stage"])}
    assert found == {"raw": (10 / 3, 3), "fit": (4.5, 4.5), "offer": (6, 6)}


def test_a_stay_that_goes_on_as_of_then_has_not_ended(staged: Company) -> None:
    assert by(staged, "stage_exits", "stage", as_of="2025-01-03") == {"raw": 1}
    assert by(staged, "stage_age", "stage", as_of="2025-01-12") == {"raw": 2, "fit": 9}


def test_the_stages_come_in_their_order(staged: Company) -> None:
    assert [(s["stage"], s["is_closed"]) for s in staged.workspace.stages()] == [
        ("raw", False), ("fit", False), ("offer", False), ("Won", True)]


def test_the_list_of_open_deals_says_when_each_was_last_touched(staged: Company) -> None:
    found = records(staged, "deals_without_next_step")
    assert found.keys() == {"D"}  # its next step lies in January
    assert (found["D"]["touches"], found["D"]["last_touch_at"], found["D"]["days_untouched"]) == (0, None, 29)
    assert records(staged, "deals_without_next_step", as_of="2025-01-30T12:00:00") == {}


def test_deals_are_stalled_that_stay_longer_than_nine_in_ten_did(company: Make) -> None:
    moved = "".join(f"M{n:02} 2024-01-01 PL fit 1 2025-06-01\n" for n in range(20))
    changes = "".join(f"M{n:02} 2024-01-01 raw\nM{n:02} 2024-01-{n + 2:02} fit\n" for n in range(20))  # 1 to 20 days in raw
    firm = company(stages="""
        pipeline  stage  position
        PL        raw    1
        PL        fit    2
        """, opportunities="opportunity_id created_at pipeline stage amount closes_on\n" + moved + """\
        LONG            2025-01-01  PL        raw    5       2025-03-01
        SHORT           2025-01-20  PL        raw    5       2025-03-01
        """, stage_changes="opportunity_id changed_at stage\n" + changes, activities="""
        activity_id  occurred_at  kind  opportunity_id
        A1           2025-01-20   call  LONG
        """)
    found = records(firm, "stalled_deals")  # M.. are in fit, from which nobody moved on
    assert found.keys() == {"LONG"}
    assert (found["LONG"]["stage_days"], found["LONG"]["usual_days"]) == (31, pytest.approx(18.1))
    assert value(firm, "stalled_value") == 5
