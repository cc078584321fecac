"""Facts and period facts on every engine equal those of the local store, row by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from engines.conftest import Twin, of_rows
from engines.servers import STARTED
from laws.companies import company
from salesgauge.facts import FACTS
from salesgauge.periods import pieces, read_period
from salesgauge.workspace import Workspace

pytestmark = pytest.mark.more

INSTANTS = (datetime(2024, 7, 15, 12, tzinfo=UTC), datetime(2025, 1, 1, 0, 30, tzinfo=UTC), datetime(2025, 6, 30, 21, 59, 59, tzinfo=UTC))
DIGITS = 11  # of a sum that an engine adds up in an order of its own


def plain(value: Any) -> Any:
    """A value as all engines can hold it: a float to so many digits, midnight of a date that one of them calls an instant as that date,
    and the ends of the calendar as one end."""
    if isinstance(value, float):
        return 0.0 if value == 0 else round(value, DIGITS - 1 - math.floor(math.log10(abs(value))))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date) and not 1900 < value.year < 2299:
        return "the end" if value.year >= 2299 else "the beginning"
    return value


def sorted_rows(rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(map(plain, row)) for row in rows), key=lambda row: [(value is None, str(value)) for value in row])


def differences(local: Workspace, remote: Workspace, periods: list[str], as_of: datetime | None) -> list[str]:
    """The facts that differ, each with its first different rows."""
    spans = [span for period in periods for span in pieces(read_period(period, 1), "quarter", 1)]
    found, filled = [], 0
    with ExitStack() as open_:
        here, there = open_.enter_context(local.session()), open_.enter_context(remote.session())
        moment, _other = here.at(spans, as_of), there.at(spans, as_of)
        link = there.remote
        assert link is not None
        for name in FACTS:
            ours = sorted_rows(iter(here.con.execute(f"FROM {moment.fact(name)}").fetchall()))
            theirs = sorted_rows(tuple(row.values()) for row in link.fact(name).to_pylist())
            filled += bool(ours)
            if ours != theirs:
                first = next((pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]), None)
                found.append(f"{name}: {len(ours)} and {len(theirs)} rows; {first}")
    assert filled > 10
    return found


@pytest.mark.parametrize("as_of", INSTANTS, ids=lambda instant: f"{instant:%Y-%m-%d}")
@pytest.mark.parametrize("engine", STARTED)
def test_facts_of_the_company_as_of_an_instant_are_the_same(engine: str, as_of: datetime, pack: Callable[[str], Workspace],
                                                            twin: Twin) -> None:
    local = pack("company")
    assert differences(local, twin(local, engine), ["2024", "2025"], as_of) == []


def moved(tables: Any, years: int) -> Any:
    """A company's rows, all so many years later or earlier."""
    def cell(text: str) -> str:
        return f"{int(text[:4]) + years:04d}{text[4:]}" if text[4:5] == "-" and text[:4].isdigit() else text
    return {name: [{column: cell(text) for column, text in row.items()} for row in rows] for name, rows in tables.items()}


@pytest.mark.parametrize(("years", "periods"), [(0, ["2024", "2025"]), (-56, ["1968", "1969"])])
@pytest.mark.parametrize("engine", STARTED)
def test_facts_of_odd_and_old_rows_are_the_same(engine: str, years: int, periods: list[str], twin: Twin, tmp_path: Path) -> None:
    local = of_rows(tmp_path, moved(company(7, 25), years))
    assert differences(local, twin(local, engine), periods, None) == []
