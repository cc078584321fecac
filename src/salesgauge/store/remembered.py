"""Answers that are remembered while they are used: bounded in bytes, each computed by one thread at a time."""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST_BYTES = 128 * 1024**2


class Remembered(Generic[K, V]):
    """Values by key; those used least recently are forgotten first. For several threads: what one is computing the others wait for.

    A value is kept as bytes, so that nobody changes what another gets.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._bytes = most_bytes, 0
        self._kept: OrderedDict[K, bytes] = OrderedDict()
        self._working: dict[K, Future[Any]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """How many bytes the values have together."""
        return self._bytes

    def fetch(self, keys: Iterable[K], compute: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The value of each key; `compute` gives those of the keys that neither are remembered nor being computed by another thread. Its
        error is raised here; who waited for those values computes them instead."""
        found: dict[K, V] = {}
        wanted = list(dict.fromkeys(keys))
        while wanted:
            mine, others = self._claim(wanted, found)
            if mine:
                found.update(self._computed(mine, compute))
            wanted = []
            for key, work in others.items():  # only now: who computes never waits, so that no two wait for each other
                if work.exception() is None:
                    found[key] = pickle.loads(work.result())
                else:
                    wanted.append(key)
        return found

    def _claim(self, wanted: list[K], found: dict[K, V]) -> tuple[list[K], dict[K, Future[Any]]]:
        mine: list[K] = []
        others: dict[K, Future[Any]] = {}
        held: dict[K, bytes] = {}
        with self._lock:
            for key in wanted:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    held[key] = self._kept[key]
                elif key in self._working:
                    others[key] = self._working[key]
                else:
                    self._working[key] = Future()
                    mine.append(key)
        found.update((key, pickle.loads(value)) for key, value in held.items())
        return mine, others

    def _computed(self, mine: list[K], compute: Callable[[list[K]], Mapping[K, V]]) -> Mapping[K, V]:
        try:
            values = compute(mine)
            packed = {key: pickle.dumps(values[key], pickle.HIGHEST_PROTOCOL) for key in mine}
        except BaseException as problem:
            with self._lock:
                work = [self._working.pop(key) for key in mine]
            for one in work:
                one.set_exception(problem)
            raise
        with self._lock:
            work = [self._working.pop(key) for key in mine]
            for key, value in packed.items():
                self._kept[key] = value
                self._bytes += len(value)
            while self._bytes > self._most and self._kept:
                _key, value = self._kept.popitem(last=False)
                self._bytes -= len(value)
        for one, value in zip(work, packed.values(), strict=True):
            one.set_result(value)
        return values
