"""A company's own KPIs: the file kpis.py of a workspace."""

from pathlib import Path

import pytest

from salesgauge.errors import CatalogueError
from salesgauge.workspace import Workspace

HEAD = "from salesgauge.catalogue.sources import deals, leads\n\ndef declare(catalogue):\n    kpi = catalogue.area()\n"
SOUND = HEAD + '''
    @kpi(unit="count", kind="count", dimensions="rep team", extras_of="opportunities")
    def lost_deals():
        """Deals lost in the period."""
        return deals.count("lost", on="closed", where=lambda t: t.outcome == "lost")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Workspace.create(tmp_path, "UTC", "EUR", {})
    return tmp_path


def refusal(folder: Path, text: str, mode: int = 0o600) -> str:
    """What opening a workspace with such a file says."""
    path = folder / "kpis.py"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(CatalogueError) as refused:
        Workspace(folder)
    return refused.value.message


def test_an_own_kpi_joins_the_catalogue_in_an_area_of_its_own(folder: Path) -> None:
    (folder / "kpis.py").write_text(SOUND)
    (folder / "kpis.py").chmod(0o600)
    found = Workspace(folder).catalogue["lost_deals"]
    assert (found.area, found.built_in, found.meaning, found.dimensions) == ("own", False, "Deals lost in the period.", ("rep", "team"))
    assert list(Workspace(folder).catalogue)[-1] == "lost_deals"


def test_an_own_kpi_cannot_replace_a_built_in_one(folder: Path) -> None:
    message = refusal(folder, SOUND.replace("lost_deals", "win_rate"))
    assert message.startswith("kpis.py:6: KPI win_rate: the id is that of a built-in KPI")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_to_is_not_run(folder: Path, mode: int) -> None:
    assert "is not run" in refusal(folder, "raise SystemExit", mode)


def test_a_link_to_a_file_elsewhere_is_not_run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "kpis.py"
    elsewhere.write_text("raise SystemExit")
    (folder / "kpis.py").symlink_to(elsewhere)
    with pytest.raises(CatalogueError, match="is not run"):
        Workspace(folder)


@pytest.mark.parametrize(("text", "said"), [
    ("x = 1\n", "kpis.py:1: it has no function declare"),
    ("\n\ndef declare(catalogue:\n", "kpis.py:3: "),
    ("\nx = 1 / 0\n", "kpis.py:2: ZeroDivisionError: division by zero"),
    (HEAD + "    kpi.moon()\n", "kpis.py:5: AttributeError"),
    (SOUND.replace('"""Deals lost in the period."""', ""), "kpis.py:6: KPI lost_deals: it has no docstring"),
    (SOUND.replace('unit="count"', 'unit="dozens"'), "kpis.py:6: KPI lost_deals: unit cannot be 'dozens'"),
    (SOUND.replace('kind="count"', 'kind="mean"'), "kpis.py:6: KPI lost_deals: a sum or a count is one measure"),
    (SOUND.replace("return deals.count", "deals.count"), "kpis.py:6: KPI lost_deals: it returns None"),
])
def test_a_declaration_that_is_not_sound_is_named_with_file_and_line(folder: Path, text: str, said: str) -> None:
    assert refusal(folder, text).startswith(said)


@pytest.mark.parametrize(("text", "said"), [
    (SOUND.replace('dimensions="rep team"', 'dimensions="rep moon"'), "has no column for moon"),
    (SOUND.replace("t.outcome", "t.outcom"), "outcom"),
    (SOUND.replace('on="closed"', 'on="clozed"'), "clozed"),
])
def test_a_column_that_the_fact_lacks_shows_when_the_workspace_is_opened(folder: Path, text: str, said: str) -> None:
    message = refusal(folder, text)
    assert message.startswith("kpis.py:6: KPI lost_deals: ")
    assert said in message
