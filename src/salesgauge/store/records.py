"""The records behind a side of a question: all of them, a page of them, or one batch after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from salesgauge.errors import BadQuery, did_you_mean
from salesgauge.periods import Span
from salesgauge.schema import EXTRA, ORDINAL, TABLES
from salesgauge.semantics.measure import Measure
from salesgauge.semantics.question import Question, QuestionShape
from salesgauge.staging import ident, literal
from salesgauge.store.fetching import fetched
from salesgauge.store.ids import key_of
from salesgauge.store.moment import Moment
from salesgauge.store.session import Session

Row = dict[str, Any]

MOST = 1000     # rows of a page
BATCH = 5000    # rows of a batch
BECAUSE = "because_"  # prefix of a column that says how a contribution came about, where columns are named
_SIDE, _ORDERED = "side_rows", "ordered_rows"
_PLACES = ("span", "record_table", "coalesce(record_id, 'None')")  # the order in which records stand


@dataclass(frozen=True)
class RecordsPage:
    """A page of the records behind a side. `total` is the sum of all contributions, `count` the number of all records, `matching` of
    those that the search finds; `columns` the names by which they can be sorted."""

    kpi: str
    side: str
    total: float | int
    count: int
    matching: int
    columns: tuple[str, ...]
    rows: list[Row]


class Records:
    """The records of one side of a question in a session: each with its table, id, contribution and stored row."""

    def __init__(self, session: Session, question: Question, side: str, measure: Measure, spans: Sequence[Span], as_of: datetime | None,
                 where: Mapping[str, Any]) -> None:
        self._session, self._con, self._measure, self._question, self._side = session, session.con, measure, question, side
        self._moment: Moment = session.at(spans, as_of)
        self._moment.keep_side(_SIDE, QuestionShape.of(question), side, range(len(spans)), where, question.viewer)
        table, _column = measure.records
        several = f"SELECT DISTINCT record_table FROM {_SIDE} ORDER BY 1"
        self._tables: list[str] = [table] if table else [found for (found,) in self._con.execute(several).fetchall()]

    def all(self) -> list[Row]:
        """Every record, by period, table and id."""
        return self._form(f"SELECT * FROM {_SIDE} ORDER BY {self._ties()}", {})

    def total(self) -> float | int:
        """The sum of all contributions: the side's number."""
        (total,) = self._one(f"SELECT sum(contribution) FROM {_SIDE}")
        return self._number(total or 0)

    def columns(self) -> tuple[str, ...]:
        """The names by which records can be sorted: id, contribution, how it came about, and each column of their tables."""
        stored = [name for table in self._tables for name in self._stored(table)]
        names = ["id", "contribution", *(BECAUSE + name for name in self._measure.because), *stored]
        return tuple(dict.fromkeys(["table", *names] if len(self._tables) > 1 else names))

    def page(self, search: str, sort: str | None, descending: bool, offset: int, limit: int) -> RecordsPage:
        """The page from `offset` on of the records that `search` finds in an id or text column, whatever its case. Of records that sort
        alike, and without `sort`, the order is that of `all`; empty ones come last. BadQuery for a column that they do not have."""
        columns = self.columns()
        if sort is not None and sort not in columns and self._tables:  # of no table any column is empty
            raise BadQuery(f"the records of {self._question.kpi} cannot be sorted by {sort!r}{did_you_mean(sort, columns)}; "
                           f"they have: {', '.join(columns)}", "no_column", column=sort)
        if offset < 0 or not 1 <= limit <= MOST:
            raise BadQuery(f"a page starts at 0 or later and has 1 to {MOST} rows, not {limit} from {offset} on")
        (count,) = self._one(f"SELECT count(*) FROM {_SIDE}")
        if not count:
            return RecordsPage(self._question.kpi, self._side, self.total(), 0, 0, columns, [])
        wanted = search.strip()
        found = self._found(sort, bool(wanted))
        values = {"search": wanted} if wanted else {}
        (matching,) = self._one(f"SELECT count(*) FROM ({found})", values) if wanted else (count,)
        way = f"sort__ {'DESC' if descending else 'ASC'} NULLS LAST, " if sort else ""
        ties = self._ties(descending=descending and sort is None)
        rows = self._form(f"SELECT * EXCLUDE (sort__) FROM ({found}) ORDER BY {way}{ties} LIMIT $limit OFFSET $offset",
                          {**values, "limit": limit, "offset": offset})
        return RecordsPage(self._question.kpi, self._side, self.total(), count, matching, columns, rows)

    def batches(self, size: int = BATCH) -> Iterator[list[Row]]:
        """Every record as in `all`, so many at a time."""
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {_ORDERED} AS "
                          f"SELECT *, row_number() OVER (ORDER BY {self._ties()}) AS place__ FROM {_SIDE}")
        self._session.passing[_ORDERED] = "TABLE"
        (count,) = self._one(f"SELECT count(*) FROM {_ORDERED}")
        for start in range(0, count, size):
            yield self._form(f"SELECT * EXCLUDE (place__) FROM {_ORDERED} WHERE place__ > $first AND place__ <= $last ORDER BY place__",
                             {"first": start, "last": start + size})

    def _one(self, sql: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        row = self._con.execute(sql, values or {}).fetchone()
        assert row is not None
        return row

    def _ties(self, descending: bool = False) -> str:
        rest = ["contribution", *(ident(f"why_{name}") for name in self._measure.because)]
        return ", ".join(f"{part} {'DESC' if descending else 'ASC'}" for part in [*_PLACES, *rest])

    def _stored(self, table: str) -> dict[str, str]:
        """The columns of a stored row, as they are shown, with their names in the store."""
        names = [name for name, *_ in self._con.execute(f"SELECT * FROM {ident(table)} LIMIT 0").description]
        return {name.removeprefix(EXTRA): name for name in names if name != ORDINAL}

    def _found(self, sort: str | None, searching: bool) -> str:
        """SQL: the rows of the side that the search ($search) finds, each with what it is sorted by."""
        parts = []
        for table in self._tables:
            stored = self._stored(table)
            own = {"id": "s.record_id", "table": "s.record_table", "contribution": "s.contribution",
                   **{BECAUSE + name: f"s.{ident(f'why_{name}')}" for name in self._measure.because}}
            by = "NULL" if sort is None else own.get(sort) or (f"r.{ident(stored[sort])}" if sort in stored else "NULL")
            text = self._texts(table)
            hits = " OR ".join(f"contains(lower({column}), lower($search))" for column in ("s.record_id", *(f"r.{ident(n)}" for n in text)))
            joined = f"LEFT JOIN (SELECT *, {key_of(table)} AS id__ FROM {ident(table)}) r ON r.id__ = s.record_id"
            needed = searching or by.startswith("r.")
            parts.append(f"SELECT s.*, {by} AS sort__ FROM {_SIDE} s {joined if needed else ''} "
                         f"WHERE s.record_table = {literal(table)}{f' AND ({hits})' if searching else ''}")
        return " UNION ALL ".join(parts)

    def _texts(self, table: str) -> list[str]:
        cursor = self._con.execute(f"SELECT * FROM {ident(table)} LIMIT 0")
        return [name for name, kind, *_ in cursor.description if str(kind) in ("VARCHAR", "STRING")]

    def _form(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """The records that a query of the side's rows gives, in its order."""
        found = fetched(self._con.execute(sql, dict(values))).dicts()
        ids: dict[str, set[str]] = {}
        for row in found:
            if row["record_id"] is not None:
                ids.setdefault(row["record_table"], set()).add(row["record_id"])
        stored = {table: self._moment.rows_of(table, sorted(of_table)) for table, of_table in ids.items()}
        return [self._record(row, stored.get(row["record_table"], {})) for row in found]

    def _record(self, row: Row, stored: Mapping[str, Row]) -> Row:
        table, name = row["record_table"], row["record_id"]
        because = {reason: row[f"why_{reason}"] for reason in self._measure.because}
        record = stored.get(name, {TABLES[table].key[0]: name})
        return {"table": table, "id": name, "contribution": self._number(row["contribution"]),
                "row": {**record, **({"because": because} if because else {})}}

    def _number(self, number: Any) -> float | int:
        return int(number) if self._measure.value is None else float(number)
