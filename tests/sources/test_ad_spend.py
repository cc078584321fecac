"""Reports of advertising as they are exported: every cost once, of its day, or a refusal that says what to export."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from salesgauge.errors import SourceError
from salesgauge.sources.ad_spend import connect, page
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.wire import Network

GOOGLE = """Campaign report
"May 1, 2025 - May 3, 2025"
Day\tCampaign\tCampaign ID\tCurrency code\tCost\tClicks
2025-05-01\tBrand\t11\tEUR\t1,234.50\t3
2025-05-01\tBrand\t11\tEUR\t0.50\t1
2025-05-02\tGeneric, new\t12\tEUR\t20.25\t4
2025-05-03\tTotal\t13\tEUR\t3.00\t4
Total: Campaigns\t --\t --\tEUR\t1,258.25\t12
Total: Account\t --\t --\tEUR\t1,258.25\t12
"""
SIMPLIFIED = """广告系列报告
"2025年5月1日 - 2025年5月2日"
天,广告系列,广告系列 ID,货币代码,费用,点击次数
2025-05-01,品牌,11,CNY,"1,000.50",3
2025-05-02,品牌,11,CNY,20.00,4
总计: 广告系列, --, --,CNY,"1,020.50",7
"""
RUSSIAN = """Отчет о кампаниях
1 мая 2025 г. - 2 мая 2025 г.
День;Кампания;Код валюты;Стоимость
01.05.2025;Бренд;RUB;1 234,50
02.05.2025;Бренд;RUB;20,00
Итого: кампании; --;RUB;1 254,50
"""
MICROS = "Day,Campaign ID,Currency,metrics.cost_micros\n2025-05-01,11,USD,1234500000\n2025-05-13,11,USD,250000\n"
META = """Campaign name,Campaign ID,Reporting starts,Reporting ends,Amount spent (EUR),Impressions
,,2025-05-01,2025-05-31,1250.75,99
Brand,7001,2025-05-01,2025-05-01,1234.50,30
Brand,7001,2025-05-02,2025-05-02,16.25,30
Idle,7002,2025-05-02,2025-05-02,,0
"""
META_CHINESE = """账户编号,广告系列名称,广告系列编号,天,已花费金额 (USD),报告开始日期,报告结束日期
991,品牌,7001,2025-05-01,70.97,2025-05-01,2025-05-31
"""
META_RUSSIAN = """Название кампании;День;Потраченная сумма (UAH);Дата начала отчетности;Дата окончания отчетности
Бренд;01.05.2025;1 234,50;01.05.2025;31.05.2025
Бренд;13.05.2025;2,00;01.05.2025;31.05.2025
"""


def costs(folder: Path, kind: str, **options: Any) -> dict[tuple[str, str, str], str]:
    """What the folder tells, by day, campaign and currency."""
    connector = connect(Connection(folder, "ads", kind, options={"folder": ".", **options}), Secrets(folder, {}), Network())
    (stream,) = connector.streams()
    rows = [row for page in stream.read(None) for row in page]
    assert len({row["id"] for row in rows}) == len(rows)
    return {(str(row["day"]), str(row["campaign_id"] or row["campaign"]), str(row["currency"])): str(row["amount"]) for row in rows}


def written(folder: Path, name: str, text: str, *, encoding: str = "utf-8", hour: int = 0) -> None:
    (folder / name).write_bytes(text.encode(encoding))
    os.utime(folder / name, (1_750_000_000 + 3600 * hour,) * 2)


@pytest.mark.parametrize(("kind", "text", "encoding", "told"), [
    ("google_ads", GOOGLE, "utf-16", {("2025-05-01", "11", "EUR"): "1235.00", ("2025-05-02", "12", "EUR"): "20.25",
                                      ("2025-05-03", "13", "EUR"): "3.00"}),
    ("google_ads", SIMPLIFIED, "gb18030", {("2025-05-01", "11", "CNY"): "1000.50", ("2025-05-02", "11", "CNY"): "20.00"}),
    ("google_ads", RUSSIAN, "windows-1251", {("2025-05-01", "Бренд", "RUB"): "1234.50", ("2025-05-02", "Бренд", "RUB"): "20.00"}),
    ("google_ads", MICROS, "utf-8", {("2025-05-01", "11", "USD"): "1234.500000", ("2025-05-13", "11", "USD"): "0.250000"}),
    ("meta_ads", META, "utf-8-sig", {("2025-05-01", "7001", "EUR"): "1234.50", ("2025-05-02", "7001", "EUR"): "16.25"}),
    ("meta_ads", META_CHINESE, "utf-8-sig", {("2025-05-01", "7001", "USD"): "70.97"}),
    ("meta_ads", META_RUSSIAN, "utf-8", {("2025-05-01", "Бренд", "UAH"): "1234.50", ("2025-05-13", "Бренд", "UAH"): "2.00"})],
    ids=["google", "google zh", "google ru", "micros", "meta", "meta zh", "meta ru"])
def test_a_report_is_read_as_it_is_exported(tmp_path: Path, kind: str, text: str, encoding: str,
                                            told: dict[tuple[str, str, str], str]) -> None:
    written(tmp_path, "report.csv", text, encoding=encoding)
    assert costs(tmp_path, kind) == told


@pytest.mark.parametrize(("kind", "text", "said"), [
    ("google_ads", "Month,Campaign,Currency code,Cost\n2025-05-01,Brand,EUR,5.00\n", "no column with the day; in Google Ads put Day"),
    ("google_ads", "Day,Campaign,Currency code,Clicks\n2025-05-01,Brand,EUR,5\n", "it has no column with the cost"),
    ("google_ads", "Day,Campaign,Cost\n2025-05-01,Brand,5.00\n", 'options.currency = "EUR"'),
    ("google_ads", 'Day,Campaign,Currency code,Cost\n2025-05-01,Brand,EUR,"1,234"\n2025-05-02,Brand,EUR,"2,345"\n', "options.decimal"),
    ("google_ads", "Day,Campaign,Currency code,Cost\n01/05/2025,Brand,EUR,5.00\n02/05/2025,Brand,EUR,6.00\n", "options.dates"),
    ("google_ads", "Day,Campaign,Currency code,Cost\n2025-05-01,Brand,EUR,5.00\n2025-05-02,Brand,EUR,n/a\n", "only 1 of 2 values"),
    ("google_ads", "Day,Campaign,Currency code,Cost\n2025-05-01,Brand,EUR,5.00\n2025-05-02,Brand,EUR, --\n", "rows of days have no Cost"),
    ("google_ads", "Day,Campaign,Currency code,Cost\n2025-05-01,Brand,EUR,5.00\nsoon,Brand,EUR,6.00\n", "has no day and is no total"),
    ("google_ads", "Day,Campaign,Currency code,Cost\n2025-05-01,Brand,Taler,5.00\n", "nobody knows the currency 'Taler'"),
    ("meta_ads", "Campaign name,Reporting starts,Reporting ends,Amount spent (EUR)\nBrand,2025-05-01,2025-05-31,5.00\n",
     "in Meta Ads Manager choose Breakdown, By time, Day"),
    ("meta_ads", "Campaign name,Reporting starts,Reporting ends,Amount spent (EUR)\n,2025-05-01,2025-05-31,5.00\n",
     "it has no row of a day")])
def test_what_nobody_can_say_is_refused_with_what_to_do(tmp_path: Path, kind: str, text: str, said: str) -> None:
    written(tmp_path, "report.csv", text)
    with pytest.raises(SourceError) as problem:
        costs(tmp_path, kind)
    assert problem.value.message.startswith("report.csv: ") and said in problem.value.message


def test_options_say_what_a_file_does_not(tmp_path: Path) -> None:
    written(tmp_path, "report.csv", 'Day;Campaign;Cost\n01/05/2025;Brand;1,234\n02/05/2025;Brand;2,345\n')
    found = costs(tmp_path, "google_ads", dates="%d/%m/%Y", decimal="comma", currency="chf")
    assert found == {("2025-05-01", "Brand", "CHF"): "1.234", ("2025-05-02", "Brand", "CHF"): "2.345"}
    with pytest.raises(SourceError, match=r"ads.toml: there is no options.decimals"):
        costs(tmp_path, "google_ads", decimals="comma")


def by_day(*rows: str) -> str:
    return "\n".join(["Customer ID,Day,Campaign,Campaign ID,Currency code,Cost", *rows]) + "\n"


def test_of_overlapping_exports_the_newer_one_counts(tmp_path: Path) -> None:
    written(tmp_path, "b.csv", by_day("1,2025-05-01,Brand,11,EUR,5.00", "1,2025-05-01,Generic,12,EUR,7.00",
                                      "1,2025-05-02,Brand,11,EUR,6.00"))
    written(tmp_path, "a.csv", by_day("1,2025-05-02,Brand renamed,11,EUR,6.50", "1,2025-05-03,Brand renamed,11,EUR,8.00"), hour=1)
    written(tmp_path, "c.csv", by_day("2,2025-05-02,Brand,21,EUR,100.00"), hour=2)  # of another account
    before = costs(tmp_path, "google_ads")
    assert sum(map(Decimal, before.values())) == Decimal("126.50")
    assert before["2025-05-02", "11", "EUR"] == "6.50" and before["2025-05-01", "12", "EUR"] == "7.00"
    (tmp_path / "a.csv").unlink()
    assert costs(tmp_path, "google_ads")["2025-05-02", "11", "EUR"] == "6.00", "what a file brought goes when the file goes"


def test_the_sheets_of_a_workbook_that_hold_the_same_count_once(tmp_path: Path) -> None:
    rows = [line.split(",") for line in META.splitlines()]
    with xlsxwriter.Workbook(str(tmp_path / "report.xlsx")) as book:
        for name in ("Formatted report", "Raw data report"):
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
        book.add_worksheet("Notes").write_row(0, 0, ["Made by", "the agency"])
    assert costs(tmp_path, "meta_ads") == {("2025-05-01", "7001", "EUR"): "1234.50", ("2025-05-02", "7001", "EUR"): "16.25"}


def test_without_ids_a_campaign_that_only_the_older_export_names_is_asked_about(tmp_path: Path) -> None:
    head = "Day,Campaign,Currency code,Cost\n"
    written(tmp_path, "old.csv", f"{head}2025-05-01,Brand,EUR,5.00\n2025-05-02,Brand,EUR,5.00\n")
    written(tmp_path, "new.csv", f"{head}2025-05-02,Brand,EUR,6.00\n2025-05-02,Extra,EUR,1.00\n", hour=1)
    assert sum(map(Decimal, costs(tmp_path, "google_ads").values())) == Decimal("12.00")
    written(tmp_path, "new.csv", f"{head}2025-05-02,Brand 2,EUR,6.00\n", hour=1)
    with pytest.raises(SourceError, match=r"old.csv and new.csv both tell the costs of 2025-05-02.*no campaign 'Brand'.*Campaign ID"):
        costs(tmp_path, "google_ads")


@pytest.mark.parametrize(("record", "address"), [
    ("meta_ads/991/7001/2025-05-01", "https://adsmanager.facebook.com/adsmanager/manage/campaigns?act=991&selected_campaign_ids=7001"),
    ("meta_ads/-/7001/2025-05-01", None), ("google_ads/991/7001/2025-05-01", None), ("meta_ads/991/7001&x/2025-05-01", None)])
def test_rows_lead_to_the_ads_manager(record: str, address: str | None) -> None:
    assert page({}, record) == address


def test_a_report_of_days_without_spend_tells_of_none(tmp_path: Path) -> None:
    written(tmp_path, "quiet.csv", "Day,Campaign,Currency code,Cost\nTotal: Account, --, --,0.00\n")
    written(tmp_path, "busy.csv", "Day,Campaign,Currency code,Cost\n2025-05-01,Brand,EUR,5.00\n")
    assert costs(tmp_path, "google_ads") == {("2025-05-01", "Brand", "EUR"): "5.00"}
