"""The reference page of imports: the systems that are recognised, and every nasty export of the tests with what becomes of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from docs.making.pages import ROOT
from salesgauge.sources.exports.presets import presets

Table = Callable[[Iterable[str], Iterable[Iterable[str]]], str]
_QUESTIONS = {
    "encoding": "the encoding", "delimiter": "what separates the cells", "header": "the line of the header",
        "totals": "whether a full row is a total",
    "table": "which table", "column": "which column", "date": "how the dates are written", "number": "how the numbers are written",
    "currency": "which currency", "rounded": "whether rounded numbers are right", "id": "whether the ids are whole",
        "repeats": "ids that repeat",
    "unusable": "a column that cannot be read", "missing": "a required column that is missing"}
_KINDS = {"encoding": "Encodings", "delimiter": "Delimiters", "layout": "Layouts", "date": "Dates", "number": "Numbers and currencies",
    "id": "Ids",
          "meaning": "Meanings and broken files", "system": "Standard exports"}


def _nasty() -> list[Any]:
    """The files of the tests: they are made there, and tried there."""
    if str(ROOT / "tests") not in sys.path:
        sys.path.insert(0, str(ROOT / "tests"))
    made: list[Any] = importlib.import_module("sources.exports.nasty").every()
    return made


def _becomes(nasty: Any) -> str:
    if nasty.refuses:
        return "refused"
    if nasty.asks:
        asked = ", ".join(dict.fromkeys(_QUESTIONS.get(kind, f"what {kind} means") for kind in nasty.asks))
        return f"asked: {asked}" + ("; right with the answer" if nasty.answers else "")
    return "right" + (f"; {nasty.aside} row{'s' if nasty.aside > 1 else ''} set aside" if nasty.aside else "")


def page(table: Table) -> str:
    """The page; `table` writes a table of Markdown."""
    nasty = _nasty()
    counts = {word: sum(n.outcome == word for n in nasty) for word in ("right", "a question", "a refusal")}
    text = ["# Imports\n", "`salesgauge import` reads exports as they are: [how to](../how-to/import-an-export.md).\n",
            "## The systems that are recognised\n",
                "By their headers in English, Chinese and Russian. Their other columns, and all other files, are matched by a "
            "vocabulary of headers in the four languages.\n"]
    for title, objects in groupby(presets(), key=lambda o: o.title):
        exports = ((f"{title}: {o.name}", f"`{o.table}`" if o.table else "nothing", o.why) for o in objects)
        text.append(table(("export", "fills", ""), exports))
    text += ["## The nasty files\n",
        f"{len(nasty)} files that the tests make and import: {counts['right']} come in right, {counts['a question']} are "
             f"asked about (a wrong guess would look as right), {counts['a refusal']} are refused. None is silently wrong.\n"]
    for kind, several in groupby(nasty, key=lambda n: n.kind):
        text.append(f"### {_KINDS[kind]}\n")
        text.append(table(("file", "language", "what becomes of it"), ((n.name, n.language, _becomes(n)) for n in several)))
    return "\n".join(text)
