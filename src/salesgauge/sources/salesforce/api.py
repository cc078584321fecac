"""Salesforce's REST API: what an object has, queries page by page, and what it says where it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from salesgauge.errors import SourceError
from salesgauge.sources.connections.wire import PASSING, Answer, Network, Wire, said

LONGEST_QUERY = 12_000  # characters of a query in an address: Salesforce takes 16,384 bytes of address and headers together
ABSENT = ("NOT_FOUND", "INVALID_TYPE", "INSUFFICIENT_ACCESS", "INVALID_TYPE_FOR_OPERATION")
TOO_LARGE = ("QUERY_TIMEOUT", "OPERATION_TOO_LARGE")
LOST = "INVALID_QUERY_LOCATOR"  # a list is kept for some time, and only ten of a user
_USED = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")
_MORE = re.compile(r"/services/data/v[0-9.]+/[A-Za-z0-9/_.-]+")


class Refused(SourceError):
    """What Salesforce refuses, with its own code in `reason`, such as INVALID_FIELD."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Page:
    """Records of a page, how many the whole query has, and where the next page is (None: this is the last)."""

    records: list[dict[str, Any]]
    total: int
    more: str | None


class Api:
    """One organisation, at one version of its API. It stops in words before the last `left` per cent of the day's requests are used."""

    def __init__(self, name: str, address: str, version: str, left: int, sign: Callable[[bool], Mapping[str, str]],
                 network: Network) -> None:
        self.name, self._root, self._left = name, f"/services/data/v{version}", left
        self._wire = Wire(name, address, network=network, headers={"Accept": "application/json"}, sign=sign, heed=self._heard)
        self.time: str | None = None  # the system's clock at its last answer
        self._used: tuple[int, int] | None = None

    def fields(self, sobject: str) -> dict[str, str]:
        """The fields of an object that the user may see, with their types."""
        found = self.ask("GET", f"{self._root}/sobjects/{sobject}/describe")
        fields = found.get("fields") if isinstance(found, Mapping) else None
        if not isinstance(fields, list):
            raise SourceError(f"{self.name}: what it answers is no description of {sobject}")
        return {str(field["name"]): str(field["type"]) for field in fields}

    def count(self, sobject: str) -> int | None:
        """How many records an object has, deleted ones among them; None where Salesforce cannot count that many in time."""
        try:
            found = self.ask("GET", f"{self._root}/queryAll", params={"q": f"SELECT COUNT() FROM {sobject}"})
            return self._page(found, sobject).total
        except Refused as problem:
            if problem.reason in TOO_LARGE:
                return None
            raise

    def pages(self, query: str, sobject: str) -> Iterator[Page]:
        """The records of a query, deleted and archived ones among them."""
        page = self._page(self.ask("GET", f"{self._root}/queryAll", params={"q": query}), sobject)
        yield page
        while page.more is not None:
            page = self._page(self.ask("GET", page.more), sobject)
            yield page

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The JSON that answers a request; numbers with a point stay as they are written."""
        return self.answer(method, path, read=lambda found: json.loads(found.content, parse_float=str), **more).content

    def answer(self, method: str, path: str, **more: Any) -> Answer:
        """The answer to a request, as `Wire.answer` gives it."""
        if self._used is not None and self._used[0] * 100 >= self._used[1] * (100 - self._left):
            used, limit = self._used
            raise SourceError(f"{self.name}: {used:,} of the {limit:,} requests that the organisation has in 24 hours are used, and the "
                              f"last {self._left} % are left to others (option limit_left); sync later: it goes on from here")
        return self._wire.answer(method, path, **more)

    def jobs(self) -> str:
        """The address of the query jobs of Bulk API 2.0."""
        return f"{self._root}/jobs/query"

    def close(self) -> None:
        """Closes its connections."""
        self._wire.close()

    def _page(self, found: Any, sobject: str) -> Page:
        records, total, done = (found.get(name) if isinstance(found, Mapping) else None for name in ("records", "totalSize", "done"))
        more = found.get("nextRecordsUrl") if isinstance(found, Mapping) else None
        if (not isinstance(records, list) or not all(isinstance(record, dict) for record in records) or not isinstance(total, int)
                or not (done is True or (isinstance(more, str) and _MORE.fullmatch(more)))):
            raise SourceError(f"{self.name}: what it answers is no page of {sobject}; the next sync goes on from here")
        return Page(records, total, None if done else str(more))

    def _heard(self, found: httpx.Response) -> None:
        """What each answer says beside its content: its time, the requests that are used, why it refuses."""
        used = _USED.search(found.headers.get("Sforce-Limit-Info", ""))
        if used is not None:
            self._used = int(used[1]), int(used[2])
        try:
            self.time = parsedate_to_datetime(found.headers["Date"]).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        except (KeyError, ValueError, TypeError):
            self.time = None
        if not found.is_error or found.status_code in PASSING or found.status_code == httpx.codes.UNAUTHORIZED:
            return
        reason, words = _reason(said(found))
        if reason == "REQUEST_LIMIT_EXCEEDED":
            raise Refused(f"{self.name}: the organisation's requests of 24 hours, or those at one time, are used up ({words}); sync later: "
                          "it goes on from here", reason)
        if reason == LOST:
            raise Refused(f"{self.name}: the list that was being read is no longer kept; sync again: it goes on from here", reason)
        if reason:
            raise Refused(f"{self.name}: it refuses ({reason}): {words}", reason)


def _reason(refusal: Any) -> tuple[str, str]:
    """The code and the words of a refusal: a list of errors, of which the first tells."""
    first = refusal[0] if isinstance(refusal, list) and refusal else refusal
    if not isinstance(first, Mapping):
        return "", ""
    return str(first.get("errorCode", "")), " ".join(str(first.get("message", "")).split())[-240:]
