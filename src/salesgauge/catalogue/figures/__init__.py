"""Figures: what the pages show beside the KPIs (the bookings behind an attainment, the parts of a pipeline's movement, the deals to
work on). They are declared, filtered, restricted to a viewer and opened into records as KPIs are, but are none: nothing is steered by
them, and what lists the KPIs does not list them."""

from salesgauge.catalogue.figures import customers, movement, people, pipeline, plans, stages
from salesgauge.semantics.kpi import Catalogue

AREAS = (plans, pipeline, movement, stages, customers, people)


def figures() -> Catalogue:
    """The catalogue of every figure, in the order of the areas; no id is that of a KPI."""
    catalogue = Catalogue()
    for area in AREAS:
        area.declare(catalogue)
    return catalogue
