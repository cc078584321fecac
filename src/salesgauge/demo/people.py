"""The people who sell: talent, ramp, workload week by week, who works where, who leaves and who takes over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesgauge.demo.draws import Array, stream
from salesgauge.demo.laws import Laws
from salesgauge.demo.market import Market
from salesgauge.demo.sizes import Size
from salesgauge.demo.workdays import DAY, NEVER, Clock

ROLES = ("sdr", "ae", "am", "field", "manager", "executive")
SDR, AE, AM, FIELD, MANAGER, EXECUTIVE = range(6)
_SHARE = {SDR: .22, AE: .43, AM: .20, FIELD: .15}  # of the sellers
HEIRS = 4


@dataclass(frozen=True)
class Pool:
    """Who may be given new work of one kind: `ladder` holds, per region and week, the running shares of the members."""

    members: Array
    ladder: Array
    weeks: int

    def pick(self, rng: np.random.Generator, region: Array, week: Array) -> Array:
        """A person for each piece of work, by region and week, in proportion to their capacity."""
        key = region * self.weeks + week
        place = np.searchsorted(self.ladder, key + rng.random(len(key)), side="right")
        return np.asarray(self.members[(place - key * len(self.members)).clip(0, len(self.members) - 1)])


@dataclass(frozen=True)
class People:
    """Everyone ever employed. Arrays run over people; `load` and `strain` also over weeks (1 = a normal workload; strain is load
    smoothed over weeks). `team` and `boss` are -1 where somebody has none."""

    role: Array
    hired: Array          # day
    left: Array           # day, NEVER = still employed
    talent: Array         # standard deviations
    ramp_months: Array
    pace: Array           # touches relative to others
    directness: Array     # chance that a touch goes to the decision maker
    calls: Array          # share of calls among touches
    optimism: Array       # ln(what is forecast / what is expected)
    generosity: Array     # usual discount
    load: Array
    strain: Array
    team: Array           # people x weeks
    boss: Array           # people x weeks
    team_role: Array
    team_region: Array
    pools: dict[int, Pool]
    heirs: Array          # people x HEIRS: who takes over from one who left

    def skill(self, laws: Laws, person: Array, at: Array) -> Array:
        """Talent and ramp as log-odds relative to a fully ramped, average person."""
        months = ((at // DAY - self.hired[person]) / 30.44).clip(0)
        share = 1 - (1 - laws.ramp_start) * np.exp(-months / self.ramp_months[person])
        return np.asarray(laws.talent * self.talent[person] + np.log(share))

    def pressure(self, laws: Laws, person: Array, week: Array) -> Array:
        """The effect of overload as log-odds (0 below the limit)."""
        return np.asarray(laws.overload * (self.load[person, week] - laws.overload_from).clip(0))

    def holder(self, person: Array, at: Array, salt: Array) -> Array:
        """Who holds the work at that instant: the person, or whoever took over since they left. -1 stays -1."""
        now, day = person, at // DAY
        while True:
            gone = (now >= 0) & (self.left[now] <= day)
            if not gone.any():
                return now
            now = np.where(gone, self.heirs[now, salt % HEIRS], now)


def hire(seed: int, size: Size, clock: Clock, market: Market, laws: Laws) -> People:
    """Simulates the workforce week by week: demand, load, strain, leaving, hiring, moves between teams."""
    rng = stream(seed, "people")
    count, weeks = size.people, clock.weeks
    team_role, team_region = _teams(size)
    role, team_start, joined = _first_day(rng, count, team_role, weeks)
    gone = np.full(count, weeks + 9)
    talent, ramp = rng.normal(0, 1, count), laws.ramp_months * np.exp(rng.normal(0, .3, count))
    pace, directness = rng.normal(0, .22, count), rng.normal(0, .04, count)
    share = np.exp(rng.normal(0, .12, count))
    early = rng.integers(20, 300, count)
    hired = np.where(joined < 0, clock.first - early, clock.first + 7 * joined)
    team = np.full((count, weeks), -1)
    load, lump = np.zeros((count, weeks)), np.zeros(count)
    strain = np.full((count, weeks), .85)
    demand = np.add.reduceat(market.demand, np.arange(0, len(market.demand), 7)) / market.demand.sum() * weeks
    demand[-1] = demand[-2]
    smooth = np.convolve(np.pad(demand, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    sellers = np.isin(role, (SDR, AE, AM, FIELD)) & (joined < 0)
    protected = np.zeros(count, dtype=bool)
    for number in range(len(team_role)):
        protected[np.flatnonzero((team_start == number) & (role == team_role[number]) & (joined < 0))[:1]] = True
    waiting = list(np.flatnonzero(role < 0))
    until = max(1, weeks - 12)
    begun = count - len(waiting)
    now_team = team_start.copy()
    for week in range(weeks):
        wanted = round((count - begun) * min(1.0, (week + 1) / until))
        while waiting and len(waiting) > count - begun - wanted:
            person = waiting.pop(0)
            kind = max(_SHARE, key=lambda k: (_SHARE[k] * smooth[week] + 1e-9) / (1 + ((role == k) & (gone > week)).sum()))
            fitting = np.flatnonzero(team_role == kind)
            staff = [int(((now_team == t) & (gone > week) & (role == kind)).sum()) for t in fitting]
            role[person], now_team[person], joined[person] = kind, fitting[int(np.argmin(staff))], week
            hired[person] = clock.week_start(week) + int(rng.integers(0, 5))
            sellers[person] = True
        active = sellers & (joined < week) & (gone > week)
        months = (clock.week_start(week) - hired).clip(0) / 30.44
        lump = .8 * lump + rng.normal(0, .12, count)
        capacity = (1 - (1 - laws.ramp_start) * np.exp(-months / ramp)) * share * np.exp(lump)
        for kind, part in _SHARE.items():
            mine = active & (role == kind)
            asked = demand[week] if kind in (SDR, AE) else smooth[week]
            load[mine, week] = asked * part * count * .5 / max(capacity[mine].sum(), .1) * (share * np.exp(lump))[mine]
        staffed = active | (role >= MANAGER)
        load[role >= MANAGER, week] = .9
        before = strain[:, week - 1] if week else np.full(count, .85)
        strain[:, week] = np.where(staffed, .85 * before + .15 * load[:, week].clip(max=2), .85)
        hazard = laws.turnover / 52 * np.exp(laws.turnover_burnout * (strain[:, week] - 1) + laws.turnover_talent * talent)
        leaving = active & ~protected & (week - joined > 10) & (rng.random(count) < hazard) & (week < weeks - 1)
        gone[leaving] = week + 1
        if week % 13 == 12:
            _move(rng, week, sellers & active & ~protected, role, team_role, now_team)
        here = (joined <= week) & (gone > week) & (role >= 0)
        team[here, week] = now_team[here]
    left = np.where(gone <= weeks, clock.first + 7 * gone, NEVER)
    level = .92 / load[(load > 0) & (role < MANAGER)[:, None]].mean()
    load = np.where((role < MANAGER)[:, None], load * level, load)
    heads = _heads(rng, role, team_role, weeks, gone, joined, team_start)
    left = np.where(gone <= weeks, clock.first + 7 * gone, left)
    boss = _bosses(role, team, heads, team_start, weeks)
    for kind in _SHARE:  # few people: let no role be all stars by chance
        mine = role == kind
        talent[mine] = (talent[mine] - talent[mine].mean()) / (talent[mine].std() or 1.0)
        pace[mine] -= pace[mine].mean()
    pools = {kind: _pool(kind, role, hired, joined, gone, team, team_region, ramp, share, load, clock, laws, size.regions)
             for kind in _SHARE}
    return People(
        role, hired, left, talent, ramp, np.exp(pace), (.22 + .05 * talent + directness).clip(.05, .6),
        rng.beta(6, 6, count), rng.normal(.06, .2, count), rng.uniform(.02, .16, count), load, strain, team, boss, team_role,
        team_region, pools, _heirs(rng, role, hired, left, team, team_region, protected, clock))


def _teams(size: Size) -> tuple[Array, Array]:
    """The role and the region of each team: about eight sellers each, at least one team per role and two of account executives."""
    sellers = size.people * .72
    roles: list[int] = []
    for kind, share in _SHARE.items():
        roles += [kind] * max(2 if kind == AE else 1, round(sellers * share / 8))
    place = [sum(1 for r in roles[:n] if r == roles[n]) + (2 if roles[n] == FIELD else 0) for n in range(len(roles))]
    return np.array(roles), np.array(place) % size.regions


def _first_day(rng: np.random.Generator, count: int, team_role: Array, weeks: int) -> tuple[Array, Array, Array]:
    """Role, team and week of joining (-1: before the first day) of those who are there from the start or come to lead a team.

    The first are the executive, the directors (managers without a team of their own), then a manager per team; then sellers.
    Whoever is still to be hired has role -1.
    """
    role, team, joined = np.full(count, -1), np.full(count, -1), np.full(count, weeks + 9)
    teams = len(team_role)
    directors = max(1, teams // 8)
    place = 0
    for kind, number in ((EXECUTIVE, 1), (MANAGER, directors)):
        role[place : place + number], joined[place : place + number] = kind, -1
        place += number
    for number in range(teams):
        role[place], team[place], joined[place] = MANAGER, number, -1
        place += 1
    for number in rng.permutation(teams)[: max(1, teams // 5)]:  # these teams get another manager later
        if place + teams < count:
            role[place], team[place], joined[place] = MANAGER, number, int(rng.integers(weeks // 4, 3 * weeks // 4))
            place += 1
    sellers = max(teams, round((count - place) * .48))
    for turn in range(min(sellers, count - place)):
        number = turn if turn < teams else int(rng.integers(teams))
        role[place], team[place], joined[place] = team_role[number], number, -1
        place += 1
    return role, team, joined


def _move(rng: np.random.Generator, week: int, able: Array, role: Array, team_role: Array, now_team: Array) -> None:
    """Each quarter a few people move to another team of the same kind."""
    movable = np.flatnonzero(able & (np.bincount(team_role, minlength=8)[role.clip(0)] > 1))
    for person in movable[rng.random(len(movable)) < max(.03, .5 / max(1, len(movable)))]:
        others = np.flatnonzero((team_role == role[person]) & (np.arange(len(team_role)) != now_team[person]))
        now_team[person] = others[rng.integers(len(others))]


def _heads(rng: np.random.Generator, role: Array, team_role: Array, weeks: int, gone: Array, joined: Array, team: Array) -> Array:
    """Teams x weeks: the manager. A manager whose successor comes leaves that week (`gone` is set)."""
    heads = np.zeros((len(team_role), weeks), dtype=int)
    for number in range(len(team_role)):
        mine = np.flatnonzero((role == MANAGER) & (team == number))
        for person in mine:
            heads[number, max(0, joined[person]):] = person
        if len(mine) == 2:
            gone[mine[0]] = joined[mine[1]]
    return heads


def _bosses(role: Array, team: Array, heads: Array, managed: Array, weeks: int) -> Array:
    """People x weeks: the manager's place; of a team's manager a director, of a director the executive, of the executive nobody."""
    boss = np.where(team >= 0, heads[team.clip(0), np.arange(weeks)], -1)
    directors = np.flatnonzero((role == MANAGER) & (managed < 0))
    for person in np.flatnonzero(role == MANAGER):
        if managed[person] < 0:
            boss[person] = 0  # the executive
        else:
            boss[person] = np.where(team[person] >= 0, directors[managed[person] % len(directors)], -1)
    return boss


def _pool(kind: int, role: Array, hired: Array, joined: Array, gone: Array, team: Array, team_region: Array, ramp: Array,
          share: Array, load: Array, clock: Clock, laws: Laws, regions: int) -> Pool:
    """The pool of one role: weights by presence and load, nearly all of it for the own region where it has anybody."""
    members = np.flatnonzero(role == kind)
    week = np.arange(clock.weeks)
    present = (joined[members, None] < week) & (gone[members, None] > week)
    months = (clock.first + 7 * week - hired[members, None]).clip(0) / 30.44
    weight = np.where(present, (1 - (1 - laws.ramp_start) * np.exp(-months / ramp[members, None])) * load[members], 0)
    home = np.where(team[members] >= 0, team_region[team[members].clip(0)], -1)
    ladders = []
    for region in range(regions):
        mine = np.cumsum(weight * np.where(home == region, 1.0, .01), axis=0)
        ladders.append((mine / mine[-1]).T + (region * clock.weeks + week)[:, None])
    return Pool(members, np.concatenate(ladders).ravel(), clock.weeks)


def _heirs(rng: np.random.Generator, role: Array, hired: Array, left: Array, team: Array, team_region: Array, protected: Array,
           clock: Clock) -> Array:
    """For each leaver some colleagues of the same role who are there that day and stay longer; for the others themselves."""
    heirs = np.repeat(np.arange(len(role))[:, None], HEIRS, axis=1)
    for person in np.flatnonzero((left != NEVER) & (role < MANAGER)):
        day = left[person]
        able = np.flatnonzero((role == role[person]) & (hired < day - 14) & (left > day + 7))
        last = max(0, min(clock.weeks - 1, (int(day) - clock.first) // 7 - 1))
        near = able[team_region[team[able, last]] == team_region[team[person, last]]]
        heirs[person] = rng.choice(near if len(near) else able, HEIRS)
    return heirs
