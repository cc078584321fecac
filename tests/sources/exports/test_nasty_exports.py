"""Every nasty export comes in right, is asked about, or is refused: none is silently wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from salesgauge.errors import LoadRefused
from salesgauge.sources import stage_mapped
from salesgauge.sources.exports.proposal import Proposal, propose
from salesgauge.sources.exports.questions import NONE, Answers
from salesgauge.staging import StagedTable, silent
from sources.exports.nasty import Nasty, day_of, every

EVERY = every()
COLUMNS = ("opportunity_id", "created_at", "closed_at", "outcome", "amount", "owner_id", "account_id", "currency")


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as found:
        yield found


def proposed(nasty: Nasty, folder: Path, con: duckdb.DuckDBPyConnection, answers: Answers = NONE) -> Proposal:
    """What an import of the file would do, in a workspace of euros."""
    path = folder / nasty.file
    path.write_bytes(nasty.content)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return propose([path], answers, "EUR", con, scratch)


def staged(proposal: Proposal, folder: Path, con: duckdb.DuckDBPyConnection) -> StagedTable:
    """The deals, staged by the proposed mapping as `load --mapping` stages them."""
    mapping = folder / "map.toml"
    mapping.write_text(proposal.mapping, encoding="utf-8")
    found = stage_mapped(mapping)(folder, con, folder / "scratch", silent)
    assert [t.table.name for t in found.tables] == ["opportunities"]
    return found.tables[0]


def cells(table: StagedTable, con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """The canonical cells of the deals: days, numbers and texts; an empty text where a column is not there."""
    wanted = ", ".join(c if c in table.columns else "NULL" for c in COLUMNS)
    made = []
    for row in con.execute(f"SELECT {wanted} FROM {table.relation} ORDER BY row_").fetchall():
        id, created, closed, outcome, amount, owner, account, currency = row
        made.append((id, day_of(created), day_of(closed) if closed else None, outcome or None, round(float(amount), 4), owner,
                     account or "", currency or ""))
    return made


def test_there_are_more_than_a_hundred_of_all_kinds_in_four_languages() -> None:
    assert len(EVERY) >= 100
    assert {n.language for n in EVERY} == {"en", "zh-Hans", "zh-Hant", "ru"}
    assert len({(n.kind, n.name, n.language) for n in EVERY}) == len(EVERY)


def shared_out() -> list[Any]:
    """All of them; every other one with the heavier suites, so that the quick run stays quick."""
    return [pytest.param(n, id=f"{n.kind}: {n.name} ({n.language})", marks=[pytest.mark.more] if place % 2 else [])
            for place, n in enumerate(EVERY)]


@pytest.mark.parametrize("nasty", shared_out())
def test_a_nasty_export_is_right_or_asked_about_or_refused(nasty: Nasty, tmp_path: Path, con: duckdb.DuckDBPyConnection) -> None:
    if nasty.refuses:
        with pytest.raises(LoadRefused, match=nasty.refuses):
            proposed(nasty, tmp_path, con)
        return
    proposal = proposed(nasty, tmp_path, con)
    assert tuple(q.path[-1] for q in proposal.questions) == nasty.asks
    if nasty.asks:
        assert proposal.mapping == ""
        if not nasty.answers:
            return
        proposal = proposed(nasty, tmp_path, con, Answers(nasty.answers))
        assert proposal.questions == ()
    table = staged(proposal, tmp_path, con)
    named = nasty.kind != "system"  # what the customer's column of an export is, a system says in its own way
    true = [(d.id, d.created, d.closed if d.outcome else None, d.outcome, d.amount, d.owner, d.customer if named else "", nasty.currency)
            for d in nasty.deals]
    assert [row if named else (*row[:6], "", row[7]) for row in cells(table, con)] == true
    assert len(table.unread) == nasty.aside


def test_a_system_is_named_where_it_was_recognised(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> None:
    for nasty in (n for n in EVERY if n.kind == "system" and n.language == "en"):
        assert proposed(nasty, tmp_path, con).systems == (nasty.name,)
