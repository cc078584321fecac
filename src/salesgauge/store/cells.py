"""What an answer is made of: the groups of one question in one period, the same for every as-of instant at which the same is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from salesgauge.periods import Horizon, Span
from salesgauge.semantics.question import Question, QuestionShape
from salesgauge.store.instants import Instant

if TYPE_CHECKING:
    from salesgauge.store.opened import Opened

# What of a period that is running at the as-of instant moves with it (store/spans.py): each instant, or each local day.
BY_INSTANT = frozenset({"horizon_at", "year_ago_at", "horizon_window_at", "year_ago_window_at"})
BY_DAY = frozenset({"horizon_on", "last_on", "year_ago_on", "span_months"})
NOT_STARTED = "not started"


class Cell(NamedTuple):
    """The key of the groups of a question in a period: equal keys have equal groups.

    `known` are the instants that stand for the as-of instant in the facts that are read (empty without one); `horizon` what of the
    as-of instant itself matters: nothing where the period is over.
    """

    generation: str
    shape: QuestionShape
    where: tuple[tuple[str, tuple[str | None, ...]], ...]
    viewer: str | None
    span: Span
    known: tuple[Instant, ...]
    horizon: datetime | date | str | None
    first: int | None = None


def cells(opened: Opened, question: Question, spans: Sequence[Span], as_of: datetime | None) -> list[Cell]:
    """The key of each period of a question."""
    shape = QuestionShape.of(question)
    known: tuple[Instant, ...] = ()
    moving: str | None = None
    if as_of is not None:
        page = opened.question(shape)
        known = tuple(opened.anchor(name, as_of) for name in page["used"])
        moving = moves(page, opened.facts_under(page["used"], True))
    return [Cell(opened.generation.name, shape, question.where, question.viewer.rep_id, span, known,
                 horizon(opened, span, as_of, moving) if as_of is not None else None, question.first if shape.first else None)
            for span in spans]


def moves(page: Mapping[str, Any], facts: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Whether what a question or fact reads of a running period, itself and through these facts, moves by the instant, by the day or not
    at all. A column that matters is named in its SQL or that of a fact, or is one that a fact has."""
    named = [page["sql"], *(fact["sql"] for fact in facts.values())]
    has = {column for fact in facts.values() for column in fact["columns"]}
    for moving, columns in (("instant", BY_INSTANT), ("day", BY_DAY)):
        if not columns.isdisjoint(has) or any(f'"{column}"' in sql for column in columns for sql in named):
            return moving
    return None


def horizon(opened: Opened, span: Span, as_of: datetime, moving: str | None) -> datetime | date | str | None:
    """What of the as-of instant itself matters to what moves so: nothing where the period is over, NOT_STARTED before it."""
    of = Horizon.of(span, opened.settings.zone, as_of)
    if as_of >= of.end_at:
        return None
    if not of.started:
        return NOT_STARTED
    return as_of if moving == "instant" else of.on if moving == "day" else "running"
