"""Kept facts: built once, bounded in number, never taken from who reads them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesgauge.store.kept import MOST, KeptFacts


def write(path: Path) -> None:
    path.write_text("rows")


def test_a_fact_is_built_once_for_each_instant(tmp_path: Path) -> None:
    kept, built = KeptFacts(tmp_path / "g-000001-x"), list[str]()

    def counting(path: Path) -> None:
        built.append(path.name)
        write(path)
    for stamp in (None, "1", "1", "2", None):
        held = kept.held("deals", stamp, counting)
        assert held is not None and held.path.read_text() == "rows"
        held.release()
    assert len(built) == 3


def test_the_instants_that_were_not_used_for_longest_go_first(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path)
    for n in range(MOST):
        held = kept.held("deals", str(n), write)
        assert held is not None
        held.release()
        os.utime(held.path, ns=(n, n))
    for name, stamp in (("deals", "0"), ("deals", None), ("leads", "9"), ("deals", "new")):  # 0 is used again
        held = kept.held(name, stamp, write)
        assert held is not None
        held.release()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        ["deals.parquet", "leads@9.parquet", "deals@new.parquet", *(f"deals@{n}.parquet" for n in range(MOST) if n != 1)])


def test_what_is_being_read_stays(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path)
    reading = kept.held("deals", "read", write)
    assert reading is not None
    os.utime(reading.path, ns=(0, 0))
    for n in range(MOST + 2):
        held = kept.held("deals", str(n), write)
        assert held is not None
        held.release()
    assert reading.path.exists()
    reading.release()
    last = kept.held("deals", "last", write)
    assert last is not None and not reading.path.exists()
    last.release()


def test_a_fact_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = list[str]()

    def noting(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any) -> Any:
            done.append(call.__name__)
            return call(*given)
        return called
    for call in (os.fsync, os.replace):
        monkeypatch.setattr(os, call.__name__, noting(call))
    assert KeptFacts(tmp_path).held("deals", None, write) is not None
    assert done == ["fsync", "replace"]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert KeptFacts(tmp_path / "file").held("deals", None, write) is None

    def fails(path: Path) -> None:
        path.write_text("half")
        raise OSError("no space")
    assert KeptFacts(tmp_path / "g").held("deals", "1", fails) is None
    assert list((tmp_path / "g").iterdir()) == []
