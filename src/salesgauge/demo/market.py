"""What the company sells, where, at which price, against whom, and how much of it is asked for when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesgauge.demo.draws import Array, stream
from salesgauge.demo.invented import FAMILIES, REGIONS
from salesgauge.demo.laws import CHANNELS, PROMOTION_KINDS, Laws
from salesgauge.demo.sizes import Size
from salesgauge.demo.workdays import DAY, Clock

_MONTHS = (.97, 1.0, 1.08, 1.0, .98, 1.02, .88, .74, 1.08, 1.12, 1.15, .86)  # how much of an average month each is
_WEEKDAYS = (1.15, 1.2, 1.18, 1.1, .95, .22, .2)
_OVER_THE_COUNTER = np.array([.1, .35, .1, .45])  # how much of each product family shops sell
CURRENCIES = ("EUR", "USD", "GBP", "CNY")
_WORTH = (1.0, .92, 1.17, .128)


@dataclass(frozen=True)
class Promotion:
    """An offer on one product, at some locations, with control locations; `lift` is its true effect on volume (0.2 = 20 % more)."""

    number: int
    product: int
    kind: int
    starts: int
    ends: int
    treated: tuple[int, ...]
    control: tuple[int, ...]
    lift: float


@dataclass(frozen=True)
class Market:
    """Products, prices and places. Weeks, products, locations, currencies and rivals are indices; prices are in the company's currency."""

    family: Array               # per product
    base_price: Array           # per product
    price: Array                # products x weeks: our list price
    rival_price: Array          # rivals x products x weeks
    worth: Array                # currencies x weeks: what one unit is worth in the company's currency
    region_currency: Array      # per region
    location_region: Array
    location_kind: Array        # 0 store, 1 online, 2 field
    location_volume: Array      # orders in a day, about
    promotions: tuple[Promotion, ...]
    demand: Array               # per day from the first: how many leads, relative to the mean day
    counter: Array              # per product: its share of what shops sell
    channel_share: Array        # months x channels

    def ratio(self, product: Array, week: Array) -> Array:
        """Our price over the competitors' mean price."""
        return np.asarray(self.price[product, week] / self.rival_price[:, product, week].mean(axis=0))

    def appetite(self, laws: Laws) -> Array:
        """Products x weeks: volume relative to what our first price, level with the competitors', would sell."""
        own = self.price / self.base_price[:, None]
        rivals = self.rival_price.mean(axis=0) / self.rival_price.mean(axis=0)[:, :1]
        return np.asarray(own**laws.elasticity * rivals**laws.cross_elasticity)

    def arrivals(self, rng: np.random.Generator, clock: Clock, low: int, high: int, of: int) -> Array:
        """The instants of arrivals `low` to `high` of `of`: in order, by demand, at any hour but mostly by day."""
        ladder = np.cumsum(self.demand)
        place = (np.arange(low, high) + rng.random(high - low)) / of * ladder[-1]
        day = np.searchsorted(ladder, place).clip(max=len(ladder) - 1)
        hour = np.where(rng.random(high - low) < .8, 8 + 10 * rng.random(high - low), 24 * rng.random(high - low))
        return np.asarray((clock.first + day) * DAY + (hour * 3_600).astype(np.int64))


def make(seed: int, size: Size, clock: Clock, laws: Laws) -> Market:
    """The market of a company of that size."""
    rng = stream(seed, "market")
    days, weeks = clock.last - clock.first + 1, clock.weeks
    day = np.arange(clock.first, clock.last + 1)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(int)
    season = np.array(_MONTHS)[month % 12] * np.array(_WEEKDAYS)[(day + 3) % 7]
    growth = 1 + .75 * np.arange(days) / days
    noise = np.repeat(rng.gamma(60, 1 / 60, weeks), 7)[:days]
    demand = season * growth * noise

    family = np.arange(size.products) % len(FAMILIES)
    base = np.round(np.array([f[2] for f in FAMILIES])[family] * np.exp(rng.normal(0, .35, size.products)), 1)
    price = _own_prices(rng, base, weeks, clock)
    rivals = (base * np.exp(rng.normal(.02, .08, (size.rivals, size.products))))[:, :, None] * np.exp(
        np.cumsum(rng.normal(.0004, .008, (size.rivals, size.products, weeks)), axis=2))

    steps = np.cumsum(rng.normal(0, .006, (len(CURRENCIES), weeks)), axis=1)
    worth = np.round(np.array(_WORTH)[:, None] * np.exp(steps), 5)
    worth[0] = 1.0
    kinds = np.array([2 if n % 8 == 7 else 1 if n % 8 == 3 else 0 for n in range(size.locations)])
    volume = size.walk_ins * np.where(kinds == 1, 2.0, np.where(kinds == 2, .2, 1.0)) * np.exp(rng.normal(0, .25, size.locations))
    counter = np.exp(-np.arange(size.products) / size.products * 1.2) * _OVER_THE_COUNTER[family]
    counter /= counter.sum()
    drift = np.array([-.15, .25, .1, -.2, .2, .1, .1]) * np.linspace(-.5, .5, int(month[-1] - month[0]) + 1)[:, None]
    share = np.array(laws.channel_share) * np.exp(drift + rng.normal(0, .08, (len(drift), len(CHANNELS))))
    return Market(
        family, base, price, rivals, worth, np.array([CURRENCIES.index(REGIONS[r][1]) for r in range(size.regions)]),
        np.arange(size.locations) % size.regions, kinds, volume, _promotions(rng, size, clock, laws, kinds, counter), demand,
        counter,
        share / share.sum(axis=1, keepdims=True))


def _own_prices(rng: np.random.Generator, base: Array, weeks: int, clock: Clock) -> Array:
    """A rise every January, and now and then a cut of some weeks."""
    start = (clock.first + 7 * np.arange(weeks)).astype("datetime64[D]")
    year = start.astype("datetime64[Y]").astype(int)
    rises = 1 + rng.uniform(.01, .05, (len(base), int(year[-1] - year[0]) + 1))
    rises[:, 0] = 1.0
    factor = np.cumprod(rises, axis=1)[:, year - year[0]]
    for product in range(len(base)):
        for _ in range(2):
            begin = int(rng.integers(6, max(7, weeks - 8)))
            factor[product, begin : begin + int(rng.integers(5, 12))] *= 1 - rng.uniform(.05, .14)
    return np.asarray(np.round(base[:, None] * factor, 2))


def _promotions(rng: np.random.Generator, size: Size, clock: Clock, laws: Laws, kinds: Array, popular: Array) -> tuple[Promotion, ...]:
    """One every few weeks per group of stores, on what shops sell; a store never runs two offers on one product at a time."""
    stores = np.flatnonzero(kinds == 0)
    made: list[Promotion] = []
    parallel = max(1, len(stores) // 12)
    for begin in range(clock.first + 70, clock.last - 14, 45):
        products = rng.choice(size.products, parallel, replace=False, p=popular)
        shuffled = rng.permutation(stores)
        for turn, product in enumerate(products):
            group = shuffled[turn::parallel]
            half = max(1, len(group) // 2)
            kind = len(made) * 5 % len(PROMOTION_KINDS)
            starts = begin + int(rng.integers(0, 9))
            lift = laws.promotion_lift[kind] * float(np.exp(rng.normal(0, .1)))
            made.append(Promotion(len(made) + 1, int(product), kind, starts, starts + int(rng.integers(21, 36)),
                                  tuple(int(x) for x in sorted(group[:half])), tuple(int(x) for x in sorted(group[half:])), lift))
    return tuple(made)
