"""How the tables came to be what they are: one step per revision, run by Alembic when a database is opened."""
