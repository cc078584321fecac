"""The records behind a number."""

from __future__ import annotations

from salesgauge.web.page import Page
from salesgauge.web.view import View


def rows_of(page: Page, name: str, view: View | None = None, side: str = "numerator") -> str:
    """The address of the records behind a side of a KPI or figure in a view."""
    root = "kpis" if name in page.site.desk.catalogue else "figures"
    return page.address(f"/{root}/{name}/records", view, side=side)
