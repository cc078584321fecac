"""Odoo's JSON-2 API: a model's methods over HTTP, its errors in words, and values as they mean it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import Secret
from salesgauge.sources.connections.wire import Network, Wire, said, shaped

PAGE = 500
CONTEXT = {"active_test": False}  # lost deals, users who left and products that are no longer sold are archived
Domain = Sequence[Any]
Row = dict[str, Any]


class NoModel(SourceError):
    """A model that this database does not have: the module that brings it is not installed."""


class Json2:
    """One database, as the user whose API key it is."""

    def __init__(self, name: str, address: str, database: str, key: Secret, network: Network) -> None:
        self._name = name
        self._wire = Wire(name, address, network=network, headers={"Authorization": f"bearer {key.reveal()}", "X-Odoo-Database": database},
                          heed=self._heed)

    def fields(self, model: str) -> dict[str, str]:
        """The fields of a model and their types; NoModel where there is no such model."""
        found = self._call(model, "fields_get", _is_described, attributes=["type"])
        return {name: field["type"] for name, field in found.items()}

    def pages(self, model: str, domain: Domain, fields: Sequence[str]) -> Iterator[list[Row]]:
        """The records of a model that a domain selects, by their ids, so that what changes meanwhile moves no page."""
        last = 0
        while True:
            found = self._call(model, "search_read", _are_records, domain=[*domain, ["id", ">", last]], fields=list(fields), limit=PAGE,
                               order="id asc")
            if found:
                yield found
                last = found[-1]["id"]
            if len(found) < PAGE:
                return

    def ids(self, model: str, domain: Domain) -> Iterator[list[int]]:
        """The ids of the records that a domain selects."""
        last = 0
        while True:
            found = self._call(model, "search", _are_numbers, domain=[*domain, ["id", ">", last]], limit=PAGE, order="id asc")
            if found:
                yield found
                last = found[-1]
            if len(found) < PAGE:
                return

    def read(self, model: str, ids: Sequence[int], fields: Sequence[str]) -> list[Row]:
        """Those of these records that there are."""
        found: list[Row] = self._call(model, "search_read", _are_records, domain=[["id", "in", list(ids)]], fields=list(fields))
        return found

    def first(self, model: str, domain: Domain) -> None:
        """Reads one record, to see whether that is allowed."""
        self._call(model, "search_read", _are_records, domain=list(domain), fields=["id"], limit=1)

    def close(self) -> None:
        """Ends it."""
        self._wire.close()

    def _call(self, model: str, method: str, fits: Callable[[Any], bool], **parameters: Any) -> Any:
        return self._wire.ask("POST", f"/json/2/{model}/{method}", read=shaped(fits), json={**parameters, "context": CONTEXT})

    def _heed(self, found: httpx.Response) -> None:
        """What Odoo says of a refusal. A fault of a program there (500) comes again however often it is asked; what the server in front
        of it says is left to the wire."""
        if not found.is_error or found.status_code == httpx.codes.UNAUTHORIZED:
            return
        fault = said(found)
        if not isinstance(fault, Mapping) or "name" not in fault:
            return
        model = found.request.url.path.removeprefix("/json/2/").partition("/")[0]
        words = (str(fault.get("message") or fault["name"]).strip().splitlines() or [""])[0][:200]
        if found.status_code == httpx.codes.NOT_FOUND and "does not exist" in words and repr(model) in words:
            raise NoModel(f"{self._name}: this database has no {model}: the module that brings it is not installed")
        if found.status_code == httpx.codes.FORBIDDEN:
            raise SourceError(f"{self._name}: the user of the API key may not read {model}: {words}")
        if found.status_code < httpx.codes.INTERNAL_SERVER_ERROR or str(fault["name"]).startswith("builtins."):
            raise SourceError(f"{self._name}: Odoo refuses to read {model} ({found.status_code}): {words}")


def _are_records(body: Any) -> bool:
    return isinstance(body, list) and all(isinstance(row, dict) and isinstance(row.get("id"), int) for row in body)


def _are_numbers(body: Any) -> bool:
    return isinstance(body, list) and all(isinstance(number, int) for number in body)


def _is_described(body: Any) -> bool:
    return isinstance(body, dict) and "id" in body and all(isinstance(field, dict) and "type" in field for field in body.values())


def plain(kind: str, value: Any, named: bool = False) -> Any:
    """A field's value of a type: false means that it is empty, but of a boolean; of a link the id (or, `named`, what it is called); an
    instant, which is UTC there, with its zone."""
    if kind == "boolean":
        return bool(value)
    if value is False:
        return None
    if kind == "many2one":
        return value[1 if named else 0] if isinstance(value, list) else value
    if kind == "datetime":
        return f"{str(value).replace(' ', 'T')}Z"
    return value
