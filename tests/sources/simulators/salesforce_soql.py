"""The part of SOQL that the simulated organisation takes: SELECT fields or COUNT(), one object, conditions joined by AND, ORDER BY, LIMIT.

Everything else is MALFORMED_QUERY, a field or object that is not there INVALID_FIELD or INVALID_TYPE, as Salesforce says it. Not covered:
OR, NOT, IN, LIKE, parentheses, subqueries, functions other than COUNT(), date literals such as LAST_WEEK, GROUP BY, OFFSET.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\s*(?:(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:\d\d))|(?P<date>\d{4}-\d\d-\d\d)|"
                    r"'(?P<text>[^'\\]*)'|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)|(?P<sign>>=|<=|!=|[=<>(),]))")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_LITERALS = {"datetime": ("instant",), "date": ("date",), "boolean": ("bool",), "currency": ("number",), "double": ("number",),
             "percent": ("number",), "int": ("number",)}  # others: text
UNFILTERABLE = ("OldValue", "NewValue")


class Malformed(Exception):
    """A query that is refused: Salesforce's code and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Condition:
    """A field, a comparison and what it is compared with."""

    field: str
    sign: str
    value: Any


@dataclass(frozen=True)
class Query:
    """A query as it was understood. `fields` None: COUNT()."""

    fields: tuple[str, ...] | None
    sobject: str
    where: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    limit: int | None


class _Words:
    """The tokens of a query, one after the other."""

    def __init__(self, text: str) -> None:
        self.left: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise Malformed("MALFORMED_QUERY", f"unexpected token: {text[at:at + 20]!r}")
            kind = str(found.lastgroup)
            self.left.append((kind, found[kind]))
            at = found.end()

    def take(self, *wanted: str) -> str:
        """The next token, which must be one of those (any case)."""
        if not self.left or (self.left[0][1].upper() not in wanted):
            raise Malformed("MALFORMED_QUERY", f"unexpected token: {self.left[0][1] if self.left else '<EOF>'}")
        return self.left.pop(0)[1]

    def follows(self, wanted: str) -> bool:
        return bool(self.left) and self.left[0][0] in ("word", "sign") and self.left[0][1].upper() == wanted

    def name(self) -> str:
        if not self.left or self.left[0][0] != "word":
            raise Malformed("MALFORMED_QUERY", f"unexpected token: {self.left[0][1] if self.left else '<EOF>'}")
        return self.left.pop(0)[1]


def parsed(text: str, types: Callable[[str, str], str | None], objects: Callable[[str], bool]) -> Query:
    """A query; `types` gives the type of an object's field (None: there is none), `objects` whether an object is there."""
    words = _Words(text)
    words.take("SELECT")
    fields = _fields(words)
    words.take("FROM")
    sobject = words.name()
    if not objects(sobject):
        raise Malformed("INVALID_TYPE", f"sObject type '{sobject}' is not supported.")

    def kind(field: str) -> str:
        found = types(sobject, field)
        if found is None:
            raise Malformed("INVALID_FIELD", f"ERROR at Row:1:Column:8\nNo such column '{field}' on entity '{sobject}'.")
        return found
    for field in fields or ():
        kind(field)
    where = []
    if words.follows("WHERE"):
        words.take("WHERE")
        where.append(_condition(words, kind))
        while words.follows("AND"):
            words.take("AND")
            where.append(_condition(words, kind))
    order = []
    if words.follows("ORDER"):
        words.take("ORDER")
        words.take("BY")
        while True:
            field = words.name()
            kind(field)
            order.append((field, words.take("ASC", "DESC").upper() == "DESC" if words.follows("ASC") or words.follows("DESC") else False))
            if not words.follows(","):
                break
            words.take(",")
    limit = None
    if words.follows("LIMIT"):
        words.take("LIMIT")
        limit = int(words.left.pop(0)[1])
    if words.left:
        raise Malformed("MALFORMED_QUERY", f"unexpected token: {words.left[0][1]}")
    if fields is None and order:
        raise Malformed("MALFORMED_QUERY", "Grouped query with ORDER BY")
    return Query(fields, sobject, tuple(where), tuple(order), limit)


def _fields(words: _Words) -> tuple[str, ...] | None:
    if words.follows("COUNT"):
        for token in ("COUNT", "(", ")"):
            words.take(token)
        return None
    fields = [words.name()]
    while words.follows(","):
        words.take(",")
        fields.append(words.name())
    if len(set(fields)) != len(fields):
        raise Malformed("INVALID_FIELD", "duplicate field selected")
    return tuple(fields)


def _condition(words: _Words, kind: Callable[[str], str]) -> Condition:
    field = words.name()
    needed = kind(field)
    if field in UNFILTERABLE:
        raise Malformed("INVALID_FIELD", f"field '{field}' can not be filtered in a query call")
    sign = words.take(*_COMPARE)
    if not words.left:
        raise Malformed("MALFORMED_QUERY", "unexpected token: <EOF>")
    found, text = words.left.pop(0)
    if found == "word" and text.lower() == "null":
        return Condition(field, sign, None)
    if found == "word" and text.lower() in ("true", "false"):
        found = "bool"
    value: Any = text
    if found == "bool":
        value = text.lower() == "true"
    elif found in ("instant", "number"):
        value = _instant(text) if found == "instant" else float(text)
    if found not in _LITERALS.get(needed, ("text",)):
        raise Malformed("INVALID_FIELD", f"value of filter criterion for field '{field}' must be of type {needed}")
    return Condition(field, sign, value)


def _instant(text: str) -> str:
    """An instant as records hold it; only UTC, which is all that salesgauge writes."""
    if not text.endswith("Z"):
        raise Malformed("MALFORMED_QUERY", "the simulator takes instants in UTC only")
    plain = text.removesuffix("Z")
    return f"{plain if '.' in plain else f'{plain}.000'}+0000"


def holds(condition: Condition, value: Any) -> bool:
    """Whether a record's value meets a condition. Nothing is neither more nor less than anything."""
    if condition.value is None or value is None:
        return _COMPARE[condition.sign](value, condition.value) if condition.sign in ("=", "!=") else False
    return _COMPARE[condition.sign](float(value) if isinstance(condition.value, float) else value, condition.value)


def of(record: Mapping[str, Any], field: str) -> Any:
    """A field of a record."""
    return record[field]
