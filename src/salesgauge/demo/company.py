"""The company: block after block of accounts, then the shops, then what is planned and spent; written as it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar, get_args

import numpy as np

from salesgauge.demo import customers, leads, market, master, orders, people, pipeline, plans, selling, spending, touches, truth
from salesgauge.demo.deals import Deals, Seeds, run
from salesgauge.demo.draws import Array
from salesgauge.demo.laws import CHANNELS, Laws
from salesgauge.demo.ledger import Ledger, Periods
from salesgauge.demo.sizes import SIZES, Size
from salesgauge.demo.touches import Touches
from salesgauge.demo.workdays import clock
from salesgauge.demo.world import Block, World
from salesgauge.demo.writing import Book, Files, Form
from salesgauge.errors import SalesgaugeError, did_you_mean
from salesgauge.schema import TABLES

Progress = Callable[[int, int, str], None]
Made = TypeVar("Made")
GENERATIONS = 8  # of contracts: six half-years fit into three years, and two to spare


def simulate(folder: Path, size: str | Size = "small", seed: int = 1, last_day: date = date(2026, 6, 30), progress: Progress | None = None,
             form: Form | None = None, workers: int = 2) -> truth.Truth:
    """Makes a company of that size, selling for three years up to `last_day`, and writes its tables into `folder`, one file each.

    `form` is `csv` (the default but for `large`) or `parquet`. The same size, seed and last day give the same bytes, whatever
    the number of `workers` (threads). `progress` is told how many of how many parts are done, and of what. Beside the tables
    stands `truth.json`: the parameters behind them, also given back. Raises SalesgaugeError for an unknown size and for a folder
    that holds anything but an earlier demo company (which is replaced), OSError where the folder cannot be written.
    """
    plan = _plan(size)
    _make_room(folder)
    laws, calendar = Laws(), clock(last_day)
    market_ = market.make(seed, plan, calendar, laws)
    world = World(seed, plan, calendar, market_, people.hire(seed, plan, calendar, market_, laws), laws)
    periods = Periods.of(calendar)
    ledger = Ledger.empty(plan.people, periods)
    accounts, _ = leads.totals(plan)
    blocks = -(-accounts // plan.block)
    seasons = orders.seasons(world)

    def tell(done: int, what: str) -> None:
        if progress:
            progress(done, blocks + seasons + 1, what)

    found = truth.of(world)
    truth.write(folder, found)
    with Files(folder, form or ("parquet" if plan.name == "large" else "csv")) as files:
        files.write(master.master_data(world))
        for number, (book, part) in enumerate(_in_order(lambda n: simulate_block(world, periods, n), blocks, workers)):
            files.write(book)
            ledger.add(part)
            tell(number + 1, "accounts")
        for number, book in enumerate(_in_order(lambda n: orders.over_the_counter(world, n), seasons, workers)):
            files.write(book)
            tell(blocks + number + 1, "shops")
        files.write(plans.plans(world, periods, ledger))
        files.write(spending.spending(world, periods, ledger))
        tell(blocks + seasons + 1, "plans")
    return found


def _plan(size: str | Size) -> Size:
    if isinstance(size, Size):
        return size
    if size not in SIZES:
        raise SalesgaugeError(f"unknown size {size!r}{did_you_mean(size, SIZES)}; there are: {', '.join(SIZES)}")
    return SIZES[size]


def _make_room(folder: Path) -> None:
    """Takes an earlier demo company away; refuses a folder with anybody else's files, so that none is overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    found = sorted(path.name for path in folder.iterdir())
    if found and truth.FILE not in found:
        raise SalesgaugeError(f"{folder} is not empty (it has {found[0]}) and is no earlier demo company; choose an empty or a new folder")
    for table in TABLES:
        for form in get_args(Form):
            (folder / f"{table}.{form}").unlink(missing_ok=True)


def _in_order(make: Callable[[int], Made], count: int, workers: int) -> Iterator[Made]:
    """The results for 0, 1, ... in order, made by threads that run at most a few ahead (numpy and Arrow work side by side)."""
    with ThreadPoolExecutor(workers) as pool:
        waiting: list[Future[Made]] = []
        for number in range(count):
            waiting.append(pool.submit(make, number))
            if len(waiting) > workers:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


@dataclass
class _Sold:
    """The deals of a block so far, their final values and their touches."""

    block: Block
    periods: Periods
    ledger: Ledger
    acts: list[Touches]
    deals: list[Deals]
    values: list[Array]

    def sell(self, name: str, seeds: Seeds) -> tuple[Deals, Array]:
        """Runs deals and writes their rows; their final values (in the company's currency) as well."""
        block = self.block
        done = run(block.rng(f"{name} deals"), block.world, seeds, block.take("opportunities", len(seeds)))
        history = pipeline.changes(block.rng(f"{name} changes"), block, done)
        pipeline.write(block, name, done, history)
        self.ledger.enter(block.world, self.periods, done, history)
        self.acts.append(selling.touches(block.rng(f"{name} touches"), block.world, done))
        value = history.value[history.last]
        self.deals.append(done)
        self.values.append(value)
        return done, value


def simulate_block(world: World, periods: Periods, number: int) -> tuple[Book, Ledger]:
    """One block of accounts with all that happens to them."""
    block = Block(world, number)
    plan, end = world.size, world.clock.end
    total, share = leads.totals(plan)
    rng = block.rng("accounts")
    low, high = number * plan.block, min((number + 1) * plan.block, total)
    accounts = leads.Accounts.make(rng, world, world.market.arrivals(rng, world.clock, low, high, total))
    inbound = rng.random(high - low) < share
    own = np.flatnonzero(inbound)
    again, later = leads.more_leads(rng, accounts.created[own], end)
    account, at = np.concatenate([own, own[again]]), np.concatenate([accounts.created[own], later])
    order = np.argsort(at, kind="stable")
    account, at = account[order], at[order]
    sold = _Sold(block, periods, Ledger.empty(plan.people, periods), [], [], [])

    worked, from_leads, acts = leads.work(block, "leads", accounts, account, at, leads.channels(rng, world, at), np.full(len(at), -1))
    sold.acts.append(acts)
    found, before = leads.outbound(block, accounts, np.flatnonzero(~inbound))
    kept = found.created < end
    place = len(from_leads) + np.cumsum(kept) - 1
    sold.acts.append(replace(before, deal=place[before.deal]).where(kept[before.deal]))
    deals, value = sold.sell("new", Seeds.together([from_leads, found.where(np.flatnonzero(kept))]))
    owner = np.full(len(accounts.created), -1)
    who, until = _keep(sold, "customers", customers.begin(block, "customers", accounts, deals, value), owner)

    referrer, sent = customers.referrals(block, "referrals", who, until)
    friends = leads.Accounts.make(block.rng("friends"), world, sent)
    place = len(accounts.created) + np.arange(len(sent))
    accounts, owner = accounts.and_these(friends), np.append(owner, np.full(len(sent), -1))
    channel = np.full(len(sent), CHANNELS.index("referral"))
    also, more, acts = leads.work(block, "friends", accounts, place, sent, channel, referrer)
    sold.acts.append(acts)
    second, value = sold.sell("referred", more)
    them, their_end = _keep(sold, "referred customers", customers.begin(block, "referred customers", accounts, second, value), owner)

    every = leads.Worked.together([worked, also])
    deal_of = np.full(len(every.account), -1)
    for batch in (deals, second):
        mine = batch.seeds.lead >= 0
        deal_of[batch.seeds.lead[mine]] = batch.place[mine]
    leads.write(block, every, deal_of)
    _settle_owners(world, owner, every, sold.deals)
    leads.write_accounts(block, accounts, owner)
    _order(sold, [(who, until), (them, their_end)])
    touches.write(block, Touches.together(sold.acts))
    return block.book, sold.ledger


def _keep(sold: _Sold, name: str, who: customers.Customers, owner: Array) -> tuple[customers.Customers, Array]:
    """The life of customers: contracts renewed or not, further deals, care, surveys. Gives them and the day each one's contracts end."""
    block, world = sold.block, sold.block.world
    contract = customers.first_contracts(block, who)
    until = who.starts + who.term
    staying = np.arange(len(who.account))
    for turn in range(GENERATIONS):
        staying = staying[(until[staying] - 75) <= world.clock.last]
        if not len(staying):
            break
        now = who.where(staying)
        alone, asked, seeds = customers.ask_for_renewal(block, f"{name} renewal {turn}", now, until[staying])
        renewed, deal = alone.copy(), np.full(len(staying), -1)
        deals, _ = sold.sell(f"{name} renewal {turn}", seeds)
        won = deals.won_by(world.clock.end)
        renewed[asked[won]], deal[asked[won]] = True, deals.place[won]
        renewed &= until[staying] <= world.clock.last  # a contract that begins after the last day is not there yet
        going, staying = np.flatnonzero(renewed), staying[renewed]
        contract[staying] = customers.renew(block, who.where(staying), until[staying], contract[staying], deal[going])
        until[staying] += who.term[staying]
    sold.sell(f"{name} offers", customers.offers(block, f"{name} offers", who, until))
    sold.acts.append(customers.care(block, f"{name} care", who, until))
    customers.surveys(block, f"{name} surveys", who, until)
    owner[who.account] = world.people.holder(who.keeper, np.full(len(who.account), world.clock.end - 1), who.account)
    return who, until


def _settle_owners(world: World, owner: Array, worked: leads.Worked, deals: list[Deals]) -> None:
    """Whoever keeps a customer stays; else the account is its latest deal's owner's, else its lead's."""
    free = owner < 0
    settled = np.full(len(owner), -1)
    settled[worked.account] = worked.owner
    for batch in deals:
        settled[batch.seeds.account] = batch.seeds.owner
    now = world.people.holder(settled, np.full(len(owner), world.clock.end - 1), np.arange(len(owner)))
    owner[free] = now[free]


def _order(sold: _Sold, kept: list[tuple[customers.Customers, Array]]) -> None:
    """What was ordered: after each win, and again."""
    block = sold.block
    parts: list[orders.Purchases] = []
    for batch, value in zip(sold.deals, sold.values, strict=True):
        parts.append(orders.of_deals(block, str(len(parts)), batch, value))
    parts += [orders.repeats(block, str(place), who, until) for place, (who, until) in enumerate(kept)]
    orders.write(block, orders.together(parts))
