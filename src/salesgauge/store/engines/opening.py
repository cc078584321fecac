"""From the settings to the engine that they name."""

from __future__ import annotations

from collections.abc import Callable

from salesgauge.settings import EngineSettings, referred, without_password
from salesgauge.store.engines.clickhouse import ClickHouse
from salesgauge.store.engines.engine import Engine
from salesgauge.store.engines.postgresql import PostgreSQL
from salesgauge.store.engines.spark import Spark

_ENGINES: dict[str, Callable[[str, str | None, str], Engine]] = {"postgresql": PostgreSQL, "clickhouse": ClickHouse,
                                                                  "spark": Spark}


def engine_of(settings: EngineSettings) -> Engine | None:
    """The engine of a workspace, None where it is the local store. SettingError where its address or password is not to be had."""
    if settings.name == "duckdb":
        return None
    address = without_password(referred(settings.address)) if settings.password else referred(settings.address)
    return _ENGINES[settings.name](address, referred(settings.password) if settings.password else None, settings.schema)
