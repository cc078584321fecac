"""Makes the companies of the worked examples; the SQL of one shape of workspace is compiled once a run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from examples.company import Company, rows

Make = Callable[..., Company]


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled SQL is kept for the companies of one shape."""
    return tmp_path_factory.mktemp("books")


@pytest.fixture
def company(tmp_path: Path, books: Path) -> Make:
    """Makes a company: each table as lines of words (company.rows), and the options of Company."""
    def make(*, without: str = "", timezone: str = "UTC", currency: str = "EUR", settings: dict[str, float] | None = None,
             **tables: str) -> Company:
        return Company(tmp_path, books, {name: rows(text) for name, text in tables.items()}, without=without.split(), timezone=timezone,
                       currency=currency, settings=settings)
    return make
