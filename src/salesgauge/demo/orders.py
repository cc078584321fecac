"""Purchases: what won deals and customers order, what stores sell over the counter, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from salesgauge.demo.columns import ids, instants, numbers, words
from salesgauge.demo.customers import Customers
from salesgauge.demo.deals import Deals
from salesgauge.demo.draws import Array, choose, happens, spread, stream
from salesgauge.demo.market import CURRENCIES
from salesgauge.demo.workdays import DAY, SHIFT
from salesgauge.demo.world import DIGITS, Block, World, location_ids, person_ids, product_ids
from salesgauge.demo.writing import Book

CHANNELS = ("direct", "online", "store", "field")
_PAYMENT = ("prepaid", "net 14", "net 30", "net 60")
_COST = np.array([.32, .55, .68, .6])  # of the list price, per product family
SEASON = 60         # days of walk-in orders made at a time
ROOM = 1_000_000    # numbers for them


@dataclass(frozen=True)
class Purchases:
    """Orders as arrays of one length, each with one main product; -1 = empty."""

    at: Array
    account: Array
    rep: Array
    deal: Array
    product: Array
    region: Array
    location: Array
    channel: Array
    quantity: Array
    discount: Array


def of_deals(block: Block, name: str, deals: Deals, value: Array) -> Purchases:
    """The order that follows each win within some working days, where that is before the end; `value` is the deals' final value."""
    world, rng = block.world, block.rng(f"deal orders {name}")
    won = np.flatnonzero(deals.won_by(world.clock.end))
    seeds, closed, discount = deals.seeds.where(won), deals.closed[won], deals.discount[won]
    ordered = world.clock.later(closed, (rng.exponential(1.2 * SHIFT, len(won)) + 60).astype(np.int64))
    price = world.market.price[seeds.product, world.clock.week(ordered)] * (1 - discount)
    quantity = np.maximum(1, np.round(value[won] / price))
    rep = world.people.holder(seeds.owner, closed, seeds.account)
    made = Purchases(ordered, seeds.account, rep, deals.place[won], seeds.product, seeds.region, deals.location[won],
                     np.zeros(len(won), dtype=int), quantity, discount)
    return _where(made, np.flatnonzero(ordered < world.clock.end))


def _where(made: Purchases, keep: Array) -> Purchases:
    return Purchases(*(column[keep] for column in vars(made).values()))


def repeats(block: Block, name: str, who: Customers, until: Array) -> Purchases:
    """What customers order again while they stay: more often when satisfied, less when our price is high."""
    world, rng = block.world, block.rng(f"repeat orders {name}")
    laws, clock, market = world.laws, world.clock, world.market
    stop = np.minimum(until * DAY, clock.end)
    years = ((stop - who.since) / (365 * DAY)).clip(0)
    rate = world.size.repeat * np.exp(.25 * who.satisfaction).clip(max=2.5) * np.array([.8, 1.1, 1.6])[who.segment]
    owner, _ = spread(rng.poisson(rate * years * 1.8))  # drawn more often and then thinned by price
    at = clock.at_work(clock.worked(who.since[owner]) + ((clock.worked(stop) - clock.worked(who.since))[owner] * rng.random(len(owner)))
                       .astype(np.int64))
    week = clock.week(at)
    other = rng.integers(0, world.size.products, len(owner))
    product = np.where(happens(rng, .6, len(owner)), who.product[owner], other)
    keep = (at < stop[owner]) & (at > who.since[owner] + DAY) & happens(rng, market.appetite(laws)[product, week] / 1.8, len(owner))
    owner, at, week, product = owner[keep], at[keep], week[keep], product[keep]
    rep = world.people.holder(who.keeper[owner], at, who.account[owner])
    discount = (world.people.generosity[rep] + rng.normal(0, .03, len(owner))).clip(0, .4).round(3)
    quantity = np.maximum(1, np.round(who.value[owner] * .08 * np.exp(rng.normal(0, .5, len(owner))) / market.price[product, week]))
    online = happens(rng, .45, len(owner))
    return Purchases(at, who.account[owner], np.where(online & happens(rng, .5, len(owner)), -1, rep), np.full(len(owner), -1), product,
                     who.region[owner], np.where(online & (world.size.locations > 3), 3, -1), online.astype(int), quantity, discount)


def together(parts: list[Purchases]) -> Purchases:
    """All of them, one after the other."""
    return Purchases(*(np.concatenate(columns) for columns in zip(*(vars(part).values() for part in parts), strict=True)))


def write(block: Block, made: Purchases) -> None:
    """Adds the orders of a block's accounts in order of time, with some of them coming back."""
    made = _where(made, np.argsort(made.at, kind="stable"))
    place = block.take("orders", len(made.at))
    known = {"account_id": block.ids("accounts", made.account), "opportunity_id": block.ids("opportunities", made.deal)}
    back = _rows(block.rng("order rows"), block.world, block.book, block.ids("orders", place), made, known)
    again = block.take("orders", len(back.at))
    known = {"account_id": block.ids("accounts", back.account), "opportunity_id": block.ids("opportunities", back.deal)}
    _rows(block.rng("returns"), block.world, block.book, block.ids("orders", again), back, known)


def _rows(rng: np.random.Generator, world: World, book: Book, order_ids: pa.Array, made: Purchases,
          known: dict[str, pa.Array]) -> Purchases:
    """Adds orders and their lines; gives the returns that some of them lead to (orders of negative quantity), not yet added."""
    market, clock, count = world.market, world.clock, len(made.at)
    currency = market.region_currency[made.region]
    book.add("orders", {
        "order_id": order_ids, "ordered_at": instants(clock, made.at),
        "currency": words(np.where((currency == 0) & happens(rng, .3, count), -1, currency), CURRENCIES), "rep_id": person_ids(made.rep),
        "location_id": location_ids(made.location), "channel": words(np.where(rng.random(count) < .01, -1, made.channel), CHANNELS),
        "payment_terms": words(rng.integers(-1, len(_PAYMENT), count), _PAYMENT), **known,
    })
    lines = np.where(made.quantity > 0, 1 + choose(rng, (.62, .28, .1), count), 1)
    order, turn = spread(lines)
    total = len(order)
    product = np.where(turn == 0, made.product[order], rng.integers(0, world.size.products, total))
    quantity = np.where(turn == 0, made.quantity[order], 1 + rng.poisson(.7, total))
    week = clock.week(made.at)[order]
    worth = market.worth[currency[order], week]
    listed = market.price[product, week] / worth
    discount = np.where(turn == 0, made.discount[order], made.discount[order] * .5)
    unlisted = happens(rng, .03, total)
    cost = market.base_price[product] * _COST[market.family[product]] / worth * np.exp(rng.normal(0, .04, total))
    book.add("order_lines", {
        "order_id": order_ids.take(pa.array(order)), "line": words(turn, ("1", "2", "3")),
        "product_id": product_ids(np.where(rng.random(total) < .004, -1, product)), "quantity": numbers(quantity),
        "unit_price": numbers(listed * (1 - discount)), "unit_list_price": numbers(np.where(unlisted, np.nan, listed)),
        "unit_cost": numbers(np.where(happens(rng, .05, total), np.nan, cost)),
    })
    chosen = np.flatnonzero((made.quantity > 0) & happens(rng, world.laws.returns, count))
    later = clock.later(made.at[chosen] + rng.integers(4 * DAY, 30 * DAY, len(chosen)), rng.integers(0, SHIFT, len(chosen)))
    share = np.maximum(1, np.round(made.quantity[chosen] * rng.uniform(.1, 1, len(chosen))))
    back = _where(made, chosen)
    back = replace(back, at=later, deal=np.full(len(chosen), -1), quantity=-share)
    return _where(back, np.flatnonzero(later < clock.end))


def lift(world: World, day: int, days: int) -> Array:
    """Locations x products x days from `day`: how promotions multiply the volume."""
    table = np.ones((world.size.locations, world.size.products, days))
    for promotion in world.market.promotions:
        begin, stop = max(0, promotion.starts - day), min(days, promotion.ends - day)
        if begin < stop:
            table[np.array(promotion.treated, dtype=int), promotion.product, begin:stop] *= 1 + promotion.lift
    return table


def seasons(world: World) -> int:
    """How many spans of SEASON days there are, the last one cut."""
    return -(-(world.clock.last + 1 - world.clock.first) // SEASON)


def over_the_counter(world: World, season: int) -> Book:
    """The orders of the locations in one span of SEASON days: nobody's account, moved by price and promotion."""
    rng, book, market, clock = stream(world.seed, "counter", season), Book(), world.market, world.clock
    day = clock.first + SEASON * season
    days = min(SEASON, clock.last + 1 - day)
    pace = market.demand[day - clock.first : day - clock.first + days]
    pace = pace / np.median(market.demand)
    week = clock.week((np.arange(day, day + days)) * DAY)
    asked = market.counter[:, None] * market.appetite(world.laws)[:, week] * pace
    mean = market.location_volume[:, None, None] * asked[None] * lift(world, day, days)
    counts = rng.poisson(mean)
    cell, _ = spread(counts.ravel())
    location, product, offset = np.unravel_index(cell, counts.shape)
    at = (day + offset) * DAY + 9 * 3_600 + rng.integers(0, 10 * 3_600, len(cell))
    sort = np.lexsort((location, at))
    location, product, at, count = location[sort], product[sort], at[sort], len(cell)
    kind = market.location_kind[location]
    empty = np.full(count, -1)
    made = Purchases(at, empty, empty, empty, product, market.location_region[location], location, np.array([2, 1, 3])[kind],
                     1.0 + rng.poisson(1.0, count), np.where(happens(rng, .15, count), .05, 0.0))
    back = _rows(rng, world, book, _counter_ids(season, 0, count), made, {})
    _rows(rng, world, book, _counter_ids(season, count, len(back.at)), back, {})
    return book


def _counter_ids(season: int, begin: int, count: int) -> pa.Array:
    assert begin + count < ROOM, "more orders in a season than its ids allow"
    return ids("W", season * ROOM + 1 + np.arange(begin, begin + count), DIGITS)
