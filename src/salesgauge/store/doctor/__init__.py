"""The doctor: what the records of a generation lack or contradict, which KPIs that costs, and what of the store's files is damaged."""

from salesgauge.store.doctor.damage import examine
from salesgauge.store.doctor.diagnosis import diagnose
from salesgauge.store.doctor.finding import Finding

__all__ = ["Finding", "diagnose", "examine"]
