"""Deciding who is who in a real browser: also one that runs no scripts; in languages, themes and widths by pairs."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser.conftest import overflows, running, violations
from browser.test_every_page import ALL, EVERYTHING, LOOKS, PICTURES
from salesgauge.web.access import with_access
from sources.connections.company import NOW
from state.world import PASSWORD
from two_systems import Firm

PATHS = ("/data/identity", "/data/identity?show=joined", "/data/identity?show=apart&entity=reps", "/data/identity?q=nobody&entity=contacts")
Look = tuple[str, str, int]


@pytest.fixture(scope="module")
def firm(two_systems: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    made = Firm.of(Path(shutil.copytree(two_systems, tmp_path_factory.mktemp("firm") / "workspace")))
    made.world.now = NOW
    made.world.person()
    made.decide("b-77", "c-R2", "apart", "reps")
    yield made
    made.world.state.close()


@pytest.fixture(scope="module")
def server(firm: Firm) -> Iterator[str]:
    """The application, running; its address."""
    app = with_access(firm.workspace, firm.world.state, clock=lambda: firm.world.now)
    with running(app) as address:
        yield address


def signed_in(chromium: Browser, server: str, look: Look, *, scripts: bool = True) -> Page:
    """A page of a browser of some look in which Ann has signed in."""
    language, theme, width = look
    page = chromium.new_context(base_url=server, viewport={"width": width, "height": 900}, locale=language, java_script_enabled=scripts,
                                color_scheme="dark" if theme == "dark" else "light").new_page()
    page.goto("/sign-in?next=/data/identity")
    page.fill("input[name=email]", "ann@example.org")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/data/identity")
    return page


@pytest.mark.parametrize("look", ALL if EVERYTHING else LOOKS)
def test_the_page_is_accessible_and_fits(chromium: Browser, server: str, look: Look) -> None:
    page = signed_in(chromium, server, look)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    for path in PATHS:
        page.goto(path)
        if PICTURES:
            name = re.sub(r"\W+", "-", path).strip("-")
            page.screenshot(path=Path(os.environ["SALESGAUGE_SCREENSHOTS"]) / f"{name}.{look[0]}.{look[1]}.{look[2]}.png", full_page=True)
        assert violations(page) == []
        assert not overflows(page)
    assert not complaints
    page.context.close()


def test_a_browser_without_scripts_merges_and_takes_it_back(chromium: Browser, server: str) -> None:
    page = signed_in(chromium, server, ("en", "light", 1440), scripts=False)
    page.get_by_role("button", name="Merge b-7 and c-3").click()
    assert "Your decision is noted" in page.locator("main").inner_text() and "Corner Shop" not in page.locator("main").inner_text()
    page.get_by_role("link", name="Merged").click()
    page.get_by_role("button", name="Take c-3 out of this merge").click()
    page.get_by_role("link", name="Rejected").click()
    page.get_by_role("button", name="Undo the rejection").click()
    page.get_by_role("link", name="Suggestions").click()
    assert "Corner Shop" in page.locator("main").inner_text()
    page.context.close()
