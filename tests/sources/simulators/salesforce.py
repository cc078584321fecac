"""A small organisation of Salesforce, held in memory, that answers as Salesforce does.

Covered: the token endpoint (client credentials, JWT bearer), describe, query and queryAll with the SOQL of salesforce_soql.py, pages of at
most 2,000 records by nextRecordsUrl (ten lists are kept, older ones are INVALID_QUERY_LOCATOR), Bulk API 2.0 query jobs with CSV results by
locator, Sforce-Limit-Info and REQUEST_LIMIT_EXCEEDED, versions, what a user may not see, the history of stages and owners, deletes, the
recycle bin, merges.
Not covered: writing through the API, sharing rules between users, field types beyond those of the schema, formula fields, territories,
dated exchange rates, composite requests, XML, bulk results in parallel. Numbers are written by Python in JSON, and as Java does in CSV.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import httpx

from sources.simulators.salesforce_schema import PARENTS, PREFIXES, schema
from sources.simulators.salesforce_soql import Malformed, Query, holds, parsed

CLIENT, SECRET, USER = "3MVG9consumer", "consumer-secret-of-the-app", "reader@example.com"
VERSIONS = range(47, 69)
MOST = 2_000
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STAGES = (("Prospecting", False, False, 10, "Pipeline"), ("Qualification", False, False, 20, "Pipeline"),
          ("Proposal", False, False, 60, "BestCase"), ("Closed Won", True, True, 100, "Closed"), ("Closed Lost", True, False, 0, "Omitted"))


class Org:
    """The organisation. `now` is its clock; `page` the records of one page; `hidden` are fields (Object.Field) and objects that the user
    may not see; `limit` is how many requests it has in a day, `used` how many are used;
    `polls` how often one looks at a job before it ends as `ends`; `slow` are objects that are too large for a query."""

    def __init__(self, now: datetime, *, page: int = MOST, currencies: bool = False, public_key: str | None = None) -> None:
        assert page <= MOST
        self.now, self.page, self.hidden, self.limit, self.used = now, page, set[str](), 100_000, 0
        self.slow = set[str]()
        self.public_key, self.polls, self.ends, self.tokens_given = public_key, 2, "JobComplete", 0
        self.schema = schema(currencies)
        self.records: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in self.schema}
        self.requests: list[str] = []
        self.jobs: dict[str, dict[str, Any]] = {}
        self._number, self._token = 0, ""
        self._lists: dict[str, tuple[Query, list[dict[str, Any]]]] = {}
        self._steps: dict[str, list[dict[str, Any]]] = {}
        for place, (label, closed, won, chance, category) in enumerate(STAGES, 1):
            self.create("OpportunityStage", MasterLabel=label, ApiName=label, IsActive=True, IsClosed=closed, IsWon=won, SortOrder=place,
                        DefaultProbability=chance, ForecastCategory=category)

    # What people do in it.

    def stamp(self, moved: float = 0.0) -> str:
        """Its clock as it writes instants, some seconds further."""
        return (self.now + timedelta(seconds=moved)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    def create(self, sobject: str, moved: float = 0.0, **values: Any) -> str:
        """A record; the first step of a deal's history comes with it."""
        self._number += 1
        identity = _identity(PREFIXES[sobject], self._number)
        record: dict[str, Any] = {name: False if kind == "boolean" else None for name, kind in self.schema[sobject].items()}
        stamp = self.stamp(moved)
        record |= {name: stamp for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp") if name in record}
        unknown = values.keys() - record.keys()
        assert not unknown, f"{sobject} has no {unknown}"
        record |= {"Id": identity, **values}
        self.records[sobject][identity] = record
        if sobject == "Opportunity":
            self._staged(record)
            self._step(record, stamp)
        return identity

    def update(self, identity: str, moved: float = 0.0, **values: Any) -> None:
        """Changes a record; deals get a step of history, and one of their owner's."""
        sobject, record = self.find(identity)
        assert not values.keys() - record.keys()
        before, stamp = dict(record), self.stamp(moved)
        record |= values
        record |= {name: stamp for name in ("LastModifiedDate", "SystemModstamp") if name in record}
        if sobject != "Opportunity":
            return
        self._staged(record)
        if any(before[name] != record[name] for name in ("StageName", "Amount", "CloseDate", "Probability")):
            self._step(record, stamp)
        if before["OwnerId"] != record["OwnerId"]:
            for old, new in ((before["OwnerId"], record["OwnerId"]), ("Old Name", "New Name")):
                self.create("OpportunityFieldHistory", moved, OpportunityId=identity, Field="Owner", OldValue=old, NewValue=new)

    def delete(self, identity: str, into: str | None = None) -> None:
        """Puts a record into the recycle bin; `into`: because it was merged into that one, which gets what belonged to it."""
        sobject, record = self.find(identity)
        record |= {"IsDeleted": True, "SystemModstamp": self.stamp()}
        if sobject == "Opportunity":
            for step in self._steps[identity]:
                step |= {"IsDeleted": True, "SystemModstamp": self.stamp()}
        if into is not None:
            record["MasterRecordId"] = into
            for records in self.records.values():
                for other in records.values():
                    other |= {name: into for name in ("AccountId", "WhoId", "WhatId") if other.get(name) == identity}

    def purge(self, identity: str) -> None:
        """Removes a record for good."""
        sobject, _record = self.find(identity)
        del self.records[sobject][identity]

    def find(self, identity: str) -> tuple[str, dict[str, Any]]:
        """A record and its object."""
        return next((name, records[identity]) for name, records in self.records.items() if identity in records)

    def expire(self) -> None:
        """The token that is in use is no longer accepted."""
        self._token = ""

    def _staged(self, record: dict[str, Any]) -> None:
        stage = next(s for s in self.records["OpportunityStage"].values() if s["MasterLabel"] == record["StageName"])
        record |= {"IsClosed": stage["IsClosed"], "IsWon": stage["IsWon"], "Probability": stage["DefaultProbability"]}

    def _step(self, record: Mapping[str, Any], stamp: str) -> None:
        """A step of a deal's history. Its own stamp moves when the next step comes."""
        earlier = self._steps.setdefault(record["Id"], [])
        if earlier:
            earlier[-1]["SystemModstamp"] = stamp
        stage = next(s for s in self.records["OpportunityStage"].values() if s["MasterLabel"] == record["StageName"])
        made = self.create("OpportunityHistory", OpportunityId=record["Id"], ForecastCategory=stage["ForecastCategory"], **{
            name: record[name] for name in ("StageName", "Amount", "CloseDate", "Probability")})
        earlier.append(self.records["OpportunityHistory"][made])
        earlier[-1] |= {"CreatedDate": stamp, "SystemModstamp": stamp}

    # What it answers.

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request."""
        self.requests.append(f"{request.method} {request.url.raw_path.decode()}")
        path = request.url.path
        if path == "/services/oauth2/token":
            return self._stamped(self._let_in(request))
        if len(request.url.raw_path) > 16_384:
            return self._stamped(httpx.Response(414))
        if not self._token or request.headers.get("Authorization") != f"Bearer {self._token}":
            return self._stamped(_refusal(401, "INVALID_SESSION_ID", "Session expired or invalid"))
        self.used += 1
        if self.used > self.limit:
            return self._stamped(_refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
        found = re.fullmatch(r"/services/data/v(\d+)\.0/(.+)", path)
        if found is None or int(found[1]) not in VERSIONS:
            return self._stamped(_refusal(404, "NOT_FOUND", "The requested resource does not exist"))
        try:
            answer = self._routed(request, int(found[1]), found[2])
        except Malformed as problem:
            answer = _refusal(400, problem.code, str(problem))
        return self._stamped(answer)

    def _stamped(self, answer: httpx.Response) -> httpx.Response:
        answer.headers["Date"] = format_datetime(self.now, usegmt=True)
        answer.headers["Sforce-Limit-Info"] = f"api-usage={self.used}/{self.limit}"
        return answer

    def _let_in(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if request.method != "POST" or request.headers.get("Content-Type") != "application/x-www-form-urlencoded":
            return httpx.Response(400, json={"error": "unsupported_grant_type", "error_description": "grant type not supported"})
        match form.get("grant_type"):
            case "client_credentials":
                if form.get("client_id") != CLIENT:
                    return httpx.Response(400, json={"error": "invalid_client_id", "error_description": "client identifier invalid"})
                if form.get("client_secret") != SECRET:
                    return httpx.Response(400, json={"error": "invalid_client", "error_description": "invalid client credentials"})
            case "urn:ietf:params:oauth:grant-type:jwt-bearer" if self.public_key is not None:
                from joserfc import jwt
                from joserfc.jwk import RSAKey
                claims = jwt.decode(form["assertion"], RSAKey.import_key(self.public_key), algorithms=["RS256"]).claims
                left = claims["exp"] - self.now.timestamp()
                if (claims["iss"], claims["sub"]) != (CLIENT, USER) or not 0 < left <= 180 or claims["aud"] != "https://login.salesforce.com":
                    return httpx.Response(400, json={"error": "invalid_grant", "error_description": "invalid assertion"})
            case _:
                return httpx.Response(400, json={"error": "unsupported_grant_type", "error_description": "grant type not supported"})
        self.tokens_given += 1
        self._token = f"00D!token-of-the-session-{self.tokens_given}"
        return httpx.Response(200, json={"access_token": self._token, "instance_url": f"https://{request.url.host}",
                                         "token_type": "Bearer"})

    def _routed(self, request: httpx.Request, version: int, path: str) -> httpx.Response:
        asked = dict(request.url.params)
        if request.method == "GET" and (found := re.fullmatch(r"sobjects/(\w+)/describe", path)):
            return self._described(found[1])
        if request.method == "GET" and path in ("query", "queryAll"):
            if set(asked) != {"q"}:
                raise Malformed("MALFORMED_QUERY", "a query is asked for by q alone")
            return self._queried(asked["q"], version, everything=path == "queryAll")
        if request.method == "GET" and (found := re.fullmatch(r"(?:query|queryAll)/(\w+)-(\d+)", path)):
            if found[1] not in self._lists:
                raise Malformed("INVALID_QUERY_LOCATOR", "invalid query locator")
            return self._listed(found[1], int(found[2]), version)
        if path == "jobs/query" and request.method == "POST":
            return self._job(json.loads(request.content), version)
        if found := re.fullmatch(r"jobs/query/(\w+)(/results)?", path):
            return self._about_job(request, found[1], bool(found[2]), version)
        return _refusal(404, "NOT_FOUND", "The requested resource does not exist")

    def _there(self, sobject: str) -> bool:
        return sobject in self.schema and sobject not in self.hidden

    def _type(self, sobject: str, field: str) -> str | None:
        parent, _, inner = field.rpartition(".")
        if parent:
            reference, other = PARENTS.get(parent, ("", ""))
            there = reference in self.schema[sobject] and f"{sobject}.{reference}" not in self.hidden
            return self.schema[other].get(inner) if there else None
        return None if f"{sobject}.{field}" in self.hidden else self.schema[sobject].get(field)

    def _described(self, sobject: str) -> httpx.Response:
        if not self._there(sobject):
            return _refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return httpx.Response(200, json={"name": sobject, "fields": [
            {"name": name, "type": kind} for name, kind in self.schema[sobject].items() if f"{sobject}.{name}" not in self.hidden]})

    def _found(self, text: str, everything: bool) -> tuple[Query, list[dict[str, Any]]]:
        query = parsed(text, self._type, self._there)
        found = [record for record in self.records[query.sobject].values()
                 if (everything or not record.get("IsDeleted")) and all(holds(c, self._value(record, c.field)) for c in query.where)]
        for field, down in reversed(query.order):
            found.sort(key=lambda record: (record[field] is not None, record[field]), reverse=down)
        return query, found[:query.limit]

    def _value(self, record: Mapping[str, Any], field: str) -> Any:
        parent, _, inner = field.rpartition(".")
        if not parent:
            return record[field]
        other = self.records[PARENTS[parent][1]].get(record[PARENTS[parent][0]])
        return None if other is None else other[inner]

    def _queried(self, text: str, version: int, everything: bool) -> httpx.Response:
        query, found = self._found(text, everything)
        if query.sobject in self.slow:
            raise Malformed("QUERY_TIMEOUT", "Your query request was running for too long.")
        if query.fields is None:
            return httpx.Response(200, json={"totalSize": len(found), "done": True, "records": []})
        locator = f"01g{len(self.requests):012d}"
        self._lists[locator] = query, found
        while len(self._lists) > 10:
            del self._lists[next(iter(self._lists))]
        return self._listed(locator, 0, version)

    def _listed(self, locator: str, begin: int, version: int) -> httpx.Response:
        query, found = self._lists[locator]
        end = begin + self.page
        records = [self._record(query, record, version) for record in found[begin:end]]
        done = end >= len(found)
        return httpx.Response(200, json={"totalSize": len(found), "done": done, "records": records, **(
            {} if done else {"nextRecordsUrl": f"/services/data/v{version}.0/query/{locator}-{end}"})})

    def _record(self, query: Query, record: Mapping[str, Any], version: int) -> dict[str, Any]:
        made: dict[str, Any] = {"attributes": {"type": query.sobject,
                                               "url": f"/services/data/v{version}.0/sobjects/{query.sobject}/{record['Id']}"}}
        for field in query.fields or ():
            parent, _, inner = field.rpartition(".")
            value = self._value(record, field)
            value = float(value) if isinstance(value, Decimal) else value
            if not parent:
                made[field] = value
            elif record[PARENTS[parent][0]] is None:
                made[parent] = None
            else:
                made.setdefault(parent, {"attributes": {"type": parent}})[inner] = value
        return made

    def _job(self, asked: Mapping[str, Any], version: int) -> httpx.Response:
        if set(asked) != {"operation", "query"} or asked["operation"] not in ("query", "queryAll"):
            return _refusal(400, "INVALIDJOB", "invalid job")
        query, found = self._found(asked["query"], asked["operation"] == "queryAll")
        if query.fields is None:
            return _refusal(400, "INVALIDJOB", "aggregate queries are not supported")
        identity = f"750{len(self.jobs) + 1:012d}"
        if not query.order:  # in chunks by key, which are done in any order
            found = sorted(found, key=lambda record: str(record["Id"])[::-1])
        self.jobs[identity] = {"query": query, "found": found, "version": version, "polls": 0, "state": "UploadComplete"}
        return httpx.Response(200, json={
            "id": identity, "operation": asked["operation"], "object": query.sobject, "state": "UploadComplete",
            "apiVersion": float(version), "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA"})

    def _about_job(self, request: httpx.Request, identity: str, results: bool, version: int) -> httpx.Response:
        job = self.jobs.get(identity)
        if job is None:
            return _refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if request.method == "DELETE" and not results:
            del self.jobs[identity]
            return httpx.Response(204)
        if not results:
            job["polls"] += 1
            if job["state"] in ("UploadComplete", "InProgress"):
                job["state"] = self.ends if job["polls"] > self.polls else "InProgress"
            return httpx.Response(200, json={"id": identity, "state": job["state"], **(
                {"errorMessage": "query timed out"} if job["state"] == "Failed" else {})})
        if job["version"] != version:
            return _refusal(409, "API_ERROR", "use the version that made the job")
        if job["state"] != "JobComplete" or request.headers.get("Accept") != "text/csv":
            return _refusal(400, "INVALIDJOBSTATE", "results are there when the job is complete, as text/csv")
        return self._results(job, dict(request.url.params))

    def _results(self, job: Mapping[str, Any], asked: dict[str, str]) -> httpx.Response:
        if asked.keys() - {"locator", "maxRecords"}:
            return _refusal(400, "INVALID_REQUEST", "unknown parameter")
        begin, most = int(asked.get("locator", "A0")[1:]), int(asked.get("maxRecords", "50000"))
        query, page = job["query"], job["found"][begin:begin + most]
        text = io.StringIO()
        lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        lines.writerow(query.fields)
        lines.writerows([_cell(self._value(record, field)) for field in query.fields] for record in page)
        following = f"A{begin + most}" if begin + most < len(job["found"]) else "null"
        return httpx.Response(200, text=text.getvalue(), headers={"Content-Type": "text/csv", "Sforce-Locator": following,
                                                                  "Sforce-NumberOfRecords": str(len(page))})


def _cell(value: Any) -> str:
    """A value as bulk results have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        number = float(value)
        return f"{number / 1e7}E7" if 1e7 <= abs(number) < 1e8 else str(number)
    text = "" if value is None else str(value)
    return f"{text[:-5]}Z" if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", text) else text


def _refusal(status: int, code: str, message: str) -> httpx.Response:
    return httpx.Response(status, json=[{"message": message, "errorCode": code}])


def _identity(prefix: str, number: int) -> str:
    """An id of 18 characters: the last three say which of the first are capitals."""
    text = ""
    while number:
        number, digit = divmod(number, 62)
        text = _DIGITS[digit] + text
    short = prefix + text.rjust(12, "0")
    return short + "".join(_LETTERS[sum(1 << place for place, letter in enumerate(short[part:part + 5]) if letter.isupper())]
                           for part in (0, 5, 10))
