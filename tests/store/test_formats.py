"""Older formats of the store: a workspace that such a program wrote is read as it is, loaded into, and then is of the present format."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from salesgauge.errors import WorkspaceError
from salesgauge.store import current, open_tables
from salesgauge.store.doctor import examine
from salesgauge.store.formats import FORMAT, STEPS, brought_up
from salesgauge.workspace import Workspace
from store.frozen.freezing import FIRST, HERE, QUERIES, thaw, told

FROZEN = [HERE / f"format_{number}.json" for number in range(1, FORMAT + 1)]


def rows(workspace: Path) -> list[list[list[object]]]:
    with duckdb.connect() as con:
        open_tables(con, current(workspace))
        return [told(con.execute(query).fetchall()) for query in QUERIES]


def test_every_older_format_has_a_step_to_the_next_and_a_workspace_that_was_frozen_then() -> None:
    assert sorted(STEPS) == list(range(1, FORMAT))
    assert all(path.exists() for path in FROZEN), "freeze one: python -m store.frozen.freezing"
    assert all(step({"format": number, "bytes": {}})["format"] == number + 1 for number, step in STEPS.items())
    assert brought_up({"format": 1, "bytes": {}})["format"] == FORMAT


@pytest.mark.parametrize("frozen", FROZEN, ids=lambda path: path.stem)
def test_a_workspace_of_that_format_is_read_as_it_is_and_brought_up_by_the_next_load(frozen: Path, tmp_path: Path) -> None:
    expected = thaw(frozen, tmp_path / "w")
    assert rows(tmp_path / "w") == expected
    written = {path.name: path.read_bytes() for path in (tmp_path / "w" / "store").rglob("g-*")}
    assert examine(tmp_path / "w") == []
    workspace = Workspace(tmp_path / "w")
    asked = {"kpi": "average_deal_value", "period": "2025-Q1"}
    assert workspace.answer([asked])[0]["rows"][0]["value"] == 250
    assert {path.name: path.read_bytes() for path in (tmp_path / "w" / "store").rglob("g-*.json")} == written  # reading writes nothing

    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "leads.csv").write_text("lead_id,created_at,tier\nL4,2025-01-09,tin\n", encoding="utf-8")
    assert workspace.load(tmp_path / "more", now=FIRST).changed
    manifest = json.loads((tmp_path / "w" / "store" / "generations" / "g-000003.json").read_text(encoding="utf-8"))
    assert manifest["format"] == FORMAT and manifest["sums"].keys() == manifest["bytes"].keys() and all(manifest["sums"].values())
    assert rows(tmp_path / "w")[1:3] == expected[1:3] and rows(tmp_path / "w")[0] == [*expected[0], ["L4", "2025-01-08 23:00:00", "tin"]]


def test_a_part_of_the_first_format_has_no_check_sum_but_is_looked_at_from_both_ends(tmp_path: Path) -> None:
    thaw(FROZEN[0], tmp_path)
    generation = current(tmp_path)
    assert generation is not None
    part = generation.tables["leads"].parts[-1]
    part.write_bytes(b"x" * part.stat().st_size)
    found = current(tmp_path)
    assert found is not None and found.name == "g-000001" and "is no Parquet file" in str(found.damage)


@pytest.mark.parametrize("said", ["format = 2", "format = 77"])
def test_settings_of_a_newer_program_are_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / "salesgauge.toml").write_text(f'{said}\ntimezone = "UTC"\ncurrency = "EUR"\n', encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"a newer salesgauge wrote .*salesgauge.toml \(format \d+; this one reads format 1\): update"):
        Workspace(tmp_path)


@pytest.mark.parametrize("said", ['format = "1"', "format = true", "form = 1", "format = 0"])
def test_settings_without_a_format_that_there_was_are_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / "salesgauge.toml").write_text(f'{said}\ntimezone = "UTC"\ncurrency = "EUR"\n', encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"has format .*; this program reads format 1"):
        Workspace(tmp_path)
