"""Customers and people."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

from independent.reference.known import days_between
from independent.reference.measures import Measures, Part, Period, kpi
from independent.reference.revenue import owned


def values(period: Period, after: int | None) -> dict[str, Part]:
    """The value of each account with a purchase by the horizon and from `after` on, and what is set aside of them."""
    known = period.known
    value: dict[str, float] = defaultdict(float)
    bought, parts = set(), {}
    rows = [p for p in known.purchases if p.account and period.reaches(p.at) and (after is None or p.at >= after)]
    for p in rows:
        worth, reason = known.value(p)
        if reason is None:
            value[p.account or ""] += worth
            if not p.returned:
                bought.add(p.account)
    buyers = {p.account for p in rows if not p.returned}
    for p in rows:
        reason = known.value(p)[1]
        if reason and p.account in buyers:
            parts[f"purchase:{p.id}"] = Part(f"purchase:{p.id}", 0, of_customer(period, p.account or ""), reason)
    for account in bought:
        if account:
            parts[f"account:{account}"] = Part(f"account:{account}", value[account], of_customer(period, account))
    return parts


def of_customer(period: Period, account: str) -> dict[str, str | None]:
    of = period.known.of_account(account)
    return {**of, "region": of["account_region"]}


@kpi("lifetime", "money", "segment industry region account_owner", "values")
def customer_lifetime_value(period: Period) -> Measures:
    """The base has the accounts active a year before the horizon; 1 of each that is not active any more."""
    before = period.known.zone.shifted(period.horizon, -365)
    then, now = period.known.active(before), period.known.active(period.horizon)
    rows = list(values(period, before).values())
    return Measures(
        rows,
        [Part(p.key, 1, p.by, p.reason) for p in rows],
        [Part(f"account:{a}", 0 if a in now else 1, of_customer(period, a)) for a in then],
    )


@kpi("mean", "money", "segment industry region account account_owner", "values")
def historic_customer_value(period: Period) -> Measures:
    return Measures(list(values(period, None).values()))


def staying(period: Period) -> list[tuple[bool, Part]]:
    """The customers active at the period's start, and whether they are at its horizon."""
    now = period.known.active(period.horizon)
    return [(a in now, Part(f"account:{a}", 1, owned(period, a))) for a in period.known.active(period.start_at)]


@kpi("proportion", "percent", "account_owner team region segment industry", "actives")
def customer_retention_rate(period: Period) -> Measures:
    found = staying(period)
    return Measures([part for stays, part in found if stays], [part for _, part in found])


@kpi("proportion", "percent", "account_owner team region segment industry", "actives")
def churn_rate(period: Period) -> Measures:
    found = staying(period)
    return Measures([part for stays, part in found if not stays], [part for _, part in found])


@kpi("mean", "ratio", "account_owner team region segment", "actives", "activities")
def client_engagement(period: Period) -> Measures:
    touches = Counter(period.known.account_of(a) for a in period.known.acts if a.touch and period.has(a.at))
    return Measures([Part(part.key, touches[part.key.removeprefix("account:")], part.by) for _, part in staying(period)])


@kpi("mean", "score", "account_owner region segment industry", "survey_responses", "customers")
def net_promoter_score(period: Period) -> Measures:
    known, parts = period.known, []
    for row, at in last_answers(period, "nps", ("contact_id", "account_id")):
        account, score = row.get("account_id") or "", float(row["score"])
        since = known.since.get(account)
        reason = None
        if since is None or since.at > at:
            reason = "not_a_customer"
        elif at < known.zone.shifted(since.at, known.company.setting("nps_min_tenure_days")):
            reason = "too_new_customer"
        parts.append(
            Part(
                f"response:{row['response_id']}",
                100 if score >= 9 else -100 if score <= 6 else 0,
                of_customer(period, account) if account else period.known.of_account(None) | {"region": None},
                reason,
            )
        )
    return Measures(parts)


def last_answers(period: Period, survey: str, who: tuple[str, ...]) -> list[tuple[dict[str, str], int]]:
    """Of each who answered the last response in the period."""
    last: dict[tuple[str, str], tuple[int, str, dict[str, str]]] = {}
    for row in period.known.rows("survey_responses"):
        at = period.known.zone.instant(row["responded_at"])
        if row["survey"] == survey and period.has(at):
            key = next(((column, row[column]) for column in who if row.get(column)), ("response_id", row["response_id"]))
            last[key] = max(last.get(key, (at, "", {})), (at, row["response_id"], dict(row)), key=lambda x: x[:2])
    return [(row, at) for at, _, row in last.values()]


@kpi("mean", "score", "team region manager tenure", "survey_responses")
def employee_satisfaction(period: Period) -> Measures:
    known, parts = period.known, []
    for row, at in last_answers(period, "employee", ("rep_id",)):
        rep = row.get("rep_id") or None
        by = {**known.place(rep, period.day(at)), "tenure": known.tenure(rep, period.day(at))}
        parts.append(Part(f"response:{row['response_id']}", float(row["score"]), by))
    return Measures(parts)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, else that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = ((date(year, month + 1, 1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


@kpi("proportion", "percent", "team region manager", "reps")
def rep_retention_rate(period: Period) -> Measures:
    known, made = period.known, Measures()
    for rep, row in known.reps.items():
        hired = row.get("hired_on")
        if not hired or not known.employed(row, period.start):
            continue
        if months_later(date.fromisoformat(hired), known.company.setting("rep_tenure_months")) <= period.start:
            part = Part(f"rep:{rep}", 1, known.place(rep, period.start))
            made.denominator.append(part)
            if known.employed(row, period.horizon_day):
                made.numerator.append(part)
    return made


@kpi("mean", "days", "team region manager", "reps", "activities")
def ramp_time(period: Period) -> Measures:
    known, parts = period.known, []
    for rep, row in known.reps.items():
        if not row.get("hired_on") or not period.has(known.starts(row, "hired_on")):
            continue
        hired = known.starts(row, "hired_on")
        first = next(
            (a for a in known.acts if a.row.get("rep_id") == rep and a.outbound and a.at >= hired and known.with_prospect(a, a.at)), None
        )
        parts.append(
            Part(
                f"rep:{rep}",
                days_between(hired, first.at) if first else 0,
                known.place(rep, date.fromisoformat(row["hired_on"])),
                None if first else "not_yet_ramped",
            )
        )
    return Measures(parts)
