"""Derived tables, one file per concept: pure functions of the model, written once as Ibis expressions."""

from salesgauge.facts import customers, deals, leads, people, plans, purchases, timelines
from salesgauge.facts.registry import FACTS

__all__ = ["FACTS", "customers", "deals", "leads", "people", "plans", "purchases", "timelines"]
