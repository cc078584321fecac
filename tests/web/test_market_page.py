"""The page of the market."""

from __future__ import annotations

import re

from salesgauge.serving import ServedWorkspace
from salesgauge.workspace import Workspace
from web.conftest import Browse


def test_the_prices_are_those_of_one_product_beside_ours(browse: Browse, demo: ServedWorkspace) -> None:
    text = browse(workspace=demo).get("/market?period=2026-Q1&product=P002").text
    rows = demo.answer([{"kpi": "average_retail_price", "period": "2026-03", "by": ["competitor"], "where": {"product": ["P002"]},
                           "as_of": "2026-05-20T09:02:00Z"}])[0]["rows"]
    prices = re.search(r'aria-labelledby="prices">(.*?)</section>', text, re.DOTALL)
    assert prices and "Average selling price" in prices[1]
    for row in rows:
        assert f">€{row['value']:,.2f}</a>" in prices[1] and row["by"]["competitor"] in prices[1]
    assert prices[1].count("<option") == 12 and re.search(r'value="P002" selected', prices[1])


def test_a_product_that_nobody_priced_gives_the_one_seen_most(browse: Browse, demo: ServedWorkspace) -> None:
    assert " selected" in browse(workspace=demo).get("/market?period=2026-Q1&product=P999").text


def test_shares_of_the_mix_are_those_of_the_command_line(browse: Browse, demo: ServedWorkspace) -> None:
    text = browse(workspace=demo).get("/market?period=2026-Q1").text
    mix = re.search(r'aria-labelledby="mix-family">(.*?)</section>', text, re.DOTALL)
    rows = demo.answer([{"kpi": "product_mix", "period": "2026-Q1", "by": ["family"], "as_of": "2026-05-20T09:02:00Z"}])[0]["rows"]
    assert mix and all(f"{row['value'] * 100:.1f}%" in mix[1] for row in rows)


def test_discounts_are_told_by_what_is_chosen(browse: Browse, demo: ServedWorkspace) -> None:
    client = browse(workspace=demo)
    for by, heading in (("rep", "Rep"), ("product", "Product"), ("family", "Product family"), ("luck", "Rep")):
        text = client.get(f"/market?period=2026-Q1&discounts={by}").text
        assert re.search(rf'id="discount">.*?<span class="second">{heading}</span>', text, re.DOTALL), by


def test_what_lacks_a_table_says_which(browse: Browse, bare: Workspace) -> None:
    answer = browse(workspace=bare).get("/market")
    assert answer.status_code == 200
    assert "no data: needs price_observations" in answer.text and "no data: needs orders" in answer.text
