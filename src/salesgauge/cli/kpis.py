"""`salesgauge kpis`: the list of all KPIs."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesgauge.cli import options

if TYPE_CHECKING:
    from salesgauge.semantics.kpi import Catalogue, Kpi
    from salesgauge.semantics.shape import Shape

COLUMNS = ("id", "name", "area", "unit", "kind", "better", "watch", "dimensions", "source")


@click.command("kpis")
@options.workspace
@options.form
@options.lang
def command(folder: Path, form: str, lang: str) -> None:
    """Lists the KPIs: id, name, area, unit, which direction is better, the KPI to watch beside it, dimensions, source.

    In a workspace its own KPIs and dimensions are listed too.
    """
    from salesgauge.cli import printing
    from salesgauge.language import language
    words = language(lang)
    catalogue, shape = catalogue_of(folder)
    if form == "table":
        _print(catalogue, shape, lang)
        return
    listed: list[dict[str, Any]] = [
        {"id": k.id, "name": words.kpi_name(k.id, k.id), "area": k.area, "unit": k.unit, "kind": k.kind, "better": k.better or None,
         "watch": k.watch, "dimensions": list(dimensions(k, shape)), "source": k.source} for k in catalogue.values()]
    if form == "json":
        printing.write_json({"kpis": listed})
    else:
        printing.write_csv(COLUMNS, ([" ".join(v) if isinstance(v, list) else v for v in entry.values()] for entry in listed))


def catalogue_of(folder: Path) -> tuple[Catalogue, Shape | None]:
    """The catalogue and shape of a workspace; where the folder was not named and is none, the built-in catalogue and no shape."""
    if not options.is_workspace(folder):
        from salesgauge.catalogue import built_in
        return built_in(), None
    from salesgauge.store.opened import shape_of
    from salesgauge.workspace import Workspace
    workspace = Workspace(folder)
    generation = workspace.loaded()
    return workspace.catalogue, shape_of(generation, workspace.settings, dated=False) if generation else None


def dimensions(kpi: Kpi, shape: Shape | None) -> tuple[str, ...]:
    """Its dimensions, with a workspace's own where there is one."""
    return kpi.dimensions if shape is None else kpi.all_dimensions(shape)


def _print(catalogue: Catalogue, shape: Shape | None, lang: str) -> None:
    from salesgauge.cli.tables import Column, Page
    from salesgauge.language import language
    page, words = Page(), language(lang)
    direction = {"up": words.term("higher_is_better"), "down": words.term("lower_is_better"), "band": words.term("within_band"), "": ""}
    headings = ("kpi", "unit", "direction", "watch", "dimensions", "source")
    columns = [Column(words.heading("id"), style="bold"), *(Column(words.heading(key)) for key in headings)]
    for area, kpis in groupby(catalogue.values(), key=lambda kpi: kpi.area):
        rows = [[kpi.id, words.kpi_name(kpi.id, kpi.id), words.unit(kpi.unit), direction[kpi.better], kpi.watch or "",
                 ", ".join(dimensions(kpi, shape)), kpi.source] for kpi in kpis]
        page.table(columns, rows, words.area(area))
