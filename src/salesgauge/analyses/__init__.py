"""What pages and reports make of answers: one file per analysis, pure functions from the rows of answers (spec/compute.md) or records
to frozen results. No statistics of our own: tests and adjustments are SciPy's."""
