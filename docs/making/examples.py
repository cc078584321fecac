"""Runs the `console` examples of a page, in order, in a folder of the page's own, and compares or rewrites what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs.making.pages import ROOT, Block, blocks

WIDTH = 120  # columns of the terminal in which examples run
PROMPT, ANY = "$ ", "..."
_LIMIT = 120  # seconds for one command


@dataclass(frozen=True)
class Command:
    """A command of a page and what the page says it prints: the lines from `first` to before `end` (from 0)."""

    line: str
    first: int
    end: int
    expected: tuple[str, ...]


def commands(block: Block) -> list[Command]:
    """The commands of a console block; a line that ends with a backslash goes on in the next."""
    found: list[Command] = []
    number, lines = 0, block.lines
    while number < len(lines):
        if not lines[number].startswith(PROMPT):
            raise ValueError(f"line {block.first + number + 1}: output without a command; a console block begins with '$ '")
        said = [lines[number].removeprefix(PROMPT)]
        number += 1
        while said[-1].endswith("\\"):
            said.append(lines[number])
            number += 1
        first = number
        while number < len(lines) and not lines[number].startswith(PROMPT):
            number += 1
        found.append(Command("\n".join(said), block.first + first, block.first + number, lines[first:number]))
    return found


def run(page: Path, folder: Path) -> Iterator[tuple[Command, tuple[str, ...]]]:
    """Runs a page in an empty folder: writes the blocks that stand for a file, runs the console blocks; each command with its output."""
    surroundings = _surroundings(folder)
    place = folder / "here"
    place.mkdir()
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.file:
            path = (place / block.file).resolve()
            if not path.is_relative_to(place.resolve()):
                raise ValueError(f"{page.name}: {block.file} lies outside of the page's folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            path.chmod(0o600)
        elif block.language == "console":
            for command in commands(block):
                done = subprocess.run(["bash", "-c", command.line], cwd=place, env=surroundings, stdin=subprocess.DEVNULL, timeout=_LIMIT,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
                yield command, tuple(line.rstrip() for line in done.stdout.decode().rstrip().splitlines())


def _surroundings(folder: Path) -> dict[str, str]:
    """The environment of examples: this Python's salesgauge by its name, a terminal's width, nothing of the person's own settings."""
    programs = folder / "bin"
    programs.mkdir()
    script = programs / "salesgauge"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m salesgauge "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALESGAUGE_")}
    source = str(ROOT / "src")
    return kept | {"PATH": f"{programs}:{os.environ.get('PATH', '')}", "COLUMNS": str(WIDTH), "LC_ALL": "C.UTF-8", "NO_COLOR": "1",
                   "PYTHONPATH": f"{source}:{kept['PYTHONPATH']}" if kept.get("PYTHONPATH") else source}


def agrees(expected: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether a command printed what its page says. A line `...` stands for any lines, `...` within a line for any text."""
    parts = []
    for line in expected:
        if line.strip() == ANY:
            parts.append(r"(?:.*\n)*")
        else:
            parts.append(".*".join(re.escape(text) for text in line.rstrip().split(ANY)) + r"\n")
    return re.fullmatch("".join(parts), "".join(line + "\n" for line in printed)) is not None


def rewrite(page: Path, folder: Path) -> bool:
    """Puts into a page what its examples print now, except where it leaves something open with `...`; whether that changed it."""
    old = page.read_text(encoding="utf-8")
    lines = old.splitlines()
    for command, printed in reversed(list(run(page, folder))):
        if not any(ANY in line for line in command.expected):
            lines[command.first:command.end] = printed
    new = "\n".join(lines) + "\n"
    page.write_text(new, encoding="utf-8")
    return new != old
