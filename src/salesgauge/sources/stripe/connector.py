"""The streams of Stripe: customers, products, invoices, charges, refunds, credit notes and subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import OVERLAP, Record, Right, Stream, tried
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.stripe import records
from salesgauge.sources.stripe.api import ADDRESS, Api, Events, Object, seconds

CHANGED, WHOLE, DELETED = "changed", "whole", "deleted"


@dataclass(frozen=True)
class _Kind:
    """A list of objects: its path, what is kept of one, the events that tell of a change, the permission of a key that it needs, and
    whether the list can be asked for what was created since."""

    path: str
    object: str
    columns: tuple[str, ...]
    events: tuple[str, ...]
    permission: str
    record: Callable[[Object], Record]
    created: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)
    expand: tuple[str, ...] = ()


KINDS = (
    _Kind("customers", "customer", records.CUSTOMER, ("customer.created", "customer.updated", "customer.deleted"), "Customers",
          records.customer),
    _Kind("products", "product", records.PRODUCT, ("product.created", "product.updated", "product.deleted"), "Products and Prices",
          records.product, expand=("default_price",)),
    _Kind("invoices", "invoice", records.INVOICE,
          ("invoice.created", "invoice.finalized", "invoice.updated", "invoice.paid", "invoice.voided", "invoice.marked_uncollectible",
           "invoice.deleted"), "Invoices", records.invoice),
    _Kind("charges", "charge", records.CHARGE, ("charge.succeeded", "charge.captured", "charge.updated", "charge.pending"),
          "Charges and Refunds", records.charge),
    _Kind("refunds", "refund", records.REFUND, ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"),
          "Charges and Refunds", records.refund),
    _Kind("credit_notes", "credit_note", records.CREDIT_NOTE, ("credit_note.created", "credit_note.updated", "credit_note.voided"),
          "Credit notes", records.credit_note, created=False),
    _Kind("subscriptions", "subscription", records.SUBSCRIPTION,
          tuple(f"customer.subscription.{what}" for what in ("created", "updated", "deleted", "paused", "resumed")), "Subscriptions",
          records.subscription, params={"status": "all"}),
)


class Stripe:
    """An account of Stripe. Nothing is changed there."""

    def __init__(self, api: Api) -> None:
        self._api, self._events = api, Events(api)

    def streams(self) -> Sequence[Stream]:
        """A stream per list. `changed` is the instant up to which a record is known to be right, then that of the last reading of all."""
        return [Stream(kind.path, (*kind.columns, DELETED, CHANGED, WHOLE), ("id",), self._reading(kind), CHANGED, ordered=False,
                       deleted=DELETED) for kind in KINDS]

    def rights(self) -> Iterable[Right]:
        """Whether each list can be read."""
        for path, permission in [*((kind.path, kind.permission) for kind in KINDS), ("events", "Events")]:
            yield tried(f"read {path}", partial(self._api.first, path), f"give the restricted key the permission {permission}: Read")

    def close(self) -> None:
        """Closes its connections."""
        self._api.close()

    def _reading(self, kind: _Kind) -> Callable[[str | None], Iterator[Sequence[Record]]]:
        def read(since: str | None) -> Iterator[Sequence[Record]]:
            then, _, whole = (since or "").partition(" ")
            now = max(self._events.now, then)
            if not then or not self._events.reach(then):  # the first time, or so late that Stripe no longer tells what happened meanwhile
                pages = self._listed(kind, {})
                whole = now
            else:
                pages = self._changed(kind, seconds(then) - int(OVERLAP.total_seconds()))
            for page in pages:
                yield [{**record, CHANGED: f"{now} {whole}", WHOLE: whole} for record in page]
        return read

    def _listed(self, kind: _Kind, more: Mapping[str, Any]) -> Iterator[list[Record]]:
        expand = {"expand[]": [f"data.{name}" for name in kind.expand]} if kind.expand else {}
        for page in self._api.pages(kind.path, {**kind.params, **expand, **more}):
            yield [self._record(kind, found) for found in page]

    def _changed(self, kind: _Kind, earliest: int) -> Iterator[list[Record]]:
        """What was created since, by the list, and every other object that an event speaks of, by its id: an event shows its object as
        it was then, and as an older version of the interface has it."""
        seen: set[str] = set()
        if kind.created:
            for page in self._listed(kind, {"created[gte]": max(earliest, 0)}):
                seen.update(str(record["id"]) for record in page)
                yield page
        expand = {"expand[]": list(kind.expand)} if kind.expand else {}
        for events in self._events.since(max(earliest, 0), kind.events):
            told = []
            for event in events:
                found = event["data"]["object"]
                gone = event["type"] == f"{kind.object}.deleted"
                if found.get("object") == kind.object and found["id"] not in seen:
                    seen.add(found["id"])
                    told.append(self._gone(found) if gone else self._record(kind, self._api.one(kind.path, found["id"], expand)))
            yield told

    def _record(self, kind: _Kind, found: Object) -> Record:
        if found.get("deleted"):
            return self._gone(found)
        if "lines" in found:
            found = {**found, "lines": self._api.rest(f"{kind.path}/{found['id']}/lines", found["lines"])}
        return kind.record(found)

    def _gone(self, found: Object) -> Record:
        return {"id": found["id"], DELETED: True}


def connect(connection: Connection, secrets: Secrets, network: Network) -> Stripe:
    """The account that the secret `key` opens, at Stripe, or at `options.url` (a proxy)."""
    return Stripe(Api(connection.name, str(connection.options.get("url", ADDRESS)), connection.secret("key", secrets), network))
