"""What plans are made from: bookings per rep and month, and the open deals at each forecast, summed block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesgauge.demo.deals import Deals
from salesgauge.demo.draws import Array
from salesgauge.demo.pipeline import Changes
from salesgauge.demo.workdays import DAY, NONE, Clock
from salesgauge.demo.world import World

MONTH_MOMENTS = (-4, 7, 14, 21)               # days from a month's start on which its forecast is given
QUARTER_MOMENTS = (-6, 14, 28, 42, 56, 70)


@dataclass(frozen=True)
class Periods:
    """The months and quarters that are forecast: `starts` and `ends` (exclusive) as days; `moments` per period, NONE where none."""

    starts: Array
    ends: Array
    moments: Array
    months: int       # so many of them are months, the others quarters
    month_places: Array  # months from the first forecast month, of each period's start

    @classmethod
    def of(cls, clock: Clock) -> Periods:
        """Every month and quarter that begins between the first day and a week after the last."""
        month = np.arange(np.datetime64(int(clock.first), "D").astype("datetime64[M]"),
                          np.datetime64(int(clock.last) + 10, "D").astype("datetime64[M]") + 1)
        quarter = month[month.astype(int) % 3 == 0]
        starts = np.concatenate([month, quarter]).astype("datetime64[D]").astype(np.int64)
        ends = np.concatenate([month + 1, quarter + 3]).astype("datetime64[D]").astype(np.int64)
        moments = np.full((len(starts), len(QUARTER_MOMENTS)), NONE)
        for place in range(len(starts)):
            for turn, shift in enumerate(MONTH_MOMENTS if place < len(month) else QUARTER_MOMENTS):
                moments[place, turn] = (starts[place] + shift) * DAY + 11 * 3_600
        return cls(starts, ends, moments, len(month), np.concatenate([month, quarter]).astype(int) - int(month[0].astype(int)))

    def month_of(self, day: Array) -> Array:
        """The place of each day's month; -1 where it is no forecast month."""
        place = np.searchsorted(self.starts[: self.months], day, side="right") - 1
        return np.where(day < self.ends[self.months - 1], place, -1)

    def quarter_of(self, day: Array) -> Array:
        """The place of each day's quarter; -1 where it is no forecast quarter."""
        place = np.searchsorted(self.starts[self.months:], day, side="right") - 1
        inside = (place >= 0) & (day < self.ends[-1])
        return np.where(inside, place + self.months, -1)


@dataclass
class Ledger:
    """Sums in the company's currency. `booked`: people x months; `before`: bookings of the period up to each forecast;
    `closing`: open deals then expected to close in the period (both people x periods x moments)."""

    booked: Array
    before: Array
    closing: Array

    @classmethod
    def empty(cls, people: int, periods: Periods) -> Ledger:
        """Nothing booked yet."""
        shape = (people, *periods.moments.shape)
        return cls(np.zeros((people, periods.months)), np.zeros(shape), np.zeros(shape))

    def add(self, more: Ledger) -> None:
        """Adds another block's sums."""
        self.booked += more.booked
        self.before += more.before
        self.closing += more.closing

    def enter(self, world: World, periods: Periods, deals: Deals, history: Changes) -> None:
        """Enters deals with their history."""
        known = history.value_known
        final = np.flatnonzero(history.closing & known)
        final = final[deals.won[history.deal[final]]]
        rep = world.people.holder(deals.seeds.owner[history.deal], history.at, deals.seeds.account[history.deal])
        day = history.at // DAY
        self._bookings(periods, rep[final], day[final], history.at[final], history.value[final])
        live = np.flatnonzero(~history.closing & known & (history.closes != NONE))
        for period in (periods.month_of(history.closes[live]), periods.quarter_of(history.closes[live])):
            for turn in range(periods.moments.shape[1]):
                moment = periods.moments[period, turn]
                hit = np.flatnonzero((period >= 0) & (moment != NONE) & (history.at[live] <= moment) & (moment < history.until[live]))
                _sum_into(self.closing[:, :, turn], rep[live[hit]], period[hit], history.value[live[hit]])

    def _bookings(self, periods: Periods, rep: Array, day: Array, at: Array, value: Array) -> None:
        month, quarter = periods.month_of(day), periods.quarter_of(day)
        _sum_into(self.booked, rep, month, value)
        for period in (month, quarter):
            for turn in range(periods.moments.shape[1]):
                hit = np.flatnonzero((period >= 0) & (periods.moments[period, turn] > at) & (periods.moments[period, turn] != NONE))
                _sum_into(self.before[:, :, turn], rep[hit], period[hit], value[hit])


def _sum_into(table: Array, row: Array, column: Array, value: Array) -> None:
    """Adds each value at (row, column) of the table."""
    if len(row):
        added = np.bincount(row * table.shape[1] + column, weights=value, minlength=table.size)
        table += added.reshape(table.shape)
