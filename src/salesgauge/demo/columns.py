"""Arrow columns out of the simulation's arrays: ids, words, instants, dates, numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from salesgauge.demo.draws import Array
from salesgauge.demo.workdays import NEVER, NONE, Clock

_FOUR = np.array([f"{n:04d}".encode() for n in range(10_000)], dtype="S4").view(np.uint32)  # four digits as one machine word


def ids(prefix: str, numbers: Array, digits: int) -> pa.Array:
    """Texts such as `D000012`; a number below 0 is empty. Numbers are below 2**32 and below ten to the power of `digits` (at most 12)."""
    count = len(numbers)
    letters = np.empty((count, 3), dtype=np.uint32)
    rest = np.maximum(numbers, 0).astype(np.uint32)
    for place in (2, 1, 0):
        above = rest // np.uint32(10_000)
        letters[:, place] = _FOUR[rest - above * np.uint32(10_000)]
        rest = above
    cells = np.empty((count, len(prefix) + digits), dtype=np.uint8)
    cells[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    cells[:, len(prefix) :] = letters.view(np.uint8).reshape(count, 12)[:, 12 - digits :]
    return _fixed_texts(cells, numbers >= 0)


def _fixed_texts(cells: Array, known: Array) -> pa.Array:
    """Texts of one width from their bytes (rows x width)."""
    count, width = cells.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32) if width else np.zeros(count + 1, dtype=np.int32)
    mask = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(cells), mask)


def words(places: Array, known: Sequence[str]) -> pa.Array:
    """The words at those places; a place below 0 is empty."""
    empty = places < 0
    return pa.array(known, pa.string()).take(pa.array(places.clip(0), pa.int32(), mask=empty if empty.any() else None))


def instants(clock: Clock, at: Array) -> pa.Array:
    """UTC timestamps of local instants; NONE and NEVER are empty."""
    empty = (at == NONE) | (at == NEVER)
    utc = clock.utc(np.where(empty, 0, at)) * 1_000_000
    return pa.array(utc, pa.timestamp("us", "UTC"), mask=empty if empty.any() else None)


def dates(days: Array) -> pa.Array:
    """Dates of day numbers; NONE and NEVER are empty."""
    empty = (days == NONE) | (days == NEVER)
    return pa.array(np.where(empty, 0, days).astype("datetime64[D]"), pa.date32(), mask=empty if empty.any() else None)


def numbers(values: Array, places: int = 2) -> pa.Array:
    """Numbers rounded to that many places; NaN is empty."""
    values = np.asarray(values, dtype=float)
    empty = np.isnan(values)
    return pa.array(np.round(values, places) + 0.0, pa.float64(), mask=empty if empty.any() else None)


def booleans(values: Array, known: Array | None = None) -> pa.Array:
    """Booleans; empty where not `known`."""
    return pa.array(values, pa.bool_(), mask=None if known is None else ~known)


def blank_some(rng: np.random.Generator, share: float, places: Array, blank: int | float = -1) -> Array:
    """The same values with a share of the cells emptied, as people leave them."""
    return np.where(rng.random(len(places)) < share, blank, places)


_SECONDS = np.array([list(f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z".encode()) for s in range(86_400)], dtype=np.uint8)


def instants_as_text(column: pa.ChunkedArray) -> pa.Array:
    """`2026-06-30T09:15:00Z` for each timestamp."""
    flat = column.combine_chunks()
    known = np.asarray(flat.is_valid())
    seconds = np.asarray(flat.cast(pa.int64()).fill_null(0)) // 1_000_000
    if not known.all():
        seconds = np.where(known, seconds, seconds[known].min() if known.any() else 0)
    day, second = np.divmod(seconds, 86_400)
    low, high = (int(day.min()), int(day.max())) if len(day) else (0, 0)
    names = np.datetime_as_string(np.arange(low, high + 1).astype("datetime64[D]"))
    letters = np.array([list(n.encode()) for n in names], dtype=np.uint8)
    return _fixed_texts(np.concatenate([letters[day - low], _SECONDS[second]], axis=1), known)
