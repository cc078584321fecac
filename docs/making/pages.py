"""The pages of the documentation, and the fenced blocks in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it stands for ("" for none), and its lines, of which the first is line `first` (from 0)."""

    language: str
    file: str
    first: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The block as a file would hold it."""
        return "".join(line + "\n" for line in self.lines)


def pages() -> list[Path]:
    """Every page that people read, the README first."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in order. "```csv data/leads.csv" is the file data/leads.csv. ValueError for one without an end."""
    found: list[Block] = []
    lines = text.splitlines()
    start, fence = -1, None
    for number, line in enumerate(lines):
        met = _FENCE.match(line)
        if met is None:
            continue
        if fence is None:
            start, fence = number + 1, met
        elif not met["info"]:
            language, _, file = fence["info"].strip().partition(" ")
            found.append(Block(language, file.strip(), start, tuple(inner.removeprefix(fence["indent"]) for inner in lines[start:number])))
            fence = None
    if fence is not None:
        raise ValueError(f"the block that begins in line {start} has no end")
    return found
