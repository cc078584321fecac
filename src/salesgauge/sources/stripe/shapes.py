"""What Stripe's streams say of accounts, orders and contracts, in SQL (no network, no state): an order is a finalised invoice that was not
voided, or a charge that belongs to no invoice; credit notes and refunds are orders that take something back."""

_COLUMNS = ("id", "product", "quantity", "price", "list_price", "of")
_LINES = "'[{" + ", ".join(f'"{name}": "VARCHAR"' for name in _COLUMNS) + "}]'"


def _there(stream: str) -> str:
    """The records of a stream that the last reading of all found, or that are newer."""
    return f"(SELECT * FROM {stream} WHERE whole = (SELECT max(whole) FROM {stream}))"


_INVOICES = f"(SELECT * FROM {_there('invoices')} WHERE status IN ('open', 'paid', 'uncollectible') AND finalized IS NOT NULL)"
_CHARGES = f"(SELECT * FROM {_there('charges')} WHERE status = 'succeeded' AND invoice IS NULL AND CAST(amount AS DOUBLE) > 0)"
_CREDITS = f"(SELECT * FROM {_there('credit_notes')} WHERE status = 'issued' AND invoice IN (SELECT id FROM {_INVOICES}))"
_INVOICE_LINES = f"(SELECT i.id AS invoice, i.subscription, l.* FROM {_INVOICES} i, unnest(from_json(i.lines, {_LINES})) AS u(l))"


def _net(by: str) -> str:
    """What the lines of invoices come to, by one of their columns."""
    return f"(SELECT {by}, sum(CAST(quantity AS DOUBLE) * CAST(price AS DOUBLE)) AS net FROM {_INVOICE_LINES} GROUP BY 1)"


# What was refunded without a credit note: of an invoice the share that is no tax, of a charge by itself the whole.
_REFUNDS = f"""(
SELECT r.id, r.created, r.currency, coalesce(i.customer, c.customer) AS customer,
       CAST(r.amount AS DOUBLE) * CASE WHEN CAST(i.total AS DOUBLE) > 0 THEN least(n.net / CAST(i.total AS DOUBLE), 1) ELSE 1 END AS amount
FROM {_there('refunds')} r JOIN {_there('charges')} c ON c.id = r.charge LEFT JOIN {_INVOICES} i ON i.id = c.invoice
LEFT JOIN {_net('invoice')} n ON n.invoice = i.id
WHERE r.status IN ('succeeded', 'pending') AND (i.id IS NOT NULL OR c.invoice IS NULL AND c.status = 'succeeded')
  AND r.id NOT IN (SELECT refund FROM {_CREDITS} WHERE refund IS NOT NULL))"""

# Tables that are absent until there is a row of them: an empty one would say that nobody has any.
LEFT_OUT = frozenset(("contracts", "products"))
SHAPES = {
    "accounts_there": f"""
SELECT id, coalesce(name, id) AS name, country, created, 'customers/' || id AS record FROM {_there('customers')}
UNION ALL
SELECT customer, coalesce(max(customer_name), customer), NULL, NULL, 'customers/' || customer FROM (
    SELECT customer, customer_name FROM {_INVOICES} UNION ALL SELECT customer, customer_name FROM {_CHARGES}
    UNION ALL SELECT customer, NULL FROM {_there('subscriptions')})
WHERE customer IS NOT NULL AND customer NOT IN (SELECT id FROM {_there('customers')}) GROUP BY customer""",
    "products_there": f"SELECT *, 'products/' || id AS record FROM {_there('products')}",
    "sold": f"""
SELECT id, customer, finalized AS ordered, currency, 'invoices/' || id AS record FROM {_INVOICES}
UNION ALL SELECT id, customer, created, currency, 'payments/' || id FROM {_CHARGES}
UNION ALL SELECT id, customer, created, currency, 'credit_notes/' || id FROM {_CREDITS}
UNION ALL SELECT id, customer, created, currency, 'refunds/' || id FROM {_REFUNDS}""",
    "sold_lines": f"""
SELECT invoice AS sale, id, product, quantity, price, list_price, 'invoices/' || invoice AS record FROM {_INVOICE_LINES}
UNION ALL SELECT id, 'charge', NULL, '1', amount, NULL, 'payments/' || id FROM {_CHARGES}
UNION ALL
SELECT c.id, c.line, o.product, c.quantity, c.price, c.list_price, 'credit_notes/' || c.id
FROM (SELECT n.id, l.id AS line, l.quantity, l.price, l.list_price, l.of FROM {_CREDITS} n, unnest(from_json(n.lines, {_LINES})) AS u(l)) c
LEFT JOIN {_INVOICE_LINES} o ON o.id = c.of
UNION ALL SELECT id, 'refund', NULL, '-1', CAST(amount AS VARCHAR), NULL, 'refunds/' || id FROM {_REFUNDS}""",
    "subscribed": f"""
SELECT s.id, s.customer, left(s.starts, 10) AS starts, left(s.ends, 10) AS ends, coalesce(n.net, 0) AS value, s.currency, s.product,
       'subscriptions/' || s.id AS record
FROM {_there('subscriptions')} s LEFT JOIN {_net('subscription')} n ON n.subscription = s.id
WHERE s.status NOT IN ('incomplete', 'incomplete_expired', 'trialing') AND s.ends > s.starts""",
}
