"""Any SQL database that SQLAlchemy speaks to, by a mapping file of one's own: README.md beside this file."""

from salesgauge.sources.sql_database.connector import connect

__all__ = ["connect"]
