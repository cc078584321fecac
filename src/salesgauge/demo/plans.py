"""Quotas and forecasts: made after the fact from the ledger, as planners and reps with their own bias would have made them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from salesgauge.demo.columns import dates, ids, instants, numbers, words
from salesgauge.demo.draws import Array, happens, stream
from salesgauge.demo.ledger import Ledger, Periods
from salesgauge.demo.market import CURRENCIES
from salesgauge.demo.people import AE, AM, FIELD
from salesgauge.demo.workdays import DAY, NONE
from salesgauge.demo.world import World, person_ids
from salesgauge.demo.writing import Book

ATTAINMENT = .93     # what the planners' targets leave the company to reach, about
_CATEGORIES = ("commit", "best_case", "pipeline")


def plans(world: World, periods: Periods, ledger: Ledger) -> Book:
    """Quotas per rep and quarter, and every forecast."""
    book = Book()
    quota = _quotas(world, periods, ledger, book)
    _forecasts(world, periods, ledger, quota, book)
    return book


def _presence(world: World, begin: Array, until: Array) -> Array:
    """People x spans: the share of each span of days in which they were employed."""
    people, end = world.people, world.clock.last + 120
    start = np.maximum(people.hired[:, None], begin)
    stop = np.minimum(np.minimum(people.left, end)[:, None], until)
    return np.asarray((stop - start).clip(0) / (until - begin))


def _quotas(world: World, periods: Periods, ledger: Ledger, book: Book) -> Array:
    """People x quarters: the target. What somebody of that role and tenure sells on average, smoothed over the year, moved half-way
    to what this person sold in the year before, and a stretch."""
    rng, people, laws = stream(world.seed, "quotas"), world.people, world.laws
    quarters = np.arange(periods.months, len(periods.starts))
    begin, until = periods.starts[quarters], periods.ends[quarters]
    present = _presence(world, begin, until)
    months = ((begin + until) / 2 - people.hired[:, None]).clip(0) / 30.44
    ramped = 1 - (1 - laws.ramp_start) * np.exp(-months / people.ramp_months[:, None])
    first = periods.month_places[quarters] - periods.month_places[0]
    booked = np.stack([ledger.booked[:, m : m + 3].sum(axis=1) for m in first], axis=1)
    quota = np.zeros(booked.shape)
    for role in (AE, AM, FIELD):
        mine = people.role == role
        # an account manager's book grows with every customer that is won: slower than the person learns
        grown = (.15 + months[mine] / 14).clip(max=1) if role == AM else ramped[mine]
        strength = present[mine] * grown
        each = booked[mine].sum(axis=0) / strength.sum(axis=0).clip(.2)
        whole = (begin >= world.clock.first + 80) & (until <= world.clock.last + 1)
        level = np.interp(np.arange(len(each)), np.flatnonzero(whole), each[whole])
        level = np.convolve(np.pad(level, 1, mode="edge"), (.25, .5, .25), mode="valid")
        usual = level * strength
        habit = _habit(booked[mine], usual)
        habit = habit * (usual.sum(axis=0) / (usual * habit).sum(axis=0).clip(1))
        quota[mine] = usual * habit / ATTAINMENT * np.exp(rng.normal(0, .08, usual.shape))
    quota = np.where(quota < 1_000, 0, np.maximum(1_000, np.round(quota, -3)))
    person, quarter = np.nonzero(quota)
    abroad = (np.arange(len(people.role)) % 9 == 4)[person]
    worth = world.market.worth[1, ((begin[quarter] - world.clock.first) // 7).clip(0, world.clock.weeks - 1)]
    book.add("quotas", {
        "rep_id": person_ids(person), "starts_on": dates(begin[quarter]), "ends_on": dates(until[quarter]),
        "amount": numbers(np.where(abroad, np.round(quota[person, quarter] / worth, -2), quota[person, quarter])),
        "currency": words(np.where(abroad, 1, np.where(person % 3 == 0, -1, 0)), CURRENCIES),
    })
    return quota


def _habit(booked: Array, usual: Array) -> Array:
    """People x quarters: half of one plus half of what the person sold, against what was usual, in up to four quarters before."""
    factor = np.ones(booked.shape)
    for quarter in range(2, booked.shape[1]):
        before = slice(max(0, quarter - 4), quarter)
        sold, expected = booked[:, before].sum(axis=1), usual[:, before].sum(axis=1)
        factor[:, quarter] = .5 + .5 * np.where(expected > 0, sold / np.maximum(expected, 1), 1).clip(.4, 2)
    return factor


def _forecasts(world: World, periods: Periods, ledger: Ledger, quota: Array, book: Book) -> None:
    """At each moment a rep gives what is booked, plus what they believe of the rest: half knowledge, half habit, all of it biased."""
    rng, people, clock = stream(world.seed, "forecasts"), world.people, world.clock
    sellers = np.flatnonzero(np.isin(people.role, (AE, AM, FIELD)))
    moments = periods.moments
    day = moments // DAY
    valid = (moments != NONE) & (moments < clock.end) & (day >= clock.first)
    there = valid[None] & (day[None] >= people.hired[sellers, None, None]) & (day[None] < people.left[sellers, None, None])
    person, period, turn = np.nonzero(there & (rng.random(there.shape) < .96))
    rep = sellers[person]
    at = moments[period, turn] + rng.integers(-2 * 3_600, 4 * 3_600, len(rep))
    start_place = periods.month_places[period] - periods.month_places[0]
    span = np.where(period < periods.months, 1, 3)
    padded = np.concatenate([np.zeros((len(people.role), 3)), ledger.booked, np.zeros((len(people.role), 3))], axis=1)
    running = np.concatenate([np.zeros((len(padded), 1)), np.cumsum(padded, axis=1)], axis=1)
    total = running[rep, start_place + 3 + span] - running[rep, start_place + 3]
    so_far, closing = ledger.before[rep, period, turn], ledger.closing[rep, period, turn]
    left = ((periods.ends[period] - day[period, turn]) / (periods.ends[period] - periods.starts[period])).clip(0, 1)
    habit = running[rep, start_place + 3] - running[rep, start_place]  # the three months before
    usual = habit / 3 * span * left
    known = periods.ends[period] <= clock.last + 1
    rest = np.where(known, .7 * (total - so_far).clip(0) + .2 * usual + .1 * .4 * closing, .6 * usual + .4 * .4 * closing)
    noise = np.exp(rng.normal(0, .16, len(rep)) * (.3 + left))
    commit = so_far + rest * np.exp(people.optimism[rep]) * noise
    ceiling = so_far + closing + .8 * usual
    commit = np.minimum(commit, ceiling)
    best = np.minimum(so_far + (commit - so_far) * rng.uniform(1.15, 1.6, len(rep)), np.maximum(ceiling, commit))
    amounts = np.stack([commit, best, np.maximum(best, so_far + closing)], axis=1)
    given = np.stack([np.ones(len(rep), dtype=bool), happens(rng, .7, len(rep)), happens(rng, .5, len(rep))], axis=1)
    row, category = np.nonzero(given)
    order = np.argsort(at[row], kind="stable")
    row, category = row[order], category[order]
    written = np.where((category == 0) & happens(rng, .25, len(row)), -1, category)
    book.add("forecasts", {
        "forecast_id": ids("G", np.arange(len(row)) + 1, 9), "rep_id": person_ids(rep[row]),
        "submitted_at": instants(clock, np.minimum(at[row], clock.end - 60)), "starts_on": dates(periods.starts[period[row]]),
        "ends_on": dates(periods.ends[period[row]]), "category": words(written, _CATEGORIES),
        "amount": numbers(np.round(amounts[row, category], -2)), "currency": pa.nulls(len(row), pa.string()),
    })
