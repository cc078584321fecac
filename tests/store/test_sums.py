"""What is kept beside the tables (facts, rollups, periods) is never believed when it is damaged: it is found out and made anew."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import pytest

from examples.company import Company
from laws.companies import company
from salesgauge.serving import ServedWorkspace
from salesgauge.store import sums
from salesgauge.store.keeping import keep_summed, kept_text
from salesgauge.store.quantiles import Quantiles
from salesgauge.store.rolled import NONE, Worth
from salesgauge.store.sums import all_sound, is_sound, note

PERIOD, AS_OF = "2025-01-01..2025-03-01", "2025-02-20T12:00:00"
QUESTIONS: list[dict[str, Any]] = [
    {"kpi": kpi, "period": PERIOD, **more} for kpi, more in (
        ("bookings", {"by": ["rep"]}), ("win_rate", {"by": ["rep"]}), ("new_opportunities", {"as_of": AS_OF}),
        ("new_leads", {"by": ["channel"]}), ("win_rate", {"grain": "month"}),
        ("lead_response_time", {}), ("touches", {"by": ["rep"]}), ("open_pipeline", {}), ("customer_retention_rate", {}),
        ("sales_cycle_length", {"as_of": AS_OF}),)]
# What is read under a worth: the facts alone, facts of periods too, rollups of both.
KINDS = {"facts": (NONE, "g-??????-*[0-9a-f]/*/*.parquet"),
         "periods": (Worth(rows=0, smaller=1000, at_once=True), "*.spans/[!r]*/*.parquet"),
         "rollups": (Worth(rows=0, smaller=0, at_once=True), "*.*/rollup_*/*.parquet")}
# What others of these keep, which would be read instead.
INSTEAD = {"facts": "g-??????-*[0-9a-f]/*@*[0-9]", "periods": "*/rollup_*"}


class Firm(Company):
    """A company that is asked some of the questions, over and over."""

    asked = QUESTIONS

    def answers(self, kind: str) -> list[dict[str, Any]]:
        """The answers of a server that remembers none, from what it reads of that kind."""
        cache = self.workspace.folder / "store" / "cache"
        for path in cache.glob("*.answers/*"):
            path.unlink()
        for path in cache.glob(INSTEAD[kind]) if kind in INSTEAD else ():
            shutil.rmtree(path)
        with closing(ServedWorkspace(self.workspace.folder, worth=KINDS[kind][0])) as served:
            return served.answer(self.asked, figures=True)

    @cached_property
    def right(self) -> list[dict[str, Any]]:
        """The answers, of which everything was kept."""
        found = [self.answers(kind) for kind in KINDS]
        assert found[0] == found[1] == found[2] and not [answer for answer in found[0] if "error" in answer]
        return found[0]


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Firm:
    """A few deals of two reps, of which three questions are asked."""
    deals = [{"opportunity_id": f"D{n}", "created_at": f"2025-01-0{n + 1}", "closed_at": f"2025-0{1 + n % 2}-1{n}", "owner_id": f"R{n % 2}",
              "outcome": "won" if n % 3 else "lost", "amount": str(10 ** n)} for n in range(9)]
    made = Firm(tmp_path_factory.mktemp("summed"), templates, {"opportunities": deals, "reps": [{"rep_id": "R0"}, {"rep_id": "R1"}]})
    made.asked = QUESTIONS[:3]
    return made


@pytest.fixture(scope="module")
def whole_firm(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Firm:
    """A company with everything."""
    return Firm(tmp_path_factory.mktemp("summed whole"), templates, company(5, 12))


def kept(firm: Firm, kind: str) -> list[Path]:
    return sorted((firm.workspace.folder / "store" / "cache").glob(KINDS[kind][1]))


def damaged(path: Path, random: Random) -> None:
    """Flips a bit of a file, cuts it, or overwrites some of it."""
    whole = bytearray(path.read_bytes())
    place = random.randrange(len(whole))
    match random.randrange(4):
        case 0:
            del whole[place:]
        case 1:
            whole[place:place + 64] = random.randbytes(len(whole[place:place + 64]))
        case _:
            whole[place] ^= 1 << random.randrange(8)
    path.write_bytes(whole)


def damage_all(firm: Firm, kind: str, seed: int) -> None:
    right, random = firm.right, Random(f"{kind} {seed}")
    assert firm.answers(kind) == right
    files = kept(firm, kind)
    assert files
    for path in files:
        damaged(path, random)
    assert firm.answers(kind) == right
    assert all(map(is_sound, kept(firm, kind)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_answers_are_right_whatever_befalls_what_is_kept(firm: Firm, kind: str, seed: int) -> None:
    damage_all(firm, kind, seed)


@pytest.mark.more
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_answers_of_a_whole_company_are_right_whatever_befalls_what_is_kept(whole_firm: Firm, kind: str, seed: int) -> None:
    damage_all(whole_firm, kind, seed)


def test_a_file_that_is_gone_cut_or_lacks_its_sum_is_not_sound(tmp_path: Path) -> None:
    path = tmp_path / "0.parquet"
    assert not all_sound(tmp_path, ".parquet") and not is_sound(path)
    path.write_bytes(b"rows")
    assert not is_sound(path)
    note(path)
    assert is_sound(path) and all_sound(tmp_path, ".parquet")
    (tmp_path / "1.parquet").write_bytes(b"rows that nobody summed")
    assert not all_sound(tmp_path, ".parquet")
    (tmp_path / "1.parquet").unlink()
    path.rename(tmp_path / "elsewhere")
    assert not is_sound(path) and not all_sound(tmp_path, ".parquet")
    path.write_bytes(b"row")
    assert not is_sound(path)
    path.write_bytes(b"rows")
    assert is_sound(path), "another file with the same bytes is what was written"


def test_a_long_file_is_read_whole_only_where_something_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgotten() -> None:
        monkeypatch.setattr(sums, "_sound", {})  # as another process begins
    monkeypatch.setattr(sums, "LONG", 3)
    path = tmp_path / "0.parquet"
    path.write_bytes(b"rows")
    note(path)
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(b"sows")
    os.utime(path, ns=times)
    assert is_sound(path), "what a disk changes by itself is not looked for"
    forgotten()
    os.utime(path, ns=(times[0], times[1] + 1))
    assert not is_sound(path)
    monkeypatch.setattr(sums, "LONG", 4)
    os.utime(path, ns=times)
    assert not is_sound(path), "a short one is read by each process"
    os.utime(path, ns=times)
    assert is_sound(path, among=5), "not where it is read with others that are long together"


def test_files_that_generations_share_are_summed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = tmp_path / "0.parquet", tmp_path / "other.parquet"
    path.write_bytes(b"rows")
    note(path)
    assert is_sound(path)
    os.link(path, other)
    os.link(sums.sum_of(path), sums.sum_of(other))
    monkeypatch.setattr(sums, "_crc", lambda path: pytest.fail("is summed again"))
    assert is_sound(other) and is_sound(path)


def test_a_text_or_quantile_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "sql.json"
    assert keep_summed(path, '{"sql": "SELECT 11"}') and kept_text(path) == '{"sql": "SELECT 11"}'
    path.write_text(path.read_text(encoding="utf-8").replace("11", "12"), encoding="utf-8")
    with pytest.raises(ValueError, match="is not what was written"):
        kept_text(path)
    quantiles = Quantiles(path)
    assert round(quantiles.of(10), 3) == 2.228
    quantiles.save()
    path.write_text(path.read_text(encoding="utf-8").replace("2.228", "2.229", 1), encoding="utf-8")
    assert round(Quantiles(path).of(10), 3) == 2.228
