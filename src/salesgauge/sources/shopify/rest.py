"""Shopify's REST Admin interface: lists page by page by the links of their answers, at the pace that the shop's bucket leaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import Secret
from salesgauge.sources.connections.wire import Answer, Network, Wire, shaped

PAGE = 250        # the most that Shopify gives at once
LEFT, PAUSE = 2, 1.0  # where no more requests than that fit into the bucket, so many seconds let it leak
Object = dict[str, Any]


class Rest:
    """A shop, in one version of the interface."""

    def __init__(self, name: str, address: str, version: str, token: Secret, network: Network) -> None:
        self._name, self._version, self._network = name, version, network
        self._wire = Wire(name, address, network=network, headers={"X-Shopify-Access-Token": token.reveal()})

    def pages(self, what: str, params: Mapping[str, Any] | None = None) -> Iterator[list[Object]]:
        """The objects of a list. A further page is asked for by its token, beside which no filter may stand."""
        asked: Mapping[str, Any] = {"limit": PAGE, **(params or {})}
        kept = {name: value for name, value in asked.items() if name in ("limit", "fields")}
        while True:
            found = self._asked(what, asked)
            page: list[Object] = found.content[what]
            if page:
                yield page
            token = _next(found.headers.get("Link", ""))
            if token is None:
                return
            asked = {**kept, "page_info": token}

    def whole(self, what: str) -> list[Object]:
        """A list that has no pages."""
        found: list[Object] = self._asked(what, {}).content[what]
        return found

    def shop(self) -> Object:
        """What the shop says of itself."""
        path = f"/admin/api/{self._version}/shop.json"
        found: Object = self._paced(self._wire.answer("GET", path, read=shaped(lambda answer: _object(answer, "shop")))).content["shop"]
        return found

    def scopes(self) -> frozenset[str]:
        """What the token may do."""
        scopes = shaped(lambda answer: _list(answer, "access_scopes", "handle"))
        found = self._wire.ask("GET", "/admin/oauth/access_scopes.json", read=scopes)
        return frozenset(scope["handle"] for scope in found["access_scopes"])

    def close(self) -> None:
        """Closes its connections."""
        self._wire.close()

    def _asked(self, what: str, params: Mapping[str, Any]) -> Answer:
        path = f"/admin/api/{self._version}/{what}.json"
        found = self._wire.answer("GET", path, params=dict(params), read=shaped(lambda answer: _list(answer, what, "id")))
        answered = found.headers.get("X-Shopify-API-Version", self._version)
        if answered != self._version:
            raise SourceError(f"{self._name}: Shopify no longer has the version {self._version} and answers as {answered}; where its notes "
                              f"of changes allow it, say so: options.version = \"{answered}\"")
        return self._paced(found)

    def _paced(self, found: Answer) -> Answer:
        used, _, size = found.headers.get("X-Shopify-Shop-Api-Call-Limit", "").partition("/")
        if used.isdigit() and size.isdigit() and int(size) - int(used) <= LEFT:
            self._network.sleep(PAUSE)
        return found


def _next(link: str) -> str | None:
    """The token of the next page in a header of links."""
    for part in link.split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation.replace(" ", ""):
            return parse_qs(urlsplit(address.strip().strip("<>")).query).get("page_info", [None])[0]
    return None


def _list(answer: Any, what: str, key: str) -> bool:
    return (isinstance(answer, dict) and isinstance(answer.get(what), list)
            and all(isinstance(item, dict) and item.get(key) for item in answer[what]))


def _object(answer: Any, what: str) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get(what), dict)
