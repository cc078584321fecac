"""The KPI declarations, one file per area of the catalogue. Their docstrings are the definitions shown everywhere."""

from salesgauge.catalogue import customers, leads, market, people, pipeline  # declares the KPIs, in the order of AREAS
from salesgauge.semantics.kpi import Catalogue

AREAS = (leads, pipeline, market, customers, people)


def built_in() -> Catalogue:
    """The catalogue with every built-in KPI, in the order of the areas."""
    catalogue = Catalogue()
    for area in AREAS:
        area.declare(catalogue)
    return catalogue
