"""What is known of a company at an instant: its events so far, each deal's state, and the words that KPIs use of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property

from independent.reference.entities import Act, Deal, Lead, Line, Purchase, Since
from independent.reference.tables import DAY, Company, Row

MEETINGS = ("meeting", "video", "visit", "demo")


def number(text: str | None) -> float | None:
    """A cell's number."""
    return float(text) if text else None


class Known:
    """The rows known at `as_of` (None: all), and what follows from them."""

    def __init__(self, company: Company, as_of: int | None) -> None:
        self.company, self.zone, self.as_of = company, company.zone, as_of

    def known(self, instant: int | None) -> bool:
        """Whether something of that instant is known."""
        return instant is not None and (self.as_of is None or instant <= self.as_of)

    def rows(self, table: str) -> list[Row]:
        return self.company.tables.get(table, [])

    def has(self, table: str) -> bool:
        return table in self.company.tables

    def instant(self, text: str | None) -> int | None:
        return self.zone.instant(text) if text else None

    def starts(self, row: Row, column: str) -> int:
        """The start of a day that must be there."""
        return self.zone.start(date.fromisoformat(row[column]))

    # --- money

    @cached_property
    def _rates(self) -> dict[str, list[tuple[date, float]]]:
        rates = defaultdict(list)
        for row in self.rows("exchange_rates"):
            rates[row["currency"]].append((date.fromisoformat(row["rated_on"]), float(row["rate"])))
        return {currency: sorted(of) for currency, of in rates.items()}

    def rate(self, currency: str | None, day: date) -> float | None:
        """What a unit of the currency was worth that day; None without any rate."""
        if not currency or currency == self.company.currency:
            return 1.0
        rates = self._rates.get(currency)
        if not rates:
            return None
        before = [rate for rated_on, rate in rates if rated_on <= day]
        return before[-1] if before else rates[0][1]

    # --- leads and deals

    @cached_property
    def leads(self) -> dict[str, Lead]:
        made = [
            Lead(row["lead_id"], self.zone.instant(row["created_at"]), self.instant(row.get("converted_at")), row)
            for row in self.rows("leads")
        ]
        return {lead.id: lead for lead in sorted(made, key=lambda x: (x.at, x.id)) if self.known(lead.at)}

    @cached_property
    def changes(self) -> dict[str, list[tuple[int, Row]]]:
        """Of each deal its stage changes in order."""
        found = defaultdict(list)
        for row in self.rows("stage_changes"):
            at = self.zone.instant(row["changed_at"])
            if self.known(at):
                found[row["opportunity_id"]].append((at, row))
        return {deal: sorted(of, key=lambda x: x[0]) for deal, of in found.items()}

    @cached_property
    def deals(self) -> dict[str, Deal]:
        made = [self._deal(row) for row in self.rows("opportunities")]
        return {deal.id: deal for deal in sorted(made, key=lambda x: (x.at, x.id)) if self.known(deal.at)}

    def _deal(self, row: Row) -> Deal:
        closed_at, outcome = self.instant(row.get("closed_at")), row.get("outcome") or None
        if outcome is None or not self.known(closed_at):
            closed_at = outcome = None
        stage, amount = row.get("stage") or None, number(row.get("amount"))
        if self.as_of is not None:
            for _, change in self.changes.get(row["opportunity_id"], []):
                stage = change["stage"] or stage
                told = number(change.get("amount"))
                amount = amount if told is None else told
        return Deal(row["opportunity_id"], self.zone.instant(row["created_at"]), outcome, closed_at, stage, amount, row)

    @cached_property
    def _lead_of_deal(self) -> dict[str, str]:
        """Of a deal the earliest lead that names it."""
        found: dict[str, str] = {}
        for lead in self.leads.values():
            found.setdefault(lead.row.get("opportunity_id") or "", lead.id)
        return found

    def lead_of(self, deal: Deal) -> str | None:
        return deal.row.get("lead_id") or self._lead_of_deal.get(deal.id)

    @cached_property
    def _deal_of_lead(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for deal in self.deals.values():
            found.setdefault(deal.row.get("lead_id") or "", deal.id)
        return found

    def deal_of(self, lead: Lead) -> str | None:
        own = lead.row.get("opportunity_id") or ""
        return own if own in self.deals else self._deal_of_lead.get(lead.id)

    @cached_property
    def qualified_stages(self) -> set[tuple[str, str]]:
        return {(row["pipeline"], row["stage"]) for row in self.rows("stages") if (row.get("is_qualified") or "").lower() == "true"}

    # --- activities

    @cached_property
    def _all_acts(self) -> list[Act]:
        made = [
            Act(
                row["activity_id"],
                self.zone.instant(row["occurred_at"]),
                self.instant(row.get("booked_at")),
                row["kind"],
                (row.get("direction") or "outbound") == "outbound",
                row.get("status") or "",
                row,
            )
            for row in self.rows("activities")
            if (row.get("automatic") or "").lower() != "true"
        ]
        return sorted(made, key=lambda x: (x.at, x.id))

    @cached_property
    def acts(self) -> list[Act]:
        return [act for act in self._all_acts if self.known(act.at)]

    @cached_property
    def bookings(self) -> list[Act]:
        return [act for act in self._all_acts if self.known(act.booked_at)]

    @cached_property
    def _acts_by(self) -> dict[tuple[str, str, bool], list[Act]]:
        """Activities by column, id and whether the other of lead and deal is empty."""
        found = defaultdict(list)
        for act in self.acts:
            lead, deal = act.row.get("lead_id") or "", act.row.get("opportunity_id") or ""
            found["lead", lead, not deal].append(act)
            found["deal", deal, not lead].append(act)
        return found

    def acts_of_deal(self, deal: Deal) -> list[Act]:
        lead = self.lead_of(deal)
        found = self._acts_by.get(("deal", deal.id, True), []) + self._acts_by.get(("deal", deal.id, False), [])
        found = found + (self._acts_by.get(("lead", lead, True), []) if lead else [])
        return sorted(found, key=lambda x: (x.at, x.id))

    def acts_of_lead(self, lead: Lead) -> list[Act]:
        deal = self.deal_of(lead)
        found = self._acts_by.get(("lead", lead.id, True), []) + self._acts_by.get(("lead", lead.id, False), [])
        found = found + (self._acts_by.get(("deal", deal, True), []) if deal else [])
        return sorted(found, key=lambda x: (x.at, x.id))

    def own_acts_of_lead(self, lead: Lead) -> list[Act]:
        """A lead's activities that name no deal."""
        return self._acts_by.get(("lead", lead.id, True), [])

    def account_of(self, act: Act) -> str | None:
        if act.row.get("account_id"):
            return act.row["account_id"]
        deal = self.deals.get(act.row.get("opportunity_id") or "")
        lead = self.leads.get(act.row.get("lead_id") or "")
        return (deal.row.get("account_id") if deal else None) or (lead.row.get("account_id") if lead else None) or None

    def with_prospect(self, act: Act, at: int) -> bool:
        since = self.since.get(self.account_of(act) or "")
        return since is None or since.at > at

    # --- purchases, contracts, customers

    @cached_property
    def purchases(self) -> list[Purchase]:
        if not self.has("orders"):
            won = [d for d in self.deals.values() if d.outcome == "won" and d.closed_at is not None]
            made = [
                Purchase(d.id, d.row.get("account_id") or None, d.closed_at or 0, d.amount, d.row.get("owner_id") or None, d.row)
                for d in won
            ]
        else:
            lines = defaultdict(list)
            for row in self.rows("order_lines"):
                lines[row["order_id"]].append(
                    Line(
                        f"{row['order_id']}/{row['line']}",
                        row.get("product_id") or None,
                        float(row["quantity"]),
                        float(row["unit_price"]),
                        number(row.get("unit_list_price")),
                    )
                )
            made = [
                Purchase(
                    row["order_id"],
                    row.get("account_id") or None,
                    self.zone.instant(row["ordered_at"]),
                    sum(x.quantity * x.price for x in lines[row["order_id"]]),
                    row.get("rep_id") or None,
                    row,
                    tuple(lines[row["order_id"]]),
                )
                for row in self.rows("orders")
            ]
        return sorted((p for p in made if self.known(p.at)), key=lambda p: (p.at, p.id))

    def value(self, purchase: Purchase) -> tuple[float, str | None]:
        """A purchase's value in the workspace's currency, and why it has none."""
        if purchase.amount is None:
            return 0.0, "no_amount"
        rate = self.rate(purchase.row.get("currency"), self.zone.day(purchase.at))
        return (0.0, "no_exchange_rate") if rate is None else (purchase.amount * rate, None)

    @cached_property
    def contracts(self) -> list[tuple[int, Row]]:
        made = [(self.starts(row, "starts_on"), row) for row in self.rows("contracts")]
        return [(at, row) for at, row in made if self.known(at)]

    @cached_property
    def since(self) -> dict[str, Since]:
        """What made each customer one."""
        found: dict[str, list[Since]] = defaultdict(list)
        for p in self.purchases:
            if p.account and not p.returned:
                found[p.account].append(Since(p.at, False, p.id, p.rep, p.row.get("channel") or None))
        for at, row in self.contracts:
            if row["account_id"]:
                found[row["account_id"]].append(Since(at, True, row["contract_id"], row.get("rep_id") or None, None))
        return {account: min(of, key=lambda s: (s.at, s.contract, s.id)) for account, of in found.items()}

    def active(self, instant: int) -> set[str]:
        """The accounts that are active customers at an instant."""
        if self.has("contracts"):
            return {row["account_id"] for at, row in self.contracts if row["account_id"] and at <= instant < self.starts(row, "ends_on")}
        after = self.zone.shifted(instant, -self.company.setting("activity_window_days"))
        return {p.account for p in self.purchases if p.account and not p.returned and after <= p.at < instant}

    # --- people and master data

    @cached_property
    def reps(self) -> dict[str, Row]:
        return {row["rep_id"]: row for row in self.rows("reps")}

    @cached_property
    def accounts(self) -> dict[str, Row]:
        return {row["account_id"]: row for row in self.rows("accounts")}

    @cached_property
    def _spells(self) -> dict[str, list[tuple[date, date, Row]]]:
        found = defaultdict(list)
        for row in self.rows("rep_assignments"):
            until = date.fromisoformat(row["valid_to"]) if row.get("valid_to") else date.max
            found[row["rep_id"]].append((date.fromisoformat(row["valid_from"]), until, row))
        return {rep: sorted(of, key=lambda s: s[0]) for rep, of in found.items()}

    def place(self, rep: str | None, day: date) -> dict[str, str | None]:
        """A rep, and team, region and manager on a day."""
        spells = self._spells.get(rep or "")
        row: Row = {}
        if spells:
            row = next((of for start, end, of in reversed(spells) if start <= day < end), {})
        elif rep:
            row = self.reps.get(rep, {})
        return {
            "rep": rep or None,
            "team": row.get("team") or None,
            "region": row.get("region") or None,
            "manager": row.get("manager_id") or None,
        }

    def of_account(self, account: str | None) -> dict[str, str | None]:
        row = self.accounts.get(account or "", {})
        return {
            "segment": row.get("segment") or None,
            "industry": row.get("industry") or None,
            "account": account,
            "account_owner": row.get("owner_id") or None,
            "account_region": row.get("region") or None,
        }

    @cached_property
    def families(self) -> dict[str, str | None]:
        return {row["product_id"]: row.get("family") or None for row in self.rows("products")}

    def of_product(self, product: str | None) -> dict[str, str | None]:
        return {"product": product or None, "family": self.families.get(product or "")}

    @cached_property
    def locations(self) -> dict[str, Row]:
        return {row["location_id"]: row for row in self.rows("locations")}

    def of_location(self, location: str | None) -> dict[str, str | None]:
        row = self.locations.get(location or "", {})
        return {"location": location, "location_kind": row.get("kind") or None, "location_region": row.get("region") or None}

    def employed(self, row: Row, day: date) -> bool:
        left = row.get("left_on")
        return (not row.get("hired_on") or date.fromisoformat(row["hired_on"]) <= day) and (not left or day < date.fromisoformat(left))

    def tenure(self, rep: str | None, month: date) -> str | None:
        """The band of a rep's months of service in the month of a day."""
        hired = self.reps.get(rep or "", {}).get("hired_on")
        if not hired:
            return None
        since = date.fromisoformat(hired)
        months = (month.year - since.year) * 12 + month.month - since.month
        if months < 0:
            return None
        return next(band for least, band in ((24, "24+"), (12, "12-23"), (6, "6-11"), (3, "3-5"), (0, "0-2")) if months >= least)


def days_between(start: int, end: int) -> float:
    return (end - start) / DAY
