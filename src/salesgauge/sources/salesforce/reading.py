"""How an object is read: by REST in the order of change, or, where it is large and new, by Bulk API 2.0; both give the same records."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from salesgauge.errors import SourceError
from salesgauge.sources.connections.stream import OVERLAP, Key, Record, Stream
from salesgauge.sources.salesforce.api import ABSENT, LONGEST_QUERY, LOST, TOO_LARGE, Api, Refused
from salesgauge.sources.salesforce.bulk import Job
from salesgauge.sources.salesforce.objects import DELETED, ID, REACHED, Sobject
from salesgauge.sources.salesforce.settings import Settings

FLOOR = "0"                      # begins the cursor of records that came in no order: after an interruption all is read again
GRANT = "give its permission set Read and View All Records on the object, and Read on its fields (Setup, Permission Sets, Object Settings)"
NUMBERS = ("currency", "double", "percent", "int", "long")


class Reading:
    """One object of an organisation."""

    def __init__(self, api: Api, sobject: Sobject, settings: Settings, sleep: Callable[[float], None]) -> None:
        self._api, self._sobject, self._settings, self._sleep = api, sobject, settings, sleep
        self._types: dict[str, str] | None = None
        self._left: tuple[str | None, Iterator[list[dict[str, Any]]]] | None = None

    def stream(self) -> Stream:
        """The object as a stream."""
        columns, name = self._settings.columns(self._sobject), self._sobject.name
        if self._sobject.changed is None:
            return Stream(name, columns, (ID,), self._whole)
        if self._sobject.census and self._settings.census:  # tells also what was taken out of the recycle bin with the record it belongs to
            return Stream(name, (*columns, REACHED), (ID,), self._since, REACHED, census=self._census)
        return Stream(name, (*columns, REACHED), (ID,), self._since, REACHED, deleted=DELETED if self._sobject.census else None)

    def types(self) -> dict[str, str]:
        """The fields that the user may see of the object, with their types; none where it is not there and can be done without."""
        if self._types is None:
            try:
                self._types = self._api.fields(self._sobject.name)
            except Refused as problem:
                if problem.reason not in ABSENT:
                    raise
                if self._sobject.needed:
                    raise SourceError(f"{self._api.name}: the user may not read {self._sobject.name}; {GRANT}") from None
                self._types = {}
        return self._types

    def lacking(self) -> tuple[str, ...]:
        """The fields that must be readable and are not; those that the connection adds are among them."""
        return tuple(name for name in (*self._sobject.required, *self._settings.fields.get(self._sobject.name, ()))
                     if not self._there(name))

    def _there(self, field: str) -> bool:
        """Whether a field can be read; one of a record that is referred to, where the reference can: UserRole.Name by UserRoleId."""
        return (f"{field.partition('.')[0]}Id" if "." in field else field) in self.types()

    def query(self, fields: Sequence[str], *conditions: str) -> str:
        """The query of some fields, with the object's own conditions."""
        where = [*conditions, *(text for field, text in self._sobject.where if self._there(field))]
        return f"SELECT {', '.join(fields)} FROM {self._sobject.name}{f' WHERE {chr(32).join(_joined(where))}' if where else ''}"

    def fields(self) -> tuple[str, ...]:
        """The fields that are read; SourceError where one is lacking that must be there."""
        if lacking := self.lacking():
            raise SourceError(f"{self._api.name}: {self._sobject.name} has no field {', '.join(lacking)} that the user may read; {GRANT}")
        return tuple(name for name in self._settings.columns(self._sobject) if self._there(name))

    def _whole(self, since: str | None) -> Iterator[Sequence[Record]]:
        if self.types():
            for page in self._api.pages(self.query(self.fields()), self._sobject.name):
                yield self._plain(page.records)

    def _since(self, since: str | None) -> Iterator[Sequence[Record]]:
        """What changed at or after an instant. A slice that is asked for where the last one ended goes on with the same list."""
        if not self.types():
            return
        if since is None or self._left is None or self._left[0] != since:
            self._left = since, self._listed(since)
        reached, pages = self._left
        for page in pages:
            reached = max([*(row[REACHED] for row in page), *([reached] if reached else [])], default=None)
            self._left = reached, pages
            yield page
        self._left = None

    def _listed(self, since: str | None) -> Iterator[list[dict[str, Any]]]:
        """What changed since `since`, which says when and what was asked for: all, where something else is asked for now (a field was added
        or can be seen now), since records that did not change lack it."""
        fields = self.fields()
        mark = hashlib.sha256(self.query(fields).encode()).hexdigest()[:8]
        instant, _, marked = (since or "").partition(" ")
        conditions = [f"{self._sobject.changed} >= {_early(instant)}"] if marked == mark else []
        query = self.query(fields, *conditions)
        many = 0 if conditions else self._api.count(self._sobject.name)
        whole = not conditions
        if many is None or many >= self._settings.bulk_from or len(query) > LONGEST_QUERY:
            yield from self._unordered(query, mark, whole)
        else:
            yield from self._ordered(fields, conditions, mark, whole)

    def _ordered(self, fields: Sequence[str], conditions: Sequence[str], mark: str, whole: bool) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list in the order of change. Where Salesforce no longer keeps the list, another goes on where it broke off; where
        it cannot put that many in order in time, a job brings them."""
        changed, bound, last, begun = str(self._sobject.changed), None, "", ""
        while True:
            query = f"{self.query(fields, *conditions)} ORDER BY {changed} ASC, {ID} ASC"
            try:
                for page in self._api.pages(query, self._sobject.name):
                    bound = bound or self._api.time
                    rows = self._plain(page.records)
                    read_all = bound if whole and page.more is None else None
                    yield [{**row, REACHED: f"{read_all or _least(row[changed], bound)} {mark}"} for row in rows]
                    last = str(rows[-1][changed]) if rows else last
            except Refused as problem:
                if problem.reason in TOO_LARGE and not last:
                    yield from self._unordered(self.query(fields, *conditions), mark, whole)
                    return
                if problem.reason != LOST or last == begun:
                    raise
                conditions, begun = [f"{changed} >= {last}"], last
            else:
                return

    def _unordered(self, query: str, mark: str, whole: bool) -> Iterator[list[dict[str, Any]]]:
        """The results of a job. Only with the last page is it known how far reading came."""
        changed, highest = str(self._sobject.changed), ""
        job = Job(self._api, query, self._sleep)
        bound, before = self._api.time, None
        for number, page in enumerate(job.pages()):
            if before is not None:
                yield [{**row, REACHED: f"{FLOOR}{number:08d}"} for row in before]
            before = self._plain(page)
            highest = max([highest, *(str(row[changed]) for row in before)])
        if before:
            read_all = bound if whole else None
            yield [{**row, REACHED: f"{read_all or _least(highest, bound)} {mark}"} for row in before]

    def _census(self) -> Iterator[Sequence[Key]]:
        """The ids of all records that are there."""
        if not self.types():
            return
        query = self.query((ID,), *([f"{DELETED} = false"] if DELETED in self.types() else []))
        for page in self._api.pages(query, self._sobject.name):
            if page.total >= self._settings.bulk_from:
                yield from ([(str(row[ID]),) for row in rows] for rows in Job(self._api, query, self._sleep).pages())
                return
            yield [(str(row[ID]),) for row in self._plain(page.records)]

    def _plain(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Records in one form, by whichever way they came: a field of a record referred to under its whole name, instants with Z, numbers
        without an exponent."""
        types = self.types()
        instants, numbers = ([name for name in self._settings.columns(self._sobject) if types.get(name) in kinds] for kinds in (
            ("datetime",), NUMBERS))
        referring = [name.split(".") for name in self._settings.columns(self._sobject) if "." in name]
        made = []
        for record in records:
            row = {name: value for name, value in record.items() if name != "attributes"}
            if not row.get(ID):
                raise SourceError(f"{self._api.name}: a record of {self._sobject.name} has no {ID}; what it answers is no page of records")
            for name in instants:
                row[name] = _instant(row.get(name))
            for name in numbers:
                row[name] = _number(row.get(name))
            for parent, inner in referring:
                if parent in row:
                    row[f"{parent}.{inner}"] = (row.pop(parent) or {}).get(inner)
            made.append(row)
        return made


def merged(api: Api, readings: Sequence[Reading], names: Sequence[str]) -> Stream:
    """The records that went into others: each with that into which it went."""
    def read(since: str | None) -> Iterator[Sequence[Record]]:
        bound = None
        for reading, name in zip(readings, names, strict=True):
            if "MasterRecordId" not in reading.types():
                continue
            changed = [f"SystemModstamp >= {_early(since)}"] if since else []
            query = reading.query((ID, "MasterRecordId", "SystemModstamp"), f"{DELETED} = true", "MasterRecordId != null", *changed)
            for page in api.pages(query, name):
                bound = bound or api.time
                yield [{ID: row[ID], "MasterRecordId": row["MasterRecordId"], "Object": name,
                        REACHED: _least(_instant(row["SystemModstamp"]), bound)} for row in page.records]
    return Stream("Merged", (ID, "MasterRecordId", "Object", REACHED), (ID,), read, REACHED, ordered=False)


def _joined(conditions: Sequence[str]) -> list[str]:
    return [text if not number else f"AND {text}" for number, text in enumerate(conditions)]


def _instant(value: Any) -> Any:
    return f"{value[:-5]}Z" if isinstance(value, str) and value.endswith("+0000") else value


def _number(value: Any) -> Any:
    return format(Decimal(value), "f") if isinstance(value, str) and "E" in value.upper() else value


def _least(changed: Any, bound: str | None) -> str:
    return str(changed) if bound is None else min(str(changed), bound)


def _early(since: str) -> str:
    """Some minutes before an instant, as a query writes it."""
    return (datetime.fromisoformat(since) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.000Z")
