"""What Shopify's streams say of accounts, sellers, places and orders, in SQL (no network, no state). An order that was cancelled, whose
payment was voided or that was a test is none; each refund of one that is, is an order that takes something back."""

_LINE = '{"id": "VARCHAR", "product": "VARCHAR", "quantity": "VARCHAR", "price": "VARCHAR", "list_price": "VARCHAR"}'
_ORDERS = "(SELECT * FROM orders WHERE cancelled = 'false' AND test = 'false' AND coalesce(payment, '') <> 'voided')"
# What is sold in no place is sold on the web shop, or by a channel that has none.
_PLACED = "coalesce({o}.location, CASE WHEN {o}.source = 'web' THEN 'online' END)"
_RETURNS = f"""(
SELECT o.id AS sale, o.customer, o.currency, o.staff, o.source, o.location, r.id, r.returned, r.lines
FROM {_ORDERS} o, unnest(from_json(o.returns, '[{{"id": "VARCHAR", "returned": "VARCHAR", "lines": [{_LINE}]}}]')) AS u(r))"""

# Tables that are absent until there is a row of them: an empty one would say that nobody has any.
LEFT_OUT = frozenset(("locations", "products", "reps"))
SHAPES = {
    "accounts_there": f"""
SELECT id, coalesce(name, id) AS name, country, created, 'customers/' || id AS record FROM customers
UNION ALL
SELECT customer, coalesce(max(customer_name), customer), NULL, NULL, 'customers/' || customer FROM {_ORDERS}
WHERE customer IS NOT NULL AND customer NOT IN (SELECT id FROM customers) GROUP BY customer""",
    "sellers": f"""
SELECT id, name, email, 'users/' || id AS record FROM staff
UNION ALL
SELECT DISTINCT staff, NULL, NULL, 'users/' || staff FROM {_ORDERS} WHERE staff IS NOT NULL AND staff NOT IN (SELECT id FROM staff)""",
    "places": f"""
SELECT id, name, 'store' AS kind, region, 'locations/' || id AS record FROM locations
UNION ALL
SELECT DISTINCT location, NULL, 'store', NULL, 'locations/' || location FROM {_ORDERS}
WHERE location IS NOT NULL AND location NOT IN (SELECT id FROM locations)
UNION ALL
SELECT DISTINCT 'online', 'Online store', 'online', NULL, NULL FROM {_ORDERS} WHERE location IS NULL AND source = 'web'""",
    "products_there": "SELECT *, 'products/' || id AS record FROM products",
    "sold": f"""
SELECT o.id, o.customer, o.ordered, o.currency, o.staff, {_PLACED.format(o='o')} AS place, o.source, 'orders/' || o.id AS record
FROM {_ORDERS} o
UNION ALL
SELECT 'refund-' || r.id, r.customer, r.returned, r.currency, r.staff, {_PLACED.format(o='r')}, r.source,
       'orders/' || r.sale || '/refunds/' || r.id FROM {_RETURNS} r""",
    "sold_lines": f"""
SELECT o.id AS sale, l.id, l.product, l.quantity, l.price, l.list_price, 'orders/' || o.id AS record
FROM {_ORDERS} o, unnest(from_json(o.lines, '[{_LINE}]')) AS u(l)
UNION ALL
SELECT 'refund-' || r.id, l.id, l.product, l.quantity, l.price, l.list_price, 'orders/' || r.sale || '/refunds/' || r.id
FROM {_RETURNS} r, unnest(r.lines) AS u(l)""",
}
