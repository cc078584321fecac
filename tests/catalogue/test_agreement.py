"""The catalogue is the one that kpis.md states, in its order, and speaks as the languages do."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from salesgauge.catalogue import built_in
from salesgauge.language import language
from salesgauge.semantics.kpi import Kpi

SPEC = Path(os.environ.get("SALESGAUGE_SHARED") or Path(__file__).parents[2] / ".." / "shared") / "spec"
AREAS = {"Lead generation": "lead_generation", "Pipeline and closing": "pipeline", "Revenue, price and product": "revenue",
         "Customers": "customers", "People": "people"}
CATALOGUE = built_in()
PURCHASES = "orders (in a workspace without that table opportunities)"


@dataclass(frozen=True)
class Stated:
    """One row of kpis.md."""

    id: str
    area: str
    kind: str
    median: bool
    unit: str
    better: str
    watch: str | None
    dimensions: tuple[str, ...]
    source: str


def stated() -> list[Stated]:
    """The KPIs of kpis.md, in order."""
    found: list[Stated] = []
    area = ""
    of_row: dict[str, tuple[str, ...]] = {}
    for line in (SPEC / "kpis.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            area = AREAS.get(line[3:], "")
        if not area or not line.startswith("| ") or line.startswith("| id "):
            continue
        ids, _fraction, kind_unit, better, watch, dimensions, source = (cell.strip() for cell in line.strip("|").split("|"))
        kind, *median, unit = kind_unit.split(", ") if ", " in kind_unit else (kind_unit, kind_unit)
        bare = re.sub(r"\([^()]*\)", "", dimensions)
        if not bare.startswith("as "):
            named: tuple[str, ...] = tuple(d.strip().replace(" †", "†") for d in bare.split(",")) if bare else ()
        elif bare != "as above":
            named = of_row[bare.removeprefix("as ")]
        for kpi in ids.split(", "):
            of_row[kpi] = named
            found.append(Stated(kpi, area, kind, median == ["median"], unit, better, watch or None, named, source))
    return found


STATED = stated()


def declared(kpi: Kpi) -> Stated:
    """What the catalogue says of a KPI, in the words of kpis.md."""
    dimensions = tuple(d + "†" * (d in kpi.one_sided) for d in kpi.dimensions)
    return Stated(kpi.id, kpi.area, kpi.kind, kpi.median, kpi.unit, kpi.better, kpi.watch, dimensions, kpi.source)


def test_the_catalogue_has_the_57_kpis_of_kpis_md_in_their_order() -> None:
    assert len(STATED) == 57
    assert list(CATALOGUE) == [row.id for row in STATED]


@pytest.mark.parametrize("row", STATED, ids=lambda row: row.id)
def test_a_kpi_is_declared_as_kpis_md_states_it(row: Stated) -> None:
    assert declared(CATALOGUE[row.id]) == row


def test_every_kpi_that_is_watched_exists() -> None:
    assert {row.watch for row in STATED} - {None} <= set(CATALOGUE)


def test_the_columns_of_a_company_are_dimensions_of_the_kpis_that_rule_4_names() -> None:
    model = (SPEC / "model.md").read_text(encoding="utf-8")
    rule = re.search(r"A column beyond the canonical ones, of \.\.\. is a dimension of \.\.\.: (.*)", model)
    assert rule is not None
    named: dict[str, str] = {}
    for part in rule[1].rstrip(".").split("; "):
        table, kpis = part.split(": ")
        named |= dict.fromkeys(kpis.split(", "), "purchase" if table == PURCHASES else table)
    assert {kpi.id: kpi.extras_of for kpi in CATALOGUE.values() if kpi.extras_of} == named


@pytest.mark.parametrize("kpi", CATALOGUE.values(), ids=lambda kpi: kpi.id)
def test_the_docstring_of_a_kpi_is_its_english_meaning(kpi: Kpi) -> None:
    assert " ".join(kpi.meaning.split()) == language("en").kpi_meaning(kpi.id)
