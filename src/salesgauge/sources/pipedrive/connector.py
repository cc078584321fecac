"""The streams of Pipedrive: deals with their history and products, leads, activities, who they are with and who owns them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import OVERLAP, Key, Record, Right, Stream, tried
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.pipedrive import custom_fields
from salesgauge.sources.pipedrive.api import PAGE, Api, NotThere, Row
from salesgauge.sources.pipedrive.custom_fields import Field
from salesgauge.sources.pipedrive.pages import address

DEAR = 1_000                     # records after which what costs a request for each deal is written
CHANGED = "changed"
DEALS = ("/api/v2/deals", "/api/v2/deals/archived")  # Pipedrive lists archived deals apart
LEADS = ("/api/v1/leads", "/api/v1/leads/archived")
KEPT = {"stage_id": "stage_id", "value": "value", "currency": "currency", "user_id": "owner_id", "owner_id": "owner_id",
        "status": "status", "expected_close_date": "expected_close_date", "org_id": "org_id"}  # of a deal's history, by its keys there
CREATION = "add_time"
MADE = ("account", "pipeline", "stage", "closed", "product_id", "record")  # columns that the shapes make
KEPT_ON = {"persons": "person_ids", "organizations": "organization_ids"}  # lists whose records stay for those who name them, and their ids
NOBODY = "-"  # an id that no lead has
NEVER = "1970-01-01T00:00:00Z"  # of a record that never changed, which stands before all that did
REMEDY = "give the token's user the right to see it (Settings, Manage users, Visibility and permissions), or take another user's token"


@dataclass(frozen=True)
class _List:
    """A stream of a list of API v2: its name, where the list is, the columns that are kept as they stand, and what more is asked for."""

    name: str
    paths: tuple[str, ...]
    columns: tuple[str, ...]
    more: Mapping[str, str]


LISTS = (
    _List("deals", DEALS, ("id", "owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "value", "currency", "status", "probability",
                           "lost_reason", "won_time", "lost_time", "close_time", "expected_close_date", "stage_change_time", "label_ids",
                           "origin", "channel", "acv", "is_archived", "source_lead_id"), {"include_fields": "source_lead_id"}),
    _List("activities", ("/api/v2/activities",), ("id", "type", "owner_id", "deal_id", "lead_id", "person_id", "org_id", "due_date",
                                                  "due_time", "done", "marked_as_done_time", "conference_meeting_client"), {}),
    _List("persons", ("/api/v2/persons",), ("id", "name", "owner_id", "org_id"), {}),
    _List("organizations", ("/api/v2/organizations",), ("id", "name", "owner_id", "industry"), {}),
    _List("products", ("/api/v2/products",), ("id", "name", "code", "unit", "category", "price", "currency"), {}),
)
CHOICES = {"deals": "channel", "leads": "channel", "organizations": "industry", "products": "category"}  # standard fields with labels
PLACES = {"pipelines": ("id", "name", "order_nr"), "stages": ("id", "name", "order_nr", "pipeline_id", "deal_probability")}
LEAD = ("id", "owner_id", "person_id", "organization_id", "source_name", "channel", "is_archived")


class Pipedrive:
    """A company's Pipedrive, read as one of its users. Nothing is changed there."""

    def __init__(self, connection: Connection, api: Api) -> None:
        self._connection, self._api = connection, api
        self._fields: dict[str, tuple[Field, ...]] | None = None
        self._choices: dict[tuple[str, str], dict[str, str]] = {}
        self._begun: set[str] = set()

    def streams(self) -> Sequence[Stream]:
        """A stream per list, one of the deals' history, and one of their products."""
        fields = self._asked()
        lists = [Stream(kind.name, (*kind.columns, *(field.column for field in fields.get(kind.name, ())), CREATION, CHANGED), ("id",),
                        self._reading(kind, fields.get(kind.name, ())), CHANGED,
                        census=None if kind.name in KEPT_ON else self._census(kind.paths)) for kind in LISTS]
        there = [Stream(KEPT_ON[kind.name], ("id",), ("id",), self._ids(kind.paths)) for kind in LISTS if kind.name in KEPT_ON]
        places = [Stream(name, (*columns, CREATION, CHANGED), ("id",), self._place(name, columns), CHANGED, ordered=False)
                  for name, columns in PLACES.items()]
        return [
            *lists, *there, *places,
            Stream("users", ("id", "name", "email", "active_flag", CHANGED), ("id",), self._users, CHANGED, ordered=False),
            Stream("leads", (*LEAD, CREATION, CHANGED), ("id",), self._leads, CHANGED, ordered=False),
            Stream("lead_ids", ("id",), ("id",), self._lead_ids),
            Stream("deal_history", ("deal_id", "step", "field", "old", "new", "at", "steps", CHANGED), ("deal_id", "step"), self._history,
                   CHANGED, written_after=DEAR),
            Stream("deal_products", ("deal_id", "products", "product_id", CHANGED), ("deal_id",), self._products, CHANGED,
                   written_after=DEAR),
        ]

    def rights(self) -> Iterable[Right]:
        """Whether each list can be read, and whether the user sees what others own."""
        attempts: list[tuple[str, Callable[[], object]]] = [
            *((path, partial(self._first, path)) for kind in LISTS for path in kind.paths),
            *((f"/api/v2/{name}", partial(self._first, f"/api/v2/{name}")) for name in PLACES),
            *((path, partial(self._first_by_offset, path)) for path in LEADS),
            ("/api/v1/users", partial(self._api.all, "/api/v1/users")), ("the history of deals", self._first_change)]
        for what, attempt in attempts:
            yield tried(f"read {what}", attempt, REMEDY)
        try:
            access = self._api.one("/api/v1/users/me").get("access") or []
        except SourceError as problem:
            yield Right("read /api/v1/users/me", False, f"{problem.message}; {REMEDY}")
        else:
            admin = any(part.get("admin") for part in access if isinstance(part, dict))
            yield Right("see what the token's user sees", True, "" if admin else
                        "this user is no administrator: what is private to others is not read, and no KPI knows of it")

    def close(self) -> None:
        """Ends it."""
        self._api.close()

    def _first(self, path: str) -> list[Row]:
        return next(self._api.pages(path, page=1), [])

    def _first_by_offset(self, path: str) -> list[Row]:
        return next(self._api.offset_pages(path, page=1), [])

    def _first_change(self) -> None:
        for deal in self._first(DEALS[0]):
            self._first(f"/api/v1/deals/{_number(deal)}/changelog")

    def _asked(self) -> dict[str, tuple[Field, ...]]:
        """The company's own fields that the connection asks for, looked up once."""
        if self._fields is None:
            where = self._connection.path.name
            wanted = custom_fields.asked(self._connection.options, where)
            self._fields = {entity: custom_fields.found(entity, names, self._described(entity), where)
                            for entity, names in wanted.items()}
            columns = {kind.name: {*kind.columns, *MADE, CREATION, CHANGED} for kind in LISTS}
            for entity, fields in self._fields.items():
                for field in fields:
                    if field.column in columns[entity]:
                        raise SourceError(f"{where}: fields.{entity}: {field.column!r} is a name that is taken; name the field by its key")
        return self._fields

    def _described(self, entity: str) -> list[Row]:
        return [field for page in self._api.pages(custom_fields.ENTITIES[entity]) for field in page]

    def _choice(self, entity: str, row: Row) -> Record:
        """The label of an entity's standard choice, whose labels are looked up at the first record that has one."""
        name = CHOICES.get(entity)
        if name is None:
            return {}
        number = row.get(name)
        if number is None:
            return {name: None}
        described = "deals" if entity == "leads" else entity  # leads have the fields of deals
        if (described, name) not in self._choices:
            known = [field for field in self._described(described) if field.get("field_code") == name]
            self._choices[described, name] = custom_fields.labels(known[0]) if known else {}
        return {name: self._choices[described, name].get(str(number), str(number))}

    def _since(self, stream: str, since: str | None) -> dict[str, str]:
        """What asks a list for what changed since then; the first time of a sync for some minutes more."""
        again = stream in self._begun
        self._begun.add(stream)
        if since is None:
            return {}
        early = datetime.fromisoformat(since) - (timedelta() if again else OVERLAP)
        return {"updated_since": early.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _rows(self, path: str, parameters: Mapping[str, str]) -> Iterator[Row]:
        """The records of a list in the order in which they changed. Its cursor goes by the time and the id, so that what changes meanwhile
        comes once more at the end."""
        for page in self._api.pages(path, {**parameters, "sort_by": "update_time", "sort_direction": "asc"}):
            yield from ({**row, "update_time": row.get("update_time") or NEVER} for row in page)

    def _by_change(self, stream: str, paths: Sequence[str], since: str | None, more: Mapping[str, str]) -> Iterator[Row]:
        asked = {**self._since(stream, since), **more}
        return heapq.merge(*(self._rows(path, asked) for path in paths), key=lambda row: (_changed(row), _number(row)))

    def _reading(self, kind: _List, fields: Sequence[Field]) -> Callable[[str | None], Iterator[Sequence[Record]]]:
        def record(row: Row) -> Record:
            made = {name: row.get(name) for name in kind.columns}
            if kind.name == "products":
                made |= _price(row)
            own = {field.column: custom_fields.value(field, row) for field in fields}
            return {**made, **self._choice(kind.name, row), **own, **_times(row)}

        def read(since: str | None) -> Iterator[Sequence[Record]]:
            return _paged(map(record, self._by_change(kind.name, kind.paths, since, kind.more)))
        return read

    def _census(self, paths: Sequence[str]) -> Callable[[], Iterator[Sequence[Key]]]:
        def census() -> Iterator[Sequence[Key]]:
            for path in paths:
                for page in self._api.pages(path):
                    yield [(str(_number(row)),) for row in page]
        return census

    def _ids(self, paths: Sequence[str]) -> Callable[[str | None], Iterator[Sequence[Record]]]:
        """The ids of a list's records. A merge moves the deals of a person or a company without saying so of each: until they are read
        again they name one that is not there any more."""
        def read(since: str | None) -> Iterator[Sequence[Record]]:
            for page in self._census(paths)():
                yield [{"id": number} for number, in page]
        return read

    def _place(self, name: str, columns: Sequence[str]) -> Callable[[str | None], Iterator[Sequence[Record]]]:
        """Pipelines or stages, each time all; those that were deleted stay in the raw file, for the history that names them."""
        def read(since: str | None) -> Iterator[Sequence[Record]]:
            for page in self._api.pages(f"/api/v2/{name}"):
                yield [{**{column: row.get(column) for column in columns}, **_times(row)} for row in page]
        return read

    def _users(self, since: str | None) -> Iterator[Sequence[Record]]:
        yield [{**{name: row.get(name) for name in ("id", "name", "email", "active_flag")},
                CHANGED: instant(row.get("modified") or row.get("created"))} for row in self._api.all("/api/v1/users")]

    def _leads(self, since: str | None) -> Iterator[Sequence[Record]]:
        """All leads each time: the list of archived ones cannot be asked for what changed. A lead that was converted leaves both lists; it
        stays in the raw file, and the deal that it became names it."""
        for path in LEADS:
            for page in self._api.offset_pages(path):
                yield [{**{name: row.get(name) for name in LEAD}, **self._choice("leads", row), **_times(row)} for row in page]

    def _lead_ids(self, since: str | None) -> Iterator[Sequence[Record]]:
        """The leads that there are. An inbox that was emptied is the usual end of leads and no loss of rights: so there is always one."""
        yield [{"id": NOBODY}]
        for path in LEADS:
            for page in self._api.offset_pages(path):
                yield [{"id": row.get("id")} for row in page]

    def _history(self, since: str | None) -> Iterator[Sequence[Record]]:
        """What changed of each deal that changed, from its creation on. The list of changes only grows and has no ids: a change is known by
        its place in it. Step 0 says how many there are, so that what a merge of deals took away again does not stay behind."""
        return _paged((step for deal in self._by_change("deal_history", DEALS, since, {}) for step in self._steps(deal)), DEAR)

    def _steps(self, deal: Row) -> Iterator[Record]:
        number, changed = _number(deal), _changed(deal)
        kept: list[Row] = []
        if changed != instant(deal.get("add_time")):  # else nothing changed yet, and a request is saved
            try:
                for page in self._api.pages(f"/api/v1/deals/{number}/changelog"):
                    kept += [entry for entry in page if entry.get("field_key") in KEPT]
            except NotThere:
                return  # deleted since it was listed; the census says so
        kept.reverse()  # Pipedrive gives the newest first
        yield {"deal_id": number, "step": "0", "at": instant(deal.get("add_time")), "steps": len(kept), CHANGED: changed}
        for place, entry in enumerate(kept, start=1):
            yield {"deal_id": number, "step": place, "field": KEPT[entry["field_key"]], "old": entry.get("old_value"),
                   "new": entry.get("new_value"), "at": instant(entry.get("time")), CHANGED: changed}

    def _products(self, since: str | None) -> Iterator[Sequence[Record]]:
        """Of each deal that changed how many products it has, and which where there is but one."""
        def record(deal: Row) -> Record:
            products: set[str] = set()
            if deal.get("products_count"):
                try:
                    for page in self._api.pages(f"/api/v2/deals/{_number(deal)}/products"):
                        products |= {str(line.get("product_id")) for line in page if line.get("is_enabled") is not False}
                except NotThere:
                    products = set()
            return {"deal_id": deal["id"], "products": len(products), "product_id": min(products) if len(products) == 1 else None,
                    CHANGED: _changed(deal)}
        changed = self._by_change("deal_products", DEALS, since, {"include_fields": "products_count"})
        return _paged(map(record, changed), DEAR)


def _paged(records: Iterable[Record], size: int = PAGE) -> Iterator[Sequence[Record]]:
    page: list[Record] = []
    for record in records:
        page.append(record)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def _number(row: Row) -> int:
    """The id of a record."""
    found = row.get("id")
    if not isinstance(found, int):
        raise SourceError("Pipedrive gives a record without an id, by which it is known")
    return found


def _price(row: Row) -> Record:
    """A product's price, where it has one only: of several, in as many currencies, none is the list price."""
    prices = row.get("prices") or []
    return {name: prices[0].get(name) for name in ("price", "currency")} if len(prices) == 1 and isinstance(prices[0], dict) else {}


def instant(said: Any) -> str | None:
    """An instant as Pipedrive writes it (RFC 3339, or without a zone, which is UTC), in one form that compares as text."""
    if not said:
        return None
    try:
        read = datetime.fromisoformat(str(said))
    except ValueError:
        raise SourceError(f"Pipedrive gives {str(said)[:40]!r} where an instant should be") from None
    moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _changed(row: Row) -> str:
    found = instant(row.get("update_time") or row.get("add_time"))
    if found is None:
        raise SourceError(f"Pipedrive does not say when the record {row.get('id')} was made")
    return found


def _times(row: Row) -> Record:
    return {CREATION: instant(row.get("add_time")), CHANGED: _changed(row)}


def connect(connection: Connection, secrets: Secrets, network: Network) -> Pipedrive:
    """The Pipedrive of the company `options.domain` (or at `options.url`), as the user whose API token is the secret `token`."""
    base = address(connection.options)
    if base is None:
        raise SourceError(f"{connection.path.name}: options.domain is the company's name in Pipedrive's address, such as acme of "
                          "acme.pipedrive.com")
    return Pipedrive(connection, Api(connection.name, base, connection.secret("token", secrets), network))
