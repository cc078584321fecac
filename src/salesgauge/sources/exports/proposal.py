"""The proposal of an import: which file fills which table, how each column is read, as a mapping file; or the questions to answer first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import tomli_w

from salesgauge.errors import LoadRefused
from salesgauge.schema import TABLES
from salesgauge.sources.exports.linking import link
from salesgauge.sources.exports.questions import Answers, Question
from salesgauge.sources.exports.reading import Export, names_in, read_export
from salesgauge.sources.exports.sections import Line, Made, Making
from salesgauge.sources.exports.tables import target_of
from salesgauge.sources.exports.vocabulary import vocabulary
from salesgauge.sources.mapping.language import FileOptions


@dataclass(frozen=True)
class Proposal:
    """What an import would do. `mapping` is the mapping file (TOML), sound once there are no `questions`; `left_out` names each file that
    is not used, and why; `systems` the systems that were recognised; `read` how each file is written."""

    folder: Path
    mapping: str
    lines: tuple[Line, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    systems: tuple[str, ...]
    read: tuple[tuple[str, str], ...]


def propose(paths: Sequence[Path], answers: Answers, currency: str, con: duckdb.DuckDBPyConnection, scratch: Path) -> Proposal:
    """Reads the files and proposes how they come in. `currency` is the workspace's; `con` and `scratch` are for the reading only.

    LoadRefused where a file cannot be read at all.
    """
    folder = _folder(paths)
    words = vocabulary()
    questions: list[Question] = []
    left_out: list[tuple[str, str]] = []
    made: list[Made] = []
    exports: list[Export] = []
    for path in paths:
        for name in names_in(path):
            export = read_export(path, name, answers, words, con, scratch, f"export_{len(exports)}_{len(questions)}")
            if isinstance(export, Question):
                questions.append(export)
                continue
            exports.append(export)
            target = target_of(export, answers, words)
            if isinstance(target, Question):
                questions.append(target)
            elif not target.table:
                left_out.append((export.name, target.why))
            else:
                found = Making(target, answers, words, currency).make()
                missing = [c.name for c in TABLES[target.table].columns if c.required and c.name not in found.columns]
                if missing and not found.questions:
                    left_out.append((export.name, f"it has no {', '.join(missing)}"))
                else:
                    made.append(found)
                    questions += found.questions
    questions = list({q.path: q for q in questions}.values())  # a column that serves twice is asked about once
    if not made and not questions:
        said = "; ".join(f"{name}: {why}" for name, why in left_out)
        raise LoadRefused(f"none of the files can be used: {said}")
    if not questions:
        link(made)
    used = [m.target.export for m in made]
    mapping = "" if questions else tomli_w.dumps(_mapping(made, used))
    lines = tuple(line for m in made for line in m.lines)
    systems = tuple(dict.fromkeys(m.target.preset.title for m in made if m.target.preset))
    return Proposal(folder, mapping, lines, tuple(questions), tuple(n for m in made for n in m.notes), tuple(left_out), systems,
                    tuple((e.name, _written(e.options)) for e in exports))


def _folder(paths: Sequence[Path]) -> Path:
    """The folder that holds all the files; LoadRefused where there is none, or no file."""
    if not paths:
        raise LoadRefused("name the files to import")
    for path in paths:
        if path.is_dir():
            raise LoadRefused(f"{path} is a folder: name its files, such as {path}/*.csv")
        if not path.is_file():
            raise LoadRefused(f"there is no file {path}")
    folders = {path.resolve().parent for path in paths}
    if len(folders) > 1:
        raise LoadRefused("the files of one import lie in one folder, since the mapping names them in it; these lie in "
                          f"{', '.join(sorted(map(str, folders)))}")
    return paths[0].parent


def _written(options: FileOptions) -> str:
    parts = [options.encoding, {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(options.delimiter, options.delimiter)]
    parts += [f"header on line {options.header}"] if options.header and options.header > 1 else []
    parts += [f"{options.header_rows} rows of header"] if options.header_rows > 1 else []
    parts += [f"set aside: {', '.join(options.leave_out)}"] if options.leave_out else []
    return ", ".join(parts)


def _mapping(made: Sequence[Made], exports: Sequence[Export]) -> dict[str, Any]:
    top: dict[str, Any] = {"format": 1}
    files = {e.name: _options(e.options) for e in exports}
    if any(files.values()):
        top["files"] = {name: options for name, options in files.items() if options}
    for table in TABLES:
        sections = [m.section for m in made if m.target.table == table]
        if sections:
            top[table] = sections if sections[1:] else sections[0]
    return top


def _options(options: FileOptions) -> dict[str, Any]:
    plain = FileOptions()
    said: dict[str, Any] = {}
    for key in ("delimiter", "encoding", "header", "header_rows", "leave_out"):
        value = getattr(options, key)
        if value != getattr(plain, key):
            said[key] = list(value) if isinstance(value, tuple) else value
    return said
