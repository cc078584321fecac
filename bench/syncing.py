"""Listing 300,000 records from HubSpot's simulator into the raw file, beside dlt's own bare run over the same pages."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.companies import ROOT, Place
from bench.measuring import PYTHON, Figure, child, in_turn, processor

RECORDS, SECONDS, MEMORY = 300_000, 60.0, 1.0  # 5,000 records a second; GB, at any size
NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)
KIND = "deals"


def account(records: int) -> httpx.MockTransport:
    """An account of so many deals. None of them is kept: each is made when it is asked for, so the memory measured is the sync's."""
    from sources.simulators.hubspot import TOKEN, HubSpot, Object, stamp

    class Made(dict[int, Object]):
        """The deals, by their numbers."""

        def __getitem__(self, number: int) -> Object:
            when = stamp(NOW - timedelta(days=30) + timedelta(seconds=number))
            return Object(number, when, when, {
                "createdate": when, "dealname": f"Deal of {number}", "dealstage": "open1", "pipeline": "default", "amount": f"{number}.25",
                "deal_currency_code": "EUR", "closedate": when, "hubspot_owner_id": str(number % 50), "dealtype": "newbusiness",
                "hs_next_step": "call them again", "hs_primary_associated_company": str(number % 9_999)},
                leads_to={"companies": [str(1 + number % 9)]})

        def __iter__(self) -> Iterator[int]:
            return iter(range(1_000, 1_000 + records))

        def values(self) -> Any:
            return (self[number] for number in self)
    made = HubSpot(NOW)
    made.objects["companies"] = {number: Object(number, made.time, made.time, {}) for number in range(1, 10)}
    made.objects[KIND] = Made()
    made.tokens = {TOKEN}
    return httpx.MockTransport(made.handle)


def ours(folder: Path, records: int) -> None:
    """The connector's stream of deals, written to the raw file."""
    from salesgauge.sources.connections.connection import Connection
    from salesgauge.sources.connections.extracting import extract
    from salesgauge.sources.connections.secrets import Secrets
    from salesgauge.sources.connections.wire import Network
    from salesgauge.sources.hubspot import connect
    from sources.simulators.hubspot import TOKEN
    connection = Connection(folder, "crm", "hubspot", {"history": "false"}, {"token": "env:TOKEN"})
    made = connect(connection, Secrets(folder, {"TOKEN": TOKEN}), Network(account(records), now=lambda: NOW))
    start = time.perf_counter()
    (deals,) = extract(folder / "raw", [stream for stream in made.streams() if stream.name == KIND])
    told(time.perf_counter() - start, deals.read, folder / "raw" / "raw.duckdb")


def bare(folder: Path, records: int) -> None:
    """The same pages, their records yielded as they come, merged by dlt with the settings that it is fastest with."""
    import dlt

    from salesgauge.sources.hubspot.connector import KINDS
    from sources.simulators.hubspot import TOKEN
    (kind,) = (each for each in KINDS if each.name == KIND)
    client = httpx.Client(base_url="https://api.hubapi.com", transport=account(records), headers={"Authorization": f"Bearer {TOKEN}"})

    def pages() -> Iterator[Any]:
        after: str | None = "0"
        while after is not None:
            answer = client.get("/crm/objects/2026-09/deals", params={"limit": 100, "after": after, "associations": "companies,contacts",
                                                                      "properties": ",".join(kind.properties)}).json()
            yield [{"id": row["id"], **row["properties"]} for row in answer["results"]]
            after = answer.get("paging", {}).get("next", {}).get("after")
    start = time.perf_counter()
    pipeline = dlt.pipeline("bare", pipelines_dir=str(folder / "bare"), destination=dlt.destinations.duckdb(str(folder / "bare.duckdb")),
                            dataset_name="records")
    pipeline.run(dlt.resource(pages(), name=KIND, primary_key="id", write_disposition="merge"), loader_file_format="parquet")
    told(time.perf_counter() - start, records, folder / "bare.duckdb")


def told(seconds: float, read: int, file: Path) -> None:
    """Prints what was measured, when the file holds every record once."""
    import duckdb
    with duckdb.connect(str(file), read_only=True) as con:
        assert con.execute(f"SELECT count(*), count(DISTINCT id) FROM records.{KIND}").fetchone() == (read, read)
    print(json.dumps({"seconds": seconds}))


def figures(place: Place, repeats: int) -> Iterator[Figure]:
    """The figures of both, each time in a process and folder of its own."""
    def run(name: str) -> Any:
        folder = place.empty(f"sync-{name}")
        return child((PYTHON, "-m", "bench.syncing", name, folder, str(RECORDS)), ROOT)
    runs, peers = in_turn(min(repeats, 2), lambda: run("ours"), lambda: run("bare"))
    seconds, others = (min(json.loads(ended.output)["seconds"] for ended in each) for each in (runs, peers))
    name = f"listing {RECORDS:,} records of HubSpot's simulator into the raw file"
    yield Figure(name, seconds, goal=SECONDS, note=f"{RECORDS / seconds:,.0f} records a second")
    yield Figure(f"{name}, beside dlt's bare run", seconds, others, note=processor(runs, peers))
    yield Figure("peak memory: that listing", max(ended.peak for ended in runs) / 1e9, goal=MEMORY, unit="GB")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    {"ours": ours, "bare": bare}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
