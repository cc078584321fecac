"""Saved views: one's own and shared ones; never an address of another site."""

from __future__ import annotations

import pytest

from salesgauge.state import Actor, Refusal
from salesgauge.state.views import is_local
from state.world import CONSOLE, World


def test_a_view_is_its_owners_until_it_is_shared(world: World) -> None:
    ann, bo = world.person(), world.person("bo@example.org")
    with world.state.change() as unit:
        mine = unit.views.save(ann.id, "Europe", "/kpis/win_rate?region=EU", False, CONSOLE)
        assert (mine.owner, mine.address) == ("Ann", "/kpis/win_rate?region=EU")
        with pytest.raises(Refusal) as refused:
            unit.views.find(mine.slug, bo.id)
        assert refused.value.reason == "no_view"
        again = unit.views.save(ann.id, "Europe", "/kpis/win_rate?region=EU&period=2025", True, CONSOLE)
        assert again.slug == mine.slug  # a link to it stays good
        assert unit.views.find(mine.slug, bo.id).address.endswith("2025")


def test_ones_own_views_come_first_in_the_order_of_names(world: World) -> None:
    ann, bo = world.person(), world.person("bo@example.org")
    with world.state.change() as unit:
        for person, name in ((bo, "alpha"), (ann, "Zeta"), (ann, "beta")):
            unit.views.save(person.id, name, "/", True, CONSOLE)
        assert [view.name for view in unit.views.open_to(ann.id)] == ["beta", "Zeta", "alpha"]


def test_only_its_owner_deletes_a_view(world: World) -> None:
    ann, bo = world.person(), world.person("bo@example.org")
    with world.state.change() as unit:
        view = unit.views.save(ann.id, "Europe", "/", True, CONSOLE)
        with pytest.raises(Refusal):
            unit.views.delete(view.slug, bo.id, Actor(bo.id, ""))
        unit.views.delete(view.slug, ann.id, Actor(ann.id, ""))
        assert not unit.views.open_to(ann.id)


@pytest.mark.parametrize("address", [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "", "kpis", "/a\nb", 
    "/\t/evil.example",
    "/a b", "/" + "x" * 4000])
def test_an_address_that_may_lead_elsewhere_is_refused(world: World, address: str) -> None:
    ann = world.person()
    with pytest.raises(Refusal) as refused, world.state.change() as unit:
        unit.views.save(ann.id, "Elsewhere", address, False, CONSOLE)
    assert refused.value.reason == "address"


@pytest.mark.parametrize("address", ["/", "/kpis/win_rate?period=2025-Q1&by=rep", "/deals/O%2F1", "/team/东区"])
def test_an_address_of_ours_is_local(address: str) -> None:
    assert is_local(address)
