"""Facts as of an instant, told from the kept facts as of nothing instead of being built (docs/decisions/0025).

    W/store/cache/g-000012-<digest>.again/prospects@20250131T093000000000-20250131/
        keys.parquet      the keys whose rows the facts as of nothing do not tell
        0.parquet         their rows, built
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from salesgauge.periods import day_start
from salesgauge.semantics.reach import AGAIN, KEYS
from salesgauge.staging import bound, ident, literal
from salesgauge.store.checking import one
from salesgauge.store.instants import Instant
from salesgauge.store.kept import COPY, Held, first
from salesgauge.store.needed import rows_needed, rows_of_keys
from salesgauge.store.places import parts_of
from salesgauge.store.spans import at_instant

if TYPE_CHECKING:
    from salesgauge.store.session import Session

_KEYS = "keys.parquet"
FEW, MOST = 1000, 0.3  # keys that are built anew: so many, or this share of the fact's rows; beyond, all of it is built
SHORT = 5_000_000      # rows of a fact that is kept once it is told a second time: more take longer to write than questions gain


class Told(NamedTuple):
    """A fact as of an instant that is told: what is kept under its view, if anything is."""

    held: Held | None


class LookedBack:
    """What a session tells from facts as of nothing, each of which it reads as a view `latest_<name>`."""

    def __init__(self, session: Session) -> None:
        self._session, self._opened = session, session.opened
        self._latest: dict[str, bool] = {}
        self._rows: dict[str, int] = {}

    def tells(self, name: str, as_of: datetime) -> bool:
        """Whether a fact as of an instant can be told from facts that are kept."""
        if not self._opened.kept.has(name, None):
            return False
        page = self._opened.look_back(name)
        return bool(page["sql"]) and self._whole_days(as_of) and all(self._opened.kept.has(each, None) for each in page["latest"])

    def make(self, name: str, page: Mapping[str, Any], as_of: datetime, instant: Instant) -> Told | None:
        """Makes the view fact_<name> as of an instant; None where the fact is to be built. `page` is its compiled SQL as it would be built,
        `instant` what stands for `as_of` in it."""
        if not self._may_be_there(name):
            return None  # before anything is compiled
        back = self._opened.look_back(name)
        if not back["sql"] or not self._whole_days(as_of) or not all(map(self._is_there, back["latest"])):
            return None
        con, at = self._session.con, self._opened.instant(as_of)
        if back["unless"] and con.execute(f"FROM ({at_instant(back['unless'], at)}) LIMIT 1").fetchone():
            return None
        for other in back["used"]:
            self._session.build(other, as_of)
        self._session.calendar(back["sql"])
        rows, held = at_instant(back["sql"], at), None
        if back["again"]:
            held = self._again(name, page, back, as_of, instant)
            if held is None:
                return None
            rows = _without(rows, ident(page["key"]), held, at_instant(back["instead"], at))
        con.execute(f"CREATE TEMP VIEW fact_{name} AS {rows}")
        return Told(held)

    def is_worth_keeping(self, name: str, instant: Instant) -> bool:
        """Whether a fact that is told is worth keeping as if it had been built: more than a filter tells it, it is not too long, and it is
        asked for again, which is noted."""
        opened, stamp = self._opened, str(instant)
        if not opened.worth.make or not opened.is_large or not opened.look_back(name)["again"]:
            return False
        if opened.kept.has(name, stamp):
            return True
        if name not in self._rows:
            self._rows[name] = _number(self._session.con, f"SELECT count(*) FROM latest_{name}")
        return self._rows[name] <= SHORT and (opened.worth.at_once or opened.kept.asked_before(f"told {name}", stamp))

    def _whole_days(self, as_of: datetime) -> bool:
        """Whether the days that have begun by an instant are those up to its local day: not where the clock goes back over midnight."""
        zone, on = self._opened.settings.zone, self._opened.instant(as_of).on
        return day_start(on, zone) <= as_of < day_start(on + timedelta(days=1), zone)

    def _may_be_there(self, name: str) -> bool:
        """Whether a fact as of nothing is kept, or would be made to be."""
        return self._opened.is_large or self._opened.kept.has(name, None)

    def _is_there(self, name: str) -> bool:
        """Makes the view latest_<name>, and says whether it could: in a large workspace a fact that is not kept yet is built."""
        if name not in self._latest:
            held = self._opened.kept.find(name, None)
            if held is None and self._opened.is_large:
                with closing(self._session.beside()) as other:
                    other.at([], None)
                    other.build(name, None)
                    self._session.count(other)
                held = self._opened.kept.find(name, None)
            if held is not None:
                self._session.con.execute(f"CREATE TEMP VIEW latest_{name} AS SELECT * FROM {held.relation}")
            self._latest[name] = held is not None
        return self._latest[name]

    def _again(self, name: str, page: Mapping[str, Any], back: Mapping[str, Any], as_of: datetime, instant: Instant) -> Held | None:
        """The rows of those keys that are built, kept; None where they are too many, or cannot be kept."""
        con, at = self._session.con, self._opened.instant(as_of)
        found = self._opened.again.find(name, str(instant))
        if found is not None:
            return found
        for other in page["used"] if not back["instead"] else ():
            self._session.build(other, as_of)
        self._session.calendar(page["sql"])
        keys = _number(con, f"CREATE OR REPLACE TEMP TABLE {KEYS} AS SELECT DISTINCT key FROM ({at_instant(back['again'], at)})")
        if not back["instead"] and keys > max(FEW, MOST * _number(con, f"SELECT count(*) FROM latest_{name}")):
            return None

        def write(folder: Path) -> None:
            con.execute(f"COPY {KEYS} TO {literal(str(folder / _KEYS))} {COPY}")
            if keys and not back["instead"]:
                self._build(page, at, folder / first())
        held = self._opened.again.held(name, str(instant), write)
        con.execute(f"DROP TABLE {KEYS}")
        return held

    def _build(self, page: Mapping[str, Any], at: Instant, path: Path) -> None:
        """Writes the rows of the keys in KEYS, from what they need of each relation."""
        con, values = self._session.con, {"as_of_at": at.at, "as_of_on": at.on}
        places = {relation: f"temp.main.needed_{relation}" for relation in page["needed"]}
        for relation, need in page["needed"].items():
            con.execute(f"CREATE OR REPLACE TEMP TABLE needed_{relation} AS {rows_needed(relation, need)}")
        sql = rows_of_keys(page, places)
        con.execute(f"COPY ({sql}) TO {literal(str(path))} {COPY}", bound(sql, values))
        for place in places.values():
            con.execute(f"DROP TABLE {place}")


def _without(rows: str, key: str, held: Held, instead: str) -> str:
    """SQL: the rows without those of the keys, and what stands instead of these. IOException where a load swept them."""
    keys = parts_of([held.folder / _KEYS])
    if instead:
        others = instead.replace(ident(AGAIN), keys)
    elif (held.folder / first()).exists():
        others = f"SELECT * FROM {held.relation}"
    elif (held.folder / _KEYS).exists():  # there are no keys
        return rows
    else:
        raise duckdb.IOException(f"{held.folder} is gone")
    return f"SELECT q.* FROM ({rows}) q ANTI JOIN {keys} k ON q.{key} = k.key UNION ALL BY NAME {others}"


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The number that a query gives, or of the rows that it makes."""
    return int(one(con, sql)[0])
