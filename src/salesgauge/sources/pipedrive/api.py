"""Pipedrive's API as far as it is read: lists by cursor (v2) and by offset (v1), and what it says when it refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import Secret
from salesgauge.sources.connections.wire import Network, Wire, shaped

PAGE = 500          # the most that a page may hold
STEP = PAGE - 50    # of lists by offset: what goes from the front meanwhile moves the rest, so pages overlap
LEFT = "x-daily-ratelimit-token-remaining"  # of the company's budget of a day

Row = dict[str, Any]


class NotThere(SourceError):
    """A record or a list that Pipedrive does not have (404)."""


class Api:
    """A company's Pipedrive, as the user whose token it is."""

    def __init__(self, name: str, address: str, token: Secret, network: Network) -> None:
        self._name = name
        self._wire = Wire(name, address, network=network, headers={"x-api-token": token.reveal(), "Accept": "application/json"},
                          heed=self._heed)

    def pages(self, path: str, parameters: Mapping[str, Any] | None = None, *, page: int = PAGE) -> Iterator[list[Row]]:
        """A list page by page, as its cursor leads."""
        cursor: str | None = None
        while True:
            answer = self._ask(path, {**(parameters or {}), "limit": page, **({"cursor": cursor} if cursor else {})})
            if answer["data"]:
                yield answer["data"]
            further: Row = answer.get("additional_data") or {}
            cursor = further.get("next_cursor")
            if not cursor:
                return

    def offset_pages(self, path: str, *, page: int = PAGE) -> Iterator[list[Row]]:
        """A list of API v1 page by page; a record may come twice."""
        start = 0
        while True:
            answer = self._ask(path, {"start": start, "limit": page})
            if answer["data"]:
                yield answer["data"]
            more: Row = answer.get("additional_data") or {}
            if not more.get("pagination", more).get("more_items_in_collection"):
                return
            start += STEP

    def all(self, path: str) -> list[Row]:
        """A list that has no pages."""
        found: list[Row] = self._ask(path, {})["data"] or []
        return found

    def one(self, path: str) -> Row:
        """One record."""
        found: Row = self._wire.ask("GET", path, read=shaped(_is_record))["data"]
        return found

    def close(self) -> None:
        """Ends it."""
        self._wire.close()

    def _ask(self, path: str, parameters: Mapping[str, Any]) -> Row:
        answer: Row = self._wire.ask("GET", path, read=shaped(_is_list), params=dict(parameters))
        return answer

    def _heed(self, found: httpx.Response) -> None:
        """What the wire cannot know of Pipedrive's refusals. A budget that is used up does not come back in the seconds that Retry-After
        may name, only the next day; of a burst the seconds stand in a header of Pipedrive's own."""
        if found.status_code == httpx.codes.NOT_FOUND:
            raise NotThere(f"{self._name}: there is no {found.request.url.path} in Pipedrive")
        if found.status_code == httpx.codes.PAYMENT_REQUIRED:
            raise SourceError(f"{self._name}: Pipedrive says that the company's account is not open (402); see its billing page")
        if found.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return
        if found.headers.get(LEFT, "").strip() == "0":
            raise SourceError(f"{self._name}: the company's budget of API tokens for this day is used up (Company settings, API usage); it "
                              "is filled up again at midnight of Pipedrive's server: sync again then, it goes on from here")
        reset = found.headers.get("x-ratelimit-reset", "").strip()
        if "Retry-After" not in found.headers and reset.isdigit():
            found.headers["Retry-After"] = reset


def _is_list(body: Any) -> bool:
    """Whether an answer is a list as Pipedrive gives it; an empty one may come as null."""
    return isinstance(body, dict) and body.get("success") is True and "data" in body and (
        body["data"] is None or (isinstance(body["data"], list) and all(isinstance(row, dict) for row in body["data"])))


def _is_record(body: Any) -> bool:
    return isinstance(body, dict) and body.get("success") is True and isinstance(body.get("data"), dict)
