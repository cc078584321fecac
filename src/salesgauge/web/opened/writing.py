"""How the columns and cells of records are written for people: names instead of ids, choices in words, times by the workspace's clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from salesgauge.schema import LOCAL, TABLES, Kind
from salesgauge.web.opened.asking import BECAUSE, Record, value_of
from salesgauge.web.page import Page

# a column that holds ids -> the table of what they name, and the dimension under which its names are known (None: it has none)
IDS: dict[str, tuple[str, str | None]] = {
    "rep_id": ("reps", "rep"), "owner_id": ("reps", "rep"), "manager_id": ("reps", "manager"), "account_id": ("accounts", "account"),
    "referred_by_account_id": ("accounts", "account"), "product_id": ("products", "product"), "location_id": ("locations", "location"),
    "campaign_id": ("campaigns", "campaign"), "opportunity_id": ("opportunities", None), "lead_id": ("leads", None),
    "order_id": ("orders", None), "contract_id": ("contracts", None), "renews_contract_id": ("contracts", None)}
_KEYS = {"reps": "rep", "accounts": "account", "products": "product", "locations": "location", "campaigns": "campaign"}
_MONEY = frozenset(("amount", "acv", "total_value", "price", "unit_price", "list_price", "unit_list_price", "unit_cost"))
_CHOICES = {("activities", "kind"): "activity_kind", ("locations", "kind"): "location_kind", ("documents", "kind"): "document_kind",
            ("promotions", "kind"): "promotion_kind", ("forecasts", "category"): "forecast_category"}


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, where it leads, and whether it is a number."""

    text: str
    address: str | None = None
    number: bool = False


def record_address(page: Page, table: str, name: str) -> str:
    """The page of a record."""
    return page.address(f"/records/{table}/{quote(name, safe='')}")


def column_title(page: Page, column: str) -> str:
    """What a column is called; a company's own comes back as given."""
    words = page.words
    if column in ("table", "id", "contribution"):
        return words.heading(column)
    return words.column(column.removeprefix(BECAUSE).removesuffix(LOCAL))


def name_of(page: Page, column: str, value: str) -> str | None:
    """What an id is called, by the column that holds it; None for what is no id, or has no name that this visitor may see."""
    found = IDS.get(column.removeprefix(BECAUSE))
    if found is None or found[1] is None:
        return None
    name = page.label(found[1], value)
    return name if name != value else None


def learn(page: Page, records: Iterable[Record]) -> None:
    """Looks up the names of everything that the records name, all at once."""
    wanted: dict[str, set[str]] = {}
    for record in records:
        if record["table"] in _KEYS and record["id"] is not None:
            wanted.setdefault(_KEYS[record["table"]], set()).add(record["id"])
        row = record["row"]
        for column, value in (*row.items(), *row.get("because", {}).items()):
            found = IDS.get(column)
            if found and found[1] and isinstance(value, str):
                wanted.setdefault(found[1], set()).add(value)
    for dimension, keys in wanted.items():
        page.learn(dimension, keys)


def record_cell(page: Page, record: Record) -> Cell:
    """The record itself: its name, else its id, and the address of its page."""
    table, name = record["table"], record["id"]
    if name is None:
        return Cell(page.words.term("unknown"))
    label = page.label(_KEYS[table], name) if table in _KEYS else name
    return Cell(label, record_address(page, table, name))


def cell(page: Page, record: Record, column: str) -> Cell:
    """What a record has in a column, written."""
    value, plain = value_of(record, column), column.removeprefix(BECAUSE)
    if value is None:
        return Cell("")
    if isinstance(value, str) and plain in IDS:
        table, dimension = IDS[plain]
        return Cell(page.label(dimension, value) if dimension else value, record_address(page, table, value))
    return _plain(page, record, plain, value)


def _plain(page: Page, record: Record, column: str, value: Any) -> Cell:
    words, stored = page.words, TABLES.get(record["table"])
    if isinstance(value, bool):
        return Cell(words.message("kpis_yes" if value else "kpis_no"))
    if isinstance(value, datetime):
        return Cell(words.instant(value if column.endswith(LOCAL) else page.local(value.replace(tzinfo=UTC))))
    if isinstance(value, date):
        return Cell(words.date(value))
    if isinstance(value, int | float):
        currency = currency_of(record, column)
        if currency and column in _MONEY:
            return Cell(words.money(value, currency), number=True)
        return Cell(words.number(value), number=True)
    known = stored.column(column) if stored else None
    if known is not None and known.kind is Kind.CHOICE:
        return Cell(words.choice(_CHOICES.get((record["table"], column), column), value))
    return Cell(words.choice(column, str(value)) if known is None else str(value))


def currency_of(record: Mapping[str, Any], column: str) -> str | None:
    """The currency that stands in a record beside an amount; None where none does, or none that is known."""
    row = record["row"]
    currency = row.get("because", {}).get("currency") or row.get("currency")
    return currency if isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isupper() else None


def shown_columns(columns: Sequence[str], records: Sequence[Record], most: int) -> tuple[str, ...]:
    """The columns that a page lists beside the record and its contribution: how it came about, then what is filled in; a local time
    stands for its instant, and a column that says the same as another one is left out."""
    because = [c for c in columns if c.startswith(BECAUSE)]
    same = {c.removeprefix(BECAUSE) for c in because}
    keys = {key for record in records for key in TABLES[record["table"]].key[:1] if record["table"] in TABLES}
    stored = [c for c in columns if c not in ("table", "id", "contribution", *because) and c not in keys and c + LOCAL not in columns
              and c.removesuffix(LOCAL) not in same]
    filled = [c for c in (*because, *stored) if any(value_of(record, c) is not None for record in records)]
    return tuple(filled[:max(most, len(because))])
