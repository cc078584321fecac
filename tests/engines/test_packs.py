"""The conformance packs on every engine: in test-more two of them whole and each shape of question of the largest once, all by
`make test-engines`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from engines.conftest import Twin
from engines.servers import STARTED
from salesgauge.workspace import Workspace

ENGINES = tuple(STARTED)
Pack = Callable[[str], Workspace]


def judged(workspace: Workspace, pack: str, chosen: Sequence[int] | None, shared: Path, folder: Path) -> str:
    """What the packs' own compare.py says of the answers to a pack's queries, or to some of them by their places."""
    source = shared / "conformance" / pack
    asked: dict[str, list[Any]] = {}
    for name, key in (("queries", None), ("expected", "results")):
        whole = json.loads((source / f"{name}.json").read_text(encoding="utf-8"))
        entries = whole[key] if key else whole
        asked[name] = [entries[place] for place in (range(len(entries)) if chosen is None else chosen)]
    (folder / "queries.json").write_text(json.dumps(asked["queries"]), encoding="utf-8")
    (folder / "expected.json").write_text(json.dumps({"results": asked["expected"]}), encoding="utf-8")
    (folder / "actual.json").write_text(json.dumps({"results": workspace.answer(asked["queries"])}), encoding="utf-8")
    done = subprocess.run([sys.executable, source.parent / "compare.py", folder / "expected.json", folder / "actual.json", "--queries",
                           folder / "queries.json"], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.rstrip().splitlines()[-1]


@pytest.mark.more
@pytest.mark.parametrize("pack_name", ["tiny", "deals-only"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_small_pack_is_answered_whole_as_expected(engine: str, pack_name: str, pack: Pack, twin: Twin, shared_folder: Path,
                                                    tmp_path: Path) -> None:
    assert judged(twin(pack(pack_name), engine), pack_name, None, shared_folder, tmp_path).endswith(" 0 failed")


@pytest.mark.more
@pytest.mark.parametrize("engine", ENGINES)
def test_every_kpi_of_the_company_is_answered_by_each_of_its_dimensions(engine: str, pack: Pack, twin: Twin, shared_folder: Path,
                                                                        tmp_path: Path) -> None:
    queries = json.loads((shared_folder / "conformance" / "company" / "queries.json").read_text(encoding="utf-8"))
    first: dict[str, int] = {}
    for place, query in enumerate(queries):
        if not query.get("where"):
            first.setdefault(f"{query.get('kpi')} {query.get('by')}", place)
    assert len(first) > 300
    assert judged(twin(pack("company"), engine), "company", sorted(first.values()), shared_folder, tmp_path).endswith(" 0 failed")


@pytest.mark.engines
@pytest.mark.parametrize("pack_name", ["tiny", "deals-only", "no-orders", "company"])
@pytest.mark.parametrize("engine", ENGINES)
def test_every_pack_is_answered_whole_as_expected(engine: str, pack_name: str, pack: Pack, twin: Twin, shared_folder: Path,
                                                  tmp_path: Path) -> None:
    assert judged(twin(pack(pack_name), engine), pack_name, None, shared_folder, tmp_path).endswith(" 0 failed")
