"""How a generation comes to an engine: whole or not at all, and only what is not there yet."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engines.conftest import EVERY_ENGINE, NOW, of_rows, put_on
from examples.company import write_folder
from laws.companies import company
from salesgauge.errors import EngineError
from salesgauge.store import parts
from salesgauge.store.engines.engine import Link
from salesgauge.workspace import Workspace

pytestmark = pytest.mark.parametrize("engine", EVERY_ENGINE)

ASKED = [{"kpi": "win_rate_decided", "period": "2025"}]


class Counting:
    """A link that notes which tables rows are sent for, and may fail at one of them."""

    def __init__(self, link: Link, sent: list[str], fails_at: str = "") -> None:
        self._link, self._sent, self._fails_at = link, sent, fails_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._link, name)

    def put(self, space: str, table: str, columns: Any, rows: Any) -> None:
        if self._fails_at and table.startswith(self._fails_at):
            raise EngineError("the line is dead")
        self._sent.append(table)
        self._link.put(space, table, columns, rows)


class Watched:
    """An engine whose links count."""

    def __init__(self, engine: Any, fails_at: str = "") -> None:
        self._engine, self._fails_at = engine, fails_at
        self.name, self.days = engine.name, engine.days
        self.sent: list[str] = []

    def link(self) -> Any:
        return Counting(self._engine.link(), self.sent, self._fails_at)


def watched(workspace: Workspace, fails_at: str = "") -> Watched:
    made = Watched(workspace.engine, fails_at)
    workspace.__dict__["engine"] = made
    return made


def there(workspace: Workspace, schema: str) -> tuple[set[str], set[str]]:
    """The generations and the parts of a workspace that are on its engine."""
    assert workspace.engine is not None
    with closing(workspace.engine.link()) as link:
        return (link.spaces(f"{schema}_g"), {name for name in link.tables(schema) if name.startswith("part_")})


def test_a_load_sends_only_the_parts_that_it_wrote_and_old_ones_go(engine: str, address: Callable[[str], str], tmp_path: Path) -> None:
    tables = company(3, 6)
    workspace = put_on(of_rows(tmp_path, tables).folder, engine, address(engine), "growing")
    workspace.bring()
    first = there(workspace, "growing")
    assert len(first[0]) == 1
    for turn in range(4):
        lead = {"lead_id": f"new {turn}", "created_at": "2025-01-15T12:00:00"}
        counted = watched(Workspace(workspace.folder))
        loading = Workspace(workspace.folder)
        loading.__dict__["engine"] = counted
        loading.load(write_folder(tmp_path / f"more {turn}", {"leads": [lead]}), now=NOW)
        assert {name.rsplit("_", 1)[0] for name in counted.sent if name.startswith("part_")} == {"part_leads"}
    spaces, sent = there(workspace, "growing")
    assert len(spaces) == 3
    assert first[0].isdisjoint(spaces)
    assert len(sent) < len(first[1]) + 8
    again = watched(loading)
    loading.bring()
    assert again.sent == []


def test_a_part_of_which_rows_went_is_sent_again_without_them(engine: str, address: Callable[[str], str], tmp_path: Path,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "SMALL", 0)  # as of a large table it is noted which rows went
    monkeypatch.setattr(parts, "THIN", 1.0)
    tables = company(3, 6)
    local = of_rows(tmp_path, tables)
    shutil.copytree(local.folder, tmp_path / "beside")
    workspace = put_on(tmp_path / "beside", engine, address(engine), "going")
    workspace.bring()
    counted = watched(workspace)
    changed = write_folder(tmp_path / "changed", {"opportunities": [row | {"outcome": "lost"} for row in tables["opportunities"][:2]]})
    for each in (local, workspace):
        each.load(changed, now=NOW)
    deals = local.generation().tables["opportunities"]
    assert len(deals.parts) == 2 and len(deals.gone) == 1
    assert len([name for name in counted.sent if name.startswith("part_opportunities")]) == 2
    assert workspace.answer(ASKED) == local.answer(ASKED)
    assert len([name for name in there(workspace, "going")[1] if name.startswith("part_opportunities")]) == 3  # the one before is kept


def test_what_broke_off_is_taken_up_again_and_never_seen_half(engine: str, address: Callable[[str], str], tmp_path: Path) -> None:
    local = of_rows(tmp_path, company(3, 6))
    expected = local.answer(ASKED)
    workspace = put_on(local.folder, engine, address(engine), "broken")
    unharmed = workspace.engine
    watched(workspace, fails_at="part_orders")
    with pytest.raises(EngineError, match="is loaded, but not on the engine yet: the line is dead"):
        workspace.bring()
    with pytest.raises(EngineError, match="the line is dead"):
        workspace.answer(ASKED)
    workspace.__dict__["engine"] = unharmed
    rest = watched(workspace)
    assert workspace.answer(ASKED) == expected
    assert not any(name.startswith("part_accounts") for name in rest.sent)


def test_two_workspaces_never_share_a_schema(engine: str, address: Callable[[str], str], tmp_path: Path) -> None:
    put_on(of_rows(tmp_path / "one", company(3, 2)).folder, engine, address(engine), "taken").bring()
    other = put_on(of_rows(tmp_path / "two", company(3, 2)).folder, engine, address(engine), "taken")
    with pytest.raises(EngineError, match=r"the schema taken on .* holds another workspace's tables"):
        other.bring()


def test_a_fact_is_built_once_and_again_when_it_was_taken_away(engine: str, address: Callable[[str], str], tmp_path: Path) -> None:
    local = of_rows(tmp_path, company(3, 6))
    query = {**ASKED[0], "as_of": "2025-02-01"}
    expected = local.answer([query])
    workspace = put_on(local.folder, engine, address(engine), "kept")
    workspace.answer([query])
    as_of = datetime.fromisoformat("2025-01-31T23:00:00+00:00")
    with workspace.session() as session:
        session.at([], as_of)
        remote = session.remote
        assert remote is not None
        remote.fact("deals")
        assert remote.builds == {}
        for space in remote.link.spaces("kept_g"):
            for table in [name for name in remote.link.tables(space) if name.startswith("fact_")]:
                remote.link.drop(space, table)
        assert remote.fact("deals").num_rows
        assert remote.builds["deals"] == 1
    assert workspace.answer([query]) == expected


def test_a_copy_of_the_workspace_asks_what_is_there(engine: str, address: Callable[[str], str], tmp_path: Path) -> None:
    workspace = put_on(of_rows(tmp_path, company(3, 4)).folder, engine, address(engine), "copied")
    expected = workspace.answer(ASKED)
    shutil.copytree(workspace.folder, tmp_path / "copy")
    copy = Workspace(tmp_path / "copy")
    counted = watched(copy)
    assert copy.answer(ASKED) == expected
    assert counted.sent == []
