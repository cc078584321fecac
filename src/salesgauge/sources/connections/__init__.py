"""Connected systems: a connection's settings and secrets, its streams, the raw file that they fill, and from there the mapping."""
