"""Customers: engagement and satisfaction, contracts and their renewal, offers that follow the first purchase, surveys, referrals."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from salesgauge.demo.columns import dates, ids, instants, numbers, words
from salesgauge.demo.deals import CROSS_SELL, RENEWAL, UPSELL, Deals, Seeds
from salesgauge.demo.draws import Array, choose, choose_each, happens, logistic, spread
from salesgauge.demo.laws import CHANNELS
from salesgauge.demo.leads import Accounts, products
from salesgauge.demo.market import CURRENCIES
from salesgauge.demo.people import AM
from salesgauge.demo.touches import (
    CHECK_IN,
    MEETING,
    PROBLEM,
    TRAINING,
    VIDEO,
    VISIT,
    Touches,
    contacts,
    kinds,
    replies,
    work_times,
)
from salesgauge.demo.workdays import DAY, NONE
from salesgauge.demo.world import Block, person_ids, product_ids

_TERMS = np.array([182, 365, 730])
_PLANS = ("basic", "plus", "全包")
_COMMENTS = ("Quick answers, thank you", "Too expensive, \"as always\"", "服务很好，响应及时", "价格偏高", "Менеджер всегда на связи",
             "Долго ждём ответа,\nуже третий раз", "Setup took longer than promised", "Would recommend", "培训很有帮助")


@dataclass(frozen=True)
class Customers:
    """Accounts that bought. `until` is the first day no contract runs any more (churned where it is before the end)."""

    account: Array
    since: Array        # instant of the first win
    deal: Array         # place of the deal that made it a customer
    product: Array
    value: Array        # of that deal, in the company's currency
    region: Array
    segment: Array
    keeper: Array       # account manager
    engagement: Array   # touches a month
    satisfaction: Array
    starts: Array       # day of the first contract
    term: Array         # days

    def where(self, keep: Array) -> Customers:
        """Those at the given places."""
        return Customers(*(getattr(self, f.name)[keep] for f in fields(self)))


def begin(block: Block, name: str, accounts: Accounts, deals: Deals, value: Array) -> Customers:
    """The accounts that these deals made customers before the end: each by its first win. `value` is the deals' final value."""
    world, rng = block.world, block.rng(name)
    laws, people, clock = world.laws, world.people, world.clock
    won = np.flatnonzero(deals.won_by(clock.end))
    won = won[np.lexsort((deals.closed[won], deals.seeds.account[won]))]
    account = deals.seeds.account[won]
    won = won[np.append(True, account[1:] != account[:-1])] if len(won) else won
    account, since = deals.seeds.account[won], deals.closed[won]
    region, segment, count = accounts.region[account], accounts.segment[account], len(won)
    week = clock.week(since)
    keeper = people.pools[AM].pick(rng, region, week)
    style = .7 * np.log(people.pace[keeper]) + .2 * people.talent[keeper] - .6 * (people.load[keeper, week] - laws.overload_from).clip(0)
    engagement = np.exp(.05 + 1.2 * style + np.array([-.25, .1, .45])[segment] + rng.normal(0, .45, count))
    satisfaction = (.28 + laws.engagement * (np.log(engagement / laws.engagement_best) ** 2 - .35) + .15 * people.talent[keeper]
                    + rng.normal(0, .75, count))
    starts = np.minimum(since // DAY + rng.integers(1, 15, count), clock.last)
    term = _TERMS[choose(rng, (.18, .68, .14), count)]
    return Customers(account, since, deals.place[won], deals.seeds.product[won], value[won], region, segment, keeper, engagement,
                     satisfaction, starts, term)


def first_contracts(block: Block, who: Customers) -> Array:
    """Writes the first contract of each; their numbers."""
    return _contracts(block, who, who.starts, who.value, who.deal, np.full(len(who.account), -1))


def _contracts(block: Block, who: Customers, starts: Array, yearly: Array, deal: Array, follows: Array) -> Array:
    world, rng, count = block.world, block.rng(f"contracts {block.used.get('contracts', 0)}"), len(starts)
    place = block.take("contracts", count)
    currency = world.market.region_currency[who.region]
    worth = world.market.worth[currency, world.clock.week(starts * DAY)]
    block.book.add("contracts", {
        "contract_id": block.ids("contracts", place), "account_id": block.ids("accounts", who.account), "starts_on": dates(starts),
        "ends_on": dates(starts + who.term), "total_value": numbers(np.round(yearly * who.term / 365 / worth)),
        "currency": words(currency, CURRENCIES), "opportunity_id": block.ids("opportunities", deal),
        "rep_id": person_ids(np.where(rng.random(count) < .01, -1, world.people.holder(who.keeper, starts * DAY, who.account))),
        "product_id": product_ids(who.product), "renews_contract_id": block.ids("contracts", follows),
        "plan": words(np.where(rng.random(count) < .05, -1, who.segment), _PLANS),
    })
    return place


def ask_for_renewal(block: Block, name: str, who: Customers, ends: Array) -> tuple[Array, Array, Seeds]:
    """For contracts that end: which renew by themselves, which by a deal, and those deals (in the order of the latter).

    Only deals that open before the company's last day are made; a contract that ends after it needs no decision yet.
    """
    world, rng, laws = block.world, block.rng(name), block.world.laws
    odds = laws.renewal + laws.renewal_satisfaction * who.satisfaction
    opened = world.clock.later((ends - 75) * DAY, rng.integers(0, 10 * 32_400, len(ends)))
    dealt = happens(rng, laws.renewal_by_deal, len(ends)) & (opened < world.clock.end)
    alone = ~dealt & happens(rng, logistic(odds), len(ends))
    some = np.flatnonzero(dealt)
    keeper = world.people.holder(who.keeper[some], opened[some], who.account[some])
    # three stages, each with the cube root of the whole chance
    chance = logistic(odds[some]) ** (1 / 3)
    lift = np.log(chance / (1 - chance)) - np.mean(laws.customer_stage_base) - laws.decision_maker * .45
    seeds = Seeds(who.account[some], np.full(len(some), -1), keeper, np.full(len(some), RENEWAL), opened[some],
                  np.full(len(some), len(CHANNELS) + 2), who.product[some], who.segment[some], who.region[some], lift)
    return alone, some, seeds


def renew(block: Block, who: Customers, starts: Array, previous: Array, deal: Array) -> Array:
    """Writes the contracts that follow; their numbers. `deal` is -1 where none was needed."""
    return _contracts(block, who, starts, who.value * 1.03, deal, previous)


def offers(block: Block, name: str, who: Customers, until: Array) -> Seeds:
    """Upsell and cross-sell deals: most of them in the months after the first purchase, later ones at any time while it stays."""
    world, rng, laws, end = block.world, block.rng(name), block.world.laws, block.world.clock.end
    owner, _ = spread(rng.poisson(laws.offers * np.exp(.2 * who.satisfaction).clip(max=2)))
    early = happens(rng, .6, len(owner))
    days = np.where(early, laws.upsell_median_days * np.exp(rng.normal(0, .55, len(owner))), rng.uniform(60, 1_000, len(owner)))
    created = world.clock.later(who.since[owner] + (days * DAY).astype(np.int64), rng.integers(0, 32_400, len(owner)))
    keep = (created < end) & (created < until[owner] * DAY)
    owner, created = owner[keep], created[keep]
    age = (created - who.since[owner]) / DAY
    low, high = laws.upsell_window
    more = happens(rng, .55, len(owner))
    product = np.where(more, who.product[owner], products(rng, world, who.segment[owner]))
    kind = np.where(product == who.product[owner], UPSELL, CROSS_SELL)
    lift = -.75 + laws.upsell_in_window * ((age >= low) & (age < high)) + .2 * who.satisfaction[owner]
    keeper = world.people.holder(who.keeper[owner], created, who.account[owner])
    return Seeds(who.account[owner], np.full(len(owner), -1), keeper, kind, created, np.full(len(owner), len(CHANNELS) + 2), product,
                 who.segment[owner], who.region[owner], lift)


def care(block: Block, name: str, who: Customers, until: Array) -> Touches:
    """The touches of account managers with their customers, and the customers' own."""
    world, rng, end = block.world, block.rng(name), block.world.clock.end
    stop = np.minimum(until * DAY, end)
    months = ((stop - who.since) / (30.44 * DAY)).clip(0)
    owner, _ = spread(rng.poisson(who.engagement * months * .75))
    at = work_times(rng, world, who.since[owner], np.maximum(stop, who.since)[owner])
    rep = world.people.holder(who.keeper[owner], at, who.account[owner])
    meets = happens(rng, .14, len(owner))
    kind = np.where(meets, np.array([MEETING, VIDEO, VISIT])[choose(rng, (.3, .4, .3), len(owner))], kinds(rng, world, rep))
    trouble = (.18 - .05 * who.satisfaction[owner]).clip(.03, .5)
    purpose = choose_each(rng, np.stack([1 - trouble - .15, trouble, np.full(len(owner), .15)], axis=1))
    status = np.where(meets, choose(rng, (.03, .87, .05, .05), len(owner)), -1)
    booked = np.where(meets, world.clock.at_work((world.clock.worked(at) - rng.integers(32_400, 6 * 32_400, len(at))).clip(0)), at)
    sent = Touches.make(at, kind=kind, rep=rep, account=who.account[owner], status=status, contact=contacts(rng, world, rep),
                        booked=np.where(meets, np.maximum(booked, who.since[owner]), NONE),
                        purpose=np.array([CHECK_IN, PROBLEM, TRAINING])[purpose])
    share = np.where(who.satisfaction[owner] > 0, .36, .28)
    return Touches.together([sent, replies(rng, world, sent, share, who.satisfaction[owner] > -.2)])


def surveys(block: Block, name: str, who: Customers, until: Array) -> None:
    """Writes the answers to the customer survey: a round every four to six months while it is a customer, not too early as a rule."""
    world, rng, laws, end = block.world, block.rng(name), block.world.laws, block.world.clock.end
    customer, turn = spread(np.full(len(who.account), 7))
    gap = rng.integers(120, 181, len(who.account))
    at = who.since[customer] + ((np.where(happens(rng, .03, len(customer)), 12, 55) + turn * gap[customer]) * DAY
                                + rng.integers(0, 9 * DAY, len(customer)))
    chosen = np.flatnonzero((at < end) & (at < until[customer] * DAY) & happens(rng, .34, len(customer)))
    customer, at, count = customer[chosen], at[chosen], len(chosen)
    score = (laws.nps_base + laws.nps_satisfaction * who.satisfaction[customer] + rng.normal(0, 1.5, count)).round().clip(0, 10)
    place = block.take("survey_responses", count)
    who_said = who.account[customer] * 3 + rng.integers(0, 2, count)
    keeper = world.people.holder(who.keeper[customer], at, who.account[customer])
    contact = ids("K", np.where(happens(rng, .1, count), -1, who_said + block.number * world.size.block * 6), 9)
    block.book.add("survey_responses", {
        "response_id": block.ids("survey_responses", place), "survey": pa.array(["nps"] * count, pa.string()),
        "responded_at": instants(world.clock, at), "score": numbers(score), "account_id": block.ids("accounts", who.account[customer]),
        "contact_id": contact, "rep_id": person_ids(keeper),
        "comment": words(np.where(happens(rng, .25, count), rng.integers(0, len(_COMMENTS), count), -1), _COMMENTS),
    })


def referrals(block: Block, name: str, who: Customers, until: Array) -> tuple[Array, Array]:
    """Leads that customers send: (account that refers, instant)."""
    rng, laws, end = block.rng(name), block.world.laws, block.world.clock.end
    stop = np.minimum(until * DAY, end)
    years = ((stop - who.since) / (365 * DAY)).clip(0)
    owner, _ = spread(rng.poisson(laws.referrals_per_year * np.exp(laws.referral_satisfaction * who.satisfaction).clip(max=4) * years))
    at = who.since[owner] + ((stop - who.since)[owner] * rng.random(len(owner))).astype(np.int64) + DAY
    keep = at < end
    order = np.argsort(at[keep], kind="stable")
    return who.account[owner[keep]][order], at[keep][order]
