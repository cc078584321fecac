"""pandas over the Parquet parts: only the columns that are needed, rows of other years left out while reading where that is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyarrow import compute as pc

from bench.peers.asked import Answer, of_columns

if TYPE_CHECKING:
    from salesgauge.workspace import Workspace

MEETINGS = ["meeting", "video", "visit", "demo"]
START, END = pd.Timestamp("2025-01-01"), pd.Timestamp("2026-01-01")
MONTHS = pd.date_range(START, END, freq="MS", inclusive="left", unit="us")
KNOWN = pc.field("automatic").is_null() | (pc.field("automatic") == False)  # noqa: E712  an Arrow expression
OUTBOUND = pc.field("direction").is_null() | (pc.field("direction") == "outbound")
TOUCH = pc.field("status").is_null() | ~pc.field("status").isin(["declined", "no_show"])


def within(column: str) -> pc.Expression:
    """Whether a local time or date lies in the year."""
    return (pc.field(column) >= START) & (pc.field(column) < END)


def within_days(column: str) -> pc.Expression:
    """The same of a date."""
    return (pc.field(column) >= START.date()) & (pc.field(column) < END.date())


def month(local: pd.Series) -> pd.Series:
    """The first day of the month."""
    return pd.Series(pd.to_datetime(local).to_numpy().astype("datetime64[M]").astype("datetime64[us]"), index=local.index)


def grouped(t: pd.DataFrame, **numbers: tuple[str, Any]) -> pd.DataFrame:
    """By month and person."""
    return t.groupby(["start_on", "key"], dropna=False, as_index=False).agg(**numbers)


class Frames:
    """The tables of a workspace as frames."""

    def __init__(self, workspace: Workspace) -> None:
        self._tables = workspace.generation().tables

    def read(self, table: str, *columns: str, where: Any = None) -> pd.DataFrame:
        """Columns of a table, of the rows that `where` says."""
        return pd.read_parquet([str(part) for part in self._tables[table].parts], columns=list(columns), filters=where)

    def in_euro(self, t: pd.DataFrame, day: str) -> pd.Series:
        """The worth of a unit of each row's currency on its day."""
        rates = self.read("exchange_rates", "currency", "rated_on", "rate")
        days = pd.DataFrame({"day": pd.date_range(START, END, inclusive="left", unit="us")})
        rates["rated_on"] = pd.to_datetime(rates.rated_on).astype("datetime64[us]")
        daily = pd.concat([pd.merge_asof(days, own.sort_values("rated_on"), left_on="day", right_on="rated_on")
                           for _currency, own in rates.groupby("currency")])
        own = pd.DataFrame({"day": pd.to_datetime(t[day]).dt.floor("D").astype("datetime64[us]"), "currency": t.currency})
        rate = own.merge(daily, on=["day", "currency"], how="left").rate.set_axis(t.index)
        return rate.where(t.currency.notna() & (t.currency != "EUR"), 1.0)

    def lead_deals(self) -> pd.Series:
        """The deal of each lead, by the lead's id."""
        leads = self.read("leads", "lead_id", "opportunity_id")
        deals = self.read("opportunities", "opportunity_id", "lead_id", "created_at")
        named = leads.opportunity_id.where(leads.opportunity_id.isin(deals.opportunity_id))
        earliest = deals[deals.lead_id.notna()].sort_values(["created_at", "opportunity_id"]).drop_duplicates("lead_id")
        return named.fillna(leads.lead_id.map(earliest.set_index("lead_id").opportunity_id)).set_axis(leads.lead_id)

    def customers(self) -> pd.Series:
        """Since when each account has been a customer, by the account's id."""
        lines = self.read("order_lines", "order_id", "quantity", "unit_price")
        lines["value"] = lines.quantity * lines.unit_price
        lines = lines[lines.order_id.isin(lines.order_id[lines.value < 0])]
        totals = lines.groupby("order_id").value.sum()
        orders = self.read("orders", "order_id", "account_id", "ordered_at", where=pc.field("account_id").is_valid())
        bought = orders[~orders.order_id.isin(totals.index[totals < 0])].groupby("account_id").ordered_at.min()
        contracts = self.read("contracts", "account_id", "starts_on", where=pc.field("account_id").is_valid())
        days = pd.to_datetime(contracts.starts_on).astype("datetime64[us]").groupby(contracts.account_id).min()
        signed = days.dt.tz_localize("Europe/Berlin").dt.tz_convert(None)
        return pd.concat([bought, signed]).groupby(level=0).min()

    def accounts_of(self, a: pd.DataFrame) -> pd.Series:
        """The account of each activity: its own, else its deal's, else its lead's."""
        deals = self.read("opportunities", "opportunity_id", "account_id").set_index("opportunity_id").account_id
        leads = self.read("leads", "lead_id", "account_id").set_index("lead_id").account_id
        found = a.account_id.copy()
        for column, accounts in (("opportunity_id", deals), ("lead_id", leads)):
            lacking = found.isna() & a[column].notna()
            found[lacking] = a.loc[lacking, column].map(accounts)
        return found

    def won(self) -> pd.DataFrame:
        """The deals won in the year, with their lead."""
        t = self.read("opportunities", "opportunity_id", "owner_id", "lead_id", "created_at", "closed_at", "closed_at_local",
                      where=(pc.field("outcome") == "won") & within("closed_at_local"))
        leads = self.read("leads", "lead_id", "opportunity_id", "created_at", where=pc.field("opportunity_id").is_valid())
        earliest = leads.sort_values(["created_at", "lead_id"]).drop_duplicates("opportunity_id").set_index("opportunity_id").lead_id
        t["lead_id"] = t.lead_id.fillna(t.opportunity_id.map(earliest))
        return t.assign(start_on=month(t.closed_at_local), key=t.owner_id)

    def before_close(self, won: pd.DataFrame, where: Any) -> pd.DataFrame:
        """The activities of deals up to their close."""
        a = self.read("activities", "opportunity_id", "lead_id", "occurred_at", where=where & pc.field("occurred_at").is_valid())
        deals = won[["opportunity_id", "lead_id", "closed_at"]]
        own = a[["opportunity_id", "occurred_at"]].merge(deals[["opportunity_id", "closed_at"]], on="opportunity_id")
        loose = a.loc[a.opportunity_id.isna() & a.lead_id.notna(), ["lead_id", "occurred_at"]]
        through = loose.merge(deals[deals.lead_id.notna()], on="lead_id")
        t = pd.concat([own, through[own.columns]])
        return t[t.occurred_at <= t.closed_at]

    def tracked(self) -> pd.DataFrame:
        """A row per deal and month in which it was open or closed."""
        t = self.read("opportunities", "opportunity_id", "owner_id", "pipeline", "stage", "outcome", "created_at", "created_at_local",
                      "closed_at_local", where=pc.field("created_at_local") < END)
        t["closed_on"] = month(t.closed_at_local.where(t.outcome.notna()))
        return spread(t, month(t.created_at_local), t.closed_on).rename(columns={"owner_id": "key"})

    def running(self) -> pd.DataFrame:
        """The customers with a contract at each month's start, that after the year as well."""
        t = self.read("contracts", "account_id", "starts_on", "ends_on", where=pc.field("account_id").is_valid())
        starts, ends = (pd.to_datetime(t[c]).astype("datetime64[us]") for c in ("starts_on", "ends_on"))
        first = month(starts - pd.Timedelta(days=1)) + pd.DateOffset(months=1)
        last = month(ends - pd.Timedelta(days=1))
        return spread(t[["account_id"]], first, last, END).drop_duplicates()


def spread(t: pd.DataFrame, first: pd.Series, last: pd.Series, until: pd.Timestamp = MONTHS[-1]) -> pd.DataFrame:
    """A row per month from `first` to `last` (none: to the end), within the year."""
    first = first.clip(lower=START).to_numpy().astype("datetime64[M]").astype("int64")
    last = last.fillna(until).clip(upper=until).to_numpy().astype("datetime64[M]").astype("int64")
    many = np.maximum(last - first + 1, 0)
    nth = np.arange(many.sum()) - np.repeat(many.cumsum() - many, many)
    months = (np.repeat(first, many) + nth).astype("datetime64[M]").astype("datetime64[us]")
    return t.loc[t.index.repeat(many)].reset_index(drop=True).assign(start_on=months)


def _seconds(t: pd.Series) -> pd.Series:
    return t.dt.total_seconds()


def new_leads(f: Frames) -> pd.DataFrame:
    t = f.read("leads", "created_at_local", "owner_id", where=within("created_at_local"))
    return grouped(t.assign(start_on=month(t.created_at_local), key=t.owner_id), numerator=("created_at_local", "size"))


def lead_response_time(f: Frames) -> pd.DataFrame:
    t = f.read("leads", "lead_id", "owner_id", "created_at", "created_at_local", where=within("created_at_local"))
    t["deal_id"] = t.lead_id.map(f.lead_deals())
    a = f.read("activities", "lead_id", "opportunity_id", "occurred_at",
               where=OUTBOUND & KNOWN & (pc.field("occurred_at_local") >= START))
    own = a[["lead_id", "occurred_at"]].merge(t[["lead_id", "created_at"]], on="lead_id")
    loose = a.loc[a.lead_id.isna() & a.opportunity_id.notna(), ["opportunity_id", "occurred_at"]]
    through = loose.merge(t.loc[t.deal_id.notna(), ["lead_id", "created_at", "deal_id"]], left_on="opportunity_id", right_on="deal_id")
    answers = pd.concat([own, through[own.columns]])
    first = answers[answers.occurred_at >= answers.created_at].groupby("lead_id").occurred_at.min()
    t["hours"] = _seconds(t.lead_id.map(first) - t.created_at) / 3600
    t = t[t.hours.notna()].assign(start_on=month(t.created_at_local), key=t.owner_id)
    return grouped(t, numerator=("hours", "sum"), denominator=("hours", "size"), median=("hours", "median"),
                   p90=("hours", lambda hours: hours.quantile(0.9)))


def customer_acquisition_rate(f: Frames) -> pd.DataFrame:
    a = f.read("activities", "lead_id", "opportunity_id", "occurred_at", "occurred_at_local",
               where=OUTBOUND & KNOWN & pc.field("occurred_at").is_valid())
    deals = f.lead_deals().rename("deal_id").dropna().reset_index()
    loose = a[a.lead_id.isna() & a.opportunity_id.notna()].drop(columns="lead_id")
    through = loose.merge(deals, left_on="opportunity_id", right_on="deal_id")
    columns = ["lead_id", "occurred_at", "occurred_at_local"]
    t = pd.concat([a.loc[a.lead_id.notna(), columns], through[columns]], ignore_index=True)
    first = t.loc[t.groupby("lead_id").occurred_at.idxmin()]
    first = first[(first.occurred_at_local >= START) & (first.occurred_at_local < END)]
    t = first.merge(f.read("leads", "lead_id", "owner_id", "account_id"), on="lead_id")
    since = t.account_id.map(f.customers())
    t = t.assign(became=since.notna(), start_on=month(t.occurred_at_local), key=t.owner_id)[since.isna() | (since >= t.occurred_at)]
    return grouped(t, numerator=("became", "sum"), denominator=("became", "size"))


def meeting_acceptance_rate(f: Frames) -> pd.DataFrame:
    held, said = pc.field("kind").isin(MEETINGS), pc.field("kind").isin(["call", "email", "message"])
    booked = held & within("booked_at_local") & (pc.field("status").is_null() | (pc.field("status") != "declined"))
    heard = said & within("occurred_at_local") & (pc.field("direction") == "inbound")
    t = f.read("activities", "rep_id", "account_id", "opportunity_id", "lead_id", "kind", "booked_at", "booked_at_local", "occurred_at",
               "occurred_at_local", where=KNOWN & (booked | heard))
    met = t.kind.isin(MEETINGS)
    since, at = f.accounts_of(t).map(f.customers()), t.booked_at.where(met, t.occurred_at)
    local = t.booked_at_local.where(met, t.occurred_at_local)
    t = t.assign(met=met, heard=~met, start_on=month(local), key=t.rep_id)[since.isna() | (since > at)]
    return grouped(t, numerator=("met", "sum"), denominator=("heard", "sum"))


def win_rate(f: Frames) -> pd.DataFrame:
    t = f.tracked()
    return grouped(t.assign(won=(t.outcome == "won") & (t.closed_on == t.start_on)), numerator=("won", "sum"), denominator=("won", "size"))


def close_rate(f: Frames) -> pd.DataFrame:
    t = f.tracked()
    stages = f.read("stages", "pipeline", "stage", "is_qualified")
    c = f.read("stage_changes", "opportunity_id", "changed_at_local", "stage",
               where=(pc.field("changed_at_local") < END) & pc.field("stage").is_valid())
    c = c.merge(t[["opportunity_id", "pipeline"]].drop_duplicates(), on="opportunity_id")
    c = c.merge(stages, on=["pipeline", "stage"], how="left")
    told = c.groupby("opportunity_id").changed_at_local.min()
    qualified = c[c.is_qualified.fillna(False).astype(bool)].groupby("opportunity_id").changed_at_local.min()
    told_on, qualified_on = month(t.opportunity_id.map(told)), month(t.opportunity_id.map(qualified))
    by_stage = t.merge(stages, on=["pipeline", "stage"], how="left").is_qualified.fillna(False).astype(bool).to_numpy()
    won = (t.outcome == "won") & (t.closed_on == t.start_on)
    counts = won | np.where(told_on <= t.start_on, qualified_on <= t.start_on, by_stage)
    return grouped(t.assign(won=won)[counts], numerator=("won", "sum"), denominator=("won", "size"))


def average_deal_value(f: Frames) -> pd.DataFrame:
    t = f.read("opportunities", "owner_id", "amount", "currency", "closed_at_local",
               where=(pc.field("outcome") == "won") & within("closed_at_local"))
    t = t.assign(start_on=month(t.closed_at_local), key=t.owner_id, money=t.amount * f.in_euro(t, "closed_at_local"))
    return grouped(t, numerator=("money", "sum"), denominator=("money", "count"))


def sales_cycle_length(f: Frames) -> pd.DataFrame:
    t = f.won()
    first = f.before_close(t, KNOWN).groupby("opportunity_id").occurred_at.min()
    t["days"] = _seconds(t.closed_at - t.opportunity_id.map(first).fillna(t.created_at)) / 86400
    return grouped(t, numerator=("days", "sum"), denominator=("days", "size"), median=("days", "median"),
                   p90=("days", lambda days: days.quantile(0.9)))


def touches_per_won_deal(f: Frames) -> pd.DataFrame:
    t = f.won()
    touches = f.before_close(t, KNOWN & TOUCH).groupby("opportunity_id").size()
    return grouped(t.assign(touches=t.opportunity_id.map(touches).fillna(0)), numerator=("touches", "sum"), denominator=("touches", "size"))


def stalled_time(f: Frames) -> pd.DataFrame:
    t = f.read("opportunities", "opportunity_id", "owner_id", "created_at", "created_at_local", "outcome", "closed_at_local",
               where=pc.field("created_at_local") < END)
    last = month(t.closed_at_local.where(t.outcome.notna())) - pd.DateOffset(months=1)
    t = spread(t[["opportunity_id", "owner_id", "created_at"]], month(t.created_at_local), last)
    t["end_local"] = (t.start_on + pd.DateOffset(months=1)).astype("datetime64[us]")
    c = f.read("stage_changes", "opportunity_id", "changed_at", "changed_at_local", "stage", "ordinal_",
               where=(pc.field("changed_at_local") < END) & pc.field("stage").is_valid())
    c = c[c.opportunity_id.isin(t.opportunity_id.unique())].sort_values(["opportunity_id", "changed_at", "ordinal_"], ignore_index=True)
    same = (c.opportunity_id == c.opportunity_id.shift()) & (c.stage == c.stage.shift())
    c = c.loc[~same, ["opportunity_id", "changed_at", "changed_at_local"]].sort_values("changed_at_local", kind="stable")
    t = pd.merge_asof(t.sort_values("end_local"), c, left_on="end_local", right_on="changed_at_local", by="opportunity_id",
                      allow_exact_matches=False)
    ends = t.end_local.dt.tz_localize("Europe/Berlin").dt.tz_convert(None)
    t = t.assign(days=_seconds(ends - t.changed_at.fillna(t.created_at)) / 86400, key=t.owner_id)
    return grouped(t, numerator=("days", "sum"), denominator=("days", "size"))


def _lines(f: Frames, *columns: str, where: Any = None) -> pd.DataFrame:
    o = f.read("orders", "order_id", "rep_id", "currency", "ordered_at_local", where=within("ordered_at_local"))
    o = o.assign(start_on=month(o.ordered_at_local), key=o.rep_id, rate=f.in_euro(o, "ordered_at_local"))
    lines = f.read("order_lines", "order_id", "quantity", "unit_price", *columns, where=where)
    return lines.merge(o[["order_id", "start_on", "key", "rate"]], on="order_id")


def revenue(f: Frames) -> pd.DataFrame:
    t = _lines(f)
    return grouped(t.assign(money=t.quantity * t.unit_price * t.rate), numerator=("money", "sum"))


def discount_rate(f: Frames) -> pd.DataFrame:
    t = _lines(f, "unit_list_price", where=pc.field("unit_list_price").is_valid())
    listed = t.quantity * t.unit_list_price * t.rate
    return grouped(t.assign(off=t.quantity * (t.unit_list_price - t.unit_price) * t.rate, listed=listed), numerator=("off", "sum"),
                   denominator=("listed", "sum"))


def average_contract_value(f: Frames) -> pd.DataFrame:
    t = f.read("contracts", "rep_id", "starts_on", "ends_on", "total_value", "currency", where=within_days("starts_on"))
    starts, ends = (pd.to_datetime(t[c]).astype("datetime64[us]") for c in ("starts_on", "ends_on"))
    yearly = t.total_value / ((ends - starts).dt.days / 365).clip(lower=1)
    t = t.assign(start_on=month(starts), key=t.rep_id, money=yearly * f.in_euro(t, "starts_on"))
    return grouped(t, numerator=("money", "sum"), denominator=("money", "count"))


def _owned(f: Frames, t: pd.DataFrame) -> pd.DataFrame:
    owners = f.read("accounts", "account_id", "owner_id").set_index("account_id").owner_id
    return t.assign(key=t.account_id.map(owners))


def customer_retention_rate(f: Frames) -> pd.DataFrame:
    active = f.running()
    still = active.assign(start_on=(active.start_on - pd.DateOffset(months=1)).astype("datetime64[us]"), kept=True)
    t = _owned(f, active[active.start_on < END].merge(still, on=["account_id", "start_on"], how="left"))
    return grouped(t, numerator=("kept", "count"), denominator=("account_id", "size"))


def client_engagement(f: Frames) -> pd.DataFrame:
    a = f.read("activities", "account_id", "opportunity_id", "lead_id", "occurred_at_local",
               where=KNOWN & TOUCH & within("occurred_at_local"))
    touches = pd.DataFrame({"account_id": f.accounts_of(a), "start_on": month(a.occurred_at_local)})
    touches = touches.groupby(["account_id", "start_on"], as_index=False).size()
    active = f.running()
    t = _owned(f, active[active.start_on < END].merge(touches, on=["account_id", "start_on"], how="left"))
    return grouped(t, numerator=("size", "sum"), denominator=("account_id", "size"))


def ramp_time(f: Frames) -> pd.DataFrame:
    t = f.read("reps", "rep_id", "manager_id", "hired_on", where=within_days("hired_on"))
    t["hired_on"] = pd.to_datetime(t.hired_on).astype("datetime64[us]")
    t["hired_at"] = t.hired_on.dt.tz_localize("Europe/Berlin").dt.tz_convert(None)
    spells = f.read("rep_assignments", "rep_id", "manager_id", "valid_from", "valid_to")
    spells = spells.assign(**{c: pd.to_datetime(spells[c]).astype("datetime64[us]") for c in ("valid_from", "valid_to")})
    j = t[["rep_id", "hired_on"]].merge(spells, on="rep_id")
    j = j[(j.valid_from <= j.hired_on) & (j.valid_to.isna() | (j.hired_on < j.valid_to))].sort_values("valid_from")
    assigned = t.rep_id.map(j.drop_duplicates("rep_id", keep="last").set_index("rep_id").manager_id)
    t["key"] = assigned.where(t.rep_id.isin(spells.rep_id), t.manager_id)
    a = f.read("activities", "rep_id", "account_id", "opportunity_id", "lead_id", "occurred_at",
               where=OUTBOUND & KNOWN & (pc.field("occurred_at_local") >= START) & pc.field("rep_id").isin(t.rep_id.tolist()))
    a = a.merge(t[["rep_id", "hired_at"]], on="rep_id")
    a = a[a.occurred_at >= a.hired_at]
    since = f.accounts_of(a).map(f.customers())
    first = a[since.isna() | (since > a.occurred_at)].groupby("rep_id").occurred_at.min()
    t["days"] = _seconds(t.rep_id.map(first) - t.hired_at) / 86400
    t = t[t.days.notna()].assign(start_on=month(t.hired_on))
    return grouped(t, numerator=("days", "sum"), denominator=("days", "size"))


KPIS = {each.__name__: each for each in (
    new_leads, lead_response_time, customer_acquisition_rate, meeting_acceptance_rate, win_rate, close_rate, average_deal_value,
    sales_cycle_length, touches_per_won_deal, stalled_time, revenue, discount_rate, average_contract_value,
    customer_retention_rate, client_engagement, ramp_time)}


def answers(workspace: Workspace, kpi: str) -> Answer:
    """The answer of pandas."""
    t = KPIS[kpi](Frames(workspace))
    return of_columns(list(t.columns), t.itertuples(index=False))
