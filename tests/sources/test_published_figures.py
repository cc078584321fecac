"""The figures that others published on three public data sets, from their files as they are, by the mapping files of this repository."""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from salesgauge.sources import stage_mapped
from salesgauge.store import LoadReport, TableReport
from salesgauge.workspace import Workspace

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SALESGAUGE_SHARED") or ROOT.parent / "shared") / "data"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

if not DATA.is_dir() and os.environ.get("CI") != "true":
    pytest.skip(f"the public data sets are not in {DATA} (set SALESGAUGE_SHARED)", allow_module_level=True)


class Study:
    """A data set, loaded by a mapping; `period` covers it."""

    def __init__(self, folder: Path, data: str, period: str, mapping: Path | None = None) -> None:
        self.source, self.period = DATA / data, period
        self.workspace = Workspace.create(folder, "UTC", "USD", {})
        stage = stage_mapped(mapping or ROOT / "mappings" / f"{data}.toml")
        self.report: LoadReport = self.workspace.load(self.source, now=NOW, stage=stage)

    def table(self, name: str) -> TableReport:
        """What the load says of a table."""
        return next(t for t in self.report.tables if t.table == name)

    def ask(self, kpi: str, **more: Any) -> dict[str, Any]:
        """The only row of an answer."""
        row, = self.rows(kpi, **more)
        return row

    def rows(self, kpi: str, **more: Any) -> list[dict[str, Any]]:
        """The rows of an answer."""
        answer, = self.workspace.answer([{"kpi": kpi, "period": self.period, **more}])
        found: list[dict[str, Any]] = answer["rows"]
        return found


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(tmp_path_factory.mktemp("crm"), "crm_sales_opportunities", "2016-10-01..2018-01-01")


@pytest.fixture(scope="module")
def olist(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(tmp_path_factory.mktemp("olist"), "olist_funnel", "2017-01-01..2019-01-01")


@pytest.fixture(scope="module")
def kag(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(tmp_path_factory.mktemp("kag"), "kag_ad_conversion", "2023-08")


def test_crm_has_8800_deals_85_accounts_7_products_and_35_agents_with_6_managers(crm: Study) -> None:
    assert (crm.table("opportunities").read, crm.table("accounts").new, crm.table("products").new) == (8800, 85, 7)
    assert crm.table("reps").new == 35 + 6
    assert [t.cells_aside for t in crm.report.tables] == [{}] * 4


def test_crm_the_deals_are_from_october_2016_to_december_2017(crm: Study) -> None:
    began = [row["start"] for row in crm.rows("new_opportunities", grain="month") if row["value"]]
    ended = [row["end"] for row in crm.rows("win_rate_decided", grain="month") if row["n"]]
    assert (began[0], ended[-1]) == ("2016-10-01", "2018-01-01")


def test_crm_63_15_percent_of_the_decided_deals_were_won(crm: Study) -> None:
    row = crm.ask("win_rate_decided")
    assert (row["numerator"], row["denominator"] - row["numerator"], round(100 * row["value"], 2)) == (4238, 2473, 63.15)


def test_crm_48_16_percent_of_all_rows_were_won_as_the_loads_report_says(crm: Study) -> None:
    opportunities = crm.table("opportunities")
    assert (opportunities.read, dict(opportunities.rows_aside)) == (8800, {"missing_value": 500})  # prospects without an engage_date
    assert round(100 * crm.ask("win_rate_decided")["numerator"] / opportunities.read, 2) == 48.16


def test_crm_of_the_deals_that_began_51_06_percent_were_won(crm: Study) -> None:
    row = crm.ask("win_rate_cohort")
    assert (row["numerator"], row["denominator"], round(100 * row["value"], 2)) == (4238, 8300, 51.06)


def test_crm_revenue_is_10_005_534(crm: Study) -> None:
    assert crm.ask("revenue")["value"] == 10_005_534


def test_crm_a_won_deal_is_worth_2360_91_on_average_and_1117_in_the_middle(crm: Study) -> None:
    row = crm.ask("average_deal_value")
    assert (round(row["value"], 2), row["n"]) == (2360.91, 4238)
    records = crm.workspace.records({"kpi": "average_deal_value", "period": crm.period}, "numerator")
    assert median(r["contribution"] for r in records["rows"]) == 1117
    assert (records["total"], len(records["rows"])) == (10_005_534, 4238)


def test_crm_a_won_deal_took_51_78_days_on_average_and_57_in_the_middle(crm: Study) -> None:
    row = crm.ask("sales_cycle_length")
    assert (round(row["value"], 2), row["median"]) == (51.78, 57)


def test_crm_the_product_gtxpro_of_the_pipeline_is_the_gtx_pro_of_the_products(crm: Study) -> None:
    assert [row["by"]["product"] for row in crm.rows("revenue", by=["product"])] == [
        "GTK 500", "GTX Basic", "GTX Plus Basic", "GTX Plus Pro", "GTX Pro", "MG Advanced", "MG Special"]
    assert {row["by"]["family"] for row in crm.rows("revenue", by=["family"])} == {"GTK", "GTX", "MG"}


def test_crm_1425_open_deals_have_no_account(crm: Study) -> None:
    note, = crm.report.notes
    assert note == "opportunities: 1,425 of 8,800 rows of sales_pipeline.csv have no row in accounts.csv with the same account"
    industries = {row["by"]["industry"]: row["value"] for row in crm.rows("new_opportunities", by=["industry"])}
    assert industries[None] == 1425 - 337  # 337 of them are among the prospects without an engage_date


def test_crm_a_lost_deal_has_no_value_rather_than_the_value_0(crm: Study) -> None:
    row = crm.ask("pipeline_created")
    assert (row["value"], row["excluded"]) == (10_005_534, {"no_amount": 8300 - 4238})


def test_crm_5_of_the_35_agents_have_no_deal(crm: Study) -> None:
    assert len(crm.rows("new_opportunities", by=["rep"])) == 35 - 5


def test_olist_has_8000_leads_and_842_closed_deals(olist: Study) -> None:
    assert (olist.table("leads").new, olist.table("opportunities").new) == (8000, 842)
    assert [t.rows_aside for t in olist.report.tables] == [{}] * 4


def test_olist_10_525_percent_of_the_leads_were_converted(olist: Study) -> None:
    row = olist.ask("lead_to_opportunity_rate")
    assert (row["numerator"], row["denominator"], row["value"]) == (842, 8000, 0.10525)


def test_olist_a_deal_took_48_44_days_on_average_and_14_in_the_middle_counted_between_dates(olist: Study) -> None:
    row = olist.ask("sales_cycle_length")
    assert (round(row["value"], 2), row["median"], row["n"]) == (48.44, 14, 842)


def test_olist_a_deal_took_49_10_days_on_average_counted_between_timestamps(tmp_path: Path) -> None:
    mapping = tmp_path / "by_timestamp.toml"
    text = (ROOT / "mappings" / "olist_funnel.toml").read_text(encoding="utf-8")
    assert text.count(", day_only = true") == 2
    mapping.write_text(text.replace(", day_only = true", ""), encoding="utf-8")
    study = Study(tmp_path / "workspace", "olist_funnel", "2017-01-01..2019-01-01", mapping)
    assert round(study.ask("sales_cycle_length")["value"], 2) == 49.10


def rounded(number: float, places: str) -> str:
    """A number as it is printed: half up."""
    return str(Decimal(number).quantize(Decimal(places), ROUND_HALF_UP))


def test_olist_each_origin_has_the_leads_conversion_and_days_that_were_published(olist: Study) -> None:
    with (olist.source / "published_marketing_performance.csv").open(encoding="utf-8", newline="") as file:
        published = {row.pop("origin"): row for row in csv.DictReader(file)}
    days = {row["by"]["channel"]: row["value"] for row in olist.rows("sales_cycle_length", by=["channel"])}
    found = {row["by"]["channel"] or "NULL": {
        "total_leads": str(row["denominator"]), "won_deals": str(row["numerator"]), "conv_rate_pct": rounded(100 * row["value"], "0.01"),
        "avg_days_to_close": rounded(days[row["by"]["channel"]], "0.1")} for row in olist.rows("lead_to_opportunity_rate", by=["channel"])}
    assert found == published


def test_olist_an_empty_origin_is_not_the_origin_unknown(olist: Study) -> None:
    leads = {row["by"]["channel"]: row["value"] for row in olist.rows("new_leads", by=["channel"])}
    assert (leads[None], leads["unknown"]) == (60, 1099)


def test_olist_one_deal_was_won_before_its_first_contact(olist: Study) -> None:
    records = olist.workspace.records({"kpi": "sales_cycle_length", "period": olist.period}, "numerator")
    assert [r["contribution"] for r in records["rows"] if r["contribution"] < 0] == [-2]


def test_kag_an_approved_conversion_cost_54_41(kag: Study) -> None:
    row = kag.ask("cost_per_lead")
    assert (round(row["numerator"], 2), row["denominator"], round(row["value"], 2)) == (58_705.23, 1079, 54.41)


def test_kag_by_campaign_it_cost_6_24_and_15_81_and_63_83(kag: Study) -> None:
    costs = {row["by"]["campaign"]: round(row["value"], 2) for row in kag.rows("cost_per_lead", by=["campaign"])}
    assert costs == {"916": 6.24, "936": 15.81, "1178": 63.83}


def test_kag_has_1143_ads_of_3_campaigns(kag: Study) -> None:
    assert (kag.table("spend").new, kag.table("campaigns").new, kag.table("leads").new) == (1143, 3, 1079)
    assert kag.report.notes == ("leads: 1,143 rows of KAG_conversion_data.csv gave 1,079, each as often as its Approved_Conversion says",)
