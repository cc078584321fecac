"""A generation on an engine: its parts are sent once, each as a table of its own; views put them together under the canonical names.

    <schema>                                 part_leads_<unique>, local_days_<zone>, owner_<workspace>
    <schema>_g000012_<digest>                leads, opportunities ... (views), fact_deals, fact_deals_<instant> ..., whole (a mark)

Parts are immutable and named once for ever, so a load sends only those that it wrote, and again those of which it took rows away. A
generation has a space of its own, which is read once its mark is there; the digest is that of its parts and definitions, so no two that
differ ever share one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from salesgauge.errors import EngineError, WorkspaceError
from salesgauge.schema import TABLES
from salesgauge.staging import ident
from salesgauge.store.engines.engine import Columns, Engine, Link
from salesgauge.store.generation import GENERATIONS, PARTS, Generation, StoredTable, read_manifest, stored_table
from salesgauge.store.places import rows_left
from salesgauge.store.spans import create_local_days, day
from salesgauge.store.spilling import reading

if TYPE_CHECKING:
    import pyarrow as pa

    from salesgauge.settings import Settings

IDENTITY = "identity"  # the file that says which workspace this is
BATCH = 100_000        # rows that are sent at a time
_WHOLE = "whole"


class Deposit:
    """The generations of one workspace on an engine; `root` is the folder of its store."""

    def __init__(self, engine: Engine, root: Path, settings: Settings) -> None:
        self._engine, self._root, self._settings, self._schema = engine, root, settings, settings.engine.schema

    def space(self, generation: Generation, definitions: str) -> str:
        """The name of the space of a generation under a set of definitions."""
        named = [generation.name, definitions, self._settings.timezone]
        named += [f"{name} {[file.name for file in table.files]} {table.extras}" for name, table in sorted(generation.tables.items())]
        digest = hashlib.sha256("\n".join(named).encode()).hexdigest()[:12]
        return f"{self._schema}_{generation.name.replace('-', '')}_{digest}"

    def places(self, link: Link, space: str) -> dict[str, str]:
        """How SQL names the canonical tables of a generation, and those of days, which are one there."""
        days = link.place(self._schema, self._calendar)
        return {name: link.place(space, name) for name in TABLES} | {"local_days": days, "calendar_days": days}

    @property
    def _calendar(self) -> str:
        return f"local_days_{hashlib.sha256(self._settings.timezone.encode()).hexdigest()[:12]}"

    def bring(self, generation: Generation, definitions: str) -> str:
        """Brings a generation to the engine, as far as it is not there: the name of its space. EngineError where the engine cannot be
        reached or cannot hold it, or its schema belongs to another workspace."""
        space = self.space(generation, definitions)
        with closing(self._engine.link()) as link:
            if _WHOLE in link.tables(space):
                return space
            with reading(self._root, self._settings.memory_bytes) as con:
                there = self._own(con, link)
                if self._calendar not in there:
                    create_local_days(con, self._settings)
                    columns = columns_of(con, "FROM local_days")
                    first, last = map(day, self._engine.days)  # the first local day may begin on the day before it
                    held = f"FROM local_days WHERE day > {first} AND day < {last}"
                    link.put(self._schema, self._calendar, columns, rows_of(con, held, columns))
                link.make_space(space)
                for name in TABLES:
                    self._bring_table(con, link, generation, space, name, there)
                con.execute("CREATE OR REPLACE TEMP TABLE mark (whole BOOLEAN)")
                link.put(space, _WHOLE, {"whole": "boolean"}, rows_of(con, "FROM mark", {"whole": "boolean"}))
            self._sweep(link, generation, space)
        return space

    def _bring_table(self, con: duckdb.DuckDBPyConnection, link: Link, generation: Generation, space: str, name: str,
                     there: set[str]) -> None:
        from salesgauge.semantics.model import stored_schema  # where used: who asks needs no expression library
        stored = generation.tables.get(name)
        columns = stored_schema(name, stored.extras if stored else ())
        if stored is None or not stored.parts:
            con.execute(f"CREATE OR REPLACE TEMP TABLE nothing ({', '.join(f'{ident(c)} VARCHAR' for c in columns)})")
            link.put(space, name, columns, rows_of(con, "FROM nothing", columns))
            return
        listed = ", ".join(map(ident, columns))
        sent = _sent(stored)
        for part, table in zip(stored.parts, sent, strict=True):
            if table not in there:
                left = rows_left(part, stored.gone.get(part.name), listed)
                link.put(self._schema, table, columns, rows_of(con, left, columns))
        link.view(space, name, " UNION ALL ".join(f"SELECT * FROM {link.place(self._schema, table)}" for table in sent))

    def _own(self, con: duckdb.DuckDBPyConnection, link: Link) -> set[str]:
        """The tables that the schema has, after it was made sure that it is this workspace's."""
        link.make_space(self._schema)
        mine, there = f"owner_{self._identity()}", link.tables(self._schema)
        if mine not in there:
            if any(name.startswith("owner_") for name in there):
                raise EngineError(f"the schema {self._schema} on {self._engine.name} holds another workspace's tables; choose another in "
                                  "[engine]: schema = \"...\"", "engine_schema", schema=self._schema, engine=self._engine.name,
                                  setting='schema = "..."')
            con.execute("CREATE OR REPLACE TEMP TABLE mark (own BOOLEAN)")
            link.put(self._schema, mine, {"own": "boolean"}, rows_of(con, "FROM mark", {"own": "boolean"}))
        return there

    def _identity(self) -> str:
        path = self._root / IDENTITY
        try:
            if not path.exists():
                partial = path.with_name(f"{IDENTITY}.{secrets.token_hex(4)}")
                partial.write_text(secrets.token_hex(8), encoding="utf-8")
                try:
                    path.hardlink_to(partial)  # of several processes that begin at once one wins
                except FileExistsError:
                    pass
                finally:
                    partial.unlink()
            return path.read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise WorkspaceError(f"cannot write {path}: {problem.strerror or problem}") from None

    def _sweep(self, link: Link, generation: Generation, space: str) -> None:
        """Removes what no generation that is kept here has any part in."""
        kept, named = {generation.name}, {name for table in generation.tables.values() for name in _sent(table)}
        for path in (self._root / GENERATIONS).glob("g-*.json"):
            try:
                manifest = read_manifest(self._root, path.stem)
            except WorkspaceError:  # another process sweeps it just now
                continue
            kept.add(path.stem)
            named |= {sent for name, entry in manifest["tables"].items() for sent in _sent(stored_table(name, entry, self._root / PARTS))}
        beginnings = tuple(f"{self._schema}_{name.replace('-', '')}_" for name in kept)
        for other in link.spaces(f"{self._schema}_g"):
            if not other.startswith(beginnings) and other != space:
                link.drop_space(other)
        link.tidy()
        for table in link.tables(self._schema):
            if table.startswith("part_") and table not in named:
                link.drop(self._schema, table)


def _sent(table: StoredTable) -> list[str]:
    """The names of the tables that a table's parts become on an engine: of a part of which other rows went since it is another one."""
    return [f"part_{part.stem.replace('-', '_')}" + (f"_{table.gone[part.name].stem.rpartition('-')[2]}" if part.name in table.gone else "")
            for part in table.parts]


_TYPES = {"BIGINT": "int64", "DATE": "date", "TIMESTAMP": "timestamp(6)", "VARCHAR": "string"}


def columns_of(con: duckdb.DuckDBPyConnection, query: str) -> Columns:
    """The columns that a query on the local database gives."""
    return {name: _TYPES[str(kind)] for name, kind, *_ in con.execute(f"{query} LIMIT 0").description}


def rows_of(con: duckdb.DuckDBPyConnection, query: str, columns: Columns) -> pa.RecordBatchReader:
    """The rows of a query on the local database, as they are sent: in batches, with the types of `columns`."""
    import pyarrow as pa

    from salesgauge.store.engines.arrow import arrow_schema
    schema = arrow_schema(columns)
    found = con.execute(query).to_arrow_reader(BATCH)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in found:
            table = pa.Table.from_batches([batch]).select(list(columns)).cast(schema)
            yield from table.to_batches()
    return pa.RecordBatchReader.from_batches(schema, batches())
