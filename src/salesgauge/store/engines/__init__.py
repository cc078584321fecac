"""Engines: databases and clusters beside the local store, which hold the same rows, build the facts and answer what is asked of them."""
