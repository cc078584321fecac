"""Laws over the figures, on made-up companies whose deals are pushed, pulled, and told late or never."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.company import Company
from laws.companies import DAYS, ZONE, Row, Tables, company
from laws.oversight import sees
from laws.test_laws import EXAMPLES, LAW, THOROUGH, alike, instant, known_by, near, numbers, total
from salesgauge.catalogue.figures import figures
from salesgauge.facts import FACTS
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.question import EVERYTHING, Viewer

Query = dict[str, Any]

FIGURES = figures()
FEWER = settings(LAW, max_examples=EXAMPLES if THOROUGH else max(1, EXAMPLES // 8))  # each compiles questions of its own
PERIOD, AS_OF = "2025-01-15..2025-03-01", "2025-02-14T09:30:00"
START, END = date(2025, 1, 15), date(2025, 3, 1)
# Their rows lie in P on a day of their own: these are the days of a single-day period.
NOT_OF_THE_DAY = {"commit", "forecasts", "ramp_curve"}


@pytest.fixture(scope="session")
def templates(pytestconfig: pytest.Config) -> Path:
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("salesgauge-companies")


def moving(seed: int, size: int) -> Tables:
    """A company whose deals have expected closes that move, reasons of loss, and stages in an order."""
    random, tables = Random(seed), company(seed, size)
    for deal in tables["opportunities"]:
        deal |= {"closes_on": random.choice((*DAYS, "")), "loss_reason": random.choice(("price", "")),
                 "next_step": random.choice(("call", "")), "next_step_on": random.choice((*DAYS, "", ""))}
    for change in tables["stage_changes"]:
        change |= {"closes_on": random.choice((*DAYS, "", "", "")), "forecast_category": random.choice(("commit", "pipeline", ""))}
    for place, stage in enumerate(tables["stages"]):
        stage["position"] = str(place)
    for contract in tables["contracts"]:
        contract["renews_contract_id"] = random.choice(("", "", *(c["contract_id"] for c in tables["contracts"])))
    return tables


def queries(**more: Any) -> list[Query]:
    """Every figure, grouped by what it must be asked by."""
    return [{"kpi": f.id, "period": PERIOD, "by": list(f.required), **more} for f in FIGURES.values()]


def ask(firm: Company, batch: Sequence[Query], viewer: Viewer = EVERYTHING) -> list[dict[str, Any]]:
    answers = firm.workspace.answer(batch, viewer, figures=True)
    assert not [a for a in answers if "error" in a]
    return answers


def firm_of(templates: Path, folder: str, tables: Tables) -> Company:
    return Company(Path(folder), templates, tables, timezone=ZONE)


def owner_dimension(figure: Kpi) -> str | None:
    return next((d for d in ("rep", "account_owner") if d in figure.dimensions), None)


# The movement of the pipeline, told anew from the rows

def utc(text: str) -> datetime:
    return instant(text).astimezone(UTC)


def rate(tables: Tables, deal: Row) -> float | None:
    if deal["currency"] in ("", "EUR"):
        return 1.0
    day = instant(deal["created_at"]).astimezone(ZoneInfo(ZONE)).date().isoformat()
    known = sorted((r["rated_on"], float(r["rate"])) for r in tables["exchange_rates"] if r["currency"] == deal["currency"])
    before = [worth for on, worth in known if on <= day]
    return before[-1] if before else known[0][1] if known else None


def movement(tables: Tables, as_of: str | None, due: bool) -> dict[str, float]:
    """The parts of a movement by the words of docs/decisions/0011, from the rows as they were loaded."""
    parts: dict[str, float] = {}
    start, end = utc(START.isoformat()), utc(END.isoformat())
    until = utc(as_of) if as_of else None

    def known(moment: datetime) -> bool:
        return moment < end and (until is None or moment <= until)
    for deal in tables["opportunities"]:
        created, closed = utc(deal["created_at"]), utc(deal["closed_at"]) if deal["outcome"] and deal["closed_at"] else None
        if not known(created) or (closed and closed < start):
            continue
        is_closed = closed is not None and known(closed)
        changes = [(utc(c["changed_at"]), c) for c in tables["stage_changes"] if c["opportunity_id"] == deal["opportunity_id"]]
        changes.sort(key=lambda pair: pair[0])
        worth = rate(tables, deal)

        def at(counts: Any, column: str, deal: Row = deal, changes: Any = changes) -> str:
            return next((c[column] for moment, c in reversed(changes) if counts(moment) and c[column]), deal[column])

        def value(counts: Any, worth: float | None = worth, at: Any = at) -> float | None:
            amount = at(counts, "amount")
            return None if not amount or worth is None else float(amount) * worth

        def is_due(counts: Any, at: Any = at) -> bool:
            closes = at(counts, "closes_on")
            return not due or (closes != "" and closes < END.isoformat())
        then, now = value(lambda m: m < start), value(known)
        existed = created < start
        was_in, is_in = existed and is_due(lambda m: m < start), not is_closed and is_due(known)
        came = [("opening", then)] if was_in else []
        if is_in or is_closed:
            if was_in:
                change = (now or 0) - (then or 0)
                came.append(("grown" if change > 0 else "shrunk", change or None))
            else:
                came.append(("pulled_in" if existed else "new", now))
            if is_closed:
                came.append((deal["outcome"], None if now is None else -now))
        elif was_in:
            came.append(("pushed_out", None if then is None else -then))
        for part, money in came:
            parts[part] = parts.get(part, 0.0) + (money or 0.0)
    return {part: money for part, money in parts.items() if money}


def the_pipeline_moves_as_it_is_told(firm: Company, tables: Tables) -> None:
    for as_of in (None, AS_OF):
        for figure, due in (("pipeline_movement", True), ("open_movement", False)):
            [answer] = ask(firm, [{"kpi": figure, "period": PERIOD, "by": ["movement"], "as_of": as_of}])
            found = {row["by"]["movement"]: row["value"] for row in answer["rows"] if row["value"]}
            assert found == near(movement(tables, as_of, due)), (figure, as_of)


def the_parts_of_a_movement_are_what_is_open(firm: Company, by: str) -> None:
    due = {"due": ["overdue", "this_period"]}
    for more in ({}, {"as_of": AS_OF}):
        parts, left, all_parts, everything = ask(firm, [{"period": PERIOD, "by": [by], **more, **query} for query in (
            {"kpi": "pipeline_movement"}, {"kpi": "open_pipeline", "where": due}, {"kpi": "open_movement"}, {"kpi": "open_pipeline"})])
        for moved, open_ in ((parts, left), (all_parts, everything)):
            sums = {row["by"][by]: row["value"] for row in open_["rows"]}
            for row in moved["rows"]:
                assert row["value"] == near(sums.pop(row["by"][by], 0.0)), row
            assert not [value for value in sums.values() if value]
    before, after = ask(firm, [{"kpi": "open_pipeline", "period": "2024-12-01..2025-01-15"},
                               {"kpi": "open_movement", "period": PERIOD, "where": {"movement": ["opening"]}}])
    assert before["rows"][0]["value"] == near(after["rows"][0]["value"])


def slices_add_up(firm: Company, whole: Mapping[str, Any], random: Random) -> None:
    asked = []
    for figure in FIGURES.values():
        among = [d for d in figure.dimensions if d not in figure.required]
        asked.append({"kpi": figure.id, "period": PERIOD, "by": [*figure.required, random.choice(among if THOROUGH else among[:1])]})
    for answer in ask(firm, asked):
        assert total(answer["rows"]) == near(total(whole[answer["kpi"]]["rows"])), answer["kpi"]


def months_add_up(firm: Company, whole: Mapping[str, Any]) -> None:
    flows = [f for f in FIGURES.values() if all(not FACTS[m.fact].period for m in f.formula.measures())]
    for answer in ask(firm, [{"kpi": f.id, "period": PERIOD, "grain": "month"} for f in flows]):
        assert total(answer["rows"]) == near(total(whole[answer["kpi"]]["rows"])), answer["kpi"]


def viewers_see_their_rows(firm: Company, tables: Tables, random: Random) -> None:
    """A viewer gets of each figure what the whole says of the reps that they see on the day, and no more."""
    day = random.choice((date(2025, 2, 1), date(2025, 2, 14), date(2025, 2, 28)))
    owned = [f for f in FIGURES.values() if f.id not in NOT_OF_THE_DAY]
    assert not [f.id for f in owned if owner_dimension(f) is None]

    def of(viewer: Viewer, grouped: bool) -> list[dict[str, Any]]:
        return ask(firm, [{"kpi": f.id, "period": f"{day}..{date.fromordinal(day.toordinal() + 1)}",
                           "by": [*f.required, *([str(owner_dimension(f))] if grouped else [])]} for f in owned], viewer)
    everyone = of(EVERYTHING, True)
    manager = random.choice(["R1", "R2", "Анна", "王芳", "r|4", "R'5", "ghost"])
    for reports in (False, True):
        for figure, answer, whole in zip(owned, of(Viewer(manager, reports), False), everyone, strict=True):
            def is_seen(rep: str | None, reports: bool = reports) -> bool:
                return sees(tables, manager, rep, day) if reports else rep == manager
            seen = [row for row in whole["rows"] if is_seen(row["by"][owner_dimension(figure)])]
            assert total(answer["rows"]) == near(total(seen)), (figure.id, manager, reports, day)


def records_add_up(firm: Company, whole: Mapping[str, Any], among: Iterable[str]) -> None:
    for figure in among:
        kpi = FIGURES[figure]
        where = {d: sorted({row["by"][d] for row in whole[figure]["rows"]}) for d in kpi.required}
        for side in ("numerator", "denominator")[:1 if kpi.formula.denominator is None else 2]:
            found = firm.workspace.records({"kpi": figure, "period": PERIOD, "where": where}, side, figures=True)
            assert found["total"] == near(sum(row[side] for row in whole[figure]["rows"])), (figure, side)
            assert found["total"] == near(sum(row["contribution"] for row in found["rows"]))


@FEWER
@given(seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_figures_agree_with_the_rows_the_whole_and_each_other(templates: Path, seed: int, size: int) -> None:
    random, tables = Random(seed), moving(seed, size)
    with tempfile.TemporaryDirectory() as folder:
        firm = firm_of(templates, folder, tables)
        the_pipeline_moves_as_it_is_told(firm, tables)
        the_parts_of_a_movement_are_what_is_open(firm, random.choice(("rep", "team", "kind")))
        whole = {answer["kpi"]: answer for answer in ask(firm, queries())}
        slices_add_up(firm, whole, random)
        months_add_up(firm, whole)
        viewers_see_their_rows(firm, tables, random)
        records_add_up(firm, whole, FIGURES if THOROUGH else random.sample(list(FIGURES), 5))


@FEWER
@given(seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_a_figure_as_of_then_ignores_later_rows(templates: Path, seed: int, size: int) -> None:
    tables = moving(seed, size)
    with tempfile.TemporaryDirectory() as folder:
        firm = firm_of(templates, folder, known_by(tables, AS_OF))
        before = ask(firm, queries(as_of=AS_OF))
        firm.load(tables)
        alike(ask(firm, queries(as_of=AS_OF)), before)


def test_every_figure_opens_into_rows_that_add_up_to_it(templates: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        firm = firm_of(templates, folder, moving(5, 8))
        records_add_up(firm, {answer["kpi"]: answer for answer in ask(firm, queries())}, FIGURES)


def test_what_is_compared_is_not_all_nothing(templates: Path) -> None:
    something: set[str] = set()
    for seed in (1, 2, 3):
        with tempfile.TemporaryDirectory() as folder:
            answers = ask(firm_of(templates, folder, moving(seed, 12)), queries())
            something |= {a["kpi"] for a in answers if any(numbers(row)[0] for row in a["rows"])}
    assert FIGURES.keys() - something <= {"stalled_deals", "stalled_value", "upsell_window", "commit", "forecasts", "ramp_curve"}
