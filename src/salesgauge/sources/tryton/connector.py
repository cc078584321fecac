"""The streams of Tryton: its parties, employees, products, opportunities with their history, and sales."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import OVERLAP, Key, Record, Right, Stream, tried
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.tryton.rpc import Rpc, wrapped

CREATED, CHANGED, TIMES = "created", "changed", ("create_date", "write_date")


@dataclass(frozen=True)
class _Kind:
    """A stream of a model's records: its name, the model, and its columns by the fields that they come from."""

    name: str
    model: str
    fields: dict[str, str]


KINDS = (
    _Kind("parties", "party.party", {"id": "id", "name": "name", "code": "code"}),
    _Kind("employees", "company.employee", {"id": "id", "name": "rec_name", "start_date": "start_date", "end_date": "end_date",
                                            "supervisor": "supervisor"}),
    _Kind("currencies", "currency.currency", {"id": "id", "code": "code"}),
    _Kind("products", "product.product", {"id": "id", "name": "rec_name", "code": "code"}),
    _Kind("opportunities", "sale.opportunity", {
        "id": "id", "number": "number", "party": "party", "employee": "employee", "currency": "currency", "amount": "amount",
        "start_date": "start_date", "end_date": "end_date", "description": "description", "lost_reason": "lost_reason",
        "state": "state"}),
    _Kind("sales", "sale.sale", {"id": "id", "number": "number", "party": "party", "employee": "employee", "currency": "currency",
                                 "sale_date": "sale_date", "state": "state", "origin": "origin"}),
    _Kind("sale_lines", "sale.line", {"id": "id", "sale": "sale", "type": "type", "product": "product", "quantity": "quantity",
                                      "unit_price": "unit_price"}),
)
DEALS, HISTORY = "sale.opportunity", ("opportunity", CHANGED, "state", "amount", "end_date")
OPTIONAL = {"employees": ("supervisor",), "sales": ("employee",)}  # fields that further modules bring


class Tryton:
    """A database of Tryton, read by remote procedures. Nothing is changed there."""

    def __init__(self, connection: Connection, rpc: Rpc) -> None:
        self._connection, self._rpc = connection, rpc

    def streams(self) -> Sequence[Stream]:
        """A stream per model, and one of the opportunities' history."""
        made = [Stream(kind.name, (*kind.fields, CREATED, CHANGED), ("id",), self._reading(kind), CHANGED, ordered=False,
                       census=self._census(kind.model)) for kind in KINDS]
        return [*made, Stream("history", HISTORY, ("opportunity", CHANGED), self._history, CHANGED, ordered=False)]

    def rights(self) -> Iterable[Right]:
        """Whether each model can be read."""
        for kind in KINDS:
            yield tried(f"read {kind.model}", partial(self._rpc.call, f"model.{kind.model}.search", [], 0, 1, None))

    def close(self) -> None:
        """Signs out."""
        self._rpc.close()

    def _reading(self, kind: _Kind) -> Callable[[str | None], Iterator[Sequence[Record]]]:
        def read(since: str | None) -> Iterator[Sequence[Record]]:
            fields = self._there(kind)
            for page in self._rpc.pages(kind.model, _since(since), [*fields.values(), *TIMES]):
                yield [{**{name: row.get(field) for name, field in fields.items()}, **_times(row)} for row in page]
        return read

    def _there(self, kind: _Kind) -> dict[str, str]:
        """The fields of a kind without those that this database lacks."""
        if kind.name not in OPTIONAL:
            return kind.fields
        has = self._rpc.call(f"model.{kind.model}.fields_get", list(OPTIONAL[kind.name]))
        return {name: field for name, field in kind.fields.items() if name not in OPTIONAL[kind.name] or field in has}

    def _census(self, model: str) -> Callable[[], Iterator[Sequence[Key]]]:
        def census() -> Iterator[Sequence[Key]]:
            for ids in self._rpc.ids(model):
                yield [(str(number),) for number in ids]
        return census

    def _history(self, since: str | None) -> Iterator[Sequence[Record]]:
        """What each opportunity that changed said at each of its revisions."""
        for page in self._rpc.pages(DEALS, _since(since), []):
            revisions = self._rpc.call(f"model.{DEALS}.history_revisions", [row["id"] for row in page])
            yield [self._revision(when, number) for when, number, _user in revisions]

    def _revision(self, when: str, number: int) -> Record:
        (row,) = self._rpc.call(f"model.{DEALS}.read", [number], ["state", "amount", "end_date"], context={"_datetime": wrapped(when)})
        return {"opportunity": number, CHANGED: when, "state": row["state"], "amount": row["amount"], "end_date": row["end_date"]}


def _times(row: dict[str, Any]) -> Record:
    return {CREATED: row["create_date"], CHANGED: row["write_date"] or row["create_date"]}


def _since(since: str | None) -> list[Any]:
    """The domain of what changed at or after an instant (None: everything)."""
    if since is None:
        return []
    early = (datetime.fromisoformat(since.removesuffix("Z")) - OVERLAP).isoformat(timespec="microseconds")
    return [["OR", ["write_date", ">=", wrapped(early)], [["write_date", "=", None], ["create_date", ">=", wrapped(early)]]]]


def connect(connection: Connection, secrets: Secrets, network: Network) -> Tryton:
    """The database `options.database` of the server at `options.url`, as the user `options.user` with the secret `password`."""
    return Tryton(connection, Rpc(connection.name, str(connection.option("url")), str(connection.option("database")),
                                  str(connection.option("user")), connection.secret("password", secrets), network))
