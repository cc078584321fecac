"""The touches of deals: by stage, with answers, meetings and demos."""

from __future__ import annotations

import numpy as np

from salesgauge.demo.deals import CUSTOMER, RENEWAL, STAGES, Deals
from salesgauge.demo.draws import choose, happens, spread
from salesgauge.demo.touches import (
    DEMO,
    DEMONSTRATION,
    MEETING,
    NEGOTIATION,
    QUALIFICATION,
    VIDEO,
    VISIT,
    Touches,
    appointments,
    contacts,
    kinds,
    replies,
    work_times,
)
from salesgauge.demo.touches import RENEWAL as FOR_RENEWAL
from salesgauge.demo.workdays import NEVER
from salesgauge.demo.world import World

_PURPOSE = np.array([QUALIFICATION, QUALIFICATION, DEMONSTRATION, NEGOTIATION, NEGOTIATION])
_MEETS = np.array([[.12, .35, .78, .30, .40], [.2, .55, .35, 0, 0]])  # chance of an appointment per pipeline and stage


def touches(rng: np.random.Generator, world: World, deals: Deals) -> Touches:
    """All activities of the deals' stages that began before the end; some answers come after the close."""
    end, people = world.clock.end, world.people
    deal, stage = np.nonzero(deals.begins < end)
    begin, leave = deals.begins[deal, stage], deals.stage_end()[deal, stage]
    holder = people.holder(deals.seeds.owner[deal], begin, deals.seeds.account[deal])
    passed = np.where(stage + 1 < STAGES, deals.begins[deal, (stage + 1).clip(max=STAGES - 1)] < NEVER, False) | deals.won[deal]
    which, _ = spread(deals.touches[deal, stage])
    rep, mine = holder[which], deal[which]
    at = work_times(rng, world, begin[which], leave[which])
    purpose = np.where(deals.seeds.kind[mine] == RENEWAL, FOR_RENEWAL, _PURPOSE[stage[which]])
    sent = Touches.make(at, kind=kinds(rng, world, rep), rep=rep, lead=deals.seeds.lead[mine], account=deals.seeds.account[mine],
                        deal=deals.place[mine], contact=contacts(rng, world, rep), purpose=purpose)
    answers = replies(rng, world, sent, .3, passed[which])
    meets = np.flatnonzero(happens(rng, _MEETS[deals.pipeline[deal], stage], len(deal)))
    booked = work_times(rng, world, begin[meets], begin[meets] + (leave[meets] - begin[meets]) // 2)
    first = np.where(stage[meets] == 2, DEMO, np.array([MEETING, VIDEO, VISIT])[choose(rng, (.35, .4, .25), len(meets))])
    kind = np.where(deals.pipeline[deal[meets]] == CUSTOMER, np.where(first == DEMO, MEETING, first), first)
    met = appointments(rng, world, booked, passed[meets], kind, rep=holder[meets], lead=deals.seeds.lead[deal[meets]],
                       account=deals.seeds.account[deal[meets]], deal=deals.place[deal[meets]], contact=contacts(rng, world, holder[meets]),
                       purpose=_PURPOSE[stage[meets]])
    return Touches.together([sent, answers, met.where(met.at <= deals.closed[deal[meets]])])
