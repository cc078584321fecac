"""Ranks."""

from analyses.answers import row
from salesgauge.analyses.leaderboard import leaderboard, on_target


def test_equals_share_a_rank_and_the_next_is_counted_on() -> None:
    found = leaderboard([row(1.0, rep="D"), row(0.1 + 0.2, rep="C"), row(2.0, rep="A"), row(0.3, rep="B"), row(0.2, rep="E")], "rep")
    assert [(s.key, s.rank) for s in found] == [("A", 1), ("D", 2), ("C", 3), ("B", 3), ("E", 5)]
    assert [s.share for s in found][:2] == [1, 0.5]


def test_where_less_is_better_the_least_leads() -> None:
    assert [s.key for s in leaderboard([row(9, rep="A"), row(3, rep="B")], "rep", "down")] == ["B", "A"]


def test_who_has_no_value_has_no_rank_and_comes_last() -> None:
    found = leaderboard([row(None, rep="A"), row(0, rep="B"), row(None, rep=None)], "rep")
    assert [(s.key, s.rank, s.share) for s in found] == [("B", 1, None), ("A", None, None), (None, None, None)]


def test_small_groups_are_left_out_altogether() -> None:
    assert [s.key for s in leaderboard([row(9, 4, team="A"), row(3, 5, team="B")], "team", smallest=5)] == ["B"]


def test_how_many_are_on_target() -> None:
    found = on_target(leaderboard([row(1 - 1e-13, rep="A"), row(0.9, rep="B"), row(None, rep="C")], "rep"))
    assert (found.reached, found.of) == (1, 2)
