"""The controls of a view in a browser: what they change stands in the address, and the page is not loaded anew."""

from __future__ import annotations

from browser.conftest import Open


def test_another_period_comes_without_loading_the_page_anew(look: Open) -> None:
    page = look("/kpis/win_rate?period=2026-Q1")
    page.evaluate("window.kept = true")
    page.get_by_label("The period before").click()
    page.wait_for_url("**/kpis/win_rate?period=2025-Q4")
    page.get_by_text("Q4 2025", exact=True).first.wait_for()
    assert page.evaluate("window.kept") is True
    page.go_back()
    page.get_by_text("Q1 2026", exact=True).first.wait_for()
    assert page.url.endswith("period=2026-Q1")


def test_a_comparison_is_chosen_by_its_list(look: Open) -> None:
    page = look("/kpis/win_rate?period=2026-Q1")
    page.get_by_label("Compare with").select_option("year")
    page.wait_for_url("**compare=year**")
    page.get_by_text("compared with Q1 2025").first.wait_for()


def test_the_palette_finds_a_kpi_and_opens_its_page(look: Open) -> None:
    page = look("/pipeline?period=2026-Q1")
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox").fill("retention")
    page.locator("dialog").get_by_role("link", name="Customer retention rate").click()
    page.wait_for_url("**/kpis/customer_retention_rate?period=2026-Q1")


def test_the_pages_can_be_read_without_scripts(look: Open) -> None:
    page = look("/kpis/win_rate?period=2026-Q1", scripts=False)
    page.get_by_label("The period before").click()
    page.wait_for_url("**/kpis/win_rate?period=2025-Q4")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("retention")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Customer retention rate").wait_for()
