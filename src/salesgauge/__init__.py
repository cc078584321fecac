"""salesgauge: every KPI a sales organisation runs on, computed from its own records."""

__version__ = "0.1.0"
