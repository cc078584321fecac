"""The how-to of the mapping language is right and complete, and the mapping files of this repository are sound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesgauge.schema import LOADABLE
from salesgauge.sources import stage_mapped
from salesgauge.sources.mapping import reading
from sources.foreign import Foreign

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "how-to" / "map-other-files.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=[f"example-{n}" for n in range(1, len(BLOCKS) + 1)])
def test_each_example_of_the_how_to_is_a_sound_mapping(tmp_path: Path, block: str) -> None:
    path = tmp_path / "example.toml"
    path.write_text(block, encoding="utf-8")
    stage_mapped(path)


def test_every_key_of_the_language_stands_in_the_how_to_and_in_an_example() -> None:
    keys = {*reading.TOP_KEYS, *reading.FILE_KEYS, *reading.SECTION_KEYS, *reading.CELL_KEYS, *reading.NUMBER_KEYS,
            *reading.CONDITION_KEYS, *reading.JOIN_KEYS, *reading.REPEAT_KEYS} - set(LOADABLE)
    examples = "\n".join(BLOCKS)
    seldom = {"empty", "at_most", "format"}  # explained in words only
    assert [k for k in sorted(keys) if f"`{k}" not in TEXT] == []
    assert [k for k in sorted(keys - seldom) if not re.search(rf"\b{k}\b", examples)] == []
    assert [t for t in reading.TOKENS if f"`%{t}`" not in TEXT] == []


def test_the_first_example_loads_the_file_that_stands_beside_it(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    content, = re.findall(r"```csv\n(.*?)```", TEXT, re.DOTALL)
    report = foreign.load({"deals.csv": content}, BLOCKS[0])
    columns = "opportunity_id, owner_id, CAST(created_at_local AS DATE)::VARCHAR, outcome, amount"
    assert foreign.rows(f"SELECT {columns} FROM opportunities ORDER BY 1") == [
        ("17", "Ann", "2025-02-03", "won", 12500), ("18", "Bob", "2025-02-04", None, 900)]
    assert (report.tables[0].new, foreign.rejects()) == (2, [])


@pytest.mark.parametrize("path", sorted((ROOT / "mappings").glob("*.toml")), ids=lambda path: path.stem)
def test_each_mapping_file_of_the_repository_is_sound(path: Path) -> None:
    stage_mapped(path)
