"""The examples of the documentation run and print what stands there; its other blocks can be read."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from docs.making.examples import agrees, commands, run
from docs.making.pages import ROOT, Block, blocks, pages

TEXTS = {page: page.read_text(encoding="utf-8") for page in pages()}
WITH_EXAMPLES = [page for page, text in TEXTS.items() if any(block.language == "console" for block in blocks(text))]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=named)
def test_every_example_prints_what_its_page_says(page: Path, tmp_path: Path) -> None:
    for command, printed in run(page, tmp_path):
        assert not any(line.startswith("Traceback") for line in printed), f"{named(page)}: $ {command.line}\n" + "\n".join(printed)
        assert agrees(command.expected, printed), (
            f"{named(page)}: $ {command.line}\n" + "\n".join(printed) + "\nis not what stands there; after a look: make docs")


@pytest.mark.parametrize("page", list(TEXTS), ids=named)
def test_every_other_block_can_be_read(page: Path) -> None:
    for block in blocks(TEXTS[page]):
        if block.language == "toml":
            tomllib.loads(block.text)
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "python":
            compile(block.text, named(page), "exec")
        assert block.language, f"{named(page)}, line {block.first}: say what the block is (text, console, csv, toml ...)"


def test_three_dots_stand_for_any_lines_and_within_a_line_for_any_text() -> None:
    assert agrees(("a", "...", "z 1..."), ("a", "b", "c", "z 10"))
    assert agrees(("...",), ())
    assert not agrees(("a", "..."), ("b", "a"))
    assert not agrees(("a.c",), ("abc",))


def test_a_console_block_is_commands_with_their_output() -> None:
    block = Block("console", "", 10, ("$ one \\", "  more", "out", "$ two"))
    assert [(c.line, c.expected) for c in commands(block)] == [("one \\\n  more", ("out",)), ("two", ())]


def test_a_console_block_that_begins_with_output_is_refused() -> None:
    with pytest.raises(ValueError, match="line 11: output without a command"):
        commands(Block("console", "", 10, ("out",)))
