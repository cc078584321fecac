"""A HubSpot account in memory, as its CRM API shows it (version 2026-09).

Covered: lists with `after`, `archived`, `properties` and `associations` (100 a page), searches by one filter group and one sort (200 a
page, 10,000 results at most, 400 beyond them), batch reads with the history of properties (50 at once, 207 where some are gone), batch
reads of associations (1,000 at once), owners, pipelines of deals; the bin, merges; tokens of private apps and of OAuth with their renewal
(401 when one has ended), scopes (403), the burst limit (429, where `burst` is given), and the vendor's error bodies. It refuses parameters
that the API does not have. Not covered: further operators of searches, the delay after which a search shows a change, the oldest entries
that a long history leaves out, pages within associations, custom objects, daily limits, and everything that writes (methods of this class
do).
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import httpx

VERSION = "2026-09"
KINDS = ("companies", "contacts", "deals", "products", "line_items", "calls", "meetings", "emails", "communications")
SCOPES = {"emails": "sales-email-read", "companies": "crm.objects.companies.read", "deals": "crm.objects.deals.read",
          "products": "crm.objects.products.read", "line_items": "crm.objects.line_items.read", "owners": "crm.objects.owners.read"}
TOKEN, REFRESH = "pat-eu1-simulated-private-app-token", "eu1-simulated-refresh-token"
CLIENT, CLIENT_SECRET = "simulated-client-id-of-an-app", "simulated-client-secret-of-an-app"
LISTED, FOUND, RESULTS, HISTORIES, READ, ASSOCIATED = 100, 200, 10_000, 50, 100, 1_000
LIST, SEARCH = frozenset({"limit", "after", "properties", "associations", "archived"}), frozenset(
    {"filterGroups", "sorts", "properties", "limit", "after", "query"})
CORRELATION = "aeb5f871-7f07-4993-9211-075dc63e7cbf"


class _Refused(Exception):
    """An answer that is an error: its status, category and message."""

    def __init__(self, status: int, category: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"status": "error", "message": message, "correlationId": CORRELATION, "category": category, **more}


@dataclass
class Object:
    """One record."""

    number: int
    created: str
    updated: str
    properties: dict[str, str | None]
    history: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    leads_to: dict[str, list[str]] = field(default_factory=dict)
    archived: str | None = None


class HubSpot:
    """The records of each kind by id, in the order in which lists give them."""

    def __init__(self, now: datetime, *, burst: int | None = None) -> None:
        self.now, self._burst = now, burst
        self.objects: dict[str, dict[int, Object]] = {kind: {} for kind in KINDS}
        self.owners: list[dict[str, Any]] = []
        self.stages: list[dict[str, Any]] = []
        self.scopes = {*SCOPES.values(), "crm.objects.contacts.read"}
        self.tokens = {TOKEN}
        self.asked: dict[str, int] = {}
        self._last = 1_000
        self._ids: dict[str, list[int]] = {}
        self._orders: dict[str, list[tuple[str, int]]] = {}
        self._within: list[datetime] = []

    # What happens in the account.

    def create(self, kind: str, leads_to: Mapping[str, Sequence[str]] | None = None, **properties: str | None) -> str:
        """A new record; its id."""
        self._last += 1
        made = Object(self._last, self.time, self.time, {"createdate": self.time, **properties})
        made.leads_to = {to: list(ids) for to, ids in (leads_to or {}).items()}
        made.history = {name: [(self.time, value)] for name, value in properties.items() if value is not None}
        self.objects[kind][self._last] = made
        self._moved(kind)
        return str(self._last)

    def write(self, kind: str, number: str, *, when: datetime | None = None, **properties: str | None) -> None:
        """Changes a record, now or with the time of another moment."""
        found = self.objects[kind][int(number)]
        found.updated = stamp(when or self.now)
        found.properties.update(properties)
        for name, value in properties.items():
            found.history.setdefault(name, []).append((found.updated, value or ""))
        self._orders.pop(kind, None)

    def archive(self, kind: str, number: str) -> None:
        """Puts a record into the bin."""
        self.objects[kind][int(number)].archived = self.time
        self._orders.pop(kind, None)

    def purge(self, kind: str, number: str) -> None:
        """Takes a record out of the bin for ever."""
        del self.objects[kind][int(number)]
        self._moved(kind)

    def restore(self, kind: str, number: str) -> None:
        """Takes a record out of the bin, back to the others."""
        self.objects[kind][int(number)].archived = None
        self.write(kind, number)

    def merge(self, kind: str, winner: str, loser: str) -> None:
        """Merges a record into another: it is gone, and what led to it leads to the other."""
        kept, gone = self.objects[kind][int(winner)], self.objects[kind].pop(int(loser))
        before = [*(kept.properties.get("hs_merged_object_ids") or "").split(";"), loser,
                  *(gone.properties.get("hs_merged_object_ids") or "").split(";")]
        self._moved(kind)
        self.write(kind, winner, hs_merged_object_ids=";".join(filter(None, before)))
        for others in self.objects.values():
            for other in others.values():
                other.leads_to.get(kind, [])[:] = [winner if number == loser else number for number in other.leads_to.get(kind, [])]

    def stage(self, pipeline: str, stage: str, label: str, probability: str, closed: bool = False, name: str = "") -> None:
        """A stage at the end of a pipeline, or another label and probability of one that is there."""
        made = {"pipeline": pipeline, "stage": stage, "label": label, "probability": probability, "closed": closed, "updated": self.time,
                "name": name or pipeline}
        places = [place for place, one in enumerate(self.stages) if (one["pipeline"], one["stage"]) == (pipeline, stage)]
        self.stages[places[0] if places else len(self.stages):places[0] + 1 if places else len(self.stages)] = [made]

    def owner(self, email: str, first: str, last: str, team: str | None = None) -> str:
        """Somebody who may own records."""
        self._last += 1
        self.owners.append({"id": str(self._last), "email": email, "firstName": first, "lastName": last, "type": "PERSON",
                            "userId": self._last, "createdAt": self.time, "updatedAt": self.time, "archived": False,
                            "teams": [{"id": "7", "name": team, "primary": True}] if team else []})
        return str(self._last)

    def _moved(self, kind: str) -> None:
        """The records of a kind are others now: their order is made anew."""
        self._orders.pop(kind, None)
        self._ids.pop(kind, None)

    @property
    def time(self) -> str:
        """The clock, as the API writes it."""
        return stamp(self.now)

    def tick(self, seconds: float) -> None:
        """The clock goes on."""
        self.now += timedelta(seconds=seconds)

    # What is asked over HTTP.

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answers a request."""
        try:
            status, body = self._answer(request)
        except _Refused as problem:
            status, body = problem.status, problem.body
        except (LookupError, TypeError, ValueError):
            status, body = 400, _Refused(400, "VALIDATION_ERROR", "Invalid input JSON").body
        return httpx.Response(status, content=json.dumps(body).encode(), headers={
            "Content-Type": "application/json;charset=utf-8", "Date": format_datetime(self.now, usegmt=True)})

    def _answer(self, request: httpx.Request) -> tuple[int, Any]:
        parts = request.url.path.strip("/").split("/")
        if parts == ["oauth", "2026-03", "token"]:
            return 200, self._renewed(request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise _Refused(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        self._limited()
        self.asked["/".join(parts[1:4:2])] = self.asked.get("/".join(parts[1:4:2]), 0) + 1
        params = dict(request.url.params)
        body = json.loads(request.content) if request.content else {}
        match request.method, *parts:
            case "GET", "crm", "objects", version, kind if version == VERSION and kind in KINDS:
                return 200, self._list(kind, params)
            case "POST", "crm", "objects", version, kind, "search" if version == VERSION and kind in KINDS:
                return 200, self._search(kind, body)
            case "POST", "crm", "objects", version, kind, "batch", "read" if version == VERSION and kind in KINDS:
                return self._read(kind, body)
            case "POST", "crm", "associations", version, kind, to, "batch", "read" if version == VERSION and {kind, to} <= set(KINDS):
                return 200, self._associated(kind, to, body)
            case "GET", "crm", "owners", version if version == VERSION:
                return 200, self._owners(params)
            case "GET", "crm", "pipelines", version, "deals" if version == VERSION:
                self._allowed("deals")
                return 200, {"results": self._pipelines()}
        raise _Refused(404, "OBJECT_NOT_FOUND", "resource not found")

    def _renewed(self, request: httpx.Request) -> Any:
        said = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if request.url.query or said != {"grant_type": "refresh_token", "client_id": CLIENT, "client_secret": CLIENT_SECRET,
                                         "refresh_token": REFRESH}:
            raise _Refused(400, "VALIDATION_ERROR", "missing or invalid refresh token")
        token = f"simulated-access-token-{len(self.tokens)}"
        self.tokens.add(token)
        return {"token_type": "bearer", "access_token": token, "refresh_token": REFRESH, "expires_in": 1800, "hub_id": 62515}

    def _limited(self) -> None:
        """No more than so many requests in ten seconds."""
        if self._burst is not None:
            self._within = [when for when in self._within if when > self.now - timedelta(seconds=10)]
            if len(self._within) >= self._burst:
                raise _Refused(429, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.", errorType="RATE_LIMIT",
                               policyName="TEN_SECONDLY_ROLLING")
            self._within.append(self.now)

    def _allowed(self, kind: str) -> None:
        scope = SCOPES.get(kind, "crm.objects.contacts.read")
        if scope not in self.scopes:
            raise _Refused(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.", errors=[
                {"message": "One or more of the following scopes are required.", "context": {"requiredGranularScopes": [scope]}}])

    def _list(self, kind: str, params: Mapping[str, str]) -> Any:
        self._allowed(kind)
        _known(params, LIST)
        limit, archived = _limit(params.get("limit", "10"), LISTED), params.get("archived") == "true"
        if kind not in self._ids:
            self._ids[kind] = [*self.objects[kind]]
        ids = self._ids[kind]
        start = bisect.bisect_left(ids, int(params["after"])) if "after" in params else 0
        found: list[Object] = []
        while start < len(ids) and len(found) <= limit:
            one = self.objects[kind][ids[start]]
            if (one.archived is not None) == archived:
                found.append(one)
            start += 1
        answer: dict[str, Any] = {"results": [self._shown(kind, one, _texts(params.get("properties", "")),
                                                          _texts(params.get("associations", ""))) for one in found[:limit]]}
        if len(found) > limit:
            after = str(found[limit].number)
            answer["paging"] = {"next": {"after": after, "link": f"https://api.hubapi.com/crm/objects/{VERSION}/{kind}?after={after}"}}
        return answer

    def _search(self, kind: str, body: Mapping[str, Any]) -> Any:
        self._allowed(kind)
        _known(body, SEARCH)
        limit, after, groups, sorts = _limit(body.get("limit", 10), FOUND), int(body.get("after") or 0), body["filterGroups"], body["sorts"]
        if len(groups) != 1 or len(groups[0]["filters"]) > 6 or len(sorts) != 1:
            raise _Refused(400, "VALIDATION_ERROR", "too many filters or sorts")
        if after + limit > RESULTS:
            raise _Refused(400, "VALIDATION_ERROR", "Paging beyond 10,000 results is not supported")
        by = sorts[0]["propertyName"]
        filters = {(one["propertyName"], one["operator"]): str(one["value"]) for one in groups[0]["filters"]}
        times, times_name = self._order(kind), _changed(kind)
        low, high = 0, len(times)
        for (name, operator), value in filters.items():
            if name == times_name and operator == "GTE":
                low = bisect.bisect_left(times, (_of_stamp(value), 0))
            elif name == times_name and operator == "EQ":
                low, high = bisect.bisect_left(times, (_of_stamp(value), 0)), bisect.bisect_left(times, (_of_stamp(value) + "~", 0))
            elif (name, operator) != ("hs_object_id", "GT"):
                raise _Refused(400, "VALIDATION_ERROR", f"{name} {operator} is not simulated")
        ids = [number for _time, number in times[low:high if by == "hs_object_id" else min(high, low + after + limit)]]
        if by == "hs_object_id":
            ids = sorted(number for number in ids if number > int(filters.get(("hs_object_id", "GT"), "0")))
        elif by != times_name:
            raise _Refused(400, "VALIDATION_ERROR", f"a sort by {by} is not simulated")
        total = high - low if by == times_name else len(ids)
        answer: dict[str, Any] = {"total": total, "results": [self._shown(kind, self.objects[kind][number], body["properties"])
                                                              for number in ids[after:after + limit]]}
        if total > after + limit:
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return answer

    def _order(self, kind: str) -> list[tuple[str, int]]:
        """The records that are not archived, by the time of their change."""
        if kind not in self._orders:
            self._orders[kind] = sorted((one.updated, one.number) for one in self.objects[kind].values() if one.archived is None)
        return self._orders[kind]

    def _read(self, kind: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        self._allowed(kind)
        _known(body, frozenset({"inputs", "properties", "propertiesWithHistory", "idProperty"}))
        ids = [one["id"] for one in body["inputs"]]
        if len(ids) > (HISTORIES if body["propertiesWithHistory"] else READ):
            raise _Refused(400, "VALIDATION_ERROR", "too many inputs")
        there = [one for number in ids if (one := self.objects[kind].get(int(number))) is not None and one.archived is None]
        results = []
        for one in there:
            shown = self._shown(kind, one, body["properties"])
            shown["propertiesWithHistory"] = {name: [
                {"value": value, "timestamp": when, "sourceType": "CRM_UI", "sourceId": "userId:7"}
                for when, value in sorted(one.history.get(name, []), key=lambda entry: entry[0], reverse=True)]
                for name in body["propertiesWithHistory"] if name in one.history}
            results.append(shown)
        gone = [number for number in ids if number not in {str(one.number) for one in there}]
        answer = {"status": "COMPLETE", "results": results, "startedAt": self.time, "completedAt": self.time}
        if not gone:
            return 200, answer
        return 207, {**answer, "numErrors": 1, "errors": [{"status": "error", "category": "OBJECT_NOT_FOUND", "links": {}, "errors": [],
                                                           "message": "Could not get some objects", "context": {"ids": gone}}]}

    def _associated(self, kind: str, to: str, body: Mapping[str, Any]) -> Any:
        self._allowed(kind)
        ids = [one["id"] for one in body["inputs"]]
        if not 0 < len(ids) <= ASSOCIATED:
            raise _Refused(400, "VALIDATION_ERROR", "too many inputs")
        found = {number: self._leads_to(kind, self.objects[kind][int(number)], to) for number in ids if int(number) in self.objects[kind]}
        kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"}]
        return {"status": "COMPLETE", "startedAt": self.time, "completedAt": self.time, "results": [
            {"from": {"id": number}, "to": [{"toObjectId": other, "associationTypes": kinds} for other in others]}
            for number, others in found.items() if others]}

    def _leads_to(self, kind: str, one: Object, to: str) -> list[str]:
        """What a record leads to, without what is in the bin."""
        return [number for number in one.leads_to.get(to, [])
                if (other := self.objects[to].get(int(number))) is not None and other.archived is None]

    def _owners(self, params: Mapping[str, str]) -> Any:
        self._allowed("owners")
        _known(params, frozenset({"limit", "after", "archived", "email"}))
        limit, start = _limit(params.get("limit", "100"), 500), int(params.get("after", 0))
        found = [one for one in self.owners if one["archived"] == (params.get("archived") == "true")]
        more = {"paging": {"next": {"after": str(start + limit)}}} if len(found) > start + limit else {}
        return {"results": found[start:start + limit], **more}

    def _pipelines(self) -> list[Any]:
        epoch = "1970-01-01T00:00:00Z"
        return [{"id": pipeline, "label": next(one["name"] for one in self.stages if one["pipeline"] == pipeline), "displayOrder": place,
                 "archived": False, "createdAt": epoch, "updatedAt": epoch, "stages": [
                     {"id": one["stage"], "label": one["label"], "displayOrder": at, "archived": False, "createdAt": epoch,
                      "updatedAt": one["updated"], "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
                      "metadata": {"probability": one["probability"], "isClosed": "true" if one["closed"] else "false"}}
                     for at, one in enumerate(each for each in self.stages if each["pipeline"] == pipeline)]}
                for place, pipeline in enumerate(dict.fromkeys(one["pipeline"] for one in self.stages))]

    def _shown(self, kind: str, one: Object, properties: Sequence[str], associations: Sequence[str] = ()) -> dict[str, Any]:
        has = one.properties
        shown: dict[str, Any] = {name: has.get(name) for name in properties}
        shown |= {"createdate": has.get("createdate"), _changed(kind): one.updated, "hs_object_id": str(one.number)}
        made: dict[str, Any] = {"id": str(one.number), "properties": shown, "createdAt": one.created, "updatedAt": one.updated,
                                "archived": one.archived is not None}
        if one.archived is not None:
            made["archivedAt"] = one.archived
        found = {to: self._leads_to(kind, one, to) for to in associations} if associations and one.leads_to else {}
        if any(found.values()):
            made["associations"] = {to: {"results": [{"id": number, "type": f"{kind}_to_{to}"} for number in ids]}
                                    for to, ids in found.items() if ids}
        return made


def stamp(when: datetime) -> str:
    """An instant as the API writes it."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _of_stamp(value: str) -> str:
    return stamp(datetime.fromtimestamp(int(value) / 1000, UTC))


def _changed(kind: str) -> str:
    return "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"


def _texts(said: str) -> list[str]:
    return said.split(",") if said else []


def _limit(said: object, most: int) -> int:
    limit = int(str(said))
    if not 0 < limit <= most:
        raise _Refused(400, "VALIDATION_ERROR", f"Invalid input JSON: limit must be at most {most}")
    return limit


def _known(asked: Mapping[str, Any], known: frozenset[str]) -> None:
    if not set(asked) <= known:
        raise _Refused(400, "VALIDATION_ERROR", f"unknown: {', '.join(sorted(set(asked) - known))}")
