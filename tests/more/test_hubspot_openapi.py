"""HubSpot's simulator and what asks it are held to HubSpot's own description of its API, by a proxy that others wrote."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from node_packages import installed
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.extracting import extract
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.hubspot import connect
from salesgauge.sources.hubspot.connector import KINDS
from sources.simulators.hubspot import TOKEN, VERSION, HubSpot
from sources.simulators.served import served

pytestmark = pytest.mark.more
HERE = Path(__file__).parent / "validating"
FILES = {"line_items": "lineItems", "communications": "objects"}  # the descriptions that are not called like their kind
OBJECTS = (("", "get"), ("/search", "post"), ("/batch/read", "post"))
OTHERS = {"crmOwners": (f"/crm/owners/{VERSION}", "get"), "pipelines": (f"/crm/pipelines/{VERSION}/{{objectType}}", "get"),
          "associations": (f"/crm/associations/{VERSION}/{{fromObjectType}}/{{toObjectType}}/batch/read", "post")}
PRODUCTS = f"/crm/objects/{VERSION}/products"


def described(folder: Path) -> dict[str, Any]:
    """One description of all that the connector asks for, made of HubSpot's own: each kind by its name, parts by that of their file."""
    made: dict[str, Any] = {"openapi": "3.0.1", "info": {"title": "HubSpot", "version": VERSION}, "paths": {},
                            "components": {"schemas": {}, "responses": {}, "securitySchemes": {}}}

    def take(file: str, path: str, method: str, as_path: str) -> None:
        text = (folder / f"{file}.json").read_text(encoding="utf-8").replace("*/*", "application/json")
        whole = json.loads(text.replace("#/components/schemas/", f"#/components/schemas/{file}_")
                           .replace("#/components/responses/", f"#/components/responses/{file}_"))
        for part in ("schemas", "responses"):
            made["components"][part] |= {f"{file}_{name}": one for name, one in whole["components"].get(part, {}).items()}
        made["components"]["securitySchemes"] |= whole["components"]["securitySchemes"]
        asked = whole["paths"][path][method]
        asked["parameters"] = [one for one in asked.get("parameters", []) if f"{{{one['name']}}}" in as_path or one["in"] != "path"]
        made["paths"].setdefault(as_path, {})[method] = asked
    for kind in KINDS:
        for more, method in OBJECTS:
            start = f"/crm/objects/{VERSION}"
            take(FILES.get(kind.name, kind.name), f"{start}/{{objectType}}{more}", method, f"{start}/{kind.name}{more}")
    for file, (path, method) in OTHERS.items():
        take(file, path, method, path)
    for name, schema in made["components"]["schemas"].items():
        if name.endswith("_PublicObjectSearchRequest"):  # it says texts, where HubSpot's guide and its clients send objects
            schema["properties"]["sorts"]["items"] = {
                "type": "object", "required": ["propertyName", "direction"], "additionalProperties": False, "properties": {
                    "propertyName": {"type": "string"}, "direction": {"type": "string", "enum": ["ASCENDING", "DESCENDING"]}}}
    found: dict[str, Any] = _without_nulls(made)
    return found


def _without_nulls(value: Any) -> Any:
    """Without the examples that are null, which no schema allows."""
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if name != "example" or one is not None}
    return value


@dataclass
class Watched(httpx.BaseTransport):
    """The network, with what the proxy has to say of each answer."""

    network: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)
    asked: set[str] = field(default_factory=set)
    said: list[Any] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        found = self.network.handle_request(request)
        self.asked.add(f"{request.method} {request.url.path}")
        if "sl-violations" in found.headers:
            self.said.append((request.method, request.url.path, json.loads(found.headers["sl-violations"])))
        return found

    def close(self) -> None:
        self.network.close()


@pytest.fixture(scope="module")
def account() -> HubSpot:
    made = HubSpot(datetime.now(UTC))  # the proxy tells the real time
    owner, gone = made.owner("ada@example.com", "Ada", "Quist", "North"), made.owner("bo@example.com", "Bo", "Marlow")
    made.owners[1]["archived"] = True
    company = made.create("companies", name="Acme", hubspot_owner_id=owner)
    contact = made.create("contacts", email="kim@example.com", lifecyclestage="lead", associatedcompanyid=company)
    product = made.create("products", name="Gauge", price="12.5")
    for stage, probability in (("open1", "0.2"), ("closedwon", "1.0")):
        made.stage("default", stage, stage, probability, stage == "closedwon", "Sales")
    deals = [made.create("deals", {"companies": [company], "contacts": [contact]}, dealname=f"Deal {number}", dealstage="open1",
                         pipeline="default", amount="10", hubspot_owner_id=gone) for number in range(120)]
    made.create("line_items", {"deals": deals[:1]}, hs_product_id=product, quantity="2", price="12.5", amount="25")
    for kind in ("calls", "meetings", "emails", "communications"):
        made.create(kind, {"deals": deals[:1], "contacts": [contact], "companies": [company]}, hs_timestamp=made.time,
                    hubspot_owner_id=owner)
        made.archive(kind, made.create(kind, hs_timestamp=made.time))
    made.archive("deals", deals[1])
    made.merge("deals", deals[2], deals[3])
    return made


@pytest.fixture(scope="module")
def proxy(pytestconfig: pytest.Config, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory, account: HubSpot) -> Iterator[str]:
    """The address of a proxy before the account that judges whatever passes."""
    folder = installed(pytestconfig, HERE, "prism")
    file = tmp_path_factory.mktemp("described") / "hubspot.json"
    file.write_text(json.dumps(described(shared_folder / "vendor-specs" / "hubspot")), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with served(account.handle) as server:
        yield from _running(folder, file, server.address, port)


def _running(folder: Path, file: Path, upstream: str, port: int) -> Iterator[str]:
    asked = ["node", "node_modules/.bin/prism", "proxy", str(file), upstream, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(asked, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if "listening on" in line.lower():
                    break
            else:
                raise AssertionError(said)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def sync(folder: Path, proxy: str, watched: Watched) -> None:
    connection = Connection(folder, "crm", "hubspot", {"url": proxy}, {"token": "env:TOKEN"})
    made = connect(connection, Secrets(folder, {"TOKEN": TOKEN}), Network(watched))
    assert all(right.granted for right in made.rights())
    extract(folder / "crm", made.streams())
    made.close()


def test_every_request_and_every_answer_is_as_hubspot_describes_it(tmp_path: Path, proxy: str, account: HubSpot) -> None:
    watched = Watched()
    sync(tmp_path, proxy, watched)
    account.tick(3600)
    for kind in KINDS:
        for number in [*account.objects[kind.name]][:2]:
            if account.objects[kind.name][number].archived is None:
                account.write(kind.name, str(number), hubspot_owner_id=None)
    sync(tmp_path, proxy, watched)
    assert watched.said == []
    for kind in KINDS:
        assert {f"GET /crm/objects/{VERSION}/{kind.name}", f"POST /crm/objects/{VERSION}/{kind.name}/search"} <= watched.asked
    assert {f"POST /crm/objects/{VERSION}/deals/batch/read", f"POST /crm/associations/{VERSION}/calls/deals/batch/read",
            f"GET /crm/owners/{VERSION}", f"GET /crm/pipelines/{VERSION}/deals"} <= watched.asked


def test_the_proxy_sees_what_is_not_as_described(proxy: str, account: HubSpot) -> None:
    watched = Watched()
    client = httpx.Client(base_url=proxy, transport=watched, headers={"Authorization": f"Bearer {TOKEN}"})
    (number,) = [*account.objects["products"]]
    created, account.objects["products"][number].created = account.objects["products"][number].created, "yesterday"
    client.get(PRODUCTS)
    account.objects["products"][number].created = created
    client.post(f"{PRODUCTS}/search", json={"filterGroups": [], "limit": "many"})
    assert [path for _method, path, _said in watched.said] == [PRODUCTS, f"{PRODUCTS}/search"]
    client.close()
