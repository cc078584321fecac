"""Suggestions: names of two systems that are alike, with a score; what is one, or was told apart, is suggested no more."""

from __future__ import annotations

import pytest

from salesgauge.store.identity.groups import Doubt, Group, Member, Verdict
from salesgauge.store.identity.suggesting import BEST, CROWD, Record, alike, suggestions

RECORDS = [Record("a1", "Acme Steel GmbH", "a"), Record("a2", "Bolt Trading", "a"), Record("a3", None, "a"),
           Record("a4", "Acme Steel", "a"), Record("b1", "ACME STEELS", "b"),
           Record("b2", "Trading Bolt Ltd", "b"), Record("b3", "Corner Shop", "b")]
BY_ID = {record.id: record for record in RECORDS}


def test_only_records_of_different_systems_are_compared_whatever_the_order_of_the_words() -> None:
    assert [(left, right) for left, right, _value in alike(RECORDS, company=True)] == [("a1", "b1"), ("a2", "b2"), ("a4", "b1")]
    assert {(left, right): value for left, right, value in alike(RECORDS, company=True)}["a2", "b2"] == 100


def test_a_name_is_compared_by_what_is_rare_in_it_and_has_few_suggestions() -> None:
    crowd = [Record(f"{system}{number}", f"{word} Trading", system) for system in "ab" for number, word in enumerate(["Common"] * CROWD)]
    assert alike(crowd, company=True) == []  # what everybody is called tells nobody from the others
    few = [Record("a", "Rarity", "a"), *(Record(f"b{n}", "Rarity", "b") for n in range(BEST + 3))]
    assert len(alike(few, company=True)) == BEST + 3  # each of the others has but one


def test_a_score_grows_with_what_speaks_for_it_and_falls_where_tax_ids_differ() -> None:
    pairs = [("a1", "b1", 95.0), ("a2", "b2", 100.0)]
    doubts = [Doubt("a1", "b1", (("domain", "acme.example"),)), Doubt("a3", "b3", (("email", "x@y.z"),))]
    found = {(s.left.id, s.right.id): s for s in suggestions(BY_ID, pairs, doubts, [], [], {}, company=True)}
    assert found["a1", "b1"].score == pytest.approx(1 - (1 - 0.9 * 35 / 40) * 0.25, abs=1e-4)
    assert found["a2", "b2"].score == pytest.approx(0.9) and found["a2", "b2"].alike == 1 and found["a2", "b2"].keys == ()
    assert found["a3", "b3"].score == pytest.approx(0.9) and found["a3", "b3"].alike is None
    tax = {"a1": frozenset({"1"}), "b1": frozenset({"2"})}
    other = suggestions(BY_ID, pairs, doubts, [], [], tax, company=True)
    assert [(s.left.id, s.differs) for s in other] == [("a2", False), ("a3", False), ("a1", True)]


def test_what_is_one_already_or_was_told_apart_is_not_suggested() -> None:
    group = Group((Member("a1", "a", ""), Member("b1", "b", "domain")))
    apart = [Verdict("accounts", "b2", "a2", False)]
    assert suggestions(BY_ID, [("a1", "b1", 95.0), ("a2", "b2", 100.0)], [], [group], apart, {}, company=True) == []
