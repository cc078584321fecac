"""A state for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.world import World


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a state without people, made once."""
    folder = tmp_path_factory.mktemp("empty-state")
    World.make(folder).state.close()
    return folder


@pytest.fixture
def world(tmp_path: Path, empty_state: Path) -> Iterator[World]:
    made = World.make(tmp_path, empty_state)
    yield made
    made.state.close()
