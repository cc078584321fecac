"""A KPI's page in use: filters, points of the trend, sorting, the way to the records and their file."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from browser.conftest import Open, overflows, violations

PATH = "/kpis/win_rate?period=2026-Q1&by=team"


def test_a_filter_is_chosen_in_a_menu_and_goes_by_its_chip(look: Open) -> None:
    page = look(PATH, width=390)
    page.locator("details.choose", has_text="Team").locator("summary").click()
    assert violations(page) == [] and not overflows(page)
    page.get_by_label("Sales DACH").check()
    page.locator("details.choose[open] button").click()
    expect(page).to_have_url(re.compile(r"by=team.*f\.team=Sales\+DACH|f\.team=Sales\+DACH.*by=team"))
    expect(page.locator("table.slices tbody tr")).to_have_count(1)
    page.get_by_label("Remove the filter Team").click()
    expect(page).not_to_have_url(re.compile("f.team"))


def test_the_empty_value_of_a_filter_stays_in_the_address(look: Open) -> None:
    page = look("/kpis/revenue?period=2026-Q1&f.team=")
    page.get_by_label("Compare with").select_option("year")
    expect(page).to_have_url(re.compile(r"f\.team=(&|$).*compare=year|compare=year.*f\.team=(&|$)"))
    expect(page.locator(".chips")).to_contain_text("unknown")


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(look: Open) -> None:
    page = look(PATH)
    menu = page.locator("details.choose", has_text="Region")
    menu.locator("summary").click()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")


def test_a_point_of_the_trend_says_its_value_and_opens_its_records(look: Open) -> None:
    page = look(PATH + "&grain=month")
    point = page.locator(".points a").nth(6)
    point.hover()
    said = point.locator("span")
    expect(said).to_be_visible()
    month = said.inner_text().split("\n")[0]
    point.click()
    expect(page.locator(".stepper strong")).to_have_text(month)
    expect(page.locator("h1")).to_contain_text("Win rate")


def test_the_breakdown_is_sorted_by_a_click_and_opens_into_records_and_a_file(look: Open) -> None:
    page = look(PATH)
    page.get_by_role("columnheader", name="Cases").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Cases")).to_have_attribute("aria-sort", "descending")
    page.locator("table.slices tbody tr").first.locator("td.number a").first.click()
    expect(page).to_have_url(re.compile(r"/kpis/win_rate/records\?period=2026-Q1&f\.team=[^&]+&side=numerator"))
    with page.expect_download() as saved:
        page.get_by_role("link", name="Excel").click()
    assert re.fullmatch(r"salesgauge-win_rate-numerator-2026-Q1-[\w-]+\.xlsx", saved.value.suggested_filename)


def test_everything_can_be_read_and_filtered_without_scripts(look: Open) -> None:
    page = look(PATH, scripts=False)
    page.locator("details.choose", has_text="Team").locator("summary").click()
    page.get_by_label("Sales DACH").check()
    page.locator("details.choose[open] button").click()
    expect(page.locator("table.slices tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Show the SQL").click()
    expect(page.locator("pre").first).to_contain_text("SELECT")
