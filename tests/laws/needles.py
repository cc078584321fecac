"""A company in which every row says whose it is: each holds a token that occurs in no other, and names of persons have tokens of their
own. What appears in an answer then tells which rows it was made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from laws.oversight import sees, turns

ZONE = "Europe/Berlin"
TODAY = date(2026, 5, 20)
FIRST, LAST = date(2025, 7, 1), date(2027, 1, 1)
MOVES = (date(2025, 12, 1), date(2026, 2, 1), date(2026, 4, 1))
BOSS, LEADS, SELLERS = "zqboss", ("zqlead1", "zqlead2", "zqlead3"), tuple(f"zqrep{n}" for n in range(1, 8))
REPS = (BOSS, *LEADS, *SELLERS)
CHANNELS, PRODUCTS, LOCATIONS, CAMPAIGNS = ("web", "fair"), ("P1", "P2"), ("S1", "S2"), ("C1",)
TOKEN, NAME = "the row's token", "a person's name"  # what stands in a cell until the row is added
Row = dict[str, str]


@dataclass(frozen=True)
class Needle:
    """A token, the rep whose row it marks, and the days of which one puts the row into a period."""

    token: str
    rep: str
    first: date
    last: date


class Haystack:
    """The company: `tables`, the needles of its rows, and the tokens of persons' names."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.tables: dict[str, list[Row]] = {name: [] for name in (
            "reps", "rep_assignments", "accounts", "leads", "opportunities", "stage_changes", "activities", "documents", "contracts",
            "orders", "order_lines", "spend", "quotas", "forecasts", "survey_responses")}
        self.needles: list[Needle] = []
        self.names: list[str] = []
        self._called: dict[str, tuple[str, str]] = {}
        self._count = 0
        self._shared()
        self._people()
        for rep in (*SELLERS, LEADS[0]):
            for start in self.random.sample([FIRST, *MOVES], 2):
                self._dealings(rep, start)

    def hidden_from(self, viewer: str, reports: bool) -> Iterator[str]:
        """The tokens of the rows that a viewer has no part in on any of their days."""
        for needle in self.needles:
            if not self._met(viewer, reports, needle):
                yield needle.token

    def shown_to(self, viewer: str, reports: bool) -> Iterator[str]:
        """The tokens of the others."""
        hidden = set(self.hidden_from(viewer, reports))
        return (needle.token for needle in self.needles if needle.token not in hidden)

    def strangers_to(self, viewer: str, reports: bool) -> Iterator[str]:
        """The ids and names of reps of whom a viewer sees no row, not even as the manager of one whom they see."""
        whole = (FIRST, LAST)
        seen = [rep for rep in REPS if self._met(viewer, reports, Needle("", rep, *whole))]
        bosses = {a["manager_id"] for a in (*self.tables["rep_assignments"], *self.tables["reps"]) if a["rep_id"] in seen}
        return (token for rep in REPS if rep not in seen and rep not in bosses for token in (rep, *self._called[rep]))

    def _met(self, viewer: str, reports: bool, needle: Needle) -> bool:
        if not reports:
            return needle.rep == viewer
        return any(sees(self.tables, viewer, needle.rep, day) for day in turns(self.tables, needle.first, needle.last))

    # Rows

    def _token(self) -> str:
        self._count += 1
        return f"zq{self._count:05d}x"

    def _add(self, table: str, rep: str, first: date, last: date, key: str | None, **cells: str) -> str:
        token, row = self._token(), dict(cells)
        self.needles.append(Needle(token, rep, first, last))
        if key:
            row[key] = token
        for name, value in cells.items():
            if value == NAME:
                row[name] = self._person()
                self.needles.append(Needle(row[name], rep, first, last))
            elif value == TOKEN:
                row[name] = token
        self.tables[table].append(row)
        return token

    def _person(self) -> str:
        self.names.append(f"zn{len(self.names):05d}y")
        return self.names[-1]

    def _money(self) -> str:
        return str(self.random.randrange(10_000, 90_000))

    def _shared(self) -> None:
        self.tables["products"] = [dict(product_id=p, family="F") for p in PRODUCTS]
        self.tables["locations"] = [dict(location_id=s, kind="store", region="East") for s in LOCATIONS]
        self.tables["campaigns"] = [dict(campaign_id=c, channel="fair") for c in CAMPAIGNS]
        self.tables["stages"] = [dict(pipeline="PL", stage=stage, position=str(n), is_qualified=str(n > 1).lower(),
                                      is_closed=str(n > 2).lower(), is_won=str(n == 3).lower())
                                 for n, stage in enumerate(("raw", "fit", "won", "lost"), 1)]
        self.tables["price_observations"] = [dict(observed_on="2026-02-03", product_id=p, competitor=c, price="9.5", location_id="S1")
                                             for p in PRODUCTS for c in ("own", "Rival")]

    def _people(self) -> None:
        draw = self.random
        over = {BOSS: "", LEADS[0]: BOSS, LEADS[1]: BOSS, LEADS[2]: LEADS[1]}
        for rep in REPS:
            manager = over[rep] if rep in over else draw.choice(LEADS)
            role = "executive" if rep == BOSS else "manager" if rep in LEADS else draw.choice(("ae", "sdr", "am", "field"))
            name, email = self._called[rep] = self._person(), self._person()
            self.tables["reps"].append(dict(rep_id=rep, name=name, email=f"{email}@example.org", role=role, team="North", region="EU",
                                            manager_id=manager, hired_on="2025-05-01"))
        for rep in draw.sample((*SELLERS, LEADS[2]), 5):  # who moves, once or twice
            days = sorted(draw.sample(MOVES, draw.randint(1, 2)))
            for start, end in zip((FIRST, *days), (*days, None), strict=True):
                self.tables["rep_assignments"].append(dict(
                    rep_id=rep, valid_from=start.isoformat(), valid_to=end.isoformat() if end else "", team=draw.choice(("North", "South")),
                    region="EU", manager_id=draw.choice([m for m in (*LEADS, BOSS) if m != rep])))

    def _dealings(self, rep: str, start: date) -> None:
        """What a rep has to do with one account within two months."""
        draw, day = self.random, start + timedelta(days=3)
        later = [day + timedelta(days=n) for n in (0, 4, 9, 15, 22, 30, 40)]
        at = [f"{d.isoformat()}T10:00:00" for d in later]
        account = self._add("accounts", rep, FIRST, LAST, "account_id", name=TOKEN, industry="it", segment="small", region="EU",
                            owner_id=rep)
        lead = self._add("leads", rep, day, LAST, "lead_id", created_at=at[0], channel=draw.choice(CHANNELS), campaign_id="C1",
                         owner_id=rep, account_id=account, converted_at=at[2], mark=TOKEN)
        for outcome, kind in (("won", "new"), ("lost", "new"), ("", "upsell"), ("won", "renewal")):
            last = later[5] if outcome == "lost" else LAST  # a won one is of its account's history, as long as that has an owner
            closed = dict(closed_at=at[5], outcome=outcome) if outcome else {}
            deal = self._add("opportunities", rep, day, last, "opportunity_id", created_at=at[1], account_id=account,
                             lead_id=lead if kind == "new" else "", owner_id=rep, pipeline="PL", stage=outcome or "fit",
                             amount=self._money(), kind=kind, closes_on=(TODAY + timedelta(days=9)).isoformat(),
                             channel=draw.choice(CHANNELS), product_id=draw.choice(PRODUCTS), location_id="S1",
                             loss_reason=TOKEN if outcome == "lost" else "", competitor=TOKEN if outcome == "lost" else "",
                             next_step=NAME, mark=TOKEN, **closed)
            for n, stage in ((1, "raw"), (2, "fit"), *([(5, outcome)] if outcome else [])):
                self.tables["stage_changes"].append(dict(opportunity_id=deal, changed_at=at[n], stage=stage))
            for n, touch, status in ((3, "call", ""), (4, "meeting", "held")):
                self._add("activities", rep, day, last, "activity_id", occurred_at=at[n], kind=touch, rep_id=rep, account_id=account,
                          opportunity_id=deal, status=status, booked_at=at[2], purpose=NAME, mark=TOKEN)
            self._add("documents", rep, day, last, "document_id", opportunity_id=deal, kind="proposal", sent_at=at[4])
        self._add("activities", rep, day, LAST, "activity_id", occurred_at=at[1], kind="email", direction="inbound", rep_id=rep,
                  lead_id=lead, sentiment="positive", mark=TOKEN)
        self._add("activities", rep, day, LAST, "activity_id", occurred_at=at[2], kind="email", direction="inbound", rep_id=rep,
                  lead_id=lead, mark=TOKEN)
        ends = later[6] + timedelta(days=200)
        self._add("contracts", rep, later[6], LAST, "contract_id", account_id=account, starts_on=later[6].isoformat(),
                  ends_on=ends.isoformat(), total_value=self._money(), rep_id=rep, product_id="P1", mark=TOKEN)
        for n in (2, 5):
            order = self._add("orders", rep, later[n], LAST, "order_id", account_id=account, ordered_at=at[n], rep_id=rep, location_id="S1",
                              channel=draw.choice(CHANNELS), mark=TOKEN)
            self.tables["order_lines"].append(dict(order_id=order, line="1", product_id=draw.choice(PRODUCTS), quantity="3",
                                                   unit_price=self._money(), unit_list_price="90000"))
        self._add("spend", rep, day, LAST, "spend_id", spent_on=later[1].isoformat(), amount=self._money(), function="sales",
                  purpose="lead_generation", channel="web", campaign_id="C1", rep_id=rep, hours="3")
        self._add("survey_responses", rep, FIRST, LAST, "response_id", survey="nps", responded_at=at[5], score="9", account_id=account,
                  contact_id=TOKEN, rep_id=rep, comment=NAME)
        self._add("survey_responses", rep, FIRST, LAST, "response_id", survey="employee", responded_at=at[5], score="8", rep_id=rep,
                  comment=NAME)
        month = day.replace(day=1)
        after = (month + timedelta(days=32)).replace(day=1)
        self.tables["quotas"].append(dict(rep_id=rep, starts_on=month.isoformat(), ends_on=after.isoformat(), amount=self._money()))
        self._add("forecasts", rep, day, LAST, "forecast_id", rep_id=rep, submitted_at=at[0], starts_on=month.isoformat(),
                  ends_on=after.isoformat(), amount=self._money())


