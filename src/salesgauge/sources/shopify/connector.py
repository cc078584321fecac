"""The streams of Shopify: orders with their lines and refunds, customers, products, locations and staff."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import OVERLAP, Key, Record, Right, Stream, tried
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.shopify import records
from salesgauge.sources.shopify.rest import Object, Rest
from salesgauge.sources.shopify.shop import name_of

VERSION = "2026-10"              # of the REST interface, the newest that its documents name
CHANGED = "changed"
ALL_ORDERS, SIXTY_DAYS = "all", "60 days"
SCOPES = {"orders": "read_orders", "customers": "read_customers", "products": "read_products", "locations": "read_locations"}


class Shopify:
    """A shop. Nothing is changed there. `history`: all orders, or those of the last 60 days, as its token may; `staff`: names of staff are
    read; `deletes`: what was deleted is looked for."""

    def __init__(self, connection: Connection, rest: Rest, history: str, *, staff: bool, deletes: bool) -> None:
        self._file, self._rest, self._history, self._staff, self._deletes = connection.path.name, rest, history, staff, deletes

    def streams(self) -> Sequence[Stream]:
        """A stream per list. SourceError where all orders are wanted and the token may not see them: those that it cannot see any more
        would be taken for deleted."""
        if self._history == ALL_ORDERS and not self._sees_all:
            raise SourceError(f"{self._file}: the token may see the orders of the last 60 days only; give the app the scope "
                              f"read_all_orders, or be content with them: options.history = \"{SIXTY_DAYS}\"")
        orders = {"status": "any"}
        return [
            self._changing("orders", records.ORDER, records.order, orders, deletes=self._history == ALL_ORDERS),
            self._changing("customers", records.CUSTOMER, records.customer, {}),
            self._changing("products", records.PRODUCT, lambda found: records.product(found, self._currency), {}),
            Stream("locations", records.LOCATION, ("id",), lambda since: iter([[*map(records.location, self._rest.whole("locations"))]])),
            Stream("staff", records.STAFF, ("id",), self._members)]

    def rights(self) -> Iterable[Right]:
        """Whether each list can be read."""
        for what, scope in {**SCOPES, **({"users": "read_users"} if self._staff else {})}.items():
            yield tried(f"read {what}", partial(self._first, what), f"give the app the scope {scope}")
        if self._history == ALL_ORDERS:
            yield Right("read orders older than 60 days", self._sees_all, "" if self._sees_all else
                        f"give the app the scope read_all_orders, or be content with those of 60 days: --set history=\"{SIXTY_DAYS}\"")

    def close(self) -> None:
        """Closes its connections."""
        self._rest.close()

    def _first(self, what: str) -> None:
        next(self._rest.pages(what, {} if what == "locations" else {"limit": 1}), None)

    @cached_property
    def _sees_all(self) -> bool:
        return "read_all_orders" in self._rest.scopes()

    @cached_property
    def _currency(self) -> str:
        return str(self._rest.shop()["currency"])

    def _changing(self, what: str, columns: tuple[str, ...], record: Callable[[Object], Record], filters: Mapping[str, Any],
                  deletes: bool = True) -> Stream:
        """A list that is read from the last change on; what was deleted is found by all ids."""
        def read(since: str | None) -> Iterator[Sequence[Record]]:
            early = {} if since is None else {"updated_at_min": (datetime.fromisoformat(since) - OVERLAP).isoformat()}
            reached = ""
            for page in self._rest.pages(what, {**filters, **early, "order": "updated_at asc", "fields": records.ASKED[what]}):
                rows = [{**record(found), CHANGED: records.instant(found["updated_at"])} for found in page]
                times = [reached, *(str(row[CHANGED]) for row in rows)]
                if times != sorted(times):  # a slice would end at a time that the rest has not come to
                    raise SourceError(f"{self._file}: Shopify gives {what} in another order than that of their changes; nothing was read")
                reached = times[-1]
                yield rows

        def census() -> Iterator[Sequence[Key]]:
            for page in self._rest.pages(what, {**filters, "fields": "id"}):
                yield [(str(found["id"]),) for found in page]
        return Stream(what, (*columns, CHANGED), ("id",), read, CHANGED, census=census if deletes and self._deletes else None)

    def _members(self, since: str | None) -> Iterator[Sequence[Record]]:
        for page in self._rest.pages("users") if self._staff else ():
            yield [records.member(found) for found in page]


def connect(connection: Connection, secrets: Secrets, network: Network) -> Shopify:
    """The shop `options.shop`, in the version `options.version` of the interface, by the secret `token`. `options.history` is "all" or
    "60 days"; `options.staff` says whether names of staff are read, `options.deletes` whether deleted records are looked for;
    `options.url` is the address of a proxy, where there is one."""
    file, options = connection.path.name, connection.options
    shop = name_of(connection.option("shop"))
    if shop is None:
        raise SourceError(f"{file}: options.shop is the name of the shop at Shopify, such as acme of acme.myshopify.com")
    version = str(options.get("version", VERSION))
    if not re.fullmatch(r"20\d\d-(01|04|07|10)", version):
        raise SourceError(f"{file}: options.version is a version of the REST interface, such as {VERSION}, not {version!r}")
    history = str(options.get("history", ALL_ORDERS))
    if history not in (ALL_ORDERS, SIXTY_DAYS):
        raise SourceError(f"{file}: options.history is \"{ALL_ORDERS}\" or \"{SIXTY_DAYS}\", not {history!r}")
    address = str(options.get("url", f"https://{shop}.myshopify.com"))
    return Shopify(connection, Rest(connection.name, address, version, connection.secret("token", secrets), network), history,
                   staff=_flag(connection, "staff", False), deletes=_flag(connection, "deletes", True))


def _flag(connection: Connection, name: str, default: bool) -> bool:
    said = str(connection.options.get(name, default)).lower()
    if said not in ("true", "false"):
        raise SourceError(f"{connection.path.name}: options.{name} is true or false, not {said!r}")
    return said == "true"
