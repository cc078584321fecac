"""The facts of a session as of one instant, and what is asked of them: groups, the rows behind a side, single rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from salesgauge.errors import MissingTable
from salesgauge.schema import EXTRA, TABLES
from salesgauge.semantics.groups import Groups
from salesgauge.semantics.question import QuestionShape, Viewer
from salesgauge.staging import bound, ident
from salesgauge.store.fetching import fetched, of_table
from salesgauge.store.ids import among, key_of
from salesgauge.store.rolled import needs_of, reading
from salesgauge.store.spans import at_instant

if TYPE_CHECKING:
    import pyarrow as pa

    from salesgauge.store.session import Session

T = TypeVar("T")


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
        return at_instant(page["sql"], session.opened.instant(as_of))

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
        self._session.con.execute(sql, bound(sql, values))

    def one(self, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The first row of a query; of those of the values that it names."""
        row = self._session.con.execute(sql, bound(sql, values)).fetchone()
        assert row is not None
        return row

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of a query, by the names of their columns."""
        return fetched(self._session.con.execute(sql, bound(sql, values))).dicts()

    @property
    def day(self) -> date | None:
        """The local day of the as-of instant."""
        return None if self._as_of is None else self._session.opened.instant(self._as_of).on

    def groups(self, shape: QuestionShape, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer, *,
               alone: bool = False) -> Groups:
        """The groups that answer a question (columns: semantics/expression.py), from rollups where they can. One that is asked `alone`
        may be answered straight from the tables, where nothing is kept that it could read."""
        return self._mended(lambda: self._groups(shape, spans, where, viewer, alone))

    def _groups(self, shape: QuestionShape, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer,
                alone: bool) -> Groups:
        session = self._session
        page: Mapping[str, Any] = {}
        tables: Mapping[str, str] = {}
        for page in session.opened.from_rollups(shape) if session.rolled.any else ():
            tables = session.rolled.tables(page, spans, self._as_of, viewer.reports)
            if tables:
                break
        if not tables:
            if session.opened.engine:
                return of_table(self._fetched(session.opened.remote_question(shape), spans, where, viewer))
            page = session.opened.question(shape)
            if alone and session.once(page["used"], self._as_of):
                return self.straight(shape, spans, where, viewer)
        elif session.rolled.alone(page, tables) and not any(need.entities for need in needs_of(page)):
            session.opened.rolled.add(shape)
        return self._told(*self._bound(page, reading(page["sql"], tables), spans, where, viewer))

    def _told(self, sql: str, values: Mapping[str, Any]) -> Groups:
        cursor = self._session.con.execute(sql, bound(sql, values))
        return fetched(cursor, by_columns=self._session.opened.worth.make)

    def straight(self, shape: QuestionShape, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> Groups:
        """The same groups from the canonical tables alone, in one statement: no fact is made, read or kept."""
        session, as_of = self._session, self._as_of
        sql = session.opened.straight(shape, as_of is not None)["sql"]
        session.calendar(sql)
        rep = self._overseen(viewer)
        instant = None if as_of is None else session.opened.instant(as_of)
        known = {"as_of_at": instant.at, "as_of_on": instant.on} if instant else {}
        return self._told(sql, {**where, **known, "spans": str(list(spans)), "viewer": rep})

    def side(self, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any],
             viewer: Viewer) -> list[dict[str, Any]]:
        """The rows behind one side of a question."""
        if self._session.opened.engine:
            return list(self._fetched(self._remote_side(shape, side), spans, where, viewer).to_pylist())
        page = self._side(shape, side)
        return self._mended(lambda: self.rows(*self._bound(page, page["sql"], spans, where, viewer)))

    def contribution(self, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer, table: str,
                     record: str) -> float | None:
        """What one record adds to a side of a question; None where it is not among the rows behind it."""
        def adding_up(rows: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
            return self.one(f"SELECT sum(contribution) FROM {rows} WHERE record_table = $record_table AND record_id = $record_id",
                            {**values, "record_table": table, "record_id": record})
        if self._session.opened.engine:
            self.keep_side("side_of_one", shape, side, spans, where, viewer)
            (found,) = adding_up("side_of_one", {})
        else:
            page = self._side(shape, side)
            (found,) = self._mended(lambda: adding_up(*self._bound(page, f"({page['sql']})", spans, where, viewer)))
        return None if found is None else float(found)

    def keep_side(self, name: str, shape: QuestionShape, side: str, spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> None:
        """Makes the table `name` of the rows behind one side of a question, for as long as the moment lasts."""
        con = self._session.con
        if self._session.opened.engine:
            rows = self._fetched(self._remote_side(shape, side), spans, where, viewer)
            self._session.receive(rows, f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS FROM fetched")
        else:
            page = self._side(shape, side)
            into = f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS "
            self._mended(lambda: con.execute(*self._bound(page, into + page["sql"], spans, where, viewer)))
        self._session.passing[name] = "TABLE"

    def _side(self, shape: QuestionShape, side: str) -> Mapping[str, Any]:
        return self._session.opened.questions().find(f"{side} {shape!r}", lambda compiler: compiler.side(shape, side))

    def _remote_side(self, shape: QuestionShape, side: str) -> Mapping[str, Any]:
        return self._session.opened.remote_questions().find(f"{side} {shape!r}", lambda compiler: compiler.side(shape, side))

    def _fetched(self, page: Mapping[str, Any], spans: Sequence[int], where: Mapping[str, Any], viewer: Viewer) -> pa.Table:
        """The rows of SQL in the engine's dialect, from the engine."""
        remote = self._session.remote
        assert remote is not None
        rep = self._overseen(viewer)
        if rep is not None:
            remote.oversee(rep)
        return remote.rows(page, {**where, "spans": list(spans), "viewer": rep})

    def _overseen(self, viewer: Viewer) -> str | None:
        """The one id of a viewer who sees certain rows only, once it is known whose they are; None of one who sees everything."""
        if viewer.rep_id is None:
            return None
        rep = self.one_of("reps", viewer.rep_id)
        self.oversight(rep)
        return rep

    def _mended(self, work: Callable[[], T]) -> T:
        """What `work` finds; where something that is kept of periods turns out to be damaged, once more after that was removed."""
        try:
            return work()
        except duckdb.Error as problem:
            if isinstance(problem, duckdb.OutOfMemoryException) or not self._session.doubt():
                raise
            return work()

    def _bound(self, page: Mapping[str, Any], sql: str, spans: Sequence[int], where: Mapping[str, Any],
               viewer: Viewer) -> tuple[str, dict[str, Any]]:
        """SQL and its parameters, once the facts that it reads are there."""
        for fact in page["used"]:
            self._session.build(fact, self._as_of)
        self._session.calendar(sql)
        rep = self._overseen(viewer)
        # the numbers as one text: for each value that is bound DuckDB looks for pandas anew, which takes longer than reading the text
        return sql, bound(sql, {**where, "spans": str(list(spans)), "viewer": rep})

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
