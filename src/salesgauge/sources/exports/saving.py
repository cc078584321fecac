"""An import from its files to the saved mapping file: read aside from the workspace's store, written where `load --mapping` finds it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from salesgauge.errors import LoadRefused
from salesgauge.sources.exports.proposal import Proposal, propose
from salesgauge.sources.exports.questions import Answers, UndecidedImport
from salesgauge.sources.mapping.stage import stage_mapped
from salesgauge.staging import Progress, Stage, Staged, literal

FOLDER = "mappings"
_HEAD = ("# Proposed by `salesgauge import`; it may be changed by hand. The same files again:\n"
         "#   salesgauge load FOLDER --mapping THIS_FILE\n\n")


def look(paths: Sequence[Path], answers: Answers, currency: str, scratch: Path | None = None, threads: int | None = None) -> Proposal:
    """What an import of the files would do; nothing is kept of what it read. `scratch`: the folder for its intermediate files."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix="import-") as folder, duckdb.connect(":memory:") as con:
        con.execute(f"SET temp_directory = {literal(folder)}")
        con.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET TimeZone = 'UTC'")
        if threads:
            con.execute(f"SET threads = {int(threads)}")
        return propose(paths, answers, currency, con, Path(folder))


def bring(mapping: Path) -> Stage:
    """What stages the files of an import by its mapping file. Other files of their folder are none of its business."""
    staged = stage_mapped(mapping)

    def stage(folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress) -> Staged:
        return replace(staged(folder, con, scratch, progress), ignored=())
    return stage


def save(proposal: Proposal, workspace: Path, path: Path | None = None) -> Path:
    """Writes the mapping file of a decided proposal, and gives its path: `path`, else one in the workspace named after the source.

    A file that is there and says something else is kept: the new one gets a number. UndecidedImport where questions are open.
    """
    if proposal.questions:
        raise UndecidedImport(proposal.questions)
    text = _HEAD + proposal.mapping
    try:
        if path is not None:
            path.write_text(text, encoding="utf-8")
            return path
        folder = workspace / FOLDER
        folder.mkdir(exist_ok=True)
        for place in _places(folder, _name(proposal)):
            if not place.exists() or place.read_text(encoding="utf-8", errors="replace") == text:
                place.write_text(text, encoding="utf-8")
                return place
    except OSError as problem:
        raise LoadRefused(f"cannot write the mapping file {path or workspace / FOLDER}: {problem.strerror or problem}") from None
    raise LoadRefused(f"{workspace / FOLDER} has too many mappings of {_name(proposal)}; delete those that are not used")


def _name(proposal: Proposal) -> str:
    """The system, where all files are of one; else the first file."""
    named = proposal.systems[0] if len(proposal.systems) == 1 else Path(proposal.read[0][0].partition("#")[0]).stem
    return re.sub(r"\W+", "-", named.casefold()).strip("-") or "import"


def _places(folder: Path, name: str) -> Sequence[Path]:
    return [folder / f"{name}.toml", *(folder / f"{name}-{n}.toml" for n in range(2, 1000))]
