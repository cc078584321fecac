"""The page of a KPI."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from salesgauge.web.view import instant_text, page_instant
from salesgauge.workspace import Workspace
from web.conftest import NOW, Browse


def test_every_kpi_has_its_page(browse: Browse, demo: Workspace) -> None:
    client = browse()
    for kpi in demo.catalogue:
        assert client.get(f"/kpis/{kpi}").status_code == 200, kpi


def test_the_value_is_that_of_the_command_line(browse: Browse, demo: Workspace) -> None:
    as_of = instant_text(page_instant(NOW, datetime(2026, 5, 20, 9, 2, tzinfo=UTC)))
    answer = demo.answer([{"kpi": "win_rate", "period": "2026-Q1", "as_of": as_of}])[0]["rows"][0]
    assert f"{answer['value'] * 100:.1f}%" in browse().get("/kpis/win_rate?period=2026-Q1").text


def test_a_filter_that_the_kpi_does_not_have_leaves_no_value(browse: Browse) -> None:
    text = browse().get("/kpis/new_leads?f.product=P1").text
    assert "does not have this dimension" in text


@pytest.mark.parametrize("by", ["team", "rep", "tier"])
def test_it_breaks_down_by_each_dimension(browse: Browse, by: str) -> None:
    assert browse().get(f"/kpis/win_rate?by={by}&period=2026-Q1").text.count("<tr") > 2


def test_the_catalogue_finds_kpis_by_name_in_each_language(browse: Browse) -> None:
    assert browse().get("/kpis?q=win+rate").text.count("<dt>") >= 3
    assert "win_rate" in browse().get("/kpis?q=获胜率", headers={"accept-language": "zh-CN"}).text
    assert "Nothing was found for “coffee”" in browse().get("/kpis?q=coffee").text
