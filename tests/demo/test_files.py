from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesgauge.demo import CURRENCY, SIZES, TIMEZONE, simulate
from salesgauge.demo.company import _in_order
from salesgauge.demo.sizes import Size
from salesgauge.demo.writing import EXTRAS, Book, Files, layout
from salesgauge.errors import SalesgaugeError
from salesgauge.schema import TABLES, Kind
from salesgauge.settings import make

from .conftest import Company


def _fingerprint(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_threads(tmp_path: Path, tiny: Size) -> None:
    several = Size(**{**vars(tiny), "block": 200})  # so that there is more than one block to share out
    for name, workers in (("one", 1), ("three", 3)):
        simulate(tmp_path / name, several, seed=7, workers=workers)
    assert _fingerprint(tmp_path / "one") == _fingerprint(tmp_path / "three")


def test_another_seed_gives_another_company(tmp_path: Path, tiny: Size, tiny_folder: Path) -> None:
    simulate(tmp_path / "2", tiny, seed=2)
    first, second = _fingerprint(tiny_folder), _fingerprint(tmp_path / "2")
    assert {name for name in first if first[name] == second[name]} <= {"campaigns.csv", "stages.csv", "products.csv", "locations.csv"}


def test_csv_and_parquet_hold_the_same_company_and_parquet_the_models_types(tmp_path: Path, tiny: Size, tiny_folder: Path) -> None:
    simulate(tmp_path / "parquet", tiny, form="parquet")
    with (tiny_folder / "opportunities.csv").open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    stored = pq.read_table(tmp_path / "parquet" / "opportunities.parquet").to_pylist()
    assert len(written) == len(stored)
    for text, row in zip(written, stored, strict=True):
        assert text["opportunity_id"] == row["opportunity_id"]
        assert text["created_at"] == row["created_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
        assert text["closes_on"] == (row["closes_on"].isoformat() if row["closes_on"] else "")
        assert (float(text["amount"]) if text["amount"] else None) == row["amount"]
    expected = {Kind.TEXT: pa.string(), Kind.CHOICE: pa.string(), Kind.INSTANT: pa.timestamp("us", "UTC"), Kind.DATE: pa.date32(),
                Kind.NUMBER: pa.float64(), Kind.BOOLEAN: pa.bool_()}
    for name, table in TABLES.items():
        fields = pq.read_schema(tmp_path / "parquet" / f"{name}.parquet")
        assert [(f.name, f.type) for f in fields][: len(table.columns)] == [(c.name, expected[c.kind]) for c in table.columns]


def test_every_table_of_the_model_is_written_and_nothing_else(small: Company) -> None:
    assert {path.name for path in small.folder.iterdir()} == {f"{name}.csv" for name in TABLES} | {"truth.json"}


def test_the_headers_are_the_models_columns_and_the_extra_ones(small: Company) -> None:
    for name, table in TABLES.items():
        with (small.folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            header = next(csv.reader(stream))
        assert header == [c.name for c in table.columns] + list(EXTRAS.get(name, ()))


def test_a_comment_with_quotes_comma_and_line_break_survives(small: Company) -> None:
    with (small.folder / "survey_responses.csv").open(encoding="utf-8", newline="") as stream:
        comments = {row["comment"] for row in csv.DictReader(stream)}
    assert {'Too expensive, "as always"', "Долго ждём ответа,\nуже третий раз", "服务很好，响应及时"} <= comments


def test_the_company_may_end_on_any_day_and_progress_counts_to_the_total(tmp_path: Path, tiny: Size) -> None:
    told: list[tuple[int, int]] = []
    truth = simulate(tmp_path / "x", tiny, last_day=date(2024, 2, 28), progress=lambda done, total, what: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, told[-1][1] + 1))
    assert (truth.first_day, truth.last_day) == ("2021-02-28", "2024-02-28")
    company = Company(tmp_path / "x", truth)
    assert company.one("SELECT max(occurred_at)::DATE FROM activities") <= date(2024, 2, 28)


def test_the_truth_stands_beside_the_data(small: Company) -> None:
    found = json.loads((small.folder / "truth.json").read_text(encoding="utf-8"))
    assert found["laws"]["touches_best"] == small.truth.laws.touches_best
    assert [rep["rep_id"] for rep in found["reps"]] == [row[0] for row in small.rows("SELECT rep_id FROM reps ORDER BY ALL")]


def test_zone_and_currency_make_valid_settings() -> None:
    assert make(TIMEZONE, CURRENCY, {}).currency == "EUR"


def test_an_unknown_size_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SalesgaugeError, match=r"unknown size 'smal'; did you mean small\?; there are: small, medium, large"):
        simulate(tmp_path / "x", "smal")
    assert list(SIZES) == ["small", "medium", "large"]


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path, tiny: Size) -> None:
    (tmp_path / "leads.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(SalesgaugeError, match=r"is not empty \(it has leads\.csv\)"):
        simulate(tmp_path, tiny)
    assert (tmp_path / "leads.csv").read_text(encoding="utf-8") == "mine"


def test_an_earlier_demo_company_is_replaced(tmp_path: Path, tiny: Size) -> None:
    for name in ("leads.parquet", "truth.json"):
        (tmp_path / name).write_text("earlier", encoding="utf-8")
    simulate(tmp_path, tiny)
    assert {path.suffix for path in tmp_path.iterdir()} == {".csv", ".json"}


def test_rows_are_written_in_row_groups_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesgauge.demo.writing.ROW_GROUP", 1_000)
    with Files(tmp_path, "parquet") as files:
        for turn in range(5):
            book = Book()
            cells = {f.name: pa.nulls(700, f.type) for f in layout("documents")}
            book.add("documents", cells | {"document_id": pa.array([f"{turn}-{n}" for n in range(700)])})
            files.write(book)
            assert sum(part.num_rows for part in files._held["documents"]) < 1_000
    found = pq.ParquetFile(tmp_path / "documents.parquet").metadata
    assert [found.row_group(n).num_rows for n in range(found.num_row_groups)] == [1_400, 1_400, 700]


def test_threads_run_only_a_few_blocks_ahead_of_the_writer() -> None:
    begun: list[int] = []

    def make_one(number: int) -> int:
        begun.append(number)
        return number

    for done, result in enumerate(_in_order(make_one, 50, workers=2)):
        assert result == done
        assert len(begun) <= done + 4
