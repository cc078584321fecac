"""Stripe's REST interface: lists page by page, single objects, and the events that tell what changed in the last 30 days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from salesgauge.sources.connections.secrets import Secret
from salesgauge.sources.connections.wire import Network, Reader, Wire, shaped

ADDRESS = "https://api.stripe.com"
VERSION = "2024-12-18.acacia"  # of the interface: the fields are as this version has them, whatever the account's own default is
PAGE = 100                     # the most that Stripe gives at once
Object = dict[str, Any]


class Api:
    """An account of Stripe. Everything is asked by GET, so that it may be asked again."""

    def __init__(self, name: str, address: str, key: Secret, network: Network) -> None:
        self._wire = Wire(name, address, network=network, headers={"Stripe-Version": VERSION, "Authorization": f"Bearer {key.reveal()}"})

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[list[Object]]:
        """The objects of a list, the newest first. What is made meanwhile stands before the page that is read and moves none."""
        last: Mapping[str, str] = {}
        while True:
            found = self._asked(path, {**(params or {}), "limit": PAGE, **last}, _LIST)
            if found["data"]:
                yield found["data"]
            if not found["has_more"] or not found["data"]:
                return
            last = {"starting_after": found["data"][-1]["id"]}

    def first(self, path: str, params: Mapping[str, Any] | None = None) -> Object | None:
        """The newest object of a list, None where it is empty."""
        found = self._asked(path, {**(params or {}), "limit": 1}, _LIST)["data"]
        return found[0] if found else None

    def one(self, path: str, key: str, params: Mapping[str, Any] | None = None) -> Object:
        """An object by its id; of one that was deleted little more than `deleted: true`."""
        found: Object = self._asked(f"{path}/{key}", params or {}, shaped(lambda answer: _is_object(answer, key)))
        return found

    def rest(self, path: str, embedded: Mapping[str, Any]) -> list[Object]:
        """A list that is part of an object, whole: an object carries the first ones only; `path` leads to all."""
        first: list[Object] = list(embedded["data"])
        if not embedded["has_more"]:
            return first
        return [item for page in self.pages(path) for item in page]

    def close(self) -> None:
        """Closes its connections."""
        self._wire.close()

    def _asked(self, path: str, params: Mapping[str, Any], read: Reader) -> Any:
        return self._wire.ask("GET", f"/v1/{path}", params=dict(params), read=read)


class Events:
    """What happened in an account, as Stripe keeps it: at least 30 days, with the second of each event by Stripe's own clock."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._now: str | None = None
        self._reach: dict[str, bool] = {}

    @property
    def now(self) -> str:
        """The instant of the newest event when this was first asked: what is read later holds all that happened until then. Of an account
        without any event the first instant there is."""
        if self._now is None:
            newest = self._api.first("events")
            self._now = instant(newest["created"] if newest else 0)
        return self._now

    def reach(self, since: str) -> bool:
        """Whether the events go back to an instant, so that none after it is lacking."""
        if since not in self._reach:
            self._reach[since] = self._api.first("events", {"created[lte]": seconds(since)}) is not None
        return self._reach[since]

    def since(self, earliest: int, types: Sequence[str]) -> Iterator[list[Object]]:
        """The events of some types from a second on, the newest first."""
        yield from self._api.pages("events", {"created[gte]": earliest, "types[]": list(types)})


def instant(second: int) -> str:
    """A second since 1970 in ISO 8601, UTC."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(when: str) -> int:
    """The second since 1970 of such an instant."""
    return int(datetime.fromisoformat(when).timestamp())


def _is_list(answer: Any) -> bool:
    return (isinstance(answer, dict) and answer.get("object") == "list" and isinstance(answer.get("has_more"), bool)
            and isinstance(answer.get("data"), list) and all(isinstance(item, dict) and item.get("id") for item in answer["data"]))


def _is_object(answer: Any, key: str) -> bool:
    return isinstance(answer, dict) and answer.get("id") == key and bool(answer.get("object"))


_LIST = shaped(_is_list)
