from __future__ import annotations

from pathlib import Path

import pytest

from salesgauge.semantics.intervals import student_quantile
from salesgauge.store import quantiles
from salesgauge.store.quantiles import Quantiles


def test_a_quantile_is_the_librarys_own(tmp_path: Path) -> None:
    book = Quantiles(tmp_path / "cache" / "student.json")
    assert [book.of(n) for n in (1, 30, 2000, 2001, 10**7)] == [student_quantile(n) for n in (1, 30, 2000, 2001, 10**7)]
    assert book.of(1) == pytest.approx(12.706204736174694, rel=1e-12)  # the printed tables say 12.706


def test_a_kept_quantile_is_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Quantiles(tmp_path / "student.json")
    expected = first.of(5000)
    first.save()
    monkeypatch.setattr(quantiles, "student_quantile", lambda freedom: pytest.fail(f"computed {freedom} again"))
    second = Quantiles(tmp_path / "student.json")
    assert second.of(5000) == expected
    assert second.of(17) == first.of(17)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"3": "many"}', "\x00\x01"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "student.json").write_text(text, encoding="utf-8")
    book = Quantiles(tmp_path / "student.json")
    assert book.of(3) == student_quantile(3)
    book.save()
    assert Quantiles(tmp_path / "student.json").of(3) == student_quantile(3)


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file stands where the folder would", encoding="utf-8")
    book = Quantiles(tmp_path / "cache" / "student.json")
    assert book.of(3) == student_quantile(3)
    book.save()
