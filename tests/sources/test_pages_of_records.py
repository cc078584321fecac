"""The address of a record's page in its system: made of what is expected only, and nothing that leads elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.kinds import KINDS, page_of
from salesgauge.sources.tryton.pages import page

OPTIONS = {"url": "https://erp.example.com/", "database": "sales & co"}


def test_a_record_of_tryton_is_shown_by_its_web_client() -> None:
    assert page(OPTIONS, "sale.opportunity/12") == "https://erp.example.com/#sales%20%26%20co/model/sale.opportunity/12"
    assert page_of(Connection(Path(), "erp", "tryton", OPTIONS), "party.party/7") == (
        "https://erp.example.com/#sales%20%26%20co/model/party.party/7")


@pytest.mark.parametrize("record", ["sale.opportunity/0", "sale.opportunity/12?x", "sale.opportunity", "../12", "sale/1", "sale.x/1\n", ""])
def test_a_text_that_is_no_record_of_tryton_has_no_page(record: str) -> None:
    assert page(OPTIONS, record) is None
    assert page({"url": "https://erp.example.com"}, "sale.sale/1") is None


@pytest.mark.parametrize(("address", "url", "leads"), [
    ("https://crm.example.com/1", "https://api.example.com", True), ("http://crm.example.com/1", "http://crm.example.com", True),
    ("http://crm.example.com/1", "https://crm.example.com", False), ("javascript:alert(1)", "", False), ("//example.com/1", "", False),
    ("https://user:word@crm.example.com/1", "", False), ("https://crm.example.com/a b", "", False), ("https:///1", "", False),
    ('https://crm.example.com/"', "", False), ("https://crm.example.com/\u202e1", "", False), ("https://[crm/1", "", False)])
def test_only_an_address_of_the_web_leads_people_away(monkeypatch: pytest.MonkeyPatch, address: str, url: str, leads: bool) -> None:
    monkeypatch.setitem(sys.modules, "salesgauge.sources.tryton", SimpleNamespace(page=lambda options, record: address))
    assert page_of(Connection(Path(), "erp", "tryton", {"url": url}), "x") == (address if leads else None)


@pytest.mark.parametrize("kind", KINDS)
@given(record=st.one_of(st.text(max_size=20), st.from_regex(r"[a-zA-Z_.]{1,16}/[-0-9a-zA-Z]{1,20}", fullmatch=True)),
       options=st.dictionaries(st.sampled_from(("url", "database", "shop", "account", "company_domain", "mode", "folder")),
                               st.one_of(st.text(max_size=12), st.integers(), st.just("https://crm.example.com"))))
def test_no_record_and_no_option_makes_a_kind_lead_elsewhere_or_fail(kind: str, record: str, options: dict[str, object]) -> None:
    found = page_of(Connection(Path(), "crm", kind, options), record)
    assert found is None or found.startswith(("https://", "http://"))


def test_a_system_without_pages_or_of_no_known_kind_has_none() -> None:
    assert page_of(Connection(Path(), "db", "sql"), "deals/4") is None
    assert page_of(Connection(Path(), "old", "gone"), "deals/4") is None
