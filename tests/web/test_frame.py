"""What every answer of the server has in common."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from salesgauge.web.pages.preferences import local_path
from salesgauge.web.templates import STATIC
from salesgauge.workspace import Workspace
from web.conftest import Browse


def test_every_answer_forbids_what_a_page_does_not_need(browse: Browse) -> None:
    for path in ("/", "/static/page.css", "/nothing", "/kpis/nothing"):
        headers = browse().get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"] and "unsafe" not in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


def test_a_page_is_never_kept_and_a_marked_file_for_good(browse: Browse) -> None:
    page = browse().get("/kpis")
    assert page.headers["cache-control"] == "private, no-cache"
    address = re.search(r'href="(/static/page\.css\?[^"]+)"', page.text)
    assert address and "immutable" in browse().get(address[1]).headers["cache-control"]


def test_a_page_holds_no_inline_script_or_style(browse: Browse) -> None:
    for path in ("/", "/kpis", "/kpis/win_rate?by=team"):
        text = browse().get(path).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", text), path


def test_an_error_is_a_page_that_says_what_would_be_right(browse: Browse) -> None:
    wrong = browse().get("/kpis/win_rat")
    assert wrong.status_code == 404 and "the nearest: win_rate" in wrong.text
    assert browse().get("/kpis/win_rate?period=soon").status_code == 400


def test_a_workspace_without_data_says_how_to_load_some(browse: Browse, empty: Workspace) -> None:
    answer = browse(workspace=empty).get("/")
    assert answer.status_code == 503 and "salesgauge load FOLDER" in answer.text


def test_a_stranger_is_asked_to_sign_in_and_then_comes_back(browse: Browse) -> None:
    answer = browse(None).get("/kpis/win_rate?by=team")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fkpis%2Fwin_rate%3Fby%3Dteam")


@pytest.mark.parametrize(("code", "said"), [("en", "Overview"), ("zh-CN", "概览"), ("zh-TW", "總覽"), ("ru-RU,en;q=0.5", "Обзор")])
def test_the_page_speaks_the_browsers_language(browse: Browse, code: str, said: str) -> None:
    assert said in browse().get("/", headers={"accept-language": code}).text


def test_the_chosen_language_and_theme_are_remembered(browse: Browse) -> None:
    client = browse()
    answer = client.post("/preferences", data={"language": "ru", "theme": "dark", "next": "/kpis?q=a"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/kpis?q=a")
    assert '<html lang="ru" data-theme="dark">' in client.get("/kpis", headers={"accept-language": "en"}).text


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "",
                                     "kpis", "/a\nb"])
def test_nobody_is_sent_to_another_site(address: str) -> None:
    assert local_path(address) == "/"


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"},
                                     {"origin": "null"}])
def test_another_site_cannot_make_a_browser_change_something(browse: Browse, headers: dict[str, str]) -> None:
    answer = browse().post("/preferences", data={"language": "ru", "theme": "dark"}, headers=headers)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_a_page_of_this_site_and_a_program_may_change_something(browse: Browse) -> None:
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://localhost"}, {}):
        assert browse().post("/preferences", data={"language": "ru", "theme": "dark"}, headers=headers).status_code == 303


def test_the_browsers_files_are_those_that_were_packed() -> None:
    for entry in json.loads((STATIC / "vendor" / "vendor.json").read_text()):
        content = (STATIC / "vendor" / entry["file"]).read_bytes()
        assert base64.b64encode(hashlib.sha512(content).digest()).decode() == entry["sha512"], entry["file"]
