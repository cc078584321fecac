"""The picture of the README: the scorecard of the demo company as a terminal shows it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from docs.making.pages import ROOT

PATH = ROOT / "docs" / "images" / "scorecard.svg"
WIDTH = 120
_ROWS = 34  # what fits a screen; the whole scorecard has some seventy


def draw(workspace: Path) -> str:
    """The SVG of a workspace's scorecard, alike for alike input."""
    surroundings = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    shown = subprocess.run([sys.executable, "-m", "salesgauge", "scorecard", "--workspace", str(workspace)], env=surroundings, check=True,
                           stdout=subprocess.PIPE).stdout.decode()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi("\n".join(shown.splitlines()[:_ROWS])))
    svg = console.export_svg(title="salesgauge scorecard", theme=DIMMED_MONOKAI, unique_id="scorecard")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # a picture that fetches fonts from elsewhere is none
