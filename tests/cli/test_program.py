"""The program as a whole: its errors, its exit codes, how it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from salesgauge.cli import program
from salesgauge.cli.printing import plain

from .conftest import NOW, Ask

HEAVY = ("ibis", "sqlglot", "babel", "rich", "scipy", "pyarrow", "numpy", "pandas")


def python(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, encoding="utf-8", env=os.environ | more,
                          check=False)


def test_without_a_command_it_shows_what_there_is(ask: Ask) -> None:
    said = ask()
    assert said.code == 0
    assert all(name in said.out for name in program.COMMANDS)


@pytest.mark.parametrize("name", program.COMMANDS)
def test_every_command_has_help(name: str, ask: Ask) -> None:
    said = ask(name, "--help")
    assert said.code == 0
    assert "Usage: salesgauge" in said.out


@pytest.mark.parametrize(("arguments", "words"), [
    (["scorcard"], "did you mean scorecard?"),
    (["compute", "win_rate", "--perriod", "2025"], "--period"),
    (["compute", "win_rate", "--format", "xml"], "'table', 'json', 'csv'"),
    (["records", "win_rate", "--side", "left"], "numerator"),
    (["compute"], "name a KPI"),
    (["compute", "win_rate", "--queries", "q.json"], "give it alone"),
    (["kpis", "--lang", "tlh"], "there are en, zh-Hans, zh-Hant, ru"),
    (["compute", "win_rate", "--period", "2025", "--workspace", "nowhere"], "make one with: salesgauge init nowhere"),
    (["compute", "win_rate", "--period", "\udcff"], "no UTF-8 text"),
])
def test_a_fault_is_one_line_and_exit_code_2(arguments: list[str], words: str, ask: Ask, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = ask(*arguments)
    assert said.code == 2
    assert said.err.startswith("salesgauge: ") and said.err.count("\n") == 1
    assert words in said.err
    assert said.out == ""


def test_a_message_cannot_act_on_the_terminal(ask: Ask, tiny: Path) -> None:
    said = ask("compute", "\x1b[31mwin\u202e", "--period", "2025", "-w", tiny)
    assert "\x1b" not in said.err and "\u202e" not in said.err
    assert plain("a\x1b[2Jb\x07") == "a\ufffd[2Jb\ufffd"


def failing(problem: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code after a command that ends with `problem`."""
    def fail(*_arguments: object, **_options: object) -> None:
        raise problem
    monkeypatch.setattr(program.program, "main", fail)
    return program.main([], now=lambda: NOW)


def test_an_interrupted_command_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    assert failing(KeyboardInterrupt(), monkeypatch) == 130


@pytest.mark.parametrize(("problem", "words"), [
    (OSError(28, "No space left on device", "parts/x"), "No space left on device: parts/x"),
    (PermissionError(13, "Permission denied", "W"), "Permission denied: W"),
    (MemoryError(), "not enough memory"),
    (duckdb.OutOfMemoryException("Out of Memory Error: failed to pin block\nmore"), "failed to pin block"),
])
def test_when_the_machine_gives_up_there_is_no_traceback(problem: Exception, words: str, monkeypatch: pytest.MonkeyPatch,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(problem, monkeypatch) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


def test_a_mistake_of_the_program_itself_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError(), monkeypatch)


def test_who_reads_no_further_hears_no_complaint(tmp_path: Path) -> None:
    done = subprocess.run(f"{sys.executable} -m salesgauge kpis --format csv | head -c 10; exit ${{PIPESTATUS[0]}}", shell=True,
                          executable="/bin/bash", capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stderr == ""
    assert done.returncode in (0, 141)  # 0 where the pipe took everything before its reader went


def test_a_question_whose_sql_is_kept_loads_nothing_heavy(tiny: Path, ask: Ask) -> None:
    question = ["compute", "new_leads", "--period", "2025", "--format", "json", "--workspace", str(tiny)]
    assert ask(*question).code == 0
    # pandas is none of ours: where something else brought it, DuckDB would load it at the first parameter
    watch = ("import sys; sys.modules['pandas'] = None; from salesgauge.cli.program import main; code = main(sys.argv[1:]); "
             f"sys.exit(code or ','.join(m for m in {HEAVY!r} if sys.modules.get(m)) or 0)")
    done = python("-c", watch, *question)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_runs_as_a_module_and_writes_utf8_for_programs_whatever_the_terminal_speaks() -> None:
    done = python("-m", "salesgauge", "kpis", "--lang", "zh-Hans", "--format", "json", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert "获胜率" in done.stdout


def test_a_table_can_be_shown_on_a_terminal_that_lacks_the_characters() -> None:
    done = python("-m", "salesgauge", "kpis", "--lang", "zh-Hans", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "win_rate" in done.stdout


def test_the_workspace_and_language_come_from_the_environment(tiny: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESGAUGE_WORKSPACE", str(tiny))
    monkeypatch.setenv("SALESGAUGE_LANG", "ru_RU.UTF-8")
    listed = ask("kpis", "--format", "csv").out
    assert "Доля выигранных сделок" in listed and "tier" in listed
