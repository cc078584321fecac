"""Facts of a new generation, from those of an earlier one and what was loaded since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from examples.company import Company, rows
from salesgauge import settings
from salesgauge.store import brought, quarters, refreshing
from salesgauge.store.kept import Held, first
from salesgauge.store.opened import Opened
from salesgauge.store.session import Session

NOW = datetime(2025, 6, 15, tzinfo=UTC)
DEALS = """
opportunity_id  created_at  account_id  owner_id  amount  closed_at            outcome
D1              2025-01-02  A1          R1        100     2025-02-01T10:00:00  won
D2              2025-01-03  A1          R2        200     -                    -
D3              2025-03-04  A2          R1        300     -                    -
"""


@pytest.fixture
def bare(tmp_path: Path, pytestconfig: pytest.Config) -> Company:
    """Nothing is kept yet."""
    assert pytestconfig.cache is not None
    reps = rows("rep_id team\nR1 North\nR2 South")
    return Company(tmp_path, pytestconfig.cache.mkdir("salesgauge-companies"), {"opportunities": rows(DEALS), "reps": reps})


@pytest.fixture
def firm(bare: Company) -> Company:
    bare.workspace.make_ready(NOW, whole=True)
    return bare


@contextmanager
def ready(firm: Company, as_of: datetime | None = None) -> Iterator[Session]:
    workspace = firm.workspace
    with closing(workspace.open(workspace.generation())) as opened, closing(Session(opened)) as session:
        session.at([], as_of)
        yield session


def held(session: Session, name: str) -> Held:
    session.build(name, None)
    found = session.opened.kept.find(name, None)
    assert found is not None
    return found


def told(fact: Held) -> list[tuple[object, ...]]:
    """The ids and how: as they were or as they are."""
    (path,) = fact.folder.glob("since-*.parquet")
    return sorted(duckdb.sql(f"SELECT opportunity_id, was_ FROM '{path}'").fetchall())


def test_a_fact_that_nothing_reached_is_the_same_file(firm: Company) -> None:
    before = firm.workspace.generation().name
    firm.load({"opportunities": rows("opportunity_id created_at amount\nD4 2025-04-01 5")})
    with ready(firm) as session:
        leads, deals = held(session, "leads"), held(session, "deals")
        (old,) = session.opened.kept.folder.parent.glob(f"{before}-*/leads/{first()}")
        assert leads.first[0].samefile(old)
        assert told(deals) == [("D4", False)]
        assert session.builds == {}


def test_only_keys_whose_rows_are_others_are_told_on(firm: Company) -> None:
    firm.load({"reps": rows("rep_id team\nR2 East"), "leads": rows("lead_id created_at opportunity_id\nL1 2025-05-01 D3")})
    with ready(firm) as session:
        assert told(held(session, "deals")) == [("D2", False), ("D2", True), ("D3", False), ("D3", True)]
    firm.load({"reps": rows("rep_id team name\nR1 North Ann")})
    with ready(firm) as session:
        assert told(held(session, "deals")) == [] and session.builds == {}


def test_a_change_of_what_no_fact_reads_reaches_nothing(firm: Company) -> None:
    before = firm.workspace.generation().name
    firm.load({"opportunities": rows("opportunity_id created_at account_id owner_id amount next_step\nD2 2025-01-03 A1 R2 200 call")})
    with ready(firm) as session:
        deals = held(session, "deals")
        (old,) = session.opened.kept.folder.parent.glob(f"{before}-*/deals/{first()}")
        assert deals.first[0].samefile(old) and told(deals) == [] and session.builds == {}


def test_of_a_long_fact_its_readers_are_told_the_keys_that_were_computed_again(firm: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brought, "LONG", 0)
    monkeypatch.setattr(brought, "MANY", 1.0)
    firm.load({"leads": rows("lead_id created_at opportunity_id\nL1 2025-05-01 D3")})
    with ready(firm) as session:
        deals = held(session, "deals")
        (path,) = deals.folder.glob("since-*.parquet")
        assert duckdb.sql(f"FROM '{path}' ORDER BY was_").fetchall() == [("L1", "D3", False), (None, "D3", True)]
        held(session, "lead_deals")
        assert session.con.execute("SELECT lead_id, deal_id FROM fact_lead_deals").fetchall() == [("L1", "D3")]
        assert session.builds == {}


def test_bringing_forward_what_is_of_no_instant_compiles_nothing_of_instants(firm: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    firm.load({"leads": rows("lead_id created_at\nL1 2025-05-01")})
    monkeypatch.setattr(Opened, "events", lambda _opened, name: pytest.fail(f"the events of {name} were asked for"))
    assert firm.workspace.make_ready(NOW).built == 0


def test_a_large_fact_keeps_its_first_layer(firm: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brought, "SMALL", 0)
    monkeypatch.setattr(brought, "THIN", 1.0)
    same = None
    for amount in (1, 2, 3):
        firm.load({"opportunities": rows(f"opportunity_id created_at account_id amount\nD2 2025-01-03 A1 {amount}")})
        with ready(firm) as session:
            deals = held(session, "deals")
            assert [path.name for path in deals.first] == [first()] and deals.later and deals.gone
            assert same is None or deals.first[0].samefile(same)
            same = deals.first[0]
            found = session.con.execute("SELECT opportunity_id, amount FROM fact_deals ORDER BY ALL").fetchall()
            assert found == [("D1", 100.0), ("D2", amount), ("D3", 300.0)]


def test_a_deal_that_closes_is_found_in_its_quarter(bare: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in ((quarters, "LARGE", 0), (brought, "SMALL", 0), (brought, "THIN", 1.0)):
        monkeypatch.setattr(module, name, value)
    bare.workspace.make_ready(NOW, whole=True)
    bare.load({"opportunities": rows("opportunity_id created_at account_id closed_at outcome\nD2 2025-01-03 A1 2025-02-03 won")})
    with ready(bare) as session:
        deals = held(session, "deals")
        assert len(deals.first) == 2 and deals.later and deals.gone and session.builds == {}
        found = session.con.execute("SELECT opportunity_id FROM fact_deals WHERE closed_on < DATE '2025-04-01' ORDER BY ALL").fetchall()
        assert found == [("D1",), ("D2",)]


def test_a_rep_who_is_ramped_is_reached_by_no_later_activity(bare: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brought, "LONG", -1)  # what was computed again is told, and not only what came out otherwise
    monkeypatch.setattr(brought, "MANY", 2.0)
    def calls(*told: str) -> list[dict[str, str]]:
        return rows("\n".join(("activity_id  occurred_at  kind  rep_id  account_id", *told)))
    bare.load({"reps": rows("rep_id hired_on\nR1 2025-01-01\nR2 2025-01-01\nR3 2025-01-01"), "accounts": rows("account_id\nA9"),
               "activities": calls("a1 2025-02-01 call R1 A9", "a2 2025-02-03 call R1 A9", "a3 2025-02-05 call R2 A9")})
    bare.workspace.make_ready(NOW, whole=True)
    for told, reached in (("a4 2025-02-02 call R1 A9", []), ("a5 2025-03-01 call R3 A9", ["R3"]), ("a3 2025-02-04 call R2 A9", ["R2"]),
                          ("a1 2025-04-01 call R1 A9", ["R1"])):
        bare.load({"activities": calls(told)})
        with ready(bare) as session:
            (path,) = held(session, "hires").folder.glob("since-*.parquet")
            assert [rep for rep, in duckdb.sql(f"SELECT DISTINCT rep FROM '{path}' ORDER BY rep").fetchall()] == reached
            ramped = dict(session.con.execute("SELECT rep, ramped_at FROM fact_hires").fetchall())
    assert ramped == {"R1": datetime(2025, 2, 2), "R2": datetime(2025, 2, 4), "R3": datetime(2025, 3, 1)}


def test_other_settings_and_new_dimensions_build_whole(firm: Company) -> None:
    firm.load({"opportunities": rows("opportunity_id created_at amount source\nD4 2025-04-01 5 web")})
    with ready(firm) as session:
        held(session, "deals")
        assert session.forwarded == {} and session.builds["deals"] == 1


def test_a_load_that_changes_most_of_a_table_keeps_no_rows_of_it(firm: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesgauge.store.changes.MOST", 1)
    firm.load({"opportunities": rows(DEALS.replace("00 ", "01 "))})
    changes = firm.workspace.generation().changes
    assert changes is not None and changes["opportunities"] is None
    with ready(firm) as session:
        held(session, "deals")
        assert session.builds["deals"] == 1


def test_a_fact_as_of_a_date_is_left_alone_by_what_was_not_known_then(bare: Company) -> None:
    workspace = bare.workspace
    made = workspace.make_ready(NOW, dates=True)
    assert len(made.instants) == 15 and made.forward == 0 and made.bytes > 0
    bare.load({"opportunities": rows("opportunity_id created_at amount\nD4 2025-05-20 5\nD0 2025-02-03 7")})
    made = workspace.make_ready(NOW)
    assert made.built == 0 and made.forward > 30 and len(made.instants) == 15
    with ready(bare, datetime(2025, 4, 1, tzinfo=UTC)) as session:
        session.build("deals", datetime(2025, 4, 1, tzinfo=UTC))
        assert session.con.execute("SELECT opportunity_id FROM fact_deals ORDER BY ALL").fetchall() == [("D0",), ("D1",), ("D2",), ("D3",)]
        assert session.builds == {}


def test_the_common_instants_are_the_ends_of_what_is_over(firm: Company) -> None:
    zone = settings.make("Asia/Shanghai", "EUR", {}).zone
    found = refreshing.common_instants(datetime(2025, 6, 30, 17, 0, tzinfo=UTC), zone)  # it is July there
    assert found[0] == datetime(2025, 6, 30, 16, 0, tzinfo=UTC) and found == sorted(found, reverse=True)
    assert datetime(2023, 12, 31, 16, 0, tzinfo=UTC) in found and len(found) == 14
