"""One thing in several systems: every table as if it had one id, and as if it never had, once that is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesgauge.schema import TABLES
from salesgauge.store import current
from salesgauge.store.identity.groups import Verdict
from store.workbench import Workbench

CRM = {
    "accounts.csv": "account_id,name,industry,region,owner_id,created_at,tier\nh-1,Acme GmbH,steel,,h-R1,2024-01-01,gold\n"
                    "h-2,Bolt Ltd,,west,h-R2,2024-02-01,\n",
    "account_keys.csv": "account_id,domain,email,tax_id\nh-1,https://www.Acme.example/about,,\nh-2,,info@bolt.example,\n",
    "reps.csv": "rep_id,name,email,manager_id,hired_on,left_on\nh-R1,Ada Quist,ada@corp.example,h-R2,2020-01-01,\n"
                "h-R2,Bo Marlow,bo@corp.example,,2019-01-01,\n",
    "opportunities.csv": "opportunity_id,created_at,account_id,owner_id,amount\n"
                         "h-d1,2024-03-01,h-1,h-R1,100\nh-d2,2024-03-02,h-2,h-R2,50\n",
    "quotas.csv": "rep_id,starts_on,ends_on,amount\nh-R1,2024-01-01,2024-02-01,1000\n",
}
BILLING = {
    "accounts.csv": "account_id,name,industry,region,owner_id,created_at,plan\n"
                    "s-9,ACME,metal,north,s-77,2024-05-05,pro\ns-8,Corner Shop,,,,,\n",
    "account_keys.csv": "account_id,domain,email,tax_id\ns-9,acme.example,,\ns-8,,,\n",
    "reps.csv": "rep_id,name,email,team,hired_on,left_on\ns-77,A. Quist,ADA@corp.example,Nordic,2021-06-01,2025-01-01\n",
    "orders.csv": "order_id,account_id,ordered_at,rep_id\ns-o1,s-9,2024-06-01,s-77\ns-o2,s-8,2024-06-02,s-77\n",
    "quotas.csv": "rep_id,starts_on,ends_on,amount\ns-77,2024-01-01,2024-04-01,9000\ns-77,2024-04-01,2024-07-01,7000\n",
}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    made = Workbench(tmp_path)
    made.load(CRM, system="crm", complete=True)
    return made


def everything(bench: Workbench) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, without the generation that wrote it."""
    there = current(bench.workspace)
    assert there is not None
    return {name: bench.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in TABLES if name in there.tables}


def another(bench: Workbench) -> Workbench:
    """An empty workspace beside it."""
    folder = bench.workspace.parent / "another"
    folder.mkdir()
    return Workbench(folder)


def apart(*pairs: tuple[str, str, str]) -> list[Verdict]:
    return [Verdict(entity, left, right, False) for entity, left, right in pairs]


def together(*pairs: tuple[str, str, str]) -> list[Verdict]:
    return [Verdict(entity, left, right, True) for entity, left, right in pairs]


APART = apart(("accounts", "h-1", "s-9"), ("reps", "h-R1", "s-77"))


def columns(bench: Workbench, query: str) -> list[Any]:
    return [row[0] if len(row) == 1 else row for row in bench.rows(query)]


def test_a_company_with_one_domain_and_a_rep_with_one_address_are_one_in_every_table(bench: Workbench) -> None:
    bench.load(BILLING, system="billing", complete=True)
    assert columns(bench, "SELECT account_id FROM accounts ORDER BY 1") == ["h-2", "s-8", "s-9"]  # billing comes before crm
    assert columns(bench, "SELECT rep_id FROM reps ORDER BY 1") == ["h-R2", "s-77"]
    assert columns(bench, "SELECT account_id, owner_id FROM opportunities ORDER BY ALL") == [("h-2", "h-R2"), ("s-9", "s-77")]
    assert columns(bench, "SELECT account_id, rep_id FROM orders ORDER BY ALL") == [("s-8", "s-77"), ("s-9", "s-77")]


def test_each_attribute_is_that_of_the_most_trusted_record_that_has_one(bench: Workbench) -> None:
    bench.load(BILLING, system="billing", complete=True)
    assert bench.rows("SELECT name, industry, region, owner_id, created_at_local::DATE::VARCHAR, x_tier, x_plan FROM accounts "
                      "WHERE account_id = 's-9'") == [("ACME", "metal", "north", "s-77", "2024-05-05", "gold", "pro")]
    assert bench.rows("SELECT name, team, manager_id, hired_on::VARCHAR, left_on::VARCHAR FROM reps WHERE rep_id = 's-77'") == [
        ("A. Quist", "Nordic", "h-R2", "2021-06-01", "2025-01-01")]


def test_the_setting_prefer_says_whom_to_believe_and_a_date_of_leaving_is_never_mixed_in(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.prefer("crm", "billing")
    bench.load(CRM, system="crm", complete=True)
    bench.load(BILLING, system="billing", complete=True)
    assert bench.rows("SELECT name, industry, region, x_tier, x_plan FROM accounts WHERE account_id = 'h-1'") == [
        ("Acme GmbH", "steel", "north", "gold", "pro")]
    # the crm says that she was hired and has not left: what billing says of the same is another story
    assert bench.rows("SELECT team, hired_on::VARCHAR, left_on FROM reps WHERE rep_id = 'h-R1'") == [("Nordic", "2020-01-01", None)]
    # a quota of the less trusted system gives way on any day that the other has one for; the next one stands
    assert bench.rows("SELECT rep_id, starts_on::VARCHAR, amount FROM quotas ORDER BY 2") == [
        ("h-R1", "2024-01-01", 1000.0), ("h-R1", "2024-04-01", 7000.0)]


def test_who_was_told_apart_stays_two_and_undoing_gives_every_table_back(bench: Workbench) -> None:
    bench.load(BILLING, system="billing", complete=True)
    assert bench.decide(APART).changed
    never = another(bench)
    for name, files in (("crm", CRM), ("billing", BILLING)):
        never.load({k: v for k, v in files.items() if k != "account_keys.csv"}, system=name, complete=True)
    never.decide(apart(("reps", "h-R1", "s-77")))
    assert everything(bench) == everything(never)
    there = current(bench.workspace)
    assert there is not None and not there.identity.said and there.identity.groups is None
    assert not bench.decide(APART).changed  # once more changes nothing


def test_what_is_decided_and_undone_is_as_if_it_had_never_been_also_with_loads_between(bench: Workbench) -> None:
    bench.load(BILLING, system="billing", complete=True)
    bench.decide([*APART, *together(("accounts", "h-2", "s-8"))])
    assert columns(bench, "SELECT account_id FROM orders ORDER BY 1") == ["s-8", "s-9"]
    assert columns(bench, "SELECT account_id FROM opportunities ORDER BY 1") == ["h-1", "s-8"]
    assert bench.rows("SELECT name, region FROM accounts WHERE account_id = 's-8'") == [("Corner Shop", "west")]
    later = {**CRM, "accounts.csv": CRM["accounts.csv"].replace("west", "east"), "opportunities.csv": CRM["opportunities.csv"] +
             "h-d3,2024-04-01,h-2,h-R2,75\n"}
    bench.load(later, system="crm", complete=True)
    assert bench.rows("SELECT name, region FROM accounts WHERE account_id = 's-8'") == [("Corner Shop", "east")]
    assert columns(bench, "SELECT opportunity_id, account_id FROM opportunities ORDER BY 1") == [
        ("h-d1", "h-1"), ("h-d2", "s-8"), ("h-d3", "s-8")]
    bench.decide([*APART, *together(("accounts", "h-2", "s-8")), *apart(("accounts", "h-2", "s-8"))])
    never = another(bench)
    for name, files in (("crm", CRM), ("billing", BILLING), ("crm", later)):
        never.load(files, system=name, complete=True)
    never.decide(APART)
    assert everything(bench) == everything(never)


def test_a_record_that_its_system_loses_leaves_the_group_and_the_others_stand(bench: Workbench) -> None:
    bench.load(BILLING, system="billing", complete=True)
    less = {**BILLING, "accounts.csv": "account_id,name\ns-8,Corner Shop\n", "account_keys.csv": "account_id,domain\ns-8,\n"}
    bench.load(less, system="billing", complete=True)
    assert columns(bench, "SELECT account_id, name FROM accounts ORDER BY 1") == [
        ("h-1", "Acme GmbH"), ("h-2", "Bolt Ltd"), ("s-8", "Corner Shop")]
    assert columns(bench, "SELECT account_id FROM opportunities ORDER BY 1") == ["h-1", "h-2"]
    assert columns(bench, "SELECT account_id FROM orders ORDER BY 1") == ["s-8", "s-9"]  # what it said of the order stands


def test_the_order_of_loads_does_not_matter(bench: Workbench) -> None:
    bench.load(BILLING, system="billing", complete=True)
    other = another(bench)
    other.load(BILLING, system="billing", complete=True)
    other.load(CRM, system="crm", complete=True)
    found, same = everything(bench), everything(other)
    found["accounts"], same["accounts"] = (each.rows("SELECT account_id, name, industry, region, owner_id, x_plan, x_tier FROM accounts "
                                                     "ORDER BY 1") for each in (bench, other))
    assert found == same


def test_who_becomes_one_with_their_manager_is_no_manager_of_their_own(bench: Workbench) -> None:
    bench.load(BILLING, system="billing", complete=True)
    bench.decide([*APART, *together(("reps", "h-R1", "h-R2"))])
    assert bench.rows("SELECT rep_id, manager_id, name FROM reps ORDER BY 1") == [("h-R1", None, "Ada Quist"), ("s-77", None, "A. Quist")]


def test_one_system_alone_has_nothing_beside_its_tables(bench: Workbench) -> None:
    there = current(bench.workspace)
    assert there is not None and not there.identity.said and there.identity.groups is None and set(there.identity.keys) == {"account_keys"}
    assert there.identity.keys["account_keys"].rows == 2
