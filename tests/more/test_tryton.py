"""A real CRM: Tryton is installed, filled through its own procedures, synced, changed, synced again, and emptied in part."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import Secret
from salesgauge.sources.tryton.rpc import Rpc
from salesgauge.store.lineage import lineage
from salesgauge.workspace import Workspace

pytestmark = pytest.mark.more
PASSWORD = "four unrelated words"
DATABASE, USER = "crm", "admin"
SETTINGS = """[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
[session]
authentications = password
"""


class Crm:
    """A running Tryton and what is done in it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._rpc = Rpc("tryton", address, DATABASE, USER, Secret(PASSWORD))
        (party,) = self.create("party.party", name="Our own")
        (currency,) = self.create("currency.currency", name="Euro", code="EUR", symbol="€")
        (self.company,) = self.create("company.company", party=party, currency=currency)
        users = self.call("res.user.search", [["login", "=", USER]])
        self.call("res.user.write", users, {"companies": [["add", [self.company]]], "company": self.company})
        self._currency = currency

    def call(self, method: str, *arguments: Any) -> Any:
        context = {"company": self.company} if hasattr(self, "company") else {}
        return self._rpc.call(f"model.{method}", *arguments, context=context)

    def create(self, model: str, **values: Any) -> list[int]:
        found: list[int] = self.call(f"{model}.create", [values])
        return found

    def employee(self, name: str) -> int:
        (party,) = self.create("party.party", name=name)
        return self.create("company.employee", party=party, company=self.company)[0]

    def lead(self, party: int, employee: int, amount: str) -> int:
        return self.create("sale.opportunity", party=party, employee=employee, company=self.company, currency=self._currency,
                           amount={"__class__": "Decimal", "decimal": amount},
                           start_date={"__class__": "date", "year": 2025, "month": 1, "day": 5})[0]

    def move(self, deal: int, *states: str) -> None:
        """Presses the buttons of a deal."""
        for state in states:
            self.call(f"sale.opportunity.{state}", [deal])

    def close(self) -> None:
        self._rpc.close()


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    folder = tmp_path_factory.mktemp("tryton")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "trytond.conf").write_text(SETTINGS.format(folder=folder, port=port))
    (folder / f"{DATABASE}.sqlite").touch()
    (folder / "password").write_text(PASSWORD + "\n")
    programs = Path(sys.executable).parent
    common = [str(folder / "trytond.conf"), "-d", DATABASE]
    subprocess.run([programs / "trytond-admin", "-c", *common, "-u", "sale_opportunity", "sale_history", "--activate-dependencies",
                    "--email", "admin@example.com"], check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=900,
                   env={**os.environ, "TRYTONPASSFILE": str(folder / "password")})
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen([programs / "trytond", "-c", *common], stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            answers(address, server)
            made = Crm(address)
            yield made
            made.close()
        finally:
            server.terminate()
            server.wait(30)


def answers(address: str, server: subprocess.Popen[bytes]) -> None:
    """Returns as soon as the server answers."""
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            httpx.get(address, timeout=5)
            return
        except httpx.TransportError:
            with suppress(subprocess.TimeoutExpired):
                server.wait(0.2)  # a moment, unless the server ends in it
    raise AssertionError("the server does not answer")


def connected(folder: Path, crm: Crm) -> Workspace:
    workspace = Workspace.create(folder, "UTC", "EUR", {})
    (folder / "connections").mkdir()
    (folder / "connections" / "erp.toml").write_text(
        f'kind = "tryton"\n[options]\nurl = "{crm.address}"\ndatabase = "{DATABASE}"\nuser = "{USER}"\n'
        '[secrets]\npassword = "env:ERP_PASSWORD"\n')
    return workspace


def sync(workspace: Workspace, password: str = PASSWORD) -> dict[str, dict[str, Any]]:
    """What a sync did to each table."""
    done = workspace.sync("erp", now=datetime.now(UTC), environment={"ERP_PASSWORD": password})
    return {table["table"]: table for table in done.as_json()["load"]["tables"]}


def value(workspace: Workspace, kpi: str, **more: Any) -> Any:
    (found,) = workspace.answer([{"kpi": kpi, "period": str(datetime.now(UTC).year), **more}])
    return [(row["by"].get("rep"), row["numerator"], row["denominator"]) for row in found["rows"]]


def test_what_was_done_in_the_crm_is_what_the_kpis_say(tmp_path: Path, crm: Crm) -> None:
    ada, bo = crm.employee("Ada Quist"), crm.employee("Bo Marlow")
    (acme,), (zeta,) = crm.create("party.party", name="Acme"), crm.create("party.party", name="Zeta")
    standing, lost = crm.lead(acme, ada, "1200.00"), crm.lead(zeta, ada, "800")
    still, only = crm.lead(acme, bo, "50.5"), crm.lead(zeta, bo, "7")
    crm.move(standing, "opportunity")
    crm.move(lost, "opportunity", "lost")
    crm.move(still, "opportunity")
    workspace = connected(tmp_path / "w", crm)
    first = sync(workspace)
    assert {name: first[name]["new"] for name in ("reps", "accounts", "leads", "opportunities")} == {
        "reps": 2, "accounts": 2, "leads": 4, "opportunities": 3}
    assert all(not table["rows_aside"] and not table["cells_aside"] for table in first.values())
    assert value(workspace, "win_rate_decided", by=["rep"]) == [(str(ada), 0, 1)]
    assert value(workspace, "lead_to_opportunity_rate", by=["rep"]) == [(str(ada), 2, 2), (str(bo), 1, 2)]

    again = sync(workspace)
    assert all((table["new"], table["changed"], table["gone"]) == (0, 0, 0) for table in again.values()), "nothing changed there"

    crm.call("sale.opportunity.write", [still], {"amount": {"__class__": "Decimal", "decimal": "60.25"}})
    crm.move(still, "lost")
    crm.move(only, "opportunity")
    second = sync(workspace)
    assert (second["opportunities"]["new"], second["opportunities"]["changed"], second["opportunities"]["gone"]) == (1, 1, 0)
    assert value(workspace, "win_rate_decided", by=["rep"]) == [(str(ada), 0, 1), (str(bo), 0, 1)]
    with workspace.session() as session:
        assert session.con.execute("SELECT amount FROM opportunities WHERE opportunity_id = ?", [str(still)]).fetchall() == [(60.25,)]
        stages = session.con.execute("SELECT stage FROM stage_changes WHERE opportunity_id = ? ORDER BY changed_at",
                                     [str(still)]).fetchall()
        assert [stage for stage, in stages] == ["opportunity", "opportunity", "lost"]
        assert lineage(session, "opportunities", [str(still)])[str(still)].record == f"sale.opportunity/{still}"

    crm.move(lost, "lead")
    third = sync(workspace)
    assert third["opportunities"]["changed"] == 1
    assert value(workspace, "win_rate_decided", by=["rep"]) == [(str(bo), 0, 1)], "a deal that was opened again is not lost any more"

    crm.move(still, "lead", "cancel")  # Tryton deletes what was cancelled, and nothing else
    crm.call("sale.opportunity.delete", [still])
    fourth = sync(workspace)
    assert (fourth["opportunities"]["gone"], fourth["leads"]["gone"]) == (1, 1)
    with workspace.session() as session:
        assert session.con.execute("SELECT opportunity_id FROM opportunities ORDER BY 1").fetchall() == [
            (str(number),) for number in sorted((standing, lost, only), key=str)]


def test_a_wrong_password_is_said_without_it_and_changes_nothing(tmp_path: Path, crm: Crm) -> None:
    workspace = connected(tmp_path / "w", crm)
    with pytest.raises(SourceError, match=r"it refuses \(401\): the secret is wrong") as problem:
        sync(workspace, "hunter2")
    assert "hunter2" not in str(problem.value)
