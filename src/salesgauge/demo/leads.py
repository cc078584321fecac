"""Accounts and leads: who comes in when and through which channel, how soon and how often reps contact them, who becomes a deal."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from salesgauge.demo.columns import blank_some, ids, instants, numbers, words
from salesgauge.demo.deals import NEW, Seeds
from salesgauge.demo.draws import Array, choose, choose_each, happens, logistic, spread
from salesgauge.demo.invented import INDUSTRIES, REGIONS, companies
from salesgauge.demo.laws import CHANNELS, SEGMENTS
from salesgauge.demo.people import AE, FIELD, SDR
from salesgauge.demo.sizes import Size
from salesgauge.demo.touches import (
    DEMO,
    MEETING,
    NEGATIVE,
    POSITIVE,
    PROSPECTING,
    QUALIFICATION,
    VIDEO,
    Touches,
    appointments,
    contacts,
    kinds,
    replies,
    work_times,
)
from salesgauge.demo.workdays import DAY, HOUR_WORKED, NEVER, NONE, SHIFT
from salesgauge.demo.world import Block, World, person_ids

LEADS_PER_ACCOUNT = 1.2   # of the accounts that come by themselves, about
_REGION_SHARE = np.array([.34, .22, .16, .12, .09, .07])
_CHANNEL_WORDS = (*CHANNELS, "unknown", "Fachmesse")
_SOURCES = ("google", "linkedin", "newsletter", "yandex", "baidu", "partner-site")


@dataclass(frozen=True)
class Accounts:
    """The block's accounts; `created` is their first lead or deal."""

    created: Array
    region: Array
    segment: Array
    industry: Array

    @classmethod
    def make(cls, rng: np.random.Generator, world: World, created: Array) -> Accounts:
        """New accounts that begin at those instants."""
        count = len(created)
        return cls(created, choose(rng, _REGION_SHARE[: world.size.regions], count), choose(rng, (.58, .31, .11), count),
                   rng.integers(0, len(INDUSTRIES), count))

    def and_these(self, more: Accounts) -> Accounts:
        """These and then those."""
        return Accounts(*(np.concatenate([getattr(self, f.name), getattr(more, f.name)]) for f in fields(self)))


@dataclass(frozen=True)
class Worked:
    """Leads after they were worked on."""

    account: Array
    created: Array
    channel: Array
    referrer: Array
    owner: Array
    qualified: Array
    converted: Array
    score: Array

    @classmethod
    def together(cls, parts: list[Worked]) -> Worked:
        """All of them, one after the other."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))


def totals(size: Size) -> tuple[int, float]:
    """How many accounts begin by a lead or by a rep's own search, and the share of the former."""
    inbound = round(size.leads / LEADS_PER_ACCOUNT)
    return inbound + size.outbound, inbound / (inbound + size.outbound)


def more_leads(rng: np.random.Generator, first: Array, end: int) -> tuple[Array, Array]:
    """Further leads of the same accounts, months later: (index of the account, instant)."""
    owner, _ = spread(rng.poisson(.2, len(first)))
    at = first[owner] + (rng.exponential(240, len(owner)) * DAY).astype(np.int64) + DAY
    keep = at < end
    return owner[keep], at[keep]


def channels(rng: np.random.Generator, world: World, at: Array) -> Array:
    """The channel of each lead: shares drift from month to month."""
    months = (at // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(int)
    first = int(np.datetime64(int(world.clock.first), "D").astype("datetime64[M]").astype(int))
    return choose_each(rng, world.market.channel_share[(months - first).clip(0, len(world.market.channel_share) - 1)])


def work(block: Block, name: str, accounts: Accounts, account: Array, created: Array, channel: Array, referrer: Array,
         ) -> tuple[Worked, Seeds, Touches]:
    """Works on leads: the first answer, one touch after the other until it converts or the rep gives up, the deals that come of it.

    `account` and `referrer` count within the block; the leads get the block's next numbers in the order given.
    """
    world, rng = block.world, block.rng(name)
    laws, people, clock, count = world.laws, world.people, world.clock, len(account)
    region, week = accounts.region[account], clock.week(created)
    owner = people.pools[SDR].pick(rng, region, week)
    load = people.load[owner, week]
    delay = np.exp(np.log(laws.response_median_hours) + rng.normal(0, .85, count) + laws.overload_on_response * (load - .9))
    ignored = happens(rng, (laws.unanswered * np.exp(1.5 * (load - .9))).clip(max=.5), count)
    quality = rng.normal(0, .6, count)
    first = clock.later(created, (delay * HOUR_WORKED).astype(np.int64) + 60)

    tries = np.where(ignored, 0, (1 + rng.poisson(5.2 * world.size.touches * people.pace[owner])).clip(max=len(laws.touch_hazard)))
    known = (np.array(laws.channel_quality)[channel] + quality + laws.talent_on_leads * people.talent[owner]
             + people.pressure(laws, owner, week) + laws.response_per_log_hour * (np.log1p(delay) - 1.2))
    hazard = logistic(np.log(laws.touch_hazard)[None, :] + .1 + known[:, None])
    hits = rng.random(hazard.shape) < hazard
    hit = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, 99)
    qualifies = hit <= tries
    made = np.where(qualifies, hit, tries)
    gaps = np.cumsum(rng.gamma(1.6, 1.6, hazard.shape) * SHIFT, axis=1).astype(np.int64)
    which, turn = spread(made)
    at = clock.later(first[which], np.where(turn == 0, 0, gaps[which, turn - 1]))
    person = people.holder(owner[which], at, account[which])
    place = block.take("leads", count)
    sent = Touches.make(at, kind=kinds(rng, world, person), rep=person, lead=place[which], account=account[which],
                        contact=contacts(rng, world, person), purpose=PROSPECTING)
    last = np.cumsum(made) - 1
    touched = made > 0
    final = np.where(touched, at[last.clip(min=0)] if len(at) else NEVER, NEVER)
    qualified = np.where(qualifies, clock.later(final, (rng.exponential(3 * HOUR_WORKED, count) + 300).astype(np.int64)), NEVER)
    converts = qualifies & happens(rng, .88, count)
    converted = np.where(converts, clock.later(qualified, (rng.exponential(2.5 * SHIFT, count) + 600).astype(np.int64)), NEVER)

    answers = replies(rng, world, sent, .13, qualifies[which])
    yes = np.flatnonzero(qualifies & happens(rng, .8, count))
    no = np.flatnonzero(touched & ~qualifies & happens(rng, .22, count))
    verdicts = [Touches.make(instant, kind=kinds(rng, world, owner[some]), inbound=True, rep=owner[some], lead=place[some],
                             account=account[some], sentiment=feeling, purpose=QUALIFICATION)
                for some, feeling, instant in ((yes, POSITIVE, qualified[yes]),
                                               (no, NEGATIVE, clock.later(final[no], rng.integers(600, 2 * SHIFT, len(no)))))]
    meets = np.flatnonzero((qualifies & happens(rng, .55, count)) | (touched & ~qualifies & happens(rng, .05, count)))
    booked = np.where(qualifies[meets], qualified[meets], clock.later(final[meets], rng.integers(600, 2 * SHIFT, len(meets))))
    kind = np.array([MEETING, VIDEO, DEMO])[choose(rng, (.3, .5, .2), len(meets))]
    met = appointments(rng, world, booked, qualifies[meets], kind, rep=owner[meets], lead=place[meets], account=account[meets],
                       contact=contacts(rng, world, owner[meets]), purpose=QUALIFICATION)

    score = (50 + 14 * (np.array(laws.channel_quality)[channel] + quality) + rng.normal(0, 9, count)).clip(0, 100).round()
    worked = Worked(account, created, channel, referrer, owner, qualified, converted, score)
    deal = np.flatnonzero(converted < clock.end)
    opened = converted[deal]
    seller = people.pools[AE].pick(rng, region[deal], clock.week(opened))
    lift = (np.array(laws.channel_quality)[channel] * .5 + quality * .35 + laws.response_per_log_hour * .5 * (np.log1p(delay) - 1.2))[deal]
    seeds = Seeds(account[deal], place[deal], seller, np.full(len(deal), NEW), opened, channel[deal],
                  products(rng, world, accounts.segment[account[deal]]), accounts.segment[account[deal]], region[deal], lift)
    return worked, seeds, Touches.together([sent, answers, *verdicts, met])


def products(rng: np.random.Generator, world: World, segment: Array) -> Array:
    """What a prospect asks for: larger companies more often the platform and services."""
    taste = np.array([[.25, .3, .1, .35], [.4, .25, .2, .15], [.5, .15, .3, .05]])
    market = world.market
    popular = np.exp(-np.arange(world.size.products) / world.size.products * 1.5)
    weights = taste[:, market.family] * popular
    return choose_each(rng, weights[segment]) if len(segment) < 500 else _by_segment(rng, weights, segment)


def _by_segment(rng: np.random.Generator, weights: Array, segment: Array) -> Array:
    chosen = np.zeros(len(segment), dtype=int)
    for number in range(len(weights)):
        mine = np.flatnonzero(segment == number)
        chosen[mine] = choose(rng, weights[number], len(mine))
    return chosen


def outbound(block: Block, accounts: Accounts, account: Array) -> tuple[Seeds, Touches]:
    """Deals that account executives and field reps find themselves, with the touches before the deal was opened."""
    world, rng = block.world, block.rng("outbound")
    clock, people, count = world.clock, world.people, len(account)
    region, segment, begun = accounts.region[account], accounts.segment[account], accounts.created[account]
    created = clock.later(begun, (rng.gamma(2, 2.5, count) * SHIFT).astype(np.int64) + 60)
    week = clock.week(begun)
    visited = happens(rng, .25, count)
    first = np.where(visited, people.pools[FIELD].pick(rng, region, week), people.pools[AE].pick(rng, region, week))
    owner = people.holder(first, created, account)
    seeds = Seeds(account, np.full(count, -1), owner, np.full(count, NEW), created, np.where(visited, len(CHANNELS) + 1, len(CHANNELS)),
                  products(rng, world, segment), segment, region, rng.normal(-.28, .25, count))
    which, _ = spread(rng.poisson(1.6 * world.size.touches, count))
    at, rep = work_times(rng, world, begun[which], created[which]), first[which]
    return seeds, Touches.make(at, kind=kinds(rng, world, rep), rep=rep, account=account[which], deal=which,
                               contact=contacts(rng, world, rep), purpose=PROSPECTING)


def write(block: Block, worked: Worked, deal_of_lead: Array) -> None:
    """Adds the leads to the block's rows; `deal_of_lead` is the place of each lead's deal, -1 for none."""
    world, rng = block.world, block.rng("lead rows")
    count, end = len(worked.account), world.clock.end
    quarter = ((worked.created // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(int)) // 3
    channel = np.where(happens(rng, .006, count), len(CHANNELS) + rng.integers(0, 2, count), worked.channel)
    owner = world.people.holder(worked.owner, np.where(worked.converted < end, worked.converted, end - 1), worked.account)
    converted = worked.converted < end
    block.book.add("leads", {
        "lead_id": block.ids("leads", np.arange(count)), "created_at": instants(world.clock, worked.created),
        "channel": words(blank_some(rng, .02, channel), _CHANNEL_WORDS),
        "campaign_id": ids("C", np.where(happens(rng, .12, count), -1, campaign_number(quarter, worked.channel)), 6),
        "owner_id": person_ids(blank_some(rng, .006, owner)),
        "account_id": block.ids("accounts", np.where(converted | happens(rng, .85, count), worked.account, -1)),
        "qualified_at": instants(world.clock, np.where(worked.qualified < end, worked.qualified, NONE)),
        "converted_at": instants(world.clock, np.where(converted, worked.converted, NONE)),
        "opportunity_id": block.ids("opportunities", np.where(happens(rng, .05, count), -1, deal_of_lead)),
        "referred_by_account_id": block.ids("accounts", worked.referrer),
        "score": numbers(np.where(happens(rng, .05, count), np.nan, worked.score)),
        "utm_source": words(np.where(happens(rng, .35, count), -1, (worked.channel * 3 + worked.account) % len(_SOURCES)), _SOURCES),
    })


def campaign_number(quarter: Array, channel: Array) -> Array:
    """The number of the campaign that runs on a channel in a quarter (months since 1970 / 3); referrals and partners have none."""
    return np.where(channel >= CHANNELS.index("referral"), -1, (quarter - 200) * 10 + channel)


def write_accounts(block: Block, accounts: Accounts, owner: Array) -> None:
    """Adds the accounts to the block's rows; `owner` is who looks after them at the end."""
    rng, count = block.rng("account rows"), len(accounts.created)
    place = block.take("accounts", count)
    number = place + block.number * block.world.size.block * 2
    block.book.add("accounts", {
        "account_id": block.ids("accounts", place), "name": companies(number, accounts.region),
        "industry": words(blank_some(rng, .05, accounts.industry), INDUSTRIES),
        "segment": words(blank_some(rng, .02, accounts.segment), SEGMENTS),
        "region": words(accounts.region, [r[0] for r in REGIONS]), "owner_id": person_ids(owner),
        "created_at": instants(block.world.clock, np.where(happens(rng, .02, count), NONE, accounts.created)),
    })
