"""The milliseconds until Chromium first paints a page: python -m bench.painting ADDRESS. A process of its own, as a reader's browser is:
beside the server, the driver of the browser would take turns with it for one interpreter."""

from __future__ import annotations

import statistics
import sys
from typing import Any

from playwright.sync_api import sync_playwright

VISITS = 9
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")
_PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => list.getEntries().forEach((each) =>
    each.name === 'first-contentful-paint' && done(each.startTime))).observe({type: 'paint', buffered: true}))"""


def painted(address: str) -> float:
    """The median of some visits, each with nothing kept from those before."""
    found: list[Any] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        for _ in range(VISITS):
            context = browser.new_context()
            page = context.new_page()
            page.goto(address)
            found.append(page.evaluate(_PAINTED))
            context.close()
        browser.close()
    return float(statistics.median(found))


if __name__ == "__main__":
    print(painted(sys.argv[1]))
