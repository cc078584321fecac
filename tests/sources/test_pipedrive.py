"""What is particular to Pipedrive: its statuses, archive, inbox, merges, fields of one's own, and its budget of tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import Secret
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.pipedrive import MAPPING, connector, page
from salesgauge.sources.pipedrive.api import Api, NotThere
from salesgauge.sources.pipedrive.custom_fields import Field, value
from sources.linked import NOW, Linked
from sources.simulators.pipedrive import TOKEN, Pipedrive

REGION, SIZE = "a" * 40, "b" * 40
OWN = MAPPING.read_text(encoding="utf-8").replace('[stage_changes]\n', '[opportunities.extra]\nregion = "Region"\nsize = "Size"\n\n'
                                                                        '[stage_changes]\n')


class Company:
    """A company with two users, two pipelines of one name, two organisations and a person who belongs to none."""

    def __init__(self, folder: Path) -> None:
        self.crm = Pipedrive(NOW)
        users = {"created": "2020-01-01 00:00:00", "modified": "2025-01-01 00:00:00"}
        self.ada, self.bo = (self.crm.create("users", name=name, email=f"{name}@example.com", active_flag=name == "Ada", **users)
                             for name in ("Ada", "Bo"))
        self.acme, self.zeta = (self.crm.create("organizations", name=name, owner_id=self.ada, industry=3) for name in ("Acme", "Zeta"))
        self.cleo = self.crm.create("persons", name="Cleo", org_id=None, owner_id=self.bo)
        self.dan = self.crm.create("persons", name="Dan", org_id=self.acme, owner_id=self.bo)
        self.home, self.abroad = (self.crm.create("pipelines", name="Sales", order_nr=place) for place in (1, 2))
        self.first, self.last = (self.crm.create("stages", name=name, order_nr=place, pipeline_id=self.home, deal_probability=place * 30)
                                 for place, name in enumerate(("Contacted", "Proposal"), start=1))
        self.other = self.crm.create("stages", name="Contacted", order_nr=1, pipeline_id=self.abroad, deal_probability=10)
        self.crm.fields["deals"] = [
            {"field_name": "Channel", "field_code": "channel", "field_type": "enum", "options": [{"id": 52, "label": "Trade fair"}]},
            {"field_name": "Region", "field_code": REGION, "field_type": "enum", "options": [{"id": 7, "label": "North"}]},
            {"field_name": "Size", "field_code": SIZE, "field_type": "monetary"}]
        self.crm.fields["organizations"] = [{"field_name": "Industry", "field_code": "industry", "options": [{"id": 3, "label": "Retail"}]}]
        self.crm.fields["products"] = [{"field_name": "Category", "field_code": "category", "options": [{"id": 1, "label": "Pens"}]}]
        self.linked = Linked(folder, "pipedrive", self.crm.handle, {"domain": "acme", "fields": {"deals": "Region, Size"}},
                             {"token": TOKEN}, OWN)

    def deal(self, **values: object) -> int:
        return self.crm.deal(**{"owner_id": self.ada, "org_id": self.acme, "value": 100, "pipeline_id": self.home, "stage_id": self.first,
                                **values})


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def test_what_stands_in_pipedrive_is_what_the_workspace_has(company: Company) -> None:
    crm, rows = company.crm, company.linked.rows
    won = company.deal(custom_fields={REGION: 7, SIZE: {"value": 12.5, "currency": "EUR"}}, channel=52, acv=120)
    lost = company.deal(org_id=None, person_id=company.cleo, currency="USD", expected_close_date="2025-09-01")
    abroad = company.deal(org_id=None, person_id=company.dan, pipeline_id=company.abroad, stage_id=company.other)
    archived = company.deal()
    inbox, fair = crm.lead(owner_id=company.bo, organization_id=company.zeta), crm.lead(owner_id=company.bo, organization_id=company.zeta,
                                                                                        channel=52)
    pen = crm.create("products", name="Pen", code="P", unit="box", category=1, prices=[{"price": 9.5, "currency": "EUR"}])
    crm.lines[won] = [{"id": 1, "product_id": pen, "is_enabled": True}]
    for kind, more in (("call", {"done": True}), ("email", {"done": False}), ("task", {"done": True}), ("lunch", {"done": False}),
                       ("meeting", {"done": True, "conference_meeting_client": "zoom"})):
        crm.create("activities", type=kind, owner_id=company.ada, deal_id=won, lead_id=None, person_id=None, org_id=company.acme,
                   due_date="2025-06-02", due_time="07:30:00", **{"marked_as_done_time": "2025-06-02T08:00:00Z" if more["done"] else None,
                                                                  "conference_meeting_client": None, **more})
    crm.later(60)
    crm.write("deals", won, stage_id=company.last, value=150)
    crm.later(60)
    crm.close_deal(won, "won")
    crm.close_deal(lost, "lost", lost_reason="Price")
    crm.archive(archived)
    became = crm.convert(fair, value=70, pipeline_id=company.home, stage_id=company.first)
    company.linked.sync()
    assert rows("SELECT opportunity_id, account_id, pipeline, stage, amount, currency, outcome, loss_reason, channel, acv, product_id, "
                "x_region, x_size, lead_id FROM opportunities ORDER BY CAST(opportunity_id AS INTEGER)") == [
        (str(won), "org-1", "Sales (1)", "Proposal", 150.0, "EUR", "won", None, "Trade fair", 120.0, str(pen), "North", "12.5", None),
        (str(lost), "person-1", "Sales (1)", "Contacted", 100.0, "USD", "lost", "Price", None, None, None, None, None, None),
        (str(abroad), "org-1", "Sales (2)", "Contacted", 100.0, "EUR", None, None, None, None, None, None, None, None),
        (str(archived), "org-1", "Sales (1)", "Contacted", 100.0, "EUR", None, None, None, None, None, None, None, None),
        (str(became), "org-2", "Sales (1)", "Contacted", 70.0, "EUR", None, None, "Trade fair", None, None, None, None, fair)]
    assert rows("SELECT opportunity_id, stage, amount FROM stage_changes WHERE opportunity_id = '1' ORDER BY changed_at, ordinal_") == [
        ("1", "Contacted", 100.0), ("1", "Proposal", None), ("1", "Proposal", 150.0)]
    assert rows("SELECT lead_id, owner_id, account_id, channel, opportunity_id, converted_at IS NOT NULL FROM leads ORDER BY 1") == [
        (inbox, "2", "org-2", None, None, False), (fair, "2", "org-2", "Trade fair", str(became), True)]
    assert rows("SELECT kind, strftime(occurred_at, '%H:%M'), status, booked_at IS NOT NULL FROM activities ORDER BY activity_id") == [
        ("call", "07:30", None, False), ("meeting", "07:30", "booked", True), ("video", "07:30", "held", True)]
    assert rows("SELECT account_id, name, industry FROM accounts ORDER BY 1") == [
        ("org-1", "Acme", "Retail"), ("org-2", "Zeta", "Retail"), ("person-1", "Cleo", None)]
    assert rows("SELECT name, family, unit, list_price, currency FROM products") == [("Pen", "Pens", "box", 9.5, "EUR")]
    assert rows("SELECT pipeline, stage, probability FROM stages ORDER BY 1, position") == [
        ("Sales (1)", "Contacted", 0.3), ("Sales (1)", "Proposal", 0.6), ("Sales (2)", "Contacted", 0.1)]

    crm.later(3600)
    crm.write("pipelines", company.home, name="Home")
    crm.write("stages", company.last, name="Offer")
    crm.delete("stages", company.first)
    crm.write("deals", archived, stage_id=company.last, is_archived=False)
    crm.merge(abroad, won)
    crm.delete("organizations", company.zeta)
    crm.leads.pop(inbox)
    company.linked.sync()
    assert rows("SELECT opportunity_id, pipeline, stage, account_id FROM opportunities ORDER BY CAST(opportunity_id AS INTEGER)") == [
        (str(won), "Home", "Offer", "org-1"), (str(lost), "Home", "Contacted", "person-1"), (str(archived), "Home", "Offer", "org-1"),
        (str(became), "Home", "Contacted", "org-2")], "an organisation that was deleted is still the account of its deals"
    assert rows("SELECT stage FROM stage_changes WHERE opportunity_id = '1' ORDER BY changed_at, ordinal_") == [
        ("Contacted",), ("Offer",), ("Offer",)], "a stage that was deleted keeps its name, one that was renamed has the new one"
    assert rows("SELECT lead_id FROM leads") == [(fair,)], "what left the inbox without becoming a deal is gone"


def test_a_budget_that_is_used_up_is_said_and_the_next_day_goes_on(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "DEAR", 4)
    crm = company.crm
    deals = [company.deal() for _ in range(6)]
    for deal in deals:
        crm.later(1200)
        crm.write("deals", deal, stage_id=company.last)
    crm.budget = 330
    with pytest.raises(SourceError, match=r"crm: the company's budget of API tokens for this day is used up .* at midnight"):
        company.linked.sync()
    assert company.linked.waited == [], "a budget does not come back in seconds"
    before = [path for path in crm.asked if path.endswith("/changelog")]
    assert 2 <= len(before) < 6
    crm.budget, crm.asked = 100_000, []
    company.linked.sync()
    after = [path for path in crm.asked if path.endswith("/changelog")]
    assert before[0] not in after and {*before, *after} == {f"/api/v1/deals/{deal}/changelog" for deal in deals}
    assert company.linked.rows("SELECT count(*), count(DISTINCT opportunity_id) FROM stage_changes") == [(12, 6)]


def test_a_burst_waits_as_long_as_pipedrive_says(company: Company) -> None:
    company.crm.burst = 1
    api = Api("crm", "https://acme.pipedrive.com", Secret(TOKEN), company.linked.network)
    assert [len(page) for _ in range(2) for page in api.pages("/api/v2/stages")] == [3, 3]
    assert company.linked.waited == [2.0]
    api.close()


def test_a_long_changelog_and_a_list_of_leads_come_page_by_page(company: Company) -> None:
    deal = company.deal()
    for step in range(1_100):
        company.crm.write("deals", deal, value=step)
    keys = [company.crm.lead(owner_id=company.ada) for _ in range(1_001)]
    api = Api("crm", "https://acme.pipedrive.com", Secret(TOKEN), company.linked.network)
    assert [len(page) for page in api.pages(f"/api/v1/deals/{deal}/changelog")] == [500, 500, 100]
    assert {row["id"] for page in api.offset_pages("/api/v1/leads") for row in page} == set(keys)
    with pytest.raises(NotThere):
        api.one("/api/v1/deals/99")
    api.close()


def test_rights_say_what_to_do(company: Company) -> None:
    company.crm.admin = False
    found = company.linked.rights()
    assert all(right.granted for right in found) and "private to others is not read" in found[-1].remedy
    company.crm.token = "another"
    found = company.linked.rights()
    assert not any(right.granted for right in found) and len(found) > 10
    assert "the secret is wrong" in found[0].remedy and "Visibility and permissions" in found[0].remedy and TOKEN not in str(found)


@pytest.mark.parametrize(("options", "said"), [
    ({"domain": "acme", "fields": {"deals": "Regoin"}}, "fields.deals: Pipedrive has no field 'Regoin'; did you mean Region?"),
    ({"domain": "acme", "fields": {"deal": "Region"}}, "options.fields has no 'deal'; did you mean deals?"),
    ({"domain": "acme", "fields": "Region"}, "options.fields says of which records"),
    ({"domain": "acme.example.com/x"}, "options.domain is the company's name"),
    ({}, "options.domain is the company's name")])
def test_a_connection_that_cannot_be_is_said(tmp_path: Path, options: dict[str, object], said: str) -> None:
    crm = Company(tmp_path / "c").crm
    linked = Linked(tmp_path, "pipedrive", crm.handle, options, {"token": TOKEN})
    with pytest.raises(SourceError) as problem:
        linked.sync()
    assert said in problem.value.message


@pytest.mark.parametrize(("options", "record", "address"), [
    ({"domain": "acme"}, "deal/12", "https://acme.pipedrive.com/deal/12"),
    ({"domain": "Acme.pipedrive.com"}, "person/7", "https://acme.pipedrive.com/person/7"),
    ({"url": "http://127.0.0.1:8080"}, "organization/3", "http://127.0.0.1:8080/organization/3"),
    ({"domain": "acme"}, "lead/00000001-0000-11ee-9643-03698ef1cfd6",
     "https://acme.pipedrive.com/leads/inbox/00000001-0000-11ee-9643-03698ef1cfd6"),
    ({"domain": "acme"}, "activity/1", None), ({"domain": "acme"}, "deal/12?x", None), ({"domain": "acme"}, "deal/../1", None),
    ({"domain": "a/b"}, "deal/1", None), ({"url": "javascript:alert(1)"}, "deal/1", None), ({"url": "https://u:p@x"}, "deal/1", None)])
def test_a_record_leads_to_its_page(options: dict[str, object], record: str, address: str | None) -> None:
    assert page(options, record) == address


@pytest.mark.parametrize(("cell", "said"), [
    (7, "North"), ([7, 8], "North; South"), ({"id": 7, "label": "North"}, "North"), (9, "9"), (None, None)])
def test_choices_go_by_their_labels(cell: object, said: str | None) -> None:
    assert value(Field("Region", REGION, {"7": "North", "8": "South"}), {"custom_fields": {REGION: cell}}) == said


@pytest.mark.parametrize("said", ["2025-06-02T09:00:00Z", "2025-06-02 09:00:00", "2025-06-02T11:00:00.000+02:00"])
def test_instants_have_one_form(said: str) -> None:
    assert connector.instant(said) == "2025-06-02T09:00:00.000Z"


@pytest.mark.parametrize("answer", [
    lambda: httpx.Response(200, json={"success": True}), lambda: httpx.Response(200, json={"success": False, "data": []}),
    lambda: httpx.Response(200, json={"success": True, "data": {"id": 1}}),
    lambda: httpx.Response(200, json={"success": True, "data": [1]})])
def test_an_answer_that_is_no_list_is_no_empty_list(answer: Callable[[], httpx.Response]) -> None:
    network = Network(httpx.MockTransport(lambda request: answer()), lambda seconds: None, lambda: 0.5, lambda: datetime.now(UTC))
    api = Api("crm", "https://acme.pipedrive.com", Secret(TOKEN), network)
    with pytest.raises(SourceError, match="not what it should be"):
        list(api.pages("/api/v2/deals"))
    api.close()
