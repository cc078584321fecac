"""The requests on the page about the API are answered as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from docs.making.pages import ROOT, Block, blocks
from salesgauge.web.app import create_app
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, NOW

PAGE = blocks((ROOT / "docs" / "how-to" / "use-the-api.md").read_text(encoding="utf-8"))


def examples() -> Iterator[tuple[Block, Any]]:
    """Each request, with the answer that the page gives for it (None: none)."""
    for block, following in zip(PAGE, [*PAGE[1:], Block("", "", 0, ())], strict=True):
        if block.language == "http":
            yield block, json.loads(following.text) if following.language == "json" else None


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("api-page")
    for block in PAGE:
        if block.file:
            path: Path = folder / block.file
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    workspace = Workspace.create(folder / "workspace", "Europe/Berlin", "EUR", {})
    workspace.load(folder / "exports", now=NOW)
    return TestClient(create_app(workspace, who=lambda request: EXECUTIVE, clock=lambda: NOW), base_url="http://localhost")


@pytest.mark.parametrize(("block", "expected"), list(examples()), ids=lambda value: value.lines[0] if isinstance(value, Block) else "")
def test_a_request_is_answered_as_the_page_says(client: TestClient, block: Block, expected: Any) -> None:
    method, address = block.lines[0].split(" ")
    body = block.text.partition("\n\n")[2]
    answer = client.request(method, address, content=body or None, headers={"content-type": "application/json"} if body else {})
    assert answer.status_code < 500
    if expected is None:
        assert answer.status_code == 200
    else:
        assert simplified(answer.json()) == simplified(expected)


def simplified(value: Any) -> Any:
    """A value of JSON, numbers to ten digits."""
    if isinstance(value, dict):
        return {key: simplified(each) for key, each in value.items()}
    if isinstance(value, list):
        return [simplified(each) for each in value]
    return round(value, 10) if isinstance(value, float) else value
