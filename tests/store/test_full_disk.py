"""A disk that is full at any step of a load: one line says so, the state is that before, and nothing is left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesgauge.errors import WorkspaceError
from salesgauge.store import parts
from store.test_kills import AFTER, BEFORE, NEW, OLD, STEPS, state
from store.workbench import Workbench


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store before the load that meets a full disk."""
    bench = Workbench(tmp_path_factory.mktemp("loaded"))
    bench.load(OLD)
    return bench.workspace / "store"


def failing(call: Callable[..., Any], taken: list[str], last: int) -> Callable[..., Any]:
    """A call to the system that fails the `last` time that any of those that share `taken` is made."""
    def called(*given: Any, **named: Any) -> Any:
        taken.append(call.__name__)
        if len(taken) == last:
            raise OSError(28, "No space left on device", str(given[0]))
        return call(*given, **named)
    return called


@pytest.mark.parametrize("last", [*range(1, STEPS, 2), STEPS])
def test_a_load_that_finds_the_disk_full_leaves_the_state_before(loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                 last: int) -> None:
    monkeypatch.setattr(parts, "SMALL", 0)  # of a part of two rows it is noted that one went, as of a large one
    monkeypatch.setattr(parts, "THIN", 1.0)
    bench, taken = Workbench(tmp_path), list[str]()
    shutil.copytree(loaded, bench.workspace / "store")
    assert state(bench) == BEFORE  # the copied parts are summed now, not amid the load
    names = {path.name for path in (bench.workspace / "store" / "parts").iterdir()}
    folder = bench.folder(NEW)
    with monkeypatch.context() as patched:
        for call in (os.fsync, os.replace):
            patched.setattr(os, call.__name__, failing(call, taken, last))
        try:
            bench.load(folder)
            said = ""
        except WorkspaceError as problem:
            said = problem.message
    switched = last == STEPS  # CURRENT has been replaced; what fails is to wait for the disk
    if taken[last - 1] == "replace" and said == "":
        assert state(bench) == AFTER  # what is known to be sound could not be kept, which nobody misses
        return
    assert said.startswith(f"cannot write to {bench.workspace}: ") and "No space left on device" in said
    assert state(bench) == (AFTER if switched else BEFORE)
    left = {path.name for path in (bench.workspace / "store" / "parts").iterdir()}
    assert left == names or switched
    assert not list((bench.workspace / "store").rglob("*.partial")) and not (bench.workspace / "store" / "scratch").exists()
    assert bench.load(folder).changed != switched and state(bench) == AFTER
