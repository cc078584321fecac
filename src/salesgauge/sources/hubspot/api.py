"""HubSpot's CRM API: lists, searches, histories and associations, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from salesgauge.errors import SourceError
from salesgauge.sources.connections.wire import Network, Wire

LISTED, FOUND, HISTORIES, ASSOCIATED = 100, 200, 50, 1_000  # the most of each that one request may ask for
Row = Mapping[str, Any]
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)  # almost all of them


class Api:
    """One account, asked in one version of the API."""

    def __init__(self, wire: Wire, version: str, network: Network) -> None:
        self._wire, self._version, self._network = wire, version, network

    def clock(self) -> str:
        """The time as HubSpot has it: by the answer to a small request; where that does not say, ours."""
        said = self._wire.answer("GET", f"/crm/owners/{self._version}", params={"limit": 1}).headers.get("Date", "")
        try:
            return instant(parsedate_to_datetime(said).isoformat())
        except ValueError:
            return instant(self._network.now().isoformat())

    def page(self, kind: str, properties: Sequence[str], after: str | None, *, associations: Sequence[str] = (), archived: bool = False,
             limit: int = LISTED) -> tuple[Sequence[Row], str | None]:
        """A page of the list of all records of a kind, and where the next begins (None: it was the last)."""
        asked: dict[str, Any] = {"limit": limit, "properties": ",".join(properties), "archived": "true" if archived else "false"}
        asked |= {"associations": ",".join(associations)} if associations else {}
        return _paged(self._wire.get(f"/crm/objects/{self._version}/{kind}", asked | _after(after)))

    def changed(self, kind: str, changed: str, since: str, properties: Sequence[str]) -> Iterator[Sequence[Row]]:
        """The records of a kind that changed at or after an instant, in the order of that; some come twice. Every page is a search of its
        own, from the last change that was seen: so it neither meets the limit of 10,000 results nor misses what moves while it reads."""
        while True:
            found = self._found(kind, properties, changed, [_filter(changed, "GTE", _stamp(since))])
            if found:
                yield found
            if len(found) < FOUND:
                return
            last = instant(found[-1]["properties"][changed])
            if last == since:  # a whole page of one instant: what else has it is read by key
                yield from self._at(kind, changed, since, properties)
                last = _next(since)
            since = last

    def _at(self, kind: str, changed: str, when: str, properties: Sequence[str]) -> Iterator[Sequence[Row]]:
        last = "0"
        while True:
            found = self._found(kind, properties, "hs_object_id",
                                [_filter(changed, "EQ", _stamp(when)), _filter("hs_object_id", "GT", last)])
            if found:
                yield found
                last = found[-1]["id"]
            if len(found) < FOUND:
                return

    def _found(self, kind: str, properties: Sequence[str], by: str, filters: Sequence[Mapping[str, str]]) -> Sequence[Row]:
        answer = self._wire.post(f"/crm/objects/{self._version}/{kind}/search", {
            "filterGroups": [{"filters": filters}], "sorts": [{"propertyName": by, "direction": "ASCENDING"}], "properties": properties,
            "limit": FOUND, "after": "0"})
        return rows(answer)

    def histories(self, kind: str, ids: Sequence[str], properties: Sequence[str]) -> Iterator[Sequence[Row]]:
        """The records of these ids with all values that those properties had. One that is gone meanwhile is left out."""
        for start in range(0, len(ids), HISTORIES):
            yield rows(self._wire.post(f"/crm/objects/{self._version}/{kind}/batch/read", {
                "inputs": [{"id": number} for number in ids[start:start + HISTORIES]], "properties": [],
                "propertiesWithHistory": properties}))

    def associated(self, kind: str, to: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """By id the records of another kind that a record is associated with."""
        made: dict[str, list[str]] = {}
        for start in range(0, len(ids), ASSOCIATED):
            answer = self._wire.post(f"/crm/associations/{self._version}/{kind}/{to}/batch/read",
                                     {"inputs": [{"id": number} for number in ids[start:start + ASSOCIATED]]})
            for row in rows(answer):
                made.setdefault(row["from"]["id"], []).extend(str(found["toObjectId"]) for found in row["to"])
        return made

    def owners(self, archived: bool) -> Iterator[Sequence[Row]]:
        """Those who may own records, or those who no longer can."""
        after: str | None = None
        while True:
            asked = {"limit": LISTED, "archived": "true" if archived else "false", **_after(after)}
            page, after = _paged(self._wire.get(f"/crm/owners/{self._version}", asked))
            yield page
            if after is None:
                return

    def pipelines(self, kind: str) -> Sequence[Row]:
        """The pipelines of a kind with their stages."""
        return rows(self._wire.get(f"/crm/pipelines/{self._version}/{kind}"))

    def close(self) -> None:
        """Closes its connections."""
        self._wire.close()


def rows(answer: Any) -> Sequence[Row]:
    """The records of an answer; SourceError where it has none to give, not even an empty list."""
    found = answer.get("results") if isinstance(answer, Mapping) else None
    if not isinstance(found, list):
        raise SourceError("HubSpot answers without results; see that options.url and options.version are right")
    return found


def instant(text: str) -> str:
    """An instant as the API writes it, so that instants compare as texts: in UTC, to the millisecond."""
    if _WRITTEN.fullmatch(text):
        return text
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _paged(answer: Any) -> tuple[Sequence[Row], str | None]:
    found = rows(answer)
    return found, answer["paging"]["next"]["after"] if answer.get("paging", {}).get("next") else None


def _after(after: str | None) -> dict[str, str]:
    return {} if after is None else {"after": after}


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _stamp(when: str) -> str:
    """An instant as searches take it: milliseconds since 1970."""
    return str(round(datetime.fromisoformat(when).timestamp() * 1000))


def _next(when: str) -> str:
    return instant(datetime.fromtimestamp((int(_stamp(when)) + 1) / 1000, UTC).isoformat())
