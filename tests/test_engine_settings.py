"""The table [engine] of salesgauge.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesgauge import settings
from salesgauge.errors import SettingError
from salesgauge.settings import EngineSettings, engine_settings, referred


def test_without_it_the_engine_is_duckdb() -> None:
    assert engine_settings({}) == EngineSettings("duckdb", "", "", "salesgauge")


@pytest.mark.parametrize(("table", "said"), [
    ({"name": "postgres"}, "there is no engine 'postgres'; did you mean postgresql"),
    ({"name": "postgresql"}, "needs an address"),
    ({"nam": "postgresql"}, r"\[engine\] has no 'nam'; did you mean name"),
    ({"name": "postgresql", "address": 5}, "it is text, in quotes"),
    ({"name": "clickhouse", "address": "http://h", "schema": "My Schema"}, "schema cannot be"),
    ({"name": "clickhouse", "address": "http://h", "password": "hunter2"}, "password is no password but says where it is: env:NAME"),
    ("postgresql", r"\[engine\] in salesgauge.toml is a table")])
def test_a_value_that_cannot_be_is_refused(table: object, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        engine_settings(table)


@pytest.mark.parametrize("address", ["postgresql://me:hunter2@host/db", "host=h password=hunter2"])
def test_a_password_in_the_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(SettingError, match="holds a password") as refused:
        engine_settings({"name": "postgresql", "address": address})
    assert "hunter2" not in str(refused.value)


def test_a_reference_stands_for_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESGAUGE_TESTED", "postgresql://h")
    (tmp_path / "secret").write_text("hunter2\n", encoding="utf-8")
    assert referred("env:SALESGAUGE_TESTED") == "postgresql://h"
    assert referred(f"file:{tmp_path}/secret") == "hunter2"
    assert referred("postgresql://h") == "postgresql://h"
    with pytest.raises(SettingError, match="environment variable SALESGAUGE_ABSENT, which is not set"):
        referred("env:SALESGAUGE_ABSENT")
    with pytest.raises(SettingError, match="cannot be read"):
        referred(f"file:{tmp_path}/absent")


def test_the_engine_is_written_and_read_back(tmp_path: Path) -> None:
    made = settings.make("UTC", "EUR", {})
    settings.write(tmp_path, made)
    with (tmp_path / settings.FILE).open("a", encoding="utf-8") as file:
        file.write('[engine]\nname = "clickhouse"\naddress = "env:WHERE"\nschema = "acme"\n')
    found = settings.read(tmp_path)
    assert found.engine == EngineSettings("clickhouse", "env:WHERE", "", "acme")
    settings.write(tmp_path, found)
    assert settings.read(tmp_path) == found
