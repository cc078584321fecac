"""Answers questions by the hand-written SQL of the folder `sql`, over the canonical tables as views of an open connection.

The files hold SQL with few additions. `{name}` is a part (sql/parts), the pieces of the period, or a value. A line that ends in
`--? team region` stands only where one of these dimensions is asked for, by group or filter, one in `--! team region` only where none is;
`as_of` and `everything` tell whether an as-of instant is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

FOLDER = Path(__file__).parent / "sql"
KPIS = tuple(sorted(path.stem for path in FOLDER.glob("*.sql")))
_LINE = re.compile(r"(?P<sql>.*?)\s*--(?P<sign>[?!]) (?P<names>[\w ]+)$")
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Company:
    """What the SQL needs to know of a workspace: zone, currency and the settings that a KPI reads."""

    timezone: str
    currency: str
    settings: Mapping[str, int] = field(default_factory=dict)

    def setting(self, name: str) -> int:
        """A setting, by default that of spec/kpis.md."""
        usual = {"concentration_top": 10, "nps_min_tenure_days": 30, "max_lifespan_years": 10, "rep_tenure_months": 12,
                 "forecast_cutoff_days": 0}
        return self.settings.get(name, usual[name])


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8").strip()


def _chosen(text: str, asked: set[str]) -> str:
    lines = []
    for line in text.splitlines():
        found = _LINE.match(line)
        if found is None:
            lines.append(line)
        elif bool(asked & set(found["names"].split())) == (found["sign"] == "?"):
            lines.append(found["sql"])
    return "\n".join(lines)


def can_answer(kpi: str, dimensions: Sequence[str]) -> bool:
    """Whether there is SQL for the KPI with these dimensions."""
    return kpi in KPIS and all(re.search(rf"\b{dimension}\b(?!_)", _text(kpi)) for dimension in dimensions)


def _local_midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _year_before(moment: datetime, zone: ZoneInfo) -> datetime:
    """365 days earlier by the local calendar, at the same time of day."""
    local = moment.astimezone(zone)
    return datetime.combine(local.date() - timedelta(days=365), local.time(), zone).astimezone(UTC)


def _pieces(spans: Sequence[tuple[date, date]], company: Company, as_of: datetime | None) -> str:
    """The periods as rows; one that starts after as_of has none."""
    zone, rows = ZoneInfo(company.timezone), []
    for start, end in spans:
        start_at, end_at = _local_midnight(start, zone), _local_midnight(end, zone)
        if as_of is not None and start_at > as_of:
            continue
        horizon_at = end_at if as_of is None else min(end_at, as_of)
        horizon_on = horizon_at.astimezone(zone).date()
        last_on = end - timedelta(days=1) if horizon_at == end_at else horizon_on
        cutoff_at = _local_midnight(start + timedelta(days=company.setting("forecast_cutoff_days")), zone)
        days = ", ".join(f"DATE '{day}'" for day in (start, end, horizon_on, last_on, horizon_on - timedelta(days=365)))
        instants = ", ".join(_timestamp(moment) for moment in (horizon_at, _year_before(horizon_at, zone), cutoff_at))
        rows.append(f"({days}, {instants})")
    columns = "start_on, end_on, horizon_on, last_on, year_ago_on, horizon_at, year_ago_at, cutoff_at"
    nothing = f"(SELECT {', '.join(['NULL::DATE'] * 5 + ['NULL::TIMESTAMP'] * 3)} WHERE false)"
    return f"(FROM (VALUES {', '.join(rows)}) AS pieces({columns}))" if rows else f"(FROM {nothing} AS pieces({columns}))"


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.replace(tzinfo=None)}'"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _filter(where: Mapping[str, Sequence[str | None]]) -> str:
    tests = []
    for dimension, values in where.items():
        some = [_literal(v) for v in values if v is not None]
        either = [f"{dimension} IN ({', '.join(some)})"] if some else []
        either += [f"{dimension} IS NULL"] if None in values else []
        tests.append(f"({' OR '.join(either)})")
    return " AND ".join(tests) or "true"


def sql(kpi: str, spans: Sequence[tuple[date, date]], company: Company, by: Sequence[str] = (),
        where: Mapping[str, Sequence[str | None]] | None = None, as_of: datetime | None = None) -> str:
    """The SQL of a question; `spans` are its periods as local dates, the end exclusive."""
    where = where or {}
    asked = {*by, *where, "everything" if as_of is None else "as_of"}
    zone = ZoneInfo(company.timezone)
    values = {
        "by": "".join(f"{dimension}, " for dimension in by), "where": _filter(where), "pieces": _pieces(spans, company, as_of),
        "zone": company.timezone, "currency": company.currency,
        "as_of": _timestamp(as_of) if as_of else "TIMESTAMP 'infinity'",
        "as_of_on": f"DATE '{as_of.astimezone(zone).date()}'" if as_of else "DATE 'infinity'"}

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name in values:
            return values[name]
        if (FOLDER / "parts" / f"{name}.sql").exists():
            return _SLOT.sub(fill, _text(f"parts/{name}"))
        return str(company.setting(name))

    return _SLOT.sub(fill, _chosen(_text(kpi), asked))


def answer(con: duckdb.DuckDBPyConnection, kpi: str, spans: Sequence[tuple[date, date]], company: Company, by: Sequence[str] = (),
           where: Mapping[str, Sequence[str | None]] | None = None, as_of: datetime | None = None) -> list[dict[str, Any]]:
    """The rows of the answer that have something in them; each period without one is not among them."""
    cursor = con.execute(sql(kpi, spans, company, by, where, as_of))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
