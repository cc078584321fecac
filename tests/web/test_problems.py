"""What is wrong is told to people in their language, and to programs in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import salesgauge
from salesgauge.language import LANGUAGES, language
from salesgauge.language.wording import placeholders, wording
from salesgauge.workspace import Workspace
from web.conftest import Browse, words

WRONG = ("/kpis/no_such_kpi", "/?period=2026-13", "/?period=0001", "/?as_of=yesterday", "/?compare=that", "/?meeting=lunch",
         "/kpis/win_rate/records?side=top", "/kpis/win_rate/records?sort=nothing", "/kpis/win_rate/records?from=x",
         "/kpis/revenue/records?side=denominator", "/explore?kpi=revenue&grain=hour", "/explore?kpi=revenue&grain=month&show=pie",
         "/records/nothing/1", "/records/accounts/nothing", "/nothing", "/kpis/employee_satisfaction/records")


@pytest.mark.parametrize("code", ["zh-CN", "zh-TW", "ru"])
def test_no_error_is_told_in_english_to_who_reads_another_language(browse: Browse, code: str) -> None:
    client = browse()
    for address in WRONG:
        english = client.get(address, headers={"accept-language": "en"})
        told = client.get(address, headers={"accept-language": code})
        assert 400 <= told.status_code == english.status_code < 500, address
        sentence = re.search(r"</h1><p>(.*?)</p>", told.text)
        assert sentence and not re.search(r"[A-Za-z]{3,} [A-Za-z]{3,} [A-Za-z]{3,}", sentence[1]), (address, sentence and sentence[1])
        assert sentence[1] not in english.text


def test_programs_are_told_in_english_with_a_code_that_stays(browse: Browse) -> None:
    answer = browse().get("/api/v1/questions?kpi=no_such_kpi&period=2026", headers={"accept-language": "ru"})
    assert answer.json()["code"] == "unknown_kpi" and answer.json()["detail"].startswith("unknown KPI 'no_such_kpi'")


def test_a_page_without_data_says_what_to_do(browse: Browse, empty: Workspace) -> None:
    answer = browse(workspace=empty).get("/", headers={"accept-language": "zh-CN"})
    assert answer.status_code == 503 and "尚未加载任何数据" in words(answer.text)


KINDS = "UnknownKpi|BadQuery|BadPeriod|BadDimension|MissingTable|Confidential|WorkspaceError"
ARGUMENTS = r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))*?"  # with brackets within brackets


def test_every_error_that_is_raised_with_a_key_has_its_words_with_the_same_values() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(salesgauge.__file__).parent.rglob("*.py"))
    raised = set(re.findall(rf'raise (?:{KINDS})\({ARGUMENTS},\s+"(\w+)"(?:,|\))', source))
    assert len(raised) > 15
    for code in LANGUAGES:
        for key in raised:
            assert language(code).has_message(f"error_{key}"), (code, key)
            assert placeholders(wording(code).forms(f"error_{key}")) == placeholders(wording("en").forms(f"error_{key}"))
