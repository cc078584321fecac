"""Sign-in, account and administration in a real browser: signed in by the form, in languages, themes and widths by pairs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from browser.conftest import overflows, running, violations
from browser.test_every_page import ALL, EVERYTHING, LOOKS, PICTURES
from salesgauge.state import Role
from salesgauge.web.access import with_access
from salesgauge.workspace import Workspace
from sources.exports.making_files import as_csv, deals, rows
from state.world import CONSOLE, PASSWORD, World
from web.conftest import NOW

INSIDE = ("/account", "/administration/people", "/administration/people/2", "/administration/log", "/administration/log?until=2020-01-01",
          "/administration/tokens", "/administration/rules", "/administration/people/99", "/data/import", "/data/import/nothing")
OUTSIDE = ("/sign-in", "/sign-in?done=signed_out", "/enter/LINK", "/enter/nothing")
Look = tuple[str, str, int]


@pytest.fixture(scope="module")
def server(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, World]]:
    """The application with two people, a token and an invitation, running; its address."""
    world = World.make(tmp_path_factory.mktemp("people"))
    world.now = NOW
    ann = world.person(administers=True)
    bo = world.person("bo@example.org", Role.REP, "R1", password=None)
    with world.state.change() as unit:
        unit.tokens.make(ann.id, "Weekly sheet", ["questions", "records"], 30, CONSOLE)
        unit.links.invite(bo.id, CONSOLE)
    app = with_access(company, world.state, clock=lambda: world.now)
    with running(app) as address:
        yield address, world
    world.state.close()


@pytest.fixture(scope="module")
def browse(server: tuple[str, World], chromium: Browser) -> Iterator[Callable[[Look, bool], Page]]:
    """Gives a page of a browser of some look, in which Ann has signed in or nobody has; one browser for each."""
    contexts: dict[tuple[Look, bool], BrowserContext] = {}

    def opened(look: Look, inside: bool) -> Page:
        language, theme, width = look
        if (look, inside) not in contexts:
            context = contexts[look, inside] = chromium.new_context(
                base_url=server[0], viewport={"width": width, "height": 900}, locale=language,
                color_scheme="dark" if theme == "dark" else "light")
            if inside:
                page = context.new_page()
                page.goto("/sign-in?next=/account")
                page.fill("input[name=email]", "ann@example.org")
                page.fill("input[name=password]", PASSWORD)
                page.click("main button")
                page.wait_for_url("**/account")
                page.close()
        return contexts[look, inside].new_page()
    yield opened
    for context in contexts.values():
        context.close()


def looks(place: int) -> tuple[Look, ...]:
    """As in test_every_page: two looks that differ in everything, the next page the other two."""
    return ALL if EVERYTHING else (LOOKS[place % 2 * 3], LOOKS[1 + place % 2])


@pytest.mark.parametrize(("path", "look"), [(path, look) for place, path in enumerate((*INSIDE, *OUTSIDE)) for look in looks(place)])
def test_a_page_about_access_is_accessible_and_fits(browse: Callable[[Look, bool], Page], server: tuple[str, World], path: str,
                                                    look: Look) -> None:
    if path == "/enter/LINK":
        with server[1].state.change() as unit:
            path = f"/enter/{unit.links.invite(2, CONSOLE)}"
    page = browse(look, path in INSIDE)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") and "status of 404" not in said.text
            else None)
    page.goto(path)
    if PICTURES:
        name = re.sub(r"\W+", "-", re.sub(r"/enter/[\w-]{30,}", "/enter-link", path)).strip("-")
        page.screenshot(path=Path(os.environ["SALESGAUGE_SCREENSHOTS"]) / f"{name}.{look[0]}.{look[1]}.{look[2]}.png", full_page=True)
    assert violations(page) == []
    assert not overflows(page)
    assert not complaints
    page.close()


def test_somebody_comes_in_changes_the_theme_and_goes_out_by_the_keyboard(browse: Callable[[Look, bool], Page]) -> None:
    page = browse(("en", "light", 1440), False)
    page.goto("/kpis")
    page.wait_for_url("**/sign-in?next=%2Fkpis")
    page.focus("input[name=email]")
    page.keyboard.type("ann@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/kpis")
    page.click("details.person summary")
    page.select_option("details.person select[name=theme]", "dark")
    page.click("details.person form[action='/preferences'] button")
    page.wait_for_url("**/kpis")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.click("details.person summary")
    page.click("details.person form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in?done=signed_out")
    assert "You are signed out." in page.inner_text("main")
    page.goto("/account")
    page.wait_for_url("**/sign-in?next=%2Faccount")
    page.close()


def test_files_are_sent_asked_about_and_thrown_away(browse: Callable[[Look, bool], Page], tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(as_csv(rows("ru", deals("ru", early=True), day=lambda d: d.strftime("%d/%m/%Y"))))
    for place, look in enumerate(LOOKS[:2] + LOOKS[-1:]):
        page = browse(look, True)
        page.goto("/data/import")
        page.set_input_files("input[type=file]", path)
        page.click("main form button.main")
        page.wait_for_url(re.compile("/data/import/[^/]{22}$"))
        for select in page.query_selector_all("select[name=answer]"):
            assert violations(page) == [] and not overflows(page)
            select.select_option("%d/%m/%Y")
        page.click("main form button.main")
        page.wait_for_selector("form[action$='/load']")
        assert violations(page) == [] and not overflows(page)
        if PICTURES:
            page.screenshot(path=Path(os.environ["SALESGAUGE_SCREENSHOTS"]) / f"import-{place}.png", full_page=True)
        page.click("form[action$='/discard'] button")
        page.wait_for_url("**/data/import")
        page.close()
