"""What an answer is made of: the groups of one question in one period, the same for every as-of instant at which the same is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from salesgauge.periods import Horizon, Span
from salesgauge.semantics.question import Question, QuestionShape
from salesgauge.store.instants import Instant
from salesgauge.store.opened import Opened

Groups = list[dict[str, Any]]

# What of a period that is running at the as-of instant moves with it (store/spans.py): each instant, or each local day.
BY_INSTANT = frozenset({"horizon_at", "year_ago_at", "horizon_window_at", "year_ago_window_at"})
BY_DAY = frozenset({"horizon_on", "last_on", "year_ago_on", "span_months"})


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


def cells(opened: Opened, question: Question, spans: Sequence[Span], as_of: datetime | None) -> list[Cell]:
    """The key of each period of a question."""
    shape = QuestionShape.of(question)
    known: tuple[Instant, ...] = ()
    moves: str | None = None
    if as_of is not None:
        page = opened.question(shape)
        known = tuple(opened.anchor(name, as_of) for name in page["used"])
        moves = _moves(page, opened.facts_under(page["used"], True))
    return [Cell(opened.generation.name, shape, question.where, question.viewer.rep_id, span, known,
                 _horizon(opened, span, as_of, moves) if as_of is not None else None) for span in spans]


def _moves(question: Mapping[str, Any], facts: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Whether what is read of a running period moves by the instant, by the day or not at all. A column that matters is named in the
    SQL of a fact or question, or is one that a fact has."""
    named = [question["sql"], *(page["sql"] for page in facts.values())]
    has = {column for page in facts.values() for column in page["columns"]}
    for moves, columns in (("instant", BY_INSTANT), ("day", BY_DAY)):
        if not columns.isdisjoint(has) or any(f'"{column}"' in sql for column in columns for sql in named):
            return moves
    return None


def _horizon(opened: Opened, span: Span, as_of: datetime, moves: str | None) -> datetime | date | str | None:
    horizon = Horizon.of(span, opened.settings.zone, as_of)
    if as_of >= horizon.end_at:
        return None
    if not horizon.started:
        return "not started"
    return as_of if moves == "instant" else horizon.on if moves == "day" else "running"
