"""Kept facts: built once, bounded in bytes, never taken from who reads them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from salesgauge.store.kept import GONE, LATER, Held, KeptFacts, first, remove_at_once


def write(folder: Path) -> None:
    (folder / first()).write_text("rows")


def test_a_fact_is_built_once_for_each_instant(tmp_path: Path) -> None:
    kept, built = KeptFacts(tmp_path / "g-000001-x"), list[str]()

    def counting(folder: Path) -> None:
        built.append(folder.name)
        write(folder)
    for stamp in (None, "1", "1", "2", None):
        held = kept.held("deals", stamp, counting)
        assert held is not None and held.first[0].read_text() == "rows"
        held.release()
    assert len(built) == 3
    assert kept.find("deals", "3") is None and kept.find("leads", None) is None
    found = kept.find("deals", "2")
    assert found is not None and found.folder == tmp_path / "g-000001-x" / "deals@2"
    found.release()


def test_the_instants_that_were_not_used_for_longest_go_first(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path, most_bytes=4 * len("rows"))
    for n in range(4):
        held = kept.held("deals", str(n), write)
        assert held is not None
        held.release()
        os.utime(held.folder, ns=(n, n))
    for name, stamp in (("deals", "0"), ("deals", None), ("leads", "9"), ("deals", "new")):  # 0 is used again
        held = kept.held(name, stamp, write)
        assert held is not None
        held.release()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deals", "deals@0", "deals@3", "deals@new", "leads@9"]


def test_to_look_whether_a_fact_was_asked_for_is_not_to_ask_for_it(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path / "g-000001-x")
    assert [kept.was_asked("deals", "1"), kept.was_asked("deals", "1"), kept.asked_before("deals", "1")] == [False, False, False]
    assert kept.was_asked("deals", "1") and kept.asked_before("deals", "1") and not kept.was_asked("deals", None)


def test_what_is_being_read_stays_and_so_does_the_newest_however_large(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path, most_bytes=1)
    reading = kept.held("deals", "read", write)
    assert reading is not None
    os.utime(reading.folder, ns=(0, 0))
    for n in range(2):
        held = kept.held("deals", str(n), write)
        assert held is not None
        held.release()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deals@1", "deals@read"]
    reading.release()
    last = kept.held("deals", "last", write)
    assert last is not None and [p.name for p in tmp_path.iterdir()] == ["deals@last"]
    last.release()


def test_a_fact_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = list[str]()

    def noting(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any) -> Any:
            done.append(call.__name__)
            return call(*given)
        return called
    for call in (os.fsync, os.rename):
        monkeypatch.setattr(os, call.__name__, noting(call))
    assert KeptFacts(tmp_path).held("deals", None, write) is not None
    assert done == ["fsync", "fsync", "rename"], "the file, and the folder that names it"


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert KeptFacts(tmp_path / "file").held("deals", None, write) is None

    def fails(folder: Path) -> None:
        write(folder)
        raise OSError("no space")
    assert KeptFacts(tmp_path / "g").held("deals", "1", fails) is None
    assert list((tmp_path / "g").iterdir()) == []


def test_the_rows_are_those_of_all_layers_but_what_is_gone(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT range AS n FROM range(5)) TO '{tmp_path / first()}'")
        assert "file_row_number" not in Held(tmp_path).relation
        con.execute(f"COPY (SELECT range AS n FROM range(10, 12)) TO '{tmp_path / LATER}'")
        con.execute(f"COPY (SELECT 0 AS file, UNNEST([0, 3]) AS place) TO '{tmp_path / GONE}'")
        assert con.execute(f"SELECT * FROM {Held(tmp_path).relation} ORDER BY n").fetchall() == [(n,) for n in (1, 2, 4, 10, 11)]


def test_a_folder_goes_at_once_so_that_no_layer_is_read_without_what_is_gone_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "fact"
    folder.mkdir()
    for name in (first(), GONE):
        (folder / name).touch()
    removed: list[Path] = []
    monkeypatch.setattr(shutil, "rmtree", lambda path, ignore_errors: removed.append(path))  # as far as a process came that was killed
    remove_at_once(folder)
    with pytest.raises(duckdb.IOException, match="is gone"):
        _ = Held(folder).first
    assert sorted(path.name for path in removed[0].iterdir()) == [first(), GONE]
    monkeypatch.undo()
    remove_at_once(removed[0])  # what it left is found by its own name
    assert not list(tmp_path.iterdir())
