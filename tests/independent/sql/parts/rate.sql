rate AS (  -- what a unit of a currency is worth from a day on; before the first rate the first one holds
    SELECT currency, rated_on, rate FROM exchange_rates WHERE currency <> '{currency}'
    UNION ALL
    SELECT currency, DATE '-infinity', min_by(rate, rated_on) FROM exchange_rates WHERE currency <> '{currency}' GROUP BY currency
    UNION ALL
    SELECT '{currency}', DATE '-infinity', 1
)
