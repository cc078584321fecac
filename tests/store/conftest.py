"""A made-up company that several tests ask; none of them loads into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.company import Company
from laws.companies import ZONE, Tables, company


@pytest.fixture(scope="session")
def templates(pytestconfig: pytest.Config) -> Path:
    """Where empty workspaces and compiled SQL are kept, from run to run."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("salesgauge-companies")


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The rows of the company."""
    return company(5, 12)


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory, templates: Path, tables: Tables) -> Company:
    """The company, loaded."""
    return Company(tmp_path_factory.mktemp("firm"), templates, tables, timezone=ZONE)
