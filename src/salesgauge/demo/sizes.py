"""How large the demo company is, where it sits, and which money it counts in."""

from __future__ import annotations

from dataclasses import dataclass

TIMEZONE = "Europe/Berlin"
CURRENCY = "EUR"


@dataclass(frozen=True)
class Size:
    """How much of everything there is. `leads`, `outbound` (deals without a lead), `people` and so on are targets that the
    simulation meets within a few percent; `people` is met exactly and counts everyone ever employed.

    `touches` scales how often anybody is contacted, `deal_value` the amounts, `repeat` the repeat orders of a customer in a
    year, `walk_ins` the orders of a location in a day. `block` is the number of accounts simulated at a time: it is part of
    what makes a company the one it is, since every block has its own random numbers.
    """

    name: str
    leads: int
    outbound: int
    people: int
    regions: int
    products: int
    rivals: int
    locations: int
    touches: float = 1.0
    deal_value: float = 1.0
    repeat: float = 4.0
    walk_ins: float = 2.0
    block: int = 8_000


TINY = Size("tiny", leads=300, outbound=260, people=14, regions=2, products=6, rivals=2, locations=4, walk_ins=1.0)  # for tests
SIZES = {s.name: s for s in (
    Size("small", leads=2_000, outbound=1_500, people=25, regions=3, products=12, rivals=3, locations=8, walk_ins=2.0, deal_value=1.6),
    Size("medium", leads=100_000, outbound=145_000, people=250, regions=6, products=40, rivals=4, locations=40, touches=1.15, walk_ins=8.0),
    Size("large", leads=1_000_000, outbound=1_450_000, people=2_000, regions=6, products=60, rivals=5, locations=200, touches=1.15,
         walk_ins=14.0),
)}
