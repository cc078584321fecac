"""What Alembic runs: the revisions, on the connection and in the transaction of whoever opens the database."""

from __future__ import annotations

from alembic import context

from salesgauge.state.tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
context.run_migrations()
