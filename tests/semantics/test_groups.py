"""Groups: what each has under a name, and which belong to a period."""

from __future__ import annotations

from salesgauge.semantics.groups import Groups

GROUPS = Groups(("span", "key_rep", "num"), [(1, "R1", 5), (0, None, 3), (1, "R2", 7)])


def test_a_column_has_the_value_of_each_group_and_none_where_there_is_no_such_column() -> None:
    assert list(GROUPS.column("num")) == [5, 3, 7]
    assert list(GROUPS.column("den")) == [None, None, None]


def test_groups_are_told_apart_by_their_period_in_the_order_in_which_they_stood() -> None:
    assert GROUPS.by_span([0, 1, 2]) == {
        0: Groups(GROUPS.names, [(0, None, 3)]), 1: Groups(GROUPS.names, [(1, "R1", 5), (1, "R2", 7)]), 2: Groups(GROUPS.names, [])}


def test_groups_as_dictionaries_name_each_value() -> None:
    assert GROUPS.dicts()[1] == {"span": 0, "key_rep": None, "num": 3}
