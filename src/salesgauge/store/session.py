"""Answers questions from one generation: builds each fact once per as-of instant, runs compiled SQL, keeps what can be used again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from salesgauge.errors import MissingTable
from salesgauge.periods import Span
from salesgauge.schema import EXTRA, TABLES
from salesgauge.semantics.question import QuestionShape, Viewer
from salesgauge.semantics.shape import Shape
from salesgauge.staging import ident, literal
from salesgauge.store.drawn import Drawn
from salesgauge.store.instants import Instant
from salesgauge.store.kept import Held, layer
from salesgauge.store.opened import Opened
from salesgauge.store.rolled import Rolled, Table, reading, whole_months
from salesgauge.store.spanned import Spanned
from salesgauge.store.spans import add_viewer, create_local_days, create_oversight, create_spans, day, timestamp

if TYPE_CHECKING:
    import pyarrow as pa

    from salesgauge.store.engines.remote import Remote

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
        self.forwarded: dict[str, int] = {}  # how often each was brought forward from an earlier generation instead
        self.con = opened.connection()
        self._remote: Remote | None = None
        self._as_of: datetime | None = None
        self._lasting: set[str] = set()      # made once for the session: what is the same as of every instant
        self._made: dict[str, _Made] = {}    # what was made for an instant, and stays while the next moment needs the same
        self._ready: set[str] = set()        # of those: what is right for the present moment
        self.rolled, self._spanned, self.drawn = Rolled(self), Spanned(self), Drawn(self.con, opened.generation.tables)
        self.spans: list[Span] = []          # the periods of the present moment, numbered from 0
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
        self.rolled.close()
        self.con.close()
        if self._remote:
            self._remote.close()

    def at(self, spans: Sequence[Span], as_of: datetime | None) -> Moment:
        """The facts as of an instant, for these spans. Ends the moment before it."""
        self.end()
        self.spans = list(spans)
        create_spans(self.con, spans, self.settings, as_of)
        self._as_of = as_of
        if self._remote:
            self._remote.at(self.con, as_of)
        return Moment(self, as_of)

    @property
    def remote(self) -> Remote | None:
        """Where facts are built and questions asked, if not here: only who asks something needs the engine."""
        if self._remote is None and self.opened.engine:
            self._remote = self.opened.remote()
            self._remote.at(self.con, self._as_of)
        return self._remote

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
        page, instant = self.opened.fact(name, as_of is not None), self.stamp(name, as_of)
        made = self._made.get(name)
        if made is None or made.as_of != instant:
            if made is not None:
                self._drop(name)
            self._make(name, page, as_of, instant)
        if page["timeless"]:
            self._lasting.add(name)
        self._ready.add(name)

    def stamp(self, name: str, as_of: datetime | None) -> Instant | None:
        """The instant as of which a fact is made; None where it is the same as of every instant, or as of nothing."""
        page = self.opened.fact(name, as_of is not None)
        if as_of is None or page["timeless"]:
            return None
        return self.opened.instant(as_of) if page["period"] else self.opened.anchor(name, as_of, self.con)

    def _make(self, name: str, page: Mapping[str, Any], as_of: datetime | None, instant: Instant | None) -> None:
        bound = _bound(page["sql"], {"as_of_at": instant.at, "as_of_on": instant.on} if instant else {})
        if page["period"] and self.opened.is_large:
            self._spanned.make(name, page, self.spans, as_of, bound)
            self._made[name] = _Made(_OF_SPANS, instant, None)
            return
        for other in page["used"]:
            self.build(other, as_of)
        self.local_days(page["sql"])

        def write(folder: Path) -> None:
            used = {other: self._made[other].held for other in page["used"]}
            if self.opened.forward.bring(self.con, self.drawn, name, page, instant, used, folder):
                self.forwarded[name] = self.forwarded.get(name, 0) + 1
                return
            self.builds[name] = self.builds.get(name, 0) + 1
            self.con.execute(f"COPY ({page['sql']}) TO {literal(str(folder / layer(0)))} (FORMAT parquet)", bound)
            self.opened.forward.compare(self.con, name, instant, folder)
        held = None if page["period"] else self.opened.kept.held(name, str(instant) if instant else None, write)
        if held:
            self.con.execute(f"CREATE TEMP VIEW fact_{name} AS SELECT * FROM {held.relation}")
        else:
            self.builds[name] = self.builds.get(name, 0) + 1
            self.con.execute(f"CREATE TEMP TABLE fact_{name} AS {page['sql']}", bound)
        self._made[name] = _Made(_OF_SPANS if page["period"] else "VIEW" if held else "TABLE", instant, held)

    def holds(self, name: str, as_of: datetime | None) -> bool:
        """Whether a fact is there, or all that it is made of for the spans of a moment."""
        if name in self._lasting or name in self._ready:
            return True
        page = self.opened.fact(name, as_of is not None)
        if page["period"]:
            return all(self.holds(other, as_of) for other in page["used"])
        stamp = self.stamp(name, as_of)
        return self.opened.kept.has(name, str(stamp) if stamp else None)

    def once(self, facts: Sequence[str], as_of: datetime | None) -> bool:
        """Whether what reads these facts is better answered straight from the tables: they are not there, and nobody asked for them
        before, so that they may not be worth making. Who asks again gets them made, and kept."""
        if all(self.holds(name, as_of) for name in facts):
            return False
        stamps = {name: self.stamp(name, as_of) for name, page in self.opened.facts_under(facts, as_of is not None).items()
                  if not page["period"]}
        asked = [self.opened.kept.asked_before(name, str(stamp) if stamp else None) for name, stamp in stamps.items()]  # notes each
        return not all(asked)

    def local_days(self, sql: str) -> None:
        """Makes the local calendar, where SQL reads it."""
        if '"local_days"' in sql and "local_days" not in self._lasting:
            create_local_days(self.con, self.settings)
            self._lasting.add("local_days")

    def _drop(self, name: str) -> None:
        made = self._made.pop(name)
        self.con.execute(f"DROP {'VIEW' if made.kind == 'VIEW' else 'TABLE'} fact_{name}")
        if made.held:
            made.held.release()

    def sql(self, question: QuestionShape, spans: Sequence[Span], as_of: datetime | None) -> dict[str, str]:
        """The SQL that answers questions of this shape, as it is run: `fact_<name>` of each fact that it reads, after those that this
        one reads itself; or the rollups that are there to read instead; and `question` last. Where there is an engine, its own."""
        if self.opened.engine:
            return self.opened.remote_sql(question, as_of is not None)
        page: Mapping[str, Any] = self.opened.added(question) if self.rolled.any else {}
        tables: Mapping[str, Table] = {}
        if page.get("sql"):
            tables = self.rolled.find(page, as_of, question.viewer == "everything" and whole_months(spans))
        if not tables:
            page = self.opened.question(question)
        used = [*page["used"], *(fact for table in tables.values() for fact in table.reads)]
        facts = {f"fact_{name}": str(fact["sql"]) for name, fact in self.opened.facts_under(used, as_of is not None).items()}
        return {**facts, **{table.name: table.sql for table in tables.values()},
                "question": reading(page["sql"], {name: table.name for name, table in tables.items()})}

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
            raise MissingTable(f"there is no table {table}; there are: {', '.join(TABLES)}", "no_table", table=table)
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

    def one_of(self, entity: str, name: str) -> str:
        """The id that an id became (docs/decisions/0020)."""
        return self._session.opened.one_of(entity, name)

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
        """The groups that answer a question (columns: semantics/expression.py), from rollups where they can. One that is asked `alone`
        may be answered straight from the tables, where nothing is kept that it could read."""
        session = self._session
        if session.opened.engine:
            asked = session.opened.remote_questions().find(repr(shape), lambda compiler: compiler.question(shape))
            return list(self._fetched(asked, spans, where, viewer).to_pylist())
        page: Mapping[str, Any] = session.opened.added(shape) if session.rolled.any else {}
        tables: Mapping[str, str] = {}
        if page.get("sql"):
            months = viewer.rep_id is None and whole_months([session.spans[number] for number in spans])
            tables = session.rolled.tables(page, self._as_of, months)
        if not tables:
            page = session.opened.question(shape)
            if alone and session.once(page["used"], self._as_of):
                return self.straight(shape, spans, where, viewer)
        return self.rows(*self._bound(page, reading(page["sql"], tables), spans, where, viewer))

    def straight(self, shape: QuestionShape, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> list[dict[str, Any]]:
        """The same groups from the canonical tables alone, in one statement: no fact is made, read or kept."""
        session, as_of = self._session, self._as_of
        sql = session.opened.straight(shape, as_of is not None)["sql"]
        session.local_days(sql)
        if viewer.rep_id is not None:
            session.oversight(viewer.rep_id, as_of)
        instant = None if as_of is None else session.opened.instant(as_of)
        known = {"as_of_at": instant.at, "as_of_on": instant.on} if instant else {}
        return self.rows(sql, {**where, **known, "spans": str(list(spans)), "viewer": viewer.rep_id})

    def side(self, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any],
             viewer: Viewer) -> list[dict[str, Any]]:
        """The rows behind one side of a question."""
        if self._session.opened.engine:
            return list(self._fetched(self._remote_side(shape, side), spans, where, viewer).to_pylist())
        page = self._side(shape, side)
        return self.rows(*self._bound(page, page["sql"], spans, where, viewer))

    def contribution(self, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer, table: str,
                     record: str) -> float | None:
        """What one record adds to a side of a question; None where it is not among the rows behind it."""
        if self._session.opened.engine:
            self.keep_side("side_of_one", shape, side, spans, where, viewer)
            rows, bound = "side_of_one", dict[str, Any]()
        else:
            page = self._side(shape, side)
            sql, bound = self._bound(page, page["sql"], spans, where, viewer)
            rows = f"({sql})"
        (found,) = self.one(f"SELECT sum(contribution) FROM {rows} WHERE record_table = $record_table AND record_id = $record_id",
                            {**bound, "record_table": table, "record_id": record})
        return None if found is None else float(found)

    def keep_side(self, name: str, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> None:
        """Makes the table `name` of the rows behind one side of a question, for as long as the moment lasts."""
        con = self._session.con
        if self._session.opened.engine:
            con.register("fetched_rows", self._fetched(self._remote_side(shape, side), spans, where, viewer))
            con.execute(f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS FROM fetched_rows")
            con.unregister("fetched_rows")
        else:
            page = self._side(shape, side)
            sql, bound = self._bound(page, page["sql"], spans, where, viewer)
            con.execute(f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS {sql}", bound)
        self._session.passing[name] = "TABLE"

    def _side(self, shape: QuestionShape, side: str) -> Mapping[str, Any]:
        return self._session.opened.questions().find(f"{side} {shape!r}", lambda compiler: compiler.side(shape, side))

    def _remote_side(self, shape: QuestionShape, side: str) -> Mapping[str, Any]:
        return self._session.opened.remote_questions().find(f"{side} {shape!r}", lambda compiler: compiler.side(shape, side))

    def _fetched(self, page: Mapping[str, Any], spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> pa.Table:
        """The rows of SQL in the engine's dialect, from the engine."""
        session, remote = self._session, self._session.remote
        assert remote is not None
        rep = viewer.rep_id and session.opened.one_of("reps", viewer.rep_id)
        if rep is not None:
            session.oversight(rep, self._as_of)
            remote.oversee(rep)
        return remote.rows(page, {**where, "spans": list(spans), "viewer": rep})

    def _bound(self, page: Mapping[str, Any], sql: str, spans: Sequence[int], where: Mapping[str, Any],
               viewer: Viewer) -> tuple[str, dict[str, Any]]:
        """SQL and its parameters, once the facts that it reads are there."""
        for fact in page["used"]:
            self._session.build(fact, self._as_of)
        rep = viewer.rep_id and self._session.opened.one_of("reps", viewer.rep_id)
        if rep is not None:
            self._session.oversight(rep, self._as_of)
        # the numbers as one text: for each value that is bound DuckDB looks for pandas anew, which takes longer than reading the text
        return sql, _bound(sql, {**where, "spans": str(list(spans)), "viewer": rep})

    def rows_of(self, table: str, ids: Sequence[str], *, known: bool = False) -> dict[str, dict[str, Any]]:
        """The rows of a canonical table by their ids (the parts of its key joined by |), the company's own columns under the names of
        their dimensions: as they are stored, or only what is `known`."""
        rows = f"({self._known_sql(table)})" if known else ident(table)
        own = "* EXCLUDE (ordinal_)" if TABLES[table].ordered else "*"
        wanted, values = among(table, ids)
        # of a deal as it was only its own changes are looked at, not those of all
        some = "fact_stage_history AS (FROM temp.main.fact_stage_history WHERE opportunity_id IN (SELECT UNNEST($starts)))"
        narrowed = f"WITH {some} " if known and table == "opportunities" and "fact_stage_history" in rows else ""
        cursor = self._session.con.execute(f"{narrowed}SELECT {key_of(table)} AS id__, {own} FROM {rows} WHERE {wanted}", values)
        shown = [column[0].removeprefix(EXTRA) for column in cursor.description[1:]]
        return {row[0]: dict(zip(shown, row[1:], strict=True)) for row in cursor.fetchall()}


def key_of(table: str) -> str:
    """SQL: the id of a row of a canonical table, the parts of its key joined by |; MissingTable where there is no such table."""
    if table not in TABLES:
        raise MissingTable(f"there is no table {table}", "no_table", table=table)
    parts = [f"coalesce(CAST({ident(k)} AS VARCHAR), '')" for k in TABLES[table].key]
    return " || '|' || ".join([*parts, *(["CAST(ordinal_ AS VARCHAR)"] if TABLES[table].ordered else [])])


def among(table: str, ids: Sequence[str]) -> tuple[str, dict[str, list[str]]]:
    """SQL: whether a row of a canonical table is one of those with these ids (the parts of the key joined by |); and its values. Of a key
    of several parts its first is looked for as well, which is quicker; an id may have a | of its own. MissingTable as key_of."""
    key, of = key_of(table), TABLES[table]
    simple = len(of.key) == 1 and not of.ordered
    starts = list(ids) if simple else sorted({name[:place] for name in ids for place, sign in enumerate(name) if sign == "|"})
    first = f"CAST({ident(of.key[0])} AS VARCHAR) IN (SELECT UNNEST($starts))"
    return (first, {"starts": starts}) if simple else (f"{first} AND {key} IN (SELECT UNNEST($ids))", {"starts": starts, "ids": list(ids)})


def _bound(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"${name}" in sql}

