"""What selling costs (campaigns, salaries, hours, commission, tools, travel) and what the people who sell say about their work."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from salesgauge.demo.columns import dates, ids, instants, numbers, words
from salesgauge.demo.draws import Array, happens, stream
from salesgauge.demo.laws import CHANNELS
from salesgauge.demo.leads import campaign_number
from salesgauge.demo.ledger import Ledger, Periods
from salesgauge.demo.people import AE, FIELD, MANAGER, SDR
from salesgauge.demo.workdays import DAY
from salesgauge.demo.world import World, person_ids
from salesgauge.demo.writing import Book

_COST_PER_LEAD = np.array([140.0, 85.0, 110.0, 310.0, 60.0, 20.0, 90.0])   # in the order of CHANNELS
_FUNCTIONS = ("marketing", "sales")
_PURPOSES = ("lead_generation", "other")
_CATEGORIES = ("ads", "events", "content", "labor", "tools", "commission", "travel", "other")
ADS, EVENTS, CONTENT, LABOR, TOOLS, COMMISSION, TRAVEL, OTHER = range(8)
_OF_CHANNEL = np.array([ADS, ADS, EVENTS, EVENTS, CONTENT, OTHER, OTHER])
_SALARY = np.array([4_300.0, 6_200.0, 5_800.0, 5_400.0, 9_000.0, 14_000.0])  # a month, per role
_COMMENTS = ("Too many accounts", "Gutes Team", "目标太高", "Нравится работать с командой", "The method helps", "No time for prospecting")


def spending(world: World, periods: Periods, ledger: Ledger) -> Book:
    """All spend, and the employee survey."""
    rng, book, clock = stream(world.seed, "spend"), Book(), world.clock
    parts = [_campaigns(rng, world), _salaries(rng, world, periods), _commission(world, periods, ledger)]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    keep = np.flatnonzero((rows["day"] >= clock.first) & (rows["day"] <= clock.last))
    rows = {name: column[keep][np.argsort(rows["day"][keep], kind="stable")] for name, column in rows.items()}
    count = len(keep)
    quarter = rows["day"].astype("datetime64[D]").astype("datetime64[M]").astype(int) // 3
    campaign = np.where(rows["channel"] >= 0, campaign_number(quarter, rows["channel"]), -1)
    book.add("spend", {
        "spend_id": ids("X", np.arange(count) + 1, 9), "spent_on": dates(rows["day"]), "amount": numbers(rows["amount"]),
        "function": words(rows["function"], _FUNCTIONS), "purpose": words(rows["purpose"], _PURPOSES),
        "category": words(np.where(rng.random(count) < .01, -1, rows["category"]), _CATEGORIES),
        "channel": words(rows["channel"], CHANNELS), "rep_id": person_ids(rows["rep"]),
        "campaign_id": ids("C", np.where(happens(rng, .1, count), -1, campaign), 6),
        "hours": numbers(rows["hours"], 1), "currency": pa.array(["EUR"] * count, pa.string()),
    })
    _employees(world, book)
    return book


def _rows(day: Array, amount: Array, **given: Array | int | float) -> dict[str, Array]:
    empty: dict[str, Array | int | float] = {"function": 1, "purpose": 1, "category": OTHER, "channel": -1, "rep": -1, "hours": np.nan}
    return {"day": day, "amount": amount} | {name: np.broadcast_to(np.asarray(value), day.shape) for name, value in (empty | given).items()}


def _campaigns(rng: np.random.Generator, world: World) -> dict[str, Array]:
    """Weekly per channel, by the leads it is meant to bring."""
    clock, market = world.clock, world.market
    weekly = np.add.reduceat(market.demand, np.arange(0, len(market.demand), 7)) / market.demand.sum() * world.size.leads
    week, channel = (x.ravel() for x in np.meshgrid(np.arange(clock.weeks), np.arange(len(CHANNELS)), indexing="ij"))
    month = ((clock.first + 7 * week).astype("datetime64[D]").astype("datetime64[M]").astype(int))
    share = market.channel_share[(month - month[0]).clip(max=len(market.channel_share) - 1), channel]
    amount = weekly[week] * share * _COST_PER_LEAD[channel] * np.exp(rng.normal(0, .18, len(week)))
    day = np.minimum(clock.first + 7 * week + rng.integers(0, 5, len(week)), clock.last)
    return _rows(day, amount, function=0, purpose=0, category=_OF_CHANNEL[channel], channel=channel)


def _salaries(rng: np.random.Generator, world: World, periods: Periods) -> dict[str, Array]:
    """Per person and month: salary with hours, tools, and travel of those who travel; and marketing's own salaries."""
    people, clock = world.people, world.clock
    begin, until = periods.starts[: periods.months], periods.ends[: periods.months]
    start = np.maximum(people.hired[:, None], begin)
    worked = (np.minimum(people.left[:, None], until) - start).clip(0) / (until - begin)
    person, month = np.nonzero(worked > 0)
    part = worked[person, month]
    pay_day = np.minimum(until[month] - 3, clock.last)
    week = ((begin[month] + 14 - clock.first) // 7).clip(0, clock.weeks - 1)
    hours = 150 * part * (.8 + .22 * people.load[person, week].clip(max=1.8)) * np.where(people.role[person] >= MANAGER, .5, 1)
    salary = _SALARY[people.role[person]] * part * 1.22
    travels = np.flatnonzero(np.isin(people.role[person], (AE, FIELD)))
    prospecting = np.where(people.role[person] == SDR, 0, 1)
    staff = np.round(_SALARY[0] * max(1, world.size.people // 12) * np.ones(periods.months))
    parts = [
        _rows(pay_day, salary, category=LABOR, rep=person, hours=hours, purpose=prospecting),
        _rows(pay_day, 210.0 * part, category=TOOLS, rep=person),
        _rows(pay_day[travels], rng.gamma(2, 260, len(travels)) * part[travels], category=TRAVEL, rep=person[travels]),
        _rows(np.minimum(until - 3, clock.last), staff, function=0, category=LABOR, hours=np.round(staff / 28)),
    ]
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _commission(world: World, periods: Periods, ledger: Ledger) -> dict[str, Array]:
    """A share of what was booked, paid two weeks after the month."""
    person, month = np.nonzero(ledger.booked > 0)

    return _rows(periods.ends[month] + 14, ledger.booked[person, month] * .06, category=COMMISSION, rep=person)


def _employees(world: World, book: Book) -> None:
    """Every quarter people are asked; those who are strained say so, and so do those with a hard manager."""
    rng, people, clock, laws = stream(world.seed, "employees"), world.people, world.clock, world.laws
    rounds = np.arange(clock.first + 45, clock.last - 10, 91)
    person, turn = (x.ravel() for x in np.meshgrid(np.arange(len(people.role)), np.arange(len(rounds)), indexing="ij"))
    day = rounds[turn] + rng.integers(0, 8, len(turn))
    there = (people.hired[person] <= day - 30) & (people.left[person] > day) & happens(rng, .82, len(day))
    person, day = person[there], day[there]
    week = (day - clock.first) // 7
    boss = people.boss[person, week.clip(0, clock.weeks - 1)]
    manner = stream(world.seed, "manners").normal(0, .5, len(people.role))
    own = stream(world.seed, "tempers").normal(0, .6, len(people.role))
    burnt = laws.employee_burnout * (people.strain[person, week] - .9)
    score = (7.6 + burnt + own[person] + np.where(boss >= 0, manner[boss], 0) + rng.normal(0, .9, len(day))).round().clip(0, 10)
    order = np.argsort(day, kind="stable")
    count = len(day)
    at = day * DAY + rng.integers(9 * 3_600, 18 * 3_600, count)
    book.add("survey_responses", {
        "response_id": ids("E", np.arange(count) + 1, 9), "survey": pa.array(["employee"] * count, pa.string()),
        "responded_at": instants(clock, at[order]), "score": numbers(score[order]),
        "rep_id": person_ids(np.where(happens(rng, .04, count), -1, person[order])),
        "comment": words(np.where(happens(rng, .2, count), rng.integers(0, len(_COMMENTS), count), -1), _COMMENTS),
    })
