"""What a browser is called."""

from __future__ import annotations

import pytest

from salesgauge.web.access.browsers import browser_name

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(("said", "name"), [
    ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox, Linux"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36", "Chrome, Windows"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0", "Edge, Windows"),
    (f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} Chrome/141.0.0.0 YaBrowser/25.8 Mobile Safari/537.36", "Yandex, Android"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
    ("python-httpx/0.28", "python-httpx/0.28"), ("", ""), ("x" * 100, "x" * 60),
])
def test_a_browser_is_called_by_its_name_and_system(said: str, name: str) -> None:
    assert browser_name(said) == name
