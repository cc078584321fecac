"""A sync brings what is new, changed and gone, once, whatever happened before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesgauge.errors import LoadRefused, SourceError
from salesgauge.sources.connections.connection import names, read
from salesgauge.sources.connections.extracting import extract
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.sql_database import connect
from salesgauge.store.lineage import lineage
from sources.connections.company import Company


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path)
    yield made
    made.database.close()


def loads(company: Company, table: str = "opportunities") -> tuple[int, int, int, int]:
    """New, changed, unchanged and gone rows of a sync."""
    tables = {t["table"]: t for t in company.sync().as_json()["load"]["tables"]}
    found = tables[table]
    return found["new"], found["changed"], found["unchanged"], found["gone"]


def test_the_first_sync_brings_everything_and_the_next_changes_nothing(company: Company) -> None:
    assert loads(company) == (6, 0, 0, 0)
    assert company.deals()[0] == ("1", "R2", 1000.5)
    generation = company.workspace.generation().name
    assert loads(company) == (0, 0, 6, 0) and company.workspace.generation().name == generation


def test_changes_and_deletes_come_with_the_next_sync(company: Company) -> None:
    company.sync()
    company.sql("UPDATE deals SET value = 7, changed = '2025-03-01 00:00:00' WHERE id = 2")
    company.sql("INSERT INTO deals VALUES (9, '2025-03-02', NULL, 'open', 'R1', 5, '2025-03-02 00:00:00')")
    company.sql("DELETE FROM deals WHERE id = 3")
    assert loads(company) == (1, 1, 4, 1)
    assert [deal[0] for deal in company.deals()] == ["1", "2", "4", "5", "6", "9"] and company.deals()[1][2] == 7


def test_a_change_that_was_committed_late_is_not_missed(company: Company) -> None:
    company.sync()
    company.sql("UPDATE deals SET value = 8, changed = '2025-02-01 09:58:00' WHERE id = 1")
    assert loads(company) == (0, 1, 5, 0)


def test_a_row_of_a_table_without_a_cursor_changes_and_goes_as_well(company: Company) -> None:
    company.sync()
    company.sql("UPDATE people SET name = 'Ada Q' WHERE id = 'R1'")
    company.sql("DELETE FROM people WHERE id = 'R2'")
    assert loads(company, "reps") == (0, 1, 0, 1)


def test_a_key_that_grows_may_be_the_cursor(company: Company) -> None:
    company.connect("crm", "", '{ cursor = "id" }')
    assert loads(company) == (6, 0, 0, 0)
    company.sql("INSERT INTO deals VALUES (10, '2025-03-02', NULL, 'open', 'R1', 5, NULL)")
    company.sql("DELETE FROM deals WHERE id = 2")
    assert loads(company) == (1, 0, 5, 1) and [deal[0] for deal in company.deals()] == ["1", "10", "3", "4", "5", "6"]


def test_many_slices_give_what_one_gives(tmp_path: Path, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10, 60):
        company.sql(f"INSERT INTO deals VALUES ({number}, '2025-01-05', NULL, 'open', 'R1', {number}, '2025-02-01 11:{number}:00')")
    monkeypatch.setattr("salesgauge.sources.sql_database.connector.PAGE", 7)
    said = read(company.folder, "crm")
    opened = connect(said, Secrets(tmp_path, {}))
    extract(said.raw, opened.streams(), records=10)
    opened.close()
    assert loads(company) == (56, 0, 0, 0)


def test_a_table_that_suddenly_shows_nothing_is_not_taken_for_empty(company: Company) -> None:
    company.sync()
    company.sql("DELETE FROM deals")
    with pytest.raises(SourceError, match="deals: the system shows none of the 6 records that it had"):
        company.sync()
    assert len(company.deals()) == 6
    company.sync(emptied=True)
    assert company.deals() == []


def test_every_row_leads_back_to_its_record(company: Company) -> None:
    company.sync()
    with company.workspace.session() as session:
        found = lineage(session, "opportunities", ["4"])["4"]
    assert (found.source, found.record, found.load) == ("crm", "deals/4", "g-000001")


def test_two_systems_keep_apart_by_a_prefix_and_are_refused_without_one(company: Company) -> None:
    company.sync()
    company.connect("other", "", "{}")
    with pytest.raises(LoadRefused, match="came from crm; give the ids of other a prefix of their own"):
        company.sync("other")
    company.connect("other", "o-", "{}")
    company.sync("other")
    assert [deal[:2] for deal in company.deals()][-1] == ("o-6", "o-R1") and len(company.deals()) == 12
    company.sql("DELETE FROM deals WHERE id = 6")
    company.sync("other")
    assert len(company.deals()) == 11, "a system takes away only what it brought"


def test_what_an_interrupted_sync_had_read_is_not_lost_and_not_doubled(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from dlt.pipeline.pipeline import Pipeline

    class Killed(BaseException):
        """The process ends here."""

    loading, calls = Pipeline.load, iter((True,))

    def dies(self: Any, *arguments: Any, **more: Any) -> Any:
        if next(calls, False):
            raise Killed
        return loading(self, *arguments, **more)
    monkeypatch.setattr(Pipeline, "load", dies)
    with pytest.raises(Killed):
        company.sync()
    assert loads(company) == (6, 0, 0, 0)


def test_what_a_full_disk_left_of_a_schema_stops_no_sync(company: Company) -> None:
    company.sync()
    left = read(company.folder, "crm").raw / "progress" / "schemas" / "851aef9c6f259cd2"
    left.write_text("{")
    company.sql("DELETE FROM deals WHERE id = 3")
    assert loads(company) == (0, 0, 5, 1) and not left.exists()


def test_a_mapping_beside_connections_is_not_taken_for_one(company: Company) -> None:
    folder = company.folder / "connections"
    (folder / "own.mapping.toml").rename(folder / "my-crm.toml")
    (folder / "crm.toml").write_text((folder / "crm.toml").read_text().replace("own.mapping.toml", "my-crm.toml"))
    assert names(company.folder) == ["crm"]
    assert loads(company) == (6, 0, 0, 0)
