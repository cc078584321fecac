"""Tables as folders of Parquet files, whole or not there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from salesgauge.errors import EngineError
from salesgauge.store.engines.arrow import arrow_schema
from salesgauge.store.engines.engine import TableGone
from salesgauge.store.engines.warehouse import Warehouse

COLUMNS = {"activity_id": "string", "occurred_at": "timestamp(6)", "score": "float64"}
TIMES = [datetime(2025, 3, 1, 0, 0, 0, 1), datetime(2025, 1, 31, 23, 59), None, datetime(2025, 1, 1)]


def rows(times: list[datetime | None]) -> pa.RecordBatchReader:
    table = pa.table({"activity_id": [str(n) for n in range(len(times))], "occurred_at": times, "score": [1.5] * len(times)},
                     schema=arrow_schema(COLUMNS))
    return table.to_reader(max_chunksize=2)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_short_table_is_one_file_in_the_order_of_time(tmp_path: Path) -> None:
    warehouse = Warehouse(str(tmp_path))
    warehouse.write("space", "part_activities_1", COLUMNS, rows(TIMES))
    assert files(tmp_path) == ["space/part_activities_1/part-0.parquet"]
    written = parquet.read_table(tmp_path / "space/part_activities_1/part-0.parquet")
    assert written.column("activity_id").to_pylist() == ["3", "1", "0", "2"]
    assert warehouse.columns("space", "part_activities_1") == COLUMNS


def test_a_long_table_lies_by_the_months_in_which_its_rows_came(tmp_path: Path) -> None:
    warehouse = Warehouse(str(tmp_path), long=3)
    warehouse.write("space", "part_activities_1", COLUMNS, rows(TIMES))
    months = sorted({name.split("/")[2] for name in files(tmp_path)})
    assert months == ["month_=2025-01", "month_=2025-03", "month_=__HIVE_DEFAULT_PARTITION__"]
    assert warehouse.columns("space", "part_activities_1") == COLUMNS


def test_a_table_that_grows_with_nothing_is_not_split(tmp_path: Path) -> None:
    warehouse = Warehouse(str(tmp_path), long=3)
    warehouse.write("space", "part_products_1", COLUMNS, rows(TIMES))
    assert files(tmp_path) == ["space/part_products_1/part-0.parquet"]


def test_a_table_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    warehouse = Warehouse(str(tmp_path))
    warehouse.write("space", "leads", COLUMNS, rows([]))
    assert warehouse.columns("space", "leads") == COLUMNS


def test_what_is_being_filled_is_not_seen_and_what_fails_leaves_nothing(tmp_path: Path) -> None:
    warehouse = Warehouse(str(tmp_path))
    with pytest.raises(ZeroDivisionError), warehouse.filled("space", "fact_deals") as place:
        Path(place).mkdir(parents=True)
        assert warehouse.tables("space") == set()
        raise ZeroDivisionError
    assert files(tmp_path) == [] and list((tmp_path / "space").iterdir()) == []


def test_of_two_that_make_a_table_the_first_stays(tmp_path: Path) -> None:
    warehouse = Warehouse(str(tmp_path))
    with warehouse.filled("space", "fact_deals") as place:
        Path(place).mkdir(parents=True)
        warehouse.write("space", "fact_deals", COLUMNS, rows(TIMES[:1]))
    assert parquet.read_table(tmp_path / "space/fact_deals").num_rows == 1
    assert warehouse.tables("space") == {"fact_deals"}


def test_a_view_is_replaced_and_goes_with_its_space(tmp_path: Path) -> None:
    warehouse = Warehouse(str(tmp_path))
    for sql in ("SELECT 1", "SELECT 'é'"):
        warehouse.write_view("sales_g000001", "leads", sql)
    assert warehouse.view("sales_g000001", "leads") == "SELECT 'é'" and warehouse.view("sales_g000001", "deals") is None
    assert warehouse.tables("sales_g000001") == {"leads"} and warehouse.spaces("sales_g") == {"sales_g000001"}
    warehouse.drop_space("sales_g000001")
    warehouse.drop("sales_g000001", "leads")
    with pytest.raises(TableGone):
        warehouse.columns("sales_g000001", "leads")
    assert warehouse.spaces("") == set() and warehouse.tables("sales_g000001") == set()


def test_what_a_process_that_died_was_filling_is_removed_a_while_later(tmp_path: Path) -> None:
    warehouse = Warehouse(str(tmp_path))
    (tmp_path / "space" / "partial-0123456789ab").mkdir(parents=True)
    warehouse.tidy(datetime(2020, 1, 1, tzinfo=UTC))
    assert list((tmp_path / "space").iterdir())
    warehouse.tidy(datetime(2100, 1, 1, tzinfo=UTC))
    assert not list((tmp_path / "space").iterdir())


def test_an_address_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(EngineError, match=r"warehouse .*file cannot be used"):
        Warehouse(str(tmp_path / "file")).make_space("space")
    with pytest.raises(EngineError, match="warehouse nothing://here cannot be used"):
        Warehouse("nothing://here")
