"""How deals go: stage by stage, each with its time, its touches and its chance to advance or be lost."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from salesgauge.demo.draws import Array, happens, logistic
from salesgauge.demo.people import FIELD
from salesgauge.demo.workdays import NEVER, SHIFT
from salesgauge.demo.world import World

KINDS = ("new", "upsell", "cross_sell", "renewal")
NEW, UPSELL, CROSS_SELL, RENEWAL = range(4)
STAGES = 5           # at most, before won or lost
NEW_BUSINESS, CUSTOMER = 0, 1
_DWELL = np.array([[4.0, 5.5, 6.5, 7.0, 6.5], [5.0, 6.0, 7.0, 0, 0]])  # median working days per pipeline and stage
_OUTREACH = np.array([[2.0, 2.1, 2.2, 2.3, 2.4], [1.4, 1.5, 1.6, 0, 0]])  # outbound touches per pipeline and stage
_SEGMENT_VALUE = np.array([7_500.0, 15_000.0, 36_000.0])
_KIND_VALUE = np.array([1.0, .45, .55, .9])


@dataclass(frozen=True)
class Seeds:
    """Deals at their start. `lift` gathers, as log-odds at every stage, what is known by then: channel, answer time, satisfaction."""

    account: Array
    lead: Array       # -1: none
    owner: Array
    kind: Array
    created: Array
    channel: Array
    product: Array
    segment: Array
    region: Array
    lift: Array

    def __len__(self) -> int:
        return len(self.account)

    @classmethod
    def together(cls, parts: list[Seeds]) -> Seeds:
        """All of them, one after the other."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))

    def where(self, keep: Array) -> Seeds:
        """Those at the given places."""
        return Seeds(*(getattr(self, f.name)[keep] for f in fields(self)))


@dataclass(frozen=True)
class Deals:
    """Deals to their end, which may lie after the company's last day. `begins` is NEVER where a stage was not reached."""

    seeds: Seeds
    place: Array      # the deal's number in the block
    pipeline: Array
    begins: Array     # deals x STAGES
    touches: Array    # deals x STAGES: outbound
    closed: Array
    won: Array
    stalled: Array    # in the stage where it ended
    discount: Array
    value: Array      # at the start, in the company's currency
    location: Array

    def stage_end(self) -> Array:
        """Deals x STAGES: when the stage was left."""
        following = np.concatenate([self.begins[:, 1:], np.full((len(self.closed), 1), NEVER)], axis=1)
        return np.asarray(np.minimum(following, self.closed[:, None]))

    def won_by(self, at: int) -> Array:
        """Which deals were won before that instant."""
        return np.asarray(self.won & (self.closed < at))


def run(rng: np.random.Generator, world: World, seeds: Seeds, place: Array) -> Deals:
    """Runs every deal through its pipeline."""
    laws, people, clock, count = world.laws, world.people, world.clock, len(seeds)
    pipeline = np.where(seeds.kind == NEW, NEW_BUSINESS, CUSTOMER)
    length = np.where(pipeline == NEW_BUSINESS, STAGES, 3)
    base = np.array([laws.stage_base, (*laws.customer_stage_base, 0.0, 0.0)])
    week = clock.week(seeds.created)
    ratio = np.log(world.market.ratio(seeds.product, week))
    discount = (people.generosity[seeds.owner] + .15 * ratio + rng.normal(0, .035, count)).clip(0, .4).round(3)
    fixed = seeds.lift + laws.price * ratio + laws.discount * (discount - .09) - laws.decision_maker * .6
    fixed = np.where(seeds.kind == RENEWAL, seeds.lift, fixed)
    begins, touches = np.full((count, STAGES), NEVER), np.zeros((count, STAGES), dtype=np.int64)
    closed, won, stalled = np.full(count, NEVER), np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    reached_decider, so_far = np.zeros(count, dtype=bool), np.zeros(count)
    at, owner = seeds.created, seeds.owner
    going = np.arange(count)
    for stage in range(STAGES):
        begins[going, stage] = at
        owner = people.holder(owner, at, seeds.account[going])
        now = clock.week(at)
        skill, pressure = people.skill(laws, owner, at), people.pressure(laws, owner, now)
        slow = np.exp(rng.normal(0, .6, len(going)) - .15 * skill.clip(-1, 1) - .4 * pressure)
        slow *= np.where(happens(rng, laws.zombie, len(going)), 5, 1)
        worked = _DWELL[pipeline[going], stage] * slow
        effort = _OUTREACH[pipeline[going], stage] * world.size.touches * people.pace[owner] * (.6 + .4 * slow.clip(max=3))
        tried = rng.poisson(effort) + 1
        touches[going, stage] = tried
        reached_decider[going] |= happens(rng, 1 - (1 - people.directness[owner]) ** tried, len(going))
        so_far[going] += tried
        over = (so_far[going] - laws.touches_best).clip(0)
        effects = (fixed[going] + skill + pressure + laws.decision_maker * reached_decider[going]
                   + laws.stalled * (worked > laws.stall_days)
                   + laws.per_touch_before * (so_far[going].clip(max=laws.touches_best) - 3.0 * (stage + 1))
                   + laws.per_touch_after * over)
        advances = happens(rng, logistic(base[pipeline[going], stage] + effects), len(going))
        at = clock.later(at, np.maximum(worked * SHIFT, 3_600).astype(np.int64))
        last = ~advances | (stage + 1 == length[going])
        ended = going[last]
        closed[ended], won[ended], stalled[ended] = at[last], advances[last], (worked > laws.stall_days)[last]
        going, at, owner = going[~last], at[~last], owner[~last]
    wanted = (_SEGMENT_VALUE[seeds.segment] * _KIND_VALUE[seeds.kind] * world.size.deal_value * np.exp(rng.normal(0, .45, count)))
    price = world.market.price[seeds.product, week] * (1 - discount)
    value = np.maximum(1, np.round(wanted / price)) * price
    field = people.role[seeds.owner] == FIELD
    near = _location_of(world, seeds.region, rng)
    location = np.where(field | happens(rng, .3, count), near, -1)
    return Deals(seeds, place, pipeline, begins, touches, closed, won, stalled, discount, value, location)


def _location_of(world: World, region: Array, rng: np.random.Generator) -> Array:
    """A location in the same region."""
    regions = world.size.regions
    each = world.size.locations // regions
    return region + regions * rng.integers(0, max(1, each), len(region))
