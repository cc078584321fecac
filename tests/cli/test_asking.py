"""compute and records."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from salesgauge.cli.answers import print_answers

from .conftest import Ask


def test_one_kpi_as_json_is_the_answer_of_the_contract(ask: Ask, tiny: Path) -> None:
    said = ask("compute", "new_leads", "--period", "2025-Q1", "--format", "json", "-w", tiny)
    assert (said.code, said.err) == (0, "")
    assert said.json == {"results": [{
        "kpi": "new_leads", "unit": "count", "currency": None, "as_of": None, "timezone": "Europe/Berlin",
        "rows": [{"start": "2025-01-01", "end": "2025-04-01", "by": {}, "value": 9, "numerator": 9, "denominator": None, "n": 9,
                  "low": None, "high": None, "excluded": {}}]}]}


def test_the_options_are_those_of_a_batch(ask: Ask, tiny: Path, tmp_path: Path) -> None:
    batch = [{"kpi": kpi, "period": "2025", "grain": "quarter", "by": ["team", "channel"], "where": {"team": ["West", None]},
              "as_of": "2025-03-01"} for kpi in ("new_leads", "win_rate")]
    (tmp_path / "q.json").write_text(json.dumps(batch), encoding="utf-8")
    singly = ask("compute", "new_leads", "win_rate", "--period", "2025", "--grain", "quarter", "--by", "team,channel",
                 "--where", "team=West", "--where", "team=", "--as-of", "2025-03-01", "--format", "json", "-w", tiny)
    together = ask("compute", "--queries", tmp_path / "q.json", "--format", "json", "-w", tiny)
    assert singly.json == together.json
    assert singly.json["results"][0]["rows"]


def test_what_may_be_approximate_says_how_near_it_is(ask: Ask, tiny: Path) -> None:
    asked = ("compute", "lead_response_time", "--period", "2025", "-w", tiny)
    [exact] = ask(*asked, "--format", "json").json["results"][0]["rows"]
    [row] = ask(*asked, "--approximate", "--format", "json").json["results"][0]["rows"]
    assert row == {**exact, "median_error": 0.0, "p90_error": 0.0}
    header, numbers = csv.reader(io.StringIO(ask(*asked, "--approximate", "--format", "csv").out))
    assert dict(zip(header, numbers, strict=True))["p90_error"] == "0.0"
    assert "median_error" not in ask(*asked, "--format", "csv").out
    assert ask(*asked, "--approximate").out == ask(*asked).out
    assert ask("explain", "lead_response_time", "--approximate", "-w", tiny).code == 0


def test_the_first_groups_are_those_of_the_largest_values_and_the_rest_is_counted(ask: Ask, tiny: Path) -> None:
    asked = ("compute", "new_leads", "--period", "2025", "--by", "channel", "-w", tiny)
    rows = ask(*asked, "--format", "json").json["results"][0]["rows"]
    [found] = ask(*asked, "--first", 1, "--format", "json").json["results"]
    assert found["rows"] == sorted(rows, key=lambda row: -row["value"])[:1]
    assert found["left_out"] == len(rows) - 1 > 0
    assert f"{len(rows) - 1}\u00a0more are not shown." in ask(*asked, "--first", 1).out
    assert "not shown" not in ask(*asked, "--first", len(rows)).out


@pytest.mark.parametrize(("median", "error", "shown"), [
    (4.1861, 0.0204, "4.2 days ± 0.1 days"), (0.012, 0.00006, "0.01 days ± 0.01 days"), (4.1861, 0.0, "4.2 days")])
def test_an_error_is_shown_beside_its_number_and_never_as_less_than_it_is(median: float, error: float, shown: str,
                                                                         capsys: pytest.CaptureFixture[str],
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    row = {"start": "2025-01-01", "end": "2025-04-01", "by": {}, "value": 5.0, "numerator": 10, "denominator": 2, "n": 2, "low": None,
           "high": None, "median": median, "median_error": error, "p90": None, "p90_error": None, "excluded": {}}
    print_answers([{"kpi": "sales_cycle_length", "unit": "days", "currency": None, "as_of": None, "rows": [row]}], "en")
    said = " ".join(capsys.readouterr().out.replace("\u00a0", " ").split())
    assert f"{shown} –" in said


def test_a_value_may_contain_an_equals_sign_and_one_that_occurs_nowhere_is_no_error(ask: Ask, tiny: Path) -> None:
    said = ask("compute", "new_leads", "--period", "2025", "--where", "channel=a=b", "--by", "channel", "--format", "json", "-w", tiny)
    assert said.json["results"][0]["rows"] == []


@pytest.mark.parametrize(("options", "words"), [
    (["new_leds", "--period", "x", "--where", "y"], "unknown KPI 'new_leds'; the nearest: new_leads"),
    (["new_leads"], "say for which period: --period 2025"),
    (["new_leads", "--period", "2025-13"], "cannot read period '2025-13'"),
    (["new_leads", "--period", "2025-01-02..2025-01-02"], "cannot read period"),
    (["new_leads", "--period", "2025", "--where", "channel"], "write DIM=VALUE"),
    (["new_leads", "--period", "2025", "--grain", "decade"], "grain is one of total"),
    (["new_leads", "--period", "2025", "--by", "product"], "it has: rep, team"),
    (["new_leads", "--period", "2025", "--by", ""], "it has: rep, team"),
    (["new_leads", "--period", "2025", "--as-of", "soon"], "cannot read as_of 'soon'"),
    (["new_leads", "--period", "2025", "--by", "team,team"], "a query needs"),
])
def test_a_question_that_cannot_be_answered_says_what_would_be_right(options: list[str], words: str, ask: Ask, tiny: Path) -> None:
    said = ask("compute", *options, "-w", tiny)
    assert said.code == 2
    assert words in said.err and said.err.count("\n") == 1
    assert said.out == ""


def test_of_several_kpis_the_sound_ones_are_answered_and_the_fault_is_told(ask: Ask, tiny: Path) -> None:
    said = ask("compute", "new_leads", "average_deal_value", "--period", "2025", "--by", "product", "--format", "csv", "-w", tiny)
    assert said.code == 2
    assert said.err.startswith("salesgauge: new_leads has no dimension 'product'")
    assert {row["kpi"] for row in csv.DictReader(io.StringIO(said.out))} == {"average_deal_value"}


def test_a_batch_answers_each_question_and_tells_each_fault(ask: Ask, tiny: Path, tmp_path: Path) -> None:
    queries = tmp_path / "q.json"
    queries.write_text('\ufeff[{"kpi": "new_leads", "period": "2025"}, {"kpi": "x", "period": "2025"}, 5]', encoding="utf-8")
    said = ask("compute", "--queries", queries, "--format", "json", "-w", tiny)
    assert (said.code, said.err) == (0, "")
    assert [r.get("error", {}).get("code") for r in said.json["results"]] == [None, "unknown_kpi", "bad_query"]
    assert ask("compute", "--queries", queries, "--format", "csv", "-w", tiny).code == 2


@pytest.mark.parametrize(("text", "words"), [
    (b"{}", "holds no list of questions"), (b"[", "it is no JSON"), (b"\xff\xfe", "no UTF-8 text"), (b"[" * 100_000, "it is no JSON"),
])
def test_a_batch_file_that_cannot_be_read_is_refused(text: bytes, words: str, ask: Ask, tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "q.json").write_bytes(text)
    said = ask("compute", "--queries", tmp_path / "q.json", "-w", tiny)
    assert said.code == 2
    assert words in said.err and "q.json" in said.err and '"period"' in said.err
    assert "No such file" in ask("compute", "--queries", tmp_path / "none.json", "-w", tiny).err


def test_csv_has_the_groups_as_columns_and_numbers_with_all_their_digits(ask: Ask, tiny: Path) -> None:
    said = ask("compute", "lead_response_time", "--period", "2025", "--by", "team", "--format", "csv", "-w", tiny)
    header, *_ = said.out.splitlines()
    assert header == "kpi,start,end,team,value,numerator,denominator,n,low,high,median,p90,excluded"
    rows = {row["team"]: row for row in csv.DictReader(io.StringIO(said.out))}
    exact = ask("compute", "lead_response_time", "--period", "2025", "--where", "team=West", "--format", "json", "-w", tiny).json
    assert float(rows["West"]["value"]) == exact["results"][0]["rows"][0]["value"]
    assert rows["West"]["excluded"] == "unanswered=1"


@pytest.mark.parametrize(("lang", "words"), [
    ("en", ["Win rate", "95% interval", "unknown", "50.0%"]), ("zh-Hans", ["获胜率", "95% 置信区间", "2025年", "未知"]),
    ("zh-Hant", ["贏率", "95% 信賴區間"]), ("ru", ["Доля выигранных сделок", "50,0\u00a0%", "неизвестно"]),
])
def test_a_table_speaks_the_language(lang: str, words: list[str], ask: Ask, tiny: Path) -> None:
    said = ask("compute", "win_rate", "--period", "2025", "--by", "team", "--lang", lang, "-w", tiny)
    assert all(word in said.out for word in words)


def test_a_kpi_without_data_says_so_and_never_zero(ask: Ask, tiny: Path) -> None:
    assert "no data" in ask("compute", "win_rate", "--period", "1999", "-w", tiny).out


@pytest.mark.parametrize("side", ["numerator", "denominator"])
def test_the_records_add_up_to_the_number(side: str, ask: Ask, tiny: Path) -> None:
    value = ask("compute", "win_rate", "--period", "2025", "--format", "json", "-w", tiny).json["results"][0]["rows"][0]
    found = ask("records", "win_rate", "--side", side, "--period", "2025", "--format", "json", "-w", tiny).json
    assert (found["kpi"], found["side"], found["total"]) == ("win_rate", side, value[side])
    assert sum(row["contribution"] for row in found["rows"]) == value[side]
    assert {row["table"] for row in found["rows"]} == {"opportunities"}


def test_every_record_says_where_it_came_from(ask: Ask, tiny: Path) -> None:
    asked = ("records", "new_leads", "--period", "2025", "-w", tiny)
    for row in ask(*asked, "--format", "json").json["rows"]:
        assert row["lineage"] == {"source": "leads.csv", "record": None, "link": None, "load": "g-000001",
                                  "loaded_at": "2025-09-01T00:00:00Z"}
    header, first, *_ = csv.reader(io.StringIO(ask(*asked, "--format", "csv").out))
    assert dict(zip(header, first, strict=True))["lineage_source"] == "leads.csv" and header[-1] == "lineage_load"
    assert "leads.csv" not in ask(*asked).out, "a table for people says it where there is a way back"


def test_instants_of_records_are_utc_and_local_ones_are_not(ask: Ask, tiny: Path) -> None:
    row = ask("records", "new_leads", "--period", "2025", "--format", "json", "-w", tiny).json["rows"][0]["row"]
    assert row["created_at"].endswith("Z") and not row["created_at_local"].endswith("Z")


def test_a_spreadsheet_takes_no_cell_of_a_csv_for_a_formula(ask: Ask, messy: Path) -> None:
    said = ask("records", "revenue", "--period", "2025", "--format", "csv", "-w", messy)
    assert said.code == 0
    cells = [cell for row in csv.reader(io.StringIO(said.out)) for cell in row]
    assert not any(cell.startswith(("=", "@", "+")) for cell in cells)
    negative = ask("compute", "forecast_bias", "--period", "2025-Q1", "--format", "csv", "-w", messy)
    assert "'-" not in negative.out  # a negative number is no text


def test_a_side_that_a_kpi_does_not_have_is_a_fault(ask: Ask, tiny: Path) -> None:
    said = ask("records", "new_leads", "--side", "denominator", "--period", "2025", "-w", tiny)
    assert said.code == 2 and "no denominator" in said.err


def test_a_table_of_records_shows_as_many_as_wanted_and_says_how_many_there_are(ask: Ask, tiny: Path) -> None:
    said = ask("records", "new_leads", "--period", "2025", "--limit", "3", "-w", tiny)
    assert "New leads: numerator = 10" in said.out
    assert "7 more records are not shown (see --limit)" in said.out.replace("\u00a0", " ")
