"""Any SQL database that SQLAlchemy speaks to, by a mapping file of one's own: README.md beside this file."""

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.sql_database.connector import connect

HELP = (Asked("url", "the address of the database, without its password", example="postgresql+psycopg://reader@db.example.com/crm"),
        Asked("tables", "the tables or views to read", example="deals, people"))

__all__ = ["HELP", "connect"]
