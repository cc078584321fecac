"""The streams of HubSpot: its objects, who owns them, the stages of its pipelines, and what its deals were before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.connection import Connection, words
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import OVERLAP, Record, Right, Stream
from salesgauge.sources.connections.wire import Network, Wire
from salesgauge.sources.hubspot.api import Api, Row, instant
from salesgauge.sources.hubspot.signing import signing

ADDRESS, VERSION = "https://api.hubapi.com", "2026-09"
CHANGED, REACHED = "changed", "reached"
_LISTING, _SEARCHING = "0", "1"  # how a cursor begins: the list comes first
DEALS, HISTORY = "deals", ("dealstage", "amount", "closedate", "hubspot_owner_id")


@dataclass(frozen=True)
class Kind:
    """An object of the CRM: its name in the API, what is read of it, the objects that it leads to (by the column that holds the first
    of them), the scope that lets it be read, and the property that says when it changed."""

    name: str
    properties: tuple[str, ...]
    scope: str
    leads_to: Mapping[str, str]
    changed: str = "hs_lastmodifieddate"


_EVERYBODY = {"deal": "deals", "contact": "contacts", "company": "companies"}
KINDS = (
    Kind("companies", ("name", "domain", "industry", "country", "hubspot_owner_id", "createdate", "hs_merged_object_ids"),
         "crm.objects.companies.read", {}),
    Kind("contacts", ("email", "firstname", "lastname", "lifecyclestage", "hubspot_owner_id", "createdate", "associatedcompanyid",
                      "hs_analytics_source", "hubspotscore", "hs_lifecyclestage_lead_date", "hs_lifecyclestage_marketingqualifiedlead_date",
                      "hs_lifecyclestage_salesqualifiedlead_date", "hs_lifecyclestage_opportunity_date", "hs_merged_object_ids"),
         "crm.objects.contacts.read", {}, "lastmodifieddate"),
    Kind("products", ("name", "hs_sku", "hs_product_type", "price", "createdate"), "crm.objects.products.read", {}),
    Kind(DEALS, ("dealname", "dealstage", "pipeline", "amount", "deal_currency_code", "hs_acv", "closedate", "createdate",
                 "hubspot_owner_id", "dealtype", "closed_lost_reason", "hs_next_step", "hs_analytics_source",
                 "hs_primary_associated_company", "hs_merged_object_ids"), "crm.objects.deals.read",
         {"company": "companies", "contact": "contacts"}),
    Kind("line_items", ("hs_product_id", "quantity", "price", "amount", "createdate"), "crm.objects.line_items.read", {"deal": "deals"}),
    Kind("calls", ("hs_timestamp", "hs_call_direction", "hs_call_status", "hubspot_owner_id"), "crm.objects.contacts.read", _EVERYBODY),
    Kind("meetings", ("hs_timestamp", "hs_meeting_start_time", "hs_meeting_outcome", "hs_createdate", "hubspot_owner_id"),
         "crm.objects.contacts.read", _EVERYBODY),
    Kind("emails", ("hs_timestamp", "hs_email_direction", "hs_email_status", "hubspot_owner_id"), "sales-email-read", _EVERYBODY),
    Kind("communications", ("hs_timestamp", "hs_communication_channel_type", "hubspot_owner_id"), "crm.objects.contacts.read", _EVERYBODY),
)


class HubSpot:
    """An account of HubSpot. Nothing is changed there."""

    def __init__(self, connection: Connection, api: Api) -> None:
        self._connection, self._api = connection, api
        self._kinds = [_wider(kind, connection) for kind in KINDS]
        self._without = _names(connection, "without")
        self._history = str(connection.options.get("history", "true")).lower() != "false"

    def streams(self) -> Sequence[Stream]:
        """A stream per object, and those of owners, stages, what was archived, and what deals were before."""
        made = [Stream(kind.name, ("id", *kind.properties, *kind.leads_to, CHANGED, REACHED), ("id",), self._reading(kind), REACHED)
                for kind in self._kinds]
        return [Stream("owners", ("id", "email", "first", "last", "team", "archived", "updated"), ("id",), self._owners),
                Stream("stages", ("pipeline", "pipeline_name", "stage", "name", "position", "probability", "closed", "updated"),
                       ("pipeline", "stage"), self._stages, "updated", ordered=False),
                *made,
                Stream("deal_history", ("deal", "property", CHANGED, "value", REACHED), ("deal", "property", CHANGED), self._histories,
                       REACHED),
                Stream("archived", ("object", "id", "archived_at"), ("object", "id"), self._archived, "archived_at", ordered=False)]

    def rights(self) -> Iterable[Right]:
        """Whether each object can be read; what lacks is named by its scope."""
        yield self._right("owners", "crm.objects.owners.read", lambda: next(self._api.owners(False)))
        for kind in self._kinds:
            if kind.name not in self._without:
                yield self._right(kind.name, kind.scope, partial(self._api.page, kind.name, (kind.changed,), None, limit=1))
        yield self._right("the stages of deals", "crm.objects.deals.read", lambda: self._api.pipelines(DEALS))

    def close(self) -> None:
        """Closes its connections."""
        self._api.close()

    def _right(self, what: str, scope: str, tried: Callable[[], object]) -> Right:
        try:
            tried()
        except SourceError as problem:
            return Right(f"read {what}", False, f"grant the scope {scope} ({problem.message})")
        return Right(f"read {what}", True)

    def _reading(self, kind: Kind) -> Callable[[str | None], Iterator[Sequence[Record]]]:
        def read(since: str | None) -> Iterator[Sequence[Record]]:
            if kind.name in self._without:
                return
            for page in self._pages(kind, since, kind.properties, tuple(kind.leads_to.values())):
                linked = self._linked(kind, page)
                yield [{"id": row["id"], **{name: row["properties"].get(name) for name in kind.properties}, CHANGED: _changed(kind, row),
                        **{column: linked[column].get(row["id"]) for column in kind.leads_to}, REACHED: page.reached(row)}
                       for row in page.rows]
        return read

    def _pages(self, kind: Kind, since: str | None, properties: Sequence[str], associations: Sequence[str] = ()) -> Iterator[_Page]:
        """First the list of all records, from where it was left; then what changed since the list was begun, or since the last sync."""
        asked = tuple(dict.fromkeys((*properties, kind.changed)))
        place = _Place(self._api.clock()) if since is None else _place(since)
        if isinstance(place, _Place):
            while place.number == 0 or place.after:
                found, after = self._api.page(kind.name, asked, place.after or None, associations=associations)
                place = _Place(place.begun, place.number + 1, after or "")
                yield _Page(found, _all(place.text()), listed=True)
            place = place.begun
        for rows in self._api.changed(kind.name, kind.changed, _before(place), asked):
            yield _Page(rows, lambda row: f"{_SEARCHING} {_changed(kind, row)}", listed=False)

    def _linked(self, kind: Kind, page: _Page) -> Mapping[str, Mapping[str, str]]:
        """By the column and a record's id the record that it leads to: the oldest of them. A list says it, a search has to be asked."""
        made: dict[str, dict[str, str]] = {}
        for column, to in kind.leads_to.items():
            found = ({row["id"]: [one["id"] for one in row.get("associations", {}).get(to, {}).get("results", [])] for row in page.rows}
                     if page.listed else self._api.associated(kind.name, to, [row["id"] for row in page.rows]))
            made[column] = {number: min(ids, key=int) for number, ids in found.items() if ids}
        return made

    def _histories(self, since: str | None) -> Iterator[Sequence[Record]]:
        """What the deals that changed said before, and since when."""
        if not self._history:
            return
        (deals,) = (kind for kind in self._kinds if kind.name == DEALS)
        for page in self._pages(deals, since, ()):
            reached = {row["id"]: page.reached(row) for row in page.rows}
            for found in self._api.histories(DEALS, [*reached], HISTORY):
                # Of values that a property had at one instant the last counts, and the last comes first.
                once = {(row["id"], name, instant(was["timestamp"])): was["value"] for row in found
                        for name, values in row["propertiesWithHistory"].items() for was in reversed(values)}
                yield [{"deal": deal, "property": name, CHANGED: when, "value": value, REACHED: reached[deal]}
                       for (deal, name, when), value in once.items() if deal in reached]

    def _owners(self, since: str | None) -> Iterator[Sequence[Record]]:
        for archived in (False, True):
            for page in self._api.owners(archived):
                yield [{"id": row["id"], "email": row.get("email"), "first": row.get("firstName"), "last": row.get("lastName"),
                        "team": next((team["name"] for team in row.get("teams", []) if team["primary"]), None),
                        "archived": row["archived"], "updated": instant(row["updatedAt"])} for row in page]

    def _stages(self, since: str | None) -> Iterator[Sequence[Record]]:
        """The stages of deals as they are now. Those that are gone stay as they were last, since old deals went through them."""
        for row in self._api.pipelines(DEALS):
            yield [{"pipeline": row["id"], "pipeline_name": row["label"], "stage": stage["id"], "name": stage["label"],
                    "position": stage["displayOrder"], "probability": stage["metadata"].get("probability"),
                    "closed": stage["metadata"].get("isClosed"), "updated": instant(stage["updatedAt"])} for stage in row["stages"]]

    def _archived(self, since: str | None) -> Iterator[Sequence[Record]]:
        """What lies in the bin, where HubSpot keeps it for 90 days; here it stays known for ever."""
        for kind in self._kinds:
            after: str | None = None
            while kind.name not in self._without:
                page, after = self._api.page(kind.name, (kind.changed,), after, archived=True)
                yield [{"object": kind.name, "id": row["id"], "archived_at": instant(row.get("archivedAt") or row["updatedAt"])}
                       for row in page]
                if after is None:
                    break


@dataclass(frozen=True)
class _Page:
    """Records that were read together; `reached` says of each how far the reading is with it."""

    rows: Sequence[Row]
    reached: Callable[[Row], str]
    listed: bool


@dataclass(frozen=True)
class _Place:
    """How far a list came that was begun at an instant: the pages that were read, and where the next begins (empty: nowhere)."""

    begun: str
    number: int = 0
    after: str = ""

    def text(self) -> str:
        """As a cursor, which grows with every page and is smaller than that of any change."""
        return f"{_LISTING} {self.begun} {self.number:09d} {self.after}"


def _place(cursor: str) -> _Place | str:
    """The place in a list, or the instant of the last change, that a cursor means."""
    phase, when, *rest = cursor.split(" ", 3)
    return when if phase == _SEARCHING else _Place(when, int(rest[0]), rest[1])


def _all(text: str) -> Callable[[Row], str]:
    return lambda row: text


def _changed(kind: Kind, row: Row) -> str:
    return instant(row["properties"][kind.changed])


def _before(when: str) -> str:
    return instant((datetime.fromisoformat(when) - OVERLAP).isoformat())


def _names(connection: Connection, option: str) -> tuple[str, ...]:
    """The kinds that an option lists; SourceError where one is none."""
    names = words(connection.options.get(option, ""))
    known = [kind.name for kind in KINDS if kind.name != DEALS]
    for name in names:
        if name not in known:
            raise SourceError(f"{connection.path.name}: options.{option}: there is no {name!r}{did_you_mean(name, known)}; "
                              f"there are: {', '.join(known)}")
    return names


def _wider(kind: Kind, connection: Connection) -> Kind:
    """The kind with the further properties that `options.properties` names for it."""
    said = connection.options.get("properties", {})
    if not isinstance(said, Mapping) or not set(said) <= {each.name for each in KINDS}:
        raise SourceError(f"{connection.path.name}: options.properties is a table of names by object, such as deals = [\"my_property\"]; "
                          f"there are: {', '.join(each.name for each in KINDS)}")
    return replace(kind, properties=tuple(dict.fromkeys((*kind.properties, *words(said.get(kind.name, []))))))


def connect(connection: Connection, secrets: Secrets, network: Network) -> HubSpot:
    """The account that the secrets belong to (signing.py), at `options.url` (that of HubSpot) and in `options.version` of its API."""
    address, version = str(connection.options.get("url", ADDRESS)), str(connection.options.get("version", VERSION))
    wire = Wire(connection.name, address, network=network, sign=signing(connection, secrets, address, network))
    return HubSpot(connection, Api(wire, version, network))
