"""Loading a folder of CSV files, beside DuckDB's own typed reading of the same files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.companies import ROOT, Place
from bench.measuring import PROGRAM, PYTHON, Figure, child, in_turn, processor, wall
from salesgauge.schema import TABLES, Kind

_TYPES = {Kind.INSTANT: "TIMESTAMPTZ", Kind.DATE: "DATE", Kind.NUMBER: "DOUBLE", Kind.BOOLEAN: "BOOLEAN"}


def typed(folder: Path) -> list[str]:
    """A typed CREATE TABLE AS for each file of the folder."""
    made = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig") as file:
            names = file.readline().strip().split(",")
        kinds = {c.name: _TYPES.get(c.kind, "VARCHAR") for c in TABLES[path.stem].columns}
        columns = ", ".join(f"'{name}': '{kinds.get(name, 'VARCHAR')}'" for name in names)
        made.append(f"CREATE TABLE {path.stem} AS SELECT * FROM read_csv('{path}', header = true, delim = ',', quote = '\"', "
                    f"escape = '\"', columns = {{{columns}}})")
    return made


def figures(place: Place, repeats: int, size: str) -> Iterator[Figure]:
    """The figures of loading the demo company of that size."""
    folder = place.company(size, "csv")
    megabytes = sum(path.stat().st_size for path in folder.glob("*.csv")) / 1e6
    database = place.folder / "typed.duckdb"
    code = f"import duckdb; con = duckdb.connect({str(database)!r}); [con.execute(s) for s in {typed(folder)!r}]; con.close()"

    def ours() -> object:
        workspace = place.fresh("load")
        return child((*PROGRAM, "load", folder, "--workspace", workspace.folder), ROOT)

    def peer() -> object:
        database.unlink(missing_ok=True)
        return child((PYTHON, "-c", code), ROOT)

    runs, peers = in_turn(repeats, ours, peer)
    database.unlink(missing_ok=True)
    peak = max(e.peak for e in runs) / 1e9
    yield Figure(f"load of the {size} demo, {megabytes:.0f} MB of CSV", wall(runs), wall(peers), 4,
                 note=f"{processor(runs, peers)}; peak memory {peak:.2f} GB")
