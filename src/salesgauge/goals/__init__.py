"""What a company wants of its KPIs."""

from salesgauge.goals.target import Target, targets

__all__ = ["Target", "targets"]
