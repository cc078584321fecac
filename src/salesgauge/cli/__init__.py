"""The command line. Each command is a module of its own, imported only when it is called: a question that is answered from cached SQL
never loads what tables, files or expressions need."""

from __future__ import annotations

import sys


def run() -> None:
    """Runs the command that the process was started with, and ends the process with its exit code."""
    from salesgauge.cli.program import main
    sys.exit(main(sys.argv[1:]))
