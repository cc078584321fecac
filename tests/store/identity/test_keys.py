"""Keys in one form: what is the same domain, e-mail address or tax id however it is written, and what says nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb

from salesgauge.schema import ENTITIES
from salesgauge.store import current
from salesgauge.store.identity.keys import shared, stand_records
from store.workbench import Workbench

KEYS = '''account_id,domain,email,tax_id
a,HTTPS://www.Acme.example/about?x=1,,DE 123-456.789
b,acme.example.,"sales@acme.example; info@bolt.example",de123456789
c,bolt.example:8443,,"000 000 000"
d,,joe@gmail.com,12345
e,facebook.com/acme,JOE@gmail.com ,
f,no domain,nobody@,
'''


def test_keys_are_compared_in_one_form_and_providers_of_mail_tell_no_company(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": "lead_id,created_at\nL,2025-01-01\n", "account_keys.csv": KEYS,
                "accounts.csv": "account_id,name,website\ng,Acme,www2.acme.example\nh,Bolt,\n"}, system="crm")
    there = current(bench.workspace)
    assert there is not None
    with duckdb.connect() as con:
        stand_records(con, ENTITIES["accounts"], there.said)
        found = {(each.kind, each.value): [name for name, _system in each.records] for each in shared(con)}
        names = con.execute("SELECT id, name, system FROM identity_records ORDER BY id").fetchall()
    assert found == {("tax_id", "DE123456789"): ["a", "b"], ("domain", "acme.example"): ["a", "b", "g"],
                     ("domain", "bolt.example"): ["b", "c"], ("email", "joe@gmail.com"): ["d", "e"]}
    assert names[0] == ("a", None, "crm") and names[6:] == [("g", "Acme", "crm"), ("h", "Bolt", "crm")]
