"""The application with people of its own: each test has a state, the company is that of all tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from salesgauge.web.access import with_access
from salesgauge.workspace import Workspace
from state.world import PASSWORD, World
from web.conftest import NOW


@dataclass
class House:
    """The application, its state, and browsers that come to it."""

    app: FastAPI
    world: World

    def browser(self, scheme: str = "http", address: str = "192.0.2.1") -> TestClient:
        """A browser that nobody has signed in with."""
        return TestClient(self.app, base_url=f"{scheme}://localhost", follow_redirects=False, raise_server_exceptions=False,
                          client=(address, 50000))

    def signed_in(self, email: str = "ann@example.org", password: str = PASSWORD, scheme: str = "http") -> TestClient:
        """A browser in which somebody signed in."""
        browser = self.browser(scheme)
        answer = browser.post("/sign-in", data={"email": email, "password": password})
        assert answer.status_code == 303, answer.text
        return browser


def link_in(answer: httpx.Response) -> str:
    """The path of the link that a page shows."""
    found = re.search(r'class="secret">http://localhost(/enter/[\w-]+)<', answer.text)
    assert found, answer.text
    return found[1]


def every_route(app: FastAPI, prefix: str = "/") -> list[tuple[str, str]]:
    """Method and path of every route of the application under a path, what varies in them filled in."""
    def filled(path: str) -> str:
        return re.sub(r"\{[^}]+\}", "1", re.sub(r"\.\{[^}]+\}", ".csv", path))
    found = [(method, filled(str(route.path))) for route in iter_route_contexts(app.routes)
             if str(route.path).startswith(prefix) for method in route.methods or ()]
    return sorted(found)


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty-state")
    World.make(folder).state.close()
    return folder


Build = Callable[[Workspace], House]


@pytest.fixture
def build(tmp_path: Path, empty_state: Path) -> Iterator[Build]:
    """Gives the application over a workspace, with people of its own."""
    world = World.make(tmp_path, empty_state)
    world.now = NOW

    def built(workspace: Workspace) -> House:
        app = with_access(workspace, world.state, clock=lambda: world.now, hosts=("localhost",))

        @app.get("/api/asked")
        def asked(request: Request) -> dict[str, str | None]:
            """Stands for whatever asks who is there."""
            visitor = request.app.state.site.who(request)
            return {"name": visitor and visitor.name, "rows": visitor and visitor.viewer.shape}
        return House(app, world)
    yield built
    world.state.close()


@pytest.fixture
def house(build: Build, demo: Workspace) -> House:
    return build(demo)
