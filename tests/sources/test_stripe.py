"""What is particular to Stripe: its decimals, its taxes and discounts, what takes something back, and what it tells of changes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import Stream
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.stripe import connect, page
from salesgauge.sources.stripe.currencies import amount
from sources.conformance.cases.stripe import KEY, Case
from sources.conformance.connected import Connected
from sources.simulators.stripe import Object, Stripe, line

DAY = 86400


def account(made: Connected) -> Stripe:
    return cast("Case", made.case).account


def customer(found: Stripe, name: str) -> Object:
    return found.make("customers", name=name, email=None, address={"country": "IE"})


@pytest.mark.parametrize(("units", "currency", "said"), [
    (1050, "eur", "10.50"), (500, "jpy", "500"), (500, "KWD", "0.500"), (500, "isk", "5.00"), (500, "ugx", "5.00"), (-99, "usd", "-0.99")])
def test_amounts_have_the_decimals_of_their_currency(units: int, currency: str, said: str) -> None:
    assert str(amount(units, currency)) == said


def test_invoices_payments_and_what_takes_them_back_are_counted_once(tmp_path: Path) -> None:
    made = Connected("stripe", tmp_path)
    found = account(made)
    ada, gone = customer(found, "Ada"), customer(found, "Gone")
    plan = found.make("products", name="Seats", unit_label="seat", default_price={"id": "price_1", "unit_amount": 500, "currency": "jpy"})
    yen = found.invoice(ada, [line(500, 2, product=plan["id"])], currency="jpy")
    taxed = found.invoice(ada, [line(13200, 3, product=plan["id"], discount=1200, tax_inside=2000)], status="paid", total=12000)
    long = found.invoice(gone, [line(100) for _ in range(12)], status="uncollectible")
    found.invoice(ada, [line(777)], status="draft")
    found.invoice(ada, [line(778)], status="void")
    alone = found.make("charges", customer=None, currency="eur", amount=900, amount_captured=800, invoice=None, status="succeeded",
                       billing_details={"name": "Guest", "email": None})
    paying = found.make("charges", customer=ada["id"], currency="eur", amount=12000, amount_captured=12000, invoice=taxed["id"],
                        status="succeeded")
    found.make("charges", customer=ada["id"], currency="eur", amount=5000, amount_captured=0, invoice=None, status="failed")
    partly = found.make("refunds", charge=paying["id"], currency="eur", amount=1200, status="succeeded")
    noted = found.make("refunds", charge=paying["id"], currency="eur", amount=6000, status="succeeded")
    whole = found.make("refunds", charge=alone["id"], currency="eur", amount=800, status="pending")
    found.make("refunds", charge=alone["id"], currency="eur", amount=800, status="failed")
    note = found.make("credit_notes", invoice=taxed["id"], customer=ada["id"], currency="eur", status="issued", refund=noted["id"],
                      effective_at=None, lines=[{"id": "cnli_1", "amount": 6600, "discount_amount": 600, "quantity": 1,
                                                 "tax_amounts": [{"amount": 1000, "inclusive": True}],
                                                 "invoice_line_item": taxed["lines"][0]["id"]}])
    found.make("credit_notes", invoice=taxed["id"], customer=ada["id"], currency="eur", status="void", refund=None, lines=[],
               effective_at=None, total_excluding_tax=100)
    short = found.make("credit_notes", invoice=long["id"], customer=gone["id"], currency="eur", status="issued", refund=None, lines=[],
                       effective_at=None, total_excluding_tax=250)
    subscribed = subscriptions(found, ada, plan)
    found.delete("customers", gone["id"])
    found.tick(60)
    made.sync()
    sums = dict(made.rows("SELECT order_id, round(sum(quantity * unit_price), 6) FROM order_lines GROUP BY 1"))
    assert len(sums) == made.rows("SELECT count(*) FROM orders")[0][0]
    assert sums == {subscribed["id"]: 30, yen["id"]: 500, taxed["id"]: 100, long["id"]: 12, alone["id"]: 8, partly["id"]: -10,
                    whole["id"]: -8, note["id"]: -50, short["id"]: -2.5}
    assert made.rows(f"SELECT quantity, unit_price, round(unit_list_price, 6) FROM order_lines WHERE order_id = '{yen['id']}'") == [
        (2, 250, 250)]
    assert made.rows(f"SELECT quantity, round(quantity * unit_list_price, 6), product_id FROM order_lines "
                     f"WHERE order_id = '{taxed['id']}'") == [(3, 110, plan["id"])]
    assert made.rows(f"SELECT quantity, product_id FROM order_lines WHERE order_id = '{note['id']}'") == [(-1, plan["id"])]
    assert made.rows("SELECT list_price, currency, unit FROM products WHERE name = 'Seats'") == [(500, "JPY", "seat")]
    assert made.rows(f"SELECT name, region FROM accounts WHERE account_id IN ('{ada['id']}', '{gone['id']}') ORDER BY 1") == [
        ("Ada", "IE"), ("Gone", None)], "a customer that was deleted is known by its invoices"
    assert made.rows("SELECT contract_id, CAST(starts_on AS VARCHAR), CAST(ends_on AS VARCHAR), total_value, product_id FROM contracts "
                     "ORDER BY 1") == [("sub_00001", "2025-06-02", "2025-07-02", 30, plan["id"]),
                                       ("sub_00003", "2025-03-01", "2025-05-01", 0, plan["id"])]


def subscriptions(found: Stripe, ada: Object, plan: Object) -> Object:
    """One that runs, after a trial, and was invoiced; one in its trial; one that ended; one that ended in its trial. The invoice of the
    first."""
    def day(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    base = {"customer": ada["id"], "currency": "eur", "items": {"data": [{"price": {"product": plan["id"]}}]}, "ended_at": None,
            "cancel_at": None, "trial_end": None}
    runs = found.make("subscriptions", **{**base, "status": "active", "start_date": day("2025-05-20"), "trial_end": day("2025-06-02"),
                                          "current_period_end": day("2025-07-02")})
    found.make("subscriptions", **{**base, "status": "trialing", "start_date": day("2025-05-30"), "trial_end": day("2025-06-30"),
                                   "current_period_end": day("2025-06-30")})
    found.make("subscriptions", **{**base, "status": "canceled", "start_date": day("2025-03-01"), "ended_at": day("2025-05-01"),
                                   "current_period_end": day("2025-06-01")})
    found.make("subscriptions", **{**base, "status": "canceled", "start_date": day("2025-03-01"), "trial_end": day("2025-04-01"),
                                   "ended_at": day("2025-03-15"), "current_period_end": day("2025-04-01")})
    found.invoice(ada, [line(3000, product=plan["id"])], subscription=runs["id"], status="void")
    return found.invoice(ada, [line(3000, product=plan["id"])], subscription=runs["id"])


def test_changes_are_asked_for_one_by_one_and_after_a_long_pause_everything_is_read_again(tmp_path: Path) -> None:
    made = Connected("stripe", tmp_path)
    found = account(made)
    keys = made.case.add(130)
    made.tick(3600)
    extra = [customer(found, name)["id"] for name in ("Early", "Late")]
    made.tick()
    assert "contracts" not in made.sync(), "an account without subscriptions says nothing of contracts"
    made.tick(5 * DAY)
    found.delete("customers", extra[0])
    made.case.change(keys[3], Decimal("8.5"))
    found.asked.clear()
    made.sync()
    made.agrees()
    asked = [path for path in found.asked if path.startswith("invoices")]
    assert len(asked) == 2 and "created" in asked[0] and asked[1] == f"invoices/{keys[3]}?"
    assert names(made) == ["Acme", "Late", "Zeta"]

    made.tick(31 * DAY)
    found.delete("customers", extra[1])
    made.case.remove(keys[5])
    made.case.change(keys[6], Decimal("6.5"))
    made.tick(31 * DAY)  # nothing tells of that any more
    keys += made.case.add(1)
    found.asked.clear()
    made.sync()
    made.agrees()
    assert names(made) == ["Acme", "Zeta"], "what the account lacks is gone, though no event is left that says so"
    assert sum(path.startswith("invoices?") for path in found.asked) == 2, "all of two pages"


def names(made: Connected) -> list[str]:
    return [name for name, in made.rows("SELECT name FROM accounts ORDER BY 1")]


def test_a_permission_that_the_key_lacks_is_named(tmp_path: Path) -> None:
    made = Connected("stripe", tmp_path)
    account(made).permissions -= {"credit_notes", "events"}
    lacking = [right for right in made.rights() if not right.granted]
    assert [right.what for right in lacking] == ["read credit_notes", "read events"]
    assert lacking[0].remedy.endswith("give the restricted key the permission Credit notes: Read")


def test_reading_holds_a_page_at_a_time(tmp_path: Path) -> None:
    made = Case(tmp_path, datetime(2025, 6, 2, tzinfo=UTC))
    made.add(250)
    connector = connect(Connection(tmp_path, "shop", "stripe", secrets={"key": "env:KEY"}), Secrets(tmp_path, {"KEY": KEY}),
                        Network(httpx.MockTransport(made.handle)))
    streams: dict[str, Stream] = {stream.name: stream for stream in connector.streams()}
    assert [len(rows) for rows in streams["invoices"].read(None)] == [100, 100, 50]
    connector.close()


@pytest.mark.parametrize(("options", "record", "address"), [
    ({}, "invoices/in_1", "https://dashboard.stripe.com/invoices/in_1"),
    ({"mode": "test"}, "customers/cus_9", "https://dashboard.stripe.com/test/customers/cus_9"),
    ({}, "refunds/re_1", None), ({}, "invoices/in_1/../../x", None), ({}, "invoices/in_1?x", None), ({}, "", None)])
def test_rows_lead_to_the_dashboard(options: dict[str, Any], record: str, address: str | None) -> None:
    assert page(options, record) == address
