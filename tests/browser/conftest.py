"""A real browser before a real server: the application over the demo company, in a thread, on a free port of this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from salesgauge.serving import ServedWorkspace
from salesgauge.web.app import create_app
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, NOW, small_company

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")

PATIENCE = 120_000  # milliseconds: the first of its kind, a page waits until its SQL is compiled


@dataclass
class Stage:
    """The server's address, and who is looking at present."""

    address: str
    visitor: Visitor


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorkspace]:
    """The small demo company, loaded at NOW."""
    served = small_company(tmp_path_factory.mktemp("browser"))
    yield served
    served.close()


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """An application, served on a free port of this machine; its address."""
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def stage(company: Workspace) -> Iterator[Stage]:
    """The running server; a test says who looks by `stage.visitor`."""
    found = Stage("", EXECUTIVE)
    with running(create_app(company, who=lambda request: found.visitor, clock=lambda: NOW)) as found.address:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield browser
        browser.close()


Open = Callable[..., Page]


@pytest.fixture
def look(stage: Stage, chromium: Browser) -> Iterator[Open]:
    """Opens a page of the application as somebody, in a language, a theme and a width; fails where the browser complains of anything."""
    contexts, complaints = [], []

    def opened(path: str, visitor: Visitor = EXECUTIVE, *, language: str = "en", theme: str = "light", width: int = 1440,
               scripts: bool = True) -> Page:
        stage.visitor = visitor
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale=language, java_script_enabled=scripts,
                                       color_scheme="dark" if theme == "dark" else "light")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: complaints.append(f"{path}: {said.text}") if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda problem: complaints.append(f"{path}: {problem}"))
        page.goto(stage.address + path)
        return page
    yield opened
    for context in contexts:
        context.close()
    assert not complaints, complaints


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page, each with the place."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def overflows(page: Page) -> bool:
    """Whether the page can be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def hidden_columns(page: Page) -> list[str]:
    """The tables that go on out of sight, by the heading above them: but lists of records, and tables with a column for each period."""
    return list(page.evaluate("""[...document.querySelectorAll('.scroll')]
        .filter(frame => frame.scrollWidth > frame.clientWidth + 1 && !frame.querySelector('.listed, .tight'))
        .map(frame => frame.closest('.panel')?.querySelector('h2')?.innerText ?? frame.innerText)"""))
