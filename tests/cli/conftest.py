"""Two workspaces, made once: the tiny conformance pack, and a company whose records contradict themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from salesgauge.cli.program import main
from salesgauge.workspace import Workspace

NOW = datetime(2025, 9, 1, tzinfo=UTC)

MESSY = {
    "reps": "rep_id,name,team\nR1,Ann,East\nR2,Bo,West\n",
    "accounts": "account_id,name\nA1,Acme GmbH\nA2,\"ACME, G.m.b.H.\"\nA3,北京科技有限公司\nA4,北京科技\nA5,Other Inc\n",
    "stages": "pipeline,stage,is_qualified\nmain,New,false\n",
    "leads": "lead_id,created_at,owner_id,team,utm source\n"
             "L1,2025-01-02,R1,North,web\nL2,2025-01-03,R9,,\nL3,2030-01-01,R1,,\nL4,2025-02-30,R1,,\n",
    "activities": "activity_id,occurred_at,kind,lead_id,sentiment\nT1,2025-01-03,call,L1,positive\nT2,2025-01-04,call,,=2+5\n",
    "opportunities": "opportunity_id,created_at,closed_at,outcome,pipeline,stage,amount,currency,account_id,owner_id\n"
                     "O1,2025-03-01,2025-02-01,won,main,New,100,EUR,A1,R1\nO2,2025-03-01,,won,main,Lost in space,,USD,A9,R1\n"
                     "O3,2025-03-01,2025-04-01,,main,New,5,CHF,A1,R2\nO4,2025-01-01,2025-02-01,won,main,New,7,USD,A1,R1\n",
    "stage_changes": "opportunity_id,changed_at,stage\nO1,2025-01-01,New\nO4,2025-06-01,New\nO99,2025-06-01,New\n",
    "exchange_rates": "currency,rated_on,rate\nUSD,2025-01-15,0.9\n",
    "contracts": "contract_id,account_id,starts_on,ends_on,total_value\nC1,A1,2025-02-01,2025-01-01,10\n",
    "quotas": "rep_id,starts_on,ends_on,amount\nR1,2025-01-01,2025-04-01,9\nR1,2025-02-01,2025-03-01,9\nR2,2025-01-01,2025-02-01,9\n",
    "rep_assignments": "rep_id,team,valid_from,valid_to\nR1,East,2025-01-01,2025-06-01\nR1,West,2025-03-01,\n",
    "forecasts": "forecast_id,rep_id,submitted_at,starts_on,ends_on,amount\n"
                 "F1,R1,2025-01-01,2025-01-01,2025-04-01,5\nF2,R1,2025-01-01,2025-01-10,2025-04-01,5\n",
    "orders": "order_id,ordered_at,account_id\n=B1,2025-01-05,A1\nB2,2025-01-05,A1\n",
    "order_lines": "order_id,line,quantity,unit_price\n=B1,1,2,3\nB7,1,2,3\n",
    "survey_responses": "response_id,survey,responded_at,score\nQ1,nps,2025-01-01,11\nQ2,nps,2025-01-01,9\n",
}


@dataclass(frozen=True)
class Said:
    """What the program said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Ask = Callable[..., Said]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs the program in this process, at a fixed instant."""
    for name in ("SALESGAUGE_WORKSPACE", "SALESGAUGE_LANG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def asked(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = main([str(a) for a in arguments], now=lambda: NOW)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)
    return asked


@pytest.fixture(scope="session")
def tiny(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the tiny conformance pack."""
    folder = tmp_path_factory.mktemp("tiny") / "workspace"
    Workspace.create(folder, "Europe/Berlin", "EUR", {}).load(shared_folder / "conformance" / "tiny", now=NOW)
    return folder


@pytest.fixture(scope="session")
def messy_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a company whose records contradict themselves."""
    folder = tmp_path_factory.mktemp("messy")
    for name, text in MESSY.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def messy(messy_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with those files."""
    folder = tmp_path_factory.mktemp("messy") / "workspace"
    Workspace.create(folder, "UTC", "EUR", {}).load(messy_files, now=NOW)
    return folder
