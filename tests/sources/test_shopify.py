"""What is particular to Shopify: its discounts, taxes and refunds, what is no order, its sixty days, its bucket and its versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.shopify import connect, page
from salesgauge.sources.shopify.connector import Shopify as Connector
from sources.conformance.cases.shopify import Case
from sources.conformance.connected import Connected
from sources.simulators.shopify import Object, Shopify, line

NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)


def opened(folder: Path, simulated: Shopify, waited: list[float] | None = None, **options: Any) -> Connector:
    """A connector to a shop, without a workspace; when it waits the shop's clock goes on."""
    def sleep(seconds: float) -> None:
        (waited if waited is not None else []).append(seconds)
        simulated.tick(seconds)
    return connect(Connection(folder, "shop", "shopify", options={"shop": "acme", **options}, secrets={"token": "env:T"}),
                   Secrets(folder, {"T": simulated.token}),
                   Network(httpx.MockTransport(simulated.handle), sleep, lambda: 0.5, lambda: simulated.now))


def test_orders_and_what_takes_them_back_are_counted_as_they_were_paid(tmp_path: Path) -> None:
    made = Connected("shopify", tmp_path)
    shop = cast("Case", made.case).shop
    ada = shop.make("customers", first_name="Eva", last_name="Frost", email=None, default_address={"country_code": "IE"})
    shirt = shop.make("products", title="Shirt", product_type="", variants=[{"price": "60.00"}, {"price": "70.00"}])["id"]
    taxed = shop.order(ada, [line("60.00", 2, product=shirt, discount="12.00", tax="18.00"), line("25.00", gift_card=True)],
                       taxes_included=True, presentment_currency="USD", closed_at=shop.written())
    money = {"shop_money": {"amount": "40.00", "currency_code": "EUR"}, "presentment_money": {"amount": "44.00", "currency_code": "USD"}}
    plain = shop.order(ada, [{**line("44.00", 3, product=shirt, tax="24.00"), "price_set": money}], source_name="pos", location_id=8)
    for no_order in ({"test": True}, {"cancelled_at": shop.written()}, {"financial_status": "voided"}):
        shop.order(ada, [line("1000.00")], refunds=[refund(shop, [(0, 1)])], **no_order)
    shop.change("orders", taxed["id"], refunds=[
        refund(shop, [(taxed["line_items"][0]["id"], 1), (taxed["line_items"][1]["id"], 1)])])
    shop.change("orders", plain["id"], refunds=[
        refund(shop, [(plain["line_items"][0]["id"], 1)], discrepancy="10.00"), refund(shop, [], discrepancy="-5.50"),
        refund(shop, [], shipping="8.00", discrepancy="8.00"),
        refund(shop, [(plain["line_items"][0]["id"], 1)], discrepancy="48.00")])
    ids = [one["id"] for found in (taxed, plain) for one in shop.kept["orders"][found["id"]]["refunds"]]
    made.tick()
    made.sync()
    assert dict(made.rows("SELECT order_id, round(sum(quantity * unit_price), 6) FROM order_lines GROUP BY 1")) == {
        str(taxed["id"]): 90, str(plain["id"]): 120, f"refund-{ids[0]}": -45, f"refund-{ids[1]}": -30, f"refund-{ids[2]}": -5.5,
        f"refund-{ids[4]}": 0}
    assert made.rows("SELECT quantity, unit_price, round(unit_list_price, 6) FROM order_lines "
                     f"WHERE order_id = '{taxed['id']}'") == [(2, 45, 50)]
    assert made.rows("SELECT order_id, location_id, channel, currency FROM orders WHERE order_id NOT LIKE 'refund%' ORDER BY 1") == [
        (str(taxed["id"]), "online", "web", "EUR"), (str(plain["id"]), "8", "pos", "EUR")]
    assert made.rows("SELECT location_id, kind, region FROM locations ORDER BY 1") == [
        ("7", "store", "Ireland"), ("8", "store", None), ("online", "online", None)]
    assert made.rows("SELECT name, region FROM accounts WHERE name = 'Eva Frost'") == [("Eva Frost", "IE")]
    assert made.rows("SELECT name, list_price, family FROM products ORDER BY 1") == [("Shirt", None, None), ("Thing", 1.25, "Things")]


def refund(shop: Shopify, taken: list[tuple[int, int]], discrepancy: str = "", shipping: str = "") -> Object:
    """A refund of lines by their id and number, and what differs from that."""
    shop.last += 1
    adjusted = [{"id": shop.last * 10, "amount": discrepancy, "kind": "refund_discrepancy"}] if discrepancy else []
    adjusted += [{"id": shop.last * 10 + 1, "amount": f"-{shipping}", "kind": "shipping_refund"}] if shipping else []
    return {"id": shop.last, "created_at": shop.written(), "order_adjustments": adjusted,
            "refund_line_items": [{"id": shop.last * 100 + number, "line_item_id": key, "quantity": quantity}
                                  for number, (key, quantity) in enumerate(taken)]}


def test_without_all_orders_it_says_so_and_takes_none_for_deleted(tmp_path: Path) -> None:
    shop = Shopify(NOW)
    shop.scopes -= {"read_all_orders", "read_products"}
    connector = opened(tmp_path, shop)
    lacking = {right.what: right.remedy for right in connector.rights() if not right.granted}
    assert list(lacking) == ["read products", "read orders older than 60 days"] and "read_products" in lacking["read products"]
    with pytest.raises(SourceError, match=r'shop.toml: the token may see the orders of the last 60 days only.*options.history = "60 days"'):
        connector.streams()
    streams = {stream.name: stream for stream in opened(tmp_path, shop, history="60 days").streams()}
    assert streams["orders"].census is None and streams["customers"].census is not None
    assert all(stream.census is None for stream in opened(tmp_path, shop, history="60 days", deletes="false").streams())


def test_it_keeps_the_pace_of_the_bucket(tmp_path: Path) -> None:
    shop, waited = Shopify(NOW), list[float]()
    shop.bucket = 10
    for number in range(2600):
        shop.make("customers", first_name=f"C{number}", last_name=None, email=None, default_address=None)
        shop.tick(60)
    customers = {stream.name: stream for stream in opened(tmp_path, shop, waited).streams()}["customers"]
    assert sum(map(len, customers.read(None))) == 2600 and set(waited) == {1.0}, "it is never refused"
    assert customers.census is not None and sum(map(len, customers.census())) == 2600
    shop.bucket, shop.used, shop.leaked, waited[:] = 1, 1.0, shop.now, []
    assert sum(map(len, customers.read((shop.now - timedelta(hours=1)).isoformat()))) > 60 and waited[0] == 2.0, "it waits as asked"


def test_another_version_than_asked_for_and_another_order_are_refused(tmp_path: Path) -> None:
    shop = Shopify(NOW)
    shop.make("products", title="Shirt", product_type="", variants=[])
    shop.tick(60)
    shop.make("products", title="Hat", product_type="", variants=[])
    shop.served = "2027-01"
    products = {stream.name: stream for stream in opened(tmp_path, shop).streams()}["products"]
    with pytest.raises(SourceError, match=r"no longer has the version 2026-10 and answers as 2027-01"):
        list(products.read(None))
    products = {stream.name: stream for stream in opened(tmp_path, shop, version="2027-01").streams()}["products"]
    assert sum(map(len, products.read(None))) == 2
    shop.changed["products"].reverse()
    with pytest.raises(SourceError, match="in another order than that of their changes"):
        list(products.read(None))


@pytest.mark.parametrize(("options", "said"), [
    ({"shop": "https://acme.example.com"}, "options.shop is the name of the shop"),
    ({"version": "latest"}, "options.version is a version of the REST interface, such as 2026-10"),
    ({"deletes": "no"}, "options.deletes is true or false, not 'no'"),
    ({"history": "all orders"}, 'options.history is "all" or "60 days"')])
def test_options_that_cannot_be_are_refused(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceError) as problem:
        opened(tmp_path, Shopify(NOW), **options)
    assert said in problem.value.message


@pytest.mark.parametrize(("shop", "record", "address"), [
    ("acme", "orders/12", "https://admin.shopify.com/store/acme/orders/12"),
    ("https://acme.myshopify.com/", "orders/12/refunds/3", "https://admin.shopify.com/store/acme/orders/12"),
    ("acme", "customers/5", "https://admin.shopify.com/store/acme/customers/5"),
    ("acme", "locations/5", None), ("acme/../x", "orders/12", None), ("acme", "orders/12?x", None), (None, "orders/12", None)])
def test_rows_lead_to_the_admin(shop: str | None, record: str, address: str | None) -> None:
    assert page({"shop": shop}, record) == address
