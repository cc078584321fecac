"""Whole packs on a standalone cluster: a master and two workers on this machine, asked through the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engines.conftest import put_on
from engines.spark_servers import cluster
from salesgauge.workspace import Workspace

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster() as found:
        yield found


@pytest.mark.parametrize("name", ["tiny", "deals-only", "no-orders", "company"])
def test_every_answer_of_a_pack_is_the_expected_one(name: str, address: str, pack: Callable[[str], Workspace], shared_folder: Path,
                                                    tmp_path: Path) -> None:
    folder, source, actual = tmp_path / "workspace", shared_folder / "conformance" / name, tmp_path / "actual.json"
    shutil.copytree(pack(name).folder, folder, ignore=shutil.ignore_patterns("cache"))
    put_on(folder, "spark", address, f"s_{name}".replace("-", "_"))
    done = subprocess.run([sys.executable, "-m", "salesgauge", "compute", "--queries", source / "queries.json", "--workspace", folder,
                           "--format", "json"], capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["results"]
    actual.write_text(done.stdout, encoding="utf-8")
    judged = subprocess.run([sys.executable, source.parent / "compare.py", source / "expected.json", actual, "--queries",
                             source / "queries.json"], capture_output=True, text=True, encoding="utf-8", check=False)
    assert judged.returncode == 0, judged.stdout
    assert judged.stdout.rstrip().endswith(" 0 failed")
