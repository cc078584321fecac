"""The days that facts read, and when each begins."""

from datetime import date, timedelta

import duckdb
import pytest

from salesgauge.periods import day_start
from salesgauge.settings import make
from salesgauge.store.spans import create_calendar_days, create_local_days

ZONES = ["Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Africa/Casablanca", "Asia/Beirut", "Pacific/Apia", "UTC"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_local_day_begins_where_its_zone_says_even_where_midnight_is_skipped_or_occurs_twice(zone: str) -> None:
    con = duckdb.connect()
    settings = make(zone, "EUR", {})
    create_local_days(con, settings)
    starts = dict(con.execute("SELECT day, starts_at FROM local_days").fetchall())
    days = [date(1995, 1, 1) + timedelta(days=n) for n in range(15_000)]
    assert [starts[day] for day in days] == [day_start(day, settings.zone).replace(tzinfo=None) for day in days]


def test_the_calendar_has_the_days_of_which_the_beginning_is_told() -> None:
    con = duckdb.connect()
    create_local_days(con, make("Europe/Berlin", "EUR", {}))
    create_calendar_days(con)
    assert con.execute("FROM calendar_days ORDER BY day").fetchall() == con.execute("SELECT day FROM local_days ORDER BY day").fetchall()
