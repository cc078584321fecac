"""The public sample of Zoho CRM comes in as it is, by one command, and gives the figures that others published."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from salesgauge.cli.program import main
from salesgauge.workspace import Workspace

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("SALESGAUGE_SHARED") or ROOT.parent / "shared") / "data" / "zoho_crm_sample"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVER = "2015-01-01..2026-01-01"

if not DATA.is_dir() and os.environ.get("CI") != "true":
    pytest.skip(f"the public data sets are not in {DATA} (set SALESGAUGE_SHARED)", allow_module_level=True)


@pytest.fixture(scope="module")
def zoho(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("zoho") / "W"
    workspace = Workspace.create(folder, "America/New_York", "USD", {})
    assert main(["import", *map(str, sorted(DATA.glob("*.csv"))), "--workspace", str(folder)], now=lambda: NOW) == 0
    return workspace


def ask(workspace: Workspace, kpi: str, **more: Any) -> list[dict[str, Any]]:
    answer, = workspace.answer([{"kpi": kpi, "period": EVER, **more}])
    rows: list[dict[str, Any]] = answer["rows"]
    return rows


def test_it_has_3900_leads_of_which_3632_were_converted(zoho: Workspace) -> None:
    row, = ask(zoho, "lead_to_opportunity_rate")
    assert (row["numerator"], row["denominator"]) == (3632, 3900)


@pytest.mark.parametrize(("channel", "published"), [("Advertisement", 93.2039), ("Cold Call", 94.6078), ("Employee Referral", 92.2049)])
def test_the_conversion_of_a_channel_is_the_published_one(zoho: Workspace, channel: str, published: float) -> None:
    row, = ask(zoho, "lead_to_opportunity_rate", where={"channel": [channel]})
    assert round(row["value"] * 100, 4) == published


def test_1425_deals_are_won_485_lost_and_1722_open(zoho: Workspace) -> None:
    row, = ask(zoho, "win_rate_decided")
    assert (row["numerator"], row["denominator"]) == (1425, 1425 + 485)
    created, = ask(zoho, "new_opportunities")
    assert created["value"] == 1425 + 485 + 1722


def test_owners_are_the_users_whose_names_they_are(zoho: Workspace) -> None:
    assert {row["by"]["rep"] for row in ask(zoho, "new_leads", by=["rep"])} == {str(n) for n in range(1001, 1012)}


def test_the_saved_mapping_repeats_the_import_and_changes_nothing(zoho: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    mapping = zoho.folder / "mappings" / "zoho-crm.toml"
    assert main(["load", str(DATA), "--mapping", str(mapping), "--workspace", str(zoho.folder), "--format", "csv"], now=lambda: NOW) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    assert [row[-7:-2] for row in rows if row[0] == "leads"] == [["0", "0", "3900", "0", "0"]]
