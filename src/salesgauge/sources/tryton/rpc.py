"""Tryton's remote procedures: signing in, calling a model's method, and values as they come over the wire."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import Secret
from salesgauge.sources.connections.wire import Network, Wire

PAGE = 500


class Rpc:
    """One database of a Tryton server, as a user who is signed in at the first call and whenever the session has ended."""

    def __init__(self, name: str, address: str, database: str, user: str, password: Secret, network: Network | None = None) -> None:
        self._name, self._path, self._user, self._password = name, f"/{database}/rpc/", user, password
        self._door = Wire(name, address, network=network)
        self._wire = Wire(name, address, network=network, sign=self._signed)
        self._session: dict[str, str] = {}

    def call(self, method: str, *parameters: Any, context: Mapping[str, Any] | None = None) -> Any:
        """The result of a method, such as model.party.party.search; SourceError where the server says no."""
        return plain(self._ask(self._wire, method, [*parameters, {**(context or {})}]))

    def pages(self, model: str, domain: Sequence[Any], fields: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        """The records of a model that a domain selects, by their ids, so that what changes meanwhile moves no page."""
        last = 0
        while True:
            found = self.call(f"model.{model}.search_read", [*domain, ["id", ">", last]], 0, PAGE, [["id", "ASC"]], list(fields),
                              context={"active_test": False})
            if found:
                yield found
                last = found[-1]["id"]
            if len(found) < PAGE:
                return

    def ids(self, model: str) -> Iterator[list[int]]:
        """The ids of all records of a model, also of those that are no longer active."""
        last = 0
        while True:
            found = self.call(f"model.{model}.search", [["id", ">", last]], 0, PAGE, [["id", "ASC"]], context={"active_test": False})
            if found:
                yield found
                last = found[-1]
            if len(found) < PAGE:
                return

    def close(self) -> None:
        """Signs out, where the server lets it."""
        if self._session:
            with suppress(SourceError):
                self._ask(self._wire, "common.db.logout", [])
        self._wire.close()
        self._door.close()

    def _signed(self, fresh: bool) -> dict[str, str]:
        """The headers of the session; one that has ended meanwhile is begun anew."""
        if fresh or not self._session:
            begun = self._ask(self._door, "common.db.login", [self._user, {"password": self._password.reveal()}])
            if not begun:
                raise SourceError(f"{self._name}: it does not let {self._user} in: the user or the secret password is wrong")
            token = base64.b64encode(f"{self._user}:{begun[0]}:{begun[1]}".encode()).decode()
            self._session = {"Authorization": f"Session {token}"}
        return self._session

    def _ask(self, wire: Wire, method: str, parameters: list[Any]) -> Any:
        answer = wire.post(self._path, {"id": 0, "method": method, "params": parameters})
        if isinstance(answer, Mapping) and answer.get("error"):
            said = answer["error"]
            words = " ".join(str(part) for part in said if isinstance(part, str)) if isinstance(said, list) else str(said)
            raise SourceError(f"{self._name}: it refuses {method}: {words.splitlines()[0][:200]}")
        if not isinstance(answer, Mapping) or "result" not in answer:
            raise SourceError(f"{self._name}: it answers {method} with something else than a result; is it Tryton that stands there?")
        return answer["result"]


def plain(value: Any) -> Any:
    """A value without Tryton's wrappers: instants (UTC) and dates as ISO 8601 text, decimals as they are written."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("__class__"):
        case "datetime":
            parts = [value[name] for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")]
            return datetime(*parts).isoformat(timespec="microseconds") + "Z"
        case "date":
            return f"{value['year']:04d}-{value['month']:02d}-{value['day']:02d}"
        case "Decimal":
            return value["decimal"]
    return {name: plain(item) for name, item in value.items()}


def wrapped(instant: str) -> dict[str, Any]:
    """An instant that `plain` gave, as Tryton takes it."""
    when = datetime.fromisoformat(instant.removesuffix("Z"))
    return {"__class__": "datetime", "year": when.year, "month": when.month, "day": when.day, "hour": when.hour, "minute": when.minute,
            "second": when.second, "microsecond": when.microsecond}
