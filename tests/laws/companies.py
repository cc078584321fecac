"""Small made-up companies over all tables, with what is hard: odd ids, empty cells, clock changes, midnights, cycles, returns, gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random

ZONE = "Europe/Berlin"
Row = dict[str, str]
Tables = dict[str, list[Row]]

INSTANTS = (
    "2024-12-31T23:59:59",
    "2025-01-01",
    "2025-01-15T12:00:00",
    "2025-01-31T23:59:59.999999",
    "2025-02-01T00:00:00",
    "2025-02-01",
    "2025-02-14T08:30:00Z",
    "2025-02-28T23:30:00Z",
    "2025-03-01T00:00:00+01:00",
    "2025-03-30T02:30:00",
    "2025-03-30T01:59:59",
    "2024-10-27T02:30:00",
    "2024-10-27T02:30:00+01:00",
    "2024-02-29",
    "2024-03-31T23:00:00Z",
)
DAYS = (
    "2023-06-01",
    "2024-02-29",
    "2024-10-27",
    "2024-12-31",
    "2025-01-01",
    "2025-01-15",
    "2025-02-01",
    "2025-02-28",
    "2025-03-01",
    "2025-03-30",
    "2025-04-01",
    "2026-01-01",
)
CURRENCIES = ("", "EUR", "EUR", "USD", "JPY", "XXX")
AMOUNTS = ("0", "1", "10", "99.5", "1000", "0.1", "333.33")
REPS = ("R1", "R2", "Анна", "王芳", "r|4", "R'5", "ghost")
ACCOUNTS = ("A1", "A2", "阿里", "a b", "Ä3", "gone")
PRODUCTS, LOCATIONS = ("P1", "P2", "产品", "lost"), ("S1", "магазин", "none")
CHANNELS = ("", "web", "展会", 'a,"b"')


class Draw:
    """Cells of a company, drawn by a seeded generator."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def one(self, among: Sequence[str], empty: float = 0.0) -> str:
        return "" if self.random.random() < empty else self.random.choice(among)

    def at(self, empty: float = 0.0) -> str:
        if self.random.random() < 0.5:
            return self.one(INSTANTS, empty)
        moment = datetime(2024, 10, 1) + timedelta(seconds=self.random.randrange(200 * 86400))
        return self.one((moment.isoformat(),), empty)

    def on(self, empty: float = 0.0) -> str:
        return self.one(DAYS, empty)

    def days(self) -> tuple[str, str]:
        start = date.fromisoformat(self.on())
        return start.isoformat(), (start + timedelta(days=self.random.choice((1, 28, 31, 90, 365, 400)))).isoformat()

    def rows(self, most: int, make: Callable[[int], Row], least: int = 0) -> list[Row]:
        return [make(n) for n in range(self.random.randint(least, most))]


def company(seed: int, size: int = 8) -> Tables:
    """A company of at most `size` rows a table (more leads, deals and activities)."""
    d = Draw(seed)
    leads, deals = [f"L{n}" for n in range(size + 2)], [f"D{n}" for n in range(size + 4)]
    known_reps = [r for r in REPS if r != "ghost"]
    made: Tables = {
        "reps": [
            dict(
                rep_id=r,
                role=d.one(("ae", "am", "field", "manager", "sdr"), 0.3),
                team=d.one(("North", "南", "x"), 0.2),
                region=d.one(("EU", "US"), 0.2),
                manager_id=d.one(REPS, 0.3),
                hired_on=d.on(0.2),
                left_on=d.on(0.6),
            )
            for r in known_reps
        ],
        "accounts": [
            dict(
                account_id=a,
                segment=d.one(("small", "大"), 0.2),
                industry=d.one(("it", "food"), 0.3),
                region=d.one(("EU", "US"), 0.2),
                owner_id=d.one(REPS, 0.2),
            )
            for a in ACCOUNTS
            if a != "gone"
        ],
        "products": [dict(product_id=p, family=d.one(("F", "G"), 0.2)) for p in PRODUCTS if p != "lost"],
        "locations": [
            dict(location_id=x, kind=d.one(("store", "online"), 0.2), region=d.one(("East", "West"), 0.2)) for x in LOCATIONS if x != "none"
        ],
        "stages": [dict(pipeline="PL", stage="raw", is_qualified="false"), dict(pipeline="PL", stage="合格", is_qualified="true")],
        "exchange_rates": [
            dict(currency="USD", rated_on="2024-06-01", rate="0.9"),
            dict(currency="USD", rated_on="2025-02-01", rate="0.8"),
            dict(currency="JPY", rated_on="2025-01-15", rate="0.006"),
        ],
    }
    spells = {(r, d.on()): None for r in d.random.sample(known_reps, 3) for _ in range(2)}
    made["rep_assignments"] = [
        dict(
            rep_id=r,
            valid_from=start,
            valid_to=d.on(0.5),
            team=d.one(("North", "South"), 0.2),
            region=d.one(("EU",), 0.3),
            manager_id=d.one(REPS, 0.2),
        )
        for r, start in spells
    ]
    made["leads"] = [
        dict(
            lead_id=x,
            created_at=d.at(),
            channel=d.one(CHANNELS),
            campaign_id=d.one(("C1", "C2"), 0.4),
            owner_id=d.one(REPS, 0.2),
            account_id=d.one(ACCOUNTS, 0.3),
            converted_at=d.at(0.5),
            opportunity_id=d.one(deals, 0.6),
            referred_by_account_id=d.one(ACCOUNTS, 0.6),
            utm=d.one(("g", "b"), 0.3),
        )
        for x in leads
    ]
    made["opportunities"] = [
        dict(
            opportunity_id=x,
            created_at=d.at(),
            account_id=d.one(ACCOUNTS, 0.2),
            lead_id=d.one(leads, 0.5),
            owner_id=d.one(REPS, 0.1),
            pipeline=d.one(("PL",), 0.1),
            stage=d.one(("raw", "合格"), 0.1),
            amount=d.one(AMOUNTS, 0.2),
            currency=d.one(CURRENCIES),
            acv=d.one(AMOUNTS, 0.6),
            closed_at=d.at(0.3),
            outcome=d.one(("won", "won", "lost"), 0.2),
            kind=d.one(("new", "upsell", "cross_sell", "renewal"), 0.3),
            channel=d.one(CHANNELS),
            product_id=d.one(PRODUCTS, 0.3),
            location_id=d.one(LOCATIONS, 0.4),
            source=d.one(("a", "b"), 0.3),
        )
        for x in deals
    ]
    made["stage_changes"] = d.rows(
        3 * size, lambda n: dict(opportunity_id=d.one(deals), changed_at=d.at(), stage=d.one(("raw", "合格")), amount=d.one(AMOUNTS, 0.6))
    )
    made["activities"] = d.rows(
        6 * size,
        lambda n: dict(
            activity_id=f"活{n}",
            occurred_at=d.at(),
            kind=d.one(("call", "email", "message", "meeting", "demo", "visit")),
            direction=d.one(("inbound", "outbound"), 0.3),
            rep_id=d.one(REPS, 0.2),
            lead_id=d.one(leads, 0.4),
            opportunity_id=d.one(deals, 0.4),
            account_id=d.one(ACCOUNTS, 0.6),
            booked_at=d.at(0.6),
            status=d.one(("booked", "held", "held", "declined", "no_show"), 0.4),
            sentiment=d.one(("positive", "negative", "neutral"), 0.4),
            automatic=d.one(("true", "false"), 0.8),
            tool=d.one(("x", "y"), 0.4),
        ),
    )
    made["documents"] = d.rows(
        size, lambda n: dict(document_id=f"doc{n}", opportunity_id=d.one(deals), kind=d.one(("proposal", "contract")), sent_at=d.at())
    )
    made["contracts"] = d.rows(
        size,
        lambda n: (
            dict(zip(("starts_on", "ends_on"), d.days(), strict=True))
            | dict(
                contract_id=f"c{n}",
                account_id=d.one(ACCOUNTS),
                total_value=d.one(AMOUNTS),
                currency=d.one(CURRENCIES),
                rep_id=d.one(REPS, 0.2),
                product_id=d.one(PRODUCTS, 0.3),
                law=d.one(("de",), 0.5),
            )
        ),
    )
    made["orders"] = d.rows(
        2 * size,
        lambda n: dict(
            order_id=f"o|{n}",
            account_id=d.one(ACCOUNTS, 0.2),
            ordered_at=d.at(),
            currency=d.one(CURRENCIES),
            rep_id=d.one(REPS, 0.2),
            location_id=d.one(LOCATIONS, 0.3),
            channel=d.one(CHANNELS),
            coupon=d.one(("yes",), 0.5),
        ),
    )
    made["order_lines"] = [
        dict(
            order_id=o["order_id"],
            line=str(n),
            product_id=d.one(PRODUCTS, 0.1),
            quantity=d.one(("1", "2", "2.5", "-1", "0")),
            unit_price=d.one(AMOUNTS),
            unit_list_price=d.one(AMOUNTS, 0.4),
        )
        for o in made["orders"]
        for n in range(d.random.randint(0, 2))
    ]
    made["spend"] = d.rows(
        size,
        lambda n: dict(
            spend_id=f"s{n}",
            spent_on=d.on(),
            amount=d.one(AMOUNTS),
            currency=d.one(CURRENCIES),
            function=d.one(("marketing", "sales"), 0.1),
            purpose=d.one(("lead_generation", "other"), 0.1),
            channel=d.one(CHANNELS),
            campaign_id=d.one(("C1",), 0.5),
            rep_id=d.one(REPS, 0.3),
            hours=d.one(("1", "7.5"), 0.4),
        ),
    )
    targets = {(d.one(REPS), *d.days()): None for _ in range(size)}
    made["quotas"] = [
        dict(rep_id=r, starts_on=start, ends_on=end, amount=d.one(AMOUNTS), currency=d.one(CURRENCIES)) for r, start, end in targets
    ]
    made["forecasts"] = d.rows(
        2 * size,
        lambda n: dict(
            forecast_id=f"f{n}",
            rep_id=d.one(REPS),
            submitted_at=d.at(),
            category=d.one(("commit", "best_case"), 0.3),
            amount=d.one(AMOUNTS),
            currency=d.one(CURRENCIES),
            **d.random.choice((dict(starts_on="2025-01-01", ends_on="2025-04-01"), dict(starts_on="2025-02-01", ends_on="2025-03-01"))),
        ),
    )
    made["survey_responses"] = d.rows(
        2 * size,
        lambda n: dict(
            response_id=f"v{n}",
            survey=d.one(("nps", "nps", "employee")),
            responded_at=d.at(),
            score=d.one(("0", "6", "7", "9", "10")),
            account_id=d.one(ACCOUNTS, 0.2),
            contact_id=d.one(("K1", "K2"), 0.4),
            rep_id=d.one(REPS, 0.3),
        ),
    )
    made["price_observations"] = d.rows(
        2 * size,
        lambda n: dict(
            observed_on=d.on(),
            product_id=d.one(PRODUCTS),
            competitor=d.one(("own", "Rival", "对手")),
            price=d.one(AMOUNTS),
            currency=d.one(CURRENCIES),
            location_id=d.one(LOCATIONS, 0.4),
            shelf=d.one(("top",), 0.5),
        ),
    )
    return made
