from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from salesgauge.demo.draws import stream
from salesgauge.demo.laws import Laws
from salesgauge.demo.market import make
from salesgauge.demo.people import AE, AM, FIELD, MANAGER, SDR, People, hire
from salesgauge.demo.sizes import SIZES, TINY, Size
from salesgauge.demo.workdays import DAY, NEVER, clock

CLOCK = clock(date(2026, 6, 30))


@pytest.fixture(scope="module", params=["tiny", "small", "medium"])
def people(request: pytest.FixtureRequest) -> People:
    size: Size = {**SIZES, "tiny": TINY}[request.param]
    return hire(3, size, CLOCK, make(3, size, CLOCK, Laws()), Laws())


def test_everybody_has_a_role_and_every_role_somebody(people: People) -> None:
    assert (people.role >= 0).all()
    assert {SDR, AE, AM, FIELD, MANAGER} <= set(people.role.tolist())


def test_work_is_given_only_to_people_who_are_there(people: People) -> None:
    rng = stream(1, "test")
    week = np.repeat(np.arange(CLOCK.weeks), 20)
    at = (CLOCK.first + 7 * week + 3) * DAY
    for pool in people.pools.values():
        person = pool.pick(rng, rng.integers(0, 2, len(week)), week)
        assert (people.hired[person] <= at // DAY).all()
        assert (people.left[person] > at // DAY).all()


def test_whoever_takes_over_is_there(people: People) -> None:
    sellers = np.flatnonzero(people.role < MANAGER)
    for day in range(CLOCK.first + 30, CLOCK.last, 50):
        known = sellers[people.hired[sellers] <= day]
        for salt in range(4):
            holder = people.holder(known, np.full(len(known), day * DAY), np.full(len(known), salt))
            assert (people.left[holder] > day).all() and (people.hired[holder] <= day).all()
            assert (people.role[holder] == people.role[known]).all()


def test_load_is_normal_on_average_and_uneven(people: People) -> None:
    load = people.load[people.role < MANAGER]
    assert abs(load[load > 0].mean() - .92) < .01
    assert load[load > 0].std() > .15


def test_some_leave_and_nobody_leaves_before_coming(people: People) -> None:
    assert (people.left > people.hired).all()
    assert (people.left != NEVER).any()


def test_skill_grows_with_tenure(people: People) -> None:
    laws = Laws()
    person = np.flatnonzero(people.role == AE)[:1]
    young, old = (people.skill(laws, person, (people.hired[person] + days) * DAY)[0] for days in (10, 700))
    assert young < old - .5
