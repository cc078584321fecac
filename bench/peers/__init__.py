"""The same questions answered by others: hand-written SQL, pandas, polars and MetricFlow, each over the same Parquet parts of a workspace.

A peer's answer is compared with ours before it is timed: one that computes something else is no peer."""
