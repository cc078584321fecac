"""Every page, in languages, themes and widths by pairs: axe finds nothing, nothing scrolls sideways, the browser complains of nothing.

`make test-browser-all` tries every combination (SALESGAUGE_BROWSER=all); `make screenshots` also keeps a picture of each.
"""

from __future__ import annotations

import os
import re
from itertools import product
from pathlib import Path

import pytest

from browser.conftest import Open, hidden_columns, overflows, violations

PAGES = ("/", "/kpis", "/kpis/win_rate?by=team", "/kpis/revenue?period=2026-Q1&compare=year&f.team=Nordic",
         "/pipeline", "/leaderboards?kpi=win_rate_decided&period=2025", "/customers?period=2026-Q1", "/people?period=2026-Q1",
         "/market?period=2026-Q1", "/data", "/data/rejects", "/data/doctor", "/data/kpis?period=2026-Q1", "/kpis?area=figures",
         "/kpis/sales_cycle_length?grain=week&across=team&compare=2025-Q3&sql=1", "/kpis/quota_attainment?sort=-change&as_of=2026-03-01",
         "/kpis/win_rate/records?side=denominator&sort=-amount", "/figures/open_deals/records?q=an&period=2026-Q2",
         "/kpis/new_leads?f.product=P1", "/explore", "/explore?kpi=win_rate&kpi=revenue&by=team&grain=month&period=2025",
         "/explore?kpi=new_leads&by=channel&by=region&show=bars", "/records/opportunities/D000000100?part=kpis&period=2024-Q1",
         "/records/reps/R000010", "/find?q=an")
LOOKS = (("en", "light", 1440), ("zh-CN", "dark", 1440), ("ru", "dark", 390), ("zh-TW", "light", 390))  # each pair of two occurs
LONGEST = (("ru", "light", 1440),)  # beside a link in a cell stand words: in Russian more than the link has
ALL = tuple(product(("en", "zh-CN", "zh-TW", "ru"), ("light", "dark"), (1440, 390)))
EVERYTHING = os.environ.get("SALESGAUGE_BROWSER") == "all"
PICTURES = os.environ.get("SALESGAUGE_SCREENSHOTS")


def looks(place: int) -> tuple[tuple[str, str, int], ...]:
    """The looks in which the page at a place of the list is tried: two that differ in everything, the next page the other two."""
    longest = LONGEST if PAGES[place].startswith("/leaderboards") else ()
    return ALL if EVERYTHING else (LOOKS[place % 2 * 3], LOOKS[1 + place % 2], *longest)


@pytest.mark.parametrize(("path", "language", "theme", "width"), [
    (path, *look) for place, path in enumerate(PAGES) for look in looks(place)])
def test_a_page_is_accessible_and_fits(look: Open, path: str, language: str, theme: str, width: int) -> None:
    page = look(path, language=language, theme=theme, width=width)
    if PICTURES:
        name = re.sub(r"\W+", "-", path).strip("-") or "home"
        page.screenshot(path=Path(PICTURES) / f"{name}.{language}.{theme}.{width}.png", full_page=True)
    assert violations(page) == []
    assert not overflows(page)
    assert width < 1440 or hidden_columns(page) == []
