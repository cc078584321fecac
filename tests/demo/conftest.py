"""Two small companies, made once for all tests here and read back from their files as anybody would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from salesgauge.demo import Truth, simulate
from salesgauge.demo.sizes import TINY, Size
from salesgauge.schema import TABLES, Kind

# enough of everything to see an effect, in a few seconds
STUDY = Size("study", leads=16_000, outbound=14_000, people=90, regions=4, products=12, rivals=3, locations=24, walk_ins=8.0)
_TYPES = {Kind.INSTANT: "TIMESTAMPTZ", Kind.DATE: "DATE", Kind.NUMBER: "DOUBLE", Kind.BOOLEAN: "BOOLEAN", Kind.TEXT: "VARCHAR",
          Kind.CHOICE: "VARCHAR"}


class Company:
    """A company's files behind SQL."""

    def __init__(self, folder: Path, truth: Truth) -> None:
        self.folder, self.truth = folder, truth
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("""CREATE MACRO eur(money, currency) AS money * CASE coalesce(currency, 'EUR')
            WHEN 'EUR' THEN 1 WHEN 'USD' THEN .92 WHEN 'GBP' THEN 1.17 WHEN 'CNY' THEN .128 END""")  # about
        for path in sorted(folder.iterdir()):
            if path.stem not in TABLES:
                continue
            if path.suffix == ".parquet":
                self._connection.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM '{path}'")
            else:
                cast = ", ".join(f"CAST({c.name} AS {_TYPES[c.kind]}) AS {c.name}" for c in TABLES[path.stem].columns)
                self._connection.execute(
                    f"CREATE TABLE {path.stem} AS SELECT * REPLACE ({cast}) FROM read_csv('{path}', all_varchar = true, header = true, "
                    "delim = ',', quote = '\"', escape = '\"', strict_mode = true)")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def count(self, query: str) -> int:
        """How many rows the query gives."""
        return int(self.one(f"SELECT count(*) FROM ({query})"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("demo") / "small"
    return Company(folder, simulate(folder, "small"))


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("demo") / "study"
    return Company(folder, simulate(folder, STUDY, form="parquet"))


@pytest.fixture(scope="session")
def tiny() -> Size:
    return TINY


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of the tiny size as CSV."""
    folder = tmp_path_factory.mktemp("demo") / "tiny"
    simulate(folder, TINY)
    return folder
