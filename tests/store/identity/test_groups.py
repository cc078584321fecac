"""Who is who: what people decided first, then keys that leave no doubt; never two records of one system unasked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from salesgauge.store.identity.groups import Verdict, grouped, latest, rank
from salesgauge.store.identity.keys import Shared

SYSTEMS = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c", "f1": ""}


def shared(kind: str, *names: str) -> Shared:
    return Shared(kind, "x", tuple((name, SYSTEMS[name]) for name in names))


def verdict(left: str, right: str, same: bool) -> Verdict:
    return Verdict("accounts", left, right, same)


def found(keys: Sequence[Shared], verdicts: Sequence[Verdict] = (), tax: Mapping[str, frozenset[str]] | None = None,
          prefer: Sequence[str] = ()) -> tuple[list[list[str]], set[tuple[str, str]]]:
    groups, doubts = grouped(keys, verdicts, SYSTEMS, tax or {}, prefer)
    return [[member.id for member in group.members] for group in groups], {(doubt.left, doubt.right) for doubt in doubts}


def test_a_key_that_each_system_has_once_makes_records_one() -> None:
    assert found([shared("domain", "a1", "b1", "c1", "f1")]) == ([["a1", "b1", "c1", "f1"]], set())


def test_a_key_that_a_system_has_twice_makes_nothing_one_and_all_of_it_a_doubt() -> None:
    assert found([shared("domain", "a1", "a2", "b1")]) == ([], {("a1", "a2"), ("a1", "b1"), ("a2", "b1")})


def test_a_second_key_never_brings_two_records_of_one_system_together() -> None:
    assert found([shared("tax_id", "a1", "b1"), shared("email", "a2", "b1")]) == ([["a1", "b1"]], {("a2", "b1")})


def test_tax_ids_that_contradict_each_other_leave_a_doubt() -> None:
    tax = {"a1": frozenset({"1"}), "b1": frozenset({"2"})}
    assert found([shared("domain", "a1", "b1")], tax=tax) == ([], {("a1", "b1")})


def test_a_person_may_make_two_of_one_system_one_and_tell_apart_what_a_key_joins() -> None:
    assert found([], [verdict("a1", "a2", True)]) == ([["a1", "a2"]], set())
    assert found([shared("domain", "a1", "b1")], [verdict("b1", "a1", False)]) == ([], set())
    both = [verdict("a1", "c1", True), verdict("b1", "c1", False)]
    assert found([shared("domain", "a1", "b1")], both) == ([["a1", "c1"]], {("a1", "b1")})


def test_the_last_word_on_a_pair_counts() -> None:
    assert latest([verdict("a1", "b1", True), verdict("a2", "b2", True), verdict("b1", "a1", False)]) == [
        verdict("a2", "b2", True), verdict("b1", "a1", False)]


def test_who_is_gone_is_in_no_group() -> None:
    assert found([], [verdict("a1", "gone", True)]) == ([], set())


def test_the_most_trusted_record_leads() -> None:
    assert found([shared("domain", "a1", "b1", "f1")], prefer=("b",)) == ([["b1", "a1", "f1"]], set())
    assert sorted(SYSTEMS, key=lambda name: rank(name, SYSTEMS[name], ("c", ""))) == ["c1", "f1", "a1", "a2", "b1", "b2"]
