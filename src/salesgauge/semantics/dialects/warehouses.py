"""What Trino, Snowflake and BigQuery have in common that the other engines do otherwise."""

from __future__ import annotations

from typing import Any

import sqlglot.expressions as sge

from salesgauge.semantics.carrying import Carrying


class WarehouseWriting(Carrying):
    """Mixed into a compiler of the expression library."""

    f: Any

    def among(self, value: Any, several: Any) -> Any:
        """Whether a value is among a list."""
        return sge.In(this=value, expressions=[several])

    def visit_Greatest(self, op: Any, *, arg: Any) -> Any:
        """The greatest of the values that there are: these engines give nothing as soon as one of them is empty."""
        return self._passing_over(self.f.greatest, arg)

    def visit_Least(self, op: Any, *, arg: Any) -> Any:
        """The least of the values that there are."""
        return self._passing_over(self.f.least, arg)

    def _passing_over(self, chosen: Any, values: Any) -> Any:
        assert len(values) == 2, "of more than two values some may be empty and others not"
        return self.f.coalesce(chosen(*values), *values)
