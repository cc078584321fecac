"""What every folder of tests shares: the data that lies outside the repository, and how hard the laws are tried."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_PATIENT = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
settings.register_profile("quick", max_examples=20, derandomize=True, deadline=None, suppress_health_check=_PATIENT)
settings.register_profile("thorough", max_examples=200, deadline=None, print_blob=True, suppress_health_check=_PATIENT)
settings.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    """Compiled SQL is shared by the workspaces of all tests, from run to run: it belongs to one version of the definitions."""
    assert config.cache is not None
    os.environ.setdefault("SALESGAUGE_SQL_CACHE", str(config.cache.mkdir("salesgauge-sql")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The laws come first: they take longest, and what is short fills the other workers meanwhile."""
    items.sort(key=lambda item: item.path.parent.name != "laws")


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of packs, public data and specifications: SALESGAUGE_SHARED, else ../shared beside the repository.

    Where it is absent the test is skipped and the summary says so; in CI it fails.
    """
    folder = Path(os.environ.get("SALESGAUGE_SHARED") or Path(__file__).resolve().parents[1].parent / "shared")
    if not (folder / "conformance").is_dir():
        missing = f"there is no shared data at {folder}: put it there or name it by SALESGAUGE_SHARED"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return folder


@pytest.fixture(scope="session")
def two_systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was synced with two systems (two_systems.py), to copy."""
    from two_systems import connect
    return connect(tmp_path_factory.mktemp("two-systems"))
