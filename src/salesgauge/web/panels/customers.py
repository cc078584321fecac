"""The customers to work on: contracts that end, who may buy more, who was long not touched."""

from __future__ import annotations

from dataclasses import dataclass

from salesgauge.web.page import Page
from salesgauge.web.panels.deals import record_address
from salesgauge.web.panels.listing import Record, because, listed
from salesgauge.web.panels.shown import Link, Shown, local_day, money, whole_days

_SORTS = {"renewals_due": ("days_left", False), "upsell_window": ("customer_days", True), "untouched_customers": ("days_untouched", True)}


@dataclass(frozen=True)
class Renewal:
    """A contract that ends: the customer, the contract, its last day, days left, annual value, and how its renewal stands."""

    account: Link
    contract: Link
    ends_on: str
    days_left: str
    value: str
    renewal: str


@dataclass(frozen=True)
class Customer:
    """A customer: since when, the last touch, and how long ago it (or becoming a customer) was."""

    account: Link
    since: str
    last_touch: str
    days: str


@dataclass(frozen=True, kw_only=True)
class Renewals(Shown):
    """Contracts, the one that ends first first."""

    rows: tuple[Renewal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Customers(Shown):
    """Customers; `touches`: whether the last touch is told, `days` heads the last column."""

    rows: tuple[Customer, ...] = ()
    touches: bool = True
    days: str = ""


def renewals(page: Page, *, most: int = 10) -> Renewals:
    """The contracts that end soon and have no successor."""
    words = page.words
    found = listed(page, "renewals_due", sort="days_left", descending=False, most=most)
    page.learn("account", [because(record)["account_id"] for record in found.rows])
    return Renewals(
        name="renewals", template="panels/renewals.html", title=words.kpi_name("renewals_due"),
        subtitle=words.message("home_renewals_subtitle"), rows=tuple(_renewal(page, each) for each in found.rows),
        why=found.why or (None if found.rows else words.message("home_no_renewals")),
        more=Link(words.message("home_all_contracts", count=found.count), page.opened("renewals_due")) if found.count else None)


def _renewal(page: Page, record: Record) -> Renewal:
    words, why = page.words, because(record)
    return Renewal(
        _account(page, why["account_id"]), Link(str(record["id"]), record_address(page, "contracts", record["id"])),
        words.date(why["ends_on"], year=False), whole_days(page, why["days_left"]), money(page, why["value"]),
        words.choice("renewal", why["renewal"]))  # of which deal is not told: it may be another rep's


def customers(page: Page, figure: str, *, most: int = 8) -> Customers:
    """The customers of the figure upsell_window, or untouched_customers: those who have waited longest first."""
    words = page.words
    sort, descending = _SORTS[figure]
    found = listed(page, figure, sort=sort, descending=descending, most=most)
    page.learn("account", [str(record["id"]) for record in found.rows])
    return Customers(
        name=figure.replace("_", "-"), template="panels/customers.html", title=words.kpi_name(figure),
        subtitle=words.message(f"home_{figure}_subtitle"), touches=figure == "untouched_customers", days=words.column(sort),
        why=found.why or (None if found.rows else words.message("home_no_such_customers")),
        rows=tuple(_customer(page, each, sort) for each in found.rows),
        more=Link(words.message("home_all_customers", count=found.count), page.opened(figure)) if found.count else None)


def _customer(page: Page, record: Record, sort: str) -> Customer:
    words, why = page.words, because(record)
    touched = local_day(page, why.get("last_touch_at"))
    return Customer(_account(page, str(record["id"])), words.date(local_day(page, why["since_at"])),
                    words.message("home_never_touched") if touched is None else words.date(touched), words.number(why[sort], 0))


def _account(page: Page, account: str | None) -> Link:
    return Link(page.label("account", account), None if account is None else record_address(page, "accounts", account))
