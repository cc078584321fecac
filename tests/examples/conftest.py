"""Makes the companies of the worked examples; the SQL of one shape of workspace is compiled once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from examples.company import Company, rows

Make = Callable[..., Company]


@pytest.fixture(scope="session")
def templates(pytestconfig: pytest.Config) -> Path:
    """Where empty workspaces and compiled SQL are kept, from run to run: each belongs to one version of the definitions."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("salesgauge-companies")


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Make:
    """Makes a company: each table as lines of words (company.rows), and the options of Company."""
    def make(*, without: str = "", timezone: str = "UTC", currency: str = "EUR", settings: dict[str, float] | None = None,
             **tables: str) -> Company:
        return Company(tmp_path_factory.mktemp("company"), templates, {name: rows(text) for name, text in tables.items()},
                       without=without.split(), timezone=timezone, currency=currency, settings=settings)
    return make
