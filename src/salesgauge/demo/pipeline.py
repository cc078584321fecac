"""The rows of deals: opportunities as they stand, every stage change with its amount and expected close, and the documents sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesgauge.demo.columns import dates, instants, numbers, words
from salesgauge.demo.deals import CUSTOMER, KINDS, NEW, NEW_BUSINESS, STAGES, Deals
from salesgauge.demo.draws import Array, choose, choose_each, happens, spread
from salesgauge.demo.invented import RIVALS
from salesgauge.demo.laws import ACCOUNT, CHANNELS, FIELD, OUTBOUND
from salesgauge.demo.market import CURRENCIES
from salesgauge.demo.workdays import DAY, NEVER, NONE
from salesgauge.demo.world import Block, location_ids, person_ids, product_ids

PIPELINES = ("new_business", "customer")
STAGE_NAMES = ("Discovery", "Qualified", "Demo", "Proposal", "Negotiation", "Won", "Lost", "Identified", "Offer")
WON, LOST = 5, 6
STAGE_OF = np.array([[0, 1, 2, 3, 4, WON, LOST], [7, 1, 8, -1, -1, WON, LOST]])
PROBABILITY = {0: .15, 1: .3, 2: .45, 3: .55, 4: .75, 5: 1.0, 6: 0.0, 7: .35, 8: .65}
DEAL_CHANNELS = (*CHANNELS, OUTBOUND, FIELD, ACCOUNT)
CATEGORIES = ("pipeline", "best_case", "commit", "closed", "omitted")
_CATEGORY = np.array([0, 0, 1, 1, 2, 3, 4, 0, 1])  # of each stage name
LOSS_REASONS = ("price", "competitor", "no_decision", "timing", "missing_feature", "no_budget")
NEXT_STEPS = ("Call the decision maker", "Send revised offer", "Demo for the technical team", "发送合同草案", "与采购部门开会",
              "Согласовать скидку", "Встреча с директором", "Wait for budget, then call", "Reference visit")
TIERS = ("gold", "silver", "bronze")
_REMAINING = np.array([[62, 52, 40, 26, 12], [34, 24, 11, 0, 0]])  # days that a deal in that stage is expected to take still


@dataclass(frozen=True)
class Changes:
    """Stage changes up to the last day, by deal and then time; `value` and `closes` are what holds from then on, known or not."""

    deal: Array       # index into the deals
    at: Array
    until: Array      # the deal's next change, NEVER where there is none
    stage: Array      # a STAGE_NAMES place
    closing: Array
    value: Array      # in the company's currency
    closes: Array     # day, NONE = never said
    valued: Array     # whether the amount stands in the row
    dated: Array
    value_known: Array  # whether any amount stands in this row or one before
    last: Array       # per deal with any row: the index of its last row


def changes(rng: np.random.Generator, block: Block, deals: Deals) -> Changes:
    """Every deal's history."""
    count, end = len(deals.closed), block.world.clock.end
    leaves = deals.stage_end()
    deal_of, stage_of = np.nonzero(deals.begins < end)
    begin, leave = deals.begins[deal_of, stage_of], leaves[deal_of, stage_of]
    days = ((leave - begin) / DAY).clip(max=200)
    owner, _ = spread(rng.poisson(.3 + .055 * days))
    between = begin[owner] + ((leave - begin)[owner] * rng.uniform(.05, .95, len(owner))).astype(np.int64)
    ended = np.flatnonzero(deals.closed < end)
    deal = np.concatenate([deal_of, deal_of[owner], ended])
    at = np.concatenate([begin, block.world.clock.at_work(block.world.clock.worked(between)), deals.closed[ended]])
    step = np.concatenate([stage_of, stage_of[owner], np.where(deals.won[ended], STAGES, STAGES + 1)])
    sort = np.concatenate([np.zeros(len(deal_of)), np.ones(len(owner)), np.full(len(ended), 2)]).astype(int)
    keep = np.flatnonzero(at < end)
    keep = keep[np.lexsort((sort[keep], step[keep], at[keep], deal[keep]))]
    deal, at, step, sort = deal[keep], at[keep], step[keep], sort[keep]
    rows = len(deal)
    first = np.ones(rows, dtype=bool)
    first[1:] = deal[1:] != deal[:-1]
    start = np.maximum.accumulate(np.where(first, np.arange(rows), 0))
    until = np.full(rows, NEVER)
    until[:-1] = np.where(first[1:], NEVER, at[1:])
    odds = np.where(first, .97, np.select((sort == 0, sort == 1, step == STAGES), (.2, .5, .35), .03))
    valued = happens(rng, odds, rows)
    growth = np.where(valued & ~first, rng.normal(-.02, .14, rows), 0)
    total = np.cumsum(growth)
    value = deals.value[deal] * np.exp(total - total[start])
    dated = happens(rng, np.where(first, .985, np.array([.45, .6, 1.0])[sort]), rows)
    pipeline = deals.pipeline[deal]
    ahead = _REMAINING[pipeline, step.clip(max=STAGES - 1)] * np.exp(rng.normal(-.1, .45, rows))
    closes = at // DAY + np.where(sort == 2, 0, ahead + 1).astype(np.int64)
    told = np.maximum.accumulate(np.where(dated, np.arange(rows), -1))
    closes = np.where(told >= start, closes[told], NONE)
    said = np.maximum.accumulate(np.where(valued, np.arange(rows), -1))
    last = np.flatnonzero(np.append(first[1:], True)) if rows else np.zeros(0, dtype=int)
    assert len(last) == int((deals.seeds.created < end).sum()) <= count
    return Changes(deal, at, until, STAGE_OF[pipeline, step], sort == 2, value, closes, valued, dated, said >= start, last)


def write(block: Block, name: str, deals: Deals, history: Changes) -> None:
    """Adds opportunities, stage changes and documents to the block's rows. Every deal must begin before the end."""
    world, rng, seeds = block.world, block.rng(f"{name} rows"), deals.seeds
    end, count = world.clock.end, len(deals.closed)
    over = deals.closed < end
    stands = history.last
    currency = world.market.region_currency[seeds.region]
    worth = world.market.worth[currency, world.clock.week(seeds.created)]
    amount = np.where(history.value_known[stands], np.round(history.value[stands] / worth), np.nan)
    owner = world.people.holder(seeds.owner, np.minimum(deals.closed, end - 1), seeds.account)
    lost = over & ~deals.won
    base = np.broadcast_to((.24, .2, .2, .14, .12, .1), (count, len(LOSS_REASONS)))
    reason = choose_each(rng, base * np.where(deals.stalled[:, None], (.5, .5, 4, 2, .5, 1), 1))
    rival = choose(rng, np.linspace(1.5, .6, world.size.rivals), count)
    step_day = world.clock.last + rng.integers(-9, 21, count)
    planned = ~over & happens(rng, .75, count)
    block.book.add("opportunities", {
        "opportunity_id": block.ids("opportunities", deals.place), "created_at": instants(world.clock, seeds.created),
        "account_id": block.ids("accounts", np.where(lost & (seeds.kind == NEW) & happens(rng, .01, count), -1, seeds.account)),
        "lead_id": block.ids("leads", np.where(rng.random(count) < .12, -1, seeds.lead)),
        "owner_id": person_ids(np.where(rng.random(count) < .003, -1, owner)),
        "pipeline": words(deals.pipeline, PIPELINES), "stage": words(history.stage[stands], STAGE_NAMES), "amount": numbers(amount),
        "currency": words(np.where((currency == 0) & happens(rng, .3, count), -1, currency), CURRENCIES),
        "acv": numbers(np.where(happens(rng, .6, count), np.round(amount * np.where(seeds.segment == 2, .6, 1.0)), np.nan)),
        "closes_on": dates(history.closes[stands]), "closed_at": instants(world.clock, np.where(over, deals.closed, NONE)),
        "outcome": words(np.where(over, np.where(deals.won, 0, 1), -1), ("won", "lost")),
        "kind": words(np.where((seeds.kind == NEW) & happens(rng, .4, count), -1, seeds.kind), KINDS),
        "channel": words(np.where(rng.random(count) < .015, -1, seeds.channel), DEAL_CHANNELS),
        "product_id": product_ids(np.where(rng.random(count) < .01, -1, seeds.product)), "location_id": location_ids(deals.location),
        "loss_reason": words(np.where(lost & ~happens(rng, .08, count), reason, -1), LOSS_REASONS),
        "competitor": words(np.where((lost & (reason <= 1)) | happens(rng, .08, count), rival, -1), RIVALS),
        "next_step": words(np.where(planned, rng.integers(0, len(NEXT_STEPS), count), -1), NEXT_STEPS),
        "next_step_on": dates(np.where(planned & happens(rng, .9, count), step_day, NONE)),
        "tier": words(np.where(happens(rng, .1, count), -1, 2 - seeds.segment), TIERS),
    })
    rate = worth[history.deal]
    block.book.add("stage_changes", {
        "opportunity_id": block.ids("opportunities", deals.place[history.deal]), "changed_at": instants(world.clock, history.at),
        "stage": words(history.stage, STAGE_NAMES), "amount": numbers(np.where(history.valued, np.round(history.value / rate), np.nan)),
        "closes_on": dates(np.where(history.dated, history.closes, NONE)), "forecast_category": words(_CATEGORY[history.stage], CATEGORIES),
    })
    _documents(rng, block, deals)


def _documents(rng: np.random.Generator, block: Block, deals: Deals) -> None:
    """Proposals with the offer, contracts before the signature; signed where won."""
    clock, end, count = block.world.clock, block.world.clock.end, len(deals.closed)
    stage = {NEW_BUSINESS: (3, 4), CUSTOMER: (2, 2)}
    leaves, rows = deals.stage_end(), np.arange(count)
    for kind, (share_won, share_lost), begin, until in (("proposal", (.9, .85), 0, .5), ("contract", (.95, .6), .5, .95)):
        place = 0 if kind == "proposal" else 1
        here = np.where(deals.pipeline == NEW_BUSINESS, stage[NEW_BUSINESS][place], stage[CUSTOMER][place])
        opened, left = deals.begins[rows, here], leaves[rows, here]
        some = np.flatnonzero((opened < end) & happens(rng, np.where(deals.won, share_won, share_lost), count))
        low, high = clock.worked(opened[some]), clock.worked(left[some])
        sent = np.full(count, NEVER)
        sent[some] = clock.at_work(low + ((high - low) * rng.uniform(begin, until, len(some))).astype(np.int64))
        chosen = np.flatnonzero(sent < end)
        signs = deals.won[chosen] & (deals.closed[chosen] < end) & happens(rng, 1.0 if kind == "contract" else .25, len(chosen))
        block.book.add("documents", {
            "document_id": block.ids("documents", block.take("documents", len(chosen))),
            "opportunity_id": block.ids("opportunities", deals.place[chosen]), "kind": words(np.zeros(len(chosen), dtype=int), (kind,)),
            "sent_at": instants(clock, sent[chosen]),
            "signed_at": instants(clock, np.where(signs, np.maximum(sent[chosen], deals.closed[chosen] - 3_600), NONE)),
        })


def stage_rows() -> list[dict[str, object]]:
    """The stages table."""
    rows: list[dict[str, object]] = []
    for number, name in enumerate(PIPELINES):
        for position, stage in enumerate(s for s in STAGE_OF[number] if s >= 0):
            open_ = stage not in (WON, LOST)
            rows.append({"pipeline": name, "stage": STAGE_NAMES[stage], "position": float(position + 1),
                         "is_qualified": bool(stage not in (0, 7, LOST)), "is_closed": not open_, "is_won": stage == WON,
                         "probability": PROBABILITY[int(stage)]})
    return rows
