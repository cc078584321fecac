"""What is particular to Odoo: leads that become opportunities, an archive that means lost, companies above contacts, and modules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import Secret
from salesgauge.sources.odoo import MAPPING, page
from salesgauge.sources.odoo.json2 import Json2, plain
from sources.linked import NOW, Linked
from sources.simulators.odoo import DATABASE, KEY, LEADS, Odoo, reader

SALES = ("product.product", "sale.order", "sale.order.line")
OWN = MAPPING.read_text(encoding="utf-8").replace("[stage_changes]\n", '[opportunities.extra]\narea = "x_region"\n\n[stage_changes]\n')


class Company:
    """A database with two teams and salespeople, and a customer with a contact."""

    def __init__(self, folder: Path, without: str = "", mapping: str | None = OWN) -> None:
        self.crm = crm = Odoo(NOW)
        self.north, self.south = (crm.create("crm.team", name=name) for name in ("North", "South"))
        self.own = [crm.create("res.partner", name=name) for name in ("Ada", "Bo")]
        self.ada, self.bo = (crm.create("res.users", name=name, email=f"{name}@example.com", partner_id=partner, sale_team_id=self.north,
                                        active=name == "Ada") for name, partner in zip(("Ada", "Bo"), self.own, strict=True))
        self.acme = crm.create("res.partner", name="Acme", is_company=True, country_id=[3, "Norway"], industry_id=[2, "Retail"])
        self.buyer = crm.create("res.partner", name="Cleo", parent_id=self.acme)
        self.new, self.offer, self.won = (crm.create("crm.stage", name=name, sequence=place, is_won=name == "Won")
                                          for place, name in enumerate(("New", "Proposition", "Won")))
        options = {**reader(crm), "fields": {"leads": "x_region"}, **({"without": without} if without else {})}
        self.linked = Linked(folder, "odoo", crm.handle, options, {"key": KEY}, mapping)

    def deal(self, **values: Any) -> int:
        return self.crm.deal(**{"user_id": self.ada, "partner_id": self.buyer, "team_id": self.north, "stage_id": self.new,
                                "expected_revenue": 100.0, **values})


def test_what_stands_in_odoo_is_what_the_workspace_has(tmp_path: Path) -> None:
    company = Company(tmp_path)
    crm, rows = company.crm, company.linked.rows
    lead = company.deal(type="lead", medium_id=[4, "Website"], source_id=[5, "Google"], x_region="West",
                        campaign_id=crm.create("utm.campaign", name="Spring"))
    never, lost, dollars = company.deal(type="lead"), company.deal(date_deadline="2025-09-01"), company.deal(
        team_id=company.south, company_currency=[2, "USD"], user_id=company.bo)
    call = crm.create("mail.activity.type", name="Anruf", category="phonecall")
    todo = crm.create("mail.activity.type", name="To-Do", category="default")
    discussion, note = (crm.create("mail.message.subtype", name=name, internal=name == "Note") for name in ("Discussions", "Note"))
    said = {"model": LEADS, "message_type": "comment", "date": crm.now, "subtype_id": discussion}
    for more in ({"res_id": lead, "author_id": company.own[0]}, {"res_id": lead, "author_id": company.buyer, "message_type": "email"},
                 {"res_id": lead, "author_id": company.own[0], "subtype_id": note},
                 {"res_id": lost, "author_id": company.own[1], "message_type": "notification", "mail_activity_type_id": call},
                 {"res_id": lost, "author_id": company.own[1], "message_type": "notification", "mail_activity_type_id": todo}):
        crm.create("mail.message", **{**said, **more})
    event = {"opportunity_id": dollars, "user_id": company.ada, "start": crm.now}
    crm.create("calendar.event", **event, videocall_location="https://meet.example.com/x")
    crm.create("calendar.event", **event, active=False)
    for place, summary in enumerate(("Later", "Send it")):
        crm.create("mail.activity", res_model=LEADS, res_id=lost, activity_type_id=todo, summary=summary,
                   date_deadline=f"2025-07-0{9 - place}")
    pen = crm.create("product.product", name="Pen", categ_id=[1, "Pens"], uom_id=[1, "Units"], list_price=9.5, currency_id=[1, "EUR"])
    sold = {"partner_id": company.buyer, "user_id": company.ada, "date_order": crm.now, "currency_id": [1, "EUR"]}
    order, quote = crm.create("sale.order", **sold, state="sale", opportunity_id=dollars), crm.create("sale.order", **sold, state="draft")
    line = {"product_id": pen, "product_uom_qty": 3.0, "price_unit": 12.0, "discount": 50.0, "price_subtotal": 15.0}
    crm.create("sale.order.line", order_id=order, **line)
    crm.create("sale.order.line", order_id=order, display_type="line_section")
    crm.create("sale.order.line", order_id=quote, **line)
    crm.later(3600)
    crm.write(LEADS, lead, type="opportunity", date_conversion=crm.now)
    crm.later(60)
    crm.write(LEADS, lead, stage_id=company.offer, expected_revenue=150.0)
    crm.later(60)
    crm.write(LEADS, lead, stage_id=company.won)
    crm.write(LEADS, lost, active=False, lost_reason_id=[1, "Too expensive"])
    company.linked.sync()
    assert rows("SELECT opportunity_id, lead_id, account_id, owner_id, pipeline, stage, amount, currency, outcome, loss_reason, channel, "
                "x_area, next_step, CAST(next_step_on AS VARCHAR) FROM opportunities ORDER BY 1") == [
        (str(lead), f"lead-{lead}", str(company.acme), str(company.ada), "North", "Won", 150.0, "EUR", "won", None, "Website", "West", None,
         None),
        (str(lost), None, str(company.acme), str(company.ada), "North", "New", 100.0, "EUR", "lost", "Too expensive", None, None,
         "Send it", "2025-07-08"),
        (str(dollars), None, str(company.acme), str(company.bo), "South", "New", 100.0, "USD", None, None, None, None, None, None)]
    assert rows("SELECT lead_id, opportunity_id, channel, campaign_id, x_lead_source, strftime(converted_at, '%H:%M') FROM leads "
                "ORDER BY 1") == [(f"lead-{lead}", str(lead), "Website", "1", "Google", "10:00"),
                                  (f"lead-{never}", None, None, None, None, None)]
    assert rows("SELECT strftime(changed_at, '%H:%M'), stage, amount FROM stage_changes WHERE opportunity_id = '1' "
                "ORDER BY changed_at, ordinal_") == [
        ("10:00", "New", 100.0), ("10:01", "Proposition", None), ("10:01", "Proposition", 150.0), ("10:02", "Won", None)]
    assert rows("SELECT kind, direction, rep_id, lead_id, opportunity_id, status FROM activities ORDER BY activity_id") == [
        ("video", "outbound", "1", None, str(dollars), "held"), ("meeting", "outbound", "1", None, str(dollars), "declined"),
        ("email", "outbound", "1", f"lead-{lead}", None, None), ("email", "inbound", "1", f"lead-{lead}", None, None),
        ("call", "outbound", "2", None, str(lost), None)]
    assert rows("SELECT account_id, name, industry, region FROM accounts") == [(str(company.acme), "Acme", "Retail", "Norway")]
    assert rows("SELECT rep_id, name, team FROM reps ORDER BY 1") == [("1", "Ada", "North"), ("2", "Bo", "North")]
    assert rows("SELECT o.order_id, o.account_id, o.opportunity_id, l.quantity, l.unit_price, l.unit_list_price FROM orders o "
                "JOIN order_lines l ON l.order_id = o.order_id") == [(str(order), str(company.acme), str(dollars), 3.0, 5.0, 12.0)]
    assert rows("SELECT count(*) FROM order_lines") == [(1,)]
    assert rows("SELECT pipeline, stage, is_won FROM stages ORDER BY pipeline, position")[:3] == [
        ("North", "New", False), ("North", "Proposition", False), ("North", "Won", True)]

    crm.later(3600)
    crm.write("crm.stage", company.offer, name="Quote")
    crm.delete("crm.stage", company.won)
    crm.write(LEADS, lost, active=True, probability=20.0, date_closed=False, lost_reason_id=False)
    group = crm.create("res.partner", name="Group", is_company=True)
    crm.write("res.partner", company.buyer, parent_id=group)
    crm.write("sale.order", quote, state="sale")
    crm.write("sale.order", order, state="cancel")
    crm.delete("mail.message", 2)
    company.linked.sync()
    assert rows("SELECT opportunity_id, account_id, stage, outcome FROM opportunities ORDER BY 1") == [
        (str(lead), str(group), "Won", "won"), (str(lost), str(group), "New", None), (str(dollars), str(group), "New", None)]
    assert rows("SELECT stage FROM stage_changes WHERE opportunity_id = '1' ORDER BY changed_at, ordinal_") == [
        ("New",), ("Quote",), ("Quote",), ("Won",)]
    assert rows("SELECT order_id FROM orders") == [(str(quote),)] and rows("SELECT order_id FROM order_lines") == [(str(quote),)]
    assert rows("SELECT count(*) FROM activities") == [(4,)]


def test_what_no_module_brings_is_left_out_and_told(tmp_path: Path) -> None:
    company = Company(tmp_path, mapping=None)
    crm, linked = company.crm, company.linked
    kept = {model: crm.rows[model] for model in SALES}
    crm.uninstall(*SALES)
    deal = company.deal()
    crm.write(LEADS, deal, stage_id=company.won)
    done = linked.sync().as_json()["load"]
    assert {"orders", "order_lines", "products"}.isdisjoint(table["table"] for table in done["tables"])
    assert "sale_orders" in str(done["ignored"]) and "does not have them" in str(done["ignored"])
    (revenue,) = linked.workspace.answer([{"kpi": "revenue", "period": "2025"}])
    assert [row["numerator"] for row in revenue["rows"]] == [100.0], "without orders the deals that were won are the purchases"
    assert [right.remedy for right in linked.rights() if right.what == "read sale.order"] == [
        "its module is not installed there: it is left out"]
    crm.rows.update(kept)
    linked.sync()
    crm.uninstall(*SALES)
    with pytest.raises(SourceError, match="products: the system had them at the last sync and has them no longer"):
        linked.sync()


def test_without_the_right_to_see_the_history_it_may_be_left_out(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.crm.refused.add("mail.tracking.value")
    (refused,) = [right for right in company.linked.rights() if not right.granted]
    assert refused.what == "read mail.tracking.value" and "--set without=history" in refused.remedy
    assert "You are not allowed to access 'mail.tracking.value' records." in refused.remedy
    with pytest.raises(SourceError, match=r"crm: the user of the API key may not read mail\.tracking\.value: You are not allowed"):
        company.linked.sync()
    other = Company(tmp_path / "other", without="history")
    other.crm.refused.add("mail.tracking.value")
    other.crm.write(LEADS, other.deal(), stage_id=other.won)
    other.linked.sync()
    assert other.linked.rows("SELECT stage, outcome FROM opportunities") == [("Won", "won")]
    assert other.linked.rows("SELECT count(*) FROM stage_changes") == [(0,)], "no history is better than one that was made up"


@pytest.mark.parametrize(("options", "said"), [
    ({"fields": {"leads": "x_regoin"}}, "fields.leads: crm.lead has no field 'x_regoin'; did you mean x_region?"),
    ({"fields": {"lead": "x"}}, "options.fields has no 'lead'; did you mean leads?"), ({"fields": "x"}, "options.fields says of which"),
    ({"without": "leads"}, "options.without: only history can be left out"), ({"url": "acme"}, "options.url is the address of Odoo alone")])
def test_a_connection_that_cannot_be_is_said(tmp_path: Path, options: dict[str, object], said: str) -> None:
    crm = Odoo(NOW)
    linked = Linked(tmp_path, "odoo", crm.handle, {**reader(crm), **options}, {"key": KEY})
    with pytest.raises(SourceError) as problem:
        linked.sync()
    assert said in problem.value.message


@pytest.mark.parametrize(("answer", "said", "tries"), [
    (lambda: httpx.Response(401, json={"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}), "the secret is wrong", 1),
    (lambda: httpx.Response(422, json={"name": "odoo.exceptions.UserError", "message": "No.\nReally"}),
     r"refuses to read crm.stage \(422\): No.", 1),
    (lambda: httpx.Response(500, json={"name": "builtins.ValueError", "message": "Invalid field"}), "Invalid field", 1),
    (lambda: httpx.Response(500, text="<html>"), "it answers 500", 6),
    (lambda: httpx.Response(200, json={"error": 1}), "not what it should", 6),
    (lambda: httpx.Response(200, json=[{"name": "New"}]), "not what it should", 6)])
def test_what_odoo_says_of_a_refusal_is_told(tmp_path: Path, answer: Callable[[], httpx.Response], said: str, tries: int) -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return answer()
    api = Json2("crm", "https://acme.odoo.com", DATABASE, Secret(KEY), Linked(tmp_path, "odoo", handle, {}, {}).network)
    with pytest.raises(SourceError, match=said):
        list(api.pages("crm.stage", [], ["name"]))
    assert asked == ["/json/2/crm.stage/search_read"] * tries
    api.close()


@pytest.mark.parametrize(("kind", "cell", "named", "said"), [
    ("boolean", False, False, False), ("char", False, False, None), ("float", 0.0, False, 0.0), ("many2one", [7, "Ada"], False, 7),
    ("many2one", [7, "Ada"], True, "Ada"), ("many2one", False, True, None),
    ("datetime", "2025-06-02 09:00:00", False, "2025-06-02T09:00:00Z"), ("date", "2025-06-02", False, "2025-06-02")])
def test_a_value_is_what_odoo_means_by_it(kind: str, cell: object, named: bool, said: object) -> None:
    assert plain(kind, cell, named) == said


@pytest.mark.parametrize(("options", "record", "address"), [
    ({"url": "https://acme.odoo.com/"}, "crm.lead/12", "https://acme.odoo.com/odoo/crm.lead/12"),
    ({"url": "http://10.0.0.5:8069"}, "res.partner/7", "http://10.0.0.5:8069/odoo/res.partner/7"),
    ({"url": "https://acme.odoo.com"}, "mail.message/1", None), ({"url": "https://acme.odoo.com"}, "crm.lead/1/../2", None),
    ({"url": "javascript:alert(1)"}, "crm.lead/1", None), ({"url": "https://a@b"}, "crm.lead/1", None), ({}, "crm.lead/1", None)])
def test_a_record_leads_to_its_page(options: dict[str, object], record: str, address: str | None) -> None:
    assert page(options, record) == address
