"""What a load writes of a table: a part of what came, and where rows went; a large table is not written again for a few rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from salesgauge.schema import KEY_TABLES, TABLES
from salesgauge.store import LoadReport, merging, parts
from salesgauge.store.doctor import examine
from salesgauge.store.generation import table_sql
from salesgauge.store.places import parts_of
from store.workbench import Workbench

HEAD = "lead_id,created_at,channel\n"
NOTING: Mapping[tuple[Any, str], float] = {  # as for large tables: what goes is noted, what comes in is met once
    (parts, "SMALL"): 0, (parts, "THIN"): 0.8, (parts, "MOST"): 5, (merging, "MANY"): 0, (merging, "FEW"): 1e9}
REWRITING: Mapping[tuple[Any, str], float] = {(parts, "SMALL"): 1e9, (merging, "MANY"): 1e9}


def noting(patch: pytest.MonkeyPatch, how: Mapping[tuple[Any, str], float] = NOTING) -> None:
    for (module, name), value in how.items():
        patch.setattr(module, name, value)


def names(bench: Workbench) -> dict[str, int]:
    """The files of the store's parts, with their bytes."""
    return {path.name: path.stat().st_size for path in (bench.workspace / "store" / "parts").iterdir()}


def test_a_small_load_of_a_large_table_leaves_its_part_and_writes_little(tmp_path: Path) -> None:
    random = Random(1)
    rows = [f"L{n},2025-01-{n % 28 + 1:02d},{random.random()}\n" for n in range(parts.SMALL + 5000)]
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEAD + "".join(rows)})
    (first,), before = bench.generation.tables["leads"].parts, names(bench)
    changed = [row.replace("\n", "!\n") for row in rows[::1000]]
    bench.load({"leads.csv": HEAD + "".join(changed)})
    table = bench.generation.tables["leads"]
    assert table.parts[0] == first and len(table.parts) == 2 and table.gone.keys() == {first.name} and table.rows == len(rows)
    assert sum(size for name, size in names(bench).items() if name not in before) < 0.1 * sum(before.values())
    assert bench.rows("SELECT count(*), count(DISTINCT lead_id), count(*) FILTER (channel LIKE '%!') FROM leads") == [
        (len(rows), len(rows), len(changed))]


def test_a_part_is_written_again_once_much_of_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noting(monkeypatch)
    monkeypatch.setattr(parts, "THIN", 0.5)
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEAD + "".join(f"L{n},2025-01-05,web\n" for n in range(5))})
    (first,) = bench.generation.tables["leads"].parts
    seen = []
    for n in range(3):
        bench.load({"leads.csv": HEAD + f"L{n},2025-01-05,event\n"})
        seen.append(first in bench.generation.tables["leads"].parts)
        assert bench.rows("SELECT count(*), count(*) FILTER (channel = 'event') FROM leads") == [(5, n + 1)]
    assert seen == [True, True, False]  # three of five are more than THIN


def test_large_parts_are_not_written_again_for_many_small_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST", 6)
    bench = Workbench(tmp_path)
    for turn in range(2):
        bench.load({"leads.csv": HEAD + "".join(f"L{turn}-{n},2025-01-05,web\n" for n in range(20 + turn))})
    large, most = set(bench.generation.tables["leads"].parts), 0
    for n in range(8):
        bench.load({"leads.csv": HEAD + f"M{n},2025-01-05,web\n"})
        most = max(most, len(bench.generation.tables["leads"].parts))
    assert large < set(bench.generation.tables["leads"].parts) and most == parts.MOST
    assert bench.rows("SELECT count(*), count(DISTINCT lead_id) FROM leads") == [(49, 49)]


def test_a_part_of_which_every_row_went_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noting(monkeypatch)
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEAD + "L1,2025-01-05,web\nL2,2025-01-05,web\n"})
    for n in (1, 2):
        bench.load({"leads.csv": HEAD + f"L{n},2025-01-05,event\n"})
    assert not bench.generation.tables["leads"].gone and len(bench.generation.tables["leads"].parts) == 2
    assert bench.rows("SELECT lead_id, channel FROM leads ORDER BY 1") == [("L1", "event"), ("L2", "event")]


def test_a_file_of_places_is_part_of_what_must_be_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noting(monkeypatch)
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEAD + "L1,2025-01-05,web\nL2,2025-01-05,web\n"})
    bench.load({"leads.csv": HEAD + "L1,2025-01-05,event\n"})
    (places,) = bench.generation.tables["leads"].gone.values()
    assert examine(bench.workspace) == []
    places.write_bytes(b"x" * places.stat().st_size)
    assert bench.generation.name == "g-000001" and bench.rows("SELECT channel FROM leads") == [("web",), ("web",)]
    assert [finding.key for finding in examine(bench.workspace)] == ["generation_damaged"]


def test_a_workspace_of_any_name_loses_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noting(monkeypatch)
    (tmp_path / "we*ird=[x]? 'dir'").mkdir()
    bench = Workbench(tmp_path / "we*ird=[x]? 'dir'")
    bench.load({"leads.csv": HEAD + "L1,2025-01-05,web\nL2,2025-01-05,web\n"})
    bench.load({"leads.csv": HEAD + "L1,2025-01-05,event\n"})
    bench.load({"leads.csv": HEAD + "L2,2025-01-05,event\n"}, complete=True)
    assert bench.rows("SELECT lead_id, channel FROM leads") == [("L2", "event")]


class Loads:
    """Random loads of a few tables of two systems, or of files with their rows: new rows, other rows under known keys, groups, empty keys,
    all rows but some, new dimensions, and companies that both have. The first two bring every table."""

    def __init__(self, seed: int) -> None:
        self.random, self._done, self._share = Random(seed), 0, 1.0

    def one(self, *among: str) -> str:
        return self.random.choice(among)

    def number(self, below: int) -> int:
        return self.random.randrange(below)

    def some(self, among: int) -> list[int]:
        return self.random.sample(range(among), max(1, int(among * self._share)))

    def next(self) -> tuple[dict[str, str], str | None, bool]:
        """The files of a load, the system that they are of, and whether they are all that it has."""
        first, mark, self._done = self._done < 2, ("crm", "erp")[self._done % 2], self._done + 1
        complete = not first and self.random.random() < 0.2
        self._share = 1.0 if first else 0.8 if complete else 0.3
        made = {
            "leads.csv": ("lead_id,created_at,channel", [f"{mark}{n},2025-01-05,{self.one('web', 'event', '')}" for n in self.some(12)]),
            "opportunities.csv": ("opportunity_id,created_at,stage,amount", [
                f"{mark}{n},2025-01-0{self.one('5', '6')},{self.one('new', 'won')},{self.number(3)}" for n in self.some(8)]),
            "stage_changes.csv": ("opportunity_id,changed_at,stage", [
                f"{mark}{n},2025-01-0{self.one('5', '6')},{self.one('new', 'won')}" for n in self.some(8) for _ in range(self.number(3))]),
            "price_observations.csv": ("observed_on,product_id,competitor,price,location_id", [
                f"2025-01-01,P{n},{mark},{self.number(4)},{self.one('', 'S1')}" for n in self.some(6)]),
            "accounts.csv": ("account_id,name,industry", [f"{mark}{n},Name {n},{self.one('steel', '')}" for n in self.some(6)]),
            "account_keys.csv": ("account_id,domain,email,tax_id", [f"{mark}{n},,,{self.one(f'DE{n}', '')}" for n in self.some(6)])}
        files = {}
        for name in sorted(made) if first else self.random.sample(sorted(made), self.random.randint(3, 5)):
            head, rows = made[name]
            if name in ("leads.csv", "accounts.csv") and self.random.random() < 0.2:
                head, rows = f"{head},tier {self.number(2)}", [f"{row},{self.one('gold', '')}" for row in rows]
            files[name] = "\n".join([head, *rows, ""])
        return files, mark if first or complete or self.random.random() < 0.6 else None, complete


def stands(bench: Workbench) -> dict[str, object]:
    """Every row of every table as everybody reads it and as its sources say it, with its lineage; and the rows that the load changed."""
    found: dict[str, object] = {}
    generation = bench.generation
    with duckdb.connect() as con:
        for layer, tables in (("seen", generation.tables), ("said", generation.said)):
            for name, stored in tables.items():
                sql = table_sql((TABLES | KEY_TABLES)[name], stored, lineage=True)
                found[f"{layer} {name}"] = rows = con.execute(f"FROM ({sql}) ORDER BY ALL").fetchall()
                assert len(rows) == stored.rows and len(stored.parts) <= parts.MOST
        for name, part in (generation.changes or {}).items():
            found[f"changed {name}"] = part and con.execute(f"FROM {parts_of((part,))} ORDER BY ALL").fetchall()
    return found


def told(report: LoadReport) -> dict[str, object]:
    """A report but for the file that it is of."""
    return {name: value for name, value in report.as_json().items() if name != "origin"}


@pytest.mark.parametrize(("seed", "count"), [(0, 6), *(pytest.param(seed, 12, marks=pytest.mark.more) for seed in (1, 2))])
def test_whatever_is_loaded_the_tables_are_those_of_a_store_that_writes_every_part_again(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, count: int) -> None:
    loads, benches = Loads(seed), []
    for name in ("noting", "rewriting"):
        (tmp_path / name).mkdir()
        benches.append(Workbench(tmp_path / name))
    noted = 0
    for _ in range(count):
        (files, system, complete), reports = loads.next(), []
        for bench, how in zip(benches, (NOTING, REWRITING), strict=True):
            with monkeypatch.context() as patch:
                noting(patch, how)
                reports.append(told(bench.load(files, system=system, complete=complete)))
        assert reports[0] == reports[1] and stands(benches[0]) == stands(benches[1])
        noted += sum(len(table.gone) for table in benches[0].generation.said.values())
        assert not any(table.gone for table in benches[1].generation.said.values())
    assert noted > count and examine(benches[0].workspace) == []
