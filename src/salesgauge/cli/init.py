"""`salesgauge init`: a new workspace."""

from __future__ import annotations

from pathlib import Path

import click

from salesgauge.cli import options
from salesgauge.errors import SettingError
from salesgauge.settings import ADJUSTABLE

_SETTINGS = "\n".join(f"  {name} = {known.default}: {known.metadata['meaning']}" for name, known in ADJUSTABLE.items())


@click.command("init", epilog=f"\b\nThe settings, with their defaults:\n{_SETTINGS}")
@click.argument("folder", metavar="WORKSPACE", type=click.Path(path_type=Path))
@click.option("--timezone", default="UTC", show_default=True, help="The zone whose days and months count; it cannot be changed later.")
@click.option("--currency", default="EUR", show_default=True, help="The currency of all sums; it cannot be changed later.")
@click.option("--set", "chosen", multiple=True, metavar="KEY=VALUE", help="A setting that differs from its default; may be repeated.")
@options.lang
def command(folder: Path, timezone: str, currency: str, chosen: tuple[str, ...], lang: str) -> None:
    """Makes a workspace: a folder with its settings (salesgauge.toml), and soon its data."""
    from salesgauge.cli.tables import Page
    from salesgauge.language import language
    from salesgauge.workspace import Workspace
    made = Workspace.create(folder, timezone, currency, read_settings(chosen))
    Page().paragraph(language(lang).message("workspace_made", folder=str(made.folder), timezone=made.settings.timezone,
                                            currency=made.settings.currency))


def read_settings(given: tuple[str, ...]) -> dict[str, str]:
    """The settings of `--set key=value`; SettingError for one without an equals sign or given twice."""
    found: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise SettingError(f"cannot read --set {text!r}: write KEY=VALUE, as activity_window_days=180")
        if key in found:
            raise SettingError(f"setting {key} is given twice")
        found[key] = value
    return found
