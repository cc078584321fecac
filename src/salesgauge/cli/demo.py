"""`salesgauge demo`: a workspace with a simulated company in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from salesgauge.cli import options

SIZES = ("small", "medium", "large")
LAST_DAY = "2026-06-30"
TRUTH, FILES = "truth.json", "demo-files"


@click.command("demo")
@click.argument("folder", metavar="WORKSPACE", type=click.Path(path_type=Path))
@click.option("--size", type=click.Choice(SIZES), default="small", show_default=True,
              help="small is made in seconds; medium has 100,000 leads and 4 M activities, large ten times as many.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same company.")
@click.option("--last-day", type=click.DateTime(["%Y-%m-%d"]), default=LAST_DAY, show_default=True, metavar="DATE",
              help="The last of the three years that it sells.")
@options.form
@options.lang
def command(folder: Path, size: str, seed: int, last_day: datetime, form: str, lang: str) -> None:
    """Makes a workspace with a simulated company, loads it and shows the scorecard of its last month.

    The parameters behind it are kept beside it, in truth.json.
    """
    from salesgauge.cli.progress import watched
    from salesgauge.cli.scorecard import last_month, show
    from salesgauge.demo import CURRENCY, TIMEZONE, simulate
    from salesgauge.workspace import Workspace
    with undone_on_failure(folder):
        workspace = Workspace.create(folder, TIMEZONE, CURRENCY, {})
        files = folder / FILES
        with watched("simulating") as tell:
            simulate(files, size, seed, last_day.date(), form="parquet", progress=tell)
        over = (last_day + timedelta(days=1)).replace(tzinfo=workspace.settings.zone)
        with watched("loading") as tell:
            workspace.load(files, now=over.astimezone(UTC), progress=tell)
        (files / TRUTH).replace(folder / TRUTH)
        shutil.rmtree(files)
    show(workspace, last_month(workspace, over, None), (), None, form, lang)
    if form == "table":
        from salesgauge.cli.tables import Page
        from salesgauge.language import language
        Page().paragraph(language(lang).message("next_step", command=f"salesgauge explain win_rate --workspace {folder}"))


@contextmanager
def undone_on_failure(folder: Path) -> Iterator[None]:
    """Takes away what was begun in a new workspace, where it could not be finished; a workspace that was there before stays."""
    from salesgauge.settings import FILE
    from salesgauge.store.generation import FOLDER
    was_workspace, was_there = (folder / FILE).exists(), folder.exists()
    try:
        yield
    except BaseException:
        if not was_workspace:
            for name in (FOLDER, FILES):
                shutil.rmtree(folder / name, ignore_errors=True)
            (folder / FILE).unlink(missing_ok=True)
            if not was_there and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise
