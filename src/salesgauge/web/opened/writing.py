"""How the columns and cells of records are written for people: names instead of ids, choices in words, times by the workspace's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from salesgauge.schema import LOCAL, TABLES, Kind
from salesgauge.store.records import BECAUSE
from salesgauge.web.opened.asking import Record, value_of
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
_KINDS = frozenset(("activity_kind", "location_kind"))  # kinds that are dimensions too, and so have a heading of their own


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, where it leads, and whether it is a number."""

    text: str
    address: str | None = None
    number: bool = False


def record_address(page: Page, table: str, name: str) -> str:
    """The page of a record."""
    return page.address(f"/records/{table}/{quote(name, safe='')}")


def column_title(page: Page, column: str, table: str | None) -> str:
    """What a column is called, in the records of a table (None: of several); a company's own comes back as given."""
    words, plain = page.words, column.removeprefix(BECAUSE).removesuffix(LOCAL)
    if column in ("table", "id", "contribution"):
        return words.heading(column)
    kind = _CHOICES.get((table or "", column))
    return words.column(plain) if kind is None or kind not in _KINDS else words.dimension(kind)


def naming(page: Page, records: Sequence[Record]) -> Callable[[str, str], str | None]:
    """Looks up what the records name; gives what an id is called by the column that holds it, None for what is no id, or has no name
    that this visitor may see."""
    learn(page, records)

    def name(column: str, value: str) -> str | None:
        found = IDS.get(column)
        called = page.label(found[1], value) if found and found[1] else value
        return None if called == value else called
    return name


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
    # what says how a contribution came about may be converted already; of it only `amount` is sure to be in the record's currency
    return _plain(page, record, plain, value, plain in _MONEY if plain == column else plain == "amount")


def _plain(page: Page, record: Record, column: str, value: Any, money: bool) -> Cell:
    words, stored = page.words, TABLES.get(record["table"])
    if isinstance(value, bool):
        return Cell(words.message("kpis_yes" if value else "kpis_no"))
    if isinstance(value, datetime):
        return Cell(words.instant(value if column.endswith(LOCAL) else page.local(value.replace(tzinfo=UTC))))
    if isinstance(value, date):
        return Cell(words.date(value))
    if isinstance(value, int | float):
        return Cell(words.money(value, currency_of(page, record)) if money else words.number(value), number=True)
    known = stored.column(column) if stored else None
    if known is not None and known.kind is Kind.CHOICE:
        return Cell(words.choice(_CHOICES.get((record["table"], column), column), value))
    return Cell(words.choice(column, str(value)))


def currency_of(page: Page, record: Mapping[str, Any]) -> str:
    """The currency of a record's amounts; the workspace's where it says none (spec/model.md)."""
    row = record["row"]
    return str(row.get("because", {}).get("currency") or row.get("currency") or page.currency)


def shown_columns(columns: Sequence[str], records: Sequence[Record], most: int) -> tuple[str, ...]:
    """The columns that a page lists beside the record and its contribution: how it came about, then what is filled in; a local time
    stands for its instant; a column that says the same as another one, and a currency beside its amount, is left out."""
    because = [c for c in columns if c.startswith(BECAUSE) and c != BECAUSE + "currency"]
    same = {c.removeprefix(BECAUSE) for c in because}
    keys = {key for record in records for key in TABLES[record["table"]].key[:1] if record["table"] in TABLES}
    aside = {"table", "id", "contribution", "currency", *keys}
    stored = [c for c in columns if not (c in aside or c.startswith(BECAUSE) or c + LOCAL in columns or c.removesuffix(LOCAL) in same)]
    filled = [c for c in (*because, *stored) if any(value_of(record, c) is not None for record in records)]
    return tuple(filled[:max(most, len(because))])
