"""Worked examples: rows by hand, the answer by hand."""
