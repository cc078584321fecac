"""The registry that facts are declared in."""

from salesgauge.semantics.fact import Facts

FACTS = Facts()
