"""Bulk API 2.0: a query as a job of Salesforce, its results page by page as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx

from salesgauge.errors import SourceError
from salesgauge.sources.salesforce.api import Api

PAGE = 20_000            # records of one page of results
LONGEST_POLL = 30.0      # seconds between two looks at a job
PATIENCE = 4 * 3600.0    # seconds after which a job is given up
OPEN = ("UploadComplete", "InProgress")
DONE = "JobComplete"


class Job:
    """A query as a job, from when it is made. Deleted and archived records are among its results; their order is Salesforce's own, since an
    order would keep it from working in chunks."""

    def __init__(self, api: Api, query: str, sleep: Callable[[float], None]) -> None:
        self._api, self._sleep = api, sleep
        made = api.ask("POST", api.jobs(), json={"operation": "queryAll", "query": query})
        if not isinstance(made, dict) or not isinstance(made.get("id"), str) or not made["id"].isalnum():
            raise SourceError(f"{api.name}: what it answers is no job")
        self._path = f"{api.jobs()}/{made['id']}"

    def pages(self) -> Iterator[list[dict[str, str | None]]]:
        """Its results, once it is done; SourceError where it fails. The job is removed after the last page."""
        self._wait()
        locator: str | None = None
        while True:
            rows, locator = self._results(locator)
            yield rows
            if locator is None:
                break
        with suppress(SourceError):  # Salesforce removes it after seven days anyway
            self._api.answer("DELETE", self._path, read=lambda found: None)

    def _wait(self) -> None:
        pause, waited = 1.0, 0.0
        while True:
            said = self._api.ask("GET", self._path)
            state = said.get("state") if isinstance(said, dict) else None
            if state == DONE:
                return
            if state not in OPEN:
                words = said.get("errorMessage") if isinstance(said, dict) else None
                raise SourceError(f"{self._api.name}: Bulk API 2.0 ends a query as {state}{f': {words}' if words else ''}; option "
                                  "bulk_from says from how many records on it is used")
            if waited >= PATIENCE:
                raise SourceError(f"{self._api.name}: Bulk API 2.0 has not finished a query in {PATIENCE / 3600:.0f} hours; sync later")
            self._sleep(pause)
            waited, pause = waited + pause, min(pause * 2, LONGEST_POLL)

    def _results(self, locator: str | None) -> tuple[list[dict[str, str | None]], str | None]:
        """A page of results and the locator of the next one, None after the last."""
        def read(found: httpx.Response) -> list[dict[str, str | None]]:
            rows = _rows(found.text)
            if found.headers.get("Sforce-NumberOfRecords", "") != str(len(rows)):
                raise ValueError("another number of records")
            return rows
        asked: dict[str, Any] = {"maxRecords": PAGE, **({"locator": locator} if locator else {})}
        found = self._api.answer("GET", f"{self._path}/results", read=read, params=asked, headers={"Accept": "text/csv"})
        following = found.headers.get("Sforce-Locator", "null")
        return found.content, None if following in ("null", "") else following


def _rows(text: str) -> list[dict[str, str | None]]:
    """The records of a CSV text, empty cells as None; ValueError where it is none, or a line has not as many cells as the header."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(lines, [])
        rows = [line for line in lines if line]
    except csv.Error as problem:
        raise ValueError(str(problem)) from None
    return [{name: cell or None for name, cell in zip(header, row, strict=True)} for row in rows]
