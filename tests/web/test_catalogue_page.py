"""The catalogue: areas, and what a definition says."""

from __future__ import annotations

import re

from salesgauge.workspace import Workspace
from web.conftest import Browse


def test_an_area_is_shown_by_itself(browse: Browse, demo: Workspace) -> None:
    text = browse().get("/kpis?area=people").text
    shown = re.findall(r"<code>(\w+)</code>", text)
    assert shown == [kpi.id for kpi in demo.catalogue.values() if kpi.area == "people"]


def test_figures_have_an_area_of_their_own(browse: Browse, demo: Workspace) -> None:
    shown = re.findall(r"<code>(\w+)</code>", browse().get("/kpis?area=figures").text)
    assert shown == list(demo.figures) and not set(shown) & set(demo.catalogue)


def test_a_search_stays_within_the_area(browse: Browse) -> None:
    text = browse().get("/kpis?area=pipeline&q=rate").text
    assert "<code>win_rate</code>" in text and "<code>churn_rate</code>" not in text and 'value="pipeline"' in text


def test_a_definition_says_unit_direction_source_and_what_to_read_it_with(browse: Browse) -> None:
    text = " ".join(browse().get("/kpis?q=discount_rate").text.split())
    said = re.search(r"<code>discount_rate</code></dt>(.*?)</div>", text)
    assert said and all(part in said[1] for part in ("ratio · percent", "best within the band", "Close rate", "Source: D4"))


def test_what_can_only_be_asked_by_a_dimension_is_no_link(browse: Browse) -> None:
    text = browse().get("/kpis?area=figures").text
    assert re.search(r"<dt>What changed <code>deal_changes</code>", text) and "/figures/bookings/records" in text


def test_a_kpi_that_lacks_a_table_says_so(browse: Browse, bare: Workspace) -> None:
    assert "no data: needs leads" in browse(workspace=bare).get("/kpis?q=new_leads").text
