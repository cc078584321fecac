"""The tables that stand: people and where they belonged, products, places, campaigns, stages, rates, promotions, prices seen."""

from __future__ import annotations

from datetime import date

import numpy as np

from salesgauge.demo.columns import booleans, dates, numbers, words
from salesgauge.demo.draws import Array, happens, stream
from salesgauge.demo.invented import FAMILIES, REGIONS, RIVALS, SCRIPTS, person, product
from salesgauge.demo.laws import CHANNELS, PROMOTION_KINDS
from salesgauge.demo.leads import campaign_number
from salesgauge.demo.market import CURRENCIES
from salesgauge.demo.people import AE, AM, FIELD, ROLES, SDR
from salesgauge.demo.pipeline import stage_rows
from salesgauge.demo.workdays import NEVER, as_date
from salesgauge.demo.world import World, location_ids, product_ids
from salesgauge.demo.writing import Book

_TEAM_WORDS = {SDR: "Inbound", AE: "Sales", AM: "Key Accounts", FIELD: "Field"}
_KINDS = ("store", "online", "field")
_TOWNS = ("Alden", "Brook", "Cray", "Dorn", "Elm", "Farrow", "Gale", "Hesse", "Ilm", "Jarrow", "Kell", "Lorn", "Marl", "Nees", "Orme",
          "Pell", "Quern", "Rhine", "Stade", "Thorn")


def rep_id(place: int) -> str | None:
    """The rep_id of one person; nobody's is empty."""
    return None if place < 0 else f"R{place + 1:06d}"


def team_names(world: World) -> list[str]:
    """A name per team: what it does and where, numbered where that is not enough."""
    names: list[str] = []
    for role, region in zip(world.people.team_role, world.people.team_region, strict=True):
        name = f"{_TEAM_WORDS[int(role)]} {REGIONS[int(region)][0]}"
        alike = sum(1 for other in names if other == name or other.startswith(name + " "))
        names.append(name if not alike else f"{name} {alike + 1}")
    return names


def master_data(world: World) -> Book:
    """All of them, in one book."""
    book, clock, market, size = Book(), world.clock, world.market, world.size
    _people(world, book)
    count = size.products
    book.add_rows("products", [
        {"product_id": f"P{n + 1:03d}", "name": product(n), "family": FAMILIES[market.family[n]][0] if n % 11 != 10 else None,
         "unit": FAMILIES[market.family[n]][1], "list_price": float(market.price[n, -1]), "currency": "EUR" if n % 2 else None}
        for n in range(count)])
    book.add_rows("locations", [
        {"location_id": f"S{n + 1:03d}", "kind": _KINDS[market.location_kind[n]], "region": REGIONS[market.location_region[n]][0],
         "name": f"Shop {n}" if market.location_kind[n] == 1 else f"{_TOWNS[n % len(_TOWNS)]} {n // len(_TOWNS) + 1}"}
        for n in range(size.locations)])
    book.add_rows("campaigns", list(_campaigns(clock.first, clock.last)))
    book.add_rows("stages", stage_rows())
    book.add_rows("exchange_rates", [
        {"currency": CURRENCIES[c], "rated_on": as_date(clock.week_start(w)), "rate": float(market.worth[c, w])}
        for c in range(1, len(CURRENCIES)) for w in range(clock.weeks)])
    book.add_rows("promotions", [
        {"promotion_id": f"PR{p.number:04d}", "location_id": f"S{place + 1:03d}", "starts_on": as_date(p.starts),
         "ends_on": as_date(p.ends), "arm": arm,
         "name": f"{PROMOTION_KINDS[p.kind].title()} {product(p.product)}", "kind": PROMOTION_KINDS[p.kind],
         "product_id": f"P{p.product + 1:03d}"}
        for p in market.promotions for arm, places in (("treatment", p.treated), ("control", p.control)) for place in places])
    _prices_seen(world, book)
    return book


def _people(world: World, book: Book) -> None:
    people, clock, names = world.people, world.clock, team_names(world)
    rng = stream(world.seed, "names")
    reps: list[dict[str, object]] = []
    spans: list[dict[str, object]] = []
    for place in range(len(people.role)):
        mine = _assignments(people.team[place], people.boss[place])
        last_team, last_boss = (mine[-1][1], mine[-1][2]) if mine else (-1, -1)
        region = REGIONS[people.team_region[last_team]] if last_team >= 0 else REGIONS[place % world.size.regions]
        left = None if people.left[place] == NEVER else as_date(people.left[place])
        hired = as_date(people.hired[place])
        script = region[2] if rng.random() < .7 else SCRIPTS[int(rng.integers(len(SCRIPTS)))]
        row: dict[str, object] = {
            "rep_id": rep_id(place), "name": person(rng, script), "email": f"r{place + 1}@example.com" if rng.random() > .03 else None,
            "role": ROLES[people.role[place]], "team": names[last_team] if last_team >= 0 else None,
            "region": region[0] if last_team >= 0 else None, "manager_id": rep_id(last_boss), "hired_on": hired if place else None,
            "left_on": left}
        reps.append(row)
        for number, (week, team, boss) in enumerate(mine):
            begin = hired if number == 0 else as_date(clock.week_start(week))
            until = as_date(clock.week_start(mine[number + 1][0])) if number + 1 < len(mine) else left
            if until is None or begin < until:
                spans.append({"rep_id": rep_id(place), "team": names[team] if team >= 0 else None,
                              "region": REGIONS[people.team_region[team]][0] if team >= 0 else None, "manager_id": rep_id(boss),
                              "valid_from": begin, "valid_to": until})
    book.add_rows("reps", reps)
    book.add_rows("rep_assignments", spans)


def _assignments(team: Array, boss: Array) -> list[tuple[int, int, int]]:
    """The weeks in which somebody came to another team or manager: (week, team, manager)."""
    here = np.flatnonzero((team >= 0) | (boss >= 0))
    if not len(here):
        return []
    changed = (np.diff(team[here]) != 0) | (np.diff(boss[here]) != 0)
    weeks = here[np.append(True, changed)]
    return [(int(week), int(team[week]), int(boss[week])) for week in weeks]


def _campaigns(first: int, last: int) -> list[dict[str, object]]:
    """One per channel and quarter, but for referrals and partners."""
    rows: list[dict[str, object]] = []
    quarter = np.arange(np.datetime64(first, "D").astype("datetime64[M]").astype(int) // 3,
                        np.datetime64(last, "D").astype("datetime64[M]").astype(int) // 3 + 1)
    for number in quarter:
        begin = np.datetime64(int(number) * 3, "M").astype("datetime64[D]").astype(object)
        until = np.datetime64(int(number) * 3 + 3, "M").astype("datetime64[D]").astype(object)
        assert isinstance(begin, date)
        for place, channel in enumerate(CHANNELS):
            code = int(campaign_number(np.array([number]), np.array([place]))[0])
            if code >= 0:
                name = f"{channel.replace('_', ' ').title()} {begin.year} Q{begin.month // 3 + 1}"
                rows.append({"campaign_id": f"C{code:06d}", "name": name, "channel": channel, "starts_on": begin, "ends_on": until})
    return rows


def _prices_seen(world: World, book: Book) -> None:
    """Once a week somebody notes prices, ours and the competitors', in some stores; not every price every time."""
    rng, market, clock, size = stream(world.seed, "prices seen"), world.market, world.clock, world.size
    stores = np.flatnonzero(market.location_kind == 0)[: max(3, size.locations // 10)]
    watched = np.arange(0, size.products, 1 if size.products <= 12 else 2)
    week, item, rival, store = (x.ravel() for x in np.meshgrid(
        np.arange(clock.weeks), watched, np.arange(size.rivals + 1), stores, indexing="ij"))
    keep = happens(rng, np.where(rival == size.rivals, .6, .45), len(week))
    week, item, rival, store = week[keep], item[keep], rival[keep], store[keep]
    count = len(week)
    own = rival == size.rivals
    day = np.minimum(clock.first + 7 * week + rng.integers(0, 5, count), clock.last)
    theirs = market.rival_price[rival.clip(max=size.rivals - 1), item, week] * np.exp(rng.normal(0, .01, count))
    price = np.where(own, market.price[item, week], theirs)
    promoted = np.where(own, _promoted(world, store, item, day), happens(rng, .06, count))
    price = price * np.where(promoted & ~own, .9, 1.0)
    currency = market.region_currency[market.location_region[store]]
    book.add("price_observations", {
        "observed_on": dates(day), "product_id": product_ids(item), "competitor": words(rival, (*RIVALS[: size.rivals], "own")),
        "price": numbers(price / market.worth[currency, week]), "currency": words(currency, CURRENCIES), "location_id": location_ids(store),
        "promoted": booleans(promoted, ~happens(rng, .1, count)),
    })


def _promoted(world: World, store: Array, item: Array, day: Array) -> Array:
    """Whether an offer of ours ran there that day."""
    found = np.zeros(len(store), dtype=bool)
    for promotion in world.market.promotions:
        found |= (item == promotion.product) & (day >= promotion.starts) & (day < promotion.ends) & np.isin(store, promotion.treated)
    return found
