"""Random draws over whole arrays, each stream with its own seed so that nothing depends on the order of work."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def stream(seed: int, name: str, block: int = 0) -> np.random.Generator:
    """The generator of one part of the company: the same (seed, name, block) gives the same numbers."""
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence([seed, zlib.crc32(name.encode()), block])))


def choose(rng: np.random.Generator, weights: ArrayLike, count: int) -> Array:
    """`count` indices, each drawn in proportion to `weights`."""
    ladder = np.cumsum(np.asarray(weights, dtype=float))
    return np.asarray(np.minimum(np.searchsorted(ladder / ladder[-1], rng.random(count), side="right"), len(ladder) - 1))


def choose_each(rng: np.random.Generator, weights: Array) -> Array:
    """One index per row of `weights` (rows x options), drawn in proportion to that row."""
    ladder = np.cumsum(weights, axis=1)
    drawn = rng.random(len(weights))[:, None] * ladder[:, -1:]
    return np.asarray(np.minimum((drawn >= ladder).sum(axis=1), weights.shape[1] - 1))


def happens(rng: np.random.Generator, probability: Array | float, count: int) -> Array:
    """Booleans that are true with the given probability (one for all, or one each)."""
    return np.asarray(rng.random(count) < probability)


def logistic(x: ArrayLike) -> Array:
    """The probability whose log-odds are `x`."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(x, dtype=float))))


def spread(counts: Array) -> tuple[Array, Array]:
    """For each of `counts` repeated things: the index of its owner, and its place (0, 1, ...) among the owner's."""
    owner = np.repeat(np.arange(len(counts)), counts)
    ends = np.cumsum(counts)
    return owner, np.arange(len(owner)) - np.repeat(ends - counts, counts)
