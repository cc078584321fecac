"""Which canonical table an export fills, and which of its columns is which: by a preset, else by the names, with a confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesgauge.schema import TABLES, Kind
from salesgauge.sources.exports.presets import Object, recognise
from salesgauge.sources.exports.questions import ANSWERED, LEAVE_OUT, Answers, Question
from salesgauge.sources.exports.reading import Export
from salesgauge.sources.exports.vocabulary import Vocabulary, plain

PRESET, EXACT, LOWER = 0.98, 0.9, 0.8  # confidence in a header that a preset names, the vocabulary, the vocabulary by its lower row only
MADE = {"order_lines": ("line",), "activities": ("kind",), "spend": ("spend_id",), "opportunities": ("opportunity_id",)}


@dataclass(frozen=True)
class Match:
    """A column of a file that may be a canonical one: how sure, its rank among the names of that column (the smaller the surer), and the
    plain name by which it is known."""

    header: str
    confidence: float
    rank: int
    name: str = ""


@dataclass(frozen=True)
class Target:
    """What an export fills. `matches` are the candidates of each canonical column, the surer first; `table` empty: nothing, because of
    `why`."""

    export: Export
    table: str
    preset: Object | None
    matches: dict[str, tuple[Match, ...]]
    why: str = ""


def target_of(export: Export, answers: Answers, words: Vocabulary) -> Target | Question:
    """The table that an export fills; a question where its names fit several or none well."""
    asked = Question((export.name, "table"), "which table do its rows belong to?",
                     (*((t.name, t.row) for t in TABLES.values()), (LEAVE_OUT, "the file is not used")), tuple(export.headers[:8]))
    answer = answers.to(asked)
    if answer == LEAVE_OUT:
        return Target(export, "", None, {}, ANSWERED)
    preset = recognise(export.headers)
    if preset and answer in (None, preset.table):
        why = preset.why and f"{preset.title}, {preset.name}: {preset.why}"
        return Target(export, preset.table, preset, _by_preset(export.headers, preset, words) if preset.table else {}, why)
    if answer:
        return Target(export, answer, None, _by_words(export.headers, answer, words))
    scores = sorted(((_score(export, table, words), table) for table in words.columns), reverse=True)
    (best, table), (second, _) = scores[0], scores[1]
    if best < 1.0 or best - second < 0.5:
        return asked
    return Target(export, table, None, _by_words(export.headers, table, words))


def _score(export: Export, table: str, words: Vocabulary) -> float:
    """How well the names fit a table: the columns found, the required ones doubly, and what the file or sheet is called."""
    found = _by_words(export.headers, table, words)
    required = [c.name for c in TABLES[table].columns if c.required and c.name not in MADE.get(table, ())]
    if not found or any(name not in found for name in required):
        return 0.0
    called = _called(export.name, words) == table
    made = [n for n in MADE.get(table, ()) if n not in found and TABLES[table].column(n) is not None and n != "line"]
    return len(found) + sum(name in found for name in required) + 3.0 * called - 1.5 * len(made) - 0.1 * (len(export.headers) - len(found))


def _called(name: str, words: Vocabulary) -> str:
    """The table that a file's or sheet's name speaks of, the longest such name; empty where none."""
    said = plain(name.rpartition(".")[0] if "#" not in name else name.partition("#")[2])
    found = [(len(n), table) for n, table in words.tables.items() if n in said]
    return max(found)[1] if found else ""


def _named(headers: Sequence[str], words: Vocabulary) -> dict[str, list[tuple[str, float]]]:
    """The headers by each plain name that they may go by: with and without their unit, the lower part of a header of two rows."""
    found: dict[str, list[tuple[str, float]]] = {}
    for header in headers:
        if not header:
            continue
        bare = words.unit(header)[0]
        without_number = bare.rpartition(" (")[0] if bare.endswith(")") and bare.rpartition(" (")[2][:-1].isdigit() else bare
        for name, confidence in ((header, EXACT), (bare, EXACT), (without_number, EXACT), (bare.rpartition(" / ")[2], LOWER)):
            entry = found.setdefault(plain(name), [])
            if header not in [h for h, _ in entry]:
                entry.append((header, confidence))
    return found


def _by_words(headers: Sequence[str], table: str, words: Vocabulary) -> dict[str, tuple[Match, ...]]:
    matches: dict[str, list[Match]] = {}
    for name, several in _named(headers, words).items():
        column, rank = words.columns.get(table, {}).get(name, ("", 0))
        for header, confidence in several if column else ():
            if all(header != m.header for m in matches.get(column, [])):
                matches.setdefault(column, []).append(Match(header, confidence, rank, name))
    return {column: tuple(sorted(found, key=lambda m: (-m.confidence, m.rank))) for column, found in matches.items()}


def _by_preset(headers: Sequence[str], preset: Object, words: Vocabulary) -> dict[str, tuple[Match, ...]]:
    """The preset's own names, then the general ones of columns that it does not speak of, for headers that are left."""
    named = _named(headers, words)
    matches: dict[str, tuple[Match, ...]] = {}
    for column, names in preset.columns.items():
        found = [Match(header, PRESET, rank, name) for rank, name in enumerate(names) for header, _ in named.get(name, ())]
        if found:
            matches[column] = tuple(dict.fromkeys(found))
    taken = {m.header for found in matches.values() for m in found} | {h for n in preset.leave for h, _ in named.get(n, ())}
    for column, general in _by_words(headers, preset.table, words).items():
        left = tuple(m for m in general if m.header not in taken)
        if column not in preset.columns and column not in preset.constants and left:
            matches[column] = left
    return matches


def is_text(table: str, column: str) -> bool:
    """Whether a canonical column holds ids and names as they stand."""
    found = TABLES[table].column(column)
    return found is not None and found.kind is Kind.TEXT
