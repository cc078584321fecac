"""A Tryton server in memory, as far as a reader of its sales sees it.

Covered: JSON-RPC at /DATABASE/rpc/ with login, sessions (401 where one has ended) and logout; `search`, `search_read`, `read`,
`fields_get` and `history_revisions` of the models that hold records here, with domains of comparisons, AND and OR, limits and an order by
id; the history of opportunities by `_datetime`. Not covered: other operators, rights by group, languages, and every method that changes
something (records are changed by the methods of this class). The real one is in tests/more/test_tryton.py.
"""

from __future__ import annotations

import base64
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

DATABASE, USER, PASSWORD = "crm", "reader", "four-unrelated-words-of-tryton"
OPPORTUNITIES = "sale.opportunity"
COMPARED: dict[str, Callable[[Any, Any], Any]] = {"=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge,
                                                  "<": operator.lt, "<=": operator.le}
Values = dict[str, Any]


class _Refused(Exception):
    """An error of the server, as the client is told."""


class Tryton:
    """The records of each model, by id."""

    def __init__(self, now: datetime) -> None:
        self.now = now.replace(tzinfo=None)
        self.models: dict[str, dict[int, Values]] = {name: {} for name in (
            "party.party", "company.employee", "currency.currency", "product.product", OPPORTUNITIES, "sale.sale", "sale.line")}
        self.history: dict[int, list[Values]] = {}
        self._sessions: dict[str, bool] = {}
        self._last: dict[str, int] = {}

    def create(self, model: str, **values: Any) -> int:
        """A new record; its id."""
        number = self._last[model] = self._last.get(model, 0) + 1
        self.models[model][number] = {**values, "id": number, "create_date": self.now, "write_date": None}
        self._keep(model, number)
        return number

    def write(self, model: str, number: int, *, when: datetime | None = None, **values: Any) -> None:
        """Changes a record, now or with the time of another moment."""
        self.models[model][number].update(values, write_date=when or self.now)
        self._keep(model, number)

    def delete(self, model: str, number: int) -> None:
        """Deletes a record."""
        del self.models[model][number]

    def end_sessions(self) -> None:
        """Whoever is signed in must sign in again."""
        self._sessions.clear()

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answers a procedure."""
        if request.url.path != f"/{DATABASE}/rpc/":
            return httpx.Response(404)
        if request.method != "POST":
            return httpx.Response(405)
        asked = json.loads(request.content)
        method, parameters = asked["method"], asked["params"]
        if method == "common.db.login":
            return httpx.Response(200, json={"id": asked["id"], "result": self._sign_in(*parameters)})
        token = request.headers.get("Authorization", "").removeprefix("Session ")
        if base64.b64decode(token).decode().rpartition(":")[2] not in self._sessions:
            return httpx.Response(401)
        try:
            result = self._call(method, parameters)
        except _Refused as problem:
            return httpx.Response(200, json={"id": asked["id"], "error": ["UserError", str(problem), ""]})
        return httpx.Response(200, content=json.dumps({"id": asked["id"], "result": result}, default=_wrapped),
                              headers={"Content-Type": "application/json"})

    def _sign_in(self, user: str, said: Mapping[str, Any]) -> list[Any] | None:
        if (user, said.get("password")) != (USER, PASSWORD):
            return None
        key = f"session{len(self._sessions)}of{self.now:%H%M%S%f}"
        self._sessions[key] = True
        return [1, key]

    def _keep(self, model: str, number: int) -> None:
        if model == OPPORTUNITIES:
            record = self.models[model][number]
            self.history.setdefault(number, []).append({**record, "_at": record["write_date"] or record["create_date"]})

    def _call(self, method: str, parameters: Sequence[Any]) -> Any:
        if method == "common.db.logout":
            return None
        _, _, rest = method.partition("model.")
        model, _, name = rest.rpartition(".")
        if model not in self.models:
            raise _Refused(f"there is no {model}")
        *given, context = parameters
        match name:
            case "search":
                return [record["id"] for record in self._search(model, *given)]
            case "search_read":
                domain, offset, limit, order, fields = given
                return [_picked(record, fields) for record in self._search(model, domain, offset, limit, order)]
            case "read":
                numbers, fields = given
                return [_picked(self._at(model, number, context.get("_datetime")), fields) for number in numbers]
            case "fields_get":
                return {field: {} for field in given[0]}
            case "history_revisions" if model == OPPORTUNITIES:
                found = [(row["_at"], number, "someone") for number in given[0] for row in self.history.get(number, [])]
                return [list(row) for row in sorted(set(found), reverse=True)]
        raise _Refused(f"{model} has no method {name}")

    def _at(self, model: str, number: int, when: Mapping[str, int] | None) -> Values:
        if when is None:
            if number not in self.models[model]:
                raise _Refused(f"there is no record {number}")
            return self.models[model][number]
        asked = _instant(when)
        known = [row for row in self.history[number] if row["_at"] <= asked]
        return max(known, key=lambda row: row["_at"])

    def _search(self, model: str, domain: list[Any], offset: int, limit: int | None, order: list[list[str]] | None) -> list[Values]:
        if order not in (None, [["id", "ASC"]]):
            raise _Refused("only by id")
        found: list[Values] = []
        for record in self.models[model].values():  # ids grow, so they are in order
            if _holds(domain, record):
                found.append(record)
                if limit is not None and len(found) == offset + limit:
                    break
        return found[offset:]


def _holds(domain: Sequence[Any], record: Values) -> bool:
    """Whether a domain (a list of clauses, AND unless it begins with OR) holds of a record."""
    if not domain:
        return True
    if domain[0] in ("OR", "AND"):
        each = [_clause(clause, record) for clause in domain[1:]]
        return any(each) if domain[0] == "OR" else all(each)
    return all(_clause(clause, record) for clause in domain)


def _clause(clause: Sequence[Any], record: Values) -> bool:
    if not (len(clause) == 3 and isinstance(clause[1], str) and clause[1] in COMPARED):
        return _holds(clause, record)
    name, sign, value = clause
    asked, has = _instant(value) if isinstance(value, dict) else value, record[name]
    if has is None or asked is None:
        return bool(COMPARED[sign](has, asked)) if sign in ("=", "!=") else False
    return bool(COMPARED[sign](has, asked))


def _instant(value: Mapping[str, int]) -> datetime:
    year, month, day, hour, minute, second, part = (value[name] for name in (
        "year", "month", "day", "hour", "minute", "second", "microsecond"))
    return datetime(year, month, day, hour, minute, second, part)


def _picked(record: Values, fields: Sequence[str]) -> Values:
    return {"id": record["id"], **{field: record.get(field) for field in fields}}


def _wrapped(value: object) -> object:
    """Values as Tryton sends them."""
    if isinstance(value, datetime):
        return {"__class__": "datetime", **{name: getattr(value, name) for name in (
            "year", "month", "day", "hour", "minute", "second", "microsecond")}}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    raise TypeError(type(value).__name__)


def later(server: Tryton, seconds: float) -> None:
    """The server's clock goes on."""
    server.now += timedelta(seconds=seconds)
