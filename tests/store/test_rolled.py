"""Rollups and facts of periods that are kept: which are made, which answers a question, and what becomes of damage."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from examples.company import Company
from salesgauge.periods import Span
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.semantics.rollup import Rollup
from salesgauge.serving import ServedWorkspace
from salesgauge.store.rolled import AS_FOUND, NONE, Worth
from salesgauge.store.spanned import HeldSpans, KeptSpans, Spanned
from salesgauge.store.sums import sum_of

ALL = Worth(rows=0, smaller=0)
FACTS = Worth(rows=0, smaller=1000)  # of periods, without rollups of them
AMOUNTS = (1, 2, 4, 7, 11, 16)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Company:
    """Six deals won on six days over two months, whose amounts differ by little beside what they are."""
    deals = [{"opportunity_id": f"D{n}", "created_at": f"2025-01-0{n + 1}", "closed_at": f"2025-0{1 + n % 2}-1{n}", "outcome": "won",
              "amount": str(1_000_000_000 + amount), "owner_id": f"R{n % 2}"} for n, amount in enumerate(AMOUNTS)]
    touches = [{"activity_id": f"T{n}", "occurred_at": f"2025-01-0{n + 1}T12:00:00", "kind": "call", "rep_id": "R0",
                "opportunity_id": f"D{deal}"} for n, deal in enumerate((0, 0, 0, 1, 1, 2, 2, 3))]
    return Company(tmp_path_factory.mktemp("rolled"), templates, {
        "opportunities": deals, "reps": [{"rep_id": "R0"}, {"rep_id": "R1"}], "activities": touches})


@pytest.fixture
def served(firm: Company) -> Iterator[ServedWorkspace]:
    with closing(ServedWorkspace(firm.workspace.folder, worth=ALL)) as workspace:
        yield workspace


def asked(kpi: str, period: str = "2025-01-01..2025-03-01", **more: Any) -> dict[str, Any]:
    return {"kpi": kpi, "period": period, **more}


def forget_answers(firm: Company) -> None:
    for path in (firm.workspace.folder / "store" / "cache").glob("*.answers/*"):
        path.unlink()


def tables(served: ServedWorkspace, question: dict[str, Any], viewer: Viewer = EVERYTHING) -> list[str]:
    """What answers a question, once it was asked."""
    served.answer([question], viewer, figures=True)
    return [name for name in served.sql(question, viewer, figures=True) if name.startswith(("rollup_", "rows_"))]


def test_a_period_of_whole_months_is_answered_from_months_and_another_from_days(served: ServedWorkspace) -> None:
    assert tables(served, asked("bookings")) == ["rollup_deals_closed_by_month_total"]
    assert tables(served, asked("bookings", "2025-01-01..2025-02-15")) == ["rollup_deals_closed_by_day_total"]
    assert tables(served, asked("bookings", "2025", grain="week")) == ["rollup_deals_closed_by_day_total"]


@pytest.mark.parametrize(("viewer", "each"), [(Viewer("R0"), "month"), (Viewer("R0", reports=True), "day")])
def test_whose_reports_may_move_within_a_month_is_answered_from_days_and_who_sees_their_own_from_months(
        viewer: Viewer, each: str, served: ServedWorkspace) -> None:
    [name] = tables(served, asked("bookings"), viewer)
    assert name.startswith(f"rollup_deals_closed_by_{each}_")
    [row] = served.answer([asked("bookings")], viewer, figures=True)[0]["rows"]
    assert row["value"] == 3_000_000_000 + AMOUNTS[0] + AMOUNTS[2] + AMOUNTS[4]


def test_deviations_from_a_mean_far_from_zero_keep_their_digits(firm: Company, served: ServedWorkspace) -> None:
    firm.workspace.worth = NONE
    question = asked("average_deal_value")
    [[exact], [added]] = (workspace.answer([question])[0]["rows"] for workspace in (firm.workspace, served))
    assert tables(served, question) == ["rollup_deals_closed_by_month_total"]
    assert added["high"] - added["low"] == pytest.approx(exact["high"] - exact["low"], rel=1e-12)
    assert added["high"] - added["low"] < 20


def test_entities_are_put_together_where_each_stands_in_one_group(served: ServedWorkspace) -> None:
    question = asked("touches_per_won_deal", grain="month")
    assert sorted(tables(served, question)) == ["rollup_deal_touches_closed_by_month_total_entities_opportunity_id",
                                                "rollup_deals_closed_by_month_total"]
    rows = [(row["value"], row["n"]) for row in served.answer([question])[0]["rows"]]
    assert rows == [(5 / 3, 3), (1.0, 3)]


class OfEach(Worth):
    """Keeps no rollup that has put entities together."""

    def keeps(self, rollup: Rollup, rows: int, of: int) -> bool:
        return rollup.entity is None


def test_entities_are_added_up_from_rollups_that_tell_them_apart(firm: Company) -> None:
    with closing(ServedWorkspace(firm.workspace.folder, worth=OfEach(rows=0))) as served:
        forget_answers(firm)
        question = asked("touches_per_won_deal", "2025-01-05..2025-02-20")
        [told] = (name for name in tables(served, question) if name.startswith("rollup_deal_touches_closed_by_day_"))
        assert told in tables(served, question | {"by": ["rep"]}), "the deal decides its rep: one rollup serves both"


@pytest.fixture
def few(tmp_path: Path, templates: Path) -> Company:
    """Three deals with two touches each in the mean; those of one are of two kinds."""
    touches = [("D1", "call"), ("D1", "call"), ("D1", "email"), ("D2", "call"), ("D3", "email"), ("D3", "email")]
    made = Company(tmp_path, templates, {
        "opportunities": [{"opportunity_id": f"D{n}", "created_at": "2025-01-01", "closed_at": "2025-01-20", "outcome": "won"}
                          for n in (1, 2, 3)],
        "activities": [{"activity_id": f"T{n}", "occurred_at": "2025-01-05", "kind": kind, "opportunity_id": deal}
                       for n, (deal, kind) in enumerate(touches)]})
    made.workspace.worth = NONE
    return made


KINDS = {"where": {"activity_kind": ["call", "email"]}}


@pytest.mark.parametrize(("worth", "where", "held", "alone"), [
    (ALL, {}, "entities_opportunity_id", 1), (ALL, KINDS, "", 0), (OfEach(rows=0, smaller=0), {}, "", 1)])
def test_entities_with_one_row_each_are_not_grouped_and_those_with_several_are(
        worth: Worth, where: dict[str, Any], held: str, alone: int, few: Company) -> None:
    question = asked("touches_per_won_deal") | where
    with closing(ServedWorkspace(few.workspace.folder, worth=worth)) as served:
        [name] = (name for name in tables(served, question) if "deal_touches" in name)
        [[exact], [added]] = (workspace.answer([question])[0]["rows"] for workspace in (few.workspace, served))
    assert added == exact and added["value"] == 2.0
    assert name.endswith(held) and ("entities" in name) == bool(held)
    found = f"{few.workspace.folder}/store/cache/*/{name}/*.parquet"
    assert duckdb.sql(f"SELECT DISTINCT single_opportunity_id FROM '{found}'").fetchall() == [(alone,)]


def test_a_quota_of_a_rep_who_changes_the_team_in_its_quarter_is_not_put_together_but_told_apart(tmp_path: Path, templates: Path) -> None:
    firm = Company(tmp_path, templates, {
        "reps": [{"rep_id": "R1"}], "opportunities": [],
        "rep_assignments": [{"rep_id": "R1", "team": team, "valid_from": day} for team, day in (("A", "2024-01-01"), ("B", "2025-02-01"))],
        "quotas": [{"rep_id": "R1", "starts_on": "2025-01-01", "ends_on": "2025-04-01", "amount": "90"}]})
    question = asked("quota_attainment", "2025-Q1", by=["team"])
    firm.workspace.worth = NONE
    with closing(ServedWorkspace(firm.workspace.folder, worth=ALL)) as served:
        [name] = (name for name in tables(served, question) if "quota_shares" in name)
        [exact], [added] = (workspace.answer([question]) for workspace in (firm.workspace, served))
    assert "entities" not in name
    assert added["rows"] == exact["rows"] and [row["by"]["team"] for row in exact["rows"]] == ["A", "B"]


def test_sums_are_multiplied_by_a_price_that_their_rows_have_in_common(tmp_path: Path, templates: Path) -> None:
    sold = [("O1", "2025-01-03", "P1", 2, 10, "L1"), ("O2", "2025-01-20", "P1", 3, 12, "L2"), ("O3", "2025-01-21", "P2", 9, 50, "L1")]
    seen = [("2025-01-05", "P1", 8, "L1"), ("2025-01-09", "P1", 12, "L2"), ("2025-02-01", "P2", 1, "L1")]
    shop = Company(tmp_path, templates, {
        "orders": [{"order_id": o, "ordered_at": day, "account_id": "A", "location_id": place} for o, day, _p, _q, _u, place in sold],
        "order_lines": [{"order_id": o, "line": "1", "product_id": product, "quantity": str(quantity), "unit_price": str(price)}
                        for o, _day, product, quantity, price, _place in sold],
        "price_observations": [{"observed_on": day, "product_id": product, "competitor": "C", "price": str(price), "location_id": place}
                               for day, product, price, place in seen]})
    question = asked("competitor_price_index", "2025-01")
    with closing(ServedWorkspace(shop.workspace.folder, worth=ALL)) as served:
        assert any(name.startswith("rollup_purchase_lines_purchased_by_month_") for name in tables(served, question))
        [whole] = served.answer([question])[0]["rows"]
        places = served.answer([question | {"by": ["location"]}])[0]["rows"]
    assert (whole["numerator"], whole["denominator"], whole["n"]) == (56, 50, 2), "of P2 no price was seen in January"
    assert [(row["by"]["location"], row["value"]) for row in places] == [("L1", 20 / 16), ("L2", 1.0)]


def test_facts_of_periods_have_rollups_by_period(served: ServedWorkspace) -> None:
    question = asked("win_rate", "2025-Q1", by=["rep"])
    [name] = tables(served, question)
    assert name.startswith("rollup_tracked_deals_by_period_")
    assert [(row["by"]["rep"], row["value"]) for row in served.answer([question])[0]["rows"]] == [("R0", 1.0), ("R1", 1.0)]
    [viewed] = tables(served, asked("win_rate", "2025-Q1"), Viewer("R0"))
    assert viewed != name, "whose rows they are is told by the day in the period"


def test_rollups_of_periods_that_are_there_need_no_fact_any_more(firm: Company, served: ServedWorkspace) -> None:
    question = asked("win_rate", "2025-Q2", grain="month", by=["channel"])
    first = served.answer([question])
    forget_answers(firm)
    with closing(ServedWorkspace(firm.workspace.folder, worth=ALL)) as another:
        assert another.answer([question]) == first
        with another.session() as session:
            assert not session.builds and not session._made


def test_a_rollup_is_kept_where_it_has_several_times_fewer_rows() -> None:
    rollup = Rollup("deals", "closed", False, ())
    assert Worth().keeps(rollup, 100, 300) and not Worth().keeps(rollup, 101, 300)


def test_a_rollup_as_of_a_past_day_is_made_for_who_asks_of_it_again(served: ServedWorkspace) -> None:
    [first, again] = (asked("bookings", by=by, as_of="2025-02-12") for by in ([], ["rep"]))
    assert tables(served, first) == []
    assert tables(served, first | {"period": "2025-01-01..2025-02-01"}) == ["rollup_deals_closed_by_month_total"]
    assert tables(served, again), "the fact is kept by now"


def test_a_rollup_that_is_not_worth_its_place_leaves_the_fact_to_answer(firm: Company) -> None:
    with closing(ServedWorkspace(firm.workspace.folder, worth=Worth(rows=0, smaller=1000))) as served:
        assert tables(served, asked("new_opportunities", by=["product"])) == []
        assert served.answer([asked("new_opportunities", by=["product"])])[0]["rows"][0]["value"] == 6


def test_a_command_reads_the_rollups_of_a_server_and_makes_none(firm: Company, served: ServedWorkspace) -> None:
    firm.workspace.worth = Worth(make=False, rows=0)
    bookings = asked("bookings", "2025-01-15..2025-02-15", where={"kind": ["new"]})
    assert not any(name.startswith("rollup_") for name in firm.workspace.sql(bookings, figures=True))
    answers = firm.workspace.answer([bookings], figures=True)
    assert not any(name.startswith("rollup_") for name in firm.workspace.sql(bookings, figures=True))
    assert served.answer([bookings], figures=True) == answers
    assert any(name.startswith("rollup_") for name in firm.workspace.sql(bookings, figures=True))
    assert firm.workspace.answer([bookings], figures=True) == answers


def test_a_small_workspace_keeps_neither_rollups_nor_facts_of_periods(tmp_path: Path, templates: Path) -> None:
    firm = Company(tmp_path, templates, {"opportunities": [{"opportunity_id": "D", "created_at": "2025-01-01"}]})
    assert firm.workspace.worth == AS_FOUND
    with closing(ServedWorkspace(firm.workspace.folder)) as served:
        served.answer([asked("new_opportunities"), asked("win_rate")])
    cache = firm.workspace.folder / "store" / "cache"
    assert not [path for path in cache.iterdir() if path.suffix in (".rollups", ".spans", ".answers")]


def kept_and_answered(firm: Company, question: dict[str, Any], worth: Worth, name: str) -> tuple[Path, list[dict[str, Any]]]:
    """The file that answering a question keeps of a period, and the answers, which are forgotten."""
    forget_answers(firm)
    with closing(ServedWorkspace(firm.workspace.folder, worth=worth)) as served:
        answers = served.answer([question])
    [kept] = (firm.workspace.folder / "store" / "cache").glob(f"*.spans/{name}.parquet")
    forget_answers(firm)
    return kept, answers


def test_a_rollup_is_in_order_of_quarter_and_then_of_whose_its_rows_are(firm: Company, served: ServedWorkspace) -> None:
    [name] = tables(served, asked("new_opportunities"), Viewer("R0", reports=True))
    [kept] = (firm.workspace.folder / "store" / "cache").glob(f"*.rollups/{name}/0.parquet")
    rows = duckdb.execute(f"SELECT quarter(created_on), rep, day(created_on) FROM '{kept}'").fetchall()
    assert rows == [(1, f"R{n % 2}", n + 1) for n in (0, 2, 4, 1, 3, 5)]


def test_the_rows_of_a_period_are_in_order_of_whose_they_are(firm: Company) -> None:
    kept, _answers = kept_and_answered(firm, asked("win_rate", "2025"), FACTS, "tracked_deals/2025-01-01_2026-01-01")
    reps = [rep for rep, in duckdb.execute(f"SELECT rep FROM '{kept}'").fetchall()]
    assert reps == ["R0"] * 3 + ["R1"] * 3


@pytest.mark.parametrize(("name", "worth"), [("tracked_deals", FACTS), ("rollup_tracked_deals_by_period_total", ALL)])
def test_a_damaged_file_of_a_period_is_made_anew(firm: Company, name: str, worth: Worth) -> None:
    question = asked("win_rate", "2025-01")
    kept, answers = kept_and_answered(firm, question, worth, f"{name}/2025-01-01_2025-02-01")
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    with closing(ServedWorkspace(firm.workspace.folder, worth=worth)) as served:
        assert served.answer([question]) == answers
    assert len(kept.read_bytes()) == len(whole)


@pytest.mark.parametrize(("name", "worth"), [("tracked_deals", FACTS), ("rollup_tracked_deals_by_period_total", ALL)])
def test_damage_in_the_middle_of_a_period_that_is_met_while_reading_is_mended_too(firm: Company, name: str, worth: Worth) -> None:
    question = asked("win_rate", "2025-02")
    kept, answers = kept_and_answered(firm, question, worth, f"{name}/2025-02-01_2025-03-01")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:4] + b"\xff" * (len(whole) // 3) + whole[4 + len(whole) // 3:])
    with closing(ServedWorkspace(firm.workspace.folder, worth=worth)) as served:
        assert served.answer([question]) == answers
    assert kept.read_bytes()[4:40] != b"\xff" * 36


def test_of_a_kept_period_a_question_reads_the_columns_that_it_needs(served: ServedWorkspace) -> None:
    served.answer([asked("win_rate", "2025-01")])
    with served.session() as session:
        session.at([Span(date(2025, 1, 1), date(2025, 2, 1))], None).fact("tracked_deals")
        plan = session.con.execute("EXPLAIN SELECT count(*) FILTER (won_in) FROM fact_tracked_deals").fetchall()[0][1]
    assert "READ_PARQUET" in plan and "won_in" in plan and "opportunity_id" not in plan


def _hundred_bytes(path: Path) -> None:
    path.write_bytes(b"x" * 100)


class Tight(Spanned):
    """Has no memory for a table of the rows of several periods."""

    def _build(self, *asked: Any) -> None:
        raise duckdb.OutOfMemoryException("none is left")


def test_periods_whose_rows_do_not_fit_into_memory_together_are_made_one_by_one(firm: Company, tmp_path: Path) -> None:
    spans = [Span(date(2025, month, 1), date(2025, month + 1, 1)) for month in (1, 2, 3)]
    found = []
    for kind, worth in ((Tight, FACTS), (Spanned, NONE)):
        shutil.copytree(firm.workspace.folder, tmp_path / kind.__name__, ignore=shutil.ignore_patterns("cache", "spill", "lock"))
        with closing(ServedWorkspace(tmp_path / kind.__name__, worth=worth)) as served, served.session() as session:
            session._spanned = kind(session)
            session.at(spans, None)
            session.build("tracked_deals", None)
            found.append(session.con.execute("SELECT span, opportunity_id, won_in FROM fact_tracked_deals ORDER BY ALL").fetchall())
    assert found[0] == found[1] and len({row[0] for row in found[0]}) > 1


def test_what_is_kept_of_periods_is_bounded_and_what_was_not_used_goes_first(tmp_path: Path) -> None:
    kept = KeptSpans(tmp_path, most_bytes=250)
    for number in range(4):
        path = kept.path("deals", str(number))
        kept.write(path, _hundred_bytes)
        os.utime(sum_of(path), (1000 - number, 1000 - number))
    reading = HeldSpans()
    assert reading.take(kept.path("deals", "3")) and not reading.take(kept.path("deals", "4"))
    os.utime(sum_of(kept.path("deals", "3")), (997, 997))
    kept.tidy()
    assert sorted(path.stem for path in tmp_path.glob("*/*.parquet")) == ["0", "1", "3"], "what is being read stays"
    reading.release()
    kept.tidy()
    assert sorted(path.stem for path in tmp_path.glob("*/*.parquet")) == ["0", "1"]
