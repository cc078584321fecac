"""The reasons for which a row can be set aside, in the order they are shown."""

REASONS = ("no_exchange_rate", "no_amount", "too_new_customer", "not_a_customer", "no_first_lead", "unanswered", "not_yet_ramped")
