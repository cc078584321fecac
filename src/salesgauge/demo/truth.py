"""What is true of the company by construction, kept beside its data: what an analysis should find again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from salesgauge.demo.draws import Array
from salesgauge.demo.laws import CHANNELS, PROMOTION_KINDS, Laws
from salesgauge.demo.people import ROLES
from salesgauge.demo.sizes import CURRENCY, TIMEZONE
from salesgauge.demo.workdays import as_date
from salesgauge.demo.world import World

FILE = "truth.json"


@dataclass(frozen=True)
class RepTruth:
    """One person: `talent` in standard deviations (log-odds = laws.talent x talent), `ramp_months` the time constant of the ramp,
    `pace` touches relative to others, `directness` the chance that a touch reaches the decision maker, `optimism` ln(forecast /
    expected), `generosity` the usual discount, `workload` the mean load of the weeks at work (1 = normal)."""

    rep_id: str
    role: str
    talent: float
    ramp_months: float
    pace: float
    directness: float
    calls: float
    optimism: float
    generosity: float
    workload: float


@dataclass(frozen=True)
class PromotionTruth:
    """One promotion: the product's volume at the treated locations was multiplied by 1 + `lift` while it ran."""

    promotion_id: str
    product_id: str
    kind: str
    starts_on: str
    ends_on: str
    lift: float


@dataclass(frozen=True)
class Truth:
    """The parameters of one company. `laws` says what each number means; `channel_quality` is its table by name."""

    size: str
    seed: int
    first_day: str
    last_day: str
    timezone: str
    currency: str
    laws: Laws
    channel_quality: dict[str, float]
    promotion_lift: dict[str, float]
    reps: tuple[RepTruth, ...]
    promotions: tuple[PromotionTruth, ...]


def of(world: World) -> Truth:
    """The truth of a world."""
    people, laws, clock = world.people, world.laws, world.clock

    def at(values: Array, place: int) -> float:
        return round(float(values[place]), 4)

    reps = tuple(RepTruth(
        f"R{n + 1:06d}", ROLES[people.role[n]], at(people.talent, n), at(people.ramp_months, n), at(people.pace, n),
        at(people.directness, n), at(people.calls, n), at(people.optimism, n), at(people.generosity, n),
        round(float(people.load[n][people.load[n] > 0].mean()) if (people.load[n] > 0).any() else 0.0, 4)) for n in range(len(people.role)))
    promotions = tuple(PromotionTruth(
        f"PR{p.number:04d}", f"P{p.product + 1:03d}", PROMOTION_KINDS[p.kind], as_date(p.starts).isoformat(), as_date(p.ends).isoformat(),
        round(p.lift, 4)) for p in world.market.promotions)
    return Truth(world.size.name, world.seed, as_date(clock.first).isoformat(), as_date(clock.last).isoformat(), TIMEZONE, CURRENCY, laws,
                 dict(zip(CHANNELS, laws.channel_quality, strict=True)), dict(zip(PROMOTION_KINDS, laws.promotion_lift, strict=True)), reps,
                 promotions)


def write(folder: Path, truth: Truth) -> None:
    """Writes `truth.json` into the folder; the loader ignores it, since it is no table."""
    text = json.dumps(asdict(truth), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")
