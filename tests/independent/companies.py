"""Random companies to compare two computations on: few ids, so that rows meet; instants that coincide; what is hard in every table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from independent.draws import Draw, Row

Tables = dict[str, list[Row]]

ZONES = {
    "America/New_York": 2024,
    "Europe/Berlin": 2024,
    "Australia/Lord_Howe": 2024,
    "Africa/Cairo": 2024,
    "Asia/Kathmandu": 2024,
    "America/Sao_Paulo": 2018,
    "America/St_Johns": 2010,
    "Pacific/Apia": 2011,
    "UTC": 2024,
    "America/Havana": 2024,
}
ABSENT = (
    "",
    "",
    "orders",
    "orders order_lines contracts",
    "contracts",
    "order_lines",
    "reps",
    "rep_assignments stage_changes",
    "accounts",
    "opportunities",
    "leads",
    "stages stage_changes",
    "activities",
    "contracts orders order_lines leads activities",
    "products locations",
    "exchange_rates campaigns",
    "opportunities contracts",
    "orders contracts reps",
)
EXTRAS = {
    "leads": "utm",
    "opportunities": "tier",
    "orders": "till",
    "contracts": "law",
    "activities": "tool",
    "price_observations": "shelf",
}
REPS = ("R1", "R2", "R10", "Анна", "R3", "R4", "ghost")
ACCOUNTS = ("A1", "A2", "A10", "阿里", "a", "b", "c", "d", "gone")
PRODUCTS, LOCATIONS = ("P1", "P2", "产品", "lost"), ("S1", "магазин", "none")
CHANNELS = ("web", "展会", "event")
CURRENCIES = ("", "EUR", "USD", "JPY", "XXX")
AMOUNTS = ("0", "1", "10", "99.5", "1000", "0.1", "333.33", "-40", "2500.75")
KINDS = ("call", "email", "message", "meeting", "video", "demo", "visit")


@dataclass(frozen=True)
class Layout:
    """What several companies have in common, so that they share their SQL: absent tables, own columns, currency and settings."""

    number: int
    absent: tuple[str, ...]
    extra: bool
    currency: str
    settings: dict[str, float]


@dataclass(frozen=True)
class Made:
    """A company as its files tell it; `instants` and `days` are those on which something happens."""

    tables: Tables
    timezone: str
    layout: Layout
    instants: tuple[str, ...]
    days: tuple[str, ...]
    year: int

    @property
    def columns(self) -> dict[str, list[str]]:
        """The columns of each table that is there."""
        return {name: list(dict.fromkeys(column for row in rows for column in row)) for name, rows in self.tables.items()}


def layout(number: int) -> Layout:
    """One of the layouts; those from 0 on go through the absent tables."""
    random = Random(number)
    settings = {
        "activity_window_days": random.choice((30, 180, 365)),
        "concentration_top": random.choice((1, 2, 10)),
        "nps_min_tenure_days": random.choice((0, 30, 60)),
        "max_lifespan_years": random.choice((1.5, 3, 10)),
        "rep_tenure_months": random.choice((1, 12, 13)),
        "forecast_cutoff_days": random.choice((0, 5, 31)),
        "fiscal_year_start": random.choice((1, 2, 4, 10)),
    }
    chosen = {name: value for name, value in settings.items() if random.random() < 0.6}
    return Layout(number, tuple(ABSENT[number % len(ABSENT)].split()), random.random() < 0.7, random.choice(("EUR", "EUR", "USD")), chosen)


def company(seed: int, of: Layout) -> Made:
    """A company of a layout, drawn by a seed."""
    random = Random(seed)
    dense, size = random.random() < 0.6, random.choice((8, 24, 40))
    timezone = list(ZONES)[seed % len(ZONES)]
    d = Draw(random, timezone, ZONES[timezone], dense)
    tables = {**_people(d), **_market(d, size), **_selling(d, size), **_plans(d, size)}
    for name, column in EXTRAS.items() if of.extra else ():
        for row in tables[name]:
            row[column] = d.one(("x", "y", "ж"), 0.3)
    for name in of.absent:
        del tables[name]
    for rows in tables.values():
        if rows and random.random() < 0.2:
            rows.append(dict(random.choice(rows)))
        random.shuffle(rows)
    return Made(tables, timezone, of, tuple(d.pool), tuple(x.isoformat() for x in d.days), d.year)


def _people(d: Draw) -> Tables:
    hired = [x.isoformat() for x in (date(d.year - 2, 2, 28), date(2016, 2, 29), date(d.year, 1, 1), date(d.year, 4, 30))]
    known = [rep for rep in REPS if rep != "ghost"]
    spells = {(d.one(REPS), d.on()): None for _ in range(8)}
    return {
        "reps": [
            dict(
                rep_id=r,
                name=r,
                role=d.one(("ae", "am", "field", "manager", "sdr"), 0.3),
                team=d.one(("North", "南", "x"), 0.2),
                region=d.one(("EU", "US"), 0.2),
                manager_id=d.one(REPS, 0.3),
                hired_on=d.one([*hired, d.on(), d.on()], 0.2),
                left_on=d.on(0.6),
            )
            for r in known
        ],
        "rep_assignments": [
            dict(
                rep_id=r,
                valid_from=start,
                valid_to=d.on(0.5),
                team=d.one(("North", "South"), 0.2),
                region=d.one(("EU",), 0.3),
                manager_id=d.one(REPS, 0.2),
            )
            for r, start in spells
        ],
        "accounts": [
            dict(
                account_id=a,
                name=a,
                segment=d.one(("small", "大"), 0.2),
                industry=d.one(("it", "food"), 0.3),
                region=d.one(("EU", "US"), 0.2),
                owner_id=d.one(REPS, 0.2),
            )
            for a in ACCOUNTS
            if a != "gone"
        ],
    }


def _market(d: Draw, size: int) -> Tables:
    rates = {(d.one(("USD", "JPY", "EUR")), d.on()): None for _ in range(10)}
    prices = d.rows(
        2 * size,
        lambda n: dict(
            observed_on=d.on(),
            product_id=d.one(PRODUCTS),
            competitor=d.one(("own", "Rival", "对手"), 0.1),
            price=d.one(AMOUNTS),
            currency=d.one(CURRENCIES),
            location_id=d.one(LOCATIONS, 0.4),
            promoted=d.one(("true", "false"), 0.5),
        ),
    )
    return {
        "products": [dict(product_id=p, name=p, family=d.one(("F", "G"), 0.2)) for p in PRODUCTS if p != "lost"],
        "locations": [
            dict(location_id=x, kind=d.one(("store", "online"), 0.2), region=d.one(("East", "West"), 0.2)) for x in LOCATIONS[:2]
        ],
        "campaigns": [dict(campaign_id="C1", name="C1", channel="web")],
        "stages": [
            dict(pipeline=p, stage=s, is_qualified=d.one(("true", "false"), 0.2)) for p in ("PL", "p2") for s in ("raw", "合格", "Won")
        ],
        "exchange_rates": [dict(currency=c, rated_on=day, rate=d.one(("0.9", "0.006", "1.25"))) for c, day in rates],
        "price_observations": prices,
    }


def _selling(d: Draw, size: int) -> Tables:
    leads, deals = [f"L{n}" for n in range(size + 2)], [f"D{n}" for n in range(size + 4)]
    orders = [f"o|{n}" for n in range(2 * size)]
    return {
        "leads": [
            dict(
                lead_id=x,
                created_at=d.at(),
                channel=d.one(CHANNELS, 0.2),
                campaign_id=d.one(("C1", "C2"), 0.4),
                owner_id=d.one(REPS, 0.2),
                account_id=d.one(ACCOUNTS, 0.3),
                converted_at=d.at(0.5),
                opportunity_id=d.one([*deals, "D?"], 0.5),
                referred_by_account_id=d.one(ACCOUNTS, 0.5),
            )
            for x in leads
        ],
        "opportunities": [
            dict(
                opportunity_id=x,
                created_at=d.at(),
                account_id=d.one(ACCOUNTS, 0.2),
                lead_id=d.one([*leads, "L?"], 0.5),
                owner_id=d.one(REPS, 0.1),
                pipeline=d.one(("PL", "p2"), 0.1),
                stage=d.one(("raw", "合格", "?"), 0.1),
                amount=d.one(AMOUNTS, 0.2),
                currency=d.one(CURRENCIES),
                acv=d.one(AMOUNTS, 0.6),
                closes_on=d.on(0.3),
                closed_at=d.at(0.3),
                outcome=d.one(("won", "won", "lost"), 0.2),
                kind=d.one(("new", "upsell", "cross_sell", "renewal"), 0.3),
                channel=d.one(CHANNELS, 0.2),
                product_id=d.one(PRODUCTS, 0.3),
                location_id=d.one(LOCATIONS, 0.4),
            )
            for x in deals
        ],
        "stage_changes": d.rows(
            3 * size,
            lambda n: dict(
                opportunity_id=d.one([*deals, "D?"]),
                changed_at=d.at(),
                stage=d.one(("raw", "合格", "Won"), 0.1),
                amount=d.one(AMOUNTS, 0.6),
                closes_on=d.on(0.7),
            ),
        ),
        "activities": d.rows(
            7 * size,
            lambda n: dict(
                activity_id=f"活{n}",
                occurred_at=d.at(),
                kind=d.one(KINDS),
                direction=d.one(("inbound", "outbound"), 0.3),
                rep_id=d.one(REPS, 0.2),
                lead_id=d.one([*leads, "L?"], 0.4),
                opportunity_id=d.one([*deals, "D?"], 0.4),
                account_id=d.one(ACCOUNTS, 0.6),
                booked_at=d.at(0.5),
                status=d.one(("booked", "held", "held", "declined", "no_show"), 0.4),
                sentiment=d.one(("positive", "negative", "neutral"), 0.3),
                automatic=d.one(("true", "false"), 0.7),
            ),
        ),
        "documents": d.rows(
            size,
            lambda n: dict(
                document_id=f"doc{n}",
                opportunity_id=d.one([*deals, "D?"]),
                kind=d.one(("proposal", "contract")),
                sent_at=d.at(),
                signed_at=d.at(0.5),
            ),
        ),
        "contracts": d.rows(
            size,
            lambda n: (
                dict(zip(("starts_on", "ends_on"), d.span(), strict=True))
                | dict(
                    contract_id=f"c{n}",
                    account_id=d.one(ACCOUNTS),
                    total_value=d.one(AMOUNTS),
                    currency=d.one(CURRENCIES),
                    rep_id=d.one(REPS, 0.2),
                    product_id=d.one(PRODUCTS, 0.3),
                )
            ),
        ),
        "orders": [
            dict(
                order_id=o,
                account_id=d.one(ACCOUNTS, 0.2),
                ordered_at=d.at(),
                currency=d.one(CURRENCIES),
                rep_id=d.one(REPS, 0.2),
                location_id=d.one(LOCATIONS, 0.3),
                channel=d.one(CHANNELS, 0.2),
            )
            for o in orders
        ],
        "order_lines": [
            dict(
                order_id=o,
                line=str(n),
                product_id=d.one(PRODUCTS, 0.1),
                quantity=d.one(("1", "2", "2.5", "-1", "0", "10")),
                unit_price=d.one(AMOUNTS),
                unit_list_price=d.one(AMOUNTS, 0.4),
            )
            for o in [*orders, "o?"]
            for n in range(d.random.randint(0, 2))
        ],
    }


def _plans(d: Draw, size: int) -> Tables:
    targets = {(d.one(REPS), *d.span()): None for _ in range(size)}
    exact = [(date(d.year + y, m, 1), n) for y in (0, 1) for m, n in ((1, 3), (1, 12), (2, 1), (12, 1), (4, 3))]

    def forecast(n: int) -> Row:
        start, months = d.random.choice(exact)
        end = date(start.year + (start.month + months > 12), (start.month + months - 1) % 12 + 1, 1)
        near = start + timedelta(days=d.random.choice((-10, -1, 0, 0, 1, 4, 5, 6, 31)))
        at = near.isoformat() + d.one(("T00:00:00", "T00:00:00.000001", "T12:00:00", "T00:00:00Z"), 0.3)
        return dict(
            forecast_id=f"f{n}",
            rep_id=d.one(REPS),
            submitted_at=at if d.random.random() < 0.7 else d.at(),
            starts_on=start.isoformat(),
            ends_on=end.isoformat(),
            category=d.one(("commit", "best_case"), 0.3),
            amount=d.one(AMOUNTS),
            currency=d.one(CURRENCIES),
        )

    return {
        "spend": d.rows(
            2 * size,
            lambda n: dict(
                spend_id=f"s{n}",
                spent_on=d.on(),
                amount=d.one(AMOUNTS),
                currency=d.one(CURRENCIES),
                function=d.one(("marketing", "sales"), 0.1),
                purpose=d.one(("lead_generation", "other"), 0.1),
                category=d.one(("ads", "labor"), 0.3),
                channel=d.one(CHANNELS, 0.2),
                campaign_id=d.one(("C1", "C2"), 0.5),
                rep_id=d.one(REPS, 0.3),
                hours=d.one(("1", "7.5", "0"), 0.4),
            ),
        ),
        "quotas": [
            dict(rep_id=r, starts_on=start, ends_on=end, amount=d.one(AMOUNTS), currency=d.one(CURRENCIES)) for r, start, end in targets
        ],
        "forecasts": d.rows(3 * size, forecast),
        "survey_responses": d.rows(
            3 * size,
            lambda n: dict(
                response_id=f"v{n}",
                survey=d.one(("nps", "nps", "employee")),
                responded_at=d.at(),
                score=d.one(("0", "6", "6.5", "7", "8.5", "9", "10")),
                account_id=d.one(ACCOUNTS, 0.2),
                contact_id=d.one(("K1", "K2"), 0.4),
                rep_id=d.one(REPS, 0.3),
            ),
        ),
    }
