"""How far the records reach."""

from datetime import UTC, date, datetime
from pathlib import Path

from salesgauge.store.recency import last_day
from salesgauge.workspace import Workspace


def test_the_last_day_is_the_local_day_of_the_last_event_that_was_not_later(tmp_path: Path) -> None:
    source = tmp_path / "files"
    source.mkdir()
    (source / "leads.csv").write_text("lead_id,created_at\nL1,2025-01-31T23:30:00Z\nL2,2025-06-01\n", encoding="utf-8")
    workspace = Workspace.create(tmp_path / "w", "Europe/Berlin", "EUR", {})
    workspace.load(source, now=datetime(2025, 7, 1, tzinfo=UTC))
    generation = workspace.generation()
    with workspace.reading() as con:
        assert last_day(con, generation, datetime(2025, 7, 1, tzinfo=UTC)) == date(2025, 6, 1)
        assert last_day(con, generation, datetime(2025, 3, 1, tzinfo=UTC)) == date(2025, 2, 1)
        assert last_day(con, generation, datetime(2024, 3, 1, tzinfo=UTC)) is None
