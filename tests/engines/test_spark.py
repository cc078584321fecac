"""Spark in a JVM of this process: every KPI once, facts row by row, and what Spark does that its dialect and settings are there for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis.backends.sql.compilers.pyspark import compiler as plain_compiler
from ibis.common.exceptions import UnsupportedOperationError

from engines.conftest import of_rows, put_on
from engines.spark_servers import AT_ONCE, local, pass_over_sockets
from engines.test_facts import INSTANTS, differences
from engines.test_packs import judged
from laws.companies import company
from salesgauge.errors import EngineError
from salesgauge.semantics.dialects.marks import with_tables
from salesgauge.semantics.dialects.spark import write
from salesgauge.semantics.question import Viewer
from salesgauge.store.engines.arrow import arrow_schema
from salesgauge.store.engines.engine import TableGone
from salesgauge.store.engines.spark import Spark
from salesgauge.store.engines.spark_session import session
from salesgauge.store.engines.warehouse import Warehouse
from salesgauge.workspace import Workspace

pytestmark = AT_ONCE
Pack = Callable[[str], Workspace]
TIMES = ibis.table({"at": "timestamp(6)", "value": "float64"}, name="times")


@pytest.fixture(scope="module")
def spark(pytestconfig: pytest.Config) -> Iterator[str]:
    pass_over_sockets(pytestconfig)
    with local() as address:
        yield address


@pytest.fixture(scope="module")
def on_spark(spark: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Workspace], Workspace]:
    """The same workspace with its rows on Spark, in schemas of its own."""
    def twin(workspace: Workspace) -> Workspace:
        folder = tmp_path_factory.mktemp("spark") / "workspace"
        shutil.copytree(workspace.folder, folder, ignore=shutil.ignore_patterns("cache"))
        return put_on(folder, "spark", spark, f"s_{folder.parent.name}".replace("-", "_"))
    return twin


@pytest.mark.more
def test_every_kpi_of_the_tiny_pack_is_answered_as_expected(pack: Pack, on_spark: Callable[[Workspace], Workspace], shared_folder: Path,
                                                            tmp_path: Path) -> None:
    queries = json.loads((shared_folder / "conformance" / "tiny" / "queries.json").read_text(encoding="utf-8"))
    first: dict[str, int] = {}
    for place, query in enumerate(queries):
        if "as_of" not in query and query.get("kpi"):
            first.setdefault(query["kpi"], place)
    assert len(first) > 50
    assert judged(on_spark(pack("tiny")), "tiny", sorted(first.values()), shared_folder, tmp_path).endswith(" 0 failed")


@pytest.mark.more
@pytest.mark.parametrize("as_of", INSTANTS, ids=lambda instant: f"{instant:%Y-%m-%d}")
def test_facts_of_the_company_as_of_an_instant_are_the_same(as_of: datetime, pack: Pack, on_spark: Callable[[Workspace], Workspace],
                                                            company_on_spark: Workspace) -> None:
    assert differences(pack("company"), company_on_spark, ["2025"], as_of) == []


@pytest.fixture(scope="module")
def company_on_spark(pack: Pack, on_spark: Callable[[Workspace], Workspace]) -> Workspace:
    return on_spark(pack("company"))


@pytest.mark.more
def test_records_viewers_and_own_columns_are_the_same(on_spark: Callable[[Workspace], Workspace], tmp_path: Path) -> None:
    here = of_rows(tmp_path, company(5, 12))
    there = on_spark(here)
    asked: list[dict[str, Any]] = [{"kpi": "win_rate", "period": "2025", "by": ["rep"]},
                                   {"kpi": "new_leads", "period": "2025", "where": {"rep": ["R1", "it's \\ `one`"]}}]
    for reports in (False, True):
        viewer = Viewer("R1", reports)
        assert there.answer(asked, viewer) == here.answer(asked, viewer)
    assert there.records(asked[0], "denominator") == here.records(asked[0], "denominator")


@pytest.mark.more
def test_a_link_writes_what_lasts_and_what_passes(spark: str) -> None:
    link = Spark(spark).link()
    columns = {"id": "string", "at": "timestamp(6)", "on": "date", "n": "int64", "x": "float64", "is": "boolean"}
    row = {"id": "é'`\\", "at": datetime(1, 1, 1, 0, 0, 0, 1), "on": date(9999, 12, 31), "n": 2**62, "x": 0.1, "is": None}
    sent = pa.Table.from_pylist([row], schema=arrow_schema(columns))
    link.put("lasting", "some", columns, sent.to_reader())
    link.view("lasting", "twice", f"SELECT * FROM {link.place('lasting', 'some')} UNION ALL SELECT * FROM {link.place('lasting', 'some')}")
    passing = link.put_passing("some", columns, sent.to_reader())
    for place, times in ((link.place("lasting", "some"), 1), (link.place("lasting", "twice"), 2), (passing, 1)):
        assert link.rows(f"SELECT * FROM {place}", columns, {}).to_pylist() == [row] * times
    link.make("lasting", "made", columns, f"SELECT * FROM {passing} WHERE id = \u27e6$viewer\u27e7", {"viewer": row["id"]})
    assert link.rows(f"SELECT * FROM {link.place('lasting', 'made')}", columns, {}).num_rows == 1
    other = Spark(spark).link()  # of another process, as far as what lasts is concerned
    assert other.rows(f"SELECT * FROM {other.place('lasting', 'twice')}", columns, {}).num_rows == 2
    Warehouse(spark.partition("=")[2]).drop("lasting", "made")
    with pytest.raises(TableGone):
        link.rows(f"SELECT * FROM {link.place('lasting', 'made')}", columns, {})
    with pytest.raises(EngineError, match=r"Spark: .*overflow"):
        link.rows(f"SELECT n * 4 AS n FROM {passing}", {"n": "int64"}, {})


@pytest.mark.more
def test_what_the_dialect_and_the_settings_are_there_for(spark: str) -> None:
    """Each of these is why something is set or written: where one fails, Spark has changed and that can go."""
    asked = session(spark.partition("?")[0])

    def one(sql: str) -> Any:
        return asked.sql(sql).collect()[0][0]
    assert one("SELECT typeof(1.5)") == "decimal(2,1)"                                       # a number with a point
    assert one("SELECT typeof(TIMESTAMP '2025-01-01 00:00:00')") == "timestamp_ntz"          # by the setting
    assert one("SELECT try_divide(1D, 0D)") is None
    with pytest.raises(EngineError, match="DIVIDE_BY_ZERO"):
        Spark(spark).link().rows("SELECT 1D / 0D AS x", {"x": "float64"}, {})
    assert one("SELECT percentile(v, 0.9D) FROM VALUES (1D), (2D), (4D) t(v)") == pytest.approx(3.6, rel=1e-15)  # exact, interpolated
    assert one("SELECT collect_list(v) FROM (SELECT v FROM VALUES ('é'), ('b'), (NULL), ('Z') t(v) ORDER BY v)") == ["Z", "b", "é"]
    assert one("SELECT v FROM VALUES (1), (NULL) t(v) ORDER BY v") is None                   # empty ones first, unless it is said
    assert one("SELECT DATE '2024-01-31' + INTERVAL '1' MONTH") == date(2024, 2, 29)
    assert one("SELECT greatest(1, NULL)") == 1


@pytest.mark.more
def test_instants_are_taken_apart_exactly(spark: str) -> None:
    made = TIMES.select(seconds=TIMES.at.truncate("s").epoch_seconds(), micros=TIMES.at.microsecond())
    values = "(SELECT TIMESTAMP_NTZ '1969-12-31 23:59:58.123456' AS at UNION ALL SELECT TIMESTAMP_NTZ '0001-01-01 00:00:00.999999')"
    found = Spark(spark).link().rows(with_tables(write(made), {"times": values}), {"seconds": "int64", "micros": "int64"}, {})
    assert sorted(map(tuple, (row.values() for row in found.to_pylist()))) == [(-62135596800, 999999), (-2, 123456)]


def test_the_expression_library_alone_could_not_write_it() -> None:
    with pytest.raises(UnsupportedOperationError, match="microseconds"):
        plain_compiler.to_sqlglot(ibis.literal(datetime(2025, 1, 1), type="timestamp(6)").microsecond().as_table().unbind())
    with pytest.raises(AttributeError, match="treat_nan_as_null"):
        plain_compiler.to_sqlglot(TIMES.select("value").unbind())


def test_an_address_says_where_the_tables_lie() -> None:
    for address in ("spark://host:7077", "?warehouse=/here", "local[2]?folder=/here"):
        with pytest.raises(EngineError, match=r"spark://HOST:7077\?warehouse=ADDRESS"):
            Spark(address)
    with pytest.raises(EngineError, match="takes no password"):
        Spark("local[2]?warehouse=/here", "secret")
