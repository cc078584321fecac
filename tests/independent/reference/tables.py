"""A company's canonical tables as they stand in files: cells read, keys made unique, local time understood."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

Row = Mapping[str, str]
KEYS = {
    "rep_assignments": ("rep_id", "valid_from"),
    "stages": ("pipeline", "stage"),
    "order_lines": ("order_id", "line"),
    "quotas": ("rep_id", "starts_on", "ends_on"),
    "promotions": ("promotion_id", "location_id"),
    "exchange_rates": ("currency", "rated_on"),
    "stage_changes": (),
    "price_observations": (),
}
FIRST = {
    "reps": "rep_id",
    "accounts": "account_id",
    "products": "product_id",
    "locations": "location_id",
    "campaigns": "campaign_id",
    "leads": "lead_id",
    "opportunities": "opportunity_id",
    "activities": "activity_id",
    "documents": "document_id",
    "contracts": "contract_id",
    "orders": "order_id",
    "spend": "spend_id",
    "forecasts": "forecast_id",
    "survey_responses": "response_id",
}
COLUMNS = {
    "leads": "lead_id created_at channel campaign_id owner_id account_id qualified_at converted_at opportunity_id "
    "referred_by_account_id score",
    "opportunities": "opportunity_id created_at account_id lead_id owner_id pipeline stage amount currency acv closes_on closed_at "
    "outcome kind channel product_id location_id loss_reason competitor next_step next_step_on",
    "orders": "order_id account_id ordered_at currency rep_id location_id channel opportunity_id",
    "contracts": "contract_id account_id starts_on ends_on total_value currency opportunity_id rep_id product_id renews_contract_id",
    "activities": "activity_id occurred_at kind direction rep_id lead_id account_id opportunity_id booked_at status sentiment contact_role "
    "purpose automatic",
    "price_observations": "observed_on product_id competitor price currency location_id promoted",
}
USUAL = {
    "activity_window_days": 365,
    "concentration_top": 10,
    "nps_min_tenure_days": 30,
    "max_lifespan_years": 10,
    "rep_tenure_months": 12,
    "forecast_cutoff_days": 0,
    "fiscal_year_start": 1,
}
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000


class Zone:
    """Instants as microseconds since 1970 in UTC, and their local time."""

    def __init__(self, name: str) -> None:
        self._zone = ZoneInfo(name)
        self.start = cache(self._start)
        self.day = cache(self._day)

    def at(self, local: datetime) -> int:
        """The instant of a local time: of two the first, of a skipped one by the offset in force before."""
        offset = local.replace(tzinfo=self._zone, fold=0).utcoffset()
        assert offset is not None
        return (local - offset - EPOCH) // MICROSECOND

    def instant(self, text: str) -> int:
        """The instant that a cell tells; a date is the start of that local day."""
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return self.at(moment)
        return (moment.astimezone(UTC).replace(tzinfo=None) - EPOCH) // MICROSECOND

    def _start(self, day: date) -> int:
        return self.at(datetime.combine(day, time()))

    def local(self, instant: int) -> datetime:
        """The local time of an instant."""
        return (EPOCH + instant * MICROSECOND).replace(tzinfo=UTC).astimezone(self._zone).replace(tzinfo=None, fold=0)

    def _day(self, instant: int) -> date:
        return self.local(instant).date()

    def shifted(self, instant: int, days: int) -> int:
        """The same local time so many days later."""
        return self.at(self.local(instant) + timedelta(days=days))


class Company:
    """Tables, zone, currency and settings. A table that has no file is absent."""

    def __init__(
        self,
        tables: Mapping[str, Sequence[Row]],
        timezone: str,
        currency: str,
        settings: Mapping[str, float],
        columns: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.zone, self.timezone, self.currency = Zone(timezone), timezone, currency
        self._settings = settings
        self.columns = {
            name: list((columns or {}).get(name) or dict.fromkeys(c for row in rows for c in row)) for name, rows in tables.items()
        }
        self.tables = {name: unique(name, rows) for name, rows in tables.items()}

    def setting(self, name: str) -> int:
        """A setting in whole numbers, else its usual value."""
        return int(self.number(name))

    def number(self, name: str) -> float:
        """A setting, else its usual value."""
        return self._settings.get(name, USUAL[name])

    def extra(self, table: str) -> list[str]:
        """The columns of a table that are the company's own."""
        known = set(COLUMNS[table].split())
        return [c for c in self.columns.get(table, ()) if c not in known]


def unique(name: str, rows: Sequence[Row]) -> list[Row]:
    """Rows of a load: identical repeats of a key once, differing ones none."""
    key = KEYS.get(name, (FIRST.get(name, ""),))
    if not key:
        return list(rows)
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row.get(c, "") for c in key), []).append(row)
    return [same[0] for same in found.values() if all(row == same[0] for row in same)]


def read_folder(folder: Path) -> tuple[dict[str, list[Row]], dict[str, list[str]]]:
    """The tables of a folder of canonical files, and their columns."""
    tables: dict[str, list[Row]] = {}
    columns: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            tables[path.stem] = list(reader)
            columns[path.stem] = list(reader.fieldnames or ())
    return tables, columns
