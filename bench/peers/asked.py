"""What is asked: 16 KPIs of all areas, each by the months of 2025 and a person, and the form that every answer is brought into."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Each KPI with the dimension that names a person: whose row it is, who owns the account, who manages the rep.
ASKED = {
    "new_leads": "rep", "lead_response_time": "rep", "customer_acquisition_rate": "rep", "meeting_acceptance_rate": "rep",
    "win_rate": "rep", "close_rate": "rep", "average_deal_value": "rep", "sales_cycle_length": "rep", "stalled_time": "rep",
    "touches_per_won_deal": "rep", "revenue": "rep", "discount_rate": "rep", "average_contract_value": "rep",
    "customer_retention_rate": "account_owner", "client_engagement": "account_owner", "ramp_time": "manager",
}
YEAR = "2025"
NUMBERS = ("numerator", "denominator", "median", "p90")

Key = tuple[str, str | None]
Answer = dict[Key, tuple[float | None, ...]]


def question(kpi: str) -> dict[str, Any]:
    """The question as salesgauge takes it."""
    return {"kpi": kpi, "period": YEAR, "grain": "month", "by": [ASKED[kpi]]}


def of_ours(answer: Mapping[str, Any]) -> Answer:
    """Our answer in the common form; groups of which every row was set aside are left out, as nobody else has them."""
    if "error" in answer:
        raise RuntimeError(f"{answer['kpi']}: {answer['error']}")
    return {(row["start"], next(iter(row["by"].values()))): tuple(row.get(name) for name in NUMBERS)
            for row in answer["rows"] if row["n"]}


def of_columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Answer:
    """A table with the columns start_on, key, numerator and, where the KPI has them, denominator, median, p90."""
    place = {name: at for at, name in enumerate(names)}
    found: Answer = {}
    for row in rows:
        key = row[place["key"]]
        numbers = tuple(_number(row[place[name]]) if name in place else None for name in NUMBERS)
        if "denominator" in place and not numbers[1]:
            continue
        found[str(row[place["start_on"]])[:10], key if isinstance(key, str) else None] = numbers
    return found


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)  # NaN is what pandas has for nothing


def difference(kpi: str, ours: Answer, theirs: Answer) -> str | None:
    """The first difference between two answers, in words; None: they are equal to 1e-9. A number that only one of them gives (the
    denominator of a mean, a quantile) is not compared."""
    if ours.keys() != theirs.keys():
        extra, lacking = sorted(map(str, theirs.keys() - ours.keys())), sorted(map(str, ours.keys() - theirs.keys()))
        return f"{kpi}: {len(extra)} groups that we have not ({extra[:2]}), {len(lacking)} that only we have ({lacking[:2]})"
    for key, mine in ours.items():
        for name, one, other in zip(NUMBERS, mine, theirs[key], strict=True):
            if one is not None and other is not None and not math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9):
                return f"{kpi}: {name} of {key} is {one!r} here and {other!r} there"
    return None
