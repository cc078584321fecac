from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from salesgauge.demo.columns import booleans, dates, ids, instants, instants_as_text, numbers, words
from salesgauge.demo.draws import choose, choose_each, spread, stream
from salesgauge.demo.workdays import NEVER, NONE, clock, day_number


def test_ids_are_padded_and_empty_below_zero() -> None:
    assert ids("D", np.array([0, 12, 999_999_999, -1]), 9).to_pylist() == ["D000000000", "D000000012", "D999999999", None]
    assert ids("P", np.array([7, 123]), 3).to_pylist() == ["P007", "P123"]
    assert ids("P", np.array([], dtype=int), 3).to_pylist() == []


def test_words_dates_numbers_and_booleans_know_what_is_empty() -> None:
    assert words(np.array([1, -1, 0]), ("a", "b")).to_pylist() == ["b", None, "a"]
    assert dates(np.array([day_number(date(2026, 6, 30)), int(NONE), int(NEVER)])).to_pylist() == [date(2026, 6, 30), None, None]
    assert numbers(np.array([1.006, np.nan, -0.0])).to_pylist() == [1.01, None, 0.0]
    assert booleans(np.array([True, False]), np.array([True, False])).to_pylist() == [True, None]


def test_instants_are_written_in_utc_with_a_z() -> None:
    noon = day_number(date(2026, 6, 30)) * 86_400 + 12 * 3_600
    column = instants(clock(date(2026, 6, 30)), np.array([noon, int(NEVER), noon + 61]))
    assert instants_as_text(pa.chunked_array([column])).to_pylist() == ["2026-06-30T10:00:00Z", None, "2026-06-30T10:01:01Z"]


def test_a_stream_depends_on_seed_name_and_block_only() -> None:
    first = stream(1, "leads", 3).random(4)
    assert (stream(1, "leads", 3).random(4) == first).all()
    for other in (stream(2, "leads", 3), stream(1, "deals", 3), stream(1, "leads", 4)):
        assert (other.random(4) != first).all()


def test_draws_follow_their_weights() -> None:
    rng = stream(1, "test")
    assert np.allclose(np.bincount(choose(rng, (1, 2, 7), 50_000)) / 50_000, (.1, .2, .7), atol=.01)
    each = choose_each(rng, np.tile([[0.0, 3.0, 1.0]], (50_000, 1)))
    assert np.allclose(np.bincount(each, minlength=3) / 50_000, (0, .75, .25), atol=.01)


def test_spread_repeats_each_owner_and_counts_within_it() -> None:
    owner, place = spread(np.array([2, 0, 3]))
    assert owner.tolist() == [0, 0, 2, 2, 2]
    assert place.tolist() == [0, 1, 0, 1, 2]
