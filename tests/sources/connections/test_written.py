"""Records become columns of text, and nothing of them changes its meaning on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.connections.written import TOGETHER, together, written


def test_values_are_written_as_a_mapping_reads_them() -> None:
    values = ["plain", "", 12, Decimal("7.50"), True, None, date(2025, 1, 5), datetime(2025, 1, 5, 9, tzinfo=UTC), ["a", {"b": "ц"}]]
    made = written("deals", ("id", "value"), ("id",), [{"id": place, "value": value} for place, value in enumerate(values)])
    assert made["value"].to_pylist() == ["plain", "", "12", "7.50", "true", None, "2025-01-05", "2025-01-05T09:00:00+00:00",
                                         '["a", {"b": "ц"}]']
    assert made["id"].to_pylist() == [str(place) for place in range(len(values))]


def test_a_column_that_a_record_lacks_is_empty_and_one_that_is_not_kept_is_left_out() -> None:
    made = written("deals", ("id", "value"), ("id",), [{"id": "1", "other": "x"}])
    assert made.to_pylist() == [{"id": "1", "value": None}]


@pytest.mark.parametrize(("record", "said"), [({"id": None}, "deals: a record has no id, which identifies it"),
                                              ({"id": "1", "value": b"\x00"}, "deals: value holds bytes, not text; leave the column out")])
def test_what_cannot_be_kept_is_refused(record: dict[str, object], said: str) -> None:
    with pytest.raises(SourceError) as problem:
        written("deals", ("id", "value"), ("id",), [record])
    assert problem.value.message == said


def test_pages_are_put_together_and_none_is_lost() -> None:
    pages = [written("deals", ("id",), ("id",), [{"id": f"{page}-{place}"} for place in range(700)]) for page in range(20)]
    pieces = list(together(iter(pages)))
    assert [key for piece in pieces for key in piece["id"].to_pylist()] == [key for page in pages for key in page["id"].to_pylist()]
    assert len(pieces) == 3 and len(pieces[0]) >= TOGETHER and list(together(iter(()))) == []
