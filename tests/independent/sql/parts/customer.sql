customer AS (  -- who became a customer, and when
    SELECT account_id, min(bought_at) AS since, min(bought_at_local) AS since_local
    FROM (SELECT account_id, ordered_at AS bought_at, ordered_at_local AS bought_at_local
          FROM orders ANTI JOIN (SELECT order_id FROM order_lines GROUP BY order_id HAVING sum(quantity * unit_price) < 0) USING (order_id)
          WHERE ordered_at <= {as_of}
          UNION ALL
          SELECT account_id, timezone('UTC', timezone('{zone}', starts_on::TIMESTAMP)), starts_on FROM contracts WHERE starts_on <= {as_of_on})
    WHERE account_id IS NOT NULL
    GROUP BY account_id
)
