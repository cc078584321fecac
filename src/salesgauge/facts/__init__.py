"""Derived tables, one file per concept: pure functions of the model, written once as Ibis expressions."""

from salesgauge.facts import agenda, cohorts, customers, deals, leads, people, pipeline, plans, purchases, stages, timelines
from salesgauge.facts.registry import FACTS

__all__ = ["FACTS", "agenda", "cohorts", "customers", "deals", "leads", "people", "pipeline", "plans", "purchases", "stages", "timelines"]
