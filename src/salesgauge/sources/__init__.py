"""Where records come from: folders of canonical files, other people's files by a mapping (and later CRMs), staged for the store."""

from salesgauge.sources.folder import stage
from salesgauge.sources.mapping import stage_mapped

__all__ = ["stage", "stage_mapped"]
