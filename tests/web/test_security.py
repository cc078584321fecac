"""What is sent to harm: text that would be run as markup, template or formula, headers, hosts, paths and methods."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from examples.company import Company
from laws.needles import ZONE, Haystack
from laws.routes import ROUTES, Trying, routes_of
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.state import Actor, Rights, Role, State
from salesgauge.web.access import with_access
from salesgauge.web.app import create_app
from salesgauge.web.bounds import MOST_ADDRESS
from salesgauge.web.desk import Desk
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, Browse

NOW = datetime(2026, 5, 20, 9, 2, tzinfo=UTC)
HARM = '=HYPERLINK("http://evil.example","x")\'"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*191}}{%print(7*191)%}${7*191}'
READS = [route for route in ROUTES if route.startswith("GET ")]


def harmful(cell: str) -> str:
    """A cell with the harm before each token of the company, wherever it stands: ids, names, free text."""
    return re.sub(r"(?=z[qn]\w)", lambda _: HARM, cell)


@pytest.fixture(scope="module")
def signed_in(pytestconfig: pytest.Config) -> Iterator[tuple[TestClient, Trying]]:
    """The browser of an executive before a company in which every text does harm, and what requests are made of."""
    assert pytestconfig.cache is not None
    hay = Haystack(3)
    tables = {name: [{column: harmful(cell) for column, cell in row.items()} for row in rows] for name, rows in hay.tables.items()}
    with tempfile.TemporaryDirectory() as folder:
        company = Company(Path(folder), pytestconfig.cache.mkdir("salesgauge-companies"), tables, timezone=ZONE)
        state, workspace = State.open(company.workspace.folder, lambda: NOW), ServedWorkspace(company.workspace.folder)
        app = with_access(workspace, state, clock=lambda: NOW, hosts=("localhost",))
        client = TestClient(app, base_url="http://localhost", follow_redirects=False)
        with state.change() as unit:
            person = unit.accounts.create("vera@example.org", "Vera", Rights(Role.EXECUTIVE, administers=True), Actor(None, "console"))
            client.cookies.set("session", unit.sessions.start(person.id, "192.0.2.1", "Firefox"))
        yield client, Trying(workspace, Random(3), [HARM + needle.token for needle in hay.needles])
        workspace.close()
        state.close()


def check_page(text: str) -> int:
    """Nothing of the harm is markup or was computed; gives how often it stands there as text."""
    assert "<img src=x" not in text and "<script>alert" not in text and 'HYPERLINK("' not in text
    assert "}1337" not in text and ">1337" not in text and "}}1337" not in text
    return text.count("&lt;img src=x")


def check_file(content: bytes, kind: str) -> int:
    """No cell of a file is a formula; gives how many cells hold the harm."""
    if "csv" in kind:
        cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
        return sum("HYPERLINK" in cell for cell in cells)
    with ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}
    assert not [name for name, part in parts.items() if re.search(r"<f[ >]|<hyperlink", part)]
    return sum(part.count("HYPERLINK") for part in parts.values())


def test_no_text_of_the_data_is_run_by_a_page_or_a_file(signed_in: tuple[TestClient, Trying]) -> None:
    client, trying = signed_in
    met: dict[str, int] = {"text/html": 0, "text/csv": 0, "application/vnd": 0}
    for route in READS:
        for request in ROUTES[route](trying):
            answer = client.get(request.address)
            assert answer.status_code < 500 or "/provider" in route, (route, answer.text)
            kind = answer.headers.get("content-type", "")
            if kind.startswith("text/html"):
                met["text/html"] += check_page(answer.text)
            elif kind.startswith(("text/csv", "application/vnd")):
                met["text/csv" if "csv" in kind else "application/vnd"] += check_file(answer.content, kind)
            else:
                assert not answer.content or kind.startswith(("application/json", "application/problem+json")), (route, kind)
                assert answer.headers["x-content-type-options"] == "nosniff"
    assert all(count > 5 for count in met.values()), met


@pytest.mark.parametrize("address", [
    f"/kpis?q={HARM}",
    f"/kpis/{HARM.replace('/', '')}",
    f"/kpis/win_rate?f.team={HARM}&by=team", f"/?period={HARM}", f"/explore?kpi={HARM}",
    f"/kpis/win_rate/records?q={HARM}&sort={HARM}", f"/sign-in?next=/{HARM}", f"/nothing/{HARM}", f"/?compare={HARM}&as_of=2026-01-01"])
def test_what_is_sent_does_not_come_back_as_markup(signed_in: tuple[TestClient, Trying], address: str) -> None:
    answer = signed_in[0].get(address)
    assert answer.status_code < 500
    check_page(answer.text)


@pytest.mark.parametrize("line", ["\r\nset-cookie: x=1", "\nset-cookie: x=1", "\r\n\r\n<b>", "\x00", "\u2028set-cookie: x=1"])
def test_no_header_is_made_of_what_is_sent(signed_in: tuple[TestClient, Trying], line: str) -> None:
    client, _trying = signed_in
    sent = [client.post("/preferences", data={"language": f"en{line}", "theme": f"dark{line}", "next": f"/kpis{line}"}),
            client.get("/kpis/win_rate/records.csv", params={"period": "2026-Q1", "f.team": f"North{line}"}),
            client.get("/api/v1/records", params={"kpi": "win_rate", "period": "2026", "limit": "1", "where": f"team=North{line}"}),
            client.get("/kpis", headers={"accept-language": "en" if "\x00" in line else "en,ru"}, params={"q": line}),
            client.get("/sign-in", params={"next": f"/kpis{line}"})]
    for answer in sent:
        assert answer.status_code < 500
        for name, value in answer.headers.items():
            assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value), (name, value)
            assert name != "set-cookie" or not value.startswith("x=")


def test_a_request_for_another_host_is_refused_and_no_answer_names_one(signed_in: tuple[TestClient, Trying]) -> None:
    client, _trying = signed_in
    assert client.get("/", headers={"host": "rogue.example"}).status_code == 400
    for headers in ({"x-forwarded-host": "rogue.example"}, {"forwarded": "host=rogue.example"}, {"x-original-url": "/administration"}):
        answer = client.get("/api/v1/records?kpi=win_rate&period=2026&limit=1", headers=headers)
        assert answer.status_code == 200 and "rogue" not in f"{answer.text}{answer.headers}"


@pytest.mark.parametrize("name", ["x-http-method-override", "x-http-method", "x-method-override"])
def test_no_header_makes_another_method_of_a_request(browse: Browse, name: str) -> None:
    assert browse().get("/api/v1/me", headers={name: "DELETE"}).status_code == 200
    assert browse().post("/api/v1/me?_method=GET", headers={name: "GET"}).status_code == 405


@pytest.mark.parametrize("path", [
    "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/%2e%2e%2fapp.py", "/static/..%5capp.py",
    "/static/%252e%252e/app.py", "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/vendor/../../app.py", "/static/",
    "/static/vendor", "/static/page.css%00.py", "/static/" + "a" * 5000])
def test_only_the_files_of_the_pages_are_served(browse: Browse, path: str) -> None:
    answer = browse().get(path)
    assert answer.status_code in (400, 404, 405) and "create_app" not in answer.text and "root:" not in answer.text


def test_head_answers_as_get_without_content_and_other_methods_are_refused(browse: Browse, demo: Workspace) -> None:
    client = browse()
    for path in ("/kpis", "/api/v1/me", "/static/page.css", "/api/v1/kpis/nothing", "/kpis/nothing"):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"") and head.headers["content-type"] == got.headers["content-type"]
        for method in ("OPTIONS", "TRACE", "PUT", "PATCH", "BREW"):
            refused = client.request(method, path)
            assert refused.status_code == 405 and "access-control-allow-origin" not in refused.headers, (method, path)


def test_every_route_answers_what_it_has_no_method_for(browse: Browse, demo: Workspace) -> None:
    app = create_app(demo, who=lambda request: EXECUTIVE, clock=lambda: NOW)
    client = TestClient(app, base_url="http://localhost", follow_redirects=False)
    paths = {re.sub(r"\{kind\}", "csv", re.sub(r"\{(?!kind)\w+\}", "x", route.split(" ")[1])) for route in routes_of(app)}
    for path in sorted(paths):
        answer = client.request("PUT", path)
        assert answer.status_code == 405 and answer.headers["allow"], path


@pytest.mark.parametrize("query", ["f.team=" + "x" * MOST_ADDRESS, "&".join(f"f.d{n}=1" for n in range(5000)), "a" * (MOST_ADDRESS + 1)])
def test_an_overlong_address_is_refused_at_once(browse: Browse, query: str) -> None:
    for path in ("/", "/kpis/win_rate", "/api/v1/questions", "/nothing"):
        assert browse().get(f"{path}?{query}").status_code == 414


def test_an_unforeseen_error_tells_nothing_of_the_inside(demo: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Desk):
        def answer(self, queries: Sequence[Any], viewer: Viewer = EVERYTHING, *, figures: bool = False) -> list[dict[str, Any]]:
            raise RuntimeError("secret at /srv/inside")
    app = create_app(demo, who=lambda request: EXECUTIVE, clock=lambda: NOW)
    app.state.site.desk = Broken(demo, lambda: NOW)
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    for path in ("/kpis/win_rate", "/api/v1/questions?kpi=win_rate&period=2026"):
        answer = client.get(path)
        assert answer.status_code == 500 and not re.search(r"secret|/srv|Traceback|RuntimeError", answer.text)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "secret at /srv/inside" in caplog.text  # in the server's log, where it helps
