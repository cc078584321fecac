"""The doctor: what the records of a generation lack or contradict, and which KPIs that costs."""

from salesgauge.store.doctor.diagnosis import diagnose
from salesgauge.store.doctor.finding import Finding

__all__ = ["Finding", "diagnose"]
