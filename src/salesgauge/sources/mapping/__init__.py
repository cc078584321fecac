"""Other people's CSV files, staged as a declarative mapping file (TOML) says: docs/how-to/map-other-files.md."""

from salesgauge.sources.mapping.stage import stage_mapped

__all__ = ["stage_mapped"]
