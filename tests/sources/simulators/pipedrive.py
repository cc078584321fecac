"""A company's Pipedrive in memory, as far as a reader of it sees it.

Covered: API v2 `/deals`, `/deals/archived`, `/activities`, `/persons`, `/organizations`, `/products`, `/pipelines`, `/stages`,
`/deals/{id}/products` and the lists of fields, with `limit` (500 at most), `cursor` (by the sorted field and the id), `sort_by`,
`sort_direction`, `updated_since` and `include_fields`; API v1 `/users`, `/users/me`, `/leads`, `/leads/archived` (by offset) and
`/deals/{id}/changelog` (newest first). A parameter that a path does not know, or a value that it does not take, is an error 400; without
the token 401; the daily budget of tokens (`budget`) and the burst (`burst`, requests that are answered before one is refused) end in 429.
Not covered: filters, `ids`, lists of deleted deals, search, e-mails, teams, and every method that changes something (records are changed
by the methods of this class).
"""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

TOKEN = "3f9a1c5e7b2d4f60a8c1e3057d9b2f4681acde07"
LISTED = ("deals", "activities", "persons", "organizations", "products", "pipelines", "stages")
CHANGES = ("activities", "deals", "organizations", "persons", "products")  # lists that take updated_since
FIELDS = {"dealFields": "deals", "personFields": "persons", "organizationFields": "organizations", "productFields": "products"}
LOGGED = {"owner_id": "user_id"}  # what the changelog calls a field otherwise
OPTIONAL = ("products_count", "source_lead_id")
LIMIT = 500
Row = dict[str, Any]


class _Refused(Exception):
    """An answer that is no list."""

    def __init__(self, status: int, error: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.answer = httpx.Response(status, headers=dict(headers or {}), json={
            "success": False, "error": error, "error_info": "Please check developers.pipedrive.com", "data": None, "additional_data": None})


class Pipedrive:
    """The records of each list, by id."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rows: dict[str, dict[int, Row]] = {name: {} for name in (*LISTED, "users")}
        self.leads: dict[str, Row] = {}
        self.fields: dict[str, list[Row]] = {name: [] for name in FIELDS.values()}
        self.lines: dict[int, list[Row]] = {}
        self.changes: dict[int, list[Row]] = {}
        self.token, self.admin = TOKEN, True
        self.budget: int | None = None
        self.burst: int | None = None
        self.asked: list[str] = []
        self._last: dict[str, int] = {}
        self._sorted: dict[tuple[str, bool, str], tuple[int, list[tuple[Any, int]]]] = {}
        self._version = 0

    def create(self, kind: str, **values: Any) -> int:
        """A new record of a list; its id."""
        number = self._last[kind] = self._last.get(kind, 0) + 1
        self.rows[kind][number] = {"id": number, "is_deleted": False, "add_time": self.time, "update_time": self.time, **values}
        self._version += 1
        return number

    def deal(self, **values: Any) -> int:
        """A new deal."""
        return self.create("deals", **{"status": "open", "currency": "EUR", "is_archived": False, "lost_reason": None, "won_time": None,
                                       "lost_time": None, "close_time": None, "person_id": None, "expected_close_date": None,
                                       "custom_fields": {}, "channel": None, "acv": None, "source_lead_id": None, **values})

    def lead(self, **values: Any) -> str:
        """A new lead; its id."""
        number = self._last["leads"] = self._last.get("leads", 0) + 1
        key = f"{number:08x}-0000-11ee-9643-03698ef1cfd6"
        self.leads[key] = {"id": key, "person_id": None, "organization_id": None, "source_name": "Manually created", "channel": None,
                           "is_archived": False, "add_time": self.time, "update_time": self.time, **values}
        return key

    def write(self, kind: str, number: int, *, when: datetime | None = None, **values: Any) -> None:
        """Changes a record, now or with the time of another moment; of a deal the change is logged."""
        row, moment = self.rows[kind][number], when or self.now
        if kind == "deals":
            log = self.changes.setdefault(number, [])
            log += [{"id": len(log) + place, "field_key": LOGGED.get(name, name), "old_value": _logged(row.get(name)),
                     "new_value": _logged(value), "actor_user_id": 1, "time": f"{moment:%Y-%m-%d %H:%M:%S}", "change_source": "app",
                     "change_source_user_agent": "Mozilla", "is_bulk_update_flag": False}
                    for place, (name, value) in enumerate(values.items()) if row.get(name) != value]
        row.update(values, update_time=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
        self._version += 1

    def close_deal(self, number: int, status: str, **values: Any) -> None:
        """Wins or loses a deal, or opens it again."""
        ended = {"won_time": self.time if status == "won" else None, "lost_time": self.time if status == "lost" else None,
                 "close_time": self.time if status != "open" else None}
        self.write("deals", number, status=status, **values)
        self.rows["deals"][number].update(ended)

    def archive(self, number: int) -> None:
        """Moves a deal into the list of archived ones."""
        self.write("deals", number, is_archived=True)

    def merge(self, number: int, into: int) -> None:
        """Merges a deal into another: it is deleted, what it had goes to the other."""
        for activity in list(self.rows["activities"].values()):
            if activity.get("deal_id") == number:
                self.write("activities", activity["id"], deal_id=into)
        self.lines.setdefault(into, []).extend(self.lines.pop(number, []))
        self.write("deals", into)
        self.delete("deals", number)

    def convert(self, key: str, **values: Any) -> int:
        """A lead becomes a deal; the lead is deleted."""
        lead = self.leads.pop(key)
        return self.deal(source_lead_id=key, owner_id=lead["owner_id"], org_id=lead["organization_id"], channel=lead["channel"], **values)

    def delete(self, kind: str, number: int) -> None:
        """Deletes a record: no list shows it any more."""
        del self.rows[kind][number]
        self._version += 1

    @property
    def time(self) -> str:
        """Its clock, as API v2 writes it."""
        return f"{self.now:%Y-%m-%dT%H:%M:%SZ}"

    def later(self, seconds: float) -> None:
        """Its clock goes on."""
        self.now += timedelta(seconds=seconds)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answers a request."""
        path, asked = request.url.path, dict(request.url.params)
        self.asked.append(path)
        try:
            if request.headers.get("x-api-token") != self.token:
                raise _Refused(401, "unauthorized access")
            self._spend(20 if "/v1/" in path else 10)
            if request.method != "GET":
                raise _Refused(405, "method not allowed")
            return httpx.Response(200, json={"success": True, **self._answer(path, asked)}, headers={
                "x-ratelimit-limit": "20", "x-ratelimit-reset": "2",
                **({"x-daily-ratelimit-token-remaining": str(self.budget)} if self.budget is not None else {})})
        except _Refused as refused:
            return refused.answer

    def _spend(self, cost: int) -> None:
        if self.budget is not None and self.budget < cost:
            raise _Refused(429, "request over limit", {"x-daily-ratelimit-token-remaining": "0", "retry-after": "3"})
        if self.burst is not None:
            self.burst -= 1
            if self.burst < 0:
                self.burst = None
                raise _Refused(429, "request over limit", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2"})
        if self.budget is not None:
            self.budget -= cost

    def _answer(self, path: str, asked: dict[str, str]) -> Row:
        version, _, rest = path.removeprefix("/api/").partition("/")
        match (version, *rest.split("/")):
            case ("v2", kind) if kind in LISTED:
                return self._list(kind, False, asked)
            case ("v2", "deals", "archived"):
                return self._list("deals", True, asked)
            case ("v2", "deals", number, "products") if number.isdigit():
                self._there(number)
                _known(asked, "limit", "cursor")
                return {"data": self.lines.get(int(number), []), "additional_data": {"next_cursor": None}}
            case ("v2", kind) if kind in FIELDS:
                _known(asked, "limit", "cursor")
                return {"data": self.fields[FIELDS[kind]], "additional_data": {"next_cursor": None}}
            case ("v1", "deals", number, "changelog") if number.isdigit():
                return self._changelog(number, asked)
            case ("v1", "users"):
                _known(asked)
                return {"data": list(self.rows["users"].values())}
            case ("v1", "users", "me"):
                return {"data": {"id": 1, "company_domain": "acme", "access": [{"app": "sales", "admin": self.admin}]}}
            case ("v1", "leads", *archived) if archived in ([], ["archived"]):
                return self._leads(bool(archived), asked)
        raise _Refused(404, "Not found")

    def _there(self, number: str) -> None:
        if int(number) not in self.rows["deals"]:
            raise _Refused(404, "Deal not found")

    def _list(self, kind: str, archived: bool, asked: dict[str, str]) -> Row:
        _known(asked, "limit", "cursor", "sort_by", "sort_direction", *(["updated_since"] if kind in CHANGES else []),
               *(["include_fields"] if kind == "deals" else []))
        by = asked.get("sort_by", "id")
        if by not in ("id", "update_time", "add_time") or asked.get("sort_direction", "asc") != "asc":
            raise _Refused(400, f"Validation failed: sort_by: {by}")
        included = asked.get("include_fields", "").split(",") if asked.get("include_fields") else []
        if any(name not in OPTIONAL for name in included):
            raise _Refused(400, "Validation failed: include_fields")
        order = self._in_order(kind, archived, by)
        place = bisect_right(order, _place(asked["cursor"])) if "cursor" in asked else 0
        if "updated_since" in asked:
            since = datetime.strptime(asked["updated_since"], "%Y-%m-%dT%H:%M:%SZ")
            order = order[place:] if by != "update_time" else order[max(place, bisect_right(order, (f"{since:%Y-%m-%dT%H:%M:%SZ}", 0))):]
            order = [(key, number) for key, number in order if self.rows[kind][number]["update_time"] >= asked["updated_since"]]
            place = 0
        limit = _limit(asked)
        found = order[place:place + limit]
        more = len(order) > place + limit
        return {"data": [self._shown(kind, number, included) for _key, number in found],
                "additional_data": {"next_cursor": _cursor(by, found[-1]) if more else None}}

    def _shown(self, kind: str, number: int, included: list[str]) -> Row:
        row = self.rows[kind][number]
        if kind != "deals":
            return row
        shown = {name: value for name, value in row.items() if name not in OPTIONAL or name in included}
        if "products_count" in included:
            shown["products_count"] = len(self.lines.get(number, []))
        return shown

    def _in_order(self, kind: str, archived: bool, by: str) -> list[tuple[Any, int]]:
        kept = self._sorted.get((kind, archived, by))
        if kept is None or kept[0] != self._version:
            kept = (self._version, sorted((row[by], number) for number, row in self.rows[kind].items()
                                          if kind != "deals" or row["is_archived"] is archived))
            self._sorted[kind, archived, by] = kept
        return kept[1]

    def _changelog(self, number: str, asked: dict[str, str]) -> Row:
        self._there(number)
        _known(asked, "limit", "cursor")
        newest = self.changes.get(int(number), [])[::-1]
        start = int(base64.b64decode(asked["cursor"]).decode().removeprefix("id:")) if "cursor" in asked else 0
        limit = _limit(asked)
        more = len(newest) > start + limit
        return {"data": [{name: value for name, value in entry.items() if name != "id"} for entry in newest[start:start + limit]],
                "additional_data": {"next_cursor": base64.b64encode(f"id:{start + limit}".encode()).decode() if more else None}}

    def _leads(self, archived: bool, asked: dict[str, str]) -> Row:
        _known(asked, "limit", "start", *([] if archived else ["updated_since"]))
        start, limit = int(asked.get("start", 0)), _limit(asked)
        found = [row for row in self.leads.values() if row["is_archived"] is archived]
        return {"data": found[start:start + limit],
                "additional_data": {"start": start, "limit": limit, "more_items_in_collection": len(found) > start + limit}}


def _known(asked: Mapping[str, str], *names: str) -> None:
    for name in asked:
        if name not in names:
            raise _Refused(400, f"Validation failed: {name} is not allowed")


def _limit(asked: Mapping[str, str]) -> int:
    said = asked.get("limit", "100")
    if not re.fullmatch(r"\d+", said) or not 1 <= int(said) <= LIMIT:
        raise _Refused(400, f"Validation failed: limit must be between 1 and {LIMIT}")
    return int(said)


def _cursor(by: str, last: tuple[Any, int]) -> str:
    return base64.b64encode(json.dumps({"field": by, "fieldValue": last[0], "sortDirection": "asc", "id": last[1]}).encode()).decode()


def _place(cursor: str) -> tuple[Any, int]:
    try:
        said = json.loads(base64.b64decode(cursor))
        return said["fieldValue"], said["id"]
    except (ValueError, KeyError):
        raise _Refused(400, "Validation failed: cursor") from None


def _logged(value: object) -> str | None:
    return None if value is None else str(value)
