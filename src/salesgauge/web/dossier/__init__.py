"""One record opened: what it says, what happened to it, and where it counts in the KPIs."""

from salesgauge.web.dossier.counted import Counted, counted
from salesgauge.web.dossier.told import Field, Line, fields, line, title

__all__ = ["Counted", "Field", "Line", "counted", "fields", "line", "title"]
