"""What every part of the simulation sees, and where one block of accounts keeps what it has made so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from salesgauge.demo.columns import ids
from salesgauge.demo.draws import Array, stream
from salesgauge.demo.laws import Laws
from salesgauge.demo.market import Market
from salesgauge.demo.people import People
from salesgauge.demo.sizes import Size
from salesgauge.demo.workdays import Clock
from salesgauge.demo.writing import Book

# per table: the letter of its ids and how many numbers an account of the block may use up
IDS = {"accounts": ("A", 1.5), "leads": ("L", 3), "opportunities": ("D", 4), "activities": ("T", 75), "documents": ("F", 5),
       "contracts": ("C", 4), "orders": ("O", 40), "survey_responses": ("N", 8)}
DIGITS = 9


@dataclass(frozen=True)
class World:
    """The company's fixed surroundings."""

    seed: int
    size: Size
    clock: Clock
    market: Market
    people: People
    laws: Laws


@dataclass
class Block:
    """One block of accounts being simulated: its random numbers, its rows, and the next free number of each table.

    Inside a block accounts, leads and deals are counted from 0; `ids` makes them the company's.
    """

    world: World
    number: int
    book: Book = field(default_factory=Book)
    used: dict[str, int] = field(default_factory=dict)

    def rng(self, name: str) -> np.random.Generator:
        """The block's own random numbers for one purpose."""
        return stream(self.world.seed, name, self.number)

    def take(self, table: str, count: int) -> Array:
        """The next `count` places of a table in this block."""
        begin = self.used.get(table, 0)
        self.used[table] = begin + count
        assert begin + count <= IDS[table][1] * self.world.size.block, f"more {table} in a block than its ids allow"
        return np.arange(begin, begin + count)

    def ids(self, table: str, places: Array) -> pa.Array:
        """The ids of places; -1 is empty."""
        letter, room = IDS[table]
        return ids(letter, np.where(places < 0, -1, places + 1 + self.number * int(room * self.world.size.block)), DIGITS)


def person_ids(people: Array) -> pa.Array:
    """The rep_id of each place; -1 is empty."""
    return ids("R", np.where(people < 0, -1, people + 1), 6)


def product_ids(products: Array) -> pa.Array:
    """The product_id of each place; -1 is empty."""
    return ids("P", np.where(products < 0, -1, products + 1), 3)


def location_ids(locations: Array) -> pa.Array:
    """The location_id of each place; -1 is empty."""
    return ids("S", np.where(locations < 0, -1, locations + 1), 3)
