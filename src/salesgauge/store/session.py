"""Answers questions from one generation: builds each fact once per as-of instant, runs compiled SQL, keeps what can be used again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from salesgauge.errors import MissingTable
from salesgauge.periods import Span
from salesgauge.schema import EXTRA, TABLES
from salesgauge.semantics.question import QuestionShape, Viewer
from salesgauge.semantics.shape import Shape
from salesgauge.settings import Settings
from salesgauge.staging import ident, literal
from salesgauge.store.generation import CACHE, FOLDER, Generation, open_tables
from salesgauge.store.keeping import keep
from salesgauge.store.spans import add_viewer, create_local_days, create_oversight, create_spans
from salesgauge.store.writing import memory_allowed

if TYPE_CHECKING:
    from salesgauge.semantics.compiler import Compiled, Compiler

SHARED_SQL = "SALESGAUGE_SQL_CACHE"  # names a folder in which several workspaces keep compiled SQL, since equal shapes have equal SQL

CompilerFor = Callable[[Shape], "Compiler"]


def shape_of(generation: Generation, settings: Settings, dated: bool) -> Shape:
    """The shape of a workspace as it stands."""
    extras = tuple(sorted((name, table.extras) for name, table in generation.tables.items() if table.extras))
    return Shape(frozenset(generation.tables), extras, settings.currency, settings.activity_window_days, settings.concentration_top,
                 settings.nps_min_tenure_days, settings.rep_tenure_months, dated)


class SqlBook:
    """Compiled SQL by name, kept in a file of the workspace; what it lacks is compiled and added."""

    def __init__(self, path: Path, compiler: Callable[[], Compiler]) -> None:
        self._path, self._compiler, self._changed = path, compiler, False
        self._pages = self._read()

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            pages: dict[str, dict[str, Any]] = json.loads(self._path.read_text(encoding="utf-8"))
            return pages
        except (OSError, ValueError):  # absent or damaged: it can always be made anew
            return {}

    def find(self, name: str, make: Callable[[Compiler], Compiled]) -> Mapping[str, Any]:
        """The compiled SQL of that name."""
        page = self._pages.get(name)
        if page is None:
            page = self._pages[name] = asdict(make(self._compiler()))
            self._changed = True
        return page

    def save(self) -> None:
        """Writes what was added, whole or not at all; a workspace that cannot be written to goes without."""
        if not self._changed:
            return
        self._pages = self._read() | self._pages  # what another process added meanwhile stays
        self._changed = not keep(self._path, json.dumps(self._pages))


class Session:
    """One consistent generation, open for questions. `code` names the version of the definitions, so that nothing cached outlives it."""

    def __init__(self, workspace: Path, settings: Settings, generation: Generation, compiler: CompilerFor, code: str,
                 memory: int | None = None) -> None:
        self.settings, self.generation = settings, generation
        self._store, self._compiler, self._code = workspace / FOLDER, compiler, code
        self._books: dict[bool, SqlBook] = {}
        self.builds: dict[str, int] = {}  # how often each fact was built: a batch builds each once per as-of instant
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone='UTC'")
        self.con.execute(f"SET temp_directory={literal(str(self._store / 'spill'))}")
        self.con.execute(f"SET memory_limit='{memory or memory_allowed()}B'")
        self.con.execute("SET preserve_insertion_order=false")  # no answer depends on it, and large facts then stream
        open_tables(self.con, generation)
        self._lasting: set[str] = set()       # made once for the session: what is the same as of every instant
        self._passing: dict[str, str] = {}    # made for the present moment: TABLE or VIEW, by fact

    def shape(self, dated: bool) -> Shape:
        """The shape of the workspace, with or without an as-of instant."""
        return shape_of(self.generation, self.settings, dated)

    def _book(self, dated: bool) -> SqlBook:
        if dated not in self._books:
            shape = self.shape(dated)
            shared = os.environ.get(SHARED_SQL)
            path = (Path(shared) if shared else self._store / CACHE) / f"sql-{self._code}-{shape.digest()}.json"
            self._books[dated] = SqlBook(path, lambda: self._compiler(shape))
        return self._books[dated]

    def questions(self) -> SqlBook:
        """The SQL of questions: the same with and without an as-of instant, which only the facts under them depend on."""
        return self._book(False)

    def close(self) -> None:
        """Ends the session and keeps the SQL that it compiled."""
        for book in self._books.values():
            book.save()
        self.con.close()

    def at(self, spans: Sequence[Span], as_of: datetime | None) -> Moment:
        """The facts as of an instant, for these spans. Ends the moment before it."""
        for name, kind in self._passing.items():
            self.con.execute(f"DROP {kind} fact_{name}")
        self._passing.clear()
        create_spans(self.con, spans, self.settings, as_of)
        return Moment(self, as_of)

    def build(self, name: str, as_of: datetime | None) -> None:
        """Makes the table fact_<name>, after those that it reads."""
        if name in self._lasting or name in self._passing:
            return
        dated = as_of is not None
        page = self._book(dated).find(f"fact {name}", lambda compiler: compiler.fact(name))
        for other in page["used"]:
            self.build(other, as_of)
        if '"local_days"' in page["sql"] and "local_days" not in self._lasting:
            create_local_days(self.con, self.settings)
            self._lasting.add("local_days")
        if page["timeless"]:
            self._lasting.add(name)
        kept = (page["timeless"] or not (dated or page["period"])) and self._kept(name, page)
        if not page["timeless"]:
            self._passing[name] = "VIEW" if kept else "TABLE"
        if kept:
            return
        self.builds[name] = self.builds.get(name, 0) + 1
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE fact_{name} AS {page['sql']}", _bound(page["sql"], {
            "as_of_at": as_of.replace(tzinfo=None) if as_of else None,
            "as_of_on": as_of.astimezone(self.settings.zone).date() if as_of else None}))

    def _kept(self, name: str, page: Mapping[str, Any]) -> bool:
        """A fact that is the same for every question on this generation: written once, then read by every session."""
        folder = self._store / CACHE / f"{self.generation.name}-{hashlib.sha256(self._digest().encode()).hexdigest()[:12]}"
        path = folder / f"{name}.parquet"
        if not path.exists():
            self.builds[name] = self.builds.get(name, 0) + 1
            partial = folder / f"{name}.{os.getpid()}.partial"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self.con.execute(f"COPY ({page['sql']}) TO {literal(str(partial))} (FORMAT parquet)")
                partial.replace(path)
            except (OSError, duckdb.IOException):
                partial.unlink(missing_ok=True)
                return False
        self.con.execute(f"CREATE OR REPLACE TEMP VIEW fact_{name} AS SELECT * FROM read_parquet({literal(str(path))})")
        return True

    def _digest(self) -> str:
        return f"{self._code} {self.shape(False).digest()} {self.settings.timezone}"

    def sql(self, question: QuestionShape, dated: bool) -> dict[str, str]:
        """The SQL that answers questions of this shape, as it is run: `fact_<name>` of each fact that it reads, after those that this
        one reads itself, and `question` last."""
        book, found = self._book(dated), dict[str, str]()  # of facts

        def visit(name: str) -> None:
            page = book.find(f"fact {name}", lambda compiler: compiler.fact(name))
            for other in page["used"]:
                visit(other)
            found.setdefault(f"fact_{name}", page["sql"])
        page = self.questions().find(repr(question), lambda compiler: compiler.question(question))
        for name in page["used"]:
            visit(name)
        return {**found, "question": page["sql"]}

    def stages(self) -> list[dict[str, Any]]:
        """The rows of the table of stages, each pipeline's in their order; stages without a position last."""
        cursor = self.con.execute("SELECT pipeline, stage, position, coalesce(is_closed, false) AS is_closed, coalesce(is_won, false) AS "
                                  "is_won, probability FROM stages ORDER BY pipeline, position NULLS LAST, stage")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def oversight(self, viewer: str, as_of: datetime | None) -> None:
        """Makes the table of who sees whose rows; who is no rep that is known sees their own rows all the same."""
        if "oversight" not in self._lasting:
            self.build("rep_history", as_of)
            create_oversight(self.con)
            self._lasting.add("oversight")
        add_viewer(self.con, viewer)


class Moment:
    """The facts of a session as of one instant."""

    def __init__(self, session: Session, as_of: datetime | None) -> None:
        self._session, self._as_of = session, as_of

    def groups(self, shape: QuestionShape, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> list[dict[str, Any]]:
        """The groups that answer a question (columns: semantics/expression.py)."""
        return list(self._run(repr(shape), lambda compiler: compiler.question(shape), spans, where, viewer))

    def side(self, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any],
             viewer: Viewer) -> list[dict[str, Any]]:
        """The rows behind one side of a question."""
        return list(self._run(f"{side} {shape!r}", lambda compiler: compiler.side(shape, side), spans, where, viewer))

    def _run(self, name: str, make: Callable[[Compiler], Compiled], spans: Sequence[int], where: Mapping[str, Any],
             viewer: Viewer) -> Iterator[dict[str, Any]]:
        session = self._session
        page = session.questions().find(name, make)
        for fact in page["used"]:
            session.build(fact, self._as_of)
        if viewer.rep_id is not None:
            session.oversight(viewer.rep_id, self._as_of)
        bound = _bound(page["sql"], {**where, "spans": list(spans), "viewer": viewer.rep_id})
        cursor = session.con.execute(page["sql"], bound)
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            yield dict(zip(names, row, strict=True))

    def rows_of(self, table: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The stored rows of a canonical table by their ids (the parts of its key joined by |), the company's own columns under the names
        of their dimensions."""
        if table not in TABLES:
            raise MissingTable(f"there is no table {table}")
        con = self._session.con
        key = " || '|' || ".join(f"coalesce(CAST({ident(k)} AS VARCHAR), '')" for k in TABLES[table].key)
        if TABLES[table].ordered:
            key += " || '|' || CAST(ordinal_ AS VARCHAR)"
        own = "* EXCLUDE (ordinal_)" if TABLES[table].ordered else "*"
        cursor = con.execute(f"SELECT {key} AS id__, {own} FROM {ident(table)} WHERE {key} IN (SELECT UNNEST($ids))", {"ids": list(ids)})
        names = [column[0] for column in cursor.description]
        shown = [name.removeprefix(EXTRA) for name in names[1:]]
        return {row[0]: dict(zip(shown, row[1:], strict=True)) for row in cursor.fetchall()}


def _bound(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"${name}" in sql}

