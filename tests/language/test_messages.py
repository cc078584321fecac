"""Messages: values, plural forms, spaces that do not break."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from salesgauge.language import language

NBSP = "\u00a0"


@pytest.mark.parametrize(("count", "said"), [
    (0, "0 сделок"), (1, "1 сделка"), (2, "2 сделки"), (5, "5 сделок"), (11, "11 сделок"), (21, "21 сделка"), (22, "22 сделки"),
    (112, "112 сделок"), (1.5, "1,50 сделки"), (Decimal("1"), "1 сделка"), (1_000_001, f"1{NBSP}000{NBSP}001 сделка"),
])
def test_russian_counts(count: float | Decimal, said: str) -> None:
    assert language("ru").message("deals", count=count) == said.replace(" ", NBSP)


@pytest.mark.parametrize(("code", "one", "many"), [
    ("en", "1 record", "1,234 records"), ("zh-Hans", "1 条记录", "1,234 条记录"), ("zh-Hant", "1 筆記錄", "1,234 筆記錄"),
    ("ru", "1 запись", f"1{NBSP}234 записи"),
])
def test_each_language_counts_in_its_own_way(code: str, one: str, many: str) -> None:
    assert language(code).message("records", count=1) == one.replace(" ", NBSP)
    assert language(code).message("records", count=1234) == many.replace(" ", NBSP)


def test_the_verb_agrees_too() -> None:
    russian = language("ru")
    said = [russian.message("set_aside", count=n, reason=russian.reason("no_exchange_rate")) for n in (1, 3, 5)]
    assert said == [f"исключена 1{NBSP}запись: нет курса валюты", f"исключены 3{NBSP}записи: нет курса валюты",
                    f"исключено 5{NBSP}записей: нет курса валюты"]


def test_dates_and_instants_are_written_as_the_language_does() -> None:
    at = datetime(2025, 2, 14, 8, 5)
    assert language("en").message("as_of", instant=at) == "as of 14 Feb 2025, 08:05"
    assert language("zh-Hans").message("as_of", instant=date(2025, 2, 14)) == "截至 2025年2月14日"


def test_text_goes_in_as_it_is() -> None:
    assert language("en").message("needs_table", table="{orders} <b>%s") == "no data: needs {orders} <b>%s"


def test_wrong_values_are_refused() -> None:
    english = language("en")
    with pytest.raises(TypeError, match="takes count, reason, not count"):
        english.message("set_aside", count=1)
    with pytest.raises(TypeError, match="takes table"):
        english.message("needs_table", table="orders", count=1)
    with pytest.raises(TypeError, match="number as count"):
        english.message("deals", count="3")
    with pytest.raises(LookupError, match=r"en\.toml has no \[message\] nothing"):
        english.message("nothing")
