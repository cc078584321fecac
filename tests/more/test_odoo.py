"""A real Odoo, where one is installed: filled through its own methods, synced, changed, synced again, and emptied in part.

The program is `odoo` (Debian's package odoo-19), or what the environment variable ODOO names, such as "venv/bin/python tree/usr/bin/odoo".
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from engines.servers import postgresql
from salesgauge.sources.connections.connection import read
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.syncing import rights
from salesgauge.workspace import Workspace

pytestmark = pytest.mark.more
PROGRAM = shlex.split(os.environ.get("ODOO", "odoo"))
DATABASE = "crm"
MAKE_KEYS = """
from datetime import datetime, timedelta
reader = env['res.users'].create({'name': 'Reader', 'login': 'reader', 'group_ids': [
    (6, 0, [env.ref('base.group_user').id, env.ref('sales_team.group_sale_salesman_all_leads').id])]})
for user in env['res.users'].search([('login', '=', 'admin')]), reader:
    until = datetime.now() + timedelta(hours=6)
    print('KEY=' + user.with_user(user).env['res.users.apikeys']._generate('rpc', 'salesgauge', until))
env.cr.commit()
"""


class Crm:
    """A running Odoo and what is done in it, as its administrator. `reader` is the key of a user who may see all sales, and no more."""

    def __init__(self, address: str, key: str, reader: str) -> None:
        self.address, self.key, self.reader = address, key, reader
        self._client = httpx.Client(base_url=address, timeout=120, headers={"Authorization": f"bearer {key}", "X-Odoo-Database": DATABASE})

    def call(self, model: str, method: str, *ids: int, **parameters: Any) -> Any:
        """What a method of a model gives."""
        found = self._client.post(f"/json/2/{model}/{method}", json={**parameters, **({"ids": list(ids)} if ids else {})})
        assert found.status_code == 200, found.text
        return found.json()

    def create(self, model: str, **values: Any) -> int:
        """A new record; its id."""
        (number,) = self.call(model, "create", vals_list=[values])
        return int(number)

    def write(self, model: str, number: int, **values: Any) -> None:
        """Changes a record."""
        self.call(model, "write", number, vals=values)

    def stage(self, name: str) -> int:
        """The stage of that name."""
        (found,) = self.call("crm.stage", "search", domain=[["name", "=", name]])
        return int(found)

    def close(self) -> None:
        """Ends the line to it."""
        self._client.close()


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    if shutil.which(PROGRAM[0]) is None:
        pytest.skip("there is no Odoo: install Debian's package odoo-19, or name its program in the environment variable ODOO")
    folder = tmp_path_factory.mktemp("odoo")
    with postgresql() as database:
        at = urlsplit(database)
        port = (at.port or 0) + 1
        common = ["--db_host", str(at.hostname), "--db_port", str(at.port), "--db_user", str(at.username), "-d", DATABASE, "--data-dir",
                  str(folder), "--without-demo", "all", "--log-level", "warn"]
        done([*common, "-i", "sale_crm", "--stop-after-init", "--no-http"])
        said = done(["shell", *common, "--no-http"], MAKE_KEYS)
        key, reader = [line.partition("KEY=")[2].strip() for line in said.splitlines() if "KEY=" in line]
        with (folder / "server.log").open("w") as log:
            server = subprocess.Popen([*PROGRAM, *common, "--http-interface", "127.0.0.1", "-p", str(port), "--max-cron-threads", "0"],
                                      stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            try:
                address = f"http://127.0.0.1:{port}"
                answers(address, server)
                opened = Crm(address, key, reader)
                yield opened
                opened.close()
            finally:
                server.terminate()
                server.wait(60)


def done(arguments: list[str], said: str = "") -> str:
    """What Odoo prints until it ends."""
    return subprocess.run([*PROGRAM, *arguments], input=said, check=True, capture_output=True, text=True, timeout=1800).stdout


def answers(address: str, server: subprocess.Popen[bytes]) -> None:
    """Returns as soon as the server answers."""
    until = time.monotonic() + 300
    while time.monotonic() < until and server.poll() is None:
        try:
            httpx.get(f"{address}/web/health", timeout=30)
            return
        except httpx.TransportError:
            with suppress(subprocess.TimeoutExpired):
                server.wait(0.5)  # a moment, unless the server ends in it
    raise AssertionError("the server does not answer")


class Reader:
    """A workspace that is connected to it."""

    def __init__(self, folder: Path, crm: Crm, key: str, without: str = "") -> None:
        self._environment, self.folder = {"ERP_KEY": key}, folder
        self.workspace = Workspace.create(folder, "UTC", "USD", {})
        (folder / "connections").mkdir()
        (folder / "connections" / "erp.toml").write_text(
            f'kind = "odoo"\n[options]\nurl = "{crm.address}"\ndatabase = "{DATABASE}"\nwithout = "{without}"\n'
            '[secrets]\nkey = "env:ERP_KEY"\n')

    def refused(self) -> list[str]:
        """What it may not read."""
        kept = Secrets(self.folder / "connections", self._environment)
        return [right.what for right in rights(read(self.folder, "erp"), kept) if not right.granted]

    def sync(self) -> dict[str, dict[str, Any]]:
        """What a sync did to each table."""
        done = self.workspace.sync("erp", now=datetime.now(UTC), environment=self._environment)
        return {table["table"]: table for table in done.as_json()["load"]["tables"]}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the workspace has."""
        with self.workspace.session() as session:
            return session.con.execute(query).fetchall()


def test_what_was_done_in_odoo_is_what_the_workspace_says(tmp_path: Path, crm: Crm) -> None:
    acme = crm.create("res.partner", name="Acme", is_company=True)
    buyer = crm.create("res.partner", name="Cleo", parent_id=acme)
    ada = crm.create("res.users", name="Ada", login="ada", email="ada@example.com")
    lead = crm.create("crm.lead", name="A lead", type="lead", partner_id=buyer, user_id=ada, expected_revenue=100.0)
    deal = crm.create("crm.lead", name="A deal", type="opportunity", partner_id=buyer, user_id=ada, expected_revenue=1200.5)
    lost = crm.create("crm.lead", name="Another", type="opportunity", partner_id=acme, user_id=ada, expected_revenue=800.0)
    reason = crm.create("crm.lost.reason", name="Too dear")
    crm.call("crm.lead", "convert_opportunity", lead, partner=False)
    crm.write("crm.lead", lead, partner_id=buyer)  # which the conversion took away, since it named none
    crm.write("crm.lead", deal, stage_id=crm.stage("Proposition"))
    crm.write("crm.lead", deal, expected_revenue=1500.0)
    crm.call("crm.lead", "action_set_won", deal)
    crm.call("crm.lead", "action_set_lost", lost, lost_reason_id=reason)
    crm.call("crm.lead", "message_post", deal, body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment")
    crm.call("crm.lead", "message_post", deal, body="A note", message_type="comment", subtype_xmlid="mail.mt_note")
    crm.create("calendar.event", name="Meet", start="2025-06-02 09:00:00", stop="2025-06-02 10:00:00", opportunity_id=deal, user_id=ada)
    product = crm.create("product.product", name="Pen", list_price=9.5)
    order = crm.create("sale.order", partner_id=buyer, opportunity_id=deal, user_id=ada, order_line=[
        [0, 0, {"product_id": product, "product_uom_qty": 3, "price_unit": 12.0, "discount": 50.0, "tax_ids": False}]])
    crm.call("sale.order", "action_confirm", order)
    reader = Reader(tmp_path / "w", crm, crm.key)
    first = reader.sync()
    assert all(not table["rows_aside"] and not table["cells_aside"] for table in first.values()), first
    assert reader.rows("SELECT opportunity_id, account_id, owner_id, stage, amount, outcome, loss_reason, closed_at IS NOT NULL, lead_id "
                       "FROM opportunities ORDER BY CAST(opportunity_id AS INTEGER)") == [
        (str(lead), str(acme), str(ada), "New", 100.0, None, None, False, f"lead-{lead}"),
        (str(deal), str(acme), str(ada), "Won", 1500.0, "won", None, True, None),
        (str(lost), str(acme), str(ada), "New", 800.0, "lost", "Too dear", True, None)]
    assert [stage for stage, in reader.rows(f"SELECT stage FROM stage_changes WHERE opportunity_id = '{deal}' "
                                            "ORDER BY changed_at, ordinal_")] == ["New", "Proposition", "Proposition", "Won"]
    assert reader.rows("SELECT kind, direction, status FROM activities ORDER BY kind") == [
        ("email", "outbound", None), ("meeting", "outbound", "held")]
    assert reader.rows("SELECT o.order_id, o.account_id, o.opportunity_id, l.quantity, l.unit_price FROM orders o JOIN order_lines l "
                       "ON l.order_id = o.order_id") == [(str(order), str(acme), str(deal), 3.0, 6.0)]

    again = reader.sync()
    assert all((table["new"], table["changed"], table["gone"]) == (0, 0, 0) for table in again.values()), "nothing changed there"

    crm.call("crm.lead", "action_unarchive", lost)
    crm.write("crm.lead", lead, expected_revenue=250.0, user_id=False)
    crm.call("crm.lead", "unlink", deal)
    crm.write("res.partner", buyer, parent_id=False)
    second = reader.sync()
    assert second["opportunities"]["gone"] == 1
    assert reader.rows("SELECT opportunity_id, account_id, owner_id, amount, outcome FROM opportunities "
                       "ORDER BY CAST(opportunity_id AS INTEGER)") == [
        (str(lead), str(buyer), None, 250.0, None), (str(lost), str(acme), str(ada), 800.0, None)]
    assert reader.rows(f"SELECT count(*) FROM stage_changes WHERE opportunity_id = '{deal}'") == [(0,)]


def test_who_may_see_all_sales_reads_everything_but_the_history(tmp_path: Path, crm: Crm) -> None:
    crm.create("crm.lead", name="Of the administrator", type="opportunity", expected_revenue=10.0)
    assert Reader(tmp_path / "all", crm, crm.key).refused() == []
    assert "read mail.tracking.value" in Reader(tmp_path / "w", crm, crm.reader).refused()
    reader = Reader(tmp_path / "less", crm, crm.reader, "history")
    assert reader.refused() == []
    assert reader.sync()["opportunities"]["new"] == len(crm.call("crm.lead", "search", domain=[["type", "=", "opportunity"]],
                                                                 context={"active_test": False}))
