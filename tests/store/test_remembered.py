"""Answers that are remembered: bounded, computed once, and nobody's to change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from salesgauge.store.remembered import Remembered

Compute = Callable[[list[str]], dict[str, list[int]]]


def counting(asked: list[str]) -> Compute:
    def compute(keys: list[str]) -> dict[str, list[int]]:
        asked.extend(keys)
        return {key: [len(key)] for key in keys}
    return compute


def test_what_was_computed_is_not_computed_again() -> None:
    asked: list[str] = []
    remembered = Remembered[str, list[int]]()
    assert remembered.fetch(["a", "bb", "a"], counting(asked)) == {"a": [1], "bb": [2]}
    assert remembered.fetch(["bb", "ccc"], counting(asked)) == {"bb": [2], "ccc": [3]}
    assert asked == ["a", "bb", "ccc"]


def test_who_changes_what_they_got_changes_it_for_nobody_else() -> None:
    remembered = Remembered[str, list[int]]()
    remembered.fetch(["a"], counting([]))["a"].append(9)
    remembered.fetch(["a"], counting([]))["a"].append(9)
    assert remembered.fetch(["a"], counting([])) == {"a": [1]}


def test_what_was_used_least_recently_is_forgotten_first() -> None:
    remembered, asked = Remembered[str, bytes](most_bytes=2500), list[str]()

    def compute(keys: list[str]) -> dict[str, bytes]:
        asked.extend(keys)
        return {key: bytes(1000) for key in keys}
    for key in ("a", "b", "a", "c", "a", "b"):
        remembered.fetch([key], compute)
    assert asked == ["a", "b", "c", "b"]
    assert len(remembered) == 2 and 2000 < remembered.bytes <= 2500


def test_threads_that_ask_the_same_at_once_have_it_computed_once() -> None:
    remembered, asked, begun, go_on = Remembered[str, list[int]](), list[str](), threading.Event(), threading.Event()

    def slow(keys: list[str]) -> dict[str, list[int]]:
        begun.set()
        assert go_on.wait(30)
        return counting(asked)(keys)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(remembered.fetch, ["a", "b"], slow)
        assert begun.wait(30)
        others = [pool.submit(remembered.fetch, ["b", key], counting(asked)) for key in ("a", "c")]
        go_on.set()
        assert first.result(30) == {"a": [1], "b": [1]}
        assert [other.result(30) for other in others] == [{"a": [1], "b": [1]}, {"b": [1], "c": [1]}]
    assert sorted(asked) == ["a", "b", "c"]


def test_threads_that_wait_for_each_others_values_both_end() -> None:
    remembered, together = Remembered[str, list[int]](), threading.Barrier(2, timeout=30)

    def meeting(keys: list[str]) -> dict[str, list[int]]:
        together.wait()
        return counting([])(keys)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(lambda: (remembered.fetch(["a"], meeting), remembered.fetch(["b"], counting([]))))
        two = pool.submit(lambda: (remembered.fetch(["b"], meeting), remembered.fetch(["a"], counting([]))))
        assert one.result(30) == ({"a": [1]}, {"b": [1]}) and two.result(30) == ({"b": [1]}, {"a": [1]})


def test_an_error_is_raised_to_who_computed_and_the_others_compute_themselves() -> None:
    remembered, begun, go_on = Remembered[str, list[int]](), threading.Event(), threading.Event()

    def failing(keys: list[str]) -> dict[str, list[int]]:
        begun.set()
        assert go_on.wait(30)
        raise ValueError("no such thing")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(remembered.fetch, ["a"], failing)
        assert begun.wait(30)
        second = pool.submit(remembered.fetch, ["a"], counting([]))
        go_on.set()
        with pytest.raises(ValueError, match="no such thing"):
            first.result(30)
        assert second.result(30) == {"a": [1]}
    assert len(remembered) == 1
