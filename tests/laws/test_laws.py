"""Laws over the whole catalogue, on made-up companies: each example makes one company and holds every law against it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from examples.company import Company
from laws.companies import ZONE, Row, Tables, company
from laws.oversight import sees
from salesgauge.catalogue import built_in
from salesgauge.facts import FACTS
from salesgauge.schema import TABLES
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.question import Viewer

Answer = dict[str, Any]
Query = dict[str, Any]

CATALOGUE = built_in()
EXAMPLES = int(os.environ.get("SALESGAUGE_LAWS", "4"))  # make test-more tries 14; above that: other ones each time, and every dimension
THOROUGH = EXAMPLES > 20
LAW = settings(max_examples=EXAMPLES, derandomize=not THOROUGH, deadline=None, database=None, suppress_health_check=list(HealthCheck),
               phases=[Phase.generate])  # a seed cannot be made smaller, and every example takes seconds
PERIOD = "2025-01-15..2025-03-31"
AS_OF = "2025-02-14T09:30:00"
# Not sums over slices: the largest accounts of a slice are others; prices and lines meet by location only where it is asked for.
NOT_ADDITIVE = {("revenue_concentration", "region"), ("revenue_concentration", "segment"), ("competitor_price_index", "location"),
                ("competitor_price_index", "competitor")}


def measures(kpi: Kpi) -> Iterable[Any]:
    return (m for m in (kpi.formula.numerator, kpi.formula.denominator) if m is not None)


# A flow is computed from rows that each have a day; a state (retention, tracked deals, quotas ...) from the period as a whole.
FLOWS = [kpi for kpi in CATALOGUE.values()
         if not kpi.formula.value and all(not FACTS[m.fact].period and m.transform is None for m in measures(kpi))]
EVERY: list[Query] = [{"kpi": kpi, "period": PERIOD} for kpi in CATALOGUE]


def one_dimension(kpi: Kpi, seed: int) -> str | None:
    """A dimension that slices the KPI: one of its first two (all of them where thorough), so that few shapes are compiled."""
    among = [d for d in kpi.dimensions if d not in kpi.one_sided]
    among = among if THOROUGH else among[:2]
    return among[seed % len(among)] if among else None


def by_one_dimension(seed: int) -> list[Query]:
    return [{"kpi": k.id, "period": PERIOD, "by": [d]} for k in CATALOGUE.values() if (d := one_dimension(k, seed))]


def numbers(row: Mapping[str, Any]) -> list[float]:
    return [row["numerator"], row["denominator"] or 0, *(row["excluded"].get(reason, 0) for reason in REASONS)]


REASONS = ("no_exchange_rate", "no_amount", "too_new_customer", "not_a_customer", "no_first_lead", "unanswered", "not_yet_ramped")


def total(rows: Iterable[Mapping[str, Any]]) -> list[float]:
    return [sum(column) for column in zip(*map(numbers, rows), strict=True)] or [0.0] * (2 + len(REASONS))


def near(numbers: Any) -> Any:
    return pytest.approx(numbers, rel=1e-9, abs=1e-7)


def alike(answers: Sequence[Answer], others: Sequence[Answer]) -> None:
    """Asserts that two batches of answers are the same, up to the last digits of a sum."""
    assert len(answers) == len(others)
    for one, other in zip(answers, others, strict=True):
        assert [(r["start"], r["by"]) for r in one["rows"]] == [(r["start"], r["by"]) for r in other["rows"]], one["kpi"]
        for a, b in zip(one["rows"], other["rows"], strict=True):
            assert a["excluded"] == b["excluded"], (one["kpi"], a, b)
            first, second = ({k: v for k, v in row.items() if isinstance(v, int | float)} for row in (a, b))
            assert first == near(second), one["kpi"]


def slices_add_up(firm: Company, by: Sequence[Query], sliced: Sequence[Answer], whole: Mapping[str, Answer]) -> None:
    for query, answer in zip(by, sliced, strict=True):
        if (query["kpi"], query["by"][0]) not in NOT_ADDITIVE:
            assert total(answer["rows"]) == near(numbers(whole[query["kpi"]]["rows"][0])), query


def filtering_to_a_slice_is_the_slice(firm: Company, by: Sequence[Query], sliced: Sequence[Answer], random: Random) -> None:
    queries, expected = [], []
    for query, answer in zip(by, sliced, strict=True):
        if answer["rows"]:
            row = random.choice(answer["rows"])
            queries.append({"kpi": query["kpi"], "period": PERIOD, "by": query["by"], "where": {d: [v] for d, v in row["by"].items()}})
            expected.append({"kpi": query["kpi"], "rows": [row]})
    alike(firm.ask(queries), expected)


def records_add_up(firm: Company, whole: Mapping[str, Answer], kpis: Iterable[str]) -> None:
    for kpi in kpis:
        row = whole[kpi]["rows"][0]
        for side in ("numerator", "denominator"):
            if row[side] is not None:
                found = firm.workspace.records({"kpi": kpi, "period": PERIOD}, side)
                assert found["total"] == near(row[side]), (kpi, side)
                assert found["total"] == near(sum(r["contribution"] for r in found["rows"]))
                assert all(r["row"] for r in found["rows"] if r["table"] not in ("accounts", "reps")), (kpi, side)


def months_add_up(firm: Company, whole: Mapping[str, Answer]) -> None:
    answers = firm.ask([{"kpi": kpi.id, "period": PERIOD, "grain": "month"} for kpi in FLOWS])
    for kpi, answer in zip(FLOWS, answers, strict=True):
        assert len(answer["rows"]) == 3
        assert total(answer["rows"]) == near(numbers(whole[kpi.id]["rows"][0])), kpi.id


def viewers_see_their_rows(firm: Company, tables: Tables, random: Random) -> None:
    """A viewer's numbers are those of the days and reps that they see, and no more."""
    kpis = [k for k in FLOWS if "rep" in k.dimensions]
    first, last = date(2025, 2, 10), date(2025, 2, 18)
    period = f"{first}..{last}"
    daily = firm.ask([{"kpi": k.id, "period": period, "grain": "day", "by": ["rep"]} for k in kpis])
    manager = random.choice(["R1", "R2", "Анна", "王芳", "r|4", "R'5", "ghost"])
    for reports in (False, True):
        answers = firm.ask([{"kpi": k.id, "period": period} for k in kpis], Viewer(manager, reports))
        for kpi, answer, days in zip(kpis, answers, daily, strict=True):
            seen = [r for r in days["rows"] if (sees(tables, manager, r["by"]["rep"], date.fromisoformat(r["start"])) if reports
                                                else r["by"]["rep"] == manager)]
            assert numbers(answer["rows"][0]) == near(total(seen)), (kpi.id, manager, reports)


# When each row is known, read anew from model.md ("Time").
KNOWN = {
    "leads": ("created_at",), "opportunities": ("created_at",), "stage_changes": ("changed_at",),
    "activities": ("occurred_at", "booked_at"), "documents": ("sent_at",), "contracts": ("starts_on",),
    "orders": ("ordered_at",), "spend": ("spent_on",),
    "forecasts": ("submitted_at",), "survey_responses": ("responded_at",), "price_observations": ("observed_on",)}


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(ZONE))


def known_by(tables: Tables, as_of: str) -> Tables:
    """The rows known at an instant; the lines of an order are with it."""
    def is_known(name: str, row: Row) -> bool:
        events = [instant(row[c]) for c in KNOWN.get(name, ()) if row[c]]
        return not events or min(events) <= instant(as_of)
    kept = {name: [row for row in rows if is_known(name, row)] for name, rows in tables.items()}
    orders = {o["order_id"] for o in kept["orders"]}
    return kept | {"order_lines": [line for line in kept["order_lines"] if line["order_id"] in orders]}


def shuffled(tables: Tables, random: Random) -> Tables:
    """The same rows and tables in another order; the changes of one deal keep theirs, since it may matter."""
    made = {}
    for name in random.sample(list(tables), len(tables)):
        rows = random.sample(tables[name], len(tables[name]))
        if name == "stage_changes":
            of_deal = {deal: [r for r in tables[name] if r["opportunity_id"] == deal][::-1] for deal in {r["opportunity_id"] for r in rows}}
            rows = [of_deal[row["opportunity_id"]].pop() for row in rows]
        made[name] = rows
    return made


def halves(tables: Tables, random: Random) -> tuple[Tables, Tables]:
    """The rows in two disjoint parts; what is told in the order of a file (changes of a deal, prices of one day) stays together."""
    first: Tables = {name: [] for name in tables}
    second: Tables = {name: [] for name in tables}
    sides: dict[tuple[str, ...], Tables] = {}
    for name, rows in tables.items():
        for row in rows:
            side = sides.setdefault((name, *(row.get(c, "") for c in TABLES[name].key[:1])), random.choice((first, second)))
            side[name].append(row)
    return first, second


@pytest.fixture(scope="session")
def templates(pytestconfig: pytest.Config) -> Path:
    """Where empty workspaces and compiled SQL are kept, from run to run."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("salesgauge-companies")


def shared(templates: Path, folder: str, tables: Tables) -> Company:
    return Company(Path(folder), templates, tables, timezone=ZONE)


def test_every_side_of_every_kpi_opens_into_rows_that_add_up_to_it(templates: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        firm = shared(templates, folder, company(5))
        records_add_up(firm, {answer["kpi"]: answer for answer in firm.ask(EVERY)}, CATALOGUE)


@LAW
@given(seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_slices_months_records_filters_and_viewers_agree_with_the_whole(templates: Path, seed: int, size: int) -> None:
    random, tables = Random(seed), company(seed, size)
    with tempfile.TemporaryDirectory() as folder:
        firm = shared(templates, folder, tables)
        whole = {answer["kpi"]: answer for answer in firm.ask(EVERY)}
        by = by_one_dimension(seed)
        sliced = firm.ask(by)
        slices_add_up(firm, by, sliced, whole)
        filtering_to_a_slice_is_the_slice(firm, by, sliced, random)
        months_add_up(firm, whole)
        viewers_see_their_rows(firm, tables, random)
        records_add_up(firm, whole, CATALOGUE if THOROUGH else random.sample(list(CATALOGUE), 6))


@LAW
@given(seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_the_order_of_rows_and_loads_and_later_rows_change_nothing(templates: Path, seed: int, size: int) -> None:
    random, tables = Random(seed), company(seed, size)
    asked: list[Query] = [*EVERY, *by_one_dimension(seed)]
    then: list[Query] = [{"kpi": kpi, "period": PERIOD, "as_of": AS_OF} for kpi in CATALOGUE]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        firm = shared(templates, one, known_by(tables, AS_OF))
        before = firm.ask(then)
        firm.load(tables)
        alike(firm.ask(then), before)
        now = firm.ask(asked)
        assert not firm.load(tables).changed, "loading twice changes something"
        first, second = halves(shuffled(tables, random), random)
        other = shared(templates, two, first)
        other.load(second)
        alike(other.ask(asked), now)
