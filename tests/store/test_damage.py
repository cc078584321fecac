"""A damaged store: the newest generation that is whole stands in and says so, the next load works, and nothing is silently wrong."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from salesgauge.errors import StoreDamaged, WorkspaceError
from salesgauge.store import current, soundness
from salesgauge.store.doctor import examine
from store.workbench import LEADS, Workbench

Damage = Callable[[Path], None]


def current_of_nonsense(store: Path) -> None:
    (store / "CURRENT").write_text("gen?\n")


def current_of_bytes(store: Path) -> None:
    (store / "CURRENT").write_bytes(b"\xff\xfe\x00")


def empty_current(store: Path) -> None:
    (store / "CURRENT").write_text("")


def no_current(store: Path) -> None:
    (store / "CURRENT").unlink()


def current_that_leads_out(store: Path) -> None:
    (store / "CURRENT").write_text("g-../../x\n")


def current_names_another(store: Path) -> None:
    (store / "CURRENT").write_text("g-000077\n")


def no_manifest(store: Path) -> None:
    (store / "generations" / "g-000002.json").unlink()


def cut_manifest(store: Path) -> None:
    path = store / "generations" / "g-000002.json"
    path.write_bytes(path.read_bytes()[:100])


def manifest_without(key: str) -> Damage:
    def damage(store: Path) -> None:
        path = store / "generations" / "g-000002.json"
        manifest = json.loads(path.read_text())
        del manifest[key]
        path.write_text(json.dumps(manifest))
    damage.__name__ = f"manifest_without_{key}"
    return damage


def manifest_of_a_list(store: Path) -> None:
    (store / "generations" / "g-000002.json").write_text("[]")


def manifest_that_lacks_a_size(store: Path) -> None:
    path = store / "generations" / "g-000002.json"
    manifest = json.loads(path.read_text())
    manifest["bytes"] = {}
    path.write_text(json.dumps(manifest))


def newest_part(store: Path) -> Path:
    return next((store / "parts").glob("reps-*"))


def no_part(store: Path) -> None:
    newest_part(store).unlink()


def cut_part(store: Path) -> None:
    newest_part(store).write_bytes(newest_part(store).read_bytes()[:-7])


def longer_part(store: Path) -> None:
    newest_part(store).write_bytes(newest_part(store).read_bytes() + b"\0")


def flipped_bit(store: Path) -> None:
    content = bytearray(newest_part(store).read_bytes())
    content[40] ^= 1  # in the compressed values: the file opens, and may even be read
    newest_part(store).write_bytes(content)


def another_part(store: Path) -> None:
    newest_part(store).write_bytes(b"x" * newest_part(store).stat().st_size)


DAMAGES: list[tuple[Damage, str]] = [
    (current_of_nonsense, "does not name a generation"), (current_of_bytes, "does not name a generation"),
    (empty_current, "does not name a generation"), (no_current, "CURRENT is missing"),
    (current_that_leads_out, "does not name a generation"), (current_names_another, "g-000077.json is missing"),
    (no_manifest, "g-000002.json is missing"), (cut_manifest, "cannot be read"), (manifest_without("tables"), "is not whole"),
    (manifest_without("format"), "is no manifest"), (manifest_without("sums"), "is not whole"), (manifest_of_a_list, "is no manifest"),
    (manifest_that_lacks_a_size, "is not whole"), (no_part, "is missing"), (cut_part, "bytes instead of"),
    (longer_part, "bytes instead of"), (flipped_bit, "its check sum is another"), (another_part, "its check sum is another"),
]
OF_CURRENT = (current_of_nonsense, current_of_bytes, empty_current, no_current, current_that_leads_out, current_names_another)
COUNTS = "SELECT (SELECT count(*) FROM leads), (SELECT count(*) FROM reps)"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two generations, that nobody damages."""
    made = Workbench(tmp_path_factory.mktemp("sound"))
    made.load({"leads.csv": LEADS})
    made.load({"reps.csv": "rep_id\nR1\n"})
    return made.workspace / "store"


@pytest.fixture
def bench(tmp_path: Path, sound: Path) -> Workbench:
    made = Workbench(tmp_path)
    shutil.copytree(sound, made.workspace / "store")
    return made


@pytest.mark.parametrize(("damage", "said"), DAMAGES, ids=[damage.__name__ for damage, _ in DAMAGES])
def test_the_newest_whole_generation_stands_in_and_the_next_load_works(bench: Workbench, damage: Damage, said: str) -> None:
    store = bench.workspace / "store"
    damage(store)
    before = bench.snapshot()
    found, whole = bench.generation, damage in OF_CURRENT  # then g-000002 itself is whole
    assert found.name == ("g-000002" if whole else "g-000001")
    assert found.damage is not None and said in found.damage
    assert bench.rows(COUNTS) == [(1, 1 if whole else 0)]
    assert {name: content for name, content in bench.snapshot().items() if "/cache/" not in name} == {
        name: content for name, content in before.items() if "/cache/" not in name}  # who reads changes nothing

    report = bench.load({"leads.csv": LEADS})  # these rows are there already: mending alone makes a new generation
    assert report.changed and any(said in note and found.name in note for note in report.notes)
    assert bench.generation.damage is None and bench.rows(COUNTS) == [(1, 1 if whole else 0)]
    assert bench.generation.name == ("g-000078" if damage is current_names_another else "g-000003")
    assert bench.generation.previous == found.name
    kept = {Path(name).name: content for name, content in bench.snapshot().items()}
    assert {Path(name).name: content for name, content in before.items() if "/parts/" in name and "reps" in name}.items() <= kept.items()
    assert [finding.key for finding in examine(bench.workspace)] == ["remains_of_damage"]


def test_what_was_lost_comes_back_when_it_is_loaded_again(bench: Workbench) -> None:
    flipped_bit(bench.workspace / "store")
    bench.load({"reps.csv": "rep_id\nR1\n"})
    assert bench.generation.damage is None and bench.rows(COUNTS) == [(1, 1)]


def test_a_load_that_is_killed_while_it_mends_leaves_the_same_generation_standing_in(
        bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    flipped_bit(bench.workspace / "store")
    replaced = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if target.name == "CURRENT":
            raise KeyboardInterrupt
        return replaced(self, target)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            bench.load({"leads.csv": LEADS + "L2,2025-01-06\n"})
    assert (bench.generation.name, bench.rows(COUNTS)) == ("g-000001", [(1, 0)])
    assert bench.load({"leads.csv": LEADS + "L2,2025-01-06\n"}).changed
    assert bench.generation.damage is None and bench.rows(COUNTS) == [(2, 0)]


def test_where_no_generation_is_whole_that_is_said_and_nothing_is_read_or_written(bench: Workbench) -> None:
    part = next((bench.workspace / "store" / "parts").glob("leads-*"))  # both generations consist of it
    part.write_bytes(part.read_bytes()[:-7])
    before = bench.snapshot()
    for attempt in (lambda: current(bench.workspace), lambda: bench.load({"leads.csv": LEADS}), lambda: examine(bench.workspace)):
        with pytest.raises(StoreDamaged, match=r"leads-\w+.parquet has \d+ bytes instead of \d+; restore a backup"):
            attempt()
    assert {n: c for n, c in bench.snapshot().items() if "/cache/" not in n} == {n: c for n, c in before.items() if "/cache/" not in n}


def test_a_store_of_a_newer_program_is_refused_and_no_older_generation_stands_in(bench: Workbench) -> None:
    path = bench.workspace / "store" / "generations" / "g-000002.json"
    path.write_text(path.read_text().replace('"format": 4', '"format": 5'))
    for attempt in (lambda: current(bench.workspace), lambda: bench.load({"leads.csv": LEADS})):
        with pytest.raises(WorkspaceError, match=r"a newer salesgauge wrote .*g-000002.json \(format 5; this one reads up to 4\): update"):
            attempt()


def test_what_a_disk_changes_by_itself_shows_when_everything_is_summed(bench: Workbench) -> None:
    """Neither its size nor its times tell: the doctor sums it, and from then on it is not read."""
    part, seals = newest_part(bench.workspace / "store"), bench.workspace / "store" / "cache" / soundness.SEALS
    flipped_bit(bench.workspace / "store")
    stamp = soundness._stamp(part)
    soundness._known[part] = stamp
    seals.write_text(json.dumps({**json.loads(seals.read_text()), part.name: stamp}))
    assert bench.rows(COUNTS) == [(1, 1)]
    assert [finding.key for finding in examine(bench.workspace)] == ["generation_damaged"]
    assert bench.rows(COUNTS) == [(1, 0)]
    soundness._known.clear()  # as another process
    assert bench.rows(COUNTS) == [(1, 0)]


def test_an_earlier_generation_that_is_damaged_costs_no_figure_and_is_said(bench: Workbench) -> None:
    bench.load({"leads.csv": "lead_id,created_at\nL1,2025-01-07\n"})  # the part of the first two goes
    old = [path for path in (bench.workspace / "store" / "parts").glob("leads-*") if path not in bench.generation.tables["leads"].parts]
    old[0].unlink()
    assert bench.generation.damage is None
    found = examine(bench.workspace)
    assert [(f.key, f.count) for f in found] == [("older_generation_damaged", 2)]
    assert found[0].examples[0].startswith("g-000002: leads-")


def test_a_sound_store_has_nothing_to_be_said_of_it(bench: Workbench, tmp_path: Path) -> None:
    assert examine(bench.workspace) == []
    (tmp_path / "empty").mkdir()
    assert examine(Workbench(tmp_path / "empty").workspace) == []


def test_a_part_is_summed_once_for_each_state_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench(tmp_path)
    bench.load({"reps.csv": "rep_id\nR1\n", "leads.csv": LEADS})
    summed = list[str]()
    digest = soundness.digest

    def counting(path: Path) -> str:
        summed.append(path.name)
        return digest(path)
    monkeypatch.setattr(soundness, "digest", counting)
    part = newest_part(bench.workspace / "store")
    soundness._known.clear()  # as a process that begins
    assert bench.generation.damage is None and summed == []  # the load has summed them
    os.utime(part, ns=(1, 1))
    assert bench.generation.damage is None and summed == [part.name]
    soundness._known.clear()
    assert bench.generation.damage is None and summed == [part.name]
    assert digest(part) == json.loads((bench.workspace / "store" / "generations" / "g-000001.json").read_text())["sums"][part.name]
    (bench.workspace / "store" / "cache" / soundness.SEALS).write_text("nonsense")
    soundness._known.clear()
    assert bench.generation.damage is None and len(summed) == 3
