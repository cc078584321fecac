"""What is wrong is told to people in their language, and to programs in English."""

from __future__ import annotations

import ast
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

import salesgauge
from salesgauge.errors import EngineError
from salesgauge.language import LANGUAGES, language
from salesgauge.language.wording import placeholders, wording
from salesgauge.store.engines.engine import Link
from salesgauge.workspace import Workspace
from web.conftest import Browse, words

ENGLISH_ERRORS = Path(salesgauge.__file__).parent / "language" / "errors" / "en.toml"
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


class Silent:
    """An engine that nobody reaches."""

    name, days = "postgresql", (date.min, date.max)

    def link(self) -> Link:
        raise EngineError.said("PostgreSQL", "connection failed:\n  Connection refused")


@pytest.mark.parametrize(("code", "said"), [("zh-CN", "PostgreSQL 返回：connection failed: Connection refused"),
                                            ("ru", "PostgreSQL сообщает: connection failed: Connection refused")])
def test_what_an_engine_said_stands_within_a_sentence_of_the_reader(browse: Browse, bare: Workspace, code: str, said: str) -> None:
    workspace = Workspace(bare.folder)
    workspace.__dict__["engine"] = Silent()
    answer = browse(workspace=workspace).get("/explore?kpi=new_opportunities&period=2026", headers={"accept-language": code})
    assert (answer.status_code, said in words(answer.text)) == (503, True), words(answer.text)


def test_every_error_of_an_engine_is_raised_with_a_key_and_the_values_of_its_words() -> None:
    raised: list[str] = []
    for path in Path(salesgauge.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or (
                    node.func.id != "EngineError" and (node.func.id != "cls" or path.name != "errors.py")):
                continue
            where = f"{path.name}:{node.lineno}"
            assert len(node.args) == 2 and isinstance(node.args[1], ast.Constant), f"{where}: an error without a key"
            key = str(node.args[1].value)
            raised.append(key)
            for code in LANGUAGES:
                forms = wording(code).forms(f"error_{key}")
                assert placeholders(forms) == {word.arg for word in node.keywords}, (where, code)
    assert len(raised) >= 12
    english = {key for key in tomllib.loads(ENGLISH_ERRORS.read_text(encoding="utf-8"))["message"] if key.startswith("error_engine_")}
    assert english == {f"error_{key}" for key in raised}


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
