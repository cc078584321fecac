"""Workspaces that were loaded once, and their twins that ask an engine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from engines.servers import STARTED
from engines.spark_servers import AT_ONCE, cluster, pass_over_sockets
from examples.company import Rows, write_folder
from laws.companies import ZONE, company
from salesgauge.workspace import Workspace

NOW = datetime(2030, 1, 1, tzinfo=UTC)
Twin = Callable[..., Workspace]
# The engines as parameters: Spark, which takes minutes to do what the others do in seconds, in make test-engines alone.
EVERY_ENGINE = [*(pytest.param(name, marks=pytest.mark.more) for name in STARTED),
                pytest.param("spark", marks=[pytest.mark.engines, AT_ONCE])]


@pytest.fixture(scope="session")
def address(pytestconfig: pytest.Config) -> Iterator[Callable[[str], str]]:
    """The address of an engine, which is started when it is first asked for; of Spark it is that of a cluster."""
    def start(name: str) -> str:
        if name == "spark":
            pass_over_sockets(pytestconfig)
        return started.enter_context((STARTED | {"spark": cluster})[name]())
    with ExitStack() as started:
        yield cache(start)


@pytest.fixture(scope="session")
def pack(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workspace]:
    """A conformance pack in a workspace whose engine is the local store."""
    def loaded(name: str) -> Workspace:
        folder = shared_folder / "conformance" / name
        chosen = json.loads((folder / "workspace.json").read_text(encoding="utf-8"))
        made = Workspace.create(tmp_path_factory.mktemp(name) / "workspace", chosen["timezone"], chosen["currency"], chosen["settings"])
        made.load(folder, now=NOW)
        return made
    return cache(loaded)


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small company over all tables with what is hard, in a workspace whose engine is the local store."""
    return of_rows(tmp_path_factory.mktemp("made-up"), company(5, 12))


def of_rows(folder: Path, tables: Any) -> Workspace:
    """A workspace of rows."""
    made = Workspace.create(folder / "workspace", ZONE, "EUR", {})
    given: dict[str, Rows] = tables
    made.load(write_folder(folder / "source", given), now=NOW)
    return made


@pytest.fixture(scope="session")
def twin(address: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """The same workspace on an engine, in schemas of its own. One of the same workspace, engine and schema is made once."""
    @cache
    def made(folder: Path, engine: str, schema: str | None) -> Workspace:
        copy = tmp_path_factory.mktemp(engine) / "workspace"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("cache"))
        return put_on(copy, engine, address(engine), schema or f"s_{copy.parent.name}".replace("-", "_"))
    return lambda local, engine, schema=None: made(local.folder, engine, schema)


def put_on(folder: Path, engine: str, where: str, schema: str) -> Workspace:
    """The workspace in a folder, with an engine in its settings."""
    with (folder / "salesgauge.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + tomli_w.dumps({"engine": {"name": engine, "address": where, "schema": schema}}))
    return Workspace(folder)
