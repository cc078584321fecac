"""Activities: who contacted whom, how, with what answer; gathered from leads, deals and customers and written in order of time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from salesgauge.demo.columns import booleans, instants, words
from salesgauge.demo.draws import Array, choose, choose_each, happens
from salesgauge.demo.workdays import HOUR_WORKED, NONE, SHIFT
from salesgauge.demo.world import Block, World, person_ids

KINDS = ("call", "email", "message", "meeting", "video", "visit", "demo")
CALL, EMAIL, MESSAGE, MEETING, VIDEO, VISIT, DEMO = range(7)
STATUSES = ("booked", "held", "declined", "no_show")
BOOKED, HELD, DECLINED, NO_SHOW = range(4)
SENTIMENTS = ("positive", "negative", "neutral")
POSITIVE, NEGATIVE, NEUTRAL = range(3)
CONTACTS = ("decision_maker", "influencer", "user", "other")
PURPOSES = ("prospecting", "qualification", "demonstration", "negotiation", "check_in", "problem_solving", "training", "renewal")
PROSPECTING, QUALIFICATION, DEMONSTRATION, NEGOTIATION, CHECK_IN, PROBLEM, TRAINING, RENEWAL = range(8)


@dataclass(frozen=True)
class Touches:
    """Activities as arrays of one length. Words are places in the lists above, -1 is empty; `lead`, `account`, `deal` count within
    the block."""

    at: Array
    kind: Array
    inbound: Array
    rep: Array
    lead: Array
    account: Array
    deal: Array
    booked: Array
    status: Array
    sentiment: Array
    contact: Array
    purpose: Array

    @classmethod
    def make(cls, at: Array, **given: Array | int | bool) -> Self:
        """Activities at those instants; what is not given is empty (or outbound), a single value holds for all."""
        blank = ("rep", "lead", "account", "deal", "status", "sentiment", "contact", "purpose")
        empty: dict[str, Array | int | bool] = dict.fromkeys(blank, -1)
        cells = {"booked": NONE, "inbound": False} | empty | given
        types = {"inbound": bool, "at": np.int64, "booked": np.int64}
        return cls(at, **{name: np.broadcast_to(np.asarray(value, dtype=types.get(name, np.int32)), at.shape)
                          for name, value in cells.items()})

    @classmethod
    def together(cls, parts: list[Touches]) -> Touches:
        """All of them, one after the other."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))

    def where(self, keep: Array) -> Touches:
        """Those at the given places, or where the given booleans are true."""
        return Touches(*(getattr(self, f.name)[keep] for f in fields(self)))


def kinds(rng: np.random.Generator, world: World, rep: Array) -> Array:
    """Calls, e-mails and messages by the habit of each rep."""
    calls = world.people.calls[rep]
    draw = rng.random(len(rep))
    return np.where(draw < calls, CALL, np.where(draw < calls + (1 - calls) * .75, EMAIL, MESSAGE))


def contacts(rng: np.random.Generator, world: World, rep: Array) -> Array:
    """Who was reached: the decision maker by the directness of each rep."""
    return np.where(rng.random(len(rep)) < world.people.directness[rep], 0, 1 + choose(rng, (.4, .4, .2), len(rep)))


def replies(rng: np.random.Generator, world: World, to: Touches, share: Array | float, hopeful: Array) -> Touches:
    """Inbound answers to some of the touches, hours later; kinder where `hopeful` (the prospect will come around)."""
    chosen = np.flatnonzero(happens(rng, share, len(to.at)) & (to.kind <= MESSAGE))
    asked, good = to.where(chosen), np.where(hopeful[chosen], 1.0, .35)
    feeling = choose_each(rng, np.stack([.45 * good, .30 / (1 + 2 * good), np.full(len(good), .3), np.full(len(good), .12)], axis=1))
    delay = rng.exponential(7 * HOUR_WORKED, len(chosen)).astype(np.int64) + 120
    return Touches.make(
        world.clock.later(asked.at, delay), kind=np.where(rng.random(len(chosen)) < .8, asked.kind, EMAIL), inbound=True, rep=asked.rep,
        lead=asked.lead, account=asked.account, deal=asked.deal, sentiment=np.where(feeling == 3, -1, feeling),
        contact=asked.contact, purpose=asked.purpose)


def appointments(rng: np.random.Generator, world: World, booked: Array, success: Array, kind: Array, **whose: Array | int) -> Touches:
    """Meetings and demos booked at those instants, some days ahead; held more often where `success`."""
    count = len(booked)
    ahead = (rng.gamma(2, 2, count) + .6) * SHIFT
    status = choose_each(rng, np.where(success[:, None], (.03, .89, .04, .04), (.05, .63, .18, .14)))
    at = world.clock.later(booked, ahead.astype(np.int64))
    return Touches.make(at // 1_800 * 1_800, kind=kind, booked=booked, status=status, **whose)


def write(block: Block, touches: Touches) -> None:
    """Adds the activities up to the last day to the block's rows, in order of time, with what people forget to fill in."""
    world, rng = block.world, block.rng("activities")
    done = touches.where(np.flatnonzero(touches.at < world.clock.end))
    done = done.where(np.argsort(done.at, kind="stable"))
    count = len(done.at)
    place = block.take("activities", count)
    rep = world.people.holder(done.rep, done.at, done.account)
    machine = happens(rng, .02, count) & (done.kind == EMAIL) & ~done.inbound
    direction = np.where(done.inbound, 1, np.where(rng.random(count) < .3, -1, 0))
    only_lead = (done.lead >= 0) & (done.deal >= 0) & happens(rng, .1, count)
    unlinked = happens(rng, .25, count) & ((done.lead >= 0) | (done.deal >= 0))
    block.book.add("activities", {
        "activity_id": block.ids("activities", place), "occurred_at": instants(world.clock, done.at), "kind": words(done.kind, KINDS),
        "direction": words(direction, ("outbound", "inbound")), "rep_id": person_ids(rep),
        "lead_id": block.ids("leads", np.where((done.deal >= 0) & ~only_lead & happens(rng, .5, count), -1, done.lead)),
        "account_id": block.ids("accounts", np.where(unlinked, -1, done.account)),
        "opportunity_id": block.ids("opportunities", np.where(only_lead, -1, done.deal)),
        "booked_at": instants(world.clock, done.booked), "status": words(done.status, STATUSES),
        "sentiment": words(done.sentiment, SENTIMENTS), "contact_role": words(np.where(rng.random(count) < .2, -1, done.contact), CONTACTS),
        "purpose": words(np.where(rng.random(count) < .1, -1, done.purpose), PURPOSES),
        "automatic": booleans(machine, machine | happens(rng, .2, count)),
    })


def work_times(rng: np.random.Generator, world: World, low: Array, high: Array) -> Array:
    """An instant of working time between two instants, each."""
    begin, end = world.clock.worked(low), world.clock.worked(high)
    return world.clock.at_work(begin + ((end - begin) * rng.random(len(low))).astype(np.int64))
