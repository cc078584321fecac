"""Where a record counts."""

from __future__ import annotations

from typing import Any, cast

from salesgauge.store.records import Records, RecordsPage
from salesgauge.web.dossier.counted import _named


class Pages:
    """Records of which 1,200 hold the name that is looked for."""

    def page(self, search: str, sort: str | None, descending: bool, offset: int, limit: int) -> RecordsPage:
        rows: list[dict[str, Any]] = [{"id": str(n)} for n in range(offset, min(offset + limit, 1200))]
        return RecordsPage(kpi="win_rate", side="numerator", total=1200, count=5000, matching=1200, columns=(), rows=rows)


def test_a_short_id_is_found_behind_all_the_others_that_hold_it() -> None:
    assert [row["id"] for row in _named(cast(Records, Pages()), "1")] == [str(n) for n in range(1200)]
