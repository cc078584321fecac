"""polars, lazily, over the Parquet parts: it reads only the columns that are needed and pushes the conditions into reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from polars import col

from bench.peers.asked import Answer, of_columns

if TYPE_CHECKING:
    from salesgauge.workspace import Workspace

MEETINGS = ["meeting", "video", "visit", "demo"]
START, END = pl.date(2025, 1, 1), pl.date(2026, 1, 1)
LAST = pl.date(2025, 12, 1)
KNOWN = ~col("automatic").fill_null(False)
OUTBOUND = col("direction").fill_null("outbound") == "outbound"
TOUCH = ~col("status").fill_null("").is_in(["declined", "no_show"])


def within(column: str) -> pl.Expr:
    """Whether a local time or date lies in the year."""
    return (col(column) >= START) & (col(column) < END)


def month(local: str) -> pl.Expr:
    """The first day of the month."""
    return col(local).cast(pl.Date).dt.truncate("1mo")


def grouped(t: pl.LazyFrame, **numbers: pl.Expr) -> pl.LazyFrame:
    """By month and person."""
    return t.group_by("start_on", "key").agg(**numbers)


class Scans:
    """The tables of a workspace as lazy frames."""

    def __init__(self, workspace: Workspace) -> None:
        self._tables = workspace.generation().tables

    def scan(self, table: str) -> pl.LazyFrame:
        """A table."""
        return pl.scan_parquet([str(part) for part in self._tables[table].parts])

    def in_euro(self, t: pl.LazyFrame, day: str) -> pl.LazyFrame:
        """With `rate`, the worth of a unit of each row's currency on its day."""
        rates = self.scan("exchange_rates").select("currency", "rated_on", "rate").sort("rated_on")
        days = pl.select(day=pl.date_range(START, END, closed="left")).lazy().join(rates.select("currency").unique(), how="cross")
        daily = days.sort("day").join_asof(rates, left_on="day", right_on="rated_on", by="currency", check_sortedness=False)
        t = t.with_columns(day=col(day).cast(pl.Date)).join(daily.select("day", "currency", "rate"), on=["day", "currency"], how="left")
        return t.with_columns(rate=pl.when(col("currency").is_null() | (col("currency") == "EUR")).then(1.0).otherwise(col("rate")))

    def lead_deals(self) -> pl.LazyFrame:
        """The deal of each lead."""
        deals = self.scan("opportunities")
        naming = deals.filter(col("lead_id").is_not_null()).group_by("lead_id").agg(
            naming=col("opportunity_id").sort_by("created_at", "opportunity_id").first())
        known = deals.select("opportunity_id", named=col("opportunity_id"))
        t = self.scan("leads").select("lead_id", "opportunity_id").join(known, on="opportunity_id", how="left")
        return t.join(naming, on="lead_id", how="left").select("lead_id", deal_id=pl.coalesce("named", "naming"))

    def customers(self) -> pl.LazyFrame:
        """Since when each account has been a customer."""
        lines = self.scan("order_lines").select("order_id", value=col("quantity") * col("unit_price"))
        some = lines.filter(col("value") < 0).select("order_id").unique()
        returned = lines.join(some, on="order_id", how="semi").group_by("order_id").agg(col("value").sum()).filter(col("value") < 0)
        bought = self.scan("orders").filter(col("account_id").is_not_null()).join(returned, on="order_id", how="anti")
        signed = self.scan("contracts").filter(col("account_id").is_not_null()).group_by("account_id").agg(col("starts_on").min())
        at = col("starts_on").cast(pl.Datetime("us")).dt.replace_time_zone("Europe/Berlin").dt.convert_time_zone("UTC")
        signed = signed.select("account_id", since=at.dt.replace_time_zone(None))
        bought = bought.group_by("account_id").agg(since=col("ordered_at").min())
        return pl.concat([bought, signed]).group_by("account_id").agg(col("since").min())

    def with_account(self, t: pl.LazyFrame) -> pl.LazyFrame:
        """Activities with their account: their own, else their deal's, else their lead's."""
        deals = self.scan("opportunities").select("opportunity_id", deal_account="account_id")
        leads = self.scan("leads").select("lead_id", lead_account="account_id")
        t = t.join(deals, on="opportunity_id", how="left").join(leads, on="lead_id", how="left")
        return t.with_columns(account_id=pl.coalesce("account_id", "deal_account", "lead_account"))

    def won(self) -> pl.LazyFrame:
        """The deals won in the year, with their lead."""
        leads = self.scan("leads").filter(col("opportunity_id").is_not_null()).group_by("opportunity_id").agg(
            earliest=col("lead_id").sort_by("created_at", "lead_id").first())
        t = self.scan("opportunities").filter(col("outcome") == "won", within("closed_at_local"))
        t = t.join(leads, on="opportunity_id", how="left")
        return t.select("opportunity_id", "created_at", "closed_at", key="owner_id", start_on=month("closed_at_local"),
                        lead_id=pl.coalesce("lead_id", "earliest"))

    def before_close(self, won: pl.LazyFrame, where: pl.Expr) -> pl.LazyFrame:
        """The activities of deals up to their close."""
        a = self.scan("activities").filter(where, col("occurred_at").is_not_null())
        own = a.select("opportunity_id", "occurred_at").join(won.select("opportunity_id", "closed_at"), on="opportunity_id")
        loose = a.filter(col("opportunity_id").is_null()).select("lead_id", "occurred_at")
        through = loose.join(won.select("lead_id", "opportunity_id", "closed_at"), on="lead_id")
        columns = ["opportunity_id", "occurred_at", "closed_at"]
        return pl.concat([own.select(columns), through.select(columns)]).filter(col("occurred_at") <= col("closed_at"))

    def tracked(self) -> pl.LazyFrame:
        """A row per deal and month in which it was open or closed."""
        t = self.scan("opportunities").with_columns(
            closed_on=pl.when(col("outcome").is_not_null()).then(month("closed_at_local")), opened_on=month("created_at_local"))
        t = t.filter(col("created_at_local") < END, col("closed_on").is_null() | (col("closed_on") >= START))
        t = t.select("opportunity_id", "pipeline", "stage", "outcome", "closed_on", "opened_on", key="owner_id")
        return spread(t, "opened_on", "closed_on")

    def running(self) -> pl.LazyFrame:
        """The customers with a contract at each month's start, that after the year as well."""
        t = self.scan("contracts").filter(col("account_id").is_not_null(), col("ends_on") > START, col("starts_on") <= END)
        t = t.select("account_id", first=(col("starts_on") - pl.duration(days=1)).dt.truncate("1mo").dt.offset_by("1mo"),
                     last=(col("ends_on") - pl.duration(days=1)).dt.truncate("1mo"))
        return spread(t, "first", "last", END).select("account_id", "start_on").unique()


def spread(t: pl.LazyFrame, first: str, last: str, until: pl.Expr = LAST) -> pl.LazyFrame:
    """A row per month from `first` to `last` (none: to the end), within the year."""
    t = t.with_columns(first__=pl.max_horizontal(col(first), START), last__=pl.min_horizontal(col(last).fill_null(until), until))
    t = t.filter(col("last__") >= col("first__")).with_columns(start_on=pl.date_ranges("first__", "last__", interval="1mo"))
    return t.drop("first__", "last__").explode("start_on")


def _seconds(later: pl.Expr, earlier: pl.Expr) -> pl.Expr:
    return (later - earlier).dt.total_microseconds() / 1e6


def _quantiles(column: str) -> dict[str, pl.Expr]:
    return {"numerator": col(column).sum(), "denominator": pl.len(), "median": col(column).median(),
            "p90": col(column).quantile(0.9, interpolation="linear")}


def new_leads(s: Scans) -> pl.LazyFrame:
    t = s.scan("leads").filter(within("created_at_local"))
    return grouped(t.select(start_on=month("created_at_local"), key="owner_id"), numerator=pl.len())


def lead_response_time(s: Scans) -> pl.LazyFrame:
    t = s.scan("leads").filter(within("created_at_local")).join(s.lead_deals(), on="lead_id", how="left")
    t = t.select("lead_id", "deal_id", "created_at", key="owner_id", start_on=month("created_at_local"))
    a = s.scan("activities").filter(OUTBOUND, KNOWN, col("occurred_at_local") >= START)
    columns = ["lead_id", "occurred_at", "created_at"]
    own = a.select("lead_id", "occurred_at").join(t.select("lead_id", "created_at"), on="lead_id").select(columns)
    loose = a.filter(col("lead_id").is_null()).select("opportunity_id", "occurred_at")
    through = loose.join(t.select("lead_id", "deal_id", "created_at"), left_on="opportunity_id", right_on="deal_id").select(columns)
    first = pl.concat([own, through]).filter(col("occurred_at") >= col("created_at")).group_by("lead_id").agg(at=col("occurred_at").min())
    t = t.join(first, on="lead_id").with_columns(hours=_seconds(col("at"), col("created_at")) / 3600)
    return grouped(t, **_quantiles("hours"))


def customer_acquisition_rate(s: Scans) -> pl.LazyFrame:
    a = s.scan("activities").filter(OUTBOUND, KNOWN, col("occurred_at").is_not_null())
    columns = ["lead_id", "occurred_at", "occurred_at_local"]
    loose = a.filter(col("lead_id").is_null()).select("opportunity_id", "occurred_at", "occurred_at_local")
    through = loose.join(s.lead_deals().drop_nulls(), left_on="opportunity_id", right_on="deal_id").select(columns)
    t = pl.concat([a.filter(col("lead_id").is_not_null()).select(columns), through])
    first = t.group_by("lead_id").agg(first_at=col("occurred_at").min(), local=col("occurred_at_local").min())
    first = first.filter(within("local"))
    t = first.join(s.scan("leads").select("lead_id", "account_id", key="owner_id"), on="lead_id")
    t = t.join(s.customers(), on="account_id", how="left").filter(col("since").is_null() | (col("since") >= col("first_at")))
    return grouped(t.with_columns(start_on=month("local")), numerator=col("since").count(), denominator=pl.len())


def meeting_acceptance_rate(s: Scans) -> pl.LazyFrame:
    met = col("kind").is_in(MEETINGS)
    booked = met & within("booked_at_local") & (col("status").fill_null("") != "declined")
    heard = col("kind").is_in(["call", "email", "message"]) & within("occurred_at_local") & (col("direction") == "inbound")
    t = s.scan("activities").filter(KNOWN, booked | heard)
    t = t.select("account_id", "opportunity_id", "lead_id", key="rep_id", met=met,
                 at=pl.when(met).then("booked_at").otherwise("occurred_at"),
                 local=pl.when(met).then("booked_at_local").otherwise("occurred_at_local"))
    t = s.with_account(t).join(s.customers(), on="account_id", how="left").filter(col("since").is_null() | (col("since") > col("at")))
    return grouped(t.with_columns(start_on=month("local")), numerator=col("met").sum(), denominator=(~col("met")).sum())


def _won_then() -> pl.Expr:
    return (col("outcome") == "won").fill_null(False) & (col("closed_on") == col("start_on")).fill_null(False)


def win_rate(s: Scans) -> pl.LazyFrame:
    return grouped(s.tracked(), numerator=_won_then().sum(), denominator=pl.len())


def close_rate(s: Scans) -> pl.LazyFrame:
    t = s.tracked()
    stages = s.scan("stages").select("pipeline", "stage", "is_qualified")
    c = s.scan("stage_changes").filter(col("changed_at_local") < END, col("stage").is_not_null())
    deals = s.scan("opportunities").select("opportunity_id", "pipeline")
    c = c.select("opportunity_id", "changed_at_local", "stage").join(t.select("opportunity_id"), on="opportunity_id", how="semi")
    c = c.join(deals, on="opportunity_id").join(stages, on=["pipeline", "stage"], how="left")
    history = c.group_by("opportunity_id").agg(told=col("changed_at_local").min(),
                                               qualified=col("changed_at_local").filter(col("is_qualified")).min())
    history = history.select("opportunity_id", told_on=month("told"), qualified_on=month("qualified"))
    t = t.join(history, on="opportunity_id", how="left").join(stages, on=["pipeline", "stage"], how="left")
    counts = _won_then() | pl.when(col("told_on") <= col("start_on")).then(
        (col("qualified_on") <= col("start_on")).fill_null(False)).otherwise(col("is_qualified").fill_null(False))
    return grouped(t.filter(counts), numerator=_won_then().sum(), denominator=pl.len())


def average_deal_value(s: Scans) -> pl.LazyFrame:
    t = s.in_euro(s.scan("opportunities").filter(col("outcome") == "won", within("closed_at_local")), "closed_at_local")
    t = t.select(start_on=month("closed_at_local"), key="owner_id", money=col("amount") * col("rate"))
    return grouped(t, numerator=col("money").sum(), denominator=col("money").count())


def sales_cycle_length(s: Scans) -> pl.LazyFrame:
    t = s.won()
    first = s.before_close(t, KNOWN).group_by("opportunity_id").agg(first_at=col("occurred_at").min())
    t = t.join(first, on="opportunity_id", how="left")
    t = t.with_columns(days=_seconds(col("closed_at"), pl.coalesce("first_at", "created_at")) / 86400)
    return grouped(t, **_quantiles("days"))


def touches_per_won_deal(s: Scans) -> pl.LazyFrame:
    t = s.won()
    touches = s.before_close(t, KNOWN & TOUCH).group_by("opportunity_id").agg(touches=pl.len())
    return grouped(t.join(touches, on="opportunity_id", how="left"), numerator=col("touches").sum(), denominator=pl.len())


def stalled_time(s: Scans) -> pl.LazyFrame:
    t = s.scan("opportunities").filter(col("created_at_local") < END).with_columns(
        opened_on=month("created_at_local"),
        open_on=pl.when(col("outcome").is_not_null()).then(month("closed_at_local")).dt.offset_by("-1mo"))
    t = spread(t.select("opportunity_id", "created_at", "opened_on", "open_on", key="owner_id"), "opened_on", "open_on")
    t = t.with_columns(end_local=col("start_on").dt.offset_by("1mo").cast(pl.Datetime("us")))
    c = s.scan("stage_changes").filter(col("changed_at_local") < END, col("stage").is_not_null())
    c = c.join(t.select("opportunity_id"), on="opportunity_id", how="semi").select(
        "opportunity_id", "changed_at", "changed_at_local", "stage", "ordinal_").sort("opportunity_id", "changed_at", "ordinal_")
    same = (col("opportunity_id") == col("opportunity_id").shift()) & (col("stage") == col("stage").shift())
    c = c.filter(~same.fill_null(False)).sort("changed_at_local", maintain_order=True)
    t = t.sort("end_local").join_asof(c, left_on="end_local", right_on="changed_at_local", by="opportunity_id", check_sortedness=False,
                                      allow_exact_matches=False)
    ends = col("end_local").dt.replace_time_zone("Europe/Berlin").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    t = t.with_columns(days=_seconds(ends, pl.coalesce("changed_at", "created_at")) / 86400)
    return grouped(t, numerator=col("days").sum(), denominator=pl.len())


def _lines(s: Scans) -> pl.LazyFrame:
    o = s.in_euro(s.scan("orders").filter(within("ordered_at_local")), "ordered_at_local")
    o = o.select("order_id", "rate", key="rep_id", start_on=month("ordered_at_local"))
    return s.scan("order_lines").join(o, on="order_id")


def revenue(s: Scans) -> pl.LazyFrame:
    return grouped(_lines(s), numerator=(col("quantity") * col("unit_price") * col("rate")).sum())


def discount_rate(s: Scans) -> pl.LazyFrame:
    t = _lines(s).filter(col("unit_list_price").is_not_null())
    off = col("quantity") * (col("unit_list_price") - col("unit_price")) * col("rate")
    return grouped(t, numerator=off.sum(), denominator=(col("quantity") * col("unit_list_price") * col("rate")).sum())


def average_contract_value(s: Scans) -> pl.LazyFrame:
    t = s.in_euro(s.scan("contracts").filter(within("starts_on")), "starts_on")
    years = pl.max_horizontal(1.0, (col("ends_on") - col("starts_on")).dt.total_days() / 365)
    t = t.select(start_on=month("starts_on"), key="rep_id", money=col("total_value") / years * col("rate"))
    return grouped(t, numerator=col("money").sum(), denominator=col("money").count())


def _owned(s: Scans, t: pl.LazyFrame) -> pl.LazyFrame:
    return t.join(s.scan("accounts").select("account_id", key="owner_id"), on="account_id", how="left")


def customer_retention_rate(s: Scans) -> pl.LazyFrame:
    active = s.running()
    still = active.select("account_id", start_on=col("start_on").dt.offset_by("-1mo"), kept=pl.lit(True))
    t = active.filter(col("start_on") < END).join(still, on=["account_id", "start_on"], how="left")
    return grouped(_owned(s, t), numerator=col("kept").count(), denominator=pl.len())


def client_engagement(s: Scans) -> pl.LazyFrame:
    a = s.with_account(s.scan("activities").filter(KNOWN, TOUCH, within("occurred_at_local")))
    touches = a.group_by("account_id", start_on=month("occurred_at_local")).agg(touches=pl.len())
    t = s.running().filter(col("start_on") < END).join(touches, on=["account_id", "start_on"], how="left")
    return grouped(_owned(s, t), numerator=col("touches").sum(), denominator=pl.len())


def ramp_time(s: Scans) -> pl.LazyFrame:
    at = col("hired_on").cast(pl.Datetime("us")).dt.replace_time_zone("Europe/Berlin").dt.convert_time_zone("UTC")
    t = s.scan("reps").filter(within("hired_on")).select("rep_id", "manager_id", "hired_on", hired_at=at.dt.replace_time_zone(None))
    spells = s.scan("rep_assignments").select("rep_id", "valid_from", "valid_to", by_spell="manager_id")
    j = t.select("rep_id", "hired_on").join(spells, on="rep_id")
    j = j.filter(col("valid_from") <= col("hired_on"), col("valid_to").is_null() | (col("hired_on") < col("valid_to")))
    j = j.group_by("rep_id").agg(col("by_spell").sort_by("valid_from").last())
    assigned = spells.select("rep_id", assigned=pl.lit(True)).unique()
    t = t.join(j, on="rep_id", how="left").join(assigned, on="rep_id", how="left")
    t = t.with_columns(key=pl.when(col("assigned")).then("by_spell").otherwise("manager_id"))
    a = s.scan("activities").filter(OUTBOUND, KNOWN, col("occurred_at_local") >= START)
    a = a.select("rep_id", "account_id", "opportunity_id", "lead_id", "occurred_at").join(t.select("rep_id", "hired_at"), on="rep_id")
    a = s.with_account(a.filter(col("occurred_at") >= col("hired_at"))).join(s.customers(), on="account_id", how="left")
    first = a.filter(col("since").is_null() | (col("since") > col("occurred_at"))).group_by("rep_id").agg(at=col("occurred_at").min())
    t = t.join(first, on="rep_id").with_columns(days=_seconds(col("at"), col("hired_at")) / 86400, start_on=month("hired_on"))
    return grouped(t, numerator=col("days").sum(), denominator=pl.len())


KPIS = {each.__name__: each for each in (
    new_leads, lead_response_time, customer_acquisition_rate, meeting_acceptance_rate, win_rate, close_rate, average_deal_value,
    sales_cycle_length, touches_per_won_deal, stalled_time, revenue, discount_rate, average_contract_value, customer_retention_rate,
    client_engagement, ramp_time)}


def answers(workspace: Workspace, kpi: str) -> Answer:
    """The answer of polars."""
    t = KPIS[kpi](Scans(workspace)).collect(engine="streaming")
    return of_columns(t.columns, t.iter_rows())
