"""Answers questions from one generation: builds each fact once per as-of instant, runs compiled SQL, keeps what can be used again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from salesgauge.errors import MissingTable
from salesgauge.periods import Span
from salesgauge.schema import EXTRA, TABLES
from salesgauge.semantics.question import QuestionShape, Viewer
from salesgauge.semantics.shape import Shape
from salesgauge.staging import ident, literal
from salesgauge.store.instants import Instant
from salesgauge.store.kept import Held
from salesgauge.store.opened import Opened
from salesgauge.store.spans import add_viewer, create_local_days, create_oversight, create_spans, day, timestamp

if TYPE_CHECKING:
    from salesgauge.semantics.compiler import Compiled, Compiler

_OF_SPANS = "TABLE of spans"  # the kind of what is made for the spans of a moment alone


class _Made(NamedTuple):
    """A fact as it stands in a session: a TABLE or VIEW, as of which instant (None: everything known, or of every instant)."""

    kind: str
    as_of: Instant | None
    held: Held | None


class Session:
    """One consistent generation, open for the questions of one thread at a time."""

    def __init__(self, opened: Opened) -> None:
        self.opened, self.settings, self.generation = opened, opened.settings, opened.generation
        self.builds: dict[str, int] = {}  # how often each fact was built: a batch builds each once per as-of instant
        self.con = opened.connection()
        self._lasting: set[str] = set()      # made once for the session: what is the same as of every instant
        self._made: dict[str, _Made] = {}    # what was made for an instant, and stays while the next moment needs the same
        self._ready: set[str] = set()        # of those: what is right for the present moment
        self.passing: dict[str, str] = {}    # further tables and views that end with the moment: TABLE or VIEW, by name

    def shape(self, dated: bool) -> Shape:
        """The shape of the workspace, with or without an as-of instant."""
        return self.opened.shape(dated)

    def close(self) -> None:
        """Ends the session."""
        for made in self._made.values():
            if made.held:
                made.held.release()
        self._made.clear()
        self.con.close()

    def at(self, spans: Sequence[Span], as_of: datetime | None) -> Moment:
        """The facts as of an instant, for these spans. Ends the moment before it."""
        self.end()
        create_spans(self.con, spans, self.settings, as_of)
        self._first = min((span.start for span in spans), default=date.min)
        self._until = max((span.end for span in spans), default=date.min)
        return Moment(self, as_of)

    def in_spans(self, sql: str) -> str:
        """SQL with the first and the last day of all spans. They are written, not bound: what could fail at its parameter (a cast) is
        not filtered by before anything is joined."""
        return sql.replace("$from_on", day(self._first)).replace("$until_on", day(self._until))

    def holds(self, name: str, as_of: datetime | None) -> bool:
        """Whether a fact is there, or all that it is made of for the spans of a moment."""
        if name in self._lasting or name in self._ready:
            return True
        page = self.opened.fact(name, as_of is not None)
        if page["period"]:
            return all(self.holds(other, as_of) for other in page["used"])
        stamp = self._stamp(name, page, as_of)
        return self.opened.kept.has(name, str(stamp) if stamp else None)

    def _stamp(self, name: str, page: Mapping[str, Any], as_of: datetime | None) -> Instant | None:
        """The instant that a fact is of; None: of none in particular."""
        if as_of is None or page["timeless"]:
            return None
        return self.opened.instant(as_of) if page["period"] else self.opened.anchor(name, as_of, self.con)

    def once(self, question: QuestionShape, as_of: datetime | None) -> bool:
        """Whether a question is better answered straight from the tables: its facts are not there, and nobody asked for them before, so
        that they may not be worth making. Who asks again gets them made, and kept."""
        facts = {name: page for name, page in self.opened.facts_of(question, as_of is not None).items() if not page["period"]}
        lacking = [name for name in self.opened.questions().find(repr(question), lambda compiler: compiler.question(question))["used"]
                   if not self.holds(name, as_of)]
        stamps = {name: self._stamp(name, page, as_of) for name, page in facts.items()} if lacking else {}
        asked = [self.opened.kept.asked_before(name, str(stamp) if stamp else None) for name, stamp in stamps.items()]
        return bool(lacking) and not all(asked)

    def end(self) -> None:
        """Ends the present moment: what belongs to its spans is removed."""
        self._ready.clear()
        for name, kind in self.passing.items():
            self.con.execute(f"DROP {kind} {ident(name)}")
        self.passing.clear()
        for name in [name for name, made in self._made.items() if made.kind == _OF_SPANS]:
            self._drop(name)

    def build(self, name: str, as_of: datetime | None) -> None:
        """Makes the table fact_<name>, after those that it reads."""
        if name in self._lasting or name in self._ready:
            return
        page = self.opened.fact(name, as_of is not None)
        instant = self._stamp(name, page, as_of)
        made = self._made.get(name)
        if made is None or made.as_of != instant:
            if made is not None:
                self._drop(name)
            self._make(name, page, as_of, instant)
        if page["timeless"]:
            self._lasting.add(name)
        self._ready.add(name)

    def _make(self, name: str, page: Mapping[str, Any], as_of: datetime | None, instant: Instant | None) -> None:
        for other in page["used"]:
            self.build(other, as_of)
        sql = self.with_calendar(page["sql"])

        def write(path: Path) -> None:
            self.builds[name] = self.builds.get(name, 0) + 1
            self.con.execute(f"COPY ({sql}) TO {literal(str(path))} (FORMAT parquet)", bound)
        bound = _bound(sql, _as_of(instant))
        held = None if page["period"] else self.opened.kept.held(name, str(instant) if instant else None, write)
        if held:
            self.con.execute(f"CREATE TEMP VIEW fact_{name} AS SELECT * FROM read_parquet({literal(str(held.path))})")
        else:
            self.builds[name] = self.builds.get(name, 0) + 1
            self.con.execute(f"CREATE TEMP TABLE fact_{name} AS {sql}", bound)
        self._made[name] = _Made(_OF_SPANS if page["period"] else "VIEW" if held else "TABLE", instant, held)

    def with_calendar(self, sql: str) -> str:
        """SQL as it is run: the days of the spans written, the local days there where it reads them."""
        if '"local_days"' in sql and "local_days" not in self._lasting:
            create_local_days(self.con, self.settings)
            self._lasting.add("local_days")
        return self.in_spans(sql)

    def _drop(self, name: str) -> None:
        made = self._made.pop(name)
        self.con.execute(f"DROP {'VIEW' if made.kind == 'VIEW' else 'TABLE'} fact_{name}")
        if made.held:
            made.held.release()

    def sql(self, question: QuestionShape, dated: bool) -> dict[str, str]:
        """The SQL that answers questions of this shape, as it is run: `fact_<name>` of each fact that it reads, after those that this
        one reads itself, and `question` last."""
        facts = {f"fact_{name}": str(page["sql"]) for name, page in self.opened.facts_of(question, dated).items()}
        return {**facts, "question": self.opened.questions().find(repr(question), lambda compiler: compiler.question(question))["sql"]}

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

    def known(self, table: str) -> str:
        """The name of a view of a canonical table as it is known; MissingTable where the model has no such table."""
        if table not in TABLES:
            raise MissingTable(f"there is no table {table}; there are: {', '.join(TABLES)}")
        name = f"known_{table}"
        if name not in self._session.passing:
            self._session.con.execute(f"CREATE TEMP VIEW {name} AS {self._known_sql(table)}")
            self._session.passing[name] = "VIEW"
        return name

    def _known_sql(self, table: str) -> str:
        session, as_of = self._session, self._as_of
        page = session.opened.table(table, as_of is not None)
        for fact in page["used"]:
            session.build(fact, as_of)
        if as_of is None:
            return str(page["sql"])
        instant = session.opened.instant(as_of)  # a view has no parameters
        return str(page["sql"]).replace("$as_of_at", f"CAST({timestamp(instant.at)} AS TIMESTAMP)").replace("$as_of_on", day(instant.on))

    def fact(self, name: str) -> str:
        """The name of the table of a fact, once it is there."""
        self._session.build(name, self._as_of)
        return f"fact_{name}"

    def oversight(self, viewer: str) -> None:
        """Makes the table of who sees whose rows (store/spans.py), for that viewer."""
        self._session.oversight(viewer, self._as_of)

    def make(self, name: str, columns: str) -> None:
        """Makes an empty table for as long as the moment lasts."""
        self._session.con.execute(f"CREATE OR REPLACE TEMP TABLE {ident(name)} ({columns})")
        self._session.passing[name] = "TABLE"

    def run(self, sql: str, values: Mapping[str, Any]) -> None:
        """Runs a statement with those of the values that it names."""
        self._session.con.execute(sql, _bound(sql, values))

    def one(self, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The first row of a query; of those of the values that it names."""
        row = self._session.con.execute(sql, _bound(sql, values)).fetchone()
        assert row is not None
        return row

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of a query, by the names of their columns."""
        cursor = self._session.con.execute(sql, _bound(sql, values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @property
    def day(self) -> date | None:
        """The local day of the as-of instant."""
        return None if self._as_of is None else self._session.opened.instant(self._as_of).on

    def groups(self, shape: QuestionShape, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer, *,
               alone: bool = False) -> list[dict[str, Any]]:
        """The groups that answer a question (columns: semantics/expression.py). One that is asked `alone` may be answered straight from
        the tables, where its facts are not kept."""
        if alone and self._session.once(shape, self._as_of):
            return self.straight(shape, spans, where, viewer)
        return list(self._run(repr(shape), lambda compiler: compiler.question(shape), spans, where, viewer))

    def straight(self, shape: QuestionShape, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> list[dict[str, Any]]:
        """The same groups from the canonical tables alone, in one statement: no fact is made, read or kept."""
        session, as_of = self._session, self._as_of
        sql = session.with_calendar(session.opened.straight(shape, as_of is not None)["sql"])
        if viewer.rep_id is not None:
            session.oversight(viewer.rep_id, as_of)
        instant = _as_of(None if as_of is None else session.opened.instant(as_of))
        return self.rows(sql, _bound(sql, {**where, **instant, "spans": list(spans), "viewer": viewer.rep_id}))

    def side(self, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any],
             viewer: Viewer) -> list[dict[str, Any]]:
        """The rows behind one side of a question."""
        return list(self._run(f"{side} {shape!r}", lambda compiler: compiler.side(shape, side), spans, where, viewer))

    def keep_side(self, name: str, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> None:
        """Makes the table `name` of the rows behind one side of a question, for as long as the moment lasts."""
        sql, bound = self._ready(f"{side} {shape!r}", lambda compiler: compiler.side(shape, side), spans, where, viewer)
        self._session.con.execute(f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS {sql}", bound)
        self._session.passing[name] = "TABLE"

    def _run(self, name: str, make: Callable[[Compiler], Compiled], spans: Sequence[int], where: Mapping[str, Any],
             viewer: Viewer) -> Iterator[dict[str, Any]]:
        yield from self.rows(*self._ready(name, make, spans, where, viewer))

    def _ready(self, name: str, make: Callable[[Compiler], Compiled], spans: Sequence[int], where: Mapping[str, Any],
               viewer: Viewer) -> tuple[str, dict[str, Any]]:
        """The SQL of that name and its parameters, once the facts that it reads are there."""
        session = self._session
        page = session.opened.questions().find(name, make)
        for fact in page["used"]:
            session.build(fact, self._as_of)
        if viewer.rep_id is not None:
            session.oversight(viewer.rep_id, self._as_of)
        sql = session.in_spans(page["sql"])
        return sql, _bound(sql, {**where, "spans": list(spans), "viewer": viewer.rep_id})

    def rows_of(self, table: str, ids: Sequence[str], *, known: bool = False) -> dict[str, dict[str, Any]]:
        """The rows of a canonical table by their ids (the parts of its key joined by |), the company's own columns under the names of
        their dimensions: as they are stored, or only what is `known`."""
        key = key_of(table)
        rows = f"({self._known_sql(table)})" if known else ident(table)
        own = "* EXCLUDE (ordinal_)" if TABLES[table].ordered else "*"
        first, simple = ident(TABLES[table].key[0]), len(TABLES[table].key) == 1 and not TABLES[table].ordered
        # of a key of several parts its first is looked for as well, which is quicker; an id may have a | of its own
        starts = list(ids) if simple else sorted({name[:place] for name in ids for place, sign in enumerate(name) if sign == "|"})
        wanted = f"CAST({first} AS VARCHAR) IN (SELECT UNNEST($starts))" + ("" if simple else f" AND {key} IN (SELECT UNNEST($ids))")
        # of a deal as it was only its own changes are looked at, not those of all
        some = "fact_stage_history AS (FROM temp.main.fact_stage_history WHERE opportunity_id IN (SELECT UNNEST($starts)))"
        narrowed = f"WITH {some} " if known and table == "opportunities" and "fact_stage_history" in rows else ""
        sql = f"{narrowed}SELECT {key} AS id__, {own} FROM {rows} WHERE {wanted}"
        cursor = self._session.con.execute(sql, _bound(sql, {"ids": list(ids), "starts": starts}))
        shown = [column[0].removeprefix(EXTRA) for column in cursor.description[1:]]
        return {row[0]: dict(zip(shown, row[1:], strict=True)) for row in cursor.fetchall()}


def key_of(table: str) -> str:
    """SQL: the id of a row of a canonical table, the parts of its key joined by |; MissingTable where there is no such table."""
    if table not in TABLES:
        raise MissingTable(f"there is no table {table}")
    parts = [f"coalesce(CAST({ident(k)} AS VARCHAR), '')" for k in TABLES[table].key]
    return " || '|' || ".join([*parts, *(["CAST(ordinal_ AS VARCHAR)"] if TABLES[table].ordered else [])])


def _as_of(instant: Instant | None) -> dict[str, Any]:
    """The parameters of an as-of instant."""
    return {"as_of_at": instant.at, "as_of_on": instant.on} if instant else {}


def _bound(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"${name}" in sql}

