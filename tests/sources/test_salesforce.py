"""How Salesforce is read: by REST and by Bulk API 2.0, as far as its limits let, and what it says where it refuses."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.salesforce import page
from salesgauge.sources.salesforce.reading import FLOOR
from sources.organisation import NOW, URL, Organisation
from sources.simulators.salesforce import CLIENT, SECRET, USER, Org

DEALS: dict[str, Any] = {"AccountId": None, "StageName": "Prospecting", "CloseDate": "2025-07-01"}


def filled(folder: Path, count: int, *, size: int = 200, **options: Any) -> Organisation:
    """An organisation with deals, of which the amounts are large and small, and the texts are hard to write in CSV."""
    made = Organisation(folder, org=Org(NOW, page=size), **options)
    owner = made.org.create("User", Name="Ada Quist", IsActive=True)
    for number in range(count):
        made.org.create("Opportunity", number // 7, **DEALS, OwnerId=owner, Amount=(None, Decimal("0.25"), Decimal(12_345_678))[number % 3],
                        NextStep=(None, 'say "hello",\nthen ask', "встреча, 会议")[number % 3])
    made.tick(minutes=60)
    return made


def since(made: Organisation, instant: str) -> str:
    """The cursor of one who has read deals up to an instant, and asked for what is asked for now."""
    mark = next(iter(made.stream("Opportunity").read(None)))[0]["reached"]
    made.org.requests.clear()
    made.org.jobs.clear()
    return f"{instant}{str(mark)[-9:]}"


def asked(made: Organisation, text: str) -> list[str]:
    """The requests in which a text stands."""
    return [request for request in made.org.requests if text in request]


def test_rest_and_bulk_give_the_same_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesgauge.sources.salesforce.bulk.PAGE", 30)
    by_rest = filled(tmp_path, 100, size=40)
    by_bulk = filled(tmp_path, 100, size=40, bulk_from="100")
    rest, bulk = by_rest.records("Opportunity"), by_bulk.pages("Opportunity")
    assert len(asked(by_rest, "/jobs/")) == 0 and len(rest) == 100
    assert [len(rows) for rows in bulk] == [30, 30, 30, 10] and by_bulk.org.jobs == {}, "a job is removed when it was read"
    assert by_bulk.slept == [1.0, 2.0] and asked(by_bulk, "maxRecords=30&locator=A30")

    def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        texts = ({name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items() if name != "reached"}
                 for row in rows)
        return sorted(({**row, "Amount": row["Amount"] and Decimal(row["Amount"])} for row in texts), key=lambda row: str(row["Id"]))
    assert plain(rest) == plain([row for rows in bulk for row in rows])
    assert {row["Amount"] for rows in bulk for row in rows} == {None, "0.25", "12345678"}, "numbers have no exponent"
    assert max(row["reached"] for row in rest) == bulk[-1][0]["reached"] == since(by_rest, "2025-06-02T10:00:00.000Z")


def test_a_job_that_is_interrupted_is_begun_again_and_one_that_goes_on_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesgauge.sources.salesforce.bulk.PAGE", 30)
    made = filled(tmp_path, 100, bulk_from=10)
    stream = made.stream("Opportunity")
    reading = stream.read(None)
    first = next(reading)
    reached = max(str(row["reached"]) for row in first)
    assert reached.startswith(FLOOR) and reached < "2"
    assert len([row for rows in stream.read(reached) for row in rows]) == 70 and len(asked(made, "POST /services/data/v66.0/jobs")) == 1
    assert len(made.records("Opportunity", reached)) == 100, "who begins anew does not know how far the job came"


def test_a_slice_goes_on_with_the_list_that_the_last_one_began(tmp_path: Path) -> None:
    made = filled(tmp_path, 90, size=40)
    stream = made.stream("Opportunity")
    first = next(stream.read(None))
    reached = max(str(row["reached"]) for row in first)
    rest = [row["Id"] for rows in stream.read(reached) for row in rows]
    assert len(asked(made, "ORDER+BY")) == 1 and len({*rest, *(row["Id"] for row in first)}) == 90


def test_a_list_that_is_no_longer_kept_is_begun_where_it_broke_off(tmp_path: Path) -> None:
    made = filled(tmp_path, 90, size=40)
    reading = made.stream("Opportunity").read(None)
    seen = [row["Id"] for row in next(reading)]
    made.org._lists.clear()
    seen += [row["Id"] for rows in reading for row in rows]
    assert len(set(seen)) == 90 and len(seen) < 100 and len(asked(made, "ORDER+BY")) == 2


def test_how_far_reading_came_is_never_later_than_when_it_began(tmp_path: Path) -> None:
    made = filled(tmp_path, 50, size=40)
    reading = made.stream("Opportunity").read(None)
    next(reading)
    later = made.org.records["Opportunity"]
    made.tick(hours=2)
    for key in list(later)[-5:]:
        made.org.update(key, Amount=Decimal(9))
    assert max(str(row["reached"]) for rows in reading for row in rows) == since(made, "2025-06-02T10:00:00.000Z")


def test_what_changed_is_asked_for_with_some_minutes_before_it(tmp_path: Path) -> None:
    made = filled(tmp_path, 3)
    made.records("Opportunity", since(made, "2025-06-02T09:00:00.000Z"))
    assert asked(made, "WHERE+SystemModstamp+%3E%3D+2025-06-02T08%3A50%3A00.000Z+ORDER+BY") and not asked(made, "COUNT")


def test_a_field_that_is_added_or_can_be_seen_now_is_read_of_all_records(tmp_path: Path) -> None:
    made = filled(tmp_path, 90, size=40)
    reached = max(row["reached"] for row in made.records("Opportunity"))
    made.tick(minutes=30)
    made.connection = replace(made.connection, options={**made.connection.options, "fields": {"Opportunity": ["Region__c"]}})
    again = made.records("Opportunity", reached)
    assert len(again) == 90 and all("Region__c" in row for row in again)
    new = max(row["reached"] for row in again)
    assert new > reached and new.startswith("2025-06-02T10:30:00.000Z "), "what was asked for is known also where nothing changed"
    assert made.records("Opportunity", new) == []


def test_a_query_that_is_too_long_for_an_address_goes_by_a_job(tmp_path: Path) -> None:
    made = Organisation(tmp_path, fields={"Opportunity": [f"A_field_with_a_long_name_{number:04d}__c" for number in range(500)]})
    made.org.schema["Opportunity"] |= {f"A_field_with_a_long_name_{number:04d}__c": "string" for number in range(500)}
    owner = made.org.create("User", Name="Ada Quist", IsActive=True)
    made.org.create("Opportunity", **DEALS, OwnerId=owner)
    assert len(made.records("Opportunity", since(made, "2025-06-02T10:00:00.000Z"))) == 0
    assert len(made.records("Opportunity", since(made, "2025-06-02T09:00:00.000Z"))) == 1 and asked(made, "POST /services/data/v66.0/jobs")


@pytest.mark.parametrize("first", [True, False])
def test_what_salesforce_cannot_count_or_put_in_order_in_time_goes_by_a_job(tmp_path: Path, first: bool) -> None:
    made = filled(tmp_path, 3)
    reached = since(made, "2025-06-01T00:00:00.000Z")
    made.org.slow = {"Opportunity"}
    found = made.records("Opportunity", None if first else reached)
    assert len(found) == 3 and len(asked(made, "POST /services/data/v66.0/jobs/query")) == 1


def test_a_job_that_fails_is_said(tmp_path: Path) -> None:
    made = filled(tmp_path, 3, bulk_from=1)
    made.org.ends = "Failed"
    with pytest.raises(SourceError, match=r"sf: Bulk API 2.0 ends a query as Failed: query timed out; option bulk_from"):
        made.records("Opportunity")
    made.org.polls, made.slept[:] = 10**9, []
    with pytest.raises(SourceError, match=r"sf: Bulk API 2.0 has not finished a query in 4 hours"):
        made.records("Opportunity")
    assert made.slept[:7] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_the_last_requests_of_the_day_are_left_to_others(tmp_path: Path) -> None:
    made = filled(tmp_path, 90, size=40, limit_left="20")
    made.org.limit, made.org.used = 100, 77
    with pytest.raises(SourceError, match=r"sf: 80 of the 100 requests that the organisation has in 24 hours are used, and the last 20 %"):
        made.records("Opportunity")
    made.org.used = 100
    with pytest.raises(SourceError, match=r"are used up \(TotalRequests Limit exceeded.\); sync later"):
        made.records("Opportunity")


def test_what_is_lacking_is_told_before_the_first_sync(tmp_path: Path) -> None:
    made = filled(tmp_path, 1)
    made.org.hidden = {"Quote", "Account.Industry", "Lead.IsConverted", "User.UserRoleId"}
    told = made.rights()
    assert told["do without Quote"] == (True, "it is not there, or the user may not read it: no proposals")
    assert told["read Account"] == (True, "without Industry, PersonEmail") and told["read User"] == (True, "without UserRole.Name")
    granted, remedy = told["read Lead"]
    assert not granted and remedy.startswith("IsConverted cannot be read; give its permission set Read and View All Records")
    assert told["read Opportunity"] == (True, "without CurrencyIsoCode")
    assert [what for what, (granted, _) in told.items() if not granted] == ["read Lead"]


@pytest.mark.parametrize(("hidden", "said"), [
    ("OpportunityHistory", "sf: the user may not read OpportunityHistory; give its permission set Read"),
    ("OpportunityHistory.Amount", "sf: OpportunityHistory has no field Amount that the user may read; give its permission set Read")])
def test_what_nothing_can_be_said_without_is_an_error_that_names_the_right(tmp_path: Path, hidden: str, said: str) -> None:
    made = filled(tmp_path, 1)
    made.org.hidden = {hidden}
    with pytest.raises(SourceError) as problem:
        made.records("OpportunityHistory")
    assert problem.value.message.startswith(said)


@pytest.mark.parametrize(("secrets", "said"), [
    ({"client_id": "other", "client_secret": SECRET}, "it gives no token (invalid_client_id: client identifier invalid): the consumer key"),
    ({"client_id": CLIENT, "client_secret": "hunter2"},
     "it gives no token (invalid_client: invalid client credentials): the consumer secret")])
def test_who_is_not_let_in_is_told_why_without_the_secret(tmp_path: Path, secrets: dict[str, str], said: str) -> None:
    found = Organisation(tmp_path, secrets=secrets).rights()
    assert list(found) == ["sign in"] and said in found["sign in"][1] and "hunter2" not in found["sign in"][1]


def test_a_private_key_signs_in_for_a_user(tmp_path: Path) -> None:
    from joserfc.jwk import RSAKey
    key = RSAKey.generate_key(2048)
    org = Org(NOW, public_key=key.as_pem(private=False).decode())
    made = Organisation(tmp_path, org=org, secrets={"private_key": key.as_pem(private=True).decode()}, client_id=CLIENT, user=USER)
    assert len(made.records("OpportunityStage")) == 5
    made = Organisation(tmp_path, org=org, secrets={"private_key": "hunter2"}, client_id=CLIENT, user=USER)
    assert made.rights()["sign in"] == (False, "sf.toml, secrets.private_key: it is no RSA private key in PEM")


@pytest.mark.parametrize(("options", "said"), [
    ({"url": "http://example.my.salesforce.com"}, "options.url must be the address of My Domain, such as https://example.my.salesforce.com"),
    ({"url": "https://example.lightning.force.com"}, "options.url must be the address of My Domain"),
    ({"version": "66"}, "options.version must be a version of the API from 47.0 on, such as 66.0, not '66'"),
    ({"objects": "Account, Opportunities"}, "options.objects: salesgauge reads no 'Opportunities'; did you mean Opportunity, "),
    ({"fields": {"Opportunity": "Region__c FROM User"}, "bulk_from": 1}, None),
    ({"fields": {"Opportunity": ["Region__c)"]}}, "options.fields.Opportunity: 'Region__c)' is not the API name of a field, such as"),
    ({"fields": {"Opportunity": ["Deal_Size__c", "DealSize__c"]}}, "DealSize__c and Deal_Size__c cannot be kept apart; leave one out"),
    ({"bulk_from": "many"}, "options.bulk_from must be a whole number from 1 to 100,000,000, not 'many'"),
    ({"census": "yes"}, "options.census must be true or false, not 'yes'"),
    ({"bulkfrom": 1}, "there is no 'bulkfrom'; did you mean bulk_from?")])
def test_options_are_held_to_what_they_can_be(tmp_path: Path, options: dict[str, Any], said: str | None) -> None:
    made = Organisation(tmp_path, **options)
    if said is None:  # words of a query are names of fields, and such fields there are not
        assert "FROM, User cannot be read" in made.rights()["read Opportunity"][1]
        return
    with pytest.raises(SourceError) as problem:
        made.opened()
    assert said in problem.value.message and problem.value.message.startswith("sf.toml, options")


@pytest.mark.parametrize(("record", "address"), [
    ("Opportunity/006000000000001AAA", f"{URL}/006000000000001AAA"), ("Task/00T000000000001", f"{URL}/00T000000000001"),
    ("OpportunityStage/01J000000000001AAA", None), ("Opportunity/006", None), ("Opportunity/../logout000001", None), ("", None)])
def test_a_record_has_a_page(record: str, address: str | None) -> None:
    assert page({"url": f"{URL}/"}, record) == address
    assert page({"url": "javascript:alert(1)//"}, record) is None and page({}, record) is None
