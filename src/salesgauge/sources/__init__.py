"""Where records come from: folders of files (and later other people's exports and CRMs), staged for the store."""

from salesgauge.sources.folder import stage

__all__ = ["stage"]
