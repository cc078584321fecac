"""Benchmarks: what the program takes, beside what plain DuckDB takes for the same in the same run. Begin with `python -m bench`."""
